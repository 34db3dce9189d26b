"""One head, or the difference of two, as colours in any size: by the browser's rules."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Self

import numpy as np

from attn_widgets.export import levels
from attn_widgets.export.colors import HIDDEN, VEIL, difference_table, table
from attn_widgets.export.overlay import Overlay, all_of, any_of, first_level, rescaled, toned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Shaded:
    """What colour each cell has.

    Parameters
    ----------
    codes
        Places in `colors`, ``(rows, columns)``.
    blank
        Cells that are left empty.
    allowed
        Cells that are drawn without a veil; None where there is no mask.
    colors
        Shape ``(256, 3)``.
    theme
        ``"light"`` or ``"dark"``.
    signed
        Whether the codes lie around :data:`attn_widgets.export.levels.SAME`.
    """

    codes: NDArray[np.uint8]
    blank: Bools
    allowed: Bools | None
    colors: NDArray[np.uint8]
    theme: str
    signed: bool = False

    def part(self, zoom: tuple[int, int, int, int] | None) -> Self:
        """Give the queries and keys of a window alone: first query, query end, first key, end."""
        if zoom is None:
            return self
        first, end, left, right = zoom
        cut = np.s_[first:end, left:right]
        allowed = None if self.allowed is None else self.allowed[cut]
        return dataclasses.replace(
            self, codes=self.codes[cut], blank=self.blank[cut], allowed=allowed
        )

    def pixels(self, height: int, width: int) -> NDArray[np.uint8]:
        """Draw it, shape ``(height, width, 3)``.

        Under a pixel with several cells the one farthest from nothing shows; the veil lifts where
        any of them is allowed, and it is empty where all are.
        """
        size = (height, width)
        if self.signed:
            rows, columns = self.codes.shape
            small = levels.pool_difference(self.codes, min(height, rows), min(width, columns))
            pixels: NDArray[np.uint8] = self.colors[_stretch(small, size)]
        else:
            pixels = self.colors[_resize(self.codes, size)]
        if self.allowed is not None:
            forbidden = ~_resize(self.allowed & ~self.blank, size)
            pixels[forbidden] = veil(pixels[forbidden], self.theme)
        pixels[~_resize(~self.blank, size)] = HIDDEN[self.theme]
        return pixels


def shade(cells: NDArray[np.uint8], allowed: Bools | None, overlay: Overlay, theme: str) -> Shaded:
    """Colour the levels of one head.

    Parameters
    ----------
    cells
        Levels, ``(rows, columns)``.
    allowed
        Where its mask lets it look, ``(queries, keys)``; None without one.
    overlay
        What else lies over it; its own ``allowed`` is not asked.
    theme
        ``"light"`` or ``"dark"``.
    """
    rows, columns = cells.shape
    allowed = None if allowed is None else any_of(allowed, cells.shape)
    hidden_keys = all_of(overlay.hidden_keys, columns)
    within = allowed if overlay.within else None
    without = hidden_keys if overlay.without_hidden else None
    if within is not None or without is not None:
        cells = rescaled(cells, within, without)
    drawn = np.where(cells < first_level(overlay.threshold), np.uint8(0), cells)
    blank = _blank(overlay, rows, columns)
    codes = np.where(blank, np.uint8(0), toned(drawn, overlay.scale, blank, within))
    return Shaded(codes, blank, allowed, table(theme, overlay.colors), theme)


def shade_difference(
    first: NDArray[np.uint8], second: NDArray[np.uint8], overlay: Overlay, theme: str
) -> Shaded:
    """Colour the second head's levels minus the first's; of the overlay, what is hidden."""
    codes = levels.difference(first, second)
    blank = _blank(overlay, *codes.shape)
    codes = np.where(blank, np.uint8(levels.SAME), codes)
    return Shaded(codes, blank, None, difference_table(theme), theme, signed=True)


def veil(pixels: NDArray[np.uint8], theme: str) -> NDArray[np.uint8]:
    """Fade pixels to a quarter towards grey, as the browser does over what a mask forbids."""
    grey = np.array(VEIL[theme])
    faded: NDArray[np.uint8] = np.floor(pixels * 0.25 + grey * 0.75 + 0.5).astype(np.uint8)
    return faded


def _blank(overlay: Overlay, rows: int, columns: int) -> Bools:
    """Mark the cells whose queries or keys are hidden."""
    blank = np.zeros((rows, columns), bool)
    hidden_queries = all_of(overlay.hidden_queries, rows)
    hidden_keys = all_of(overlay.hidden_keys, columns)
    if hidden_queries is not None:
        blank[hidden_queries] = True
    if hidden_keys is not None:
        blank[:, hidden_keys] = True
    return blank


def _resize(values: NDArray[np.uint8] | Bools, size: tuple[int, int]) -> NDArray[np.uint8]:
    rows, columns = (min(edge, length) for edge, length in zip(size, values.shape, strict=True))
    return _stretch(levels.pool(values, rows, columns), size)


def _stretch(small: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    rows, columns = small.shape
    height, width = size
    return small[np.ix_(np.arange(height) * rows // height, np.arange(width) * columns // width)]
