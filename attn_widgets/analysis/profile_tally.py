"""Many numbers of each head, held as whole numbers so that their order leaves no trace."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from attn_widgets.analysis.values import ReadOnlyArrays

if TYPE_CHECKING:
    from attn_widgets.analysis.heads import Floats64

Ints = NDArray[np.int64]

BUCKETS: Final = 64
"""Buckets of a histogram, of equal width over the range of its metric."""

_BITS = 24
_UNIT = 2.0**-_BITS
_LOW = (1 << _BITS) - 1
# the upper part of a square still fits in 63 bits
_LIMIT = 2.0**16


def scaled(values: NDArray[np.floating]) -> Ints:
    """Round numbers to whole multiples of 2**-24, about 6e-8.

    Raises
    ------
    ValueError
        If one is not finite, or 65536 or more in size.
    """
    if not (np.abs(values) < _LIMIT).all():
        worst = values.flat[int(np.abs(values).argmax())]
        msg = f"a value is {worst}: expected finite numbers of less than {_LIMIT:.0f} in size"
        raise ValueError(msg)
    return np.rint(values.astype(np.float64) / _UNIT).astype(np.int64)


def unscaled(values: Ints | int) -> Floats64:
    """Give the numbers that :func:`scaled` made whole."""
    return np.asarray(values, dtype=np.float64) * _UNIT


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tally(ReadOnlyArrays):
    """What is kept of one metric over many texts, per layer and head.

    All sums are of whole numbers (:func:`scaled`), so they are the same in any order, bit for bit;
    of numbers up to 1 they hold 10**11 texts.

    Parameters
    ----------
    count
        Texts that had the number.
    total, high, low
        Sum, and sums of the upper and lower parts of squares, scaled; shape ``(layers, heads)``.
    least, most
        Smallest and largest, scaled; shape ``(layers, heads)``.
    buckets
        Texts per bucket, shape ``(BUCKETS, layers, heads)``.
    """

    count: int
    total: Ints
    high: Ints
    low: Ints
    least: Ints
    most: Ints
    buckets: Ints

    @classmethod
    def of(cls, values: NDArray[np.floating], span: tuple[float, float]) -> Self:
        """Tally the numbers of some texts, shape ``(texts, layers, heads)``.

        Parameters
        ----------
        values
            One text or more.
        span
            What the buckets divide; a number outside it counts in the bucket at that end.
        """
        whole = scaled(values)
        units, rest = whole >> _BITS, whole & _LOW
        squares = rest * rest
        return cls(
            count=len(values),
            total=whole.sum(axis=0),
            high=((units * units << _BITS) + 2 * units * rest + (squares >> _BITS)).sum(axis=0),
            low=(squares & _LOW).sum(axis=0),
            least=whole.min(axis=0),
            most=whole.max(axis=0),
            buckets=_counted(whole, span),
        )

    def __add__(self, other: Tally) -> Tally:
        """Tally the texts of both: in any order and grouping the same, bit for bit."""
        return Tally(
            count=self.count + other.count,
            total=self.total + other.total,
            high=self.high + other.high,
            low=self.low + other.low,
            least=np.minimum(self.least, other.least),
            most=np.maximum(self.most, other.most),
            buckets=self.buckets + other.buckets,
        )

    def mean(self) -> Floats64:
        """Give the mean over texts, shape ``(layers, heads)``; off by 3e-8 at most."""
        return unscaled(self.total) / self.count

    def std(self) -> Floats64:
        """Give the standard deviation over texts, shape ``(layers, heads)``.

        No digit is lost where it is small beside the mean.
        """
        squares = self.high.astype(object) * (1 << _BITS) + self.low.astype(object)
        spread = squares * self.count - self.total.astype(object) ** 2
        root: Floats64 = np.sqrt(spread.astype(np.float64)) / self.count * _UNIT
        return root

    def quantile(self, q: float, span: tuple[float, float]) -> Floats64:
        """Read a quantile off the histogram, shape ``(layers, heads)``.

        It lies in the bucket in which the ``ceil(q * count)``-th smallest number does, so that it
        is off by one bucket at most; the end buckets reach as far as the extremes. 0 and 1 give
        these as they were.
        """
        least, most = unscaled(self.least), unscaled(self.most)
        if q in {0, 1}:
            return most if q else least
        rank = max(np.ceil(q * self.count), 1)
        until = np.cumsum(self.buckets, axis=0)
        place = (until < rank).sum(axis=0)
        there, last = (
            np.take_along_axis(counts, place[None], axis=0)[0] for counts in (self.buckets, until)
        )
        width = (span[1] - span[0]) / BUCKETS
        start, end = span[0] + place * width, span[0] + (place + 1) * width
        start = np.where(place == 0, np.minimum(start, least), start)
        value = start + (end - start) * (rank - (last - there) - 0.5) / there
        inside: Floats64 = np.clip(value, least, most)
        return inside


def _counted(whole: Ints, span: tuple[float, float]) -> Ints:
    """Count scaled numbers ``(texts, layers, heads)`` by bucket."""
    shape = whole.shape[1:]
    places = np.floor((unscaled(whole) - span[0]) * (BUCKETS / (span[1] - span[0])))
    bucket = np.clip(places, 0, BUCKETS - 1).astype(np.int64)
    size = int(np.prod(shape))
    flat = bucket.reshape(len(whole), size) * size + np.arange(size)
    counts = np.bincount(flat.ravel(), minlength=BUCKETS * size)
    return counts.reshape(BUCKETS, *shape).astype(np.int64)
