"""Patterns that hang on chosen tokens: global tokens, their rows or columns, attention sinks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import whole
from attn_widgets.masks.rows.intervals import Intervals, single, union
from attn_widgets.masks.rows.pieces import NONE, Keys, Pieces, every
from attn_widgets.masks.tokens import TokenRef, collect, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Way
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.spec import Spec, SpecReader


@dataclass(frozen=True, slots=True, repr=False)
class _Anchored(Mask):
    """What the patterns made of named tokens share."""

    name: ClassVar[str]
    sentence: ClassVar[str]
    tokens: tuple[TokenRef, ...]

    def __post_init__(self) -> None:
        """Name each token once, in the one written order."""
        object.__setattr__(self, "tokens", collect(self.tokens))

    def slots(self, frame: Frame) -> int:
        """One per run of neighbouring tokens, and one for the rows that see everything."""
        return len(_runs(frame.locate(self.tokens))[0]) + 1

    def values(self) -> Spec:
        """Write the tokens as a list."""
        return {"tokens": list(self.tokens)}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:  # noqa: ARG003 - nothing is nested in it
        """Read a list of symbols and indices."""
        tokens = values["tokens"]
        if not isinstance(tokens, list):
            msg = f"'tokens' must be a list of names and indices, not {tokens!r:.60}"
            raise MaskError(msg)
        reader.spend(len(tokens), path)
        return cls(tuple(tokens))

    @property
    def parts(self) -> int:
        """The pattern and its tokens."""
        return len(self.tokens) + 1

    def cuts(self, frame: Frame) -> int:  # noqa: ARG002 - the same in every frame
        """None: the tokens' rows share their keys, and so do the others."""
        return 0

    def seen(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keep the tokens' keys, in every row."""
        lo, hi = _runs(frame.locate(self.tokens))
        return np.tile(lo, (last - first, 1)), np.tile(hi, (last - first, 1))

    def seeing(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keep all keys in the tokens' rows, none elsewhere."""
        chosen = np.isin(frame.positions(first, last), frame.locate(self.tokens))
        width = np.where(chosen, frame.n_keys, 0).astype(np.int64)
        return single(np.zeros_like(width), width, frame.n_keys)

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f"{self.name}({', '.join(map(repr, self.tokens))})"

    def __str__(self) -> str:
        """Say it in words."""
        words = (ref if isinstance(ref, str) else f"token {ref}" for ref in self.tokens)
        return self.sentence.format(", ".join(words))


@dataclass(frozen=True, slots=True, repr=False)
class GlobalRows(_Anchored):
    """The tokens, as queries, see every key."""

    kind: ClassVar[str] = "global_rows"
    name: ClassVar[str] = "global_rows"
    sentence: ClassVar[str] = "every key in the rows of {}"

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keep all keys in the tokens' rows, none elsewhere."""
        return self.seeing(frame, first, last)

    def slots(self, frame: Frame) -> int:
        """One: a row sees everything or nothing."""
        return min(len(frame.locate(self.tokens)), 1)

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return all keys or none."""
        rows = np.isin(frame.positions(first, last), frame.locate(self.tokens))
        return Pieces.chosen(
            rows.astype(np.int64), (NONE, every(frame.n_keys)), len(rows), frame.n_keys
        )


@dataclass(frozen=True, slots=True, repr=False)
class GlobalCols(_Anchored):
    """The tokens, as keys, are seen by every query."""

    kind: ClassVar[str] = "global_cols"
    name: ClassVar[str] = "global_cols"
    sentence: ClassVar[str] = "the keys {} in every row"

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keep the tokens' keys, in every row."""
        return self.seen(frame, first, last)

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return the tokens' keys."""
        columns = Keys(*_runs(frame.locate(self.tokens)))
        return Pieces.shared(columns, last - first, frame.n_keys)

    @property
    def grain(self) -> int:
        """All rows are alike."""
        return 0


@dataclass(frozen=True, slots=True, repr=False)
class Global(_Anchored):
    """The tokens see every key and are seen by every query."""

    kind: ClassVar[str] = "global"
    name: ClassVar[str] = "global_"
    sentence: ClassVar[str] = "the keys {0} in every row, and every key in the rows of {0}"

    def ways(self, whole: Callable[[Mask], bool], *, negated: bool = False) -> list[Way]:
        """Take rows and columns apart."""
        if whole(self):
            return super(Global, self).ways(whole, negated=negated)
        rows, columns = GlobalRows(self.tokens), GlobalCols(self.tokens)
        return [(~rows, ~columns)] if negated else [(rows,), (columns,)]

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keep all keys in the tokens' rows, the tokens' keys elsewhere."""
        return union([self.seeing(frame, first, last), self.seen(frame, first, last)])

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return all keys or the tokens'."""
        places = frame.locate(self.tokens)
        rows = np.isin(frame.positions(first, last), places)
        columns = Keys(*_runs(places))
        if not rows.any():
            return Pieces.shared(columns, len(rows), frame.n_keys)
        sets = (columns, every(frame.n_keys))
        return Pieces.chosen(rows.astype(np.int64), sets, len(rows), frame.n_keys)


@dataclass(frozen=True, slots=True, repr=False)
class Sink(Mask):
    """Every query sees the first ``k`` keys."""

    kind: ClassVar[str] = "sink"
    k: int

    def __post_init__(self) -> None:
        """Refuse fewer than one key."""
        object.__setattr__(self, "k", whole("the number of sink keys", self.k, 1))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keep the keys ``0..k``, in every row."""
        start = np.zeros(last - first, dtype=np.int64)
        return single(start, start + self.k, frame.n_keys)

    def slots(self, frame: Frame) -> int:  # noqa: ARG002 - the same in every frame
        """One."""
        return 1

    @property
    def grain(self) -> int:
        """All rows are alike."""
        return 0

    def __repr__(self) -> str:
        """Return ``sink(k)``."""
        return f"sink({self.k})"

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.k} keys per row: the first {self.k}" if self.k > 1 else "the first key"


def _runs(indices: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    breaks = np.flatnonzero(np.diff(indices) > 1)
    firsts = np.concatenate([indices[:1], indices[breaks + 1]])
    lasts = np.concatenate([indices[breaks], indices[-1:]])
    return firsts, lasts + 1


def global_(*tokens: TokenRef | Iterable[TokenRef]) -> Mask:
    """Make tokens global, both ways: they see every key, and every query sees them.

    Parameters
    ----------
    *tokens : str, int, or iterables of them
        ``"cls"``, ``"sep"``, ``"bos"``, ``"eos"``, ``"pad"``, ``"mask"``, ``"unk"``, or
        ``"special"`` for every special token (all of these but ``"unk"``); or indices, negative
        ones counted from the end.

    Raises
    ------
    MaskError
        If no token is named, or a name is unknown.

    Notes
    -----
    The global attention of Longformer (Beltagy, Peters & Cohan 2020, section 3.1), as a mask only:
    Longformer also gives global tokens projections of their own. With g tokens it keeps
    ``2 g N - g²`` of N² pairs. A query is global when its position among the keys is a token's.
    """
    return Global(collect(flat(tokens)))


def global_rows(*tokens: TokenRef | Iterable[TokenRef]) -> Mask:
    """Let tokens, as queries, see every key; named as in `global_`."""
    return GlobalRows(collect(flat(tokens)))


def global_cols(*tokens: TokenRef | Iterable[TokenRef]) -> Mask:
    """Let tokens, as keys, be seen by every query; named as in `global_`."""
    return GlobalCols(collect(flat(tokens)))


def sink(k: int) -> Mask:
    """Let every query see the first `k` keys; all keys where the text is shorter.

    Parameters
    ----------
    k : int
        Number of keys, 1 or more.

    Raises
    ------
    MaskError
        If `k` is not a whole number from 1 up.

    Notes
    -----
    With a causal window this is the picture of StreamingLLM (Xiao et al. 2023, section 3.2), not
    its arithmetic: the original also renumbers positions inside its cache.
    """
    return Sink(k)
