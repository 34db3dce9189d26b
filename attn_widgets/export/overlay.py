"""What lies over a head's picture: a mask, hidden tokens, rescaled rows, a threshold."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export import levels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Overlay:
    """The same rules as in the browser.

    Parameters
    ----------
    allowed
        Gives where the head of a layer and head number may look, ``(queries, keys)``; the rest is
        drawn under a veil.
    hidden_queries, hidden_keys
        Rows and columns left blank, ``(queries,)`` and ``(keys,)``.
    within, without_hidden
        Whether each row is scaled up to 1 within the mask, and without the hidden keys.
    threshold
        Weights below it are not drawn.
    marked
        Whether ticks mark the columns of special tokens.
    scale
        What colour follows, as in :func:`tones`; for ``"row"`` and ``"head"``, the square root of
        the weight as a share of the largest that is drawn there.
    colors
        The colour table, as in :func:`attn_widgets.export.colors.table`.
    marks
        What each key is marked as, its role or group, or None; special tokens by default.
    """

    allowed: Callable[[int, int], Bools] | None = None
    hidden_queries: Bools | None = None
    hidden_keys: Bools | None = None
    within: bool = False
    without_hidden: bool = False
    threshold: float = 0.0
    marked: bool = True
    marks: Sequence[str | None] | None = None
    scale: str = "sqrt"
    colors: str = "magma"


NOTHING = Overlay()


def first_level(threshold: float) -> int:
    """Give the lowest level that is drawn; levels code the square root of a weight."""
    return 0 if threshold <= 0 else int(np.ceil(np.sqrt(threshold) * 255 - 1e-6))


def rescaled(
    cells: NDArray[np.uint8], allowed: Bools | None, hidden_keys: Bools | None
) -> NDArray[np.uint8]:
    """Scale each row's levels so that the kept cells sum to what all of them did.

    Parameters
    ----------
    cells
        Levels of one head, ``(rows, columns)``; pooled cells count for their largest weight.
    allowed, hidden_keys
        Cells and columns to keep and to leave out.
    """
    kept = np.ones(cells.shape, bool) if allowed is None else allowed.copy()
    if hidden_keys is not None:
        kept &= ~hidden_keys
    weights = (cells / 255.0) ** 2
    total, inside = weights.sum(axis=1), (weights * kept).sum(axis=1)
    scale = np.sqrt(np.divide(total, inside, out=np.ones_like(total), where=inside > 0))
    scaled: NDArray[np.uint8] = np.minimum(255, np.floor(cells * scale[:, None] + 0.5)).astype(
        np.uint8
    )
    return scaled


DECADES = 4
"""Powers of ten that the logarithmic scale spans below 1; what is smaller is paper."""


@functools.cache
def tones(scale: str) -> NDArray[np.uint8]:
    """Give the colour, of 256, of each of 256 levels.

    Parameters
    ----------
    scale
        ``"linear"`` in the weight; ``"log"``, from 0.0001 to 1; else in its square root, as levels
        are.
    """
    places = np.arange(256) / 255.0
    if scale == "linear":
        places = places**2
    elif scale == "log":
        places[1:] = np.maximum(0, 1 + np.log10(places[1:] ** 2) / DECADES)
    table: NDArray[np.uint8] = np.floor(255 * places + 0.5).astype(np.uint8)
    table.flags.writeable = False
    return table


def toned(
    cells: NDArray[np.uint8], scale: str, blank: Bools, within: Bools | None
) -> NDArray[np.uint8]:
    """Turn the levels of one head into colours of the table, 0 to 255.

    Parameters
    ----------
    cells
        Levels, ``(rows, columns)``, those below the threshold set to 0.
    scale
        As of an :class:`Overlay`.
    blank
        Cells that are not drawn.
    within
        Cells that a row's or head's largest weight is looked for among; None for all.
    """
    if scale not in {"row", "head"}:
        return tones(scale)[cells]
    most = np.where(blank if within is None else blank | ~within, 0, cells).max(axis=1)
    if scale == "head":
        most = np.full_like(most, most.max())
    factor = np.divide(255, most, out=np.ones(len(most)), where=most > 0)
    shares: NDArray[np.uint8] = np.minimum(255, np.floor(cells * factor[:, None] + 0.5)).astype(
        np.uint8
    )
    return shares


def any_of(flags: Bools, shape: tuple[int, int]) -> Bools:
    """Shrink a mask to cells: one is kept if any pair in it is."""
    pooled: Bools = levels.pool(flags, *shape)
    return pooled


def all_of(flags: Bools | None, count: int) -> Bools | None:
    """Shrink flags to cells: one is flagged if all positions in it are."""
    if flags is None:
        return None
    open_: Bools = levels.pool(~flags[None], 1, count)[0]
    return ~open_
