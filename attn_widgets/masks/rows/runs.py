"""Rows of key intervals that follow no formula, held one after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.rows.intervals import Intervals


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Kept keys as runs of neighbours, row after row.

    Parameters
    ----------
    n_keys : int
        Number of keys, the columns.
    starts : numpy.ndarray
        int64, ``(rows + 1,)``: row ``i`` holds the runs ``starts[i]..starts[i + 1]``.
    lo, hi : numpy.ndarray
        int64, one half-open interval of keys per run, sorted and apart within a row.
    counts : numpy.ndarray, optional
        uint16, one per kept pair in row-major order: how often it is seen; None for once each.
    """

    n_keys: int
    starts: NDArray[np.int64]
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]
    counts: NDArray[np.uint16] | None = None

    @classmethod
    def from_codes(
        cls,
        codes: NDArray[np.int64],
        shape: tuple[int, int],
        counts: NDArray[np.uint16] | None = None,
    ) -> Runs:
        """Make runs of pairs ``query * n_keys + key``, sorted, each once."""
        rows, width = shape
        first = np.ones(len(codes), dtype=np.bool_)
        first[1:] = (np.diff(codes) > 1) | (codes[1:] % width == 0)
        opens = np.flatnonzero(first)
        closes = np.append(opens[1:], len(codes)) - 1 if len(codes) else opens
        at = codes[opens]
        starts = np.searchsorted(at, np.arange(rows + 1, dtype=np.int64) * width)
        return cls(width, starts.astype(np.int64), at % width, codes[closes] % width + 1, counts)

    @classmethod
    def from_dense(cls, kept: NDArray[np.bool_]) -> Runs:
        """Make runs of booleans ``(queries, keys)``."""
        return cls.from_codes(np.flatnonzero(kept).astype(np.int64), (len(kept), kept.shape[1]))

    @property
    def n_rows(self) -> int:
        """Number of queries."""
        return len(self.starts) - 1

    @property
    def slots(self) -> int:
        """Most runs in one row, at least 1."""
        return max(int(np.diff(self.starts).max(initial=1)), 1)

    def block(self, first: int, last: int) -> Intervals:
        """Return the rows ``first..last`` as the interval algebra wants them."""
        lengths = np.diff(self.starts[first : last + 1])
        slot = np.arange(max(int(lengths.max(initial=1)), 1), dtype=np.int64)
        filled = slot < lengths[:, None]
        lo = np.full(filled.shape, self.n_keys, dtype=np.int64)
        hi = lo.copy()
        span = slice(self.starts[first], self.starts[last])
        lo[filled], hi[filled] = self.lo[span], self.hi[span]
        return lo, hi

    def same(self, other: Runs) -> bool:
        """Whether both keep the same pairs as often."""
        one, two = self._arrays(), other._arrays()
        return self.n_keys == other.n_keys and all(map(np.array_equal, one, two))

    def _arrays(self) -> tuple[NDArray[np.integer], ...]:
        counts = np.zeros(0, dtype=np.uint16) if self.counts is None else self.counts
        return self.starts, self.lo, self.hi, counts
