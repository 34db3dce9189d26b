"""The mask algebra: what every mask can do, and its three operators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, Final

from attn_widgets.masks import intervals
from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.frame import Frame
from attn_widgets.masks.limits import MAX_DEPTH, MAX_PARTS
from attn_widgets.masks.spec import Spec, SpecReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
            If there are not ``n_keys`` tokens, or the text lacks a token the mask names.
        """
        width = n_queries + q_offset if n_keys is None else n_keys
        frame = Frame(n_queries, width, q_offset)
        if tokens is not None:
            frame = frame.with_roles([str(token.role) for token in tokens])
        return BoundMask(self, frame)

    @abstractmethod
    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keys kept by the queries ``first..last``; see `attn_widgets.masks.intervals`."""

    @abstractmethod
    def slots(self, frame: Frame) -> int:
        """Most slots per row that `intervals` may need on the way, to size chunks by."""

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

    def values(self) -> Spec:
        """Write the other mask as a specification."""
        return {"of": self.of.to_spec()}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:
        """Read the other mask."""
        return ~reader.mask(values["of"], f"{path}.of", depth + 1)

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
