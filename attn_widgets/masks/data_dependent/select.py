"""Masks that keep the strongest attention of each row: by rank, by threshold, by mass."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.data_dependent.settled import DataMask
from attn_widgets.masks.limits import plain, real, whole
from attn_widgets.masks.rows.runs import Runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.head_data import HeadData

MIN_THRESHOLD = 1e-9


def strongest(values: NDArray[np.floating], k: int) -> NDArray[np.bool_]:
    """Mark the `k` largest numbers of each row, of equal ones those further left.

    Parameters
    ----------
    values : numpy.ndarray
        ``(..., keys)``.
    k : int
        How many; all where there are fewer.
    """
    order = np.argsort(-values, axis=-1, kind="stable")[..., :k]
    marked = np.zeros(values.shape, dtype=np.bool_)
    np.put_along_axis(marked, order, values=True, axis=-1)
    return marked


class Selected(DataMask):
    """What the masks share that look at one row of attention after another."""

    __slots__ = ()
    wants: ClassVar[frozenset[str]] = frozenset({"weights"})

    @abstractmethod
    def chosen(self, data: HeadData) -> NDArray[np.bool_]:
        """Mark the keys each row keeps by itself, ``(queries, keys)``."""

    def runs(self, data: HeadData, frame: Frame) -> Runs:
        """Keep what is chosen, and each query's own key."""
        kept = self.chosen(data)
        own = data.own_keys(frame)
        rows = np.flatnonzero(own >= 0)
        kept[rows, own[rows]] = True
        return Runs.from_dense(kept)

    def scores_computed(self, n_queries: int, n_keys: int) -> int:
        """Return ``n_queries * n_keys``: every score is needed before any can be dropped."""
        return n_queries * n_keys


@dataclass(frozen=True, slots=True, repr=False)
class TopK(Selected):
    """The ``k`` keys of most attention in each row."""

    kind: ClassVar[str] = "top_k"
    k: int

    def __post_init__(self) -> None:
        """Refuse fewer than one key."""
        object.__setattr__(self, "k", whole("the number of top keys", self.k, 1))

    def chosen(self, data: HeadData) -> NDArray[np.bool_]:
        """Rank the scores; a key without any attention is never chosen."""
        scores = data.logits()
        return strongest(scores, self.k) & np.isfinite(scores)

    def __repr__(self) -> str:
        """Return ``top_k(k)``."""
        return f"top_k({self.k})"

    def __str__(self) -> str:
        """Say how many keys a row has."""
        keys = f"the {self.k} keys" if self.k > 1 else "the key"
        return (
            f"{self.k} to {self.k + 1} keys per row: {keys} of most attention, and itself where "
            "it is not among them"
        )


@dataclass(frozen=True, slots=True, repr=False)
class Threshold(Selected):
    """The keys of at least this much attention."""

    kind: ClassVar[str] = "threshold"
    t: float

    def __post_init__(self) -> None:
        """Refuse what is no probability above 0."""
        object.__setattr__(self, "t", real("the threshold", self.t, MIN_THRESHOLD, 1))

    def chosen(self, data: HeadData) -> NDArray[np.bool_]:
        """Compare the weights."""
        return data.probabilities() >= self.t

    def __repr__(self) -> str:
        """Return ``threshold(t)``."""
        return f"threshold({plain(self.t)})"

    def __str__(self) -> str:
        """Say it in words."""
        return (
            f"keys of attention {plain(self.t)} or more, and itself where it has less: at least "
            "1 key per row"
        )


@dataclass(frozen=True, slots=True, repr=False)
class CumulativeMass(Selected):
    """The fewest keys that together have this much of a row's attention."""

    kind: ClassVar[str] = "cumulative_mass"
    gamma: float

    def __post_init__(self) -> None:
        """Refuse what is no probability above 0."""
        object.__setattr__(self, "gamma", real("the mass", self.gamma, MIN_THRESHOLD, 1))

    def chosen(self, data: HeadData) -> NDArray[np.bool_]:
        """Take keys from the strongest down until the mass is reached."""
        weights = data.probabilities()
        order = np.argsort(-weights, axis=1, kind="stable")
        ranked = np.take_along_axis(weights, order, axis=1)
        before = np.cumsum(ranked, axis=1) - ranked
        kept = np.zeros(weights.shape, dtype=np.bool_)
        np.put_along_axis(kept, order, (before < self.gamma) & (ranked > 0), axis=1)
        return kept

    def __repr__(self) -> str:
        """Return ``cumulative_mass(gamma)``."""
        return f"cumulative_mass({plain(self.gamma)})"

    def __str__(self) -> str:
        """Say it in words."""
        return f"the fewest keys that hold {plain(self.gamma)} of a row's attention, and itself"


def top_k(k: int) -> Mask:
    """Keep the `k` keys of most attention in each row, and the query's own key.

    Parameters
    ----------
    k : int
        Keys chosen by their attention. With the query's own key, which is kept in addition where it
        is not among them, a row has `k` to ``k + 1`` keys: ``top_k(4)`` keeps 4 to 5. Fewer where
        fewer keys have any attention.

    Raises
    ------
    MaskError
        If `k` is not a whole number from 1 up.

    Notes
    -----
    Of equal weights those further left win. A key of weight 0 (score ``-inf``) is never chosen, so
    that rows under a causal model stay causal; float16 holds nothing below 6e-8. Cost: all
    ``N²`` scores, then a partial sort of each row; only the product with the values is saved.
    Explicit sparse transformer (Zhao et al. 2019), ``k N`` pairs.
    """
    return TopK(k)


def threshold(t: float) -> Mask:
    """Keep the keys of attention `t` or more, and in addition the query's own key.

    Parameters
    ----------
    t : float
        A **probability** after the softmax, 1e-9 to 1; for a threshold θ on the log-probability
        give ``exp(θ)``.

    Raises
    ------
    MaskError
        If `t` is out of range.

    Notes
    -----
    Keys per row follow the row: sharp rows keep few. Never more than ``1 / t``, and the own key
    where it has less than `t`; so no row is ever empty.
    Cost: all ``N²`` scores. LeOPArd (Li et al. 2022) learns such a threshold, on scores.
    """
    return Threshold(t)


def cumulative_mass(gamma: float) -> Mask:
    """Keep the fewest keys that together reach `gamma` of a row's attention, and its own key.

    Parameters
    ----------
    gamma : float
        The mass to reach, 1e-9 to 1. A row that sums to less (float16 rounding, a learned sink)
        keeps every key of weight above 0.

    Raises
    ------
    MaskError
        If `gamma` is out of range.

    Notes
    -----
    ``kept`` of the mask is at least `gamma` in every row that reaches it. Of equal weights those
    further left win. Cost: all ``N²`` scores and a sort of each row. FlexPrefill (Lai et al. 2025)
    and SpargeAttn (Zhang et al. 2025) do the same with blocks.
    """
    return CumulativeMass(gamma)
