"""Lines of plain text in which a wide character takes two columns."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 100
"""Columns of a line."""

_OPENS: Final = "「『(（"  # noqa: RUF001 - full-width brackets are meant
_CLOSES: Final = "、。」』・:：)）"  # noqa: RUF001 - likewise
_TWO: Final = 2


def wrapped(words: str, indent: int, first: int | None = None) -> str:
    """Break a text at spaces and between wide characters, none of which is left hanging.

    Parameters
    ----------
    words
        The text.
    indent
        Columns that are left free at the start of a line.
    first
        Those of the first line, if others.
    """
    lead = indent if first is None else first
    lines: list[str] = []
    start, used, last = 0, 0, 0
    for place, character in enumerate(words):
        if used + width(character) > LONGEST - (indent if lines else lead) and last > start:
            lines.append(words[start:last].rstrip())
            start, used = last, width(words[last:place])
        used += width(character)
        if _may_break(words, place):
            last = place + 1
    lines.append(words[start:].rstrip())
    return "\n".join(" " * (indent if number else lead) + line for number, line in enumerate(lines))


def width(words: str) -> int:
    """Count columns."""
    return sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in words)


def _may_break(words: str, place: int) -> bool:
    """Say whether a line may end after a character."""
    here, after = words[place], words[place + 1 : place + 2]
    if here == " ":
        return True
    between = _TWO in (width(here), width(after))
    return between and here not in _OPENS and after not in (*_CLOSES, " ")
