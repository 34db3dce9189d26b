"""Masks that the data of a head decides, and what they are once it has."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.head_data import NEEDS, lacking

if TYPE_CHECKING:
    from typing import NoReturn

    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.head_data import HeadData
    from attn_widgets.masks.rows.intervals import Intervals
    from attn_widgets.masks.rows.runs import Runs
    from attn_widgets.masks.spec import Spec


class DataMask(Mask):
    """A mask that cannot be laid over a text before a model has read the text."""

    __slots__ = ()
    wants: ClassVar[frozenset[str]]

    @abstractmethod
    def runs(self, data: HeadData, frame: Frame) -> Runs:
        """Decide which pairs are kept."""

    @abstractmethod
    def scores_computed(self, n_queries: int, n_keys: int) -> int:
        """Return how many query-key products a program must compute to attend this way."""

    def sort_steps(self, n_queries: int, n_keys: int) -> int:  # noqa: ARG002 - most sort nothing
        """Return how many comparisons its sort takes, ``n log2 n`` for n items; 0 without one."""
        return 0

    @property
    def needs(self) -> frozenset[str]:
        """What of the head decides it: of ``"q"``, ``"k"`` and ``"weights"``."""
        return self.wants

    def settle(self, data: HeadData, frame: Frame) -> Mask:
        """Decide the mask for one head."""
        data.require(self.needs, repr(self))
        return Settled(self, self.runs(data, frame))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:  # noqa: ARG002 - none are known
        """Refuse: nothing is decided yet."""
        self._refuse()

    def slots(self, frame: Frame) -> int:  # noqa: ARG002 - none are known
        """Refuse: nothing is decided yet."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise MaskBindError(lacking(repr(self), [name for name in NEEDS if name in self.needs]))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Settled(Mask):
    """A data-dependent mask decided for one head: written as before, kept as rows of runs.

    Parameters
    ----------
    origin : Mask
        The mask as it was written.
    kept : Runs
        The pairs it keeps for this head.
    """

    origin: Mask
    kept: Runs

    def to_spec(self) -> Spec:
        """Return the specification of the mask as it was written."""
        return self.origin.to_spec()

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return the rows that were decided."""
        self._check(frame)
        return self.kept.block(first, last)

    def slots(self, frame: Frame) -> int:
        """As many as the fullest row has runs."""
        self._check(frame)
        return self.kept.slots

    @property
    def parts(self) -> int:
        """As many as the mask that was written."""
        return self.origin.parts

    def _check(self, frame: Frame) -> None:
        if (frame.n_queries, frame.n_keys) != (self.kept.n_rows, self.kept.n_keys):
            msg = (
                f"{self!r} was decided for {self.kept.n_rows} queries x {self.kept.n_keys} keys, "
                f"not for {frame.n_queries} x {frame.n_keys}; bind it to the new data"
            )
            raise MaskBindError(msg)

    def __eq__(self, other: object) -> bool:
        """Equal when written the same and decided the same."""
        if not isinstance(other, Settled):
            return NotImplemented
        return self.origin == other.origin and self.kept.same(other.kept)

    def __hash__(self) -> int:
        """Hash the mask as it was written and how much it keeps."""
        return hash((self.origin, len(self.kept.lo)))

    def __repr__(self) -> str:
        """Return the mask as it was written."""
        return repr(self.origin)

    def __str__(self) -> str:
        """Say it in words."""
        return str(self.origin)
