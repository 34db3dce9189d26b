"""What an effect, a sweep and an importance say, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "listed": "; ",
    "among": ", ",
    "a model": "a model",
    "no change": "no change",
    "encoder": "encoder",
    "decoder": "decoder",
    "cross": "cross",
    "head": "layer {layer} head {head} {share}",
    # an effect
    "effect.title": (
        "Effect of {changes} on {model} ({kind}, {tokens} tokens), re-run: the whole model was run "
        "again, and the change adds up over its layers"
    ),
    "attention.name": "attention",
    "attention": (
        "a head puts {moved} of its attention elsewhere, on average; most: {heads} (counted from 0)"
    ),
    "attention.kept": (
        "the mask keeps {kept} of the plain attention on {density} of the pairs; {moved}"
    ),
    "layers.name": "layers",
    "layers": (
        "the last layer's output moved by {moved} of its size (sum |h' - h| / sum |h|; cosine "
        "{cosine}); by itself, fed what the plain model gave it, layer {layer} moved most: {most}"
    ),
    "vector.name": "vector",
    "vector": "cosine {cosine} between the text's vector before and after ({pooling})",
    "pooling.mean": "mean of its tokens",
    "pooling.cls": "that of [CLS]",
    "candidates.name": "candidates",
    "candidates": "cosine with the text before → after, best first: {each}: {order}",
    "candidate": '"{text}" {before} → {after}',
    "order.same": "the order stays",
    "order.other": "the order changes",
    "labels.name": "labels",
    "labels": "{unit} before → after: {each}",
    "unit.probability": "probability",
    "unit.score": "score",
    "label": "{label} {before} → {after}",
    "place.name": "at {place}",
    "place": "{token}: {before} → {after} (KL {kl} nats)",
    "predictions.name": "predictions",
    "predictions": (
        "of a {head} head: KL(before || after) {mean} nats on average over {tokens} tokens, {most} "
        "at most; proposals are listed for {places} of them"
    ),
    "head.masked language model": "masked language model",
    "head.next token": "next token",
    "unheard.none": (
        "this model has no head that predicts: it gives vectors, no tokens and no labels"
    ),
    "unheard.not run": (
        "the head was not run, as it needs a target: change the decoder or cross stack"
    ),
    "unheard.other": "this model's head is of a kind that is not read here",
    "column.layer": "layer",
    "column.free": "free-running",
    "column.forced": "teacher-forced",
    "column.cosine": "cosine",
    "drift.note": (
        "Each layer's output: sum |h' - h| / sum |h|, and the mean cosine over tokens. "
        "Free-running: every layer fed by the changed one below. Teacher-forced: every layer fed "
        "what the plain model gave it, which shows its own part."
    ),
    # a sweep
    "sweep.title": (
        "Sweep of {changes} changes over {texts} texts on {model}, re-run: the whole model was run "
        "again under each"
    ),
    "column.change": "change",
    "column.density": "density",
    "column.kept": "kept",
    "column.drift": "drift",
    "column.lowest": "lowest",
    "column.KL": "KL",
    "sweep.note": (
        "means over texts; density: share of the allowed pairs; kept: share of the plain "
        "attention; drift: sum |h' - h| / sum |h| of the last layer; cosine: of the text's vector "
        "before and after, and the lowest of a text; KL(before || after) of what the head says, in "
        "nats"
    ),
    "curve.title": "fidelity against density",
    "curve.kept": "attention kept",
    "curve.close": "cosine of the vector",
    "curve.density": "density: share of the allowed pairs",
    "curve.said": "{change}: density {density}, kept {kept}",
    "curve.said.close": "{change}: density {density}, kept {kept}, cosine {cosine}",
    "curve.point": "{change}: {value} at density {density}",
    # how much heads matter
    "importance.title": "Importance of {layers} x {heads} heads of {model} ({kind}), {texts} texts",
    "measured.name": "measured",
    "loss.answers": (
        "what the model's head says: gradients of -log p of its own likeliest answer, the mean "
        "over places (the divergence has no gradient at the plain run); heads taken away by "
        "KL(before || after) in nats, the mean over places"
    ),
    "loss.vector": (
        "the direction of the text's vector v ({pooling}): gradients of u · v/|v|, the mean of "
        "absolute values over {probes} random u (1 - cosine has no gradient at the plain run); "
        "heads taken away by 1 - cosine"
    ),
    "measure.gradient": "gradient",
    "measure.ablation": "ablation",
    "measure.uniform": "uniform",
    "agreement.name": "agreement",
    "agreement": "Spearman {rho} between {one} and {other}",
}
"""Every sentence, by its key; both languages have the same keys and the same places to fill."""
