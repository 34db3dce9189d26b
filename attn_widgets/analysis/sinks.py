"""Which positions collect attention, whatever they say."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.heads import Floats64, over_heads
from attn_widgets.analysis.reading import Reading, read
from attn_widgets.analysis.shares import column_sums
from attn_widgets.analysis.values import ReadOnlyArrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sinks(ReadOnlyArrays):
    """How many heads sink their attention in each position.

    Attributes
    ----------
    alpha
        Mean weight that each position gets from the queries that see it, in [0, 1], shape
        ``(layers, heads, positions)``.
    share
        Sink: the share of all heads whose alpha is above `epsilon`, in [0, 1], shape
        ``(positions,)``. It counts heads; it is no share of attention.
    positions
        Where in the record each position is, padding left out, shape ``(positions,)``.
    counts
        How many queries each mean runs over, shape ``(positions,)``: in a decoder few for the last
        positions, which pass `epsilon` easily.
    epsilon
        The threshold.
    words
        What stands there.
    even
        What each position would get if every query looked at every key it can see alike, in (0, 1],
        shape ``(positions,)``: in a decoder much for the first ones of a short text.
    """

    alpha: Floats64
    share: Floats64
    positions: NDArray[np.intp]
    counts: NDArray[np.intp]
    epsilon: float
    words: tuple[str, ...]
    even: Floats64

    @property
    def tells(self) -> bool:
        """Say whether evenly spread attention stays clear of `epsilon` at every position.

        Clear of it is at most 0.8 of it, a line of ours. Where it is not, the text is too short for
        this measure: heads that choose nothing, and vary a little, pass for sinks.
        """
        return bool(self.even.max() <= _CLEAR * self.epsilon)

    @property
    def strongest(self) -> int:
        """Give the index of the position most heads sink in; on a tie, of the larger mean alpha."""
        order = np.lexsort((self.alpha.mean(axis=(0, 1)), self.share))
        return int(order[-1])

    def __repr__(self) -> str:
        """Say where most heads sink, with threshold, length and positions scanned."""
        k = self.strongest
        return (
            f"Sinks({self.share[k]:.1%} of heads above {self.epsilon} at position "
            f"{self.positions[k]}, {self.words[k]!r}; T = {len(self.positions)}, "
            "every position scanned)"
        )


_CLEAR = 0.8


def find_sinks(record: AttentionRecord, epsilon: float = 0.3) -> Sinks:
    r"""Scan every position for heads that sink their attention in it.

    .. math::

        \alpha_k^{lh} = \frac{1}{T - k + 1} \sum_{i = k}^{T} A_{ik}^{lh}, \qquad
        \mathrm{Sink}_k^\epsilon =
        \frac{1}{LH} \sum_{lh} \mathbb{1}[\alpha_k^{lh} > \epsilon]

    Gu et al. 2025, "When attention sink emerges in language models" (arXiv 2410.10781), who use
    :math:`\epsilon = 0.3` and T = 64: the figure falls as T grows, so compare like lengths. Where
    queries see every key (an encoder), the mean is over all T of them: the plain column mean.

    Parameters
    ----------
    record
        Where the weights are.
    epsilon
        The threshold, from 0 to below 1.

    Raises
    ------
    ValueError
        If `epsilon` is out of range, or all is padding.
    """
    reading = read(record)
    (columns,) = over_heads(reading, column_sums(np.ones(len(reading.queries), dtype=bool)))
    return sinks_from_columns(reading, columns[:, :, 0], epsilon)


def sinks_from_columns(reading: Reading, columns: Floats64, epsilon: float) -> Sinks:
    """Make sinks of column sums over every query, shape ``(layers, heads, keys)``.

    Raises
    ------
    ValueError
        If `epsilon` is out of range.
    """
    if not 0 <= epsilon < 1:
        msg = f"epsilon is {epsilon}: expected a share from 0 to below 1; Gu et al. use 0.3"
        raise ValueError(msg)
    sees = reading.visible[:, None] > np.arange(len(reading.keys))
    counts = sees.sum(axis=0)
    even = (sees / reading.visible[:, None]).sum(axis=0)
    alpha = columns / np.maximum(counts, 1)
    return Sinks(
        alpha=alpha,
        share=(alpha > epsilon).mean(axis=(0, 1)),
        positions=reading.keys.copy(),
        counts=counts,
        epsilon=float(epsilon),
        words=tuple(str(token) for token in reading.key_tokens),
        even=even / np.maximum(counts, 1),
    )
