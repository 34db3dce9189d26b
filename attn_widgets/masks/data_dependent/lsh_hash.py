"""Angular hashing: vectors that point the same way tend to share a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELLS: Final = 2**20


def raw_uniforms(seed: int, count: int) -> NDArray[np.float64]:
    """Return numbers of the open interval (0, 1), the same for a seed under every numpy.

    They are made of the raw words of PCG64, whose stream numpy keeps (its NEP 19 does not promise
    that of its distributions). A longer answer begins with the shorter one.
    """
    words = np.random.PCG64(seed).random_raw(count)
    uniform: NDArray[np.float64] = ((words >> np.uint64(11)).astype(np.float64) + 0.5) / 2**53
    return uniform


def rotations(seed: int, rounds: int, dim: int, half: int) -> NDArray[np.float64]:
    """Return normal random matrices ``(rounds, dim, half)``, by the method of Box and Muller.

    The first matrices of a seed are the same however many rounds are asked for.
    """
    radius, angle = raw_uniforms(seed, 2 * rounds * dim * half).reshape(-1, 2).T
    normal: NDArray[np.float64] = np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * angle)
    return normal.reshape(rounds, dim, half)


def buckets_of(vectors: NDArray[np.float64], matrices: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bucket of each vector in each round: ``argmax([x R; -x R])``.

    Parameters
    ----------
    vectors : numpy.ndarray
        ``(n, dim)``; their lengths do not matter.
    matrices : numpy.ndarray
        ``(rounds, dim, buckets / 2)``.

    Returns
    -------
    numpy.ndarray
        int64, ``(rounds, n)``, from 0 to ``buckets - 1``.

    Notes
    -----
    Andoni et al. 2015, as used by Reformer (Kitaev, Kaiser & Levskaya 2020, section 2).
    """
    rounds, _, half = matrices.shape
    bucket = np.empty((rounds, len(vectors)), dtype=np.int64)
    step = max(_CELLS // half, 1)
    for start in range(0, len(vectors), step):
        part = slice(start, start + step)
        for number, matrix in enumerate(matrices):
            turned = vectors[part] @ matrix
            positive = turned.max(axis=1) >= -turned.min(axis=1)
            ahead, behind = turned.argmax(axis=1), turned.argmin(axis=1)
            bucket[number, part] = np.where(positive, ahead, half + behind)
    return bucket
