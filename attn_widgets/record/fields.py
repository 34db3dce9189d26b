"""Values read from JSON, taken only as the types they must have."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def field(name: str, value: object, kind: type[T]) -> T:
    """Give a value back if it is of a type; a truth value is no number.

    Raises
    ------
    TypeError
        If it is not; the message names the field.
    """
    if type(value) is not kind:
        msg = f"{name} must be {kind.__name__}, not {value!r:.60}"
        raise TypeError(msg)
    return value


def field_or_none(name: str, value: object, kind: type[T]) -> T | None:
    """Give a value back if it is of a type, or None; see :func:`field`."""
    return None if value is None else field(name, value, kind)


def fields(name: str, values: object, kind: type[T]) -> list[T]:
    """Give a list back if each of its values is of a type; see :func:`field`."""
    return [field(f"{name} entry", value, kind) for value in field(name, values, list)]
