"""Laying out what is on show as a figure: title, grid, head in full, legend, where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from attn_widgets.export.bands import BAND, band
from attn_widgets.export.colors import INK, PAPER
from attn_widgets.export.figure import Block, Box, Figure, Item, Label, Picture, stacked
from attn_widgets.export.layout_legend import QUIET, legend
from attn_widgets.export.visible import BOLD, clipped, isolated, line, visible, width, wrapped
from attn_widgets.export.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.export.on_show import Head, OnShow

What = Literal["grid", "head", "both"]

ACCENT = {"light": (31, 95, 191), "dark": (138, 184, 255)}

_PAD, _GUTTER, _GAP = 20, 36, 6
_GRID_WIDTH, _EDGE = 560, (12, 72)
_HEAD_WIDTH, _CELL = 460, 34
_LABEL, _LABEL_MOST, _LABEL_STEP = 12, 100, 12
_LEAN, _LEANING = -60, 0.87
_LEAST = 420
_THIN = 5
"""Squares smaller than this are marked by thin lines, which let the data through."""


def lay_out(shown: OnShow, what: What = "both") -> Figure:
    """Lay out a figure.

    Parameters
    ----------
    shown
        What it is to show.
    what
        The grid of all heads, the head in full, or the one beside the other.

    Raises
    ------
    ValueError
        If `what` is something else.
    """
    if what not in {"grid", "head", "both"}:
        msg = f"what={what!r}: expected 'grid', 'head' or 'both'"
        raise ValueError(msg)
    blocks = []
    if what != "head":
        grid = _grid(shown)
        blocks.append(stacked(grid, legend(shown, max(grid.width, _LEAST)), 22))
    if what != "grid":
        blocks.append(_head(shown, shown.head))
    items: list[Item] = []
    x, below = float(_PAD), 0.0
    heading = 70
    for block in blocks:
        items += block.at(x, heading)
        x += block.width + _GUTTER
        below = max(below, heading + block.height)
    room = max(x - _GUTTER - _PAD, _LEAST)
    ink, quiet = INK[shown.theme], QUIET[shown.theme]
    title = clipped(shown.title, room, 16 * BOLD)
    items += [
        Label(_PAD, _PAD + 8, isolated(title), ink, size=16, bold=True),
        Label(_PAD, _PAD + 28, clipped(shown.about, room, 12), quiet),
    ]
    after = (
        [_sources(shown, room)] if what != "head" else [legend(shown, room), _sources(shown, room)]
    )
    for block in after:
        items += block.at(_PAD, below + 18)
        below += 18 + block.height
    return Figure(
        width=round(room + 2 * _PAD),
        height=round(below + _PAD - 6),
        items=tuple(items),
        paper=PAPER[shown.theme],
        title=f"{shown.title}: {shown.head.title}" if what != "grid" else shown.title,
        about=". ".join([shown.about, *shown.head.said, *_lines(shown)]),
        data=shown.data,
        lang=shown.lang,
    )


def _grid(shown: OnShow) -> Block:
    ink, quiet = INK[shown.theme], QUIET[shown.theme]
    words = WORDS[shown.lang]
    gap = _GAP if len(shown.heads) <= 24 else 3  # noqa: PLR2004 - where pictures are small
    room = _GRID_WIDTH // len(shown.heads) - gap - BAND
    edge = min(max(room, _EDGE[0]), _EDGE[1])
    step = edge + gap + BAND
    left, top = 52.0, 46.0
    items: list[Item] = [
        Label(0, 6, words["grid"], ink, size=13, bold=True),
        Label(left - 10, top - 13, words["head"], quiet, size=11, anchor="end"),
    ]
    if edge >= 30:  # noqa: PLR2004 - smaller pictures leave no room above the first number
        items.append(Label(left - 10, top + 3, words["layer"], quiet, size=11, anchor="end"))
    marks = shown.marks
    for column, head in enumerate(shown.heads):
        if column % _every(step, 18) == 0:
            x = left + column * step + edge / 2
            items.append(Label(x, top - 13, str(head), quiet, size=11, anchor="middle"))
    for row, layer in enumerate(shown.layers):
        y = top + row * step
        if row % _every(step, 13) == 0:
            items.append(Label(left - 8, y + edge / 2, str(layer), quiet, size=11, anchor="end"))
        for column, head in enumerate(shown.heads):
            x = left + column * step
            shaded = shown.grid[layer, head]
            full = _full(shaded.codes.shape, edge)
            items.append(Picture(x, y, edge, edge, shaded.pixels, full))
            if marks is not None and any(marks):
                items.append(_band_above(marks, (x, y, edge), shown.theme))
            if (layer, head) == shown.focused:
                frame = ACCENT[shown.theme]
                items.append(Box(x - 2, y - 2, edge + 4, edge + 4, frame=frame, thick=1.5))
    across = left + step * len(shown.heads)
    across = max(across, width(words["grid"], 13 * BOLD))
    return Block(across, top + step * len(shown.layers), tuple(items))


def _head(shown: OnShow, head: Head) -> Block:
    theme = shown.theme
    ink, quiet = INK[theme], QUIET[theme]
    words = WORDS[shown.lang]
    rows, columns = head.shaded.codes.shape
    n_rows, n_columns = len(head.queries), len(head.keys)
    queries, keys = (
        [isolated(clipped(visible(token), _LABEL_MOST, _LABEL)) for token in tokens]
        for tokens in (head.queries, head.keys)
    )
    left = max(map(width, [*queries, words["queries"], words["keys"]])) + BAND + 6
    lean = max(map(width, keys))
    top = 24 + max(30, lean * _LEANING + BAND + 8)
    cell = min(_CELL, _HEAD_WIDTH / max(n_rows, n_columns))
    across, down = (max(40, round(cell * n)) for n in (n_columns, n_rows))
    items: list[Item] = [
        Label(0, 6, head.title, ink, size=13, bold=True),
        Label(left - BAND - 5, top - 22, words["keys"], quiet, size=11, anchor="end"),
        Label(left - BAND - 5, top - 8, words["queries"], quiet, size=11, anchor="end"),
        Picture(left, top, across, down, head.shaded.pixels, _full((rows, columns), across, down)),
        Box(left - 1, top - 1, across + 2, down + 2, frame=_LINE[theme]),
    ]
    if any(head.key_marks):
        items.append(_band_above(head.key_marks, (left, top, across), theme))
    if any(head.query_marks):
        items.append(_band_beside(head.query_marks, (left, top, down), theme))
    items += [Box(left, top + at * down / n_rows, across, 1, fill=quiet) for at in head.query_parts]
    items += [
        Box(left + at * across / n_columns, top, 1, down, fill=quiet) for at in head.key_parts
    ]
    items += _picked(head.picked, (left, top, across, down), (n_rows, n_columns), theme)
    every = [_every(length / n, _LABEL_STEP) for length, n in ((down, n_rows), (across, n_columns))]
    picked_row, picked_column = head.picked
    for i in _named(n_rows, every[0], picked_row):
        y = top + (i + 0.5) * down / n_rows
        strong = i == picked_row
        color = ink if strong else quiet
        items.append(Label(left - BAND - 5, y, queries[i], color, _LABEL, "end", bold=strong))
    for i in _named(n_columns, every[1], picked_column):
        x = left + (i + 0.5) * across / n_columns
        strong = i == picked_column
        color = ink if strong else quiet
        items.append(Label(x, top - BAND - 5, keys[i], color, _LABEL, turn=_LEAN, bold=strong))
    said = list(head.said)
    if max(every) > 1:
        said.append(words["every"].format(n=max(every)))
    right = left + across + lean * 0.5 + 6
    y = top + down + 16
    for text in said:
        for part in wrapped(text, right, 12):
            items.append(Label(0, y, part, ink, size=12))
            y += 17
    return Block(right, y if said else top + down, tuple(items))


_LINE = {"light": (201, 206, 216), "dark": (61, 66, 78)}


def _full(shape: tuple[int, ...], width: float, height: float | None = None) -> tuple[int, int]:
    """Give the size in which every cell of a picture has whole pixels of its own."""
    rows, columns = shape
    stretch = max(1, round((height or width) / rows)) if rows != columns else 1
    return rows * stretch, columns * stretch


def _band_above(marks: Sequence[str | None], at: tuple[float, float, float], theme: str) -> Picture:
    x, y, length = at
    return Picture(
        x,
        y - BAND,
        length,
        BAND,
        lambda height, across: band(marks, across, theme, height),
        (2 * BAND, max(round(2 * length), len(marks))),
    )


def _band_beside(
    marks: Sequence[str | None], at: tuple[float, float, float], theme: str
) -> Picture:
    x, y, length = at
    return Picture(
        x - BAND,
        y,
        BAND,
        length,
        lambda down, across: band(marks, down, theme, across).transpose(1, 0, 2),
        (max(round(2 * length), len(marks)), 2 * BAND),
    )


def _picked(
    picked: tuple[int | None, int | None],
    frame: tuple[float, float, float, float],
    counts: tuple[int, int],
    theme: str,
) -> list[Item]:
    left, top, across, down = frame
    row, column = picked
    boxes: list[Item] = []
    if row is not None:
        y, high = top + row * down / counts[0], down / counts[0]
        thick = 1.5 if high >= _THIN else 0.5
        boxes.append(Box(left - 1, y - 1, across + 2, high + 2, frame=ACCENT[theme], thick=thick))
    if column is not None:
        x, wide = left + column * across / counts[1], across / counts[1]
        thick = 1.5 if wide >= _THIN else 0.5
        boxes.append(Box(x - 1, top - 1, wide + 2, down + 2, frame=ACCENT[theme], thick=thick))
    return boxes


def _every(step: float, least: float) -> int:
    return max(1, int(np.ceil(least / step)))


def _named(count: int, every: int, picked: int | None) -> list[int]:
    """Pick the tokens that are named: every so many that keep clear of the picked one."""
    thin = [
        i
        for i in range(0, count, every)
        if picked is None or i == picked or abs(i - picked) >= every
    ]
    return sorted({*thin, *([] if picked is None else [picked])})


def _lines(shown: OnShow) -> list[str]:
    return [f"{name}: {isolated(line(value))}" for name, value in shown.sources.items() if value]


def _sources(shown: OnShow, room: float) -> Block:
    items: list[Item] = []
    y = 6.0
    for text in _lines(shown):
        for part in wrapped(text, room, 10.5, lines=3):
            items.append(Label(0, y, part, QUIET[shown.theme], size=10.5))
            y += 15
    return Block(room, y, tuple(items))
