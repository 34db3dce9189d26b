"""The texts of a corpus that could not be run: all are counted, the first ones told."""

from __future__ import annotations

import dataclasses
from typing import Final

MOST_TOLD: Final = 100


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Failure:
    """One text that could not be run.

    Parameters
    ----------
    place
        Its number in the stream, from 0.
    error, message
        The error's class and what it said.
    text
        How the text begins.
    """

    place: int
    error: str
    message: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Failures:
    """Failures of a corpus, or of several.

    Parameters
    ----------
    by_error
        How many there were of each class of error, sorted by its name.
    first
        The 100 that stand first.
    """

    by_error: tuple[tuple[str, int], ...] = ()
    first: tuple[Failure, ...] = ()

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(number for _, number in self.by_error)

    def __add__(self, other: Failures) -> Failures:
        """Hold those of both."""
        mine, theirs = dict(self.by_error), dict(other.by_error)
        names = sorted({*mine, *theirs})
        return Failures(
            by_error=tuple((name, mine.get(name, 0) + theirs.get(name, 0)) for name in names),
            first=tuple(sorted((*self.first, *other.first)))[:MOST_TOLD],
        )

    @staticmethod
    def of(*told: Failure) -> Failures:
        """Hold some failures."""
        total = Failures()
        for one in told:
            total += Failures(((one.error, 1),), (one,))
        return total
