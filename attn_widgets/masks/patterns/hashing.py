"""Random numbers by counter, in 32-bit arithmetic that the browser repeats bit for bit.

Everything is a function of whole numbers below 2**32 with wrap-around. `mix` is the finaliser of
MurmurHash3 (Appleby 2011). A seed and a row give two words::

    a = mix(seed ^ mix(row + 0x9E3779B9))        b = mix(a + 0x9E3779B9)

and ``word(a, b, x) = mix(mix(a ^ x) + b)`` is the row's random number for counter ``x``.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint32]

_GOLDEN: Final = np.uint32(0x9E3779B9)
_FIRST, _SECOND = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_ROUNDS: Final = 4
_CACHED: Final = 2**15


def mix(words: Words) -> Words:
    """Scatter each word over all 32 bits; one to one."""
    words = words ^ (words >> np.uint32(16))
    words *= _FIRST
    words ^= words >> np.uint32(13)
    words *= _SECOND
    words ^= words >> np.uint32(16)
    return words


def row_words(seed: int, rows: NDArray[np.int64]) -> tuple[Words, Words]:
    """Return the two words of each row, each ``(rows,)``."""
    one = mix(mix(rows.astype(np.uint32) + _GOLDEN) ^ np.uint32(seed))
    return one, mix(one + _GOLDEN)


def word(one: Words, two: Words, counter: Words) -> Words:
    """Return the random word for each counter; the three arrays broadcast."""
    return mix(mix(one ^ counter) + two)


def pair_words(seed: int, rows: NDArray[np.int64], keys: NDArray[np.int64]) -> Words:
    """Return a random word per row and key, ``(rows, keys)``."""
    one, two = row_words(seed, rows)
    return word(one[:, None], two[:, None], keys.astype(np.uint32))


def draws(seed: int, rows: NDArray[np.int64], count: int, sizes: NDArray[np.int64]) -> Words:
    """Draw distinct numbers: ``(rows, count)``, those of row ``r`` below ``sizes[r]``, in no order.

    Row ``r`` gives the first ``count`` places of a random order of ``0..sizes[r]``. That order is a
    Feistel network of four rounds on two halves of h bits, ``4**h`` the least such power that is
    not below the size, walked again until the number is below it. `count` must not exceed a size.
    """
    step = max(_CACHED // max(count, 1), 1)
    parts = [
        _drawn(seed, rows[first : first + step], count, sizes[first : first + step])
        for first in range(0, len(rows), step)
    ]
    return np.concatenate(parts) if parts else np.empty((0, count), dtype=np.uint32)


def _drawn(seed: int, rows: NDArray[np.int64], count: int, sizes: NDArray[np.int64]) -> Words:
    one, two = (words[:, None] for words in row_words(seed, rows))
    bits = np.ones_like(sizes)
    while (short := 4**bits < sizes).any():
        bits += short
    half = bits.astype(np.uint32)[:, None]
    low = (np.uint32(1) << half) - np.uint32(1)
    limit = sizes.astype(np.uint32)[:, None]
    places = np.broadcast_to(np.arange(count, dtype=np.uint32), (len(rows), count)).copy()
    astray = np.ones(places.shape, dtype=np.bool_)
    while astray.any():
        left, right = places >> half, places & low
        for turn in range(_ROUNDS):
            scattered = word(one, two, right | np.uint32(turn << 16)) & low
            left, right = right, left ^ scattered
        places = np.where(astray, (left << half) | right, places)
        astray &= places >= limit
    return places
