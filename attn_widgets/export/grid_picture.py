"""The layer x head grid as a still picture, drawn without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export import levels
from attn_widgets.export.bands import BAND, band
from attn_widgets.export.colors import INK, PAPER
from attn_widgets.export.overlay import NOTHING, Overlay
from attn_widgets.export.shading import shade, shade_difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord

MARGIN, GAP = 30, 6

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
    marks = _special(record) if overlay.marks is None else overlay.marks
    ticks = band(marks, edge, theme)
    for column, head in enumerate(heads):
        _write(picture, str(head), MARGIN + column * step + edge // 2, 10, INK[theme])
    for row, layer in enumerate(layers):
        top = MARGIN + row * step
        _write(picture, str(layer), 14, top + edge // 2, INK[theme])
        for column, head in enumerate(heads):
            left = MARGIN + column * step
            at = record.layer_index(layer), record.head_index(head)
            if minus is None:
                allowed = None if overlay.allowed is None else overlay.allowed(layer, head)
                shaded = shade(cells[at], allowed, overlay, theme)
            else:
                shaded = shade_difference(minus[at], cells[at], overlay, theme)
            picture[top : top + edge, left : left + edge] = shaded.pixels(edge, edge)
            if overlay.marked:
                picture[top - BAND : top, left : left + edge] = ticks
    return picture


def _special(record: AttentionRecord) -> list[str | None]:
    roles = [token.role for token in record.key_tokens]
    return [role.value if role.is_special else None for role in roles]


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
