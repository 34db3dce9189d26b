"""How far a token's influence travels through layers of one mask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.limits import whole
from attn_widgets.masks.measures.bands import band_of
from attn_widgets.masks.measures.closure import spread, steps
from attn_widgets.masks.patterns.anchors import global_cols
from attn_widgets.masks.patterns.windows import causal, local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.measures.bands import Band

EXACT_LIMIT = 4096
"""Longest text whose pairs are followed one by one."""

_SOURCES = 5


@dataclass(frozen=True, slots=True)
class Reach:
    """Which share of the pairs is joined after 1, 2, ... layers.

    Parameters
    ----------
    shares : tuple of float
        After layer 1, 2, ...: the share of pairs ``(query, key)`` such that the key's token can
        have an influence on the query's; up to the layer after which nothing is added.
    of : {"pairs", "causal"}
        The denominator: all pairs; or, where the mask never looks ahead, those at or before.
    full_after : int or None
        Layers until every pair is joined (windows: even beyond the layers asked); None if that is
        never, or not within the layers asked.
    settled : bool
        Whether nothing more is joined after the last layer of `shares`.
    reason : str
        Why not every pair is joined; empty where it is.
    sources : int
        Queries that were followed; all of them where `exact`.
    exact : bool
        Whether `shares` and `full_after` hold for every query. Otherwise `sources` queries, evenly
        spread, were followed: `shares` is their mean and `full_after` the slowest of them.
    """

    shares: tuple[float, ...]
    of: str
    full_after: int | None
    settled: bool
    reason: str
    sources: int
    exact: bool

    @property
    def diameter(self) -> float | None:
        """Diameter of the mask as a graph over the text: most layers that a pair needs.

        Over the pairs counted in `of`, so for a mask that never looks ahead over each token and
        those before it. Infinite where some pair is never joined; None where more layers than asked
        still add some. Exact where `exact`, else of the queries that were followed.
        """
        if self.full_after is not None:
            return self.full_after
        return math.inf if self.settled else None

    @property
    def final(self) -> float:
        """Share of the pairs joined after the last layer that was looked at."""
        return self.shares[-1]


def reach(bound: BoundMask, layers: int = 64) -> Reach:
    """Follow what each query can draw on, layer by layer.

    After L layers query ``i`` draws on key ``j`` if ``(M or I)^L`` is true there as a boolean
    power: each layer looks where the mask lets it, and the residual stream carries a token's own
    vector along. Several heads count as one mask, their union.

    Parameters
    ----------
    bound : BoundMask
        A mask of a text over itself: as many keys as queries, no offset.
    layers : int
        Most layers to follow, 1 or more.

    Returns
    -------
    Reach
        Exact for windows at any length, for masks with a token that sees and is seen by all, and
        for every mask up to `EXACT_LIMIT` tokens; else from evenly spread queries.

    Raises
    ------
    MaskBindError
        If queries and keys are not the same text.
    MaskError
        If `layers` is not a whole number from 1 up.
    """
    most = whole("the number of layers", layers, 1)
    n = bound.n_queries
    if (bound.n_keys, bound.q_offset) != (n, 0):
        msg = (
            f"reach through layers needs one text over itself, not {n} queries x {bound.n_keys} "
            f"keys at offset {bound.q_offset}; bind the mask to one length: mask.bind({n})"
        )
        raise MaskBindError(msg)
    first = BoundMask(bound.mask | local(0), bound.frame)
    band = band_of(first.mask)
    if band is not None:
        return _of_band(band, n, most)
    hub = _by_hub(first) if n > EXACT_LIMIT else None
    if hub is not None:
        return hub
    one_way = BoundMask(first.mask - causal(), first.frame).nnz() == 0
    if n > EXACT_LIMIT:
        return _by_sources(first, most, one_way=one_way)
    legal = np.arange(1, n + 1) if one_way else np.full(n, n)
    counts, last, settled = steps(first, most)
    shares = [int(count.sum()) / int(legal.sum()) for count in counts]
    full = bool((counts[-1] == legal).all())
    worst = int(np.argmax(legal - counts[-1]))
    return Reach(
        shares=tuple(shares),
        of="causal" if one_way else "pairs",
        full_after=len(shares) if full else None,
        settled=settled or full,
        reason="" if full else _reason(worst, last(worst), most, settled=settled),
        sources=n,
        exact=True,
    )


def _of_band(band: Band, n: int, most: int) -> Reach:
    left, right = min(band.left, n - 1), min(band.right, n - 1)
    one_way = right == 0
    hops = [math.ceil((n - 1) / side) for side in (left, right) if side]
    settled_after = max(hops, default=1)
    whole_text = n == 1 or (left > 0 and (right > 0 or one_way))
    shown = min(settled_after, most)
    legal = n * (n + 1) // 2 if one_way else n * n
    shares = tuple(
        _band_pairs(n, left * layer, right * layer) / legal for layer in range(1, shown + 1)
    )
    lost = "no query sees what stands before it" if right else "each query sees only itself"
    return Reach(
        shares=shares,
        of="causal" if one_way else "pairs",
        full_after=settled_after if whole_text else None,
        settled=settled_after <= most,
        reason="" if whole_text else lost,
        sources=n,
        exact=True,
    )


def _band_pairs(n: int, left: int, right: int) -> int:
    before, after = min(left, n - 1), min(right, n - 1)
    return n * (before + after + 1) - (before * (before + 1) + after * (after + 1)) // 2


def _by_hub(first: BoundMask) -> Reach | None:
    """Two layers join everything where one token sees all and is seen by all."""
    n = first.n_queries
    degrees = first.degrees()
    wide = np.flatnonzero(degrees == n)
    if not len(wide):
        return None
    hub = int(wide[0])
    if BoundMask(first.mask & global_cols(hub), first.frame).nnz() < n:
        return None
    share = int(degrees.sum()) / (n * n)
    shares = (share,) if share == 1 else (share, 1.0)
    return Reach(shares, "pairs", len(shares), settled=True, reason="", sources=n, exact=True)


def _by_sources(first: BoundMask, most: int, *, one_way: bool) -> Reach:
    n = first.n_queries
    sources = np.unique(np.linspace(0, n - 1, _SOURCES).astype(np.int64))
    legal = [int(source) + 1 if one_way else n for source in sources]
    found = [
        spread(first, int(source), most, full) for source, full in zip(sources, legal, strict=True)
    ]
    longest = max(len(counts) for counts, _, _ in found)
    shares = [
        sum(
            counts[min(layer, len(counts) - 1)] / full
            for (counts, _, _), full in zip(found, legal, strict=True)
        )
        / len(sources)
        for layer in range(longest)
    ]
    short = [full - counts[-1] for (counts, _, _), full in zip(found, legal, strict=True)]
    worst = int(np.argmax(short))
    settled = all(done for _, _, done in found)
    full = not any(short)
    reached = found[worst][1]
    return Reach(
        shares=tuple(shares),
        of="causal" if one_way else "pairs",
        full_after=longest if full else None,
        settled=settled or full,
        reason="" if full else _reason(int(sources[worst]), reached, most, settled=found[worst][2]),
        sources=len(sources),
        exact=False,
    )


def _reason(query: int, reached: NDArray[np.bool_], most: int, *, settled: bool) -> str:
    if not settled:
        return f"not within {most} layers"
    keys = np.flatnonzero(reached)
    step = int(np.gcd.reduce(keys - query))
    if step == 0:
        return f"query {query} only ever sees itself"
    if step > 1:
        return (
            f"query {query} only ever reaches keys that are a multiple of {step} tokens away: "
            "it never leaves its residue class"
        )
    first, last = int(keys[0]), int(keys[-1])
    if last - first + 1 == len(keys):
        return f"query {query} only ever reaches the keys {first} to {last}"
    missing = int(np.argmin(reached))
    return (
        f"query {query} never reaches {len(reached) - len(keys)} of the keys, "
        f"the first of them {missing}"
    )
