"""An effect in words: a few lines, and a small table for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.interventions import quiet_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from attn_widgets.interventions.effect import Effect, Guess

_WIDEST = 60
_PLACES = 3
_CANDIDATES = 5

_UNHEARD = {
    "none": "this model has no head that predicts: it gives vectors, no tokens and no labels",
    "not run": "the head was not run, as it needs a target: change the decoder or cross stack",
    "other": "this model's head is of a kind that is not read here",
}


def text(effect: Effect) -> str:
    """Write an effect in a few lines, each number with what it is of."""
    return quiet_table.plain(_title(effect), _rows(effect))


def html(effect: Effect) -> str:
    """Write an effect as one table that stands alone; whatever comes from a text is escaped."""
    drift = effect.drift
    layers = quiet_table.table(
        ("layer", "free-running", "cosine", "teacher-forced", "cosine"),
        [
            (str(layer), *(f"{column[row]:.3f}" for column in columns))
            for row, layer in enumerate(effect.before.layers)
            for columns in [
                (drift.free_l1, drift.free_cosine, drift.forced_l1, drift.forced_cosine)
            ]
        ],
        bars=("free-running", drift.free_l1.tolist()),
    )
    note = (
        "Each layer's output: sum |h' - h| / sum |h|, and the mean cosine over tokens. "
        "Free-running: every layer fed by the changed one below. Teacher-forced: every layer fed "
        "what the plain model gave it, which shows its own part."
    )
    return quiet_table.page(_title(effect), _rows(effect), [(note, layers)])


def _title(effect: Effect) -> str:
    record = effect.before
    model = record.provenance.model or "a model"
    changes = _short(repr(effect.changes) or "no change", 2 * _WIDEST)
    return (
        f"Effect of {changes} on {model} ({record.kind}, {len(record.tokens)} tokens), re-run: "
        "the whole model was run again, and the change adds up over its layers"
    )


def _rows(effect: Effect) -> Iterator[tuple[str, str]]:
    yield "attention", _attention(effect)
    yield "layers", _layers(effect)
    if effect.vector is not None:
        vector = effect.vector
        what = "mean of its tokens" if vector.pooling == "mean" else "that of [CLS]"
        words = f"cosine {vector.cosine:.4f} between the text's vector before and after ({what})"
        yield "vector", words
        if vector.candidates:
            yield "candidates", _candidates(effect)
    if effect.labels is not None:
        labels = effect.labels
        best = sorted(
            range(len(labels.labels)), key=lambda i: -max(labels.before[i], labels.after[i])
        )
        parts = [
            f"{_short(labels.labels[i], 24)} {labels.before[i]:.3f} → {labels.after[i]:.3f}"
            for i in best[:_CANDIDATES]
        ]
        yield "labels", f"{labels.unit} before → after: {'; '.join(parts)}"
    elif effect.predictions and effect.kl is not None:
        yield from _predictions(effect)
    else:
        yield "predictions", _UNHEARD[effect.head]


def _attention(effect: Effect) -> str:
    where = [
        f"layer {one.layer} head {one.head} {one.moved:.2f}" for one in effect.changed(_PLACES)
    ]
    words = (
        f"a head puts {effect.moved.mean():.3f} of its attention elsewhere, on average; "
        f"most: {', '.join(where)} (counted from 0)"
    )
    if effect.kept is None or effect.density is None:
        return words
    return (
        f"the mask keeps {effect.kept.mean():.3f} of the plain attention on "
        f"{effect.density.mean():.3f} of the pairs; {words}"
    )


def _layers(effect: Effect) -> str:
    drift, layers = effect.drift, effect.before.layers
    most = int(drift.forced_l1.argmax())
    return (
        f"the last layer's output moved by {drift.free_l1[-1]:.3f} of its size "
        f"(sum |h' - h| / sum |h|; cosine {drift.free_cosine[-1]:.3f}); by itself, "
        f"fed what the plain model gave it, layer {layers[most]} moved most: "
        f"{drift.forced_l1[most]:.3f}"
    )


def _candidates(effect: Effect) -> str:
    vector = effect.vector
    if vector is None:
        return ""
    order = vector.ranking()
    parts = [
        f'"{_short(vector.candidates[i], 30)}" {vector.before[i]:.3f} → {vector.after[i]:.3f}'
        for i in order[0][:_CANDIDATES]
    ]
    same = "the order stays" if order[0] == order[1] else "the order changes"
    return f"cosine with the text before → after, best first: {'; '.join(parts)}: {same}"


def _predictions(effect: Effect) -> Iterator[tuple[str, str]]:
    kl, tokens = effect.kl, effect.before.tokens
    if kl is None:
        return
    worst = sorted(effect.predictions, key=lambda one: -one.kl)[:_PLACES]
    for one in sorted(worst, key=lambda one: one.position):
        token = _short(tokens[one.position].display, 16)
        yield (
            f"at {one.position}",
            f"{token}: {_guesses(one.before)} → {_guesses(one.after)} (KL {one.kl:.3f} nats)",
        )
    words = (
        f"of a {effect.head} head: KL(before || after) {kl.mean():.3f} nats on average over "
        f"{len(kl)} tokens, {kl.max():.3f} at most; proposals are listed for "
        f"{len(effect.predictions)} of them"
    )
    yield "predictions", words


def _guesses(guesses: Sequence[Guess]) -> str:
    return ", ".join(f"{_short(one.token, 16)} {one.probability:.2f}" for one in guesses[:_PLACES])


def _short(words: str, widest: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= widest else words[: widest - 1] + "…"
