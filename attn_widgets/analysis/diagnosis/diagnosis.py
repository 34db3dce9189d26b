"""A diagnosis: the textbook's reading with the evidence beside it, as one value."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.diagnosis import profile, values
from attn_widgets.analysis.diagnosis.card import card
from attn_widgets.analysis.diagnosis.report import html, text
from attn_widgets.analysis.language import Spoken, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.contributions import Stage
    from attn_widgets.analysis.diagnosis.card import Card
    from attn_widgets.analysis.diagnosis.corpus import Corpus
    from attn_widgets.analysis.diagnosis.findings import Finding
    from attn_widgets.analysis.diagnosis.flow import CloggedHint
    from attn_widgets.analysis.diagnosis.interventions import Intervention
    from attn_widgets.analysis.diagnosis.numbers import Numbers
    from attn_widgets.analysis.diagnosis.outputs import OutputTest
    from attn_widgets.analysis.diagnosis.regions import Layers
    from attn_widgets.analysis.diagnosis.thresholds import Thresholds
    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.language import Language
    from attn_widgets.record import Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Skipped:
    """A text that could not be measured.

    Parameters
    ----------
    place
        Its number among those given, from 0.
    reason
        Why.
    """

    place: int
    reason: str


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Diagnosis(Spoken):
    """What the textbook would say of a model's attention, and what is known beside that.

    Print it, or show it in a notebook, in the language of :func:`set_language`; :meth:`report` and
    :meth:`html` take another one.

    Attributes
    ----------
    model, kind, layers, heads
        Of the records.
    lengths
        Tokens of each text that was measured.
    different
        How many of these texts are different; None where that is not known.
    skipped
        Texts that could not be measured, and why.
    changed
        Whether the model ran under a mask or an edit.
    stage
        How far messages were followed; None where they were not measured, or not alike.
    missing
        Why something of the messages could not be measured; empty where nothing is missing.
    states
        The textbook's three states.
    story
        Its layer story.
    numbers
        All that was measured, means over texts.
    hint
        The clogged rule.
    output
        The output test; None if no vectors were given.
    interventions
        What changing the model did.
    comparison
        How it stands to a healthy profile; None without one.
    by_text
        Means over heads of each text, measure to ``(texts, layers)``, for a profile.
    fingerprint
        Of the texts.
    thresholds
        What was compared with.
    corpus
        What it is of, if it was made of a corpus profile; then `lengths` and `by_text` are empty.
    """

    model: str
    kind: Kind
    layers: Layers
    heads: Layers
    lengths: tuple[int, ...]
    different: int | None
    skipped: tuple[Skipped, ...]
    changed: bool
    stage: Stage | None
    missing: str
    states: tuple[Finding, ...]
    story: tuple[Finding, ...]
    numbers: Numbers
    hint: CloggedHint
    output: OutputTest | None
    interventions: tuple[Intervention, ...]
    comparison: profile.Comparison | None
    by_text: Mapping[str, Floats64]
    fingerprint: str
    thresholds: Thresholds
    corpus: Corpus | None = None

    @property
    def texts(self) -> int:
        """How many texts were measured."""
        return len(self.lengths) if self.corpus is None else self.corpus.texts

    def finding(self, name: str) -> Finding:
        """Give one of the states or steps by its name.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        every = {one.name: one for one in (*self.states, *self.story)}
        for known, one in every.items():
            if known == name:
                return one
        msg = f"no finding is called {name!r}: there are {', '.join(every)}"
        raise KeyError(msg)

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        return text(self, lang)

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        return html(self, lang)

    def card(self, lang: Language | None = None) -> Card:
        """Put it on a card for a page: plain JSON values in one language.

        Each finding and piece of evidence has the places that show it best, to be put on show; see
        :class:`Card` for the shape.

        Raises
        ------
        ValueError
            As :meth:`report`.
        """
        return card(self, spoken(lang))

    def to_dict(self) -> dict[str, Any]:
        """Return every number as plain JSON values; what is undefined is None."""
        return values.plain(self)

    def as_profile(self) -> profile.HealthyProfile:
        """Keep what was measured as healthy, if you know that the model is.

        Raises
        ------
        ValueError
            If the model ran under a change, there are fewer texts than `thresholds` ask for, or the
            diagnosis is of a corpus profile.
        """
        if self.changed:
            msg = "the model ran under a mask or an edit: a profile is of the model as it is"
            raise ValueError(msg)
        if self.corpus is not None or self.different is None:
            msg = (
                "a corpus profile keeps no means of single texts per layer: make a healthy profile "
                "of records, or with runner.diagnose(texts)"
            )
            raise ValueError(msg)
        if self.different < self.thresholds.texts:
            msg = (
                f"a healthy profile needs at least {self.thresholds.texts} different texts, and "
                f"this diagnosis has {self.different}"
            )
            raise ValueError(msg)
        return profile.HealthyProfile(
            model=self.model,
            kind=self.kind,
            layers=self.layers,
            texts=len(self.lengths),
            lengths=(min(self.lengths), float(np.mean(self.lengths)), max(self.lengths)),
            fingerprint=self.fingerprint,
            ranges={name: profile.Range.of(rows) for name, rows in self.by_text.items()},
            similarity=None if self.output is None else self.output.similarity,
            pooling=None if self.output is None else self.output.pooling,
        )
