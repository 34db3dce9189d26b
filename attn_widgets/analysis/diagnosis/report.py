"""A diagnosis as a report: what is said in which order, as text and as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.analysis.diagnosis import render
from attn_widgets.analysis.diagnosis.language import tongue
from attn_widgets.analysis.diagnosis.say_evidence import by_layer, evidence
from attn_widgets.analysis.diagnosis.say_flow import flow, healthy
from attn_widgets.analysis.diagnosis.say_textbook import claim
from attn_widgets.analysis.diagnosis.section import Report, Row, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.analysis.diagnosis.corpus import Corpus
    from attn_widgets.analysis.diagnosis.diagnosis import Diagnosis
    from attn_widgets.analysis.diagnosis.language import Tongue
    from attn_widgets.analysis.language import Language

_REASON = 200


def text(diagnosis: Diagnosis, language: Language) -> str:
    """Write a diagnosis as plain text."""
    return render.text(compose(diagnosis, language))


def html(diagnosis: Diagnosis, language: Language) -> str:
    """Write a diagnosis as HTML."""
    return render.html(compose(diagnosis, language))


def compose(diagnosis: Diagnosis, language: Language) -> Report:
    """Put all that is said of a diagnosis in order.

    Raises
    ------
    ValueError
        If the language is neither ``"en"`` nor ``"ja"``.
    """
    own = tongue(language)
    numbers = diagnosis.numbers
    states = tuple(claim(one, numbers, own) for one in diagnosis.states)
    story = tuple(claim(one, numbers, own) for one in diagnosis.story)
    sections = [
        Section(own.say("states"), states),
        Section(own.say("story"), story),
        Section(own.say("evidence"), tuple(evidence(diagnosis, own))),
        by_layer(diagnosis, own),
        Section(own.say("clogged"), tuple(flow(diagnosis, own))),
        Section(own.say("unknown"), tuple(unknown(diagnosis, own))),
    ]
    if diagnosis.comparison is not None:
        sections.insert(-1, Section(own.say("healthy"), tuple(healthy(diagnosis, own))))
    return Report(language, title(diagnosis, own), tuple(notes(diagnosis, own)), tuple(sections))


def title(diagnosis: Diagnosis, own: Tongue) -> str:
    """Say what was measured: the model, and how many texts of which length."""
    model, kind = diagnosis.model or own.say("a model"), own.say(diagnosis.kind)
    lengths, count = diagnosis.lengths, diagnosis.texts
    if diagnosis.corpus is not None:
        texts = own.texts(count, count)
        return own.say("title.corpus", model=model, kind=kind, texts=texts)
    return own.say(
        "title",
        model=model,
        kind=kind,
        texts=own.texts(count, count if diagnosis.different is None else diagnosis.different),
        lengths=own.lengths(min(lengths), max(lengths)),
    )


def notes(diagnosis: Diagnosis, own: Tongue) -> Iterator[str]:
    """Say what to know before reading."""
    yield own.say("from 0")
    if diagnosis.corpus is not None:
        yield from _of_corpus(diagnosis.corpus, own)
    elif diagnosis.texts > 1:
        yield own.say("means")
    if diagnosis.changed:
        yield own.say("changed")
    if diagnosis.skipped:
        first = diagnosis.skipped[0]
        reason = first.reason if len(first.reason) <= _REASON else first.reason[:_REASON] + "…"
        yield own.say("skipped", count=len(diagnosis.skipped), place=first.place, reason=reason)


def _of_corpus(corpus: Corpus, own: Tongue) -> Iterator[str]:
    yield own.say("corpus")
    yield own.say("corpus.lacks")
    if corpus.all_queries:
        yield own.say("corpus.all")
    if corpus.failed:
        yield own.say("corpus.failed", count=corpus.failed)


def unknown(diagnosis: Diagnosis, own: Tongue) -> Iterator[Row]:
    """Say what cannot be concluded, with sources."""
    every = ["weights", "cause", "length", "lines"]
    if diagnosis.numbers.has("sep"):
        every.insert(1, "boundary")
    if diagnosis.numbers.has("cls"):
        every.insert(1, "summary")
    for name in every:
        yield Row(name, own.say(f"unknown.{name}.name"), own.say(f"unknown.{name}"))
