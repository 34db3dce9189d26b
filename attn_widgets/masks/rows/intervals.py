"""Algebra on rows of half-open key intervals.

A block of rows is a pair ``(lo, hi)`` of int64 arrays, both ``(rows, slots)``. Row ``r`` keeps the
keys of ``[lo[r, s], hi[r, s])`` over its slots; ``lo == hi`` is an empty slot. Along a row the
slots are sorted and disjoint: ``hi[r, s] <= lo[r, s + 1]``.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from attn_widgets.masks.rows.wide import repeat, tally

Intervals: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]


def single(lo: NDArray[np.int64], hi: NDArray[np.int64], n_keys: int) -> Intervals:
    """One interval per row, clipped to the ``n_keys`` keys there are."""
    start = np.clip(lo, 0, n_keys)
    return start[:, None], np.maximum(np.clip(hi, 0, n_keys), start)[:, None]


def union(parts: list[Intervals]) -> Intervals:
    """Keys kept by any part."""
    lo = np.concatenate([part[0] for part in parts], axis=1)
    hi = np.concatenate([part[1] for part in parts], axis=1)
    order = np.argsort(lo, axis=1, kind="stable")
    lo = np.take_along_axis(lo, order, axis=1)
    hi = np.take_along_axis(hi, order, axis=1)
    reached = np.maximum.accumulate(hi, axis=1)
    lo[:, 1:] = np.maximum(lo[:, 1:], reached[:, :-1])
    return pack((lo, reached))


def intersection(one: Intervals, other: Intervals, n_keys: int) -> Intervals:
    """Keys kept by both parts."""
    if one[0].shape[1] == 1 or other[0].shape[1] == 1:
        lo = np.maximum(one[0], other[0])
        return pack((lo, np.maximum(np.minimum(one[1], other[1]), lo)))
    gaps = union([complement(one, n_keys), complement(other, n_keys)])
    return complement(gaps, n_keys)


def complement(part: Intervals, n_keys: int) -> Intervals:
    """Keys of ``0..n_keys`` the part does not keep."""
    lo, hi = part
    edge = np.zeros((lo.shape[0], 1), dtype=np.int64)
    starts = np.concatenate([edge, hi], axis=1)
    ends = np.concatenate([lo, edge + n_keys], axis=1)
    return pack((starts, ends))


def pack(part: Intervals) -> Intervals:
    """Drop the slots that no row uses, keeping at least one."""
    lo, hi = part
    used = np.flatnonzero((hi > lo).any(axis=0))
    if len(used) == lo.shape[1]:
        return part
    columns = used if len(used) else [0]
    return lo[:, columns], hi[:, columns]


def from_marks(marks: NDArray[np.bool_]) -> Intervals:
    """Return the runs of true keys, ``marks`` being ``(rows, keys)``; the opposite of `mark`."""
    rows, width = marks.shape
    edge = np.zeros((rows, 1), dtype=np.int8)
    steps = np.diff(marks.astype(np.int8), axis=1, prepend=edge, append=edge)
    row, lo = np.nonzero(steps > 0)
    hi = np.nonzero(steps < 0)[1]
    counts = tally(row, rows)
    place = np.arange(len(row)) - repeat(np.cumsum(counts) - counts, counts)
    los, his = np.full((2, rows, max(int(counts.max(initial=0)), 1)), width, dtype=np.int64)
    los[row, place], his[row, place] = lo, hi
    return los, his


def mark(part: Intervals, first: int, last: int) -> NDArray[np.bool_]:
    """Keys ``first..last`` as booleans, ``(rows, last - first)``."""
    lo, hi = part
    rows, width = lo.shape[0], last - first
    if lo.shape[1] == 1:
        keys = np.arange(first, last)
        return (keys >= lo) & (keys < hi)
    line = np.arange(rows, dtype=np.int64)[:, None] * (width + 1)
    size = rows * (width + 1)
    opened = tally((line + np.clip(lo - first, 0, width)).ravel(), size)
    closed = tally((line + np.clip(hi - first, 0, width)).ravel(), size)
    balance = (opened - closed).reshape(rows, width + 1)[:, :width]
    return np.cumsum(balance, axis=1) > 0
