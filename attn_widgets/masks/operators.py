"""The three operators of masks: not, or, and."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from itertools import chain, product
from operator import and_, or_
from typing import TYPE_CHECKING, ClassVar

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import MAX_DEPTH, MAX_PARTS
from attn_widgets.masks.rows import intervals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Way
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.head_data import HeadData
    from attn_widgets.masks.rows.intervals import Intervals
    from attn_widgets.masks.rows.pieces import Pieces
    from attn_widgets.masks.spec import Spec, SpecReader

_MOST_WAYS = 64


@dataclass(frozen=True, slots=True, repr=False)
class Not(Mask):
    """Everything but one mask; made by ``~``."""

    kind: ClassVar[str] = "not"
    binding: ClassVar[int] = 3
    of: Mask

    def __post_init__(self) -> None:
        """Refuse a mask that would be too large."""
        _check_size(self)

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return the gaps of the other mask."""
        return intervals.complement(self.of.intervals(frame, first, last), frame.n_keys)

    def slots(self, frame: Frame) -> int:
        """One more than the other mask."""
        return self.of.slots(frame) + 1

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return the other mask's pieces, each set replaced by its gaps."""
        return ~self.of.pieces(frame, first, last)

    def cuts(self, frame: Frame) -> int:
        """Return the cuts of the other mask."""
        return self.of.cuts(frame)

    def marks(
        self, frame: Frame, first: int, last: int, left: int, right: int
    ) -> NDArray[np.bool_]:
        """Return the opposite of the other mask's."""
        return ~self.of.marks(frame, first, last, left, right)

    def ways(self, whole: Callable[[Mask], bool], *, negated: bool = False) -> list[Way]:
        """Write the other mask the other way round."""
        if whole(self):
            return super(Not, self).ways(whole, negated=negated)
        return self.of.ways(whole, negated=not negated)

    @property
    def diagonal(self) -> bool:
        """As of the other mask."""
        return self.of.diagonal

    @property
    def grain(self) -> int:
        """As of the other mask."""
        return self.of.grain

    def values(self) -> Spec:
        """Write the other mask as a specification."""
        return {"of": self.of.to_spec()}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:
        """Read the other mask."""
        return ~reader.mask(values["of"], f"{path}.of", depth + 1)

    @property
    def needs(self) -> frozenset[str]:
        """What the other mask needs."""
        return self.of.needs

    def settle(self, data: HeadData, frame: Frame) -> Mask:
        """Decide the other mask."""
        return ~self.of.settle(data, frame)

    @property
    def parts(self) -> int:
        """One more than the other mask."""
        return self.of.parts + 1

    @property
    def depth(self) -> int:
        """One more than the other mask."""
        return self.of.depth + 1

    def __repr__(self) -> str:
        """Return ``~a``."""
        return "~" + _text(self.of, self.binding)

    def __str__(self) -> str:
        """Say it in words."""
        return f"everything but ({self.of})"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class _Many(Mask):
    """What ``|`` and ``&`` share: operands in the order typed, compared in any order."""

    sign: ClassVar[str]
    word: ClassVar[str]
    of: tuple[Mask, ...]

    def __post_init__(self) -> None:
        """Refuse a mask that would be too large."""
        _check_size(self)

    def slots(self, frame: Frame) -> int:
        """All that the operands need, and one per operand for the gaps between."""
        return sum(mask.slots(frame) + 1 for mask in self.of)

    def cuts(self, frame: Frame) -> int:
        """Return the cuts of all operands together."""
        return sum(mask.cuts(frame) for mask in self.of)

    def ways(self, whole: Callable[[Mask], bool], *, negated: bool = False) -> list[Way]:
        """Put the operands' ways side by side, or choose one of each operand's in every manner."""
        alone = super(_Many, self).ways(whole, negated=negated)
        if whole(self):
            return alone
        parts = [mask.ways(whole, negated=negated) for mask in self.of]
        side_by_side = isinstance(self, Or) is not negated
        count = (sum if side_by_side else math.prod)(map(len, parts))
        if count > _MOST_WAYS:
            return alone
        if side_by_side:
            return list(chain.from_iterable(parts))
        return [tuple(chain.from_iterable(chosen)) for chosen in product(*parts)]

    @property
    def diagonal(self) -> bool:
        """Whether so are all operands."""
        return all(mask.diagonal for mask in self.of)

    @property
    def grain(self) -> int:
        """Side of the largest blocks that fit into those of every operand."""
        return math.gcd(*(mask.grain for mask in self.of))

    def values(self) -> Spec:
        """Write the operands as specifications."""
        return {"of": [mask.to_spec() for mask in self.of]}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:
        """Read the operands, two at least."""
        of = values["of"]
        if not isinstance(of, list) or len(of) < 2:  # noqa: PLR2004 - an operator stands between two
            msg = f"'of' must be a list of two or more masks, not {of!r:.60}"
            raise MaskError(msg)
        masks = (
            reader.mask(spec, f"{path}.of[{index}]", depth + 1) for index, spec in enumerate(of)
        )
        return combine(cls, masks)

    @property
    def needs(self) -> frozenset[str]:
        """What any operand needs."""
        return frozenset().union(*(mask.needs for mask in self.of))

    def settle(self, data: HeadData, frame: Frame) -> Mask:
        """Decide every operand."""
        return combine(type(self), [mask.settle(data, frame) for mask in self.of])

    @property
    def parts(self) -> int:
        """One more than the operands together."""
        return sum(mask.parts for mask in self.of) + 1

    @property
    def depth(self) -> int:
        """One more than the deepest operand."""
        return max(mask.depth for mask in self.of) + 1

    def __eq__(self, other: object) -> bool:
        """Equal when the operands are the same, in any order."""
        if type(other) is not type(self):
            return NotImplemented
        return frozenset(self.of) == frozenset(other.of)

    def __hash__(self) -> int:
        """Hash the operands, in any order."""
        return hash((self.kind, frozenset(self.of)))

    def __repr__(self) -> str:
        """Return the operands with the sign between."""
        return self.sign.join(_text(mask, self.binding) for mask in self.of)

    def __str__(self) -> str:
        """Say it in words."""
        return self.word.join(f"({mask})" for mask in self.of)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Or(_Many):
    """Keys that any operand keeps; made by ``|``."""

    kind: ClassVar[str] = "or"
    binding: ClassVar[int] = 1
    sign: ClassVar[str] = " | "
    word: ClassVar[str] = " or "

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Merge the operands' intervals."""
        return intervals.union([mask.intervals(frame, first, last) for mask in self.of])

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Join the operands' pieces."""
        return reduce(or_, (mask.pieces(frame, first, last) for mask in self.of))

    def marks(
        self, frame: Frame, first: int, last: int, left: int, right: int
    ) -> NDArray[np.bool_]:
        """Join the operands' booleans."""
        return reduce(or_, (mask.marks(frame, first, last, left, right) for mask in self.of))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class And(_Many):
    """Keys that every operand keeps; made by ``&``."""

    kind: ClassVar[str] = "and"
    binding: ClassVar[int] = 2
    sign: ClassVar[str] = " & "
    word: ClassVar[str] = " and "

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Cut the first operand's intervals by all the others."""
        kept = self.of[0].intervals(frame, first, last)
        for mask in self.of[1:]:
            kept = intervals.intersection(kept, mask.intervals(frame, first, last), frame.n_keys)
        return kept

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Cut the first operand's pieces by all the others'."""
        return reduce(and_, (mask.pieces(frame, first, last) for mask in self.of))

    def marks(
        self, frame: Frame, first: int, last: int, left: int, right: int
    ) -> NDArray[np.bool_]:
        """Keep the booleans true in every operand."""
        return reduce(and_, (mask.marks(frame, first, last, left, right) for mask in self.of))


def combine(operator: type[_Many], masks: Iterable[Mask]) -> Mask:
    """Join masks by one operator: flattened, each operand once, alone if only one is left."""
    flat: dict[Mask, None] = {}
    for mask in masks:
        flat.update(dict.fromkeys(mask.of if isinstance(mask, operator) else (mask,)))
    return next(iter(flat)) if len(flat) == 1 else operator(tuple(flat))


def _check_size(mask: Mask) -> None:
    if mask.depth > MAX_DEPTH or mask.parts > MAX_PARTS:
        msg = (
            f"a mask has at most {MAX_PARTS} parts nested {MAX_DEPTH} deep; this one would have "
            f"{mask.parts} parts, {mask.depth} deep"
        )
        raise MaskError(msg)


def _text(mask: Mask, binding: int) -> str:
    return f"({mask!r})" if mask.binding < binding else repr(mask)
