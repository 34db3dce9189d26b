"""Run a model plain and under a change, and measure what the change does."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

from attn_widgets.interventions import Changes, Drift, Effect, VectorChange
from attn_widgets.models import answers, arguments, memory, vectors
from attn_widgets.models.answers import Answer
from attn_widgets.models.capture import Capture
from attn_widgets.models.drift import Followed, blocks
from attn_widgets.models.hearing import Heard, heard
from attn_widgets.models.moved import Moved, Pairs
from attn_widgets.models.passes import Passes
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Iterable

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.interface import Observer
    from attn_widgets.record import Kind

Source: TypeAlias = "AttentionRecord | str | tuple[str, str]"
"""A text, a text and its pair, or a record of this model, whose text is run again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a comparison beside the change.

    Parameters
    ----------
    candidates
        Texts whose vectors are compared with the text's.
    top
        Proposals that are given per place.
    pooling
        How the vector of a text is made: ``"mean"`` or ``"cls"``.
    """

    candidates: tuple[str, ...] = ()
    top: int = 5
    pooling: str = "mean"

    def __post_init__(self) -> None:
        """Refuse what cannot be measured.

        Raises
        ------
        ValueError
            If `top` is below 1, or `pooling` not known.
        """
        vectors.check_pooling(self.pooling)
        if self.top < 1:
            msg = f"top is {self.top!r}: expected a number of proposals, from 1 up"
            raise ValueError(msg)

    @classmethod
    def of(cls, candidates: Iterable[str], top: int, pooling: str) -> Asked:
        """Take what a caller asks.

        Raises
        ------
        TypeError
            If `candidates` is one text, and not a list of them.
        ValueError
            As above.
        """
        if isinstance(candidates, str):
            msg = f"candidates are a list of texts, not one str: give [{candidates[:40]!r}]"
            raise TypeError(msg)
        return cls(tuple(candidates), top, pooling)


@dataclasses.dataclass(frozen=True, slots=True)
class Rerun:
    """One run under a change, measured against the plain one.

    Parameters
    ----------
    record
        Its attention.
    moved, kept, density
        Per layer and head; see `Effect`.
    l1, cosine
        Free-running drift per layer.
    states
        Last hidden states of the text, ``(tokens, hidden)``; None for a stack without.
    answer
        What the head said.
    """

    record: AttentionRecord
    moved: NDArray[np.float64]
    kept: NDArray[np.float64]
    density: NDArray[np.float64]
    l1: NDArray[np.float64]
    cosine: NDArray[np.float64]
    states: torch.Tensor | None
    answer: Answer


class Comparison:
    """One text, run plain once, to be compared with any number of changes.

    Parameters
    ----------
    core
        The model.
    prepared
        The text, as `opened` gives it.
    stop
        Asked before every layer; the run ends when it says True.

    Raises
    ------
    UnsupportedModelError
        If the model's layers cannot be followed.
    """

    def __init__(
        self,
        core: Core,
        prepared: Prepared,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self._core = core
        self._stop = stop
        self._prepared = prepared
        self._selection = core.select([self._prepared])
        self._layers = blocks(core.model.base_model, self._selection.stack)
        self._plain = Followed(self._layers)
        capture = Capture(core.sites, self._selection)
        pairs = Pairs(capture, self._selection.stack)
        outputs = self._run(Changes(), pairs, self._plain)
        self.before = core.records([self._prepared], self._selection, Changes(), capture)[0]
        self._pairs = pairs.pairs
        self._states = self._own(outputs.states)
        self.answer = Answer.of(core.model, outputs.output, self._selection.stack.kind)

    def under(self, changes: Changes, asked: Asked) -> Effect:
        """Run the text under a change, twice, and say what became of it.

        Raises
        ------
        InterventionError, MaskBindError
            If the change does not fit the model or the text.
        """
        after = self.rerun(changes)
        forced = Followed(self._layers, self._plain, forced=True)
        self._run(changes, Passes(self._core.sites, self._core.stacks), forced, whole=False)
        forced_l1, forced_cosine = forced.drift()
        tokens = self.before.tokens
        predictions, kl = answers.predictions(
            self.answer, after.answer, tokens, asked.top, self._namer()
        )
        masked = changes.mask is not None
        return Effect(
            changes=changes,
            before=self.before,
            after=after.record,
            drift=Drift(after.l1, after.cosine, forced_l1, forced_cosine),
            moved=after.moved,
            kept=after.kept if masked else None,
            density=after.density if masked else None,
            vector=self._vector(changes, after.states, asked),
            head=self.answer.head,
            predictions=predictions,
            kl=kl,
            labels=answers.labels(self._core.model, self.answer, after.answer),
        )

    def rerun(self, changes: Changes) -> Rerun:
        """Run the text under a change, every layer fed what the changed layer below it gave."""
        self._core.fitting(changes, self._selection.stack.kind)
        capture = Capture(self._core.sites, self._selection)
        moved = Moved(capture, self._selection.stack, self.before)
        free = Followed(self._layers, self._plain)
        outputs = self._run(changes, moved, free)
        l1, cosine = free.drift()
        kind = self._selection.stack.kind
        return Rerun(
            record=self._core.records([self._prepared], self._selection, changes, capture)[0],
            moved=moved.moved,
            kept=moved.kept,
            density=moved.pairs / self._pairs,
            l1=l1,
            cosine=cosine,
            states=self._own(outputs.states),
            answer=Answer.of(self._core.model, outputs.output, kind),
        )

    def vector_cosine(self, after: Rerun, pooling: str) -> float | None:
        """Give the cosine of the text's vector before and after; None for a stack without one."""
        if self._states is None or after.states is None:
            return None
        was, now = (
            vectors.array(vectors.pooled(states, self.before.tokens, pooling))
            for states in (self._states, after.states)
        )
        return float(vectors.cosine(was, now))

    def _vector(
        self, changes: Changes, states: torch.Tensor | None, asked: Asked
    ) -> VectorChange | None:
        kind = self._selection.stack.kind
        if self._states is None or states is None:
            if asked.candidates:
                msg = (
                    f"the {kind} of an encoder-decoder model has no vector of the text to compare "
                    "candidates with: leave candidates out, or change its encoder"
                )
                raise ValueError(msg)
            return None
        was, now = (
            vectors.array(vectors.pooled(own, self.before.tokens, asked.pooling))
            for own in (self._states, states)
        )
        near = []
        for own, change in ((was, Changes()), (now, changes)):
            texts = vectors.of_texts(
                self._core, asked.candidates, change, asked.pooling, kind, self._stop
            )
            near.append(vectors.cosine(own, texts))
        return VectorChange(
            cosine=float(vectors.cosine(was, now)),
            pooling=asked.pooling,
            candidates=asked.candidates,
            before=near[0],
            after=near[1],
        )

    def _run(
        self, changes: Changes, observer: Observer, followed: Followed, *, whole: bool = True
    ) -> Heard:
        core = self._core
        kind = self._selection.stack.kind
        with followed.hooked(), heard(core.model, kind) as found:
            core.run(
                [self._prepared], self._selection, changes, observer, stop=self._stop, whole=whole
            )
        return found

    def _own(self, states: torch.Tensor | None) -> torch.Tensor | None:
        kind = self._selection.stack.kind
        return states[0] if states is not None and vectors.has_vector(self._core, kind) else None

    def _namer(self) -> Callable[[int], str]:
        if self.answer.head == "labels of tokens":
            names = answers.label_names(self._core.model)
            return names.__getitem__
        return self._spelled

    def _spelled(self, number: int) -> str:
        # a model may have more rows than its tokenizer has tokens, to make a round number
        if self._core.tokenizer.convert_ids_to_tokens(number) is None:
            return f"<{number}>"
        return self._core.encoder.token(number).display


def compare(
    core: Core,
    source: Source,
    changes: Changes,
    asked: Asked,
    stack: Kind | None = None,
    stop: Callable[[], bool] | None = None,
) -> Effect:
    """Run a text plain and under a change; see `ModelRunner.compare`."""
    prepared = opened(core, source, stack)
    mend = "Give a shorter text" + (", or fewer candidates=" if asked.candidates else "")
    with remembered(core, prepared, mend):
        return Comparison(core, prepared, stop).under(changes, asked)


def remembered(
    core: Core, prepared: Prepared, mend: str
) -> contextlib.AbstractContextManager[None]:
    """Say how much a comparison needed, with all that it keeps, where it runs out of memory."""
    return memory.named(core.select([prepared]), mend, runs=2)


def opened(core: Core, source: Source, stack: Kind | None) -> Prepared:
    """Tokenise what is to be compared, and check that it is what a record holds.

    Parameters
    ----------
    core
        The model.
    source
        A text, a text and its pair, or a record of this model.
    stack
        The stack that is changed; by default the record's, or the one that a run takes.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, or a record is of another model, without its text, or of a text that
        was cut.
    """
    if not isinstance(source, AttentionRecord):
        ready = core.prepare([arguments.as_pair(source)], stack)
        arguments.warn_of_loss(ready)
        return ready[0]
    made = source.provenance
    if (made.model, made.family) != (core.source.model, core.source.family):
        of = f"the model {made.model!r}" if made.model else "no model that is known"
        msg = (
            f"the record is of {of}, and this runner's is {core.source.model!r}: "
            "compare a record of this runner, or a text"
        )
        raise ValueError(msg)
    if not 1 <= len(source.text) <= 2:  # noqa: PLR2004 - a text and its pair
        msg = "the record does not hold its text, so it cannot be run again: compare a text"
        raise ValueError(msg)
    if made.tokens_lost:
        msg = (
            f"the record lost {made.tokens_lost} tokens of its text, so a run of the text would "
            "not be the same: record a text that fits, or compare the part of it that does"
        )
        raise ValueError(msg)
    pair = (source.text[0], source.text[1] if len(source.text) > 1 else None)
    prepared = core.prepare([pair], source.kind if stack is None else stack)[0]
    same_stack = prepared.kind == source.kind
    if same_stack and [one.id for one in prepared.tokens] != [one.id for one in source.tokens]:
        msg = (
            "this runner's tokenizer reads the record's text as other tokens than the record "
            "holds: was it made with another tokenizer or revision? Record it again"
        )
        raise ValueError(msg)
    return prepared
