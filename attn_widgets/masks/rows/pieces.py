"""Rows cut into pieces, so that keys shared by many rows are held once.

A block of rows is cut at a few places of its own, ``cuts``; between two cuts a row keeps some set
of keys that rows share: none, all, the global columns, a residue class. Counting then costs a
few look-ups per row, however many columns there are. Closed under ``|``, ``&`` and ``~``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from attn_widgets.masks.rows import intervals
from attn_widgets.masks.rows.wide import repeat, tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from attn_widgets.masks.rows.intervals import Intervals


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """A set of keys: sorted, disjoint half-open intervals, ``lo`` and ``hi`` int64 ``(K,)``."""

    lo: NDArray[np.int64]
    hi: NDArray[np.int64]

    def within(self, first: int, last: int) -> Intervals:
        """Return the part in ``first..last``, as one row."""
        start = np.searchsorted(self.hi, first, side="right")
        stop = np.searchsorted(self.lo, last, side="left")
        lo, hi = self.lo[start:stop], self.hi[start:stop]
        return np.maximum(lo, first)[None], np.minimum(hi, last)[None]

    def covers(self, first: int, last: int) -> bool:
        """Whether one interval holds all of ``first..last``."""
        return len(self.lo) == 1 and self.lo[0] <= first and self.hi[0] >= last


_FEW: Final = 32

NONE = Keys(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
"""No keys."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What a block of rows keeps.

    Parameters
    ----------
    cuts : numpy.ndarray
        int64, ``(rows, m)``: where each row is cut, sorted, within ``0..n_keys``.
    labels : numpy.ndarray
        int64, ``(rows, m + 1)``, or ``(1, m + 1)`` where all rows agree: which of `sets` each piece
        is taken from.
    sets : tuple of Keys
        Sets of keys. Only their part inside the pieces labelled with them means anything.
    n_keys : int
        Number of keys.
    """

    cuts: NDArray[np.int64]
    labels: NDArray[np.int64]
    sets: tuple[Keys, ...]
    n_keys: int

    @classmethod
    def from_intervals(cls, part: Intervals, n_keys: int) -> Self:
        """Cut each row at both ends of its intervals."""
        lo, hi = part
        cuts = np.stack([lo, hi], axis=2).reshape(len(lo), -1)
        return cls(cuts, np.arange(cuts.shape[1] + 1)[None] % 2, (NONE, every(n_keys)), n_keys)

    @classmethod
    def shared(cls, keys: Keys, rows: int, n_keys: int) -> Self:
        """Give every row the same keys."""
        return cls.chosen(np.zeros(1, dtype=np.int64), (keys,), rows, n_keys)

    @classmethod
    def chosen(
        cls, labels: NDArray[np.int64], sets: tuple[Keys, ...], rows: int, n_keys: int
    ) -> Self:
        """Give each row one of a few sets."""
        return cls(np.empty((rows, 0), dtype=np.int64), labels[:, None], sets, n_keys)

    @classmethod
    def of_classes(
        cls,
        positions: NDArray[np.int64],
        step: int,
        n_keys: int,
        cuts: NDArray[np.int64] | None = None,
    ) -> Self:
        """Give each row the keys of its residue class, those between its two `cuts` if given."""
        classes, labels = np.unique(positions % step, return_inverse=True)
        first = int(cuts.min(initial=n_keys)) if cuts is not None else 0
        last = int(cuts.max(initial=0)) if cuts is not None else n_keys
        sets = []
        for rest in classes.tolist():
            keys = np.arange(first + (rest - first) % step, last, step, dtype=np.int64)
            sets.append(Keys(keys, keys + 1))
        if cuts is None:
            return cls.chosen(labels, tuple(sets), len(positions), n_keys)
        outside = np.zeros_like(labels)
        return cls(cuts, np.stack([outside, labels + 1, outside], axis=1), (NONE, *sets), n_keys)

    def counts(self) -> NDArray[np.int64]:
        """Return how many keys each row keeps: int64, ``(rows,)``."""
        rows, pieces = len(self.cuts), self.labels.shape[1]
        table = _Table(self.sets, self.n_keys)
        total = np.zeros(rows, dtype=np.int64)
        for piece in range(pieces):
            label = self.labels[:, piece]
            if len(label) == 1 and not len(self.sets[label[0]].lo):
                continue
            total += table.below(label, self._edge(piece + 1)) - table.below(
                label, self._edge(piece)
            )
        return total

    def _edge(self, piece: int) -> NDArray[np.int64]:
        """Where a piece begins, ``(rows,)`` or ``(1,)``."""
        if piece == 0:
            return np.zeros(1, dtype=np.int64)
        if piece > self.cuts.shape[1]:
            return np.full(1, self.n_keys, dtype=np.int64)
        return self.cuts[:, piece - 1]

    def __invert__(self) -> Pieces:
        """Keep what is not kept."""
        sets = tuple(_opposite(keys, self.n_keys) for keys in self.sets)
        return Pieces(self.cuts, self.labels, sets, self.n_keys)

    def __or__(self, other: Pieces) -> Pieces:
        """Keep what either keeps."""
        return _joined(self, other, _union)

    def __and__(self, other: Pieces) -> Pieces:
        """Keep what both keep."""
        return _joined(self, other, _intersection)


class _Table:
    """Sets of keys laid end to end, to count in many of them at once."""

    def __init__(self, sets: tuple[Keys, ...], n_keys: int) -> None:
        sizes = np.array([len(keys.lo) for keys in sets], dtype=np.int64)
        shift = repeat(np.arange(len(sets), dtype=np.int64) * (n_keys + 1), sizes)
        self._stride = n_keys + 1
        self._first = np.cumsum(sizes) - sizes
        lo = np.concatenate([keys.lo for keys in sets])
        hi = np.concatenate([keys.hi for keys in sets])
        self._kept = np.concatenate([[0], np.cumsum(hi - lo)])
        self._lo = lo + shift
        self._hi = np.concatenate([[0], hi + shift])

    def below(self, labels: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many members of each labelled set are below each key."""
        wanted = labels.astype(np.int64, copy=False) * self._stride + keys
        at = np.searchsorted(self._lo, wanted, side="left")
        excess = np.maximum(self._hi[at] - wanted, 0)
        count: NDArray[np.int64] = self._kept[at] - self._kept[self._first[labels]] - excess
        return count


def few(slots: int, step: int) -> bool:
    """Whether cutting rows at so many intervals costs less than sharing the keys of classes."""
    return slots == 1 or slots <= _FEW < step


def every(n_keys: int) -> Keys:
    """All keys."""
    return Keys(np.zeros(1, dtype=np.int64), np.full(1, n_keys, dtype=np.int64))


def _opposite(keys: Keys, n_keys: int) -> Keys:
    if not len(keys.lo):
        return every(n_keys)
    return _packed(intervals.complement((keys.lo[None], keys.hi[None]), n_keys))


def _union(one: Keys, other: Keys, first: int, last: int) -> Keys:
    """Return a set that is right within ``first..last``."""
    if not len(one.lo) or other.covers(first, last):
        return other
    if not len(other.lo) or one.covers(first, last):
        return one
    return _packed(intervals.union([one.within(first, last), other.within(first, last)]))


def _intersection(one: Keys, other: Keys, first: int, last: int) -> Keys:
    """Return a set that is right within ``first..last``."""
    if not len(one.lo) or other.covers(first, last):
        return one
    if not len(other.lo) or one.covers(first, last):
        return other
    return _packed(intervals.intersection(one.within(first, last), other.within(first, last), last))


def _packed(part: Intervals) -> Keys:
    lo, hi = part
    used = hi[0] > lo[0]
    return Keys(lo[0, used], hi[0, used]) if used.any() else NONE


def _joined(one: Pieces, other: Pieces, join: Callable[[Keys, Keys, int, int], Keys]) -> Pieces:
    """Cut at the cuts of both; join the two sets of every piece that some row really has."""
    cuts, left, right = _aligned(one, other)
    edge = np.zeros((len(cuts), 1), dtype=np.int64)
    starts = np.concatenate([edge, cuts], axis=1)
    ends = np.concatenate([cuts, edge + one.n_keys], axis=1)
    real: NDArray[np.bool_] = np.greater(ends, starts)
    pairs = left * len(other.sets) + right
    if len(pairs) == 1:
        starts, ends = starts.min(axis=0, keepdims=True), ends.max(axis=0, keepdims=True)
        real = np.any(real, axis=0, keepdims=True)
    pairs = np.broadcast_to(pairs, real.shape)
    found, codes = _coded(pairs[real], len(one.sets) * len(other.sets))
    first = np.full(len(found), one.n_keys, dtype=np.int64)
    last = np.zeros(len(found), dtype=np.int64)
    np.minimum.at(first, codes, starts[real])
    np.maximum.at(last, codes, ends[real])
    sets: dict[Keys, int] = {}
    numbers = np.empty(len(found), dtype=np.int64)
    mine, theirs = found // len(other.sets), found % len(other.sets)
    wanted = zip(mine, theirs, first, last, strict=True)
    for code, (a, b, low, high) in enumerate(wanted):
        keys = join(one.sets[a], other.sets[b], int(low), int(high))
        numbers[code] = sets.setdefault(keys, len(sets))
    labels = np.zeros_like(pairs)
    labels[real] = numbers[codes]
    for piece in range(1, labels.shape[1]):
        labels[:, piece] = np.where(real[:, piece], labels[:, piece], labels[:, piece - 1])
    return _trimmed(Pieces(cuts, labels, tuple(sets), one.n_keys))


def _coded(numbers: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different numbers below `size` that occur, and where each one is among them."""
    if size > numbers.size:
        return np.unique(numbers, return_inverse=True)
    found = np.flatnonzero(tally(numbers, size))
    place = np.zeros(size, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[numbers]


def _aligned(
    one: Pieces, other: Pieces
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the cuts of both, sorted, and the label that each side gives to every piece."""
    if not other.cuts.shape[1]:
        return one.cuts, one.labels, other.labels
    if not one.cuts.shape[1]:
        return other.cuts, one.labels, other.labels
    cuts = np.concatenate([one.cuts, other.cuts], axis=1)
    order = np.argsort(cuts, axis=1, kind="stable")
    if (order == order[:1]).all():
        order = order[:1]
    mine = np.cumsum(order < one.cuts.shape[1], axis=1)
    mine = np.concatenate([np.zeros((len(order), 1), dtype=np.int64), mine], axis=1)
    theirs = np.arange(mine.shape[1]) - mine
    return (
        np.take_along_axis(cuts, np.broadcast_to(order, cuts.shape), axis=1),
        _taken(one.labels, mine),
        _taken(other.labels, theirs),
    )


def _taken(labels: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = max(len(labels), len(at))
    wide = np.broadcast_to(labels, (rows, labels.shape[1]))
    return np.take_along_axis(wide, np.broadcast_to(at, (rows, at.shape[1])), axis=1)


def _trimmed(pieces: Pieces) -> Pieces:
    """Drop the cuts where no row changes its set."""
    labels = pieces.labels
    changes = np.flatnonzero((labels[:, 1:] != labels[:, :-1]).any(axis=0))
    if len(changes) == pieces.cuts.shape[1]:
        return pieces
    kept = np.concatenate([[0], changes + 1])
    return Pieces(pieces.cuts[:, changes], labels[:, kept], pieces.sets, pieces.n_keys)
