"""What lies over a head's picture: a mask, hidden tokens, rescaled rows, a threshold."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export import levels

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """

    allowed: Callable[[int, int], Bools] | None = None
    hidden_queries: Bools | None = None
    hidden_keys: Bools | None = None
    within: bool = False
    without_hidden: bool = False
    threshold: float = 0.0
    marked: bool = True


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
