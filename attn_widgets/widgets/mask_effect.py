"""What a mask does to a record without running the model again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attn_widgets.analysis import query_rows
from attn_widgets.masks import BoundMask, Mask, outside

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord


def bind(mask: Mask, record: AttentionRecord) -> BoundMask:
    """Fit a mask to a record's tokens.

    Raises
    ------
    ValueError
        If the mask names a special token or an index that the record lacks, or leaves a query with
        nothing to look at.
    """
    n_queries, n_keys = record.shape[2:]
    offset = n_keys - n_queries if record.kind == "decoder" else 0
    bound = mask.bind(n_queries, n_keys, tokens=record.key_tokens, q_offset=offset)
    empty = bound.empty_rows()
    if len(empty):
        rows = ", ".join(map(str, empty[:5])) + (", ..." if len(empty) > 5 else "")  # noqa: PLR2004
        msg = (
            f"{mask!r} leaves {len(empty)} of {n_queries} queries with nothing to look at "
            f"(rows {rows}): let each query see at least itself, for example with | local(0)"
        )
        raise ValueError(msg)
    return bound


def describe(bound: BoundMask | None, record: AttentionRecord) -> dict[str, Any]:
    """Give the exact numbers of a mask over a record, as plain JSON values.

    Returns
    -------
    dict
        ``text``, the mask as typed, and ``outside``, the share of attention it forbids per layer
        and head, the mean over text queries. Empty without a mask.
    """
    if bound is None:
        return {}
    shares = outside(record.weights, bound, rows=query_rows(record))
    return {"text": repr(bound.mask), "outside": shares.tolist()}
