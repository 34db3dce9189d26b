"""Trait types that check what they are given and say how to mend it."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, overload

import traitlets as t

from attn_widgets.interventions import Changes
from attn_widgets.masks import Assignment, BoundAssignment, BoundMask, Mask, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.interventions import Change


class Choice(t.TraitType[Any, Any]):
    """A value of which only the widget can say whether it may be; its own check says all of it."""


class MaskTrait(t.TraitType[Any, Any]):
    """A mask or an assignment of masks, a mask's text form, or None; it travels as a JSON spec."""

    info_text = "a mask such as local(2) | global_('cls'), its text form, or None"

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - traitlets' own signature
        super().__init__(default_value=None, allow_none=True, **kwargs)
        self.tag(sync=True, to_json=_mask_to_json, from_json=_mask_from_json)

    def validate(self, obj: t.HasTraits | None, value: object) -> Mask | Assignment:
        """Accept a mask, an assignment, or a mask's text form.

        Raises
        ------
        TraitError
            If it is neither, or a mask already bound to a text.
        """
        if isinstance(value, Mask | Assignment):
            return value
        if isinstance(value, BoundMask | BoundAssignment):
            msg = (
                f"this mask is bound to a text already ({value!r:.80}): give the mask itself, and "
                "the explorer binds it to its own text"
            )
            raise t.TraitError(msg)
        if isinstance(value, str):
            try:
                return parse(value)
            except ValueError as error:
                raise t.TraitError(str(error)) from error
        self.error(obj, value)
        raise AssertionError  # error() has raised


def _mask_to_json(value: Mask | Assignment | None, _widget: object) -> object:
    return None if value is None else value.to_spec()


def _mask_from_json(value: object, _widget: object) -> Mask | Assignment | None:
    if value is None:
        return None
    assigned = isinstance(value, dict) and str(value.get("kind", "")).startswith("per_")
    return Assignment.from_spec(value) if assigned else Mask.from_spec(value)


class EditsTrait(t.TraitType[Any, Any]):
    """Changes of a model other than the mask on show, in order; they travel as JSON specs."""

    info_text = "edits such as ablate((2, 7)) or knock_out('sep'), one or a list of them"

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - traitlets' own signature
        super().__init__(default_value=(), **kwargs)
        self.tag(sync=True, to_json=_edits_to_json, from_json=_edits_from_json)

    def validate(self, _obj: t.HasTraits | None, value: object) -> tuple[Change, ...]:
        """Accept one change or several.

        Raises
        ------
        TraitError
            If one of them is no change.
        """
        try:
            return Changes.read(None, () if value is None else value).parts
        except ValueError as error:
            raise t.TraitError(str(error)) from error


def _edits_to_json(value: tuple[Change, ...], _widget: object) -> object:
    return Changes(value).to_spec()["parts"]


def _edits_from_json(value: object, _widget: object) -> tuple[Change, ...]:
    return Changes.from_spec({"parts": value, "empty": "error"}).parts


@overload
def one_of(name: str, value: object, allowed: Sequence[int], what: str) -> int: ...
@overload
def one_of(
    name: str, value: object, allowed: Sequence[int], what: str, *, or_none: bool
) -> int | None: ...
def one_of(
    name: str, value: object, allowed: Sequence[int], what: str, *, or_none: bool = False
) -> int | None:
    """Check that a number is one of those allowed, or None where that is a choice.

    Raises
    ------
    TraitError
        Naming the value and the range.
    """
    if value is None and or_none:
        return None
    number = whole_number(value)
    if number is None or number not in allowed:
        msg = f"{name}={value!r}: this record has {what} {spoken(allowed)}"
        raise t.TraitError(msg)
    return number


def whole_number(value: object) -> int | None:
    """Read a whole number, numpy's included; None for anything else."""
    plain = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return int(value) if plain else None  # type: ignore[call-overload]


def whole_numbers(value: object) -> tuple[int, ...] | None:
    """Read a row of whole numbers; None for anything else."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    read = tuple(whole_number(one) for one in value)
    return None if None in read else read  # type: ignore[return-value]


def spoken(numbers: Sequence[int]) -> str:
    """Say which numbers, as a range where they are one."""
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))
