"""The support of alpha-entmax: a softmax with exact zeros, as a mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.data_dependent.select import Selected
from attn_widgets.masks.limits import plain, real

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.head_data import HeadData


def support(scores: NDArray[np.float64], alpha: float) -> NDArray[np.bool_]:
    """Mark the keys that alpha-entmax gives weight above 0.

    Parameters
    ----------
    scores : numpy.ndarray
        ``(rows, keys)``, ``-inf`` where attention may not go; a row may be all ``-inf``.
    alpha : float
        1 (softmax: every finite score) to 2 (sparsemax).

    Notes
    -----
    Weights are ``[(a-1) s_j - τ]_+^(1/(a-1))``, a for alpha and τ such that they sum to 1 (Peters,
    Niculae & Martins 2019, equation 5). Their sum falls as τ rises, so key j has weight above 0
    exactly if the sum is below 1 at ``τ = (a-1) s_j``, that is if
    ``Σ_i [(a-1)(s_i - s_j)]_+^(1/(a-1)) < 1``. Along a row sorted downwards that holds for the
    first keys and for none after, and the last is found by halving; τ itself is never needed.
    """
    if alpha == 1:
        return np.isfinite(scores)
    ranked = -np.sort(-scores, axis=1)
    finite = np.isfinite(ranked).sum(axis=1)
    low, high = np.minimum(finite, 1), finite
    while (low < high).any():
        middle = (low + high + 1) // 2
        fits = _sum_at(ranked, middle - 1, alpha) < 1
        low, high = np.where(fits, middle, low), np.where(fits, high, middle - 1)
    last = np.take_along_axis(ranked, np.maximum(low - 1, 0)[:, None], axis=1)
    return np.isfinite(scores) & (scores >= last)


def _sum_at(
    ranked: NDArray[np.float64], place: NDArray[np.int64], alpha: float
) -> NDArray[np.float64]:
    """Sum a row's weights when τ is the score at one place; infinite scores there count as none."""
    at = np.take_along_axis(ranked, np.maximum(place, 0)[:, None], axis=1)
    above = np.maximum(ranked - np.where(np.isfinite(at), at, np.inf), 0) * (alpha - 1)
    with np.errstate(over="ignore"):
        total: NDArray[np.float64] = (above ** (1 / (alpha - 1))).sum(axis=1)
    return total


@dataclass(frozen=True, slots=True, repr=False)
class EntmaxSupport(Selected):
    """The keys that alpha-entmax of the scores would not set to zero."""

    kind: ClassVar[str] = "entmax_support"
    alpha: float

    def __post_init__(self) -> None:
        """Refuse what is neither softmax, nor sparsemax, nor between."""
        object.__setattr__(self, "alpha", real("alpha", self.alpha, 1, 2))

    def chosen(self, data: HeadData) -> NDArray[np.bool_]:
        """Find the support of each row."""
        return support(data.logits(), self.alpha)

    def __repr__(self) -> str:
        """Return ``entmax_support(alpha)``."""
        return f"entmax_support({plain(self.alpha)})"

    def __str__(self) -> str:
        """Say it in words."""
        return f"keys that {plain(self.alpha)}-entmax would not set to zero, and itself"


def entmax_support(alpha: float) -> Mask:
    """Keep the keys that alpha-entmax of the scores gives weight above 0, and the query's own key.

    Parameters
    ----------
    alpha : float
        From 1, the softmax, which keeps every key attention may go to, to 2, sparsemax, which
        keeps fewest.

    Raises
    ------
    MaskError
        If `alpha` is out of range.

    Notes
    -----
    Only the support: the weights inside stay those of the softmax. Adding a number to all scores
    of a row changes nothing, so the logarithm of the weights serves as well as the scores; float16
    weights end at 6e-8, which matters for alpha below 1.06 alone. Exact, by halving over the sorted
    row, where no threshold is ever computed; rows of ``-inf`` are fine. Cost: all ``N²`` scores and
    a sort of each row.
    Peters, Niculae & Martins 2019; Correia, Niculae & Martins 2019 learn alpha per head.
    """
    return EntmaxSupport(alpha)
