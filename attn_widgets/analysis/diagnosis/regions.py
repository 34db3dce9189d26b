"""Which layers the textbook means by lower, middle and upper, in a model of any depth."""

from __future__ import annotations

import dataclasses
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Layers: TypeAlias = tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Regions:
    """Layers by their numbers, counted from 0; a part can be empty in a shallow model.

    Attributes
    ----------
    lower, middle
        The first and the second third: the textbook's states say no more than "lower" and "middle".
    near, collecting, reading
        The parts of its layer story. Of 12 layers it names 1-3, 4-8 and 9-12, counted from 1: a
        quarter, up to two thirds, and the rest, rounded up.
    """

    lower: Layers
    middle: Layers
    near: Layers
    collecting: Layers
    reading: Layers


def regions(layers: Layers) -> Regions | None:
    """Divide a model's layers; None if layers are missing in between, or at the start."""
    count = len(layers)
    if layers != tuple(range(count)):
        return None
    third, quarter, two_thirds = ceil(count / 3), ceil(count / 4), ceil(2 * count / 3)
    return Regions(
        lower=layers[:third],
        middle=layers[third:two_thirds],
        near=layers[:quarter],
        collecting=layers[quarter:two_thirds],
        reading=layers[two_thirds:],
    )


def ranges(numbers: Sequence[int], to: str) -> str:
    """Write numbers in order, runs of them as a first and a last: ``0-2, 5``."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}{to}{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
