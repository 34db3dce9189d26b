"""Profile one window of texts: what one machine does, and each actor of many."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, Self

from attn_widgets.analysis.profile import Profile
from attn_widgets.analysis.profile_build import bins_of
from attn_widgets.analysis.profile_failures import Failures
from attn_widgets.models import standing
from attn_widgets.models.errors import OF_A_TEXT, RunStoppedError, UnsupportedModelError
from attn_widgets.models.profiling_sums import measured
from attn_widgets.models.profiling_texts import batches
from attn_widgets.models.sweep_file import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from attn_widgets.analysis.profile_failures import Failure
    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.profiling_plan import Rows
    from attn_widgets.models.profiling_texts import Numbered, Window
    from attn_widgets.record import Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What is measured of each text, and how texts are put together.

    Parameters
    ----------
    stack
        As in `ModelRunner.run`; of an encoder-decoder, the same for all texts.
    queries
        Which queries the means run over.
    max_length
        Longest text, in tokens.
    edges
        Where length bins begin.
    batch_tokens
        Tokens that run at a time, padding counted.
    """

    stack: Kind
    queries: Rows
    max_length: int | None
    edges: tuple[int, ...]
    batch_tokens: int

    @classmethod
    def of(
        cls,
        core: Core,
        stack: Kind | None,
        queries: Rows,
        max_length: int | None,
        lengths: Iterable[int],
        batch_tokens: int,
    ) -> Self:
        """Take what a caller gives.

        Raises
        ------
        ValueError
            If the model has no such stack, or a choice is out of range.
        """
        edges = tuple(lengths)
        if not edges or edges[0] < 1 or any(a >= b for a, b in itertools.pairwise(edges)):
            msg = f"lengths are {edges}: expected rising numbers of tokens, from 1 on"
            raise ValueError(msg)
        kind = next(iter(core.stacks)) if stack is None else stack
        for name, given, known in (
            ("stack", kind, tuple(core.stacks)),
            ("queries", queries, ("content", "all")),
        ):
            if given not in known:
                msg = f"{name} is {given!r}: expected {' or '.join(map(repr, known))}"
                raise ValueError(msg)
        if batch_tokens < 1:
            msg = f"batch_tokens is {batch_tokens}: expected 1 or more"
            raise ValueError(msg)
        return cls(kind, queries, max_length, edges, batch_tokens)


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What one window came to.

    Parameters
    ----------
    profile
        Of the window alone.
    consumed, digest
        How far the stream was read, as in :class:`Window`.
    """

    profile: Profile
    consumed: int
    digest: str


def empty(core: Core, settings: Settings) -> Profile:
    """Make the profile of no text, which says what it is about."""
    stack = core.stacks[settings.stack]
    about: dict[str, Any] = {
        "model": core.source.model,
        "family": core.source.family,
        "weights": fingerprint(core.model),
        "dtype": str(core.model.dtype).removeprefix("torch."),
        "kind": settings.stack,
        "queries": settings.queries,
        "max_length": settings.max_length,
        "changes": standing.specs(core.model),
    }
    return Profile(about, len(stack.names), stack.heads, settings.edges)


def locally(
    core: Core, nothing: Profile, settings: Settings, windows: Iterator[Window]
) -> Iterator[Part]:
    """Profile windows one after the other."""
    for window in windows:
        profile = profiled(core, nothing, settings, window.texts)
        failures = Failures.of(*window.failures)
        profile = dataclasses.replace(profile, failures=profile.failures + failures)
        yield Part(profile, window.consumed, window.digest)


def profiled(
    core: Core, nothing: Profile, settings: Settings, texts: Sequence[Numbered]
) -> Profile:
    """Profile some texts, in batches of like length; those that cannot be run are told of.

    Parameters
    ----------
    nothing
        The profile to which they are added: the one of no text.

    Raises
    ------
    UnsupportedModelError
        If the model was changed since it was loaded.
    """
    ready: list[tuple[Numbered, Prepared]] = []
    failed: list[Failure] = []
    for text in texts:
        try:
            ready.append((text, _prepared(core, settings, text)))
        except OF_A_TEXT as error:
            failed.append(text.failed(error))
    profile = nothing
    for places in batches([len(one.key_tokens) for _, one in ready], settings.batch_tokens):
        profile += _batch(core, nothing, settings, [ready[place] for place in places])
    cut = [one.lost for _, one in ready if one.lost]
    return dataclasses.replace(
        profile,
        cut=profile.cut + len(cut),
        lost=profile.lost + sum(cut),
        failures=profile.failures + Failures.of(*failed),
    )


def _prepared(core: Core, settings: Settings, text: Numbered) -> Prepared:
    return core.prepare([(text.text, text.pair)], settings.stack, settings.max_length)[0]


def _batch(
    core: Core, nothing: Profile, settings: Settings, batch: Sequence[tuple[Numbered, Prepared]]
) -> Profile:
    """Profile a batch; where it fails, half of it at a time, so that only the cause is left out."""
    try:
        numbers, wrong = measured(core, [one for _, one in batch], settings.queries)
        bins = bins_of(numbers, settings.edges)
    except (UnsupportedModelError, RunStoppedError):
        raise
    except OF_A_TEXT as error:
        if len(batch) == 1:
            failures = Failures.of(batch[0][0].failed(error))
            return dataclasses.replace(nothing, failures=failures)
        half = len(batch) // 2
        parts = (batch[:half], batch[half:])
        first, second = (_batch(core, nothing, settings, part) for part in parts)
        return first + second
    told = [
        text.failed(ValueError(sentence))
        for (text, _), sentence in zip(batch, wrong, strict=True)
        if sentence
    ]
    return dataclasses.replace(nothing, bins=bins, failures=Failures.of(*told))
