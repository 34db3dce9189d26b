"""Positions that are no words: patches of a picture, frames of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.adapters.labels import Labels
from attn_widgets.record import Patches, Token, TokenRole

if TYPE_CHECKING:
    from collections.abc import Sequence


def patches(
    grid: Sequence[int], prefix: Sequence[str] | None, count: int, image: object = None
) -> Labels:
    """Call positions by the row and column of their patch.

    Parameters
    ----------
    grid
        Rows and columns.
    prefix
        What stands before the patches, in order: ``"cls"`` and other names; by default ``"cls"``
        where one position is left over, and nothing where none is.
    count
        Positions in all.
    image
        What the patches show; see :meth:`Patches.of`.

    Raises
    ------
    ValueError
        If grid and prefix do not make up the positions, or the image is none.
    """
    whole = hasattr(grid, "__len__") and all(isinstance(n, int | np.integer) for n in grid)
    if not whole or len(grid) != 2 or min(grid) < 1:  # noqa: PLR2004 - rows, columns
        msg = f"patches={grid!r}: expected (rows, columns), whole numbers of at least 1"
        raise ValueError(msg)
    rows, columns = grid
    left = count - rows * columns
    if prefix is None and left in (0, 1):
        prefix = ("cls",) * left
    if prefix is None or len(prefix) != left:
        named = "" if prefix is None else f" and prefix={list(prefix)}"
        mend = (
            f"name the {left} positions before the patches, for example prefix=['cls', 'register', "
            "...]"
            if left > 0
            else "give the rows and columns of the picture in patches"
        )
        msg = (
            f"patches=({rows}, {columns}) are {rows * columns} patches{named}, but there are "
            f"{count} positions: {mend}"
        )
        raise ValueError(msg)
    tokens = [_named(name) for name in prefix]
    tokens += [
        Token(text=f"{row},{column}", display=f"{row},{column}")
        for row in range(rows)
        for column in range(columns)
    ]
    shown = None
    if image is not None:
        shown = Patches.of(image, rows=rows, columns=columns, first=len(prefix))
    note = f"Tokens are {rows} x {columns} patches: row, column."
    return Labels(tuple(tokens), note=note, patches=shown)


def _named(name: str) -> Token:
    known = {role.value: role for role in TokenRole if role.is_special}
    return Token(f"[{name.upper()}]", f"[{name.upper()}]", role=known.get(name, TokenRole.SPECIAL))


def frames(seconds: Any, count: int) -> Labels:  # noqa: ANN401 - whatever a caller gives
    """Call positions by the time at which their frame begins.

    Parameters
    ----------
    seconds
        Length of a frame, a number.
    count
        Positions in all.

    Raises
    ------
    ValueError
        If a frame has no length.
    """
    if not isinstance(seconds, float | int | np.number) or not seconds > 0:
        msg = f"frames={seconds!r}: expected the seconds from one frame to the next, above 0"
        raise ValueError(msg)
    digits = max(0, len(f"{seconds:.6f}".rstrip("0").partition(".")[2]))
    texts = [f"{place * seconds:.{digits}f}s" for place in range(count)]
    tokens = tuple(Token(text, text) for text in texts)
    return Labels(tokens, note=f"Tokens are frames of {seconds:g} seconds.")
