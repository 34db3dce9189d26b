"""Pairs kept by their distance alone: any rectangle answers from one running sum."""

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

    def meets(
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
