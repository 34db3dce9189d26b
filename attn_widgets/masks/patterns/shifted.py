"""A window that shifts inward at the edges, so that every row keeps as many keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import whole
from attn_widgets.masks.rows.pieces import Pieces, few

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.rows.intervals import Intervals


@dataclass(frozen=True, slots=True, repr=False)
class Shifted(Mask):
    """Every query sees ``kernel`` keys, ``dilation`` apart, as centred as the edges let them be."""

    kind: ClassVar[str] = "shifted"
    kernel: int
    dilation: int

    def __post_init__(self) -> None:
        """Refuse fewer than one key and a step below 1."""
        object.__setattr__(self, "kernel", whole("the kernel", self.kernel, 1))
        object.__setattr__(self, "dilation", whole("the dilation", self.dilation, 1))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return one window where the step is 1, else one key per tap."""
        start, end, rest = self._span(frame, first, last)
        if self.dilation == 1:
            return start[:, None], end[:, None]
        places = start[:, None] + np.arange(self.slots(frame), dtype=np.int64)
        keys = rest[:, None] + places * self.dilation
        inside = places < end[:, None]
        return (
            np.where(inside, keys, frame.n_keys),
            np.where(inside, keys + 1, frame.n_keys),
        )

    def slots(self, frame: Frame) -> int:
        """One per key of a row."""
        return 1 if self.dilation == 1 else min(self.kernel, -(-frame.n_keys // self.dilation))

    def pieces(self, frame: Frame, first: int, last: int) -> Pieces:
        """Return the first key and the last; the rows of one class share what lies between."""
        if few(self.slots(frame), self.dilation):
            return Pieces.from_intervals(self.intervals(frame, first, last), frame.n_keys)
        classes = frame.positions(first, last) % self.dilation
        ends = self.ends(frame, first, last)
        return Pieces.of_classes(classes, self.dilation, frame.n_keys, ends)

    def ends(self, frame: Frame, first: int, last: int) -> NDArray[np.int64]:
        """Return each row's first key, and an end after its last: ``(rows, 2)``."""
        start, end, rest = self._span(frame, first, last)
        keys = np.stack([start, end], axis=1) * self.dilation + rest[:, None]
        ends: NDArray[np.int64] = np.minimum(keys, frame.n_keys)
        return ends

    def cuts(self, frame: Frame) -> int:
        """Two, or twice its slots where they are few."""
        slots = self.slots(frame)
        return 2 * slots if few(slots, self.dilation) else 2

    def _span(
        self, frame: Frame, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """First key and end, counted within the query's residue class, and the class."""
        place, rest = np.divmod(frame.positions(first, last), self.dilation)
        length = np.maximum(-((rest - frame.n_keys) // self.dilation), 0)
        start = np.clip(place - self.kernel // 2, 0, np.maximum(length - self.kernel, 0))
        return start, np.minimum(start + self.kernel, length), rest

    def __repr__(self) -> str:
        """Return ``shifted(kernel)``, and the dilation where it is not 1."""
        return f"shifted({self.kernel}{f', {self.dilation}' if self.dilation > 1 else ''})"

    def __str__(self) -> str:
        """Say how many keys every row has, the edges too."""
        keys = "keys" if self.kernel > 1 else "key"
        apart = f", {self.dilation} apart" if self.dilation > 1 else ""
        return f"{self.kernel} {keys} per row{apart}: the window shifts inward at the edges"


def shifted(kernel: int, dilation: int = 1) -> Mask:
    """Give each query a window of `kernel` keys that shifts inward at the edges.

    Parameters
    ----------
    kernel : int
        Keys per row, the query itself among them; every row keeps this many.
    dilation : int
        The step between them, 1 or more.

    Raises
    ------
    MaskError
        If a number is not whole, or below 1.

    Notes
    -----
    Neighbourhood attention (Hassani et al. 2023, section 3.1; dilated: Hassani & Shi 2022). Among
    the L keys of its residue class modulo `dilation`, the query at place p keeps those from
    ``clip(p - kernel // 2, 0, L - kernel)`` on; a class of fewer than `kernel` keys is kept whole
    (NATTEN refuses such a text). N kernel pairs in all.
    """
    return Shifted(kernel, dilation)
