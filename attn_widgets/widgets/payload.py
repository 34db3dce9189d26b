"""What of a record travels to the browser, and in which form."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from attn_widgets.analysis import key_mass, mass_by_role, uniform_mass
from attn_widgets.export import levels
from attn_widgets.record import whole

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord, Token

CELLS_BUDGET = 2_400_000
FOCUS_BUDGET = 600_000


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """Bytes to draw, one level per cell, and the cells per head.

    ``levels`` is C-ordered uint8; ``shape`` is ``(layers, heads, queries, keys)`` for the grid and
    ``(queries, keys)`` for one head, each possibly pooled.
    """

    levels: bytes
    shape: tuple[int, ...]


def grid(record: AttentionRecord) -> Picture:
    """Code all heads within :data:`CELLS_BUDGET` bytes, whole where they fit, else pooled."""
    size = levels.fit(record.shape, CELLS_BUDGET)
    cells = [levels.picture(layer, *size).tobytes() for layer in record.weights]
    return Picture(b"".join(cells), (*record.shape[:2], *size))


def focus(record: AttentionRecord, layer: int, head: int) -> Picture:
    """Code one head within :data:`FOCUS_BUDGET` bytes, whole where it fits, else pooled."""
    size = levels.fit((1, 1, *record.shape[2:]), FOCUS_BUDGET)
    return Picture(levels.picture(record[layer, head], *size).tobytes(), size)


def describe(record: AttentionRecord) -> dict[str, Any]:
    """Give what the browser needs to label a record, as plain JSON values."""
    same = record.key_tokens == record.tokens
    special = record.special()
    return {
        "shape": list(record.shape),
        "layers": list(record.layers),
        "heads": list(record.heads),
        "kind": record.kind,
        "kvGroups": record.kv_groups,
        "tokens": [_token(token) for token in record.tokens],
        "keyTokens": None if same else [_token(token) for token in record.key_tokens],
        "text": [whole(text) for text in record.text],
        "model": whole(record.provenance.model),
        "dtype": str(record.weights.dtype),
        "tokensLost": record.provenance.tokens_lost,
        "note": whole(record.provenance.note),
        "special": {
            "words": bool(record.content().any()),
            "share": key_mass(record, special).tolist(),
            "uniform": uniform_mass(record, special),
            "roles": {
                role.value: {"share": values["share"].tolist(), "uniform": values["uniform"]}
                for role, values in mass_by_role(record).items()
            },
        },
    }


def _token(token: Token) -> dict[str, Any]:
    return {"text": whole(token.display), "role": token.role.value, "segment": token.segment}
