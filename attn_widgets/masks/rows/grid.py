"""Touched tiles of a union: diagonals, columns within diagonals, and whatever else adds to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.masks.rows.wide import repeat, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from attn_widgets.masks.rows.diagonals import Diagonals

    Bools: TypeAlias = NDArray[np.bool_]
    Ints: TypeAlias = NDArray[np.int64]
    Labelled: TypeAlias = tuple[Ints, list[Bools]]

_FEW = 32
_CELLS = 2**19


@dataclass(frozen=True, slots=True, eq=False)
class Stripes:
    """Keys that count in every row, where the distance lets them.

    Parameters
    ----------
    keys : numpy.ndarray
        bool, ``(n_keys,)``.
    within : Diagonals or None
        Where they count; None for everywhere.
    """

    keys: NDArray[np.bool_]
    within: Diagonals | None


@dataclass(frozen=True, slots=True, eq=False)
class _Class:
    """Columns of tiles alike in what they add to the diagonals.

    `added` is a boolean per diagonal of whole tiles, `columns` their numbers, sorted.
    """

    added: NDArray[np.bool_]
    columns: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """The tiles that a grid does not touch.

    Parameters
    ----------
    rows, columns : int
        Whole rows and columns of tiles.
    before : numpy.ndarray
        int32: how many of the first 0, 1, ... diagonals of whole tiles are free.
    classes : tuple
        Columns that take some of these.
    edge : numpy.ndarray
        int32: how many of the first 0, 1, ... tiles are free in a row cut by the edge.
    last_column : numpy.ndarray
        bool, ``(rows,)``: whether the tile cut by the edge is touched.
    """

    rows: int
    columns: int
    before: NDArray[np.int32]
    classes: tuple[_Class, ...]
    edge: NDArray[np.int32]
    last_column: NDArray[np.bool_]

    def counts(
        self, row: NDArray[np.int64], lo: NDArray[np.int64], hi: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return how many free tiles each run ``lo..hi`` of a row holds: int64, ``(runs,)``."""
        count = np.zeros(len(row), dtype=np.int64)
        cut = row == self.rows
        count[cut] = self.edge[hi[cut]] - self.edge[lo[cut]] if cut.any() else 0
        inner = np.flatnonzero(~cut)
        row, lo, hi = row[inner], lo[inner], hi[inner]
        beyond = np.flatnonzero(hi > self.columns)
        count[inner[beyond]] += ~self.last_column[row[beyond]]
        hi = np.minimum(hi, self.columns)
        count[inner] += self.before[row - lo + self.columns]
        count[inner] -= self.before[row - hi + self.columns]
        for part in self.classes:
            shifted = row + self.columns - 1
            count[inner] -= _within_runs(part.columns, part.added, shifted, lo, hi)
        return count


class Grid:
    """The tiles of one side that diagonals and stripes touch; pairs where the side is 1.

    Whole tiles of one column depend on the distance alone, ``touched[I, J] = U_J[I - J]``, and most
    columns share their ``U``. So a row is counted as the diagonals' part, by a running sum, and for
    each class of columns a correlation with what it adds. Tiles cut by an edge are written out.

    Parameters
    ----------
    diagonals : Diagonals
        What the distance alone keeps; perhaps nothing.
    stripes : sequence of Stripes
        What is kept besides.
    side : int
        Side of the tiles.
    """

    def __init__(self, diagonals: Diagonals, stripes: Sequence[Stripes], side: int) -> None:
        self._side = side
        self._n_queries, self._n_keys = diagonals.n_queries, diagonals.n_keys
        self._rows, self._columns = self._n_queries // side, self._n_keys // side
        self._base = _alike(diagonals, side)
        self._before = _summed(self._base)
        self._classes = self._classified(stripes)
        self._last_row = self._cut_row(diagonals, stripes)
        self._last_column = self._cut_column(diagonals, stripes)

    def counts(self) -> NDArray[np.int64]:
        """Return the tiles touched in each row of tiles: int64, ``(rows of tiles,)``."""
        rows, columns = self._rows, self._columns
        counts = np.subtract(self._before[columns:], self._before[:rows], dtype=np.int64)
        for part in self._classes:
            counts += _correlated(part, rows, columns)
        counts += self._last_column
        return np.append(counts, self._last_row.sum()) if len(self._last_row) else counts

    def rest(self, within: NDArray[np.bool_] | None = None) -> Rest:
        """Return what is not touched yet, to count runs of it.

        Parameters
        ----------
        within : numpy.ndarray, optional
            bool, a value per diagonal of whole tiles: count only there. For a side of 1.
        """
        free = ~self._base if within is None else within & ~self._base
        cut = [
            part if within is None else _Class(part.added & within, part.columns)
            for part in self._classes
        ]
        classes = tuple(part for part in cut if part.added.any())
        edge = _summed(~self._last_row)
        return Rest(self._rows, self._columns, _summed(free), classes, edge, self._last_column)

    def _classified(self, stripes: Sequence[Stripes]) -> list[_Class]:
        """Group the columns of whole tiles by what the stripes add there to the diagonals."""
        if not stripes:
            return []
        labels, tables = reduce(_together, map(self._labelled, stripes))
        added = [table & ~self._base for table in tables]
        found = ((kind, np.flatnonzero(labels == kind)) for kind in range(len(added)))
        return [_Class(added[kind], at) for kind, at in found if len(at) and added[kind].any()]

    def _labelled(self, part: Stripes) -> Labelled:
        """Return a label per column of whole tiles, and the touched diagonals of each label."""
        marks = part.keys[: self._columns * self._side].reshape(self._columns, self._side)
        labels: Ints = np.any(marks, axis=1).astype(np.int64)
        tables = [np.zeros_like(self._base), np.ones_like(self._base)]
        if part.within is None or not labels.any():
            return labels, tables
        at = np.flatnonzero(labels)
        packed = np.packbits(marks[at], axis=1)
        as_bytes = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
        _, first, kind = np.unique(as_bytes, return_index=True, return_inverse=True)
        numbers: dict[bytes, int] = {tables[0].tobytes(): 0}
        tables = tables[:1]
        wanted = np.empty(len(first), dtype=np.int64)
        for number, example in enumerate(at[first]):
            table = np.zeros_like(self._base)
            for lo, hi in _runs(marks[example]):
                table |= _alike(part.within, self._side, lo, hi)
            wanted[number] = numbers.setdefault(table.tobytes(), len(numbers))
            if len(numbers) > len(tables):
                tables.append(table)
        labels[at] = wanted[kind]
        return labels, tables

    def _cut_row(self, diagonals: Diagonals, stripes: Iterable[Stripes]) -> Bools:
        """Whether the tiles of the last row are touched, where the edge cuts it; else nothing."""
        high, top = self._n_queries % self._side, self._rows * self._side
        if not high:
            return np.zeros(0, dtype=np.bool_)
        left = np.arange(0, self._n_keys, self._side, dtype=np.int64)
        widths = np.minimum(self._n_keys - left, self._side)
        touched = diagonals.meets(top, left, high, widths)
        for part in stripes:
            keys = np.flatnonzero(part.keys)
            if part.within is not None:
                keys = keys[part.within.meets(top, keys, high, 1)]
            touched[keys // self._side] = True
        return touched

    def _cut_column(self, diagonals: Diagonals, stripes: Iterable[Stripes]) -> Bools:
        """Whether the tiles of the last column are touched in whole rows, where an edge cuts it."""
        wide, left = self._n_keys % self._side, self._columns * self._side
        top = np.arange(self._rows, dtype=np.int64) * self._side
        if not wide:
            return np.zeros(self._rows, dtype=np.bool_)
        touched = diagonals.meets(top, left, self._side, wide)
        for part in stripes:
            for lo, hi in _runs(part.keys[left:]):
                touched |= part.within is None or part.within.meets(
                    top, left + lo, self._side, hi - lo
                )
        return touched


def _alike(diagonals: Diagonals, side: int, lo: int = 0, hi: int | None = None) -> Bools:
    """Whether whole tiles hold a kept pair, in their columns ``lo..hi``, per diagonal of tiles."""
    rows, columns = diagonals.n_queries // side, diagonals.n_keys // side
    away = np.arange(1 - columns, rows, dtype=np.int64) * side
    if not rows or not columns:
        return np.zeros(max(rows + columns - 1, 0), dtype=np.bool_)
    return diagonals.meets(away, lo, side, (side if hi is None else hi) - lo)


def _together(one: Labelled, other: Labelled) -> Labelled:
    """Label columns by both labels, of those pairs that occur."""
    found, labels = np.unique(one[0] * len(other[1]) + other[0], return_inverse=True)
    pairs = (divmod(int(code), len(other[1])) for code in found)
    return labels, [one[1][mine] | other[1][theirs] for mine, theirs in pairs]


def _correlated(part: _Class, rows: int, columns: int) -> Ints:
    """Sum what a class adds, over its columns, for each row of tiles.

    Few runs of columns are summed one by one, many by a Fourier transform. That is exact: the sums
    are whole numbers below 2**24, its error below 1e-6.
    """
    marks = np.zeros(columns, dtype=np.bool_)
    marks[part.columns] = True
    runs = _runs(marks)
    if len(runs) <= _FEW:
        before = _summed(part.added)
        total = np.zeros(rows, dtype=np.int64)
        for lo, hi in runs:
            total += before[columns - lo : columns - lo + rows]
            total -= before[columns - hi : columns - hi + rows]
        return total
    size = 1 << (rows + columns - 2).bit_length()
    spectrum = np.fft.rfft(marks[::-1], size).conj()
    spectrum *= np.fft.rfft(part.added, size)
    sums: Ints = np.rint(np.fft.irfft(spectrum, size)[:rows]).astype(np.int64)
    return sums


def _within_runs(columns: Ints, added: Bools, shifted: Ints, lo: Ints, hi: Ints) -> Ints:
    """Count, per run, the columns in it whose diagonal is marked; a run may hold many."""
    first = np.searchsorted(columns, lo)
    many: Ints = np.maximum(np.searchsorted(columns, hi) - first, 0)
    if added.all():
        return many
    total = np.zeros(len(lo), dtype=np.int64)
    for start, stop in _shares(many):
        size = many[start:stop]
        run = repeat(np.arange(start, stop), size)
        place = np.arange(len(run)) - repeat(np.cumsum(size) - size, size) + first[run]
        hit = added[shifted[run] - columns[place]]
        total[start:stop] = tally(run[hit] - start, stop - start)
    return total


def _shares(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Cut a list into stretches whose sizes add up to few, one at least."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        done = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, done + _CELLS, side="right")), start + 1)
        yield start, stop
        start = stop


def _summed(marks: Bools) -> NDArray[np.int32]:
    before = np.zeros(len(marks) + 1, dtype=np.int32)
    np.cumsum(marks, out=before[1:])
    return before


def _runs(marks: Bools) -> list[tuple[int, int]]:
    steps = np.diff(marks.view(np.int8), prepend=np.int8(0), append=np.int8(0))
    lo, hi = np.flatnonzero(steps > 0), np.flatnonzero(steps < 0)
    return list(zip(lo.tolist(), hi.tolist(), strict=True))
