"""Boolean powers of a mask: all queries at once in bits, or one query at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.measures.alternatives import alternatives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Runs: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]

_GAP = 64
_LOOSE = 64
_CELLS = 2**20
_ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1, dtype=np.uint8)


def steps(
    first: BoundMask, most: int
) -> tuple[list[NDArray[np.int64]], Callable[[int], NDArray[np.bool_]], bool]:
    """Raise a mask to its powers 1, 2, ... until nothing is added.

    Parameters
    ----------
    first : BoundMask
        A square mask that keeps its diagonal.
    most : int
        Highest power.

    Returns
    -------
    counts : list of numpy.ndarray
        Keys each query reaches, int64 ``(queries,)``, per power that added some.
    row : callable
        The keys a query reaches at last, as booleans.
    settled : bool
        Whether the next power adds nothing.
    """
    n = first.n_queries
    lo, hi = first.rows()
    words = np.zeros((n, -(-n // 64) * 8), dtype=np.uint8)
    words[:, : -(-n // 8)] = np.packbits(first.to_dense(), axis=1, bitorder="little")
    reached: NDArray[np.uint64] = words.view(np.uint64)
    counts = [_counted(reached)]
    settled = False
    while len(counts) < most and not settled:
        further = _joined(lo, hi, reached)
        settled = bool((further == reached).all())
        if not settled:
            counts.append(_counted(further))
            reached = further

    def row(query: int) -> NDArray[np.bool_]:
        bits = np.unpackbits(reached[query].view(np.uint8), bitorder="little")
        return bits[:n].astype(np.bool_)

    return counts, row, settled


def spread(
    first: BoundMask, source: int, most: int, legal: int
) -> tuple[list[int], NDArray[np.bool_], bool]:
    """Follow one query through layers, each key expanded once.

    Parameters
    ----------
    first : BoundMask
        A square mask that keeps its diagonal.
    source : int
        The query.
    most : int
        Most layers to follow.
    legal : int
        Keys it could reach at best; nothing is followed further than that.

    Returns
    -------
    counts : list of int
        Keys reached after 1, 2, ... layers, per layer that added some.
    reached : numpy.ndarray
        bool ``(keys,)``: those reached at last.
    settled : bool
        Whether the next layer adds nothing.
    """
    reached = np.zeros(first.n_keys, dtype=np.bool_)
    reached[source] = True
    parts = [BoundMask(part, first.frame) for part in alternatives(first.mask)]
    new = _newly(parts, np.array([source]), reached)
    counts = [1 + len(new)]
    while len(new) and len(counts) < most and counts[-1] < legal:
        new = _newly(parts, new, reached)
        if len(new):
            counts.append(counts[-1] + len(new))
    settled = counts[-1] == legal or not len(new) or not len(_newly(parts, new, reached.copy()))
    return counts, reached, settled


def _counted(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = _ONES[words.view(np.uint8)].sum(axis=1, dtype=np.int64)
    return counts


def _joined(
    lo: NDArray[np.int64], hi: NDArray[np.int64], rows: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Unite the rows that stand in each interval; two spans of 2^k rows cover an interval."""
    spans = [rows]
    while 2 ** len(spans) <= int((hi - lo).max()):
        half = 2 ** (len(spans) - 1)
        wide = spans[-1].copy()
        wide[:-half] |= spans[-1][half:]
        spans.append(wide)
    out = rows.copy()
    level = np.frexp(np.maximum(hi - lo, 1))[1] - 1
    for slot in range(lo.shape[1]):
        for power, span in enumerate(spans):
            chosen = np.flatnonzero((level[:, slot] == power) & (hi[:, slot] > lo[:, slot]))
            if len(chosen):
                out[chosen] |= span[lo[chosen, slot]] | span[hi[chosen, slot] - 2**power]
    return out


def _newly(
    parts: list[BoundMask], queries: NDArray[np.int64], reached: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Keys the queries see that were not reached before; marks them as reached."""
    groups = np.split(queries, np.flatnonzero(np.diff(queries) > _GAP) + 1)
    seen = [runs for group in groups for part in parts for runs in _seen(part, group)]
    starts, ends = _merged(*(np.concatenate(side) for side in zip(*seen, strict=True)))
    if len(starts) <= _LOOSE:
        new = [a + np.flatnonzero(~reached[a:b]) for a, b in zip(starts, ends, strict=True)]
        found: NDArray[np.int64] = np.concatenate(new)
    else:
        base, end = int(starts[0]), int(ends[-1])
        change = np.zeros(end - base + 1, dtype=np.int8)
        change[starts - base] += 1
        change[ends - base] -= 1
        found = base + np.flatnonzero(np.cumsum(change[:-1], dtype=np.int8) & ~reached[base:end])
    reached[found] = True
    return found


def _seen(part: BoundMask, queries: NDArray[np.int64]) -> Iterator[Runs]:
    """Keys that neighbouring queries see, merged."""
    start, stop = int(queries[0]), int(queries[-1]) + 1
    step = max(_CELLS // (part.mask.slots(part.frame) + 1), 1)
    for at in range(start, stop, step):
        end = min(at + step, stop)
        lo, hi = part.rows(at, end)
        inside = queries[(queries >= at) & (queries < end)] - at
        lo, hi = lo[inside], hi[inside]
        kept = hi > lo
        if kept.any():
            yield _merged(lo[kept], hi[kept])


def _merged(lo: NDArray[np.int64], hi: NDArray[np.int64]) -> Runs:
    order = np.argsort(lo, kind="stable")
    lo, hi = lo[order], np.maximum.accumulate(hi[order])
    opening = np.r_[True, lo[1:] > hi[:-1]]
    return lo[opening], hi[np.r_[opening[1:], True]]
