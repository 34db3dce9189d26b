"""The layer x head grid as a still picture, drawn without a browser."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export import levels
from attn_widgets.export.colors import (
    HIDDEN,
    INK,
    PALE,
    PAPER,
    PATTERN,
    ROLE,
    VEIL,
    difference_table,
    table,
)
from attn_widgets.export.overlay import (
    NOTHING,
    Overlay,
    all_of,
    any_of,
    first_level,
    rescaled,
    toned,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord

MARGIN, GAP, BAND = 30, 6, 3

# Digits three pixels wide and five high, a row per number, the left pixel the highest bit.
_DIGITS = {
    "0": (7, 5, 5, 5, 7),
    "1": (2, 6, 2, 2, 7),
    "2": (7, 1, 7, 4, 7),
    "3": (7, 1, 3, 1, 7),
    "4": (5, 5, 7, 1, 1),
    "5": (7, 4, 7, 1, 7),
    "6": (7, 4, 7, 5, 7),
    "7": (7, 1, 2, 2, 2),
    "8": (7, 5, 7, 5, 7),
    "9": (7, 5, 7, 1, 7),
}


def draw_grid(
    record: AttentionRecord,
    cells: NDArray[np.uint8] | None = None,
    *,
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    minus: NDArray[np.uint8] | None = None,
    overlay: Overlay = NOTHING,
    theme: str = "light",
    size: int | None = None,
) -> NDArray[np.uint8]:
    """Draw every head as a heat map: rows are layers, columns are heads.

    Parameters
    ----------
    record
        What to draw.
    cells
        Its levels, ``(layers, heads, rows, columns)``, where they are already there; see
        :func:`attn_widgets.export.levels.picture`.
    layers, heads
        The model's own numbers of what to show; all by default.
    minus
        Levels of another record in the same cells: then `cells` minus these is drawn, and of the
        overlay only what is hidden and marked.
    overlay
        What lies over the heads.
    theme
        ``"light"`` or ``"dark"``.
    size
        Pixels per head; by default 2 to 24 per token, between 48 and 96 where the text allows.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        Layer and head numbers stand on the left and above; unless `overlay` says otherwise,
        coloured ticks above each head mark the columns of special tokens.
    """
    layers = record.layers if layers is None else layers
    heads = record.heads if heads is None else heads
    _, _, n_queries, n_keys = record.shape
    if cells is None:
        cells = levels.picture(record.weights, n_queries, n_keys)
    edge = size or int(np.clip(72 // max(n_queries, n_keys), 1, 24)) * max(n_queries, n_keys)
    edge = min(max(edge, 48), 128)
    step = edge + GAP + BAND
    height, width = MARGIN + step * len(layers), MARGIN + step * len(heads)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = PAPER[theme]
    ticks = _ticks(_special(record) if overlay.marks is None else overlay.marks, edge, theme)
    for column, head in enumerate(heads):
        _write(picture, str(head), MARGIN + column * step + edge // 2, 10, INK[theme])
    for row, layer in enumerate(layers):
        top = MARGIN + row * step
        _write(picture, str(layer), 14, top + edge // 2, INK[theme])
        for column, head in enumerate(heads):
            left = MARGIN + column * step
            own = cells[record.layer_index(layer), record.head_index(head)]
            if minus is None:
                pixels = _draw_head(own, (layer, head), overlay, edge, theme)
            else:
                other = minus[record.layer_index(layer), record.head_index(head)]
                pixels = _draw_difference(levels.difference(other, own), overlay, edge, theme)
            picture[top : top + edge, left : left + edge] = pixels
            if overlay.marked:
                picture[top - BAND : top, left : left + edge] = ticks
    return picture


def _draw_head(
    cells: NDArray[np.uint8], place: tuple[int, int], overlay: Overlay, edge: int, theme: str
) -> NDArray[np.uint8]:
    rows, columns = cells.shape
    allowed = None if overlay.allowed is None else any_of(overlay.allowed(*place), cells.shape)
    hidden_keys = all_of(overlay.hidden_keys, columns)
    within = allowed if overlay.within else None
    without = hidden_keys if overlay.without_hidden else None
    if within is not None or without is not None:
        cells = rescaled(cells, within, without)
    drawn = np.where(cells < first_level(overlay.threshold), np.uint8(0), cells)
    blank = _blank(overlay, rows, columns)
    shades = toned(drawn, overlay.scale, blank, within)
    pixels = table(theme, overlay.colors)[_resize(np.where(blank, np.uint8(0), shades), edge)]
    if allowed is not None:
        forbidden = ~_resize(allowed & ~blank, edge)
        pixels[forbidden] = veil(pixels[forbidden], theme)
    pixels[~_resize(~blank, edge)] = HIDDEN[theme]
    return pixels


def _draw_difference(
    codes: NDArray[np.uint8], overlay: Overlay, edge: int, theme: str
) -> NDArray[np.uint8]:
    rows, columns = codes.shape
    blank = _blank(overlay, rows, columns)
    codes = np.where(blank, np.uint8(levels.SAME), codes)
    small = levels.pool_difference(codes, min(edge, rows), min(edge, columns))
    pixels: NDArray[np.uint8] = difference_table(theme)[_stretch(small, edge)]
    pixels[~_resize(~blank, edge)] = HIDDEN[theme]
    return pixels


def _blank(overlay: Overlay, rows: int, columns: int) -> NDArray[np.bool_]:
    """Mark the cells whose queries or keys are hidden."""
    blank = np.zeros((rows, columns), bool)
    hidden_queries = all_of(overlay.hidden_queries, rows)
    hidden_keys = all_of(overlay.hidden_keys, columns)
    if hidden_queries is not None:
        blank[hidden_queries] = True
    if hidden_keys is not None:
        blank[:, hidden_keys] = True
    return blank


def veil(pixels: NDArray[np.uint8], theme: str) -> NDArray[np.uint8]:
    """Fade pixels to a quarter towards grey, as the browser does over what a mask forbids."""
    grey = np.array(VEIL[theme])
    faded: NDArray[np.uint8] = np.floor(pixels * 0.25 + grey * 0.75 + 0.5).astype(np.uint8)
    return faded


def _resize(values: NDArray[np.uint8] | NDArray[np.bool_], edge: int) -> NDArray[np.uint8]:
    rows, columns = (min(edge, length) for length in values.shape)
    return _stretch(levels.pool(values, rows, columns), edge)


def _stretch(small: NDArray[np.uint8], edge: int) -> NDArray[np.uint8]:
    rows, columns = small.shape
    return small[np.ix_(np.arange(edge) * rows // edge, np.arange(edge) * columns // edge)]


def _special(record: AttentionRecord) -> list[str | None]:
    roles = [token.role for token in record.key_tokens]
    return [role.value if role.is_special else None for role in roles]


def _ticks(marks: Sequence[str | None], edge: int, theme: str) -> NDArray[np.uint8]:
    ticks = np.empty((BAND, edge, 3), np.uint8)
    ticks[:] = PAPER[theme]
    for key, mark in enumerate(marks):
        if mark is not None:
            start = key * edge // len(marks)
            end = max(start + 1, (key + 1) * edge // len(marks))
            ticks[:, start:end] = _pattern(mark, edge, theme)[:, start:end]
    return ticks


@functools.cache
def _pattern(mark: str, edge: int, theme: str) -> NDArray[np.uint8]:
    """Fill a band with what stands for a group: its colour, in a pattern of its own."""
    group = mark if mark in ROLE[theme] else "other"
    full, paper = np.array(ROLE[theme][group]), np.array(PAPER[theme])
    band = np.empty((BAND, edge, 3), np.uint8)
    band[:] = full
    for y, row in enumerate(PATTERN.get(group, ())[:BAND]):
        for x, letter in enumerate(row):
            if letter != "#":
                band[y, x :: len(row)] = np.floor(full * PALE + paper * (1 - PALE) + 0.5)
    return band


def _write(
    picture: NDArray[np.uint8], text: str, x: int, y: int, color: tuple[int, int, int]
) -> None:
    """Write a number centred on (x, y), two pixels to a dot."""
    bits = [
        [(_DIGITS[c][row] >> shift) & 1 for shift in (2, 1, 0, 9)] for row in range(5) for c in text
    ]
    dots = np.array(bits, bool).reshape(5, 4 * len(text))[:, :-1].repeat(2, 0).repeat(2, 1)
    top, left = y - dots.shape[0] // 2, x - dots.shape[1] // 2
    picture[top : top + dots.shape[0], left : left + dots.shape[1]][dots] = color
