"""Patterns with a period: keys a multiple of a step away, and the last keys of every block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import whole
from attn_widgets.masks.rows.pieces import Keys, Pieces, few

if TYPE_CHECKING:
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.rows.intervals import Intervals


@dataclass(frozen=True, slots=True, repr=False)
class Residue(Mask):
    """Query ``i`` sees the keys a multiple of ``step`` away, on both sides."""

    kind: ClassVar[str] = "residue"
    step: int

    def __post_init__(self) -> None:
        """Refuse a step below 1."""
        object.__setattr__(self, "step", whole("the step", self.step, 1))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return one key per step."""
        nearest = frame.positions(first, last) % self.step
        keys = nearest[:, None] + np.arange(self.slots(frame), dtype=np.int64) * self.step
        return np.minimum(keys, frame.n_keys), np.minimum(keys + 1, frame.n_keys)

    def slots(self, frame: Frame) -> int:
        """One per step."""
        return -(-frame.n_keys // self.step)

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return no cuts: the rows of one class share their keys, unless these are few."""
        if few(self.slots(frame), self.step):
            return Pieces.from_intervals(self.intervals(frame, first, last), frame.n_keys)
        return Pieces.of_classes(frame.positions(first, last), self.step, frame.n_keys)

    def cuts(self, frame: Frame) -> int:
        """None, or twice its slots where they are few."""
        slots = self.slots(frame)
        return 2 * slots if few(slots, self.step) else 0

    @property
    def diagonal(self) -> bool:
        """It follows the diagonal."""
        return True

    def __repr__(self) -> str:
        """Return ``residue(step)``."""
        return f"residue({self.step})"

    def __str__(self) -> str:
        """Say it in words."""
        return f"every key a multiple of {self.step} away" if self.step > 1 else "every key"


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Mask):
    """Every query sees the last ``keys`` keys of every block of ``size``."""

    kind: ClassVar[str] = "summary"
    size: int
    keys: int

    def __post_init__(self) -> None:
        """Refuse more keys than a block has."""
        object.__setattr__(self, "size", whole("the size of a block", self.size, 1))
        object.__setattr__(self, "keys", whole("the number of summary keys", self.keys, 1))
        if self.keys > self.size:
            msg = f"a block of {self.size} keys has no {self.keys} summary keys"
            raise MaskError(msg)

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return one run per block, in every row."""
        shared = self._shared(frame)
        return np.tile(shared.lo, (last - first, 1)), np.tile(shared.hi, (last - first, 1))

    def slots(self, frame: Frame) -> int:
        """One per block."""
        return -(-frame.n_keys // self.size)

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return no cuts: all rows share their keys."""
        return Pieces.shared(self._shared(frame), last - first, frame.n_keys)

    def cuts(self, frame: Frame) -> int:  # noqa: ARG002 - the same in every frame
        """None."""
        return 0

    def _shared(self, frame: Frame) -> Keys:
        ends = (np.arange(self.slots(frame), dtype=np.int64) + 1) * self.size
        lo = np.minimum(ends - self.keys, frame.n_keys)
        return Keys(lo, np.minimum(ends, frame.n_keys))

    @property
    def grain(self) -> int:
        """All rows are alike."""
        return 0

    def __repr__(self) -> str:
        """Return ``summary(size, keys)``."""
        return f"summary({self.size}, {self.keys})"

    def __str__(self) -> str:
        """Say it in words."""
        last = f"last {self.keys} keys" if self.keys > 1 else "last key"
        return f"the {last} of every block of {self.size}, in every row"


def residue(step: int) -> Mask:
    """Let query ``i`` see the keys ``j`` with ``(i - j) % step == 0``: about ``N / step`` a row.

    Parameters
    ----------
    step : int
        1 or more. A query never leaves its residue class, however many layers follow.

    Raises
    ------
    MaskError
        If `step` is not a whole number from 1 up.

    Notes
    -----
    Cut by `causal` it is the second head of the strided pattern of the Sparse Transformer (Child et
    al. 2019, section 4.3); see `strided`.
    """
    return Residue(step)


def summary(size: int, keys: int) -> Mask:
    """Let every query see the keys ``j`` with ``j % size >= size - keys``.

    Parameters
    ----------
    size : int
        Tokens in a block, 1 or more.
    keys : int
        Keys at each block's end that are seen, 1 to `size`: about ``N keys / size`` a row.

    Raises
    ------
    MaskError
        If a number is not whole or out of range.

    Notes
    -----
    Cut by `causal` it is the second head of the fixed pattern of the Sparse Transformer (Child et
    al. 2019, section 4.3); see `fixed`.
    """
    return Summary(size, keys)
