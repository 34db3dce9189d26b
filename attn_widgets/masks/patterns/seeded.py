"""Random masks that are the same everywhere: a share of all pairs, or a number of keys per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import plain, real, whole
from attn_widgets.masks.patterns.hashing import draws, pair_words
from attn_widgets.masks.rows.intervals import Intervals, from_marks, single

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.frame import Frame

_ONE: Final = 2**32


@dataclass(frozen=True, slots=True, repr=False)
class RandomPairs(Mask):
    """Each pair is kept with probability ``p``."""

    kind: ClassVar[str] = "random"
    p: float
    seed: int

    def __post_init__(self) -> None:
        """Refuse a probability outside 0 to 1."""
        object.__setattr__(self, "p", real("the probability p", self.p, 0, 1))
        object.__setattr__(self, "seed", whole("the seed", self.seed, 0))

    def marks(
        self, frame: Frame, first: int, last: int, left: int, right: int
    ) -> NDArray[np.bool_]:
        """Compare the random word of each pair of the tile with ``p``."""
        keys = np.arange(left, right, dtype=np.int64)
        words = pair_words(self.seed, frame.positions(first, last), keys)
        return words < np.uint64(int(self.p * _ONE))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return the runs of kept keys."""
        return from_marks(self.marks(frame, first, last, 0, frame.n_keys))

    def slots(self, frame: Frame) -> int:
        """One per two keys: runs are apart."""
        return frame.n_keys // 2 + 1

    def __repr__(self) -> str:
        """Return ``random(p=..., seed=...)``."""
        return f"random(p={plain(self.p)}, seed={self.seed})"

    def __str__(self) -> str:
        """Say it in words."""
        return f"each key with probability {plain(self.p)} (seed {self.seed})"


@dataclass(frozen=True, slots=True, repr=False)
class RandomKeys(Mask):
    """Each query sees ``r`` keys drawn at random."""

    kind: ClassVar[str] = "random_keys"
    r: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse fewer than one key."""
        object.__setattr__(self, "r", whole("the number of random keys r", self.r, 1))
        object.__setattr__(self, "seed", whole("the seed", self.seed, 0))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return the drawn keys, sorted; all keys where there are no more than ``r``."""
        here = frame.positions(first, last)
        if self.r >= frame.n_keys:
            return single(np.zeros_like(here), np.full_like(here, frame.n_keys), frame.n_keys)
        drawn = draws(self.seed, here, self.r, np.full_like(here, frame.n_keys))
        keys = np.sort(drawn, axis=1).astype(np.int64)
        return keys, keys + 1

    def slots(self, frame: Frame) -> int:
        """One per drawn key."""
        return min(self.r, frame.n_keys)

    def counts(self, frame: Frame, first: int, last: int) -> NDArray[np.int64]:
        """As many as are drawn, in every row."""
        return np.full(last - first, self.slots(frame), dtype=np.int64)

    def __repr__(self) -> str:
        """Return ``random(r=..., seed=...)``."""
        return f"random(r={self.r}, seed={self.seed})"

    def __str__(self) -> str:
        """Say it in words."""
        keys = "keys" if self.r > 1 else "key"
        return f"{self.r} {keys} per row: drawn at random (seed {self.seed})"


def random(*, p: float | None = None, r: int | None = None, seed: int = 0) -> Mask:
    """Keep pairs at random; the same specification keeps the same pairs everywhere.

    Parameters
    ----------
    p : float
        Keep each pair with this probability, on its own: about ``p n_keys`` keys per row.
    r : int
        Or keep exactly `r` distinct keys per row, all where there are fewer.
    seed : int
        0 or more; another seed keeps other pairs.

    Raises
    ------
    MaskError
        If neither or both of `p` and `r` are given, or a number is out of range.

    Notes
    -----
    The random attention of BigBird (Zaheer et al. 2020, section 2), by tokens; see `random_blocks`
    for blocks. ``random(p=...)`` keeps ``(i, j)`` where ``word < floor(p 2**32)`` for the random
    word of row ``i`` (the query's position among the keys) and counter ``j``, see
    `attn_widgets.masks.patterns.hashing`; each pair costs one such word, N² for a whole mask, so
    prefer `r` for long texts. ``random(r=...)`` draws the keys of row ``i`` in time proportional to
    `r`. A query need not see itself: add ``| local(0)``.
    """
    if p is not None and r is None:
        return RandomPairs(p, seed)
    if p is None and r is not None:
        return RandomKeys(r, seed)
    msg = "give a random mask as random(p=..., seed=...), per pair, or random(r=..., seed=...)"
    raise MaskError(msg)
