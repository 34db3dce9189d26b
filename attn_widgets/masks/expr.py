"""The mask algebra: what every mask can do, and its three operators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, ClassVar, Final

from attn_widgets.masks import intervals
from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.data import HeadData
from attn_widgets.masks.errors import MaskBindError, MaskError
from attn_widgets.masks.frame import Frame
from attn_widgets.masks.limits import MAX_DEPTH, MAX_PARTS
from attn_widgets.masks.pieces import Pieces
from attn_widgets.masks.spec import Spec, SpecReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from attn_widgets.masks.intervals import Intervals
    from attn_widgets.masks.tokens import HasRole

KINDS: Final[dict[str, type[Mask]]] = {}
"""Every concrete kind of mask, by the name it has in a specification."""


@dataclass(frozen=True, slots=True, repr=False)
class Mask(ABC):
    """Which keys each query may attend to, before any text is known.

    ``M[i, j]`` is true where query ``i`` may attend to key ``j``. Masks are immutable values. They
    combine with ``|`` (either), ``&`` (both), ``~`` (not) and ``-`` (the left without the right,
    kept as ``a & ~b``).

    Two masks are equal when they are built of the same parts: nested ``|`` and nested ``&`` are
    flattened, repeated operands dropped, ``~~a`` is ``a``, tokens are named in one order, and the
    order of operands does not count. Nothing else is simplified, so what was typed stays readable.
    `repr` gives the text form that `parse` reads; `str` a sentence with the number of keys per row.
    """

    kind: ClassVar[str]
    binding: ClassVar[int] = 4

    def __init_subclass__(cls) -> None:
        """Make the kind known to `from_spec`."""
        if "kind" in cls.__dict__:
            KINDS[cls.kind] = cls

    @staticmethod
    def from_spec(spec: object) -> Mask:
        """Read a mask from its JSON form, trusting nothing about it.

        Parameters
        ----------
        spec : object
            What `to_spec` returned, perhaps by way of JSON.

        Raises
        ------
        MaskSpecError
            If a kind is unknown, a key missing or unexpected, a value of the wrong type or out of
            range, or the whole nested too deep or too large; the message says where.
        """
        return SpecReader(KINDS).mask(spec)

    def to_spec(self) -> Spec:
        """Return the mask as plain JSON values: ``{"kind": ..., ...}``."""
        return {"kind": self.kind, **self.values()}

    def bind(
        self,
        n_queries: int,
        n_keys: int | None = None,
        tokens: Sequence[HasRole] | None = None,
        q_offset: int = 0,
    ) -> BoundMask:
        """Lay the mask over one text.

        Parameters
        ----------
        n_queries : int
            Number of queries.
        n_keys : int, optional
            Number of keys; ``n_queries + q_offset`` when left out.
        tokens : sequence, optional
            The key tokens, each with a ``.role``; needed when the mask names tokens by symbol.
        q_offset : int
            Position of query 0 among the keys (the length of the cache when decoding).

        Returns
        -------
        BoundMask
            The same mask with every token found, ready to count and to draw.

        Raises
        ------
        MaskError
            If a length is not a whole number from 1 to 2**24.
        MaskBindError
            If there are not ``n_keys`` tokens, the text lacks a token the mask names, or the mask
            `needs` the data of a head: use `bind_data`.
        """
        width = n_queries + q_offset if n_keys is None else n_keys
        return BoundMask(self, _frame(n_queries, width, tokens, q_offset))

    def bind_data(
        self,
        *,
        q: ArrayLike | None = None,
        k: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        scores: ArrayLike | None = None,
        tokens: Sequence[HasRole] | None = None,
        q_offset: int = 0,
        cross: bool = False,
        place: tuple[int, int] | None = None,
    ) -> BoundMask:
        """Lay the mask over one head's run on one text, and decide what its data decides.

        Parameters
        ----------
        q, k : array, optional
            Queries ``(queries, head_dim)`` and keys ``(keys, head_dim)`` of one head.
        weights, scores : array, optional
            ``(queries, keys)``: attention after the softmax, or what goes into it; one of the two.
        tokens : sequence, optional
            The key tokens, each with a ``.role``.
        q_offset : int
            Position of query 0 among the keys.
        cross : bool
            Whether the queries come from another text, so that no key is a query's own.
        place : (int, int), optional
            The model's own numbers of the layer and the head; a learned mask needs them.

        Returns
        -------
        BoundMask
            As `bind` returns it, written as the mask was; a mask of no such needs binds unchanged.

        Raises
        ------
        MaskBindError
            If the mask `needs` what is not given, the arrays do not fit together, or the text
            lacks a token the mask names.
        """
        data = HeadData.read(q, k, weights, scores, cross=cross, place=place)
        n_queries, n_keys = data.shape
        if n_queries is None:
            msg = "the number of queries is not known: give q, weights or scores"
            raise MaskBindError(msg)
        width = n_queries + q_offset if n_keys is None else n_keys
        frame = _frame(n_queries, width, tokens, q_offset)
        return BoundMask(self.settle(data, frame), frame)

    @property
    def needs(self) -> frozenset[str]:
        """What `bind_data` must be given: of ``"q"``, ``"k"`` and ``"weights"``."""
        return frozenset()

    def settle(self, data: HeadData, frame: Frame) -> Mask:  # noqa: ARG002 - most follow no data
        """Return the mask with every data-dependent part decided for one head."""
        return self

    @abstractmethod
    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keys kept by the queries ``first..last``; see `attn_widgets.masks.intervals`."""

    @abstractmethod
    def slots(self, frame: Frame) -> int:
        """Most slots per row that `intervals` may need on the way, to size chunks by."""

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return the same keys as `intervals`, those that rows share held once; for counting."""
        return Pieces.from_intervals(self.intervals(frame, first, last), frame.n_keys)

    def cuts(self, frame: Frame) -> int:
        """Most cuts per row that `pieces` may need on the way, to size chunks by."""
        return 2 * self.slots(frame)

    def marks(
        self, frame: Frame, first: int, last: int, left: int, right: int
    ) -> NDArray[np.bool_]:
        """Keys ``left..right`` of the queries ``first..last``, as booleans."""
        return intervals.mark(self.intervals(frame, first, last), left, right)

    def values(self) -> Spec:
        """Return the fields of `to_spec`, without the kind."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:  # noqa: ARG003 - only operators read further
        """Build the mask from the fields of a specification; the opposite of `values`."""
        return cls(**values)

    @property
    def parts(self) -> int:
        """Number of patterns, operators and listed tokens."""
        return 1

    @property
    def depth(self) -> int:
        """Levels of nesting; a pattern alone is 1."""
        return 1

    def __or__(self, other: object) -> Mask:
        """Keep what either keeps."""
        return combine(Or, (self, other)) if isinstance(other, Mask) else NotImplemented

    def __and__(self, other: object) -> Mask:
        """Keep what both keep."""
        return combine(And, (self, other)) if isinstance(other, Mask) else NotImplemented

    def __sub__(self, other: object) -> Mask:
        """Keep what this keeps and the other does not."""
        return self & ~other if isinstance(other, Mask) else NotImplemented

    def __invert__(self) -> Mask:
        """Keep what this does not keep."""
        return self.of if isinstance(self, Not) else Not(self)

    def __bool__(self) -> bool:
        """Refuse ``and``, ``or`` and ``not``, which cannot be made to combine masks.

        Raises
        ------
        TypeError
            Always.
        """
        msg = "a mask is neither true nor false; combine masks with | & ~ -, not with or, and, not"
        raise TypeError(msg)


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


def _frame(n_queries: int, n_keys: int, tokens: Sequence[HasRole] | None, q_offset: int) -> Frame:
    frame = Frame(n_queries, n_keys, q_offset)
    if tokens is None:
        return frame
    frame = frame.with_roles([str(token.role) for token in tokens])
    return frame.with_segments([getattr(token, "segment", None) for token in tokens])


def _check_size(mask: Mask) -> None:
    if mask.depth > MAX_DEPTH or mask.parts > MAX_PARTS:
        msg = (
            f"a mask has at most {MAX_PARTS} parts nested {MAX_DEPTH} deep; this one would have "
            f"{mask.parts} parts, {mask.depth} deep"
        )
        raise MaskError(msg)


def _text(mask: Mask, binding: int) -> str:
    return f"({mask!r})" if mask.binding < binding else repr(mask)
