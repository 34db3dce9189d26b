"""The colour tables that the browser and the still pictures share."""

from __future__ import annotations

import base64
import functools
import importlib.resources
import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Rgb = tuple[int, int, int]

_SHARED: dict[str, Any] = json.loads(
    importlib.resources.files("attn_widgets.export").joinpath("colors.json").read_text("utf-8")
)


def _themed(name: str) -> dict[str, Rgb]:
    return {theme: (r, g, b) for theme, (r, g, b) in _SHARED[name].items()}


PAPER, HIDDEN, VEIL = _themed("paper"), _themed("hidden"), _themed("veil")
LESS, MORE = _themed("less"), _themed("more")
ROLE: dict[str, dict[str, Rgb]] = {
    theme: {role: (r, g, b) for role, (r, g, b) in colors.items()}
    for theme, colors in _SHARED["role"].items()
}
PATTERN: dict[str, tuple[str, ...]] = {
    role: tuple(rows) for role, rows in _SHARED["pattern"].items()
}
"""Rows of a pattern's tile, ``#`` in full and ``-`` pale, for all groups but [CLS]."""
PALE = 0.3
INK: dict[str, Rgb] = {"light": (36, 41, 51), "dark": (226, 229, 236)}

_FADE = 0.25


@functools.cache
def table(theme: str, name: str = "magma") -> NDArray[np.uint8]:
    """Give the colour of each of 256 levels, shape ``(256, 3)``, sRGB.

    In the light theme the map runs backwards, so that in both themes zero is the paper and the
    largest weight stands out most. The first quarter fades in from the paper.

    Parameters
    ----------
    theme
        ``"light"`` or ``"dark"``.
    name
        ``"magma"``, ``"viridis"`` or ``"cividis"``: perceptually even, safe for colour-blind eyes.
    """
    colors = np.frombuffer(base64.b64decode(_SHARED[name]), np.uint8)
    colors = colors.reshape(256, 3)
    if theme == "light":
        colors = colors[::-1]
    fade = np.minimum(np.arange(256) / 255 / _FADE, 1)[:, None]
    mixed = np.array(PAPER[theme]) * (1 - fade) + colors * fade
    faded: NDArray[np.uint8] = np.floor(mixed + 0.5).astype(np.uint8)
    faded.flags.writeable = False
    return faded


@functools.cache
def difference_table(theme: str) -> NDArray[np.uint8]:
    """Give the colour of each of 256 levels of a difference, shape ``(256, 3)``, sRGB.

    Level 128 is no difference and the paper; 1 is -1, blue, and 255 is +1, orange, which stay apart
    in every common colour blindness.
    """
    t = np.maximum(-1, (np.arange(256) - 128) / 127)[:, None]
    paper, ends = np.array(PAPER[theme]), (np.array(LESS[theme]), np.array(MORE[theme]))
    mixed = paper + (np.where(t < 0, *ends) - paper) * np.abs(t)
    colors: NDArray[np.uint8] = np.floor(mixed + 0.5).astype(np.uint8)
    colors.flags.writeable = False
    return colors
