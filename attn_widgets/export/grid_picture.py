"""The layer x head grid as a still picture, drawn without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export import levels
from attn_widgets.export.colors import INK, PAPER, ROLE, table

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
    *,
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    allowed: NDArray[np.bool_] | None = None,
    theme: str = "light",
    size: int | None = None,
) -> NDArray[np.uint8]:
    """Draw every head as a heat map: rows are layers, columns are heads.

    Parameters
    ----------
    record
        What to draw.
    layers, heads
        The model's own numbers of what to show; all by default.
    allowed
        A mask, shape ``(queries, keys)``, drawn as a veil over what it forbids.
    theme
        ``"light"`` or ``"dark"``.
    size
        Pixels per head; by default 2 to 24 per token, between 48 and 96 where the text allows.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        Layer and head numbers stand on the left and above; coloured ticks above each head mark the
        columns of special tokens.
    """
    layers = record.layers if layers is None else layers
    heads = record.heads if heads is None else heads
    _, _, n_queries, n_keys = record.shape
    edge = size or int(np.clip(72 // max(n_queries, n_keys), 1, 24)) * max(n_queries, n_keys)
    edge = min(max(edge, 48), 128)
    step = edge + GAP + BAND
    height, width = MARGIN + step * len(layers), MARGIN + step * len(heads)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = PAPER[theme]
    colors = table(theme)
    forbidden = None if allowed is None else ~_resize(allowed, edge)
    ticks = _ticks(record, edge, theme)
    for column, head in enumerate(heads):
        left = MARGIN + column * step
        _write(picture, str(head), left + edge // 2, 10, INK[theme])
    for row, layer in enumerate(layers):
        top = MARGIN + row * step
        _write(picture, str(layer), 14, top + edge // 2, INK[theme])
        for column, head in enumerate(heads):
            left = MARGIN + column * step
            pixels = colors[_resize(levels.encode(record[layer, head]), edge)]
            if forbidden is not None:
                pixels[forbidden] = veil(pixels[forbidden], theme)
            picture[top : top + edge, left : left + edge] = pixels
            picture[top - BAND : top, left : left + edge] = ticks
    return picture


def veil(pixels: NDArray[np.uint8], theme: str) -> NDArray[np.uint8]:
    """Fade pixels to a quarter towards grey, as the browser does over what a mask forbids."""
    grey = np.array((176, 182, 192) if theme == "light" else (40, 43, 51))
    faded: NDArray[np.uint8] = np.floor(pixels * 0.25 + grey * 0.75 + 0.5).astype(np.uint8)
    return faded


def _resize(values: NDArray[np.uint8] | NDArray[np.bool_], edge: int) -> NDArray[np.uint8]:
    rows, columns = (min(edge, length) for length in values.shape)
    small: NDArray[np.uint8] = levels.pool(values, rows, columns)
    return small[np.ix_(np.arange(edge) * rows // edge, np.arange(edge) * columns // edge)]


def _ticks(record: AttentionRecord, edge: int, theme: str) -> NDArray[np.uint8]:
    ticks = np.empty((edge, 3), np.uint8)
    ticks[:] = PAPER[theme]
    n_keys = len(record.key_tokens)
    for key, token in enumerate(record.key_tokens):
        if token.role.is_special:
            color = ROLE[theme].get(token.role.value, ROLE[theme]["other"])
            start = key * edge // n_keys
            ticks[start : max(start + 1, (key + 1) * edge // n_keys)] = color
    return ticks


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
