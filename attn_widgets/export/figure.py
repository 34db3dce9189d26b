"""A figure as a list of pictures, boxes and labels, before it is written in any format."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.export.colors import Rgb


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """Pixels in a rectangle of the figure.

    Parameters
    ----------
    x, y, width, height
        Where it lies, in the figure's units.
    draw
        Gives it in any size, ``(height, width)`` to ``(height, width, 3)``, sRGB.
    full
        The size, ``(height, width)``, in which nothing of it is lost.
    """

    x: float
    y: float
    width: float
    height: float
    draw: Callable[[int, int], NDArray[np.uint8]]
    full: tuple[int, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, filled or as a frame one unit wide and more."""

    x: float
    y: float
    width: float
    height: float
    fill: Rgb | None = None
    frame: Rgb | None = None
    thick: float = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """A line of text, whose middle is at the height `y`; it leans by `turn` degrees."""

    x: float
    y: float
    text: str
    color: Rgb
    size: float = 12
    anchor: Literal["start", "middle", "end"] = "start"
    turn: float = 0
    bold: bool = False


Item = Picture | Box | Label


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """Things that are laid out together, from their own corner."""

    width: float
    height: float
    items: tuple[Item, ...]

    def at(self, x: float, y: float) -> tuple[Item, ...]:
        """Give them at another place."""
        return tuple(dataclasses.replace(item, x=item.x + x, y=item.y + y) for item in self.items)


def stacked(above: Block, below: Block, gap: float) -> Block:
    """Put one block under another."""
    height = above.height + gap
    items = (*above.items, *below.at(0, height))
    return Block(max(above.width, below.width), height + below.height, items)


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """What is written to a file.

    Parameters
    ----------
    width, height
        Its size, in CSS pixels.
    items
        What it shows, what comes later lies above.
    paper
        What it lies on.
    title, about
        What it is, in one line, and what it shows, for readers who cannot see it.
    data
        Where it comes from, as plain JSON values.
    lang
        The language of its words.
    """

    width: int
    height: int
    items: tuple[Item, ...]
    paper: Rgb
    title: str
    about: str
    data: Mapping[str, Any]
    lang: str = "en"
