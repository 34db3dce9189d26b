"""Run texts for a diagnosis: measure messages, mute and block, compare vectors of texts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from tqdm.auto import tqdm

from attn_widgets.analysis.diagnosis import (
    Diagnosis,
    Intervention,
    Observation,
    Skipped,
    Thresholds,
    conclude,
    observe,
)
from attn_widgets.analysis.diagnosis import diagnose as diagnose_sources
from attn_widgets.analysis.profile import Profile
from attn_widgets.analysis.segments import own_segment
from attn_widgets.interventions import Changes, knock_out, mute
from attn_widgets.models import arguments, contributing, engines, tabular, vectors
from attn_widgets.models.errors import OF_A_TEXT, RunStoppedError, UnsupportedModelError
from attn_widgets.models.sweep_file import fingerprint
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.diagnosis import HealthyProfile
    from attn_widgets.analysis.diagnosis.interventions import Action, Target
    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.record import Kind, Token

Texts: TypeAlias = "str | Iterable[str | tuple[str, str]]"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of a diagnosis beside the texts.

    Parameters
    ----------
    reference
        A healthy profile, or its mean cosine between vectors of different texts.
    thresholds
        Where lines are drawn.
    pooling
        How the vector of a text is made: ``"mean"`` or ``"cls"``.
    probes
        On how many texts the model is changed; 0 for none.
    gradient
        Whether to measure gradients of the attention weights, too.

    Raises
    ------
    ValueError
        If `pooling` is not known, or `probes` below 0.
    """

    reference: HealthyProfile | float | None = None
    thresholds: Thresholds = dataclasses.field(default_factory=Thresholds)
    pooling: str = "mean"
    probes: int = 12
    gradient: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        vectors.check_pooling(self.pooling)
        if self.probes < 0:
            msg = f"probes is {self.probes!r}: expected a number of texts, from 0 up"
            raise ValueError(msg)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """One text that was measured; its vector is None for a stack without."""

    prepared: Prepared
    seen: Observation
    vector: NDArray[np.float64] | None


class Diagnosing:
    """The diagnosing method of :class:`ModelRunner`."""

    _core: Core

    def diagnose(  # noqa: PLR0913 - one keyword per choice
        self,
        texts: Texts | Profile,
        *,
        reference: HealthyProfile | float | None = None,
        thresholds: Thresholds | None = None,
        pooling: str = "mean",
        probes: int = 12,
        gradient: bool = False,
        stack: Kind | None = None,
        progress: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> Diagnosis:
        """Diagnose how the model uses special tokens, on texts that it is run on.

        Each text is run for its attention, what its tokens hand on, and its vector; some are run
        again with special tokens muted and blocked, and a word to compare with.

        Parameters
        ----------
        texts
            Texts, or pairs ``(text, pair)``: at least 12 different ones of 10 tokens or more for
            the clogged rule; a single text is taken, too. Those that cannot be measured, or are no
            texts, are skipped, and the first is named in the report. Or a profile of this model:
            nothing is run then, and the report says what a profile cannot answer.
        reference
            A healthy profile of the same model (:meth:`Diagnosis.as_profile`), or only its mean
            cosine between vectors of different texts.
        thresholds
            Where lines are drawn.
        pooling
            What the vector of a text is: the ``"mean"`` of its tokens, or that of ``"cls"``.
        probes
            On how many texts the model is changed; 0 for none.
        gradient
            Whether to measure how much the output hangs on attention to special tokens, too, in
            another run of each text.
        stack, progress, stop
            As in :meth:`ModelRunner.run_many` and :meth:`ModelRunner.run`.

        Returns
        -------
        Diagnosis
            Without interventions and output test for a stack whose output is no vector of a text.

        Raises
        ------
        ValueError
            If no text can be measured, an argument is out of range, or a profile is of another
            model.
        TypeError
            If `texts` is nothing to take texts from, such as a data frame of several columns.
        UnsupportedModelError, RunStoppedError
            As in :meth:`ModelRunner.run`.
        """
        wanted = Wanted(
            reference=reference,
            thresholds=thresholds or Thresholds(),
            pooling=pooling,
            probes=probes,
            gradient=gradient,
        )
        if isinstance(texts, Profile):
            return _of_profile(self._core, texts, wanted)
        return diagnose(self._core, texts, wanted, stack, stop, progress=progress)


def diagnose(
    core: Core,
    texts: Texts,
    wanted: Wanted,
    stack: Kind | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    progress: bool = True,
) -> Diagnosis:
    """Run texts and diagnose the model; see :meth:`Diagnosing.diagnose`."""
    several = list([texts] if isinstance(texts, str) else tabular.texts_of(texts))
    measured: list[_Text] = []
    skipped: list[Skipped] = []
    for place, text in enumerate(tqdm(several, unit="text", disable=not progress)):
        try:
            measured.append(_measure(core, arguments.as_pair(text), wanted, stack, stop))
        except (UnsupportedModelError, RunStoppedError):
            raise
        except OF_A_TEXT as error:
            skipped.append(Skipped(place, str(error)))
    if not measured:
        why = f"; the first: {skipped[0].reason}" if skipped else ": the list is empty"
        msg = f"none of {len(skipped)} texts can be diagnosed{why}"
        raise ValueError(msg)
    rows = [one.vector for one in measured if one.vector is not None]
    whole = len(rows) == len(measured)
    return conclude(
        [one.seen for one in measured],
        lines=wanted.thresholds,
        skipped=skipped,
        vectors=np.stack(rows) if whole else None,
        pooling=wanted.pooling,
        interventions=_changed(core, measured[: wanted.probes], wanted, stop) if whole else (),
        reference=wanted.reference,
    )


def _of_profile(core: Core, profile: Profile, wanted: Wanted) -> Diagnosis:
    """Diagnose a corpus profile of this model.

    Raises
    ------
    ValueError
        If it is of another model, or gradients are asked for.
    """
    if profile.about.get("weights") != fingerprint(core.model):
        msg = (
            f"the profile is of {profile.about.get('model')!r} with other weights than this "
            f"{core.source.model!r}: give it to attn_widgets.diagnose"
        )
        raise ValueError(msg)
    if wanted.gradient:
        msg = "gradient=True needs texts to run, and a profile keeps none: give some of the texts"
        raise ValueError(msg)
    return diagnose_sources(profile, reference=wanted.reference, thresholds=wanted.thresholds)


def _measure(
    core: Core,
    pair: tuple[str, str | None],
    wanted: Wanted,
    stack: Kind | None,
    stop: Callable[[], bool] | None,
) -> _Text:
    prepared = core.prepare([pair], stack)[0]
    arguments.warn_of_loss([prepared])
    vector = None
    if vectors.has_vector(core, prepared.kind):
        vector = _vector(core, prepared, Changes(), wanted)
    return _Text(prepared, _observed(core, prepared, wanted, stop), vector)


def _observed(
    core: Core, prepared: Prepared, wanted: Wanted, stop: Callable[[], bool] | None
) -> Observation:
    """Measure messages where this is known for the model, and the weights alone where not."""
    rule = wanted.thresholds.classes
    try:
        made = contributing.contributions(
            core, [prepared], Changes(), contributing.Asked(gradient=wanted.gradient), stop
        )[0]
    except UnsupportedModelError as error:
        seen = observe(core.captured(prepared, Changes(), stop), rule)
        return dataclasses.replace(seen, missing=str(error))
    return observe(made, rule)


def _changed(
    core: Core, texts: Sequence[_Text], wanted: Wanted, stop: Callable[[], bool] | None
) -> list[Intervention]:
    """Mute and block special tokens, and a word of each text to compare with."""
    found: list[Intervention] = []
    targets: tuple[Target, ...] = ("cls", "sep", "first", "word")
    for target in targets:
        having = [(one, keys) for one in texts for keys in [_keys(one, target)] if keys]
        actions: tuple[Action, ...] = ("mute", "block")
        for action in actions if having else ():
            cosines, moved = [], []
            for one, keys in having:
                changes = Changes((mute(keys) if action == "mute" else knock_out(keys),))
                after = _vector(core, one.prepared, changes, wanted)
                cosines.append(vectors.cosine(np.asarray(one.vector), after))
                before = one.seen.numbers.own_segment
                if (target, action) == ("sep", "block") and np.isfinite(before).all():
                    record = core.captured(one.prepared, changes, stop)
                    moved.append(float((own_segment(record).beyond - before).mean()))
            found.append(
                Intervention(
                    target=target,
                    action=action,
                    cosine=float(np.mean(cosines)),
                    texts=len(cosines),
                    own_segment=float(np.mean(moved)) if moved else None,
                )
            )
    return found


def _keys(text: _Text, target: Target) -> list[int]:
    """List the places of a target in a text; none where it has none.

    The first position is one of its own where no [CLS] stands there, the word the one in the
    middle of the words.
    """
    tokens: tuple[Token, ...] = text.prepared.tokens
    if target == "first":
        return [] if tokens[0].role is TokenRole.CLS else [0]
    if target == "word":
        words = [i for i, token in enumerate(tokens) if i and not token.role.is_special]
        return [words[len(words) // 2]] if words else []
    return [i for i, token in enumerate(tokens) if token.role == target]


def _vector(
    core: Core, prepared: Prepared, changes: Changes, wanted: Wanted
) -> NDArray[np.float64]:
    states = torch.tensor(engines.outputs(core, prepared, changes, "recorded").hidden)
    vector = vectors.array(vectors.pooled(states, prepared.tokens, wanted.pooling))
    return vectors.finite(vector, prepared.texts)
