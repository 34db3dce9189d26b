"""Who meets whom once tokens are sorted by bucket and cut into chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.rows.wide import repeat, tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

MEETINGS: Final = 2**25
"""Most meetings of a query and a key, all rounds together, that are listed for one head."""


class Meetings(NamedTuple):
    """Pairs of a query and a key that met in some round.

    Parameters
    ----------
    codes : numpy.ndarray
        int64, ``query * n_keys + key``, sorted, each pair once.
    counts : numpy.ndarray
        uint16, in how many places of the sorted order they met.
    """

    codes: Ints
    counts: NDArray[np.uint16]


class Chunking(NamedTuple):
    """How a sorted order is cut: the chunk's size, chunks looked back at, equal buckets or not."""

    size: int
    look_back: int
    same_bucket: bool = False


def shared(
    buckets: Ints, how: Chunking, *, causal: bool = False, hidden: NDArray[np.bool_] | None = None
) -> Meetings:
    """Meet as in Reformer, where each token is query and key at once.

    Every round sorts its tokens by (bucket, position). The sorted rounds stand one after another
    in a ring, cut into chunks; a query meets the keys of its own chunk and of those before it.
    The first chunk of a round thus looks back into the last of the round before, and that of the
    first round into the last round.

    Parameters
    ----------
    buckets : numpy.ndarray
        int64, ``(rounds, n)``.
    how : Chunking
        A round that does not fill its last chunk is filled up with padding.
    causal : bool
        Whether only keys at or before the query's position count.
    hidden : numpy.ndarray, optional
        bool, ``(n,)``: padding, which gets a bucket of its own behind all others, as keys hidden
        from all but themselves.

    Returns
    -------
    Meetings
        A token meets itself only where it meets nothing else in any round.

    Raises
    ------
    MaskBindError
        If there are more meetings than `MEETINGS`.
    """
    rounds, n = buckets.shape
    pad = np.zeros(n, dtype=np.bool_) if hidden is None else hidden
    if n <= how.size:
        # One chunk holds everything: there is nothing before it to look back at, and without
        # equal buckets one round says all. Reformer attends to everything here, too.
        how = how._replace(look_back=0, size=n)
        buckets = buckets if how.same_bucket else buckets[:1]
        rounds = len(buckets)
    last = int(buckets.max()) + 1
    marked = np.where(pad, last, buckets) + np.arange(rounds)[:, None] * (last + 1)
    chunks = -(-n // how.size)
    order = np.full((rounds, chunks * how.size), -1, dtype=np.int64)
    order[:, :n] = np.argsort(marked, axis=1, kind="stable")
    queries = order.ravel()
    own = np.arange(len(queries)) // how.size
    lo, hi = (own - how.look_back) * how.size, (own + 1) * how.size
    bucket = np.take_along_axis(marked, order, axis=1).ravel()
    meet, keys = _expand(lo, hi)
    keys %= len(queries)
    kept = (queries[meet] >= 0) & (queries[keys] >= 0)
    if how.same_bucket:
        kept &= bucket[meet] == bucket[keys]
    i, j = queries[meet[kept]], queries[keys[kept]]
    seen = (i == j) | ~pad[j]
    if causal:
        seen &= j <= i
    return _unless_alone(_counted(i[seen] * n + j[seen]), n)


def joint(
    query_buckets: Ints, key_buckets: Ints, how: Chunking, positions: Ints, own: Ints
) -> Meetings:
    """Meet where queries and keys are different vectors, hashed alike.

    Every round sorts queries and keys together by (bucket, position), and cuts the order into
    chunks that hold `how.size` keys on average. A query meets the keys of its own chunk and of
    those before it in its round; nothing wraps around.

    Parameters
    ----------
    query_buckets, key_buckets : numpy.ndarray
        int64, ``(rounds, queries)`` and ``(rounds, keys)``.
    how : Chunking
        See above.
    positions, own : numpy.ndarray
        int64, ``(queries,)``: where each query stands among the keys, and its own key, which it
        meets in any case; -1 for none.

    Raises
    ------
    MaskBindError
        If there are more meetings than `MEETINGS`.
    """
    n_queries, n_keys = query_buckets.shape[1], key_buckets.shape[1]
    size = -(-how.size * (n_queries + n_keys) // n_keys)
    places = np.concatenate([positions, np.arange(n_keys)])
    is_key = np.arange(n_queries + n_keys) >= n_queries
    found = []
    for query_bucket, key_bucket in zip(query_buckets, key_buckets, strict=True):
        bucket = np.concatenate([query_bucket, key_bucket])
        order = np.lexsort((places, bucket)).astype(
            np.int64
        )  # stable: of one place, the query comes first
        before = np.concatenate([[0], np.cumsum(is_key[order])])
        where = np.flatnonzero(~is_key[order])
        chunk = where // size
        lo = before[np.maximum(chunk - how.look_back, 0) * size]
        hi = before[np.minimum((chunk + 1) * size, len(order))]
        queries, keys = order[where], order[is_key[order]] - n_queries
        meet, at = _expand(lo, hi)
        i, j = queries[meet], keys[at]
        if how.same_bucket:
            same = query_bucket[i] == key_bucket[j]
            i, j = i[same], j[same]
        found.append(i * n_keys + j)
        _check_size(sum(map(len, found)))
    met = _counted(np.concatenate(found))
    mine = np.flatnonzero(own >= 0).astype(np.int64) * n_keys + own[own >= 0]
    return _with(met, np.setdiff1d(mine, met.codes, assume_unique=True))


def _expand(lo: Ints, hi: Ints) -> tuple[Ints, Ints]:
    """Write out ranges: which range, and which number of it."""
    lengths = hi - lo
    _check_size(int(lengths.sum()))
    which = repeat(np.arange(len(lo), dtype=np.int64), lengths)
    ends = np.cumsum(lengths)
    return which, np.arange(len(which)) + repeat(hi - ends, lengths)


def _check_size(meetings: int) -> None:
    if meetings > MEETINGS:
        msg = (
            f"{meetings:,} meetings of a query and a key are more than the {MEETINGS:,} that are "
            "listed for one head; use smaller chunks or fewer rounds"
        )
        raise MaskBindError(msg)


def _counted(codes: Ints) -> Meetings:
    unique, counts = np.unique(codes, return_counts=True)
    return Meetings(unique, counts.astype(np.uint16))


def _unless_alone(met: Meetings, n: int) -> Meetings:
    """Drop each token's meeting with itself, where it meets others."""
    i, j = met.codes // n, met.codes % n
    others = tally(i[i != j], n)
    kept = (i != j) | (others[i] == 0)
    return Meetings(met.codes[kept], met.counts[kept])


def _with(met: Meetings, more: Ints) -> Meetings:
    codes = np.concatenate([met.codes, more])
    counts = np.concatenate([met.counts, np.ones(len(more), dtype=np.uint16)])
    order = np.argsort(codes, kind="stable")
    return Meetings(codes[order], counts[order])
