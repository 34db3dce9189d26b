"""Pairs kept by their distance alone: rows and tiles counted from one running sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Diagonals:
    """A matrix that is the same all along each diagonal.

    Parameters
    ----------
    n_queries, n_keys : int
        Its rows and columns.
    before : numpy.ndarray
        int32, ``(n_queries + n_keys,)``: how many are kept of the first 0, 1, ... diagonals, from
        the one of the last key alone to the one of the last query alone.
    """

    n_queries: int
    n_keys: int
    before: NDArray[np.int32]

    @classmethod
    def of(cls, kept: NDArray[np.bool_], n_queries: int) -> Diagonals:
        """Take the diagonals as booleans, ``(n_queries + n_keys - 1,)``."""
        before = np.zeros(len(kept) + 1, dtype=np.int32)
        np.cumsum(kept, out=before[1:])
        return cls(n_queries, len(before) - n_queries, before)

    def counts(self) -> NDArray[np.int64]:
        """Return how many keys each row keeps: int64, ``(n_queries,)``."""
        through, until = self.before[self.n_keys :], self.before[: self.n_queries]
        return np.subtract(through, until, dtype=np.int64)

    def tiles(self, side: int) -> int:
        """Return how many square tiles of `side` hold a kept pair, those cut by an edge included.

        Whole tiles are alike along diagonals of tiles, so one of each is looked at.
        """
        rows, columns = self.n_queries // side, self.n_keys // side
        away = np.arange(1 - columns, rows, dtype=np.int64)
        alike = np.minimum(rows, columns + away) - np.maximum(away, 0)
        count = int(alike[self._touched(away * side, 0, side, side)].sum()) if rows else 0
        if high := self.n_queries % side:
            left = np.arange(0, self.n_keys, side, dtype=np.int64)
            widths = np.minimum(self.n_keys - left, side)
            count += int(self._touched(rows * side, left, high, widths).sum())
        if wide := self.n_keys % side:
            top = np.arange(rows, dtype=np.int64) * side
            count += int(self._touched(top, columns * side, side, wide).sum())
        return count

    def _touched(
        self,
        top: NDArray[np.int64] | int,
        left: NDArray[np.int64] | int,
        height: int,
        width: NDArray[np.int64] | int,
    ) -> NDArray[np.bool_]:
        """Whether the rectangles that begin at a query and a key hold a kept pair."""
        first = top - left + self.n_keys - width
        touched: NDArray[np.bool_] = self.before[first + height + width - 1] > self.before[first]
        return touched
