"""How many keys each query keeps, by what decides: the distance, the key, or anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from attn_widgets.masks.frame import Frame
from attn_widgets.masks.limits import MAX_TOKENS
from attn_widgets.masks.rows.diagonals import Diagonals
from attn_widgets.masks.rows.grid import Grid, Stripes
from attn_widgets.masks.rows.intervals import mark, single
from attn_widgets.masks.rows.pieces import Pieces
from attn_widgets.masks.rows.wide import repeat
from attn_widgets.masks.split import Split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask

_CELLS: Final = 2**19
_ROWS: Final = 2**16
_FEW: Final = 64


def degrees(mask: Mask, frame: Frame) -> NDArray[np.int64]:
    """Return how many keys each query keeps: int64, ``(n_queries,)``.

    Diagonals and stripes are counted for all queries at once, and what else there is added run by
    run, unless its runs are many: then row by row.
    """
    split = split_over(mask, frame)
    if split is None or _loose(split, frame):
        return np.concatenate(list(_by_rows(mask, frame)))
    return _by_distance(split, frame)


def kept_before(mask: Mask, frame: Frame) -> int:
    """Return how many pairs are kept whose key stands at or before the query."""
    split = Split.of(mask)
    if _too_long(frame) or _loose(split, frame):
        count = 0
        for first, pieces in pieces_by_rows(mask, frame):
            ends = frame.positions(first, first + len(pieces.cuts)) + 1
            before = Pieces.from_intervals(single(ends * 0, ends, frame.n_keys), frame.n_keys)
            count += int((pieces & before).counts().sum())
        return count
    back = np.arange(1 - frame.n_keys, frame.n_queries) >= -frame.q_offset
    return int(_by_distance(split, frame, back).sum())


def _by_distance(
    split: Split, frame: Frame, cut: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Count the keys of each query, those on the diagonals of `cut` alone if it is given."""
    grid = Grid(*laid_out(split, frame, cut), 1)
    counts = grid.counts()
    if split.rest is None:
        return counts
    rest, within = split.others[0] if len(split.others) == 1 else (split.rest, None)
    free = grid.rest(_cut(within, frame, cut))
    for row, lo, hi in _runs(rest, frame):
        found = free.counts(row, lo, hi)
        if len(row):
            first, last = int(row[0]), int(row[-1]) + 1
            counts[first:last] += np.bincount(
                (row - first).astype(np.intp, copy=False), found
            ).astype(np.int64)
    return counts


def _loose(split: Split, frame: Frame) -> bool:
    """Whether a row has too many runs to add them one by one."""
    return sum(rest.slots(frame) for rest, _ in split.others) > _FEW


def _too_long(frame: Frame) -> bool:
    return frame.q_offset + frame.n_queries > MAX_TOKENS


def _cut(
    within: Mask | None, frame: Frame, cut: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Return the diagonals that a mask by distance and a cut both keep; None for all."""
    if within is None:
        return cut
    kept = _distances(within, frame)
    return kept if cut is None else kept & cut


def split_over(mask: Mask, frame: Frame) -> Split | None:
    """Return the mask split by what decides, or None where that is no help in counting."""
    if mask.grain != 1 or _too_long(frame):
        return None
    split = Split.of(mask)
    by_distance = split.diagonal is not None or any(
        within is not None for _, within in split.others
    )
    return split if by_distance or split.stripes else None


def laid_out(
    split: Split, frame: Frame, cut: NDArray[np.bool_] | None = None
) -> tuple[Diagonals, list[Stripes]]:
    """Return the diagonals and the stripes of a mask over one text, for a `Grid`."""
    none = np.zeros(frame.n_queries + frame.n_keys - 1, dtype=np.bool_)
    kept = none if split.diagonal is None else _cut(split.diagonal, frame, cut)
    top = replace(frame, n_queries=1, q_offset=0)
    stripes = []
    for mask, within in split.stripes:
        keys = mark(mask.intervals(top, 0, 1), 0, frame.n_keys)[0]
        limit = _cut(within, frame, cut)
        where = None if limit is None else Diagonals.of(limit, frame.n_queries)
        stripes.append(Stripes(keys, where))
    return Diagonals.of(none if kept is None else kept, frame.n_queries), stripes


def pieces_by_rows(mask: Mask, frame: Frame) -> Iterator[tuple[int, Pieces]]:
    """Yield the first of some rows, and what they keep."""
    step = max(min(_CELLS // max(mask.cuts(frame), 1), _ROWS), 1)
    for first in range(0, frame.n_queries, step):
        yield first, mask.pieces(frame, first, min(first + step, frame.n_queries))


def _distances(mask: Mask, frame: Frame) -> NDArray[np.bool_]:
    """Whether a mask by distance keeps each diagonal, from that of the last key alone on."""
    end = frame.q_offset + frame.n_queries
    back = mark(mask.intervals(Frame(1, end, end - 1), 0, 1), 0, end)[0]
    ahead = mark(mask.intervals(Frame(1, frame.n_keys), 0, 1), 0, frame.n_keys)[0]
    kept: NDArray[np.bool_] = np.concatenate([ahead[:0:-1], back[::-1]])[frame.q_offset :]
    return kept


def _by_rows(mask: Mask, frame: Frame) -> Iterator[NDArray[np.int64]]:
    """Count the keys of rows, those of rows that are alike once."""
    size = mask.grain or frame.q_offset + frame.n_queries
    blocks = frame.blocks(size)
    step = max(min(_CELLS // max(mask.cuts(blocks), 1), _ROWS), 1)
    for first in range(0, blocks.n_queries, step):
        counts = mask.counts(blocks, first, min(first + step, blocks.n_queries))
        yield repeat(counts, _heights(frame, blocks, first, first + len(counts)))


def _heights(frame: Frame, blocks: Frame, first: int, last: int) -> NDArray[np.int64]:
    """How many queries each block of positions has."""
    starts = blocks.positions(first, last) - frame.q_offset
    heights: NDArray[np.int64] = np.minimum(starts + blocks.step, frame.n_queries) - np.maximum(
        starts, 0
    )
    return heights


def _runs(mask: Mask, frame: Frame) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Yield the runs of kept keys of all rows, not many at once: row, first key, end."""
    blocks = frame.blocks(mask.grain)
    step = max(min(_CELLS // (mask.slots(frame) + 1), _ROWS) // blocks.step, 1)
    for first in range(0, blocks.n_queries, step):
        last = min(first + step, blocks.n_queries)
        lo, hi = mask.intervals(blocks, first, last)
        block, slot = np.nonzero(hi > lo)
        heights = _heights(frame, blocks, first, last)[block]
        starts = np.maximum(blocks.positions(first, last) - frame.q_offset, 0)[block]
        within = np.arange(heights.sum()) - repeat(np.cumsum(heights) - heights, heights)
        kept = (lo[block, slot], hi[block, slot]) if len(block) else (block, block)
        yield repeat(starts, heights) + within, *(repeat(part, heights) for part in kept)
