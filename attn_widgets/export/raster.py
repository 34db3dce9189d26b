"""A figure as pixels, without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export.figure import Box, Label, Picture
from attn_widgets.export.lettering import pen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.export.figure import Figure


def rasterised(figure: Figure, scale: float = 2) -> tuple[NDArray[np.uint8], list[str]]:
    """Draw a figure, `scale` pixels to its unit.

    Returns
    -------
    pixels
        Shape ``(height, width, 3)``, sRGB.
    left_out
        The labels that could not be written: all where Pillow is not installed, else those that no
        font at hand has the letters of, or whose direction or joined letters it cannot lay out.
    """
    pixels = np.empty((round(figure.height * scale), round(figure.width * scale), 3), np.uint8)
    pixels[:] = figure.paper
    writes = pen()
    left_out = []
    for item in figure.items:
        if isinstance(item, Label):
            if writes is None or not writes.write(pixels, item, scale):
                left_out.append(item.text)
        elif isinstance(item, Picture):
            cut = _cut(item, scale)
            height, width = pixels[cut].shape[:2]
            pixels[cut] = item.draw(height, width)
        else:
            _box(pixels, item, scale)
    return pixels, left_out


def _box(pixels: NDArray[np.uint8], box: Box, scale: float) -> None:
    cut = _cut(box, scale)
    if box.fill is not None:
        pixels[cut] = box.fill
    if box.frame is not None:
        thick = max(1, round(box.thick * scale))
        inner = pixels[cut]
        for side in (np.s_[:thick], np.s_[-thick:], np.s_[:, :thick], np.s_[:, -thick:]):
            inner[side] = box.frame


def _cut(item: Picture | Box, scale: float) -> tuple[slice, slice]:
    top, left = round(item.y * scale), round(item.x * scale)
    height, width = (max(1, round(length * scale)) for length in (item.height, item.width))
    return slice(top, top + height), slice(left, left + width)
