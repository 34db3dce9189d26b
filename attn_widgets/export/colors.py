"""The colour tables that the browser and the still pictures share."""

from __future__ import annotations

import base64
import functools
import importlib.resources
import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAPER = {"light": (255, 255, 255), "dark": (17, 18, 23)}
INK = {"light": (36, 41, 51), "dark": (226, 229, 236)}
HIDDEN = {"light": (243, 244, 247), "dark": (28, 30, 37)}
ROLE = {
    "light": {"cls": (0, 114, 178), "sep": (0, 135, 102), "other": (106, 90, 160)},
    "dark": {"cls": (86, 180, 233), "sep": (45, 212, 163), "other": (180, 160, 240)},
}

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
    text = importlib.resources.files("attn_widgets.export").joinpath("colors.json").read_text()
    colors = np.frombuffer(base64.b64decode(json.loads(text)[name]), np.uint8)
    colors = colors.reshape(256, 3)
    if theme == "light":
        colors = colors[::-1]
    fade = np.minimum(np.arange(256) / 255 / _FADE, 1)[:, None]
    mixed = np.array(PAPER[theme]) * (1 - fade) + colors * fade
    faded: NDArray[np.uint8] = np.floor(mixed + 0.5).astype(np.uint8)
    faded.flags.writeable = False
    return faded
