"""A mask laid over every head of a record, without running the model again."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis import query_rows
from attn_widgets.export import levels
from attn_widgets.masks import Assignment, BoundMask, Mask, bind_record, outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True)
class Laid:
    """A mask as it lies over the heads of a record.

    Parameters
    ----------
    mask
        As it was given.
    record
        What it lies over.
    heads
        What each captured head gets, ``(layers, heads)``; one and the same for all heads where the
        mask follows neither the head nor its data.
    shared
        Whether it is one and the same.
    """

    mask: Mask | Assignment
    record: AttentionRecord
    heads: tuple[tuple[BoundMask, ...], ...]
    shared: bool

    @property
    def first(self) -> BoundMask:
        """What the first head gets; where `shared`, what all of them get."""
        return self.heads[0][0]

    def at(self, layer: int, head: int) -> BoundMask:
        """Give what one head gets, by the model's own numbers."""
        return self.heads[self.record.layer_index(layer)][self.record.head_index(head)]

    def each(self) -> Iterator[BoundMask]:
        """Visit the masks that differ, at most one per head."""
        if self.shared:
            yield self.first
            return
        for row in self.heads:
            yield from row


def lay(mask: Mask | Assignment, record: AttentionRecord) -> Laid:
    """Fit a mask to a record's tokens, and to each head's data where it asks for them.

    Raises
    ------
    ValueError
        If the mask names a special token, index, layer or head that the record lacks, needs data
        that were not captured, or leaves a query with nothing to look at.
    """
    n_queries, n_keys = record.shape[2:]
    if isinstance(mask, Assignment):
        mask.require(max(record.layers) + 1, max(record.heads) + 1)
    elif not mask.needs:
        offset = n_keys - n_queries if record.kind == "decoder" else 0
        bound = mask.bind(n_queries, n_keys, tokens=record.key_tokens, q_offset=offset)
        _refuse_empty(bound)
        return Laid(
            mask, record, tuple((bound,) * len(record.heads) for _ in record.layers), shared=True
        )
    rows = []
    for layer in record.layers:
        row = []
        for head in record.heads:
            own = mask.for_head(layer, head) if isinstance(mask, Assignment) else mask
            bound = bind_record(own, record, layer, head)
            _refuse_empty(bound)
            row.append(bound)
        rows.append(tuple(row))
    return Laid(mask, record, tuple(rows), shared=False)


def fit(mask: Mask | Assignment, record: AttentionRecord) -> Laid:
    """Lay a mask that is on show over another record.

    Raises
    ------
    ValueError
        If it does not fit; the message names the mask and the mend.
    """
    try:
        return lay(mask, record)
    except (ValueError, IndexError) as error:
        msg = (
            f"the mask {mask!r} does not fit this text: {error}. "
            "Remove or change the mask first; the former text stays"
        )
        raise ValueError(msg) from error


def _refuse_empty(bound: BoundMask) -> None:
    empty = bound.empty_rows()
    if len(empty):
        rows = ", ".join(map(str, empty[:5])) + (", ..." if len(empty) > 5 else "")  # noqa: PLR2004
        msg = (
            f"{bound.mask!r} leaves {len(empty)} of {bound.n_queries} queries with nothing to look "
            f"at (rows {rows}): let each query see at least itself, for example with | local(0)"
        )
        raise ValueError(msg)


def describe(laid: Laid | None) -> dict[str, Any]:
    """Give the exact numbers of a mask over a record, as plain JSON values.

    Returns
    -------
    dict
        ``text``, the mask as typed; ``outside``, the share of attention it forbids per layer and
        head, the mean over text queries; ``shared``, whether all heads get the same; ``low``,
        ``high`` and ``pairs``, the fewest and most keys a query sees in any head and the mean
        number of pairs kept in a head. Empty without a mask.
    """
    if laid is None:
        return {}
    record = laid.record
    rows = query_rows(record)
    if laid.shared:
        shares = outside(record.weights, laid.first, rows=rows)
    else:
        shares = np.array(
            [
                [outside(weights, bound, rows=rows) for weights, bound in zip(*pair, strict=True)]
                for pair in zip(record.weights, laid.heads, strict=True)
            ]
        )
    degrees = np.array([bound.degrees() for bound in laid.each()])
    return {
        "text": repr(laid.mask),
        "outside": shares.tolist(),
        "shared": laid.shared,
        "low": int(degrees.min()),
        "high": int(degrees.max()),
        "pairs": float(degrees.sum(axis=1).mean()),
    }


def cells(laid: Laid | None, shape: tuple[int, int]) -> bytes:
    """Pack where each head may look, one bit per cell, for masks the browser cannot work out.

    Parameters
    ----------
    laid
        The mask; where all heads share it the browser evaluates its spec, and nothing is sent.
    shape
        Cells per head, ``(queries, keys)``; a cell is set if any pair in it is kept.

    Returns
    -------
    bytes
        Heads one after another, each C-ordered and packed with the first cell in the lowest bit,
        starting on a byte.
    """
    if laid is None or laid.shared:
        return b""
    return b"".join(bits(bound, shape) for bound in laid.each())


def bits(bound: BoundMask, shape: tuple[int, int]) -> bytes:
    """Pack one head; see :func:`cells`."""
    pooled = levels.pool(bound.to_dense(), *shape)
    return np.packbits(pooled.ravel(), bitorder="little").tobytes()
