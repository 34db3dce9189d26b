"""How large a mask may be; the same numbers hold in the browser."""

from __future__ import annotations

import math
import operator
from decimal import Decimal

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

MIN_REAL = 1e-15
"""Smallest number but 0 that a mask may name."""

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


def real(name: str, value: object, low: float, high: float) -> float:
    """Return `value` as a float within ``low..high``, 0 or at least 1e-15 in size.

    Raises
    ------
    MaskError
        If it is not a finite number (a bool is not one) or lies outside the range.
    """
    try:
        number = None if isinstance(value, (bool, str)) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or not math.isfinite(number):
        msg = f"{name} must be a finite number, not {value!r:.60}"
        raise MaskError(msg)
    if not low <= number <= high or 0 < abs(number) < MIN_REAL:
        msg = f"{name} must be between {plain(low)} and {plain(high)}, not {plain(number)}"
        raise MaskError(msg)
    return number + 0.0


def flag(name: str, value: object) -> bool:
    """Return `value` if it is True or False.

    Raises
    ------
    MaskError
        If it is anything else.
    """
    if not isinstance(value, bool):
        msg = f"{name} must be True or False, not {value!r:.60}"
        raise MaskError(msg)
    return value


def plain(number: float) -> str:
    """Write a number in full, without an exponent: ``0.25``, ``2``, ``0.00001``."""
    digits = format(Decimal(repr(number)), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
