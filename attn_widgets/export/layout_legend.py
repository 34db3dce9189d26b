"""The legend of a figure: what colour stands for, and what the marks mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export.bands import swatch
from attn_widgets.export.colors import HIDDEN, difference_table, table
from attn_widgets.export.figure import Block, Box, Item, Label, Picture
from attn_widgets.export.overlay import DECADES
from attn_widgets.export.shading import veil
from attn_widgets.export.visible import width
from attn_widgets.export.words import WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.export.on_show import OnShow

QUIET = {"light": (91, 100, 114), "dark": (160, 167, 181)}
"""The colour of words that stay in the background."""

_RAMP, _THICK = 260, 10
_TICKS = {
    "linear": (0, 0.2, 0.4, 0.6, 0.8, 1),
    "log": (0.0001, 0.001, 0.01, 0.1, 1),
    "sqrt": (0, 0.01, 0.05, 0.2, 0.5, 1),
}
_SIGNED = (-1, -0.3, -0.05, 0, 0.05, 0.3, 1)


def legend(shown: OnShow, room: float) -> Block:
    """Lay out the scale of colours with its ticks, and a line of swatches below it."""
    quiet = QUIET[shown.theme]
    words = WORDS[shown.lang]
    name = words["scale.difference" if shown.signed else f"scale.{shown.scale}"]
    colors = difference_table(shown.theme) if shown.signed else table(shown.theme, shown.colors)

    def ramp(height: int, across: int) -> NDArray[np.uint8]:
        first = 1 if shown.signed else 0
        places = first + np.round(np.linspace(0, 1, across) * (255 - first)).astype(int)
        return np.broadcast_to(colors[places], (height, across, 3))

    left = width(name, 11) + 14
    items: list[Item] = [
        Label(0, 6, name, quiet, size=11),
        Picture(left, 1, _RAMP, _THICK, ramp, (1, 256)),
    ]
    for tick, place in _ticks(shown):
        items.append(Box(left + place * _RAMP - 0.5, 11, 1, 3, fill=quiet))
        items.append(Label(left + place * _RAMP, 20, tick, quiet, size=10, anchor="middle"))
    x, y, x_most = 0.0, 38.0, 0.0
    for sign, meaning in shown.legend:
        wide = 24 + width(meaning, 11) + 14
        if x > 0 and x + wide > room:
            x, y = 0, y + 17
        items.append(_swatch(sign, x, y, shown))
        items.append(Label(x + 20, y, meaning, quiet, size=11))
        x += wide
        x_most = max(x_most, x)
    if x > 0:
        y += 17
    for remark in shown.remarks:
        items.append(Label(0, y, remark, quiet, size=11))
        y += 17
    return Block(max(x_most, left + _RAMP + 8), y, tuple(items))


def _ticks(shown: OnShow) -> list[tuple[str, float]]:
    if shown.signed:
        places = [(1 + np.sign(tick) * abs(tick) ** 0.5) / 2 for tick in _SIGNED]
        said = [f"{tick:+g}" if tick else "0" for tick in _SIGNED]
        return list(zip(said, places, strict=True))
    if shown.scale in {"row", "head"}:
        return [(f"{100 * tick:g}%", tick**0.5) for tick in _TICKS["sqrt"]]
    return [(str(tick), place(tick, shown.scale)) for tick in _TICKS[shown.scale]]


def place(weight: float, scale: str) -> float:
    """Say where on a scale from 0 to 1 a weight is coloured."""
    if scale == "linear":
        return weight
    if scale == "log":
        return 0.0 if weight <= 0 else max(0.0, 1 + float(np.log10(weight)) / DECADES)
    return float(weight**0.5)


def _swatch(sign: str, x: float, y: float, shown: OnShow) -> Item:
    theme = shown.theme
    at = (x, y - 5, 14.0, 10.0)
    if sign in {"hidden", "lone"}:
        return Box(*at, fill=HIDDEN[theme], frame=QUIET[theme], thick=0.5)
    if sign == "veil":
        r, g, b = veil(table(theme, shown.colors)[150:151], theme)[0].tolist()
        return Box(*at, fill=(r, g, b))
    return Picture(*at, lambda height, across: swatch(sign, across, theme, height), (10, 14))
