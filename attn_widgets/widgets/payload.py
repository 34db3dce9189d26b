"""What of a record travels to the browser, and in which form."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from attn_widgets.analysis import diagnose
from attn_widgets.analysis.token_groups import (
    group_shares,
    key_groups,
    query_groups,
    rows_by_group,
)
from attn_widgets.export import levels
from attn_widgets.record import whole
from attn_widgets.widgets.hiding import picture, pictures
from attn_widgets.widgets.origin import origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis import Contributions
    from attn_widgets.record import AttentionRecord, Patches, Token
    from attn_widgets.widgets.hiding import Hiding
    from attn_widgets.widgets.means import Mean

CELLS_BUDGET = 2_400_000
POOLED_BUDGET = 1_900_000
"""Where the grid is pooled, there is one head in full beside it, and a longer list of tokens."""
FOCUS_BUDGET = 600_000
PICTURE_BUDGET = 200_000


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """Bytes to draw, one level per cell, and the cells per head.

    ``levels`` is C-ordered uint8; ``shape`` is ``(layers, heads, queries, keys)`` for the grid and
    ``(queries, keys)`` for one head, each possibly pooled.
    """

    levels: bytes
    shape: tuple[int, ...]


def grid(record: AttentionRecord, hiding: Hiding | None = None) -> Picture:
    """Code all heads within :data:`CELLS_BUDGET` bytes, whole where they fit, else pooled."""
    size = levels.fit(record.shape, CELLS_BUDGET)
    if size != record.shape[2:]:
        size = levels.fit(record.shape, min(POOLED_BUDGET, CELLS_BUDGET))
    return Picture(pictures(record.weights, size, hiding), (*record.shape[:2], *size))


def focus(record: AttentionRecord, layer: int, head: int, hiding: Hiding | None = None) -> Picture:
    """Code one head within :data:`FOCUS_BUDGET` bytes, whole where it fits, else pooled."""
    size = levels.fit((1, 1, *record.shape[2:]), FOCUS_BUDGET)
    return Picture(picture(record[layer, head], size, hiding), size)


def mean_focus(record: AttentionRecord, mean: Mean, hiding: Hiding | None = None) -> Picture:
    """Code the mean over several heads as :func:`focus` does one."""
    size = levels.fit((1, 1, *record.shape[2:]), FOCUS_BUDGET)
    return Picture(picture(mean.of(record.weights, record), size, hiding), size)


def pixels(record: AttentionRecord) -> bytes:
    """Give what patches show within :data:`PICTURE_BUDGET` bytes: red, green, blue, row by row."""
    return b"" if record.patches is None else _sent(record.patches).pixels.tobytes()


def _sent(patches: Patches) -> Patches:
    return patches.within(PICTURE_BUDGET)


def describe(record: AttentionRecord) -> dict[str, Any]:
    """Give what the browser needs to label a record, as plain JSON values."""
    same = record.key_tokens == record.tokens
    return {
        "shape": list(record.shape),
        "layers": list(record.layers),
        "heads": list(record.heads),
        "kind": record.kind,
        "kvGroups": record.kv_groups,
        "tokens": _tokens(record.tokens, query_groups(record)),
        "keyTokens": None if same else _tokens(record.key_tokens, key_groups(record)),
        "text": [whole(text) for text in record.text],
        "model": whole(record.provenance.model),
        "source": whole(origin(record.provenance)),
        "dtype": str(record.weights.dtype),
        "tokensLost": record.provenance.tokens_lost,
        "note": whole(record.provenance.note),
        "patches": None if record.patches is None else _place(_sent(record.patches)),
        "special": {
            "told": _told(record),
            "words": bool(record.content().any()),
            "groups": {
                group: {"share": own.share.tolist(), "uniform": own.uniform}
                for group, own in group_shares(record).items()
            },
            "rows": special_rows(record),
        },
    }


def cards(source: AttentionRecord | Contributions) -> dict[str, Any]:
    """Diagnose a text, and give the card of it in each language, as plain JSON values.

    Returns
    -------
    dict
        ``en`` and ``ja``; or ``absent``, why there is none.
    """
    try:
        made = diagnose(source)
    except ValueError as error:
        return {"absent": whole(str(error))}
    return {"en": made.card("en"), "ja": made.card("ja")}


def special_rows(record: AttentionRecord) -> dict[str, Any]:
    """Say what the first query of each special role looks at, as plain JSON values.

    Returns
    -------
    dict
        Role to ``query``, its position; ``itself``, each of ``groups`` without itself, and
        ``words``, of no group: its shares per layer and head. ``even`` is what itself and each
        group would get if it looked at all it sees alike.
    """
    return {
        role: {
            "query": row.query,
            "itself": row.itself.share.tolist(),
            "groups": {group: own.share.tolist() for group, own in row.groups.items()},
            "words": row.words.tolist(),
            "even": {
                "itself": row.itself.uniform,
                "groups": {group: own.uniform for group, own in row.groups.items()},
            },
        }
        for role, row in rows_by_group(record).items()
    }


def _told(record: AttentionRecord) -> bool:
    """Whether something said which tokens are special: a vocabulary, or a role of one of them."""
    tokens = (*record.tokens, *record.key_tokens)
    return any(token.id is not None or token.role.is_special for token in tokens)


def _place(patches: Patches) -> dict[str, int]:
    height, width = patches.size
    return {
        "rows": patches.rows,
        "columns": patches.columns,
        "first": patches.first,
        "height": height,
        "width": width,
    }


def _tokens(tokens: Sequence[Token], groups: Sequence[str | None]) -> list[dict[str, Any]]:
    return [
        {
            "text": whole(token.display),
            "role": token.role.value,
            "group": group,
            "segment": token.segment,
        }
        for token, group in zip(tokens, groups, strict=True)
    ]
