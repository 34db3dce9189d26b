"""An effect as plain JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attn_widgets.interventions.effect import Effect


def values(effect: Effect) -> dict[str, Any]:
    """Give every number of an effect by its name, without the attention of the two runs."""
    record, vector = effect.before, effect.vector
    return {
        "reading": effect.reading,
        "changes": effect.changes.to_spec(),
        "written": repr(effect.changes),
        "model": record.provenance.model,
        "kind": record.kind,
        "text": list(record.text),
        "tokens": [token.display for token in record.tokens],
        "layers": list(record.layers),
        "heads": list(record.heads),
        "drift": {
            name: getattr(effect.drift, name).tolist()
            for name in ("free_l1", "free_cosine", "forced_l1", "forced_cosine")
        },
        "moved": effect.moved.tolist(),
        "kept": None if effect.kept is None else effect.kept.tolist(),
        "density": None if effect.density is None else effect.density.tolist(),
        "vector": None
        if vector is None
        else {
            "cosine": vector.cosine,
            "pooling": vector.pooling,
            "candidates": list(vector.candidates),
            "before": vector.before.tolist(),
            "after": vector.after.tolist(),
            "ranking": [list(order) for order in vector.ranking()],
        },
        "head": effect.head,
        "predictions": [
            {
                "position": one.position,
                "before": [asdict(guess) for guess in one.before],
                "after": [asdict(guess) for guess in one.after],
                "kl": one.kl,
            }
            for one in effect.predictions
        ],
        "kl": None if effect.kl is None else effect.kl.tolist(),
        "labels": None
        if effect.labels is None
        else {
            "labels": list(effect.labels.labels),
            "before": list(effect.labels.before),
            "after": list(effect.labels.after),
            "unit": effect.labels.unit,
        },
        "changed": [asdict(one) for one in effect.changed(effect.moved.size)],
    }
