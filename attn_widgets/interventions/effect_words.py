"""An effect in words: a few lines, and a small table for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.interventions import quiet_table
from attn_widgets.interventions.speech import among, listed, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from attn_widgets.analysis.language import Language
    from attn_widgets.interventions.effect import Effect, Guess, LabelChange, VectorChange

_WIDEST = 60
_PLACES = 3
_CANDIDATES = 5


def text(effect: Effect, language: Language) -> str:
    """Write an effect in a few lines, each number with what it is of."""
    return quiet_table.plain(_title(effect, language), _rows(effect, language))


def html(effect: Effect, language: Language) -> str:
    """Write an effect as one table that stands alone; whatever comes from a text is escaped."""
    drift = effect.drift
    free, forced, cosine = (
        say(language, f"column.{name}") for name in ("free", "forced", "cosine")
    )
    layers = quiet_table.table(
        (say(language, "column.layer"), free, cosine, forced, cosine),
        [
            (str(layer), *(f"{column[row]:.3f}" for column in columns))
            for row, layer in enumerate(effect.before.layers)
            for columns in [
                (drift.free_l1, drift.free_cosine, drift.forced_l1, drift.forced_cosine)
            ]
        ],
        bars=(free, drift.free_l1.tolist()),
    )
    return quiet_table.page(
        _title(effect, language),
        _rows(effect, language),
        [(say(language, "drift.note"), layers)],
        language=language,
    )


def _title(effect: Effect, language: Language) -> str:
    record = effect.before
    changes = repr(effect.changes) if effect.changes else say(language, "no change")
    return say(
        language,
        "effect.title",
        changes=_short(changes, 2 * _WIDEST),
        model=record.provenance.model or say(language, "a model"),
        kind=say(language, record.kind),
        tokens=len(record.tokens),
    )


def _rows(effect: Effect, language: Language) -> Iterator[tuple[str, str]]:
    yield say(language, "attention.name"), _attention(effect, language)
    yield say(language, "layers.name"), _layers(effect, language)
    if effect.vector is not None:
        vector = effect.vector
        pooling = say(language, f"pooling.{vector.pooling}")
        words = say(language, "vector", cosine=f"{vector.cosine:.4f}", pooling=pooling)
        yield say(language, "vector.name"), words
        if vector.candidates:
            yield say(language, "candidates.name"), _candidates(vector, language)
    if effect.labels is not None:
        yield say(language, "labels.name"), _labels(effect.labels, language)
    elif effect.predictions and effect.kl is not None:
        yield from _predictions(effect, language)
    else:
        yield say(language, "predictions.name"), say(language, f"unheard.{effect.head}")


def _attention(effect: Effect, language: Language) -> str:
    heads = [
        say(language, "head", layer=one.layer, head=one.head, share=f"{one.moved:.2f}")
        for one in effect.changed(_PLACES)
    ]
    moved = say(
        language, "attention", moved=f"{effect.moved.mean():.3f}", heads=among(language, heads)
    )
    if effect.kept is None or effect.density is None:
        return moved
    return say(
        language,
        "attention.kept",
        kept=f"{effect.kept.mean():.3f}",
        density=f"{effect.density.mean():.3f}",
        moved=moved,
    )


def _layers(effect: Effect, language: Language) -> str:
    drift = effect.drift
    most = int(drift.forced_l1.argmax())
    return say(
        language,
        "layers",
        moved=f"{drift.free_l1[-1]:.3f}",
        cosine=f"{drift.free_cosine[-1]:.3f}",
        layer=effect.before.layers[most],
        most=f"{drift.forced_l1[most]:.3f}",
    )


def _candidates(vector: VectorChange, language: Language) -> str:
    order = vector.ranking()
    parts = [
        say(
            language,
            "candidate",
            text=_short(vector.candidates[i], 30),
            before=f"{vector.before[i]:.3f}",
            after=f"{vector.after[i]:.3f}",
        )
        for i in order[0][:_CANDIDATES]
    ]
    same = "order.same" if order[0] == order[1] else "order.other"
    return say(language, "candidates", each=listed(language, parts), order=say(language, same))


def _labels(labels: LabelChange, language: Language) -> str:
    best = sorted(range(len(labels.labels)), key=lambda i: -max(labels.before[i], labels.after[i]))
    parts = [
        say(
            language,
            "label",
            label=_short(labels.labels[i], 24),
            before=f"{labels.before[i]:.3f}",
            after=f"{labels.after[i]:.3f}",
        )
        for i in best[:_CANDIDATES]
    ]
    unit = say(language, f"unit.{labels.unit}")
    return say(language, "labels", unit=unit, each=listed(language, parts))


def _predictions(effect: Effect, language: Language) -> Iterator[tuple[str, str]]:
    kl, tokens = effect.kl, effect.before.tokens
    if kl is None:
        return
    worst = sorted(effect.predictions, key=lambda one: -one.kl)[:_PLACES]
    for one in sorted(worst, key=lambda one: one.position):
        yield (
            say(language, "place.name", place=one.position),
            say(
                language,
                "place",
                token=_short(tokens[one.position].display, 16),
                before=_guesses(one.before, language),
                after=_guesses(one.after, language),
                kl=f"{one.kl:.3f}",
            ),
        )
    words = say(
        language,
        "predictions",
        head=say(language, f"head.{effect.head}"),
        mean=f"{kl.mean():.3f}",
        most=f"{kl.max():.3f}",
        tokens=len(kl),
        places=len(effect.predictions),
    )
    yield say(language, "predictions.name"), words


def _guesses(guesses: Sequence[Guess], language: Language) -> str:
    return among(
        language, (f"{_short(one.token, 16)} {one.probability:.2f}" for one in guesses[:_PLACES])
    )


def _short(words: str, widest: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= widest else words[: widest - 1] + "…"
