"""What every measured value has in common: its arrays cannot be written to."""

from __future__ import annotations

import dataclasses

import numpy as np


class ReadOnlyArrays:
    """A frozen dataclass whose arrays are made read-only, and that says their means."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Make every array read-only."""
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


def mean_of(values: np.ndarray) -> str:
    """Give the mean of what is defined, as a reader wants it; "undefined" if nothing is."""
    defined = values[np.isfinite(values)]
    return f"{defined.mean():.3f}" if defined.size else "undefined"
