"""Everything that is changed in one run: masks and edits, as one value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Final, Literal, TypeAlias, get_args

from attn_widgets.interventions.edits import EDITS, Edit
from attn_widgets.interventions.errors import InterventionError
from attn_widgets.interventions.places import Places, places
from attn_widgets.masks import Assignment, Mask, parse

Change: TypeAlias = Mask | Assignment | Edit

Empty: TypeAlias = Literal["error", "self", "zero"]
"""What becomes of a query that a mask leaves no key: refused, its own key, or no output."""

_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, repr=False)
class Changes:
    """What a model is run under.

    Masks come before edits; several masks keep what all of them keep.

    Parameters
    ----------
    parts
        Masks, assignments of masks, and edits, in the order they were given.
    empty
        What becomes of a query that the masks leave no key: ``"error"``, ``"self"`` (it looks at
        its own key) or ``"zero"`` (it gets nothing).

    Raises
    ------
    InterventionError
        If a part is none of these, or `empty` another word.
    """

    parts: tuple[Change, ...] = ()
    empty: Empty = "error"

    def __post_init__(self) -> None:
        """Refuse what is no change."""
        object.__setattr__(self, "parts", _checked(self.parts))
        if self.empty not in get_args(Empty):
            msg = f"empty is 'error', 'self' or 'zero', not {self.empty!r}"
            raise InterventionError(msg)

    @classmethod
    def read(cls, mask: object = None, edits: object = ()) -> Changes:
        """Take a mask (its text form, or changes) and edits as a caller gives them.

        Raises
        ------
        InterventionError
            If something is no mask and no edit.
        MaskParseError
            If a text is no mask.
        """
        several: tuple[object, ...] = (edits,)
        if isinstance(edits, Iterable) and not isinstance(edits, str):
            several = tuple(edits)
        if isinstance(mask, Changes):
            return cls((*mask.parts, *_checked(several)), mask.empty)
        masks = () if mask is None else (parse(mask) if isinstance(mask, str) else mask,)
        return cls(_checked((*masks, *several)))

    @property
    def mask(self) -> Mask | Assignment | None:
        """All masks joined by ``&``; None without one."""
        masks = [part for part in self.parts if isinstance(part, Mask | Assignment)]
        return reduce(and_, masks) if masks else None

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits, in order."""
        return tuple(part for part in self.parts if isinstance(part, Edit))

    def require(self, layers: int, heads: int) -> None:
        """Check that a model of so many layers and heads has all that are named.

        Raises
        ------
        InterventionError, MaskBindError
            If it has not.
        """
        for part in self.parts:
            if not isinstance(part, Mask):
                part.require(layers, heads)

    def to_spec(self) -> dict[str, object]:
        """Return plain JSON values: ``{"parts": [...], "empty": ...}``."""
        return {"parts": [part.to_spec() for part in self.parts], "empty": self.empty}

    @classmethod
    def from_spec(cls, spec: object) -> Changes:
        """Read what `to_spec` wrote, trusting nothing about it.

        Raises
        ------
        InterventionError, MaskSpecError
            If anything in it is not as written; the message says where.
        """
        if not isinstance(spec, dict) or set(spec) != {"parts", "empty"}:
            msg = "changes need 'parts' and 'empty', and nothing else"
            raise InterventionError(msg)
        parts = spec["parts"]
        if not isinstance(parts, list) or len(parts) > _MOST:
            msg = f"'parts' must be a list of at most {_MOST} changes, not {parts!r:.60}"
            raise InterventionError(msg)
        return cls(tuple(_read_part(part) for part in parts), spec["empty"])

    def __bool__(self) -> bool:
        """Say whether anything is changed."""
        return bool(self.parts)

    def __repr__(self) -> str:
        """Return the changes as they would be typed."""
        parts = ", ".join(map(repr, self.parts)) or "no change"
        return parts if self.empty == "error" else f"{parts}, empty={self.empty!r}"


def joined(all_changes: Iterable[Changes]) -> Changes:
    """Put changes together, in order; of what they say of empty rows, the last but errors holds."""
    parts: list[Change] = []
    empty: Empty = "error"
    for changes in all_changes:
        parts += changes.parts
        empty = empty if changes.empty == "error" else changes.empty
    return Changes(tuple(parts), empty)


def _checked(parts: object) -> tuple[Change, ...]:
    if not isinstance(parts, Iterable) or isinstance(parts, str):
        msg = f"changes are given as a list, not {parts!r:.60}: Changes((local(2),))"
        raise InterventionError(msg)
    found: list[Change] = []
    for part in parts:
        if not isinstance(part, Mask | Assignment | Edit):
            msg = (
                f"{part!r:.60} is no change: expected a mask (local(2), knock_out('sep'), ...) "
                "or an edit (ablate, uniform, mute, bias, sink_logit)"
            )
            raise InterventionError(msg)
        found.append(part)
    return tuple(found)


def _read_part(spec: object) -> Change:
    kind = spec.get("kind") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(kind, str):
        msg = f"a change must be an object with a 'kind', not {spec!r:.60}"
        raise InterventionError(msg)
    if kind in {"per_head", "per_layer"}:
        return Assignment.from_spec(spec)
    if kind not in EDITS:
        return Mask.from_spec(spec)
    if "at" not in spec:
        msg = f"{kind!r} needs 'at': the heads it is made in, or null for all of them"
        raise InterventionError(msg)
    values = {name: value for name, value in spec.items() if name not in {"kind", "at"}}
    return EDITS[kind].read(_read_places(spec["at"]), values)


def _read_places(at: object) -> Places:
    if at is None:
        return None
    if not isinstance(at, list) or not all(isinstance(p, list) and len(p) == 2 for p in at):  # noqa: PLR2004 - layer and head
        msg = f"'at' is null or a list of [layer, head], not {at!r:.60}"
        raise InterventionError(msg)
    whole = [layer for layer, head in at if head is None]
    single = [(layer, head) for layer, head in at if head is not None]
    return places(single, whole)
