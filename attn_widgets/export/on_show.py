"""What is on show, in the form that figures are laid out from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.export.shading import Shaded


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The head, or the mean over several, that is drawn in full.

    Parameters
    ----------
    shaded
        Its cells, or those of the window that is drawn.
    title
        Which it is.
    queries, keys
        The tokens of its rows and columns, as they can be read.
    query_marks, key_marks
        The group each is marked as, or None.
    query_parts, key_parts
        Where one text ends and the next begins.
    picked
        Row and column that are picked; either may be None.
    said
        What is to be said below it.
    """

    shaded: Shaded
    title: str
    queries: Sequence[str]
    keys: Sequence[str]
    query_marks: Sequence[str | None]
    key_marks: Sequence[str | None]
    query_parts: Sequence[int] = ()
    key_parts: Sequence[int] = ()
    picked: tuple[int | None, int | None] = (None, None)
    said: Sequence[str] = ()


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class OnShow:
    """All of a figure but its layout.

    Parameters
    ----------
    title, about
        What was run, and how large it is.
    layers, heads
        The numbers of the grid's rows and columns.
    grid
        By layer and head.
    marks
        The group that each column of a head in the grid is marked as, or None.
    focused
        Layer and head in focus; None where a mean is drawn.
    head
        What is drawn in full.
    scale, colors, signed
        What colour follows, the colour table, and whether a difference is drawn.
    legend
        Swatches and what they mean: a group's name, ``"veil"``, ``"hidden"`` or ``"lone"``.
    remarks
        More to be said in the legend.
    sources
        Where the numbers come from, by name.
    data
        The same for programs, as plain JSON values.
    theme, lang
        ``"light"`` or ``"dark"``, and ``"en"`` or ``"ja"``.
    """

    title: str
    about: str
    layers: Sequence[int]
    heads: Sequence[int]
    grid: Mapping[tuple[int, int], Shaded]
    marks: Sequence[str | None] | None
    focused: tuple[int, int] | None
    head: Head
    scale: str
    colors: str
    signed: bool
    legend: Sequence[tuple[str, str]]
    remarks: Sequence[str]
    sources: Mapping[str, str]
    data: Mapping[str, Any]
    theme: str
    lang: str
