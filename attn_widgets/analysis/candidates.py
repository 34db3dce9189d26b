"""Families of masks an adviser chooses from: each a rule that gives a mask for any length."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from attn_widgets.masks import (
    LowRankGate,
    ThresholdGate,
    bigbird,
    causal,
    dilated,
    fixed,
    full,
    global_,
    learned,
    local,
    lsh,
    sink,
    strided,
    top_k,
)
from attn_widgets.masks.data_dependent.lsh import MAX_BUCKETS
from attn_widgets.masks.data_dependent.settled import DataMask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attn_widgets.masks import Gate, Mask

WINDOW: Final = 16
"""Keys on each side of the fixed windows."""

HEAD_DIM: Final = 64
"""Numbers per query and key of the head that operations are counted for."""

RANK: Final = 16
"""Numbers per query and key that a gate decides by."""

KEPT: Final = 2 * WINDOW + 1
"""Keys per row that the masks decided by scores or by a gate keep, as many as a window does."""

_CHUNK: Final = 64
_MOST_GLOBALS: Final = 2000
_SUMMARY: Final = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A family of masks.

    Parameters
    ----------
    name : str
        A short English name that no other family has.
    mask : callable
        From a length to the mask; None where there is none before something is trained.
    widens : bool
        Whether its windows, steps or tokens grow with the text, by one rule for all lengths.
    steps : callable, optional
        From a length to what is computed besides or instead of the mask's pairs, by name. In pairs
        of ``4 HEAD_DIM`` operations: a score is half a pair, and so is its share in the output.
    """

    name: str
    mask: Callable[[int], Mask | None]
    widens: bool
    steps: Callable[[int], Mapping[str, int]] | None = None

    def work(self, n: int) -> Mapping[str, int]:
        """Return what the family computes at a length, by name."""
        if self.steps is not None:
            return self.steps(n)
        mask = self.mask(n)
        if mask is None:
            msg = f"{self.name} has no mask to count: give its steps"
            raise ValueError(msg)
        if isinstance(mask, DataMask):
            return {"pairs": mask.scores_computed(n, n), "sort": mask.sort_steps(n, n)}
        return {"pairs": mask.bind(n).nnz()}


def candidates(gate: Gate | None = None) -> tuple[Candidate, ...]:
    """Return the families, in no order of merit.

    Parameters
    ----------
    gate : Gate, optional
        A trained gate; without it, the learned family has a cost and no mask.
    """
    return (*_FAMILIES, _gated(gate), Candidate("full", lambda _: full(), widens=False))


def _gated(gate: Gate | None) -> Candidate:
    mask = None if gate is None else learned(gate)
    rank = gate.w_q.shape[-1] if isinstance(gate, LowRankGate) else RANK
    by_scores = isinstance(gate, ThresholdGate)
    steps = _scored if by_scores else lambda n: _predicted(n, rank)
    return Candidate("learned gate", lambda _: mask, widens=False, steps=steps)


def _predicted(n: int, rank: int) -> Mapping[str, int]:
    """Count a product of `rank` numbers per pair, projections, and the pairs that are kept."""
    pairs = min(KEPT, n) * n
    return {"predictor": max(n * n * rank // (2 * HEAD_DIM), 1), "pairs": pairs + n * rank}


def _scored(n: int) -> Mapping[str, int]:
    """Count every score, and the share in the output of those kept."""
    return {"scores": n * n // 2, "values": max(min(KEPT + 1, n) * n // 2, 1)}


def _root(n: int) -> int:
    return max(math.isqrt(n), 1)


def _spread(n: int) -> range:
    return range(0, n, max(_root(n), math.ceil(n / _MOST_GLOBALS)))


def _buckets(n: int) -> int:
    return min(max(2 * round(n / _CHUNK), 2), MAX_BUCKETS)


_FAMILIES: Final = (
    Candidate("window", lambda _: local(WINDOW), widens=False),
    Candidate("window of √N", lambda n: local(_root(n)), widens=True),
    Candidate("dilated", lambda n: dilated(max(_root(n) // 2, 1), _root(n)), widens=True),
    Candidate(
        "window + dilated",
        lambda n: local(_root(n) // 2) | dilated(_root(n), _root(n)),
        widens=True,
    ),
    Candidate("window + one global", lambda _: local(WINDOW) | global_(0), widens=False),
    Candidate("window + √N globals", lambda n: local(WINDOW) | global_(_spread(n)), widens=True),
    Candidate("BigBird", lambda _: bigbird(WINDOW, 3), widens=False),
    Candidate("strided", lambda n: strided(_root(n)), widens=True),
    Candidate("fixed", lambda n: fixed(_root(n), min(_SUMMARY, _root(n))), widens=True),
    Candidate("sinks + window", lambda _: (sink(4) | local(2 * WINDOW)) & causal(), widens=False),
    Candidate("lsh", lambda n: lsh(_buckets(n), rounds=2, chunk=_CHUNK), widens=True),
    Candidate("top-k", lambda _: top_k(KEPT), widens=False, steps=_scored),
)
