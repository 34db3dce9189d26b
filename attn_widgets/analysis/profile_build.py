"""Sort the numbers of some texts into length bins."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.profile_bins import LengthBin, bin_of
from attn_widgets.analysis.profile_metrics import METRICS, TARGETS, span_of
from attn_widgets.analysis.profile_tally import Tally, scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Floats64


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers of some texts.

    Parameters
    ----------
    lengths
        Tokens of each text, shape ``(texts,)``.
    values
        Shape ``(metrics, texts, layers, heads)``, in the order of ``METRICS``; NaN where a text has
        no such number.
    uniform
        Shape ``(texts, targets)``, in the order of ``TARGETS``; NaN as above.
    """

    lengths: NDArray[np.intp]
    values: NDArray[np.floating]
    uniform: Floats64


def excess(share: NDArray[np.floating], uniform: Floats64) -> NDArray[np.floating]:
    """Give the excess of shares ``(targets, texts, layers, heads)``, as `Share.excess` does."""
    even = uniform.T[:, :, None, None]
    room = np.where(even < 1, 1 - even, np.nan)
    return (share - even) / room


def bins_of(numbers: Numbers, edges: tuple[int, ...]) -> tuple[LengthBin, ...]:
    """Sort texts into length bins, which begin at `edges`.

    Raises
    ------
    ValueError
        If a text is shorter than every length bin, or a number is out of range.
    """
    starts = [bin_of(int(length), edges) for length in numbers.lengths]
    bins = []
    for start, end in dict.fromkeys(sorted(starts, key=lambda edge: edge[0])):
        here = np.array([one == (start, end) for one in starts])
        bins.append(
            LengthBin(
                start=start,
                end=end,
                texts=int(here.sum()),
                tokens=int(numbers.lengths[here].sum()),
                uniform=_uniform(numbers.uniform[here]),
                tallies=_tallies(numbers.values[:, here]),
            )
        )
    return tuple(bins)


def _tallies(values: NDArray[np.floating]) -> dict[str, Tally]:
    found = {}
    for name, own in zip(METRICS, values, strict=True):
        have = own[~np.isnan(own[:, 0, 0])]
        if len(have):
            found[name] = Tally.of(have, span_of(name))
    return found


def _uniform(uniform: Floats64) -> dict[str, int]:
    return {
        name: int(scaled(np.nan_to_num(own)).sum())
        for name, own in zip(TARGETS, uniform.T, strict=True)
        if np.isfinite(own).any()
    }
