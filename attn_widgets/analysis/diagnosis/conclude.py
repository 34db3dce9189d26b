"""Read a model's attention as the textbook does, and put the evidence beside it."""

from __future__ import annotations

import dataclasses
import types
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.contributions import Contributions
from attn_widgets.analysis.diagnosis import corpus, flow, profile, textbook
from attn_widgets.analysis.diagnosis.diagnosis import Diagnosis, Skipped
from attn_widgets.analysis.diagnosis.numbers import mean_of
from attn_widgets.analysis.diagnosis.observation import Observation, observe
from attn_widgets.analysis.diagnosis.outputs import OutputTest, mean_similarity
from attn_widgets.analysis.diagnosis.places import pointed
from attn_widgets.analysis.diagnosis.thresholds import Thresholds
from attn_widgets.analysis.profile import Profile
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.diagnosis.interventions import Intervention
    from attn_widgets.analysis.diagnosis.observation import Source
    from attn_widgets.analysis.heads import Floats64


def diagnose(
    sources: Source | Iterable[Source] | Profile,
    *,
    vectors: NDArray[np.floating[Any]] | None = None,
    pooling: str = "mean",
    interventions: Iterable[Intervention] = (),
    reference: profile.HealthyProfile | float | None = None,
    thresholds: Thresholds | None = None,
) -> Diagnosis:
    """Diagnose special-token attention: the textbook's reading, with the evidence beside it.

    Parameters
    ----------
    sources
        One record, or those of several texts: then any iterable, whose weights are not kept.
        Contributions of a record in its place add what the tokens hand on. Of several texts, those
        that cannot be measured are skipped and named in the report. Or the profile of a corpus,
        whose means are read with their spread over texts; what it does not keep (what the tokens
        hand on, single texts) is said to be missing.
    vectors
        One vector per source, shape ``(texts, size)``, for the output test.
    pooling
        How they were made, in a word.
    interventions
        What changing the model did.
    reference
        A healthy profile; or only its mean cosine between vectors of different texts.
    thresholds
        Where lines are drawn.

    Raises
    ------
    TypeError
        If a source is of another type.
    ValueError
        If no text can be measured, texts are of different models, or vectors or profile do not fit;
        vectors never fit the profile of a corpus, which keeps no texts.
    """
    lines = thresholds or Thresholds()
    if isinstance(sources, Profile):
        if vectors is not None:
            msg = (
                "vectors cannot be matched with a profile, which keeps no texts: diagnose records "
                "of the texts, or use runner.diagnose(texts)"
            )
            raise ValueError(msg)
        return of_corpus(sources, interventions=interventions, reference=reference, lines=lines)
    kept, skipped = _gathered(sources, lines)
    if vectors is not None:
        given = len(kept) + len(skipped)
        if len(vectors) != given:
            msg = f"{len(vectors)} vectors for {given} texts: give one per text, in their order"
            raise ValueError(msg)
        vectors = np.asarray(vectors)[[place for place, _ in kept]]
    return conclude(
        [one for _, one in kept],
        skipped=skipped,
        vectors=vectors,
        pooling=pooling,
        interventions=interventions,
        reference=reference,
        lines=lines,
    )


def of_corpus(
    sums: Profile,
    *,
    lines: Thresholds,
    interventions: Iterable[Intervention] = (),
    reference: profile.HealthyProfile | float | None = None,
) -> Diagnosis:
    """Diagnose the profile of a corpus; see :func:`diagnose`.

    Raises
    ------
    ValueError
        If it holds no text, is of cross-attention, or of other layers than `reference`.
    """
    about, numbers = corpus.corpus_of(sums, lines), corpus.numbers_of(sums, lines)
    changes = tuple(interventions)
    layers, heads = tuple(range(sums.layers)), tuple(range(sums.heads))
    model = str(sums.about.get("model") or "")
    case = textbook.Case(
        layers=layers,
        heads=heads,
        numbers=numbers,
        interventions=changes,
        lines=lines,
        texts=about.texts,
        short=about.short,
        spread=corpus.spread_of(sums),
    )
    now = {name: numbers.layer(name) for name in profile.MEASURES if numbers.has(name)}
    return Diagnosis(
        model=model,
        kind=sums.about.get("kind", "encoder"),
        layers=layers,
        heads=heads,
        lengths=(),
        different=None,
        skipped=(),
        changed=bool(sums.about.get("changes")),
        stage=None,
        missing="",
        states=textbook.states(case),
        story=textbook.story(case),
        numbers=numbers,
        hint=corpus.hint_of(sums, numbers, lines),
        output=None,
        interventions=changes,
        comparison=None
        if not isinstance(reference, profile.HealthyProfile)
        else profile.compare(
            reference,
            now,
            layers=layers,
            model=model,
            length=about.mean_length,
            like_length=lines.like_length,
            same_texts=False,
        ),
        by_text=types.MappingProxyType({}),
        fingerprint="",
        thresholds=lines,
        corpus=about,
    )


def conclude(
    seen: Sequence[Observation],
    *,
    lines: Thresholds,
    skipped: Iterable[Skipped] = (),
    vectors: NDArray[np.floating[Any]] | None = None,
    pooling: str = "mean",
    interventions: Iterable[Intervention] = (),
    reference: profile.HealthyProfile | float | None = None,
) -> Diagnosis:
    """Diagnose texts that have been measured; see :func:`diagnose`.

    Parameters
    ----------
    seen
        At least one, all of one model.
    skipped
        What could not be measured.
    vectors
        One per text that was, shape ``(texts, size)``.
    pooling, interventions, reference, lines
        As in :func:`diagnose`.
    """
    first, words = seen[0], [one.words for one in seen]
    means = mean_of([one.numbers for one in seen])
    changes = tuple(interventions)
    alone = len(seen) == 1
    case = textbook.Case(
        layers=first.layers,
        heads=first.heads,
        numbers=means,
        interventions=changes,
        lines=lines,
        columns=first.columns if alone else {},
        cls_query=first.cls_query if alone else None,
        texts=len(seen),
        short=sum(one.tokens < lines.tokens for one in seen),
    )
    by_text = _by_text(seen)
    return Diagnosis(
        model=first.model,
        kind=first.kind,
        layers=first.layers,
        heads=first.heads,
        lengths=tuple(one.tokens for one in seen),
        different=len(set(words)),
        skipped=tuple(skipped),
        changed=first.changed,
        stage=first.stage if all(one.stage == first.stage for one in seen) else None,
        missing=next((one.missing for one in seen if one.missing), ""),
        states=textbook.states(case),
        story=textbook.story(case),
        numbers=means,
        hint=_hinted(seen, case),
        output=_tested(vectors, pooling, words, reference),
        interventions=changes,
        comparison=None
        if not isinstance(reference, profile.HealthyProfile)
        else profile.compare(
            reference,
            {name: rows.mean(axis=0) for name, rows in by_text.items()},
            layers=first.layers,
            model=first.model,
            length=sum(map(len, words)) / len(words),
            like_length=lines.like_length,
            same_texts=profile.fingerprint(words) == reference.fingerprint,
        ),
        by_text=by_text,
        fingerprint=profile.fingerprint(words),
        thresholds=lines,
    )


def _hinted(seen: Sequence[Observation], case: textbook.Case) -> flow.CloggedHint:
    """Apply the clogged rule, and point at the layers that it names."""
    hint = flow.hint(seen, case.lines)
    if not hint.layers:
        return hint
    places = pointed(
        case.scene, case.numbers.special, hint.layers, hint.layers, "column", "special"
    )
    return dataclasses.replace(hint, places=places)


def _gathered(
    sources: Source | Iterable[Source], lines: Thresholds
) -> tuple[list[tuple[int, Observation]], tuple[Skipped, ...]]:
    """Measure every text that can be measured; the only one must be."""
    if isinstance(sources, AttentionRecord | Contributions | Observation):
        return [(0, observe(sources, lines.classes))], ()
    kept: list[tuple[int, Observation]] = []
    skipped: list[Skipped] = []
    for place, source in enumerate(sources):
        try:
            one = observe(source, lines.classes)
        except ValueError as error:
            skipped.append(Skipped(place, str(error)))
            continue
        _refuse_other(one, kept[0][1] if kept else one, place)
        kept.append((place, one))
    if not kept:
        why = f"; the first: {skipped[0].reason}" if skipped else ": the list is empty"
        msg = f"none of {len(skipped)} texts can be diagnosed{why}"
        raise ValueError(msg)
    return kept, tuple(skipped)


def _refuse_other(one: Observation, first: Observation, place: int) -> None:
    """Refuse a text of another model, or of the same model run otherwise.

    Raises
    ------
    ValueError
        If it is one.
    """
    for name in ("model", "kind", "layers", "heads", "changed"):
        if getattr(one, name) != getattr(first, name):
            msg = (
                f"text {place} has {name} {getattr(one, name)!r} and the first has "
                f"{getattr(first, name)!r}: diagnose records of one model and one way to run it"
            )
            raise ValueError(msg)


def _by_text(seen: Sequence[Observation]) -> Mapping[str, Floats64]:
    """Give the means over heads that a profile holds, where all texts have them."""
    found = {}
    for name in profile.MEASURES:
        rows = np.stack([one.numbers.layer(name) for one in seen])
        if np.isfinite(rows).all():
            rows.flags.writeable = False
            found[name] = rows
    return types.MappingProxyType(found)


def _tested(
    vectors: NDArray[np.floating[Any]] | None,
    pooling: str,
    words: Sequence[tuple[str, ...]],
    reference: profile.HealthyProfile | float | None,
) -> OutputTest | None:
    measured = None if vectors is None else mean_similarity(vectors, words)
    if measured is None:
        return None
    same = healthy = None
    if isinstance(reference, profile.HealthyProfile):
        if reference.pooling == pooling:
            healthy = reference.similarity
            same = reference.fingerprint == profile.fingerprint(words)
    elif reference is not None:
        healthy = float(reference)
        if not -1 <= healthy <= 1:
            msg = f"reference is {healthy}: expected a mean cosine, from -1 to 1"
            raise ValueError(msg)
    similarity, texts = measured
    return OutputTest(
        similarity=similarity, texts=texts, pooling=pooling, reference=healthy, same_texts=same
    )
