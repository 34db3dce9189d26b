"""Trait types that check what they are given and say how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from attn_widgets.masks import BoundMask, Mask, parse

if TYPE_CHECKING:
    from collections.abc import Sequence


class MaskTrait(t.TraitType[Any, Any]):
    """A mask, its text form, or None; it travels as a JSON spec."""

    info_text = "a mask such as local(2) | global_('cls'), its text form, or None"

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - traitlets' own signature
        super().__init__(default_value=None, allow_none=True, **kwargs)
        self.tag(sync=True, to_json=_mask_to_json, from_json=_mask_from_json)

    def validate(self, obj: t.HasTraits | None, value: object) -> Mask:
        """Accept a mask or its text form.

        Raises
        ------
        TraitError
            If it is neither, or a mask already bound to a text.
        """
        if isinstance(value, Mask):
            return value
        if isinstance(value, BoundMask):
            msg = (
                f"this mask is bound to {value.n_queries} x {value.n_keys} tokens: give the mask "
                "itself, and the explorer binds it to its own text"
            )
            raise t.TraitError(msg)
        if isinstance(value, str):
            try:
                return parse(value)
            except ValueError as error:
                raise t.TraitError(str(error)) from error
        self.error(obj, value)
        raise AssertionError  # error() has raised


def _mask_to_json(value: Mask | None, _widget: object) -> object:
    return None if value is None else value.to_spec()


def _mask_from_json(value: object, _widget: object) -> Mask | None:
    return None if value is None else Mask.from_spec(value)


def one_of(name: str, value: int | None, allowed: Sequence[int], what: str) -> int | None:
    """Check that a number is None or one of those allowed.

    Raises
    ------
    TraitError
        Naming the value and the range.
    """
    if value is None or value in allowed:
        return value
    msg = f"{name}={value!r}: this record has {what} {spoken(allowed)}"
    raise t.TraitError(msg)


def spoken(numbers: Sequence[int]) -> str:
    """Say which numbers, as a range where they are one."""
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))
