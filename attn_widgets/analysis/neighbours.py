"""How much attention stays near: on the query itself, and on what stands beside it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.heads import Floats64, Head, over_heads
from attn_widgets.analysis.reading import Bools, Queries, Reading, need_aligned, read
from attn_widgets.analysis.shares import Share
from attn_widgets.analysis.values import ReadOnlyArrays, mean_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Kernel
    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Neighbours(ReadOnlyArrays):
    """Shares of attention near the query, each of shape ``(layers, heads)`` in [0, 1].

    Attributes
    ----------
    itself, previous, next
        Mean share on the query itself, the key before and the key after, special or not, over the
        queries that have one; NaN where none has.
    local
        Mean share on text keys at most `reach` places away, the query itself included.
    reach
        How far `local` goes, in keys on each side.
    uniform
        What `local` would be if every query looked at every key it can see alike, in [0, 1]: much
        in a short text, where little but neighbours is there to see.
    """

    itself: Floats64
    previous: Floats64
    next: Floats64
    local: Floats64
    reach: int
    uniform: float

    @property
    def excess(self) -> Floats64:
        """Give `local` beyond the uniform one; see :attr:`Share.excess`."""
        return Share(self.local, self.uniform).excess

    def __repr__(self) -> str:
        """Say the means."""
        return (
            f"Neighbours({mean_of(self.itself)} itself, {mean_of(self.previous)} previous, "
            f"{mean_of(self.next)} next, {mean_of(self.local)} within {self.reach} of text; "
            f"mean of {self.local.size} heads)"
        )


def neighbour_shares(
    record: AttentionRecord, reach: int = 1, queries: Queries = "content"
) -> Neighbours:
    r"""Measure attention to the query itself and to what stands beside it, per layer and head.

    .. math::

        \frac{1}{|Q|} \sum_{i \in Q} A_{i,i+d} \; (d = 0, -1, +1), \qquad
        \frac{1}{|Q|} \sum_{i \in Q} \sum_{|j - i| \le k,\, j \in C} A_{ij}

    The single neighbours may be special tokens; the local share leaves them out, as else the first
    word's look at [CLS] would count as looking near. Clark et al. 2019 (arXiv 1906.04341), section
    3.1, take all queries, and divide by their number even where one has no such neighbour.

    Parameters
    ----------
    record
        Where the weights are; of one text.
    reach
        k, in keys on each side.
    queries
        As in :func:`share_of`.

    Raises
    ------
    ValueError
        If queries and keys are of different texts, `reach` is below 0, or no query is left.
    """
    if reach < 0:
        msg = f"reach is {reach}: expected 0 or more keys on each side"
        raise ValueError(msg)
    reading = read(record)
    need_aligned(reading, "looking at neighbours")
    rows = reading.rows(queries)
    (sums,) = over_heads(reading, near(reading, rows, reach))
    return from_near(reading, rows, sums, reach)


def near(reading: Reading, rows: Bools, reach: int) -> Kernel:
    """Prepare sums over `rows`: on itself, the previous, the next, and all text within `reach`."""
    single = [_diagonal(reading, rows, offset) for offset in _SINGLE]
    close = _close(reading, rows, reach)

    def kernel(head: Head) -> Floats64:
        return np.array([head.weights[i, j].sum(dtype=np.float64) for i, j in (*single, close)])

    return kernel


def from_near(reading: Reading, rows: Bools, sums: Floats64, reach: int) -> Neighbours:
    """Make the measures of what :func:`near` summed, shape ``(layers, heads, 4)``."""
    counts = [_diagonal(reading, rows, offset).shape[1] for offset in _SINGLE]
    itself, previous, following = (
        sums[..., n] / count if count else np.full(sums.shape[:2], np.nan)
        for n, count in enumerate(counts)
    )
    return Neighbours(
        itself=itself,
        previous=previous,
        next=following,
        local=sums[..., 3] / rows.sum(),
        reach=reach,
        uniform=float((1 / reading.visible[_close(reading, rows, reach)[0]]).sum() / rows.sum()),
    )


_SINGLE = (0, -1, 1)


def _close(reading: Reading, rows: Bools, reach: int) -> NDArray[np.intp]:
    """Give the queries of `rows` and the text keys within `reach` of them, ``(2, pairs)``."""
    content = ~reading.special()
    far = min(reach, len(content))
    every = np.hstack([_diagonal(reading, rows, offset) for offset in range(-far, far + 1)])
    return every[:, content[every[1]]]


def _diagonal(reading: Reading, rows: Bools, offset: int) -> NDArray[np.intp]:
    """Give the queries of `rows` and the keys `offset` places after them, shape ``(2, pairs)``."""
    queries = np.flatnonzero(rows)
    keys = queries + reading.lead + offset
    there = (keys >= 0) & (keys < reading.visible[queries])
    return np.stack([queries[there], keys[there]])
