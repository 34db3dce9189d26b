"""Patterns that follow the diagonal: everything, causal, local and dilated windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, overload

import numpy as np

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import whole
from attn_widgets.masks.rows.intervals import Intervals, single
from attn_widgets.masks.rows.pieces import Pieces, few

if TYPE_CHECKING:
    from attn_widgets.masks.frame import Frame


@dataclass(frozen=True, slots=True, repr=False)
class Full(Mask):
    """Every query sees every key."""

    kind: ClassVar[str] = "full"

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """All keys, in every row."""
        start = np.zeros(last - first, dtype=np.int64)
        return single(start, start + frame.n_keys, frame.n_keys)

    def slots(self, frame: Frame) -> int:  # noqa: ARG002 - the same in every frame
        """One."""
        return 1

    @property
    def diagonal(self) -> bool:
        """It follows the diagonal."""
        return True

    @property
    def grain(self) -> int:
        """All rows are alike."""
        return 0

    def __repr__(self) -> str:
        """Return ``full()``."""
        return "full()"

    def __str__(self) -> str:
        """Say it in words."""
        return "every key"


@dataclass(frozen=True, slots=True, repr=False)
class Causal(Mask):
    """Query ``i`` sees the keys ``j <= i``: itself and what came before."""

    kind: ClassVar[str] = "causal"

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """From key 0 to the query's own position."""
        here = frame.positions(first, last)
        return single(np.zeros_like(here), here + 1, frame.n_keys)

    def slots(self, frame: Frame) -> int:  # noqa: ARG002 - the same in every frame
        """One."""
        return 1

    @property
    def diagonal(self) -> bool:
        """It follows the diagonal."""
        return True

    def __repr__(self) -> str:
        """Return ``causal()``."""
        return "causal()"

    def __str__(self) -> str:
        """Say it in words."""
        return "i + 1 keys in row i: itself + all before"


@dataclass(frozen=True, slots=True, repr=False)
class Local(Mask):
    """A window: query ``i`` sees the keys ``i - left <= j <= i + right``."""

    kind: ClassVar[str] = "local"
    left: int
    right: int

    def __post_init__(self) -> None:
        """Refuse sides that are not whole numbers from 0 up."""
        object.__setattr__(self, "left", whole("the window's left side", self.left, 0))
        object.__setattr__(self, "right", whole("the window's right side", self.right, 0))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """One window around each query's position."""
        here = frame.positions(first, last)
        return single(here - self.left, here + self.right + 1, frame.n_keys)

    def slots(self, frame: Frame) -> int:  # noqa: ARG002 - the same in every frame
        """One."""
        return 1

    @property
    def diagonal(self) -> bool:
        """It follows the diagonal."""
        return True

    def __repr__(self) -> str:
        """Return ``local(w)``, or both sides where they differ."""
        if self.left == self.right:
            return f"local({self.left})"
        return f"local(left={self.left}, right={self.right})"

    def __str__(self) -> str:
        """Say how many keys a row has, away from the edges."""
        keys = self.left + self.right + 1
        sides = f" + {self.left} on each side" if self.left else ""
        if self.left != self.right:
            sides = f" + {self.left} before" if self.left else ""
            sides += f" + {self.right} after" if self.right else ""
        return f"{keys} {'keys' if keys > 1 else 'key'} per row: itself{sides}"


@dataclass(frozen=True, slots=True, repr=False)
class Dilated(Mask):
    """A window with gaps: itself and ``window`` taps on each side, ``dilation`` apart."""

    kind: ClassVar[str] = "dilated"
    window: int
    dilation: int

    def __post_init__(self) -> None:
        """Refuse a negative window and a step below 1."""
        object.__setattr__(self, "window", whole("the dilated window", self.window, 0))
        object.__setattr__(self, "dilation", whole("the dilation", self.dilation, 1))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """One window where the step is 1, else one key per tap that reaches the text."""
        here = frame.positions(first, last)
        if self.dilation == 1:
            return single(here - self.window, here + self.window + 1, frame.n_keys)
        before, after = self._taps(frame, first + frame.q_offset, last - 1 + frame.q_offset)
        taps = np.arange(-before, after + 1, dtype=np.int64) * self.dilation
        keys = here[:, None] + taps
        return np.clip(keys, 0, frame.n_keys), np.clip(keys + 1, 0, frame.n_keys)

    def slots(self, frame: Frame) -> int:
        """One per tap that some query can use."""
        if self.dilation == 1:
            return 1
        last = frame.q_offset + frame.n_queries - 1
        return sum(self._taps(frame, frame.q_offset, last)) + 1

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return the two ends of the window; the rows of one class share what lies between."""
        if few(self.slots(frame), self.dilation):
            return Pieces.from_intervals(self.intervals(frame, first, last), frame.n_keys)
        here = frame.positions(first, last)
        reach = self.window * self.dilation
        cuts = np.concatenate(single(here - reach, here + reach + 1, frame.n_keys), axis=1)
        return Pieces.of_classes(here, self.dilation, frame.n_keys, cuts)

    def cuts(self, frame: Frame) -> int:
        """Two, or twice its slots where they are few."""
        slots = self.slots(frame)
        return 2 * slots if few(slots, self.dilation) else 2

    def _taps(self, frame: Frame, nearest: int, farthest: int) -> tuple[int, int]:
        before = min(self.window, max(farthest, 0) // self.dilation)
        after = min(self.window, max(frame.n_keys - 1 - nearest, 0) // self.dilation)
        return before, after

    @property
    def diagonal(self) -> bool:
        """It follows the diagonal."""
        return True

    def __repr__(self) -> str:
        """Return ``dilated(w, d)``."""
        return f"dilated({self.window}, {self.dilation})"

    def __str__(self) -> str:
        """Say how many keys a row has, away from the edges, and how far they reach."""
        if not self.window:
            return "1 key per row: itself"
        return (
            f"{2 * self.window + 1} keys per row: itself + {self.window} on each side, "
            f"{self.dilation} apart, reaching {self.window * self.dilation}"
        )


def full() -> Mask:
    """Let every query see every key: N² pairs."""
    return Full()


def causal() -> Mask:
    """Let every query see itself and what came before: N(N + 1)/2 pairs."""
    return Causal()


@overload
def local(w: int) -> Mask: ...
@overload
def local(*, left: int, right: int) -> Mask: ...
def local(w: int | None = None, *, left: int | None = None, right: int | None = None) -> Mask:
    """Give each query a window.

    Parameters
    ----------
    w : int
        Keys on **each** side; with the query itself, ``2 w + 1`` keys per row.
    left, right : int
        Keys before and after, where the two sides differ: ``left + right + 1`` keys per row.

    Raises
    ------
    MaskError
        If a side is not a whole number from 0 up, or neither or both forms are used.

    Notes
    -----
    Longformer's `attention_window` W counts both sides: ``local(W // 2)``. A causal
    `sliding_window` s of Mistral or Gemma counts the query: ``local(left=s - 1, right=0)``.
    """
    if w is not None and left is None and right is None:
        return Local(w, w)
    if w is None and left is not None and right is not None:
        return Local(left, right)
    msg = "give a window as local(w), w keys on each side, or as local(left=..., right=...)"
    raise MaskError(msg)


def dilated(w: int, d: int) -> Mask:
    """Give each query a window with gaps: the keys ``i + t d`` for ``-w <= t <= w``.

    Parameters
    ----------
    w : int
        Taps on each side: ``2 w + 1`` keys per row, however large the step.
    d : int
        The step between taps, 1 or more; the window reaches ``w d`` tokens away.

    Raises
    ------
    MaskError
        If `w` is negative, `d` is below 1, or either is not a whole number.

    Notes
    -----
    The dilated sliding window of Longformer (Beltagy, Peters & Cohan 2020, section 3.1).
    """
    return Dilated(w, d)
