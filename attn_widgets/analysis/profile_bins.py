"""Texts of like length, and what is kept of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.profile_tally import Tally

LENGTHS: Final = (1, 5, 10, 20, 40, 80, 160, 320, 640, 1280)
"""Where a length bin begins, in tokens, special ones included; the last has no end."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class LengthBin:
    """Texts of like length: shares fall as texts grow longer, so only these compare.

    Parameters
    ----------
    start, end
        Tokens, special ones included: from `start` to below `end`, or None where there is no end.
    texts, tokens
        How many it holds.
    uniform
        By target, the sum over texts of the share that it would take if every query looked at every
        key alike, scaled as tallies are.
    tallies
        By metric.
    """

    start: int
    end: int | None
    texts: int
    tokens: int
    uniform: Mapping[str, int]
    tallies: Mapping[str, Tally]

    @property
    def name(self) -> str:
        """Say which lengths it holds, for example ``10-19`` or ``1280+``."""
        return f"{self.start}+" if self.end is None else f"{self.start}-{self.end - 1}"

    def __add__(self, other: LengthBin) -> LengthBin:
        """Hold the texts of both."""
        return LengthBin(
            start=self.start,
            end=self.end,
            texts=self.texts + other.texts,
            tokens=self.tokens + other.tokens,
            uniform=added(self.uniform, other.uniform),
            tallies=added(self.tallies, other.tallies),
        )


def bin_of(length: int, edges: tuple[int, ...]) -> tuple[int, int | None]:
    """Say from where to below where the length bin of a text goes.

    Raises
    ------
    ValueError
        If the text is shorter than all bins.
    """
    place = int(np.searchsorted(edges, length, side="right"))
    if not place:
        msg = f"a text of {length} tokens is shorter than every length bin: they begin at {edges}"
        raise ValueError(msg)
    return edges[place - 1], edges[place] if place < len(edges) else None


def added(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> dict[Any, Any]:
    """Join two mappings; what both have is added up."""
    both = dict(one)
    for key, value in other.items():
        both[key] = both[key] + value if key in both else value
    return both
