"""Counting in 64 bits where numpy's own integers have 32, as in WebAssembly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def repeat(values: NDArray[Any], times: NDArray[np.integer[Any]]) -> NDArray[Any]:
    """Repeat each value so many times: numpy takes the times as integers of the machine only."""
    return np.repeat(values, times.astype(np.intp, copy=False))


def tally(places: NDArray[np.integer[Any]], size: int = 0) -> NDArray[np.int64]:
    """Count how often each place occurs, of `size` places or more: int64."""
    counts = np.bincount(places.astype(np.intp, copy=False), minlength=size)
    return counts.astype(np.int64, copy=False)
