"""How far two measures put the same things in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Give Spearman's rank correlation, -1 to 1: Pearson's of the ranks, ties by their mean.

    NaN where either is the same everywhere.

    Parameters
    ----------
    one, other
        Numbers of the same things, of one shape.

    Raises
    ------
    ValueError
        If their shapes differ.
    """
    if np.shape(one) != np.shape(other):
        msg = f"shapes are {np.shape(one)} and {np.shape(other)}: expected the same things in both"
        raise ValueError(msg)
    ranks = [_ranks(np.ravel(values)) for values in (one, other)]
    centred = [values - values.mean() for values in ranks]
    length = float(np.prod([np.linalg.norm(values) for values in centred]))
    return float(centred[0] @ centred[1]) / length if length > 0 else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    middle: NDArray[np.float64] = (last - (sizes - 1) / 2)[group]
    return middle
