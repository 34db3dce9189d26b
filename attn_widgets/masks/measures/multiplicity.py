"""How often each pair counts: what a boolean mask cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.data_dependent.settled import Settled
from attn_widgets.masks.operators import And, Not, Or

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask


def to_multiplicity(bound: BoundMask) -> NDArray[np.int64]:
    """Return how often each query meets each key: several hash rounds may meet the same key again.

    Attention that runs the rounds apart and combines them by their log-sum-exps, as Reformer's form
    in Hugging Face's transformers does, gives ``softmax(s + log m)`` of the scores s, with
    ``log 0 = -inf``: a pair met in m places weighs m times. The boolean mask is ``m > 0``.

    Parameters
    ----------
    bound : BoundMask
        A mask bound to one head; see `Mask.bind_data`.

    Returns
    -------
    numpy.ndarray
        int64, ``(queries, keys)``. A pattern that follows no rounds counts 1 where it keeps. In a
        combination ``&`` multiplies, so that ``lsh(...) & causal()`` keeps the counts it does not
        cut; ``|`` takes the larger; ``~`` counts 1 where there was 0.

    Raises
    ------
    MaskBindError
        If the mask has more pairs than `BoundMask.to_dense` writes out.
    """
    bound.to_dense()
    return _counts(bound.mask, bound)


def _counts(mask: Mask, bound: BoundMask) -> NDArray[np.int64]:
    counts: NDArray[np.int64]
    match mask:
        case And(of):
            counts = np.multiply.reduce([_counts(part, bound) for part in of])
        case Or(of):
            counts = np.maximum.reduce([_counts(part, bound) for part in of])
        case Not(of):
            counts = (_counts(of, bound) == 0).astype(np.int64)
        case _:
            counts = BoundMask(mask, bound.frame).to_dense().astype(np.int64)
            if isinstance(mask, Settled) and mask.kept.counts is not None:
                counts[counts > 0] = mask.kept.counts
    return counts
