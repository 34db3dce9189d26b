"""What a block-sparse kernel pays: the square tiles a mask touches, and how full they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.limits import whole
from attn_widgets.masks.measures.alternatives import alternatives
from attn_widgets.masks.measures.bands import band_of, block_form, column_form, whole_blocks
from attn_widgets.masks.rows.intervals import Intervals, complement, union
from attn_widgets.masks.rows.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame

    Change: TypeAlias = Callable[[Intervals], Intervals]

BLOCKS = (16, 32, 64, 128)
"""Tile sides that are counted unless others are asked for, in tokens."""

_CELLS = 2**19
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
    diagonals = bound.diagonals()
    counts = (
        _touched(bound, set(sides))
        if diagonals is None
        else {side: diagonals.tiles(side) for side in sides}
    )
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
    """Count tiles by the parts of a union, each found in its own way."""
    counts = dict.fromkeys(sides, 0)
    pieces = alternatives(bound.mask)
    found = [column_form(piece, bound.frame) for piece in pieces]
    columns = [form for form in found if form is not None]
    others = [piece for piece, form in zip(pieces, found, strict=True) if form is None]
    for chain in _chains(sides):
        for first, last, finest in _block_chunks(others, bound.frame, chain[0], chain[-1]):
            rows, done = finest, chain[0]
            for side in chain:
                rows, done = _coarser(rows, side // done, side // done), side
                shared = [form(side, first, last) for form in columns]
                counts[side] += _counted(rows, shared)
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
    step = max(_CELLS * block // (slots * align), 1) * align
    for first in range(0, frame.n_queries, step):
        last = min(first + step, frame.n_queries)
        none = np.zeros((-(-(last - first) // block), 1), dtype=np.int64)
        parts = [form(block, first, last) for form in forms if form is not None]
        parts += [_joined(list(_by_rows(piece, block, first, last))) for piece in by_rows]
        yield first, last, union(parts or [(none, none)])


def _counted(rows: Intervals, shared: list[Pieces]) -> int:
    if not shared:
        return int((rows[1] - rows[0]).sum())
    touched = Pieces.from_intervals(rows, shared[0].n_keys)
    for pieces in shared:
        touched |= pieces
    return int(touched.counts().sum())


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
    """Merge each `height` rows into one, and count keys in blocks of `block`."""
    short = -len(rows[0]) % height
    lo, hi = (np.pad(part, ((0, short), (0, 0)), mode="edge") for part in rows)
    lo, hi = lo // block, np.where(hi > lo, -(-hi // block), lo // block)
    lo, hi = (part.reshape(-1, height, part.shape[1]) for part in (lo, hi))
    kept = hi > lo
    meets = np.maximum(lo[:, 1:], lo[:, :-1]) <= np.minimum(hi[:, 1:], hi[:, :-1])
    chained = kept.all(axis=1) & meets.all(axis=1)
    simple = np.all(chained | ~kept.any(axis=1), axis=1)
    start = lo.min(axis=1)
    hull = union([(start, np.where(chained, hi.max(axis=1), start))])
    broken = np.flatnonzero(~simple)
    if not len(broken):
        return hull
    merged = union([(lo[broken].reshape(len(broken), -1), hi[broken].reshape(len(broken), -1))])
    width = max(hull[0].shape[1], merged[0].shape[1])
    out = _widened(hull, width)
    for whole_part, mended in zip(out, _widened(merged, width), strict=True):
        whole_part[broken] = mended
    return out


def _side(block: int) -> int:
    return whole("the side of a tile", block, 1, _LARGEST)
