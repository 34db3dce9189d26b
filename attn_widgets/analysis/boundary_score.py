"""Proposed boundaries against the true ones, and against luck."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal, TypeAlias

import numpy as np

Verdict: TypeAlias = Literal[
    "found", "hint", "failed", "cannot be told from luck", "nothing to find"
]


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """Proposed boundaries against the true ones; scores of several records add up.

    Parameters
    ----------
    hits
        Proposals that are true.
    trials
        Of each record: gaps between words, true boundaries, proposals.
    """

    hits: int
    trials: tuple[tuple[int, int, int], ...]

    @property
    def true(self) -> int:
        """Count the true boundaries."""
        return sum(true for _, true, _ in self.trials)

    @property
    def proposed(self) -> int:
        """Count the proposals."""
        return sum(proposed for _, _, proposed in self.trials)

    @property
    def precision(self) -> float:
        """Give the share of proposals that are true; NaN without any."""
        return self.hits / self.proposed if self.proposed else math.nan

    @property
    def recall(self) -> float:
        """Give the share of true boundaries that were proposed; NaN without any."""
        return self.hits / self.true if self.true else math.nan

    @property
    def f1(self) -> float:
        """Give 2 hits / (proposed + true); NaN where there is neither."""
        both = self.proposed + self.true
        return 2 * self.hits / both if both else math.nan

    @property
    def chance(self) -> float:
        """Give the F1 to be expected of as many proposals at random."""
        both = self.proposed + self.true
        expected = sum(true * proposed / gaps for gaps, true, proposed in self.trials)
        return 2 * expected / both if both else math.nan

    @property
    def luck(self) -> float:
        """Give the probability of so many hits or more at random (hypergeometric), exactly."""
        spread = np.ones(1)
        for gaps, true, proposed in self.trials:
            ways = math.comb(gaps, proposed)
            odds = [
                math.comb(true, hits) * math.comb(gaps - true, proposed - hits) / ways
                for hits in range(min(true, proposed) + 1)
            ]
            spread = np.convolve(spread, odds)
        return float(min(1.0, spread[self.hits :].sum()))

    @property
    def verdict(self) -> Verdict:
        """Say ``"found"``: F1 .5 or more, luck below .05; ``"hint"``: only that; or ``"failed"``.

        ``"cannot be told from luck"`` where only F1 reaches its line, as in a text so short that
        even a perfect score comes about at random; ``"nothing to find"`` where there is no true
        boundary. The lines are ours.
        """
        if not self.true:
            return "nothing to find"
        if self.luck >= _LUCK:
            return "cannot be told from luck" if self.f1 >= _GOOD else "failed"
        return "found" if self.f1 >= _GOOD else "hint"

    def __add__(self, other: Score) -> Score:
        """Count the records of both."""
        return Score(self.hits + other.hits, self.trials + other.trials)

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"{self.hits} of {self.proposed} proposals right, {self.hits} of {self.true} "
            f"boundaries found; F1 {self.f1:.2f}, by chance {self.chance:.2f} (so many hits by "
            f"luck: p = {self.luck:.2g}): {self.verdict}"
        )


_LUCK = 0.05
_GOOD = 0.5
