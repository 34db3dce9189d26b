"""What every mask can do: be combined, written down, and laid over a text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.frame import Frame
from attn_widgets.masks.head_data import HeadData
from attn_widgets.masks.rows import intervals
from attn_widgets.masks.rows.pieces import Pieces
from attn_widgets.masks.spec import Spec, SpecReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from attn_widgets.masks.rows.intervals import Intervals
    from attn_widgets.masks.tokens import HasRole

Way: TypeAlias = "tuple[Mask, ...]"
"""Masks of which a pair must be in all."""

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
        return BoundMask(self, Frame.over(n_queries, width, tokens, q_offset))

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
        frame = Frame.over(n_queries, width, tokens, q_offset)
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
        """Keys kept by the queries ``first..last``; see `attn_widgets.masks.rows.intervals`."""

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

    @property
    def diagonal(self) -> bool:
        """Whether pairs are kept by the distance ``i - j`` alone."""
        return False

    @property
    def grain(self) -> int:
        """Side of the blocks of positions whose rows are alike; 0 where all rows are."""
        return 1

    def counts(self, frame: Frame, first: int, last: int) -> NDArray[np.int64]:
        """How many keys the queries ``first..last`` keep."""
        return self.pieces(frame, first, last).counts()

    def ways(self, whole: Callable[[Mask], bool], *, negated: bool = False) -> list[Way]:  # noqa: ARG002 - operators ask it
        """Write the mask as a union of intersections, as far as that stays short.

        Parameters
        ----------
        whole : callable
            Says which masks are not to be taken apart.
        negated : bool
            Write what the mask does not keep instead.
        """
        return [(~self if negated else self,)]

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
        from attn_widgets.masks.operators import Or, combine  # noqa: PLC0415 - operators are masks, too

        return combine(Or, (self, other)) if isinstance(other, Mask) else NotImplemented

    def __and__(self, other: object) -> Mask:
        """Keep what both keep."""
        from attn_widgets.masks.operators import And, combine  # noqa: PLC0415 - operators are masks, too

        return combine(And, (self, other)) if isinstance(other, Mask) else NotImplemented

    def __sub__(self, other: object) -> Mask:
        """Keep what this keeps and the other does not."""
        return self & ~other if isinstance(other, Mask) else NotImplemented

    def __invert__(self) -> Mask:
        """Keep what this does not keep."""
        from attn_widgets.masks.operators import Not  # noqa: PLC0415 - operators are masks, too

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
