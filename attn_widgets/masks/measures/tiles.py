"""What a block-sparse kernel pays: the square tiles a mask touches, and how full they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.counting import laid_out, split_over
from attn_widgets.masks.limits import whole
from attn_widgets.masks.measures.alternatives import alternatives
from attn_widgets.masks.measures.bands import band_of, block_form, whole_blocks
from attn_widgets.masks.rows.grid import Grid
from attn_widgets.masks.rows.intervals import Intervals, complement, union
from attn_widgets.masks.rows.wide import repeat, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame

    Change: TypeAlias = Callable[[Intervals], Intervals]

BLOCKS = (16, 32, 64, 128)
"""Tile sides that are counted unless others are asked for, in tokens."""

_CELLS = 2**19
_LOOSE = 4
_FEW = 4
_LARGEST = 2**16


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of one side that a mask touches.

    Parameters
    ----------
    block : int
        Side of a tile, in tokens.
    touched : int
        Tiles with at least one kept pair.
    total : int
        Tiles of the whole matrix, those cut by its edge included.
    nnz : int
        Pairs the mask keeps.
    """

    block: int
    touched: int
    total: int
    nnz: int

    @property
    def density(self) -> float:
        """Share of all tiles that are touched."""
        return self.touched / self.total

    @property
    def pairs(self) -> int:
        """Pairs a kernel computes that skips untouched tiles and no others."""
        return self.touched * self.block**2

    @property
    def fill(self) -> float:
        """Share of the pairs in touched tiles that the mask keeps; 0 where none is touched."""
        return self.nnz / self.pairs if self.touched else 0.0


def count_tiles(
    bound: BoundMask, blocks: Iterable[int] = BLOCKS, nnz: int | None = None
) -> tuple[Tiles, ...]:
    """Count the tiles that a mask touches, for several sides, without the matrix.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text.
    blocks : iterable of int
        Sides of the tiles, 1 to 65536 tokens.
    nnz : int, optional
        Pairs the mask keeps, where they have been counted before.

    Returns
    -------
    tuple of Tiles
        One per side, in the order asked.

    Raises
    ------
    MaskError
        If a side is not a whole number within the range.
    """
    sides = [_side(block) for block in blocks]
    kept = bound.nnz() if nnz is None else nnz
    counts = _touched(bound, set(sides))
    return tuple(
        Tiles(side, counts[side], -(-bound.n_queries // side) * -(-bound.n_keys // side), kept)
        for side in sides
    )


def block_rows(bound: BoundMask, block: int) -> Intervals:
    """Return the blocks of keys that each block of queries touches.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text.
    block : int
        Side of the square blocks, in tokens.

    Returns
    -------
    lo, hi : numpy.ndarray
        int64, ``(blocks of queries, K)``: half-open intervals of blocks of keys, sorted and
        disjoint along a row. What a union touches is the union of what its parts touch, so these
        are found part by part; windows need no look at single rows.
    """
    side = _side(block)
    chunks = _block_chunks(alternatives(bound.mask), bound.frame, side, side)
    return _joined([blocks for _, _, blocks in chunks])


def full_block_rows(bound: BoundMask, block: int) -> Intervals:
    """Return the blocks of keys that each block of queries sees whole.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text.
    block : int
        Side of the square blocks, in tokens.

    Returns
    -------
    lo, hi : numpy.ndarray
        int64, ``(blocks of queries, K)``, as in `block_rows`. Blocks cut by the edge of the matrix
        are never among them.
    """
    side = _side(block)
    band = band_of(bound.mask)
    if band is not None:
        return whole_blocks(bound.frame, band, side)
    gaps = _by_rows(bound, side, 0, bound.n_queries, lambda rows: complement(rows, bound.n_keys))
    width = bound.n_keys // side
    lo, hi = (np.minimum(part, width) for part in _joined(list(gaps)))
    lo, hi = complement((lo, hi), width)
    uncut = (np.arange(len(lo)) < bound.n_queries // side)[:, None]
    return lo, np.where(uncut, hi, lo)


def _touched(bound: BoundMask, sides: set[int]) -> dict[int, int]:
    """Count tiles: those of diagonals and stripes, and for each row what other parts add."""
    split = split_over(bound.mask, bound.frame)
    if split is None:
        others = alternatives(bound.mask)
        grids: dict[int, Grid] = {}
    else:
        others = [] if split.rest is None else alternatives(split.rest)
        parts = laid_out(split, bound.frame)
        grids = {side: Grid(*parts, side) for side in sides}
    counts = {side: int(grid.counts().sum()) for side, grid in grids.items()}
    free = {side: grid.rest() for side, grid in grids.items()}
    for chain in _chains(sides) if others else ():
        for first, _, finest in _block_chunks(others, bound.frame, chain[0], chain[-1]):
            (lo, hi), done = finest, chain[0]
            for side in chain:
                (lo, hi), done = _coarser((lo, hi), side // done, side // done), side
                found = hi - lo
                if free:
                    row, slot = np.nonzero(found)
                    found = free[side].counts(row + first // side, lo[row, slot], hi[row, slot])
                counts[side] = counts.get(side, 0) + int(found.sum())
    return counts


def _chains(sides: set[int]) -> list[list[int]]:
    """Order sides into chains in which each divides the next."""
    chains: list[list[int]] = []
    for side in sorted(sides):
        fitting = [chain for chain in chains if side % chain[-1] == 0]
        if fitting:
            fitting[0].append(side)
        else:
            chains.append([side])
    return chains


def _block_chunks(
    pieces: list[Mask], frame: Frame, block: int, align: int
) -> Iterator[tuple[int, int, Intervals]]:
    """Blocks touched, for runs of queries that are whole multiples of `align`, but the last."""
    forms = [block_form(piece, frame) for piece in pieces]
    rest = [piece for piece, form in zip(pieces, forms, strict=True) if form is None]
    by_rows = [BoundMask(piece, frame) for piece in rest]
    slots = sum(piece.slots(frame) for piece in pieces) + 1
    loose = sum(piece.slots(frame) for piece in rest) + 1
    step = max(min(_CELLS * block // slots, _CELLS * _LOOSE // loose) // align, 1) * align
    for first in range(0, frame.n_queries, step):
        last = min(first + step, frame.n_queries)
        none = np.zeros((-(-(last - first) // block), 1), dtype=np.int64)
        found = [form(block, first, last) for form in forms if form is not None]
        looked = [_joined(list(_by_rows(piece, block, first, last))) for piece in by_rows]
        if looked and not looked[1:] and not found:
            yield first, last, looked[0]
        else:
            yield first, last, union([*found, *looked] or [(none, none)])


def _by_rows(
    bound: BoundMask, block: int, first: int, last: int, change: Change = lambda rows: rows
) -> Iterator[Intervals]:
    alike = math.gcd(bound.mask.grain, block, bound.q_offset)
    frame = bound.frame.blocks(alike)
    first, last, height = first // alike, -(-last // alike), block // alike
    most = min(_CELLS // (bound.mask.slots(frame) + 1), _LARGEST)
    step = max(most // height, 1) * height
    for start in range(first, last, step):
        rows = bound.mask.intervals(frame, start, min(start + step, last))
        yield _coarser(change(rows), height, block)


def _joined(chunks: list[Intervals]) -> Intervals:
    width = max(lo.shape[1] for lo, _ in chunks)
    wide = [_widened(part, width) for part in chunks]
    return np.concatenate([lo for lo, _ in wide]), np.concatenate([hi for _, hi in wide])


def _widened(part: Intervals, width: int) -> Intervals:
    lo, hi = part
    empty = np.repeat(hi[:, -1:], width - hi.shape[1], axis=1)
    return np.concatenate([lo, empty], axis=1), np.concatenate([hi, empty], axis=1)


def _coarser(rows: Intervals, height: int, block: int) -> Intervals:
    """Merge each `height` rows into one, and count keys in blocks of `block`.

    All runs lie on one line, row after row. A gap opens before the k-th start where k runs have
    ended, so starts and ends are sorted apart.
    """
    lo, hi = rows
    count = -(-len(lo) // height)
    if lo.shape[1] > _FEW and not np.greater(hi - lo, 1).any():
        return _single(rows, height, block)
    row, slot = np.nonzero(hi > lo)
    if not len(row):
        empty = np.zeros((count, 1), dtype=np.int64)
        return empty, empty.copy()
    row = row.astype(np.int64)
    beyond = -(-int(hi.max()) // block)
    width = beyond + 1
    line = row // height * width
    start = np.sort(line + lo[row, slot] // block)
    end = np.sort(line - -hi[row, slot] // block)
    opens = np.flatnonzero(np.append(True, start[1:] > end[:-1]))
    start, end = start[opens], end[np.append(opens[1:], len(end)) - 1]
    row = start // width
    counts = tally(row, count)
    place = np.arange(len(row)) - repeat(np.cumsum(counts) - counts, counts)
    last = end - row * width
    merged = np.full((2, count, int(counts.max())), beyond, dtype=np.int64)
    merged[0, row, place], merged[1, row, place] = start - row * width, last
    return merged[0], merged[1]


def _single(rows: Intervals, height: int, block: int) -> Intervals:
    """As `_coarser`, of runs of one key: one sort and nothing to merge."""
    lo, hi = rows
    end = int(hi.max(initial=0))
    keys = np.where(hi > lo, lo, end + block).astype(np.int32)
    keys = np.pad(keys, ((0, -len(keys) % height), (0, 0)), constant_values=end + block)
    keys = np.sort(keys.reshape(-1, height * keys.shape[1]) // block, axis=1)
    new = keys <= end // block
    new[:, 1:] &= keys[:, 1:] > keys[:, :-1]
    start = np.minimum(keys + ~new, -(-end // block)).astype(np.int64)
    return start, start + new


def _side(block: int) -> int:
    return whole("the side of a tile", block, 1, _LARGEST)
