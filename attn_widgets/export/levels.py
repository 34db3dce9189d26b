"""Attention as bytes for drawing: 256 levels of the square root, pooled by maximum."""

from __future__ import annotations

import functools
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def encode(weights: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Code weights in [0, 1] as ``round(255 sqrt(w))``: small weights stay apart.

    Half the levels lie below 0.25, the first above zero at 1.5e-5; the weight a level stands for is
    ``(level / 255) ** 2``, off by at most 0.004 at 1 and 0.0002 at 0.002.
    """
    roots = np.sqrt(weights, dtype=np.float32)
    codes: NDArray[np.uint8] = np.rint(np.minimum(roots, 1, out=roots) * 255).astype(np.uint8)
    return codes


def picture(weights: NDArray[np.floating[Any]], n_queries: int, n_keys: int) -> NDArray[np.uint8]:
    """Pool and code in one go, ``encode(pool(weights, n_queries, n_keys))``.

    The bits of numbers that are not negative are ordered as the numbers are, so float16, which
    numpy works through one by one, is pooled as integers and coded by a table.
    """
    if weights.dtype != np.float16:
        return encode(pool(weights, n_queries, n_keys))
    bits = pool(np.ascontiguousarray(weights).view(np.uint16), n_queries, n_keys)
    codes: NDArray[np.uint8] = _half_codes()[bits]
    return codes


@functools.cache
def _half_codes() -> NDArray[np.uint8]:
    ordered = np.arange(2**16, dtype=np.uint16).view(np.float16)
    return encode(np.where((ordered >= 0) & (ordered <= 1), ordered, 0))


def pool(weights: NDArray[Any], n_queries: int, n_keys: int) -> NDArray[Any]:
    """Shrink the last two axes by maximum, so that a lone peak never vanishes.

    Output row ``r`` covers input rows ``r * Q // n`` to ``(r + 1) * Q // n``, and columns alike.

    Parameters
    ----------
    weights
        Shape ``(..., queries, keys)``.
    n_queries, n_keys
        The new lengths, from 1 to the old ones.

    Raises
    ------
    ValueError
        If a new length is 0 or longer than the old one.
    """
    for new, old in ((n_queries, weights.shape[-2]), (n_keys, weights.shape[-1])):
        if not 1 <= new <= old:
            msg = f"cannot pool {old} to {new}: expected 1 to {old}"
            raise ValueError(msg)
    if (n_queries, n_keys) == weights.shape[-2:]:
        return weights
    cuts = np.arange(n_queries + 1) * weights.shape[-2] // n_queries
    starts = np.arange(n_keys) * weights.shape[-1] // n_keys
    # Over this axis reduceat goes one number at a time, max many at a time.
    rows = [weights[..., first:last, :].max(axis=-2) for first, last in pairwise(cuts)]
    return np.maximum.reduceat(np.stack(rows, axis=-2), starts, axis=-1)


SAME = 128
"""The level of no difference; see :func:`difference`."""


def difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Code ``second - first``, given as levels of weights, around :data:`SAME`.

    ``128 + round(127 sign(d) sqrt(|d|))`` for a difference ``d`` of weights.
    """
    weights = (np.arange(256) / 255.0) ** 2
    away = weights[second] - weights[first]
    codes: NDArray[np.uint8] = (
        SAME + np.floor(127 * np.sign(away) * np.sqrt(np.abs(away)) + 0.5)
    ).astype(np.uint8)
    return codes


def pool_difference(codes: NDArray[np.uint8], n_queries: int, n_keys: int) -> NDArray[np.uint8]:
    """Shrink the last two axes of :func:`difference` to what is farthest from no difference.

    Raises
    ------
    ValueError
        As :func:`pool`.
    """
    more = pool(np.maximum(codes, SAME), n_queries, n_keys)
    less = 255 - pool(np.maximum(255 - codes, 255 - SAME), n_queries, n_keys)
    farther: NDArray[np.uint8] = np.where(more - SAME >= SAME - less, more, less).astype(np.uint8)
    return farther


def fit(shape: tuple[int, int, int, int], budget: int) -> tuple[int, int]:
    """Find the picture size per head that keeps all heads together within a budget of bytes.

    Returns
    -------
    (queries, keys)
        The full lengths where they fit, else as near their proportions as the budget allows.
    """
    n_layers, n_heads, n_queries, n_keys = shape
    if n_layers * n_heads * n_queries * n_keys <= budget:
        return n_queries, n_keys
    shrink = float(np.sqrt(budget / (n_layers * n_heads * n_queries * n_keys)))
    return max(1, int(n_queries * shrink)), max(1, int(n_keys * shrink))
