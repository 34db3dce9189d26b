"""Which head gets which mask: a value like a mask, resolved per layer and head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import and_, or_, sub
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias, TypeGuard

from attn_widgets.masks.errors import MaskBindError, MaskError, MaskSpecError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import MAX_PARTS, whole
from attn_widgets.masks.patterns.windows import full

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attn_widgets.masks.bound import BoundMask
    from attn_widgets.masks.spec import Spec
    from attn_widgets.masks.tokens import HasRole

Axis: TypeAlias = Literal["head", "layer"]


@dataclass(frozen=True, slots=True, repr=False)
class Assignment:
    """One mask per head, or per layer and head; made by `per_head` and `per_layer`.

    Two assignments are equal when they give every layer and head an equal mask by the same axes:
    entries that repeat the default are dropped. ``|``, ``&``, ``-`` and ``~`` act on every mask
    in it.

    Parameters
    ----------
    axis : "head" or "layer"
        What the numbers count.
    entries : tuple of (int, Mask or Assignment)
        The model's own numbers, from 0, each once and sorted.
    default : Mask or Assignment
        What the rest gets. Only layers may hold assignments, by head.
    """

    axis: Axis
    entries: tuple[tuple[int, Mask | Assignment], ...]
    default: Mask | Assignment

    def __post_init__(self) -> None:
        """Refuse what is not a mask; put the entries in order."""
        if self.axis not in ("head", "layer"):
            msg = f"masks are given per 'head' or per 'layer', not per {self.axis!r:.40}"
            raise MaskError(msg)
        if len(self.entries) > MAX_PARTS:
            msg = f"at most {MAX_PARTS} {self.axis}s are given masks, not {len(self.entries)}"
            raise MaskError(msg)
        default = self._checked(self.default)
        found: dict[int, Mask | Assignment] = {}
        for number, mask in self.entries:
            place = whole(f"a {self.axis}", number, 0)
            if place in found:
                msg = f"{self.axis} {place} is given two masks"
                raise MaskError(msg)
            found[place] = self._checked(mask)
        kept = sorted((place, mask) for place, mask in found.items() if mask != default)
        object.__setattr__(self, "entries", tuple(kept))

    def _checked(self, mask: object) -> Mask | Assignment:
        if isinstance(mask, Mask):
            return mask
        if isinstance(mask, Assignment) and (self.axis, mask.axis) == ("layer", "head"):
            return mask
        allowed = "a mask, or per_head(...)" if self.axis == "layer" else "a mask"
        msg = f"a {self.axis} is given {allowed}, not {mask!r:.60}"
        raise MaskError(msg)

    @staticmethod
    def from_spec(spec: object) -> Assignment:
        """Read an assignment from its JSON form, trusting nothing about it.

        Raises
        ------
        MaskSpecError
            If anything in it is not as `to_spec` writes it; the message says where.
        """
        return _read(spec, "assignment")

    def to_spec(self) -> Spec:
        """Return plain JSON values, equal masks written once.

        ``{"kind": "per_head", "of": [{"at": [0, 3], "mask": {...}}, ...], "default": {...}}``.
        """
        return {
            "kind": f"per_{self.axis}",
            "of": [{"at": at, "mask": mask.to_spec()} for mask, at in self._groups()],
            "default": self.default.to_spec(),
        }

    def for_head(self, layer: int, head: int) -> Mask:
        """Return the mask of one head, both counted from 0."""
        number = layer if self.axis == "layer" else head
        mask = self.at(whole(f"the {self.axis}", number, 0))
        return mask if isinstance(mask, Mask) else mask.for_head(layer, head)

    def at(self, number: int) -> Mask | Assignment:
        """Return what one number of the own axis is given."""
        return dict(self.entries).get(number, self.default)

    def distinct(self) -> tuple[Mask, ...]:
        """Return every mask in it once, the default last."""
        found: dict[Mask, None] = {}
        for mask in (*(mask for _, mask in self.entries), self.default):
            found.update(dict.fromkeys(mask.distinct() if isinstance(mask, Assignment) else [mask]))
        return tuple(found)

    @property
    def needs(self) -> frozenset[str]:
        """What any mask in it needs of a head's run; see `Mask.needs`."""
        return frozenset().union(*(mask.needs for mask in self.distinct()))

    def bind(
        self,
        layers: int,
        heads: int,
        n_queries: int,
        n_keys: int | None = None,
        tokens: Sequence[HasRole] | None = None,
        q_offset: int = 0,
    ) -> BoundAssignment:
        """Lay the masks over one text, in a model of so many layers and heads.

        Parameters
        ----------
        layers, heads : int
            How many the model has.
        n_queries, n_keys, tokens, q_offset
            As `Mask.bind` takes them.

        Raises
        ------
        MaskBindError
            If a layer or head with a mask of its own is not in the model, or a mask does not fit
            the text.
        """
        self.require(layers, heads)
        bound = {
            mask: mask.bind(n_queries, n_keys, tokens, q_offset)
            for mask in {self.for_head(i, j): None for i in range(layers) for j in range(heads)}
        }
        return BoundAssignment(self, layers, heads, tuple(bound.items()))

    def require(self, layers: int, heads: int) -> None:
        """Check that the model has every layer and head that is given a mask.

        Raises
        ------
        MaskBindError
            If it has not; the message names them.
        """
        size = {"layer": layers, "head": heads}[self.axis]
        missing = [number for number, _ in self.entries if number >= size]
        if missing:
            names = ", ".join(map(str, missing[:8])) + (", ..." if len(missing) > 8 else "")  # noqa: PLR2004 - enough to find them
            msg = (
                f"masks are given to {self.axis} {names}, but the model has {size} {self.axis}s, "
                f"0 to {size - 1}"
            )
            raise MaskBindError(msg)
        for mask in (*(mask for _, mask in self.entries), self.default):
            if isinstance(mask, Assignment):
                mask.require(layers, heads)

    def __and__(self, other: object) -> Assignment:
        """Keep in every head what both keep."""
        return _joined(self, other, and_) if _fits(other) else NotImplemented

    def __or__(self, other: object) -> Assignment:
        """Keep in every head what either keeps."""
        return _joined(self, other, or_) if _fits(other) else NotImplemented

    def __sub__(self, other: object) -> Assignment:
        """Keep in every head what this keeps and the other does not."""
        return _joined(self, other, sub) if _fits(other) else NotImplemented

    def __rand__(self, other: object) -> Assignment:
        """Keep in every head what both keep."""
        return _joined(other, self, and_) if _fits(other) else NotImplemented

    def __ror__(self, other: object) -> Assignment:
        """Keep in every head what either keeps."""
        return _joined(other, self, or_) if _fits(other) else NotImplemented

    def __rsub__(self, other: object) -> Assignment:
        """Keep in every head what the other keeps and this does not."""
        return _joined(other, self, sub) if _fits(other) else NotImplemented

    def __invert__(self) -> Assignment:
        """Keep in every head what is not kept."""
        turned = tuple((number, ~mask) for number, mask in self.entries)
        return Assignment(self.axis, turned, ~self.default)

    def __bool__(self) -> bool:
        """Refuse ``and``, ``or`` and ``not``, as masks do.

        Raises
        ------
        TypeError
            Always.
        """
        msg = "an assignment is neither true nor false; combine with | & ~ -, not with or, and, not"
        raise TypeError(msg)

    def _groups(self) -> list[tuple[Mask | Assignment, list[int]]]:
        groups: dict[Mask | Assignment, list[int]] = {}
        for number, mask in self.entries:
            groups.setdefault(mask, []).append(number)
        return list(groups.items())

    def __repr__(self) -> str:
        """Return the call that makes it."""
        entries = (
            f"{at[0] if len(at) == 1 else tuple(at)}: {mask!r}" for mask, at in self._groups()
        )
        return f"per_{self.axis}({{{', '.join(entries)}}}, default={self.default!r})"

    def __str__(self) -> str:
        """Say it in words."""
        words = [
            f"{self.axis}{'s' if len(at) > 1 else ''} {', '.join(map(str, at))}: {mask}"
            for mask, at in self._groups()
        ]
        return "; ".join([*words, f"every other {self.axis}: {self.default}"])


@dataclass(frozen=True, slots=True, repr=False)
class BoundAssignment:
    """An assignment over one text, each distinct mask bound once; made by `Assignment.bind`.

    Parameters
    ----------
    assignment : Assignment
        As it was written.
    layers, heads : int
        How many the model has.
    masks : tuple of (Mask, BoundMask)
        Every distinct mask that some head uses.
    """

    assignment: Assignment
    layers: int
    heads: int
    masks: tuple[tuple[Mask, BoundMask], ...]

    def for_head(self, layer: int, head: int) -> BoundMask:
        """Return the bound mask of one head; the same object for heads with equal masks.

        Raises
        ------
        MaskBindError
            If the model has no such layer or head.
        """
        for name, number, size in (("layer", layer, self.layers), ("head", head, self.heads)):
            if not 0 <= number < size:
                msg = f"{name} {number} is not one of the model's {size}, 0 to {size - 1}"
                raise MaskBindError(msg)
        return dict(self.masks)[self.assignment.for_head(layer, head)]

    def distinct(self) -> tuple[BoundMask, ...]:
        """Return every bound mask once."""
        return tuple(bound for _, bound in self.masks)

    def nnz(self) -> int:
        """Return how many pairs all heads of all layers keep together."""
        kept = {mask: bound.nnz() for mask, bound in self.masks}
        return sum(
            kept[self.assignment.for_head(layer, head)]
            for layer in range(self.layers)
            for head in range(self.heads)
        )

    def __repr__(self) -> str:
        """Return the assignment and the sizes it is bound to."""
        return f"({self.assignment!r}) over {self.layers} layers x {self.heads} heads"


def per_head(masks: Mapping[int | Iterable[int], Mask], default: Mask | None = None) -> Assignment:
    """Give heads masks of their own.

    Parameters
    ----------
    masks : mapping
        From a head's number, or several (a tuple, a range), to its mask; the model's own numbers,
        from 0.
    default : Mask, optional
        The mask of every other head; `full`, which changes nothing, when left out.

    Raises
    ------
    MaskError
        If a number is given twice or is not whole, or a value is not a mask.
    """
    return Assignment("head", _opened(masks), full() if default is None else default)


def per_layer(
    masks: Mapping[int | Iterable[int], Mask | Assignment],
    default: Mask | Assignment | None = None,
) -> Assignment:
    """Give layers masks of their own, the same for all heads of a layer or `per_head`.

    Parameters
    ----------
    masks : mapping
        From a layer's number, or several, to a mask or what `per_head` returns.
    default : Mask or Assignment, optional
        What every other layer gets; `full`, which changes nothing, when left out.

    Raises
    ------
    MaskError
        If a number is given twice or is not whole, or a value is neither.
    """
    return Assignment("layer", _opened(masks), full() if default is None else default)


def _opened(masks: object) -> tuple[tuple[int, Mask | Assignment], ...]:
    if not isinstance(masks, Mapping):
        msg = f"give masks as {{number: mask}}, not {masks!r:.60}"
        raise MaskError(msg)
    return tuple(
        (number, mask)
        for at, mask in masks.items()
        for number in (at if isinstance(at, Iterable) else (at,))
    )


def _fits(value: object) -> TypeGuard[Mask | Assignment]:
    return isinstance(value, (Mask, Assignment))


def _joined(
    one: Mask | Assignment, other: Mask | Assignment, join: Callable[[Mask, Mask], Mask]
) -> Assignment:
    """Join masks head by head; by layer where either side is by layer."""
    given = [side for side in (one, other) if isinstance(side, Assignment)]
    axis: Axis = "layer" if any(side.axis == "layer" for side in given) else "head"
    numbers = {number for side in given if side.axis == axis for number, _ in side.entries}

    def both(number: int | None) -> Mask | Assignment:
        mine, theirs = _part(one, axis, number), _part(other, axis, number)
        if isinstance(mine, Mask) and isinstance(theirs, Mask):
            return join(mine, theirs)
        return _joined(mine, theirs, join)

    return Assignment(axis, tuple((number, both(number)) for number in sorted(numbers)), both(None))


def _part(side: Mask | Assignment, axis: Axis, number: int | None) -> Mask | Assignment:
    if not isinstance(side, Assignment) or side.axis != axis:
        return side
    return side.default if number is None else side.at(number)


def _read(spec: object, path: str) -> Assignment:
    axes: dict[object, Axis] = {"per_head": "head", "per_layer": "layer"}
    if not isinstance(spec, dict) or set(spec) != {"kind", "of", "default"}:
        _refuse(path, "needs a kind, of and default, and nothing else")
    kind, of = spec["kind"], spec["of"]
    if not isinstance(kind, str) or kind not in axes:
        _refuse(path, f"unknown kind {kind!r:.60}; known: per_head, per_layer")
    if not isinstance(of, list) or len(of) > MAX_PARTS:
        _refuse(path, f"'of' must be a list of at most {MAX_PARTS} entries, not {of!r:.60}")
    entries: list[tuple[int, Mask | Assignment]] = []
    for index, entry in enumerate(of):
        place = f"{path}.of[{index}]"
        if not isinstance(entry, dict) or set(entry) != {"at", "mask"}:
            _refuse(place, "needs at and mask, and nothing else")
        at = entry["at"]
        if not isinstance(at, list) or not at or len(entries) + len(at) > MAX_PARTS:
            _refuse(place, f"'at' must be a list of numbers, {MAX_PARTS} in all, not {at!r:.60}")
        mask = _read_part(entry["mask"], kind, f"{place}.mask")
        entries.extend((number, mask) for number in at)
    default = _read_part(spec["default"], kind, f"{path}.default")
    try:
        return Assignment(axes[kind], tuple(entries), default)
    except MaskError as error:
        _refuse(path, str(error))


def _read_part(spec: object, kind: str, path: str) -> Mask | Assignment:
    if kind == "per_layer" and isinstance(spec, dict) and spec.get("kind") == "per_head":
        return _read(spec, path)
    try:
        return Mask.from_spec(spec)
    except MaskSpecError as error:
        _refuse(path, str(error))


def _refuse(path: str, reason: str) -> NoReturn:
    msg = f"{path}: {reason}"
    raise MaskSpecError(msg)
