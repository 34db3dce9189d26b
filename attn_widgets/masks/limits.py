"""How large a mask may be; the same numbers hold in the browser."""

from __future__ import annotations

import operator

from attn_widgets.masks.errors import MaskError

MAX_INT = 2**31 - 1
"""Largest window, dilation, count or index a mask may name."""

MAX_DEPTH = 32
"""Deepest nesting of `|`, `&` and `~`."""

MAX_PARTS = 2048
"""Most parts, patterns and operators and listed tokens together, in one mask."""

MAX_TEXT = 2**17
"""Longest text form that is read, in characters."""

MAX_NESTING = 64
"""Most parentheses and `~` open at once in a text form."""

MAX_TOKENS = 2**24
"""Most queries, or keys, a mask is bound to."""


def whole(name: str, value: object, low: int, high: int = MAX_INT) -> int:
    """Return `value` as an int within ``low..high``.

    Raises
    ------
    MaskError
        If it is not a whole number (a bool is not one) or lies outside the range.
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        msg = f"{name} must be a whole number, not {value!r:.60}"
        raise MaskError(msg)
    if not low <= number <= high:
        msg = f"{name} must be between {low} and {high}, not {number}"
        raise MaskError(msg)
    return number
