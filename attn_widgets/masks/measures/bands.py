"""Masks whose blocks are known in closed form: windows, and chosen tokens within a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.masks.limits import MAX_INT
from attn_widgets.masks.operators import And, Or
from attn_widgets.masks.patterns.anchors import GlobalCols, GlobalRows, Sink
from attn_widgets.masks.patterns.stride import Residue
from attn_widgets.masks.patterns.windows import Causal, Dilated, Full, Local
from attn_widgets.masks.rows.wide import tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.rows.intervals import Intervals

    Runs: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]

    BlockForm: TypeAlias = Callable[[int, int, int], Intervals]


@dataclass(frozen=True, slots=True)
class Band:
    """Query ``i`` sees the keys ``i - left <= j <= i + right``, and always its own place."""

    left: int
    right: int


def band_of(mask: Mask) -> Band | None:
    """Return the mask as one band, or None if it is more than that.

    Windows, `causal` and `full` are bands; as each holds the query's own place, so are their
    unions and intersections.
    """
    match mask:
        case Full():
            return Band(MAX_INT, MAX_INT)
        case Causal():
            return Band(MAX_INT, 0)
        case Local(left, right):
            return Band(left, right)
        case Or(of) | And(of):
            bands = [band_of(part) for part in of]
            found = [band for band in bands if band is not None]
            if len(found) < len(bands):
                return None
            widest = max if isinstance(mask, Or) else min
            return Band(widest(b.left for b in found), widest(b.right for b in found))
    return None


def block_form(mask: Mask, frame: Frame) -> BlockForm | None:  # noqa: PLR0911 - one return per kind
    """Return the function that finds the blocks a mask touches, or None if it must be counted.

    Returns
    -------
    callable or None
        ``form(block, first, last)``: for each block of the queries ``first..last``, the blocks of
        keys it touches, as intervals; `first` a multiple of `block`.
    """
    others, band = _within(mask)
    match others:
        case []:
            return lambda *span: _window(frame, band, *span)
        case [Sink(k)]:
            first_keys = np.zeros(1, dtype=np.int64), np.full(1, k, dtype=np.int64)
            return lambda *span: _columns(frame, first_keys, band, *span)
        case [GlobalCols(tokens)]:
            keys = _runs(frame.locate(tokens))
            return lambda *span: _columns(frame, keys, band, *span)
        case [GlobalRows(tokens)]:
            places = frame.locate(tokens)
            return lambda *span: _rows(frame, places, band, *span)
        case [Dilated(window, step)]:
            return lambda *span: _taps(frame, window, step, band, *span)
        case [Residue(step)]:
            return lambda *span: _taps(frame, MAX_INT, step, band, *span)
    return None


def whole_blocks(frame: Frame, band: Band, block: int) -> Intervals:
    """Blocks of keys that each block of queries sees whole, those cut by an edge left out."""
    first, last = _ends(frame, block, 0, frame.n_queries)
    width = frame.n_keys // block
    lo = np.minimum(-(-np.maximum(last - band.left, 0) // block), width)
    hi = np.minimum((first + band.right + 1) // block, width)
    uncut = last - first == block - 1
    return lo[:, None], np.where(uncut & (hi > lo), hi, lo)[:, None]


def _within(mask: Mask) -> tuple[list[Mask], Band]:
    """Split an intersection into what is no band, and the band around it."""
    parts = mask.of if isinstance(mask, And) else (mask,)
    bands = [band_of(part) for part in parts]
    others = [part for part, band in zip(parts, bands, strict=True) if band is None]
    limits = [band for band in bands if band is not None]
    left = min((band.left for band in limits), default=MAX_INT)
    right = min((band.right for band in limits), default=MAX_INT)
    return others, Band(left, right)


def _window(frame: Frame, band: Band, block: int, first: int, last: int) -> Intervals:
    start, end = _ends(frame, block, first, last)
    return _in_blocks(frame, block, (start - band.left)[:, None], (end + band.right + 1)[:, None])


def _columns(frame: Frame, keys: Runs, band: Band, block: int, first: int, last: int) -> Intervals:
    """Find the keys that some query of the block has within its band."""
    start, end = _ends(frame, block, first, last)
    lo = np.maximum(keys[0], (start - band.left)[:, None])
    hi = np.minimum(keys[1], (end + band.right + 1)[:, None])
    return _in_blocks(frame, block, lo, hi)


def _rows(
    frame: Frame, places: NDArray[np.int64], band: Band, block: int, first: int, last: int
) -> Intervals:
    """Find the bands of the chosen queries, where the block has some."""
    queries = places - frame.q_offset
    queries = queries[(queries >= first) & (queries < last)]
    row = (queries - first) // block
    count = tally(row, -(-(last - first) // block))
    slot = np.arange(len(row)) - (np.cumsum(count) - count)[row]
    lo = np.zeros((len(count), max(int(count.max()), 1)), dtype=np.int64)
    hi = lo.copy()
    lo[row, slot] = queries + frame.q_offset - band.left
    hi[row, slot] = queries + frame.q_offset + band.right + 1
    return _in_blocks(frame, block, lo, hi)


def _taps(
    frame: Frame, window: int, step: int, band: Band, block: int, first: int, last: int
) -> Intervals:
    """Find the keys at each tap: as many neighbours as the block has queries, `step` apart."""
    start, end = _ends(frame, block, first, last)
    before = min(window, band.left // step, int(end[-1]) // step)
    after = min(window, band.right // step, max(frame.n_keys - 1 - int(start[0]), 0) // step)
    if int((end - start).min()) + 1 >= step:
        return _window(frame, Band(before * step, after * step), block, first, last)
    taps = np.arange(-before, after + 1, dtype=np.int64) * step
    return _in_blocks(frame, block, start[:, None] + taps, end[:, None] + taps + 1)


def _in_blocks(frame: Frame, block: int, lo: NDArray[np.int64], hi: NDArray[np.int64]) -> Intervals:
    lo, hi = np.clip(lo, 0, frame.n_keys), np.clip(hi, 0, frame.n_keys)
    start = lo // block
    return start, np.where(hi > lo, -(-hi // block), start)


def _ends(frame: Frame, block: int, first: int, last: int) -> Runs:
    start = np.arange(first, last, block, dtype=np.int64)
    end = np.minimum(start + block, last) - 1
    return start + frame.q_offset, end + frame.q_offset


def _runs(keys: NDArray[np.int64]) -> Runs:
    breaks = np.flatnonzero(np.diff(keys) > 1)
    return np.r_[keys[:1], keys[breaks + 1]], np.r_[keys[breaks], keys[-1:]] + 1
