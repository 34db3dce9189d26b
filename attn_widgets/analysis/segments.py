"""How far attention stays within the query's own text of a pair."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.heads import Floats64, Head, over_heads
from attn_widgets.analysis.reading import Bools, Reading, read
from attn_widgets.analysis.values import ReadOnlyArrays, mean_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Kernel
    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class OwnSegment(ReadOnlyArrays):
    """The part of the attention on text that stays in the query's own text.

    Attributes
    ----------
    share
        Mean part per head, in [0, 1], shape ``(layers, heads)``; NaN where a head gives text no
        attention at all.
    expected
        The part if every text key were looked at alike, in [0, 1].
    """

    share: Floats64
    expected: float

    @property
    def beyond(self) -> Floats64:
        """Give the share less the expected one, shape ``(layers, heads)``."""
        return self.share - self.expected

    def __repr__(self) -> str:
        """Say the means."""
        return (
            f"OwnSegment({mean_of(self.share)} in the own text, expected {self.expected:.3f}; "
            f"mean of {self.share.size} heads)"
        )


def own_segment(record: AttentionRecord) -> OwnSegment:
    r"""Measure the block structure of a pair of texts, per layer and head.

    .. math::

        \frac{1}{|C|} \sum_{i \in C}
        \frac{\sum_{j \in C,\, seg(j) = seg(i)} A_{ij}}{\sum_{j \in C} A_{ij}}
        \quad \text{beside} \quad
        \frac{1}{|C|} \sum_{i \in C} \frac{|\{j \in C: seg(j) = seg(i)\}|}{|C|}

    in a decoder over the keys that a query sees. Queries that give text nothing are left out. A
    head that looks near is in its own text for that reason alone: read it beside
    :func:`neighbour_shares`.

    Raises
    ------
    ValueError
        If queries and keys are of different texts, or the text is not of two segments.
    """
    reading = read(record)
    pair = find_pair(reading)
    if pair is None:
        have = sorted({str(token.segment) for token in reading.key_tokens})
        msg = (
            f"the own-segment share needs a pair of texts in one record; this {record.kind} record "
            f"has segments {', '.join(have)}: run a pair, or give tokens their segment"
        )
        raise ValueError(msg)
    (sums,) = over_heads(reading, by_segment(pair))
    return from_segments(pair, reading, sums)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Who belongs to which text: what the measure needs to know of the tokens.

    Attributes
    ----------
    members
        Which text keys each segment has, shape ``(segments, keys)``.
    queries
        The text queries that have a segment.
    own
        The row of `members` each of them belongs to.
    """

    members: Bools
    queries: NDArray[np.intp]
    own: NDArray[np.intp]


def find_pair(reading: Reading) -> Pair | None:
    """Find out who belongs to which text; None where there are not two texts to tell apart."""
    if not reading.aligned:
        return None
    segments = np.array(
        [-1 if t.segment is None or t.role.is_special else t.segment for t in reading.key_tokens]
    )
    names = np.unique(segments[segments >= 0])
    of_queries = segments[reading.lead :]
    queries = np.flatnonzero(of_queries >= 0)
    if len(names) < 2 or not queries.size:  # noqa: PLR2004 - a pair is two
        return None
    return Pair(segments == names[:, None], queries, np.searchsorted(names, of_queries[queries]))


def by_segment(pair: Pair) -> Kernel:
    """Prepare each text query's share on its own text and on all text, shape ``(2, queries)``."""
    members = pair.members.astype(np.float32)
    every = np.arange(len(pair.queries))

    def kernel(head: Head) -> Floats64:
        sums = np.einsum("ij,sj->is", head.weights, members)[pair.queries].astype(np.float64)
        return np.stack([sums[every, pair.own], sums.sum(axis=1)])

    return kernel


def from_segments(pair: Pair, reading: Reading, sums: Floats64) -> OwnSegment:
    """Make the measure of what :func:`by_segment` summed."""
    seen = np.stack([reading.seen(member)[pair.queries] for member in pair.members])
    expected = seen[pair.own, np.arange(len(pair.queries))] / seen.sum(axis=0)
    inside, total = sums[..., 0, :], sums[..., 1, :]
    parts = np.divide(inside, total, out=np.zeros_like(inside), where=total > 0)
    counted = (total > 0).sum(axis=-1)
    share = np.full(counted.shape, np.nan)
    np.divide(parts.sum(axis=-1), counted, out=share, where=counted > 0)
    return OwnSegment(share=share, expected=float(expected.mean()))
