"""Families of masks an adviser chooses from: each a rule that gives a mask for any length."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from attn_widgets.masks.data_dependent.lsh import MAX_BUCKETS, lsh
from attn_widgets.masks.data_dependent.select import top_k
from attn_widgets.masks.patterns.anchors import global_, sink
from attn_widgets.masks.patterns.windows import causal, dilated, full, local

if TYPE_CHECKING:
    from collections.abc import Callable

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.measures.growth import Work

WINDOW: Final = 16
"""Keys on each side of the fixed windows."""

_CHUNK = 64
_MOST_GLOBALS = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A family of masks.

    Parameters
    ----------
    name : str
        A short English name that no other family has.
    mask : callable
        From a length to the mask.
    widens : bool
        Whether its windows, steps or tokens grow with the text, by one rule for all lengths.
    """

    name: str
    mask: Callable[[int], Mask]
    widens: bool

    def work(self, n: int) -> Work:
        """Return what the family computes at a length: its pairs, or its scores and its sort."""
        mask = self.mask(n)
        scores = getattr(mask, "scores_computed", None)
        if scores is None:
            return mask
        steps = {"sort": mask.sort_steps(n, n)}  # type: ignore[attr-defined]
        return {"scores": scores(n, n)} | {name: count for name, count in steps.items() if count}


def _root(n: int) -> int:
    return max(math.isqrt(n), 1)


def _spread(n: int) -> range:
    return range(0, n, max(_root(n), math.ceil(n / _MOST_GLOBALS)))


def _buckets(n: int) -> int:
    return min(max(2 * round(n / _CHUNK), 2), MAX_BUCKETS)


CANDIDATES: Final = (
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
    Candidate("sinks + window", lambda _: (sink(4) | local(2 * WINDOW)) & causal(), widens=False),
    Candidate("lsh", lambda n: lsh(_buckets(n), rounds=2, chunk=_CHUNK), widens=True),
    Candidate("learned", lambda _: top_k(2 * WINDOW + 1), widens=False),
    Candidate("full", lambda _: full(), widens=False),
)
"""The families, in no order of merit."""
