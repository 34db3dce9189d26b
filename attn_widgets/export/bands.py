"""Bands along a picture that mark what its rows and columns are."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export.colors import PALE, PAPER, PATTERN, ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BAND = 3
"""How thick a band is."""


def band(
    marks: Sequence[str | None], length: int, theme: str, thick: int = BAND
) -> NDArray[np.uint8]:
    """Mark the places of tokens along the upper edge of a picture.

    Parameters
    ----------
    marks
        What each token is marked as, a role or group, or None.
    length, thick
        Pixels along the edge, and across it.
    theme
        ``"light"`` or ``"dark"``.

    Returns
    -------
    ndarray of uint8, shape (thick, length, 3)
        Each group in its colour and pattern, the rest as paper.
    """
    pixels = np.empty((thick, length, 3), np.uint8)
    pixels[:] = PAPER[theme]
    for token, mark in enumerate(marks):
        if mark is not None:
            start = token * length // len(marks)
            end = max(start + 1, (token + 1) * length // len(marks))
            pixels[:, start:end] = swatch(mark, length, theme, thick)[:, start:end]
    return pixels


@functools.lru_cache(maxsize=64)
def swatch(mark: str, length: int, theme: str, thick: int = BAND) -> NDArray[np.uint8]:
    """Fill a rectangle with what stands for a group: its colour, in a pattern of its own."""
    group = mark if mark in ROLE[theme] else "other"
    full, paper = np.array(ROLE[theme][group]), np.array(PAPER[theme])
    pixels = np.empty((thick, length, 3), np.uint8)
    pixels[:] = full
    tile = PATTERN.get(group, ())
    for y in range(thick if tile else 0):
        row = tile[y % len(tile)]
        for x, letter in enumerate(row):
            if letter != "#":
                pixels[y, x :: len(row)] = np.floor(full * PALE + paper * (1 - PALE) + 0.5)
    pixels.flags.writeable = False
    return pixels
