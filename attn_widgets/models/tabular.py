"""Texts that come as a table: the column that is meant, or a refusal that names the columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

Column: TypeAlias = "str | tuple[str, str]"


def texts_of(given: Any, column: Column | None = None) -> Iterable[Any]:  # noqa: ANN401 - checked here
    """Read texts out of whatever holds several: a list, a series, an array, a data frame.

    Iterating over a data frame gives the names of its columns, and over a dictionary its keys;
    these would pass for texts.

    Parameters
    ----------
    given
        An iterable; of a data frame (known by ``columns`` and ``iloc``) and of an array with two
        dimensions the only column is meant.
    column
        Of a data frame with several, the one that is meant, or the two that are pairs; None if
        the caller cannot say.

    Raises
    ------
    TypeError
        If it is a data frame of other columns, a dictionary, or nothing to iterate over.
    ValueError
        If it is an array of more columns than one.
    """
    if hasattr(given, "columns") and hasattr(given, "iloc"):
        return _column_of(given, column)
    if isinstance(given, np.ndarray) and given.ndim != 1:
        if given.ndim != 2 or given.shape[1] != 1:  # noqa: PLR2004 - rows, columns
            msg = f"texts have shape {given.shape}: expected (texts,) or (texts, 1)"
            raise ValueError(msg)
        return list(given[:, 0])
    if isinstance(given, Mapping):
        names = ", ".join(repr(name) for name in list(given)[:_SHOWN])
        msg = (
            f"texts is a {type(given).__name__} with the keys {names}: expected a list or another "
            "stream of texts; give list(texts.values()); of a set of splits, give one"
        )
        raise TypeError(msg)
    if not isinstance(given, Iterable):
        msg = (
            f"texts is a {type(given).__name__}, {given!r:.60}: expected a list or another stream "
            "of texts, or of pairs (text, pair)"
        )
        raise TypeError(msg)
    return given


def _column_of(frame: Any, column: Column | None) -> Iterable[Any]:  # noqa: ANN401 - a data frame of any library
    names = list(frame.columns)
    if isinstance(column, tuple) and all(name in names for name in column):
        one, other = (frame.iloc[:, names.index(name)] for name in column)
        return zip(one, other, strict=True)
    if len(names) == 1 and not isinstance(column, tuple):
        column = names[0]
    if column in names:
        return list(frame.iloc[:, names.index(column)])
    have = ", ".join(map(repr, names[:_SHOWN])) or "none"
    first = next((name for name in names if name == "text"), names[0] if names else "text")
    msg = (
        f"texts is a {type(frame).__name__} with {len(names)} columns, {have}: which one holds the "
        f"texts cannot be told; give that, for example df[{first!r}]"
    )
    raise TypeError(msg)


_SHOWN = 8
