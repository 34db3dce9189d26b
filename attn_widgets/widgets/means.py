"""Several heads drawn as one: the mean of their weights."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.widgets.traits import whole_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord

ALL = slice(None)


@dataclasses.dataclass(frozen=True, slots=True)
class Mean:
    """The heads that a mean runs over: each of `heads` in each of `layers`, the model's numbers."""

    layers: tuple[int, ...]
    heads: tuple[int, ...]

    def of(
        self,
        weights: NDArray[np.floating[Any]],
        record: AttentionRecord,
        queries: slice | int = ALL,
        keys: slice = ALL,
    ) -> NDArray[np.float64]:
        """Work out the mean of weights, or of a part of each head.

        Parameters
        ----------
        weights
            Shape ``(layers, heads, queries, keys)``, in the record's order.
        record
            Says which layer and head stands where.
        queries, keys
            The part of each head.

        Returns
        -------
        ndarray of float64
            Shape ``(queries, keys)``, or that of the part.

        Raises
        ------
        IndexError
            If a layer or head is not in the record.
        """
        rows = [record.layer_index(layer) for layer in self.layers]
        columns = [record.head_index(head) for head in self.heads]
        total = np.zeros(weights[0, 0][queries, keys].shape)
        for row in rows:
            for column in columns:
                total += weights[row, column][queries, keys]
        mean: NDArray[np.float64] = total / (len(rows) * len(columns))
        return mean


def parse_mean(message: Mapping[str, object], asked: str) -> Mean | None:
    """Read from a request what a mean runs over; None where it asks for one head.

    Raises
    ------
    ValueError
        If only a part of it is there, or it names no heads.
    """
    if "layers" not in message and "heads" not in message:
        return None
    layers, heads = (_numbers(message.get(name)) for name in ("layers", "heads"))
    if not layers or not heads:
        msg = (
            f"{asked} of a mean names its layers and heads as lists of numbers, not "
            f"{message.get('layers')!r:.40} and {message.get('heads')!r:.40}"
        )
        raise ValueError(msg)
    return Mean(layers, heads)


def _numbers(value: object) -> tuple[int, ...]:
    numbers = whole_numbers(value)
    return () if numbers is None else tuple(sorted(set(numbers)))


def between(layers: Sequence[int], first: int, last: int) -> tuple[int, ...]:
    """Name the layers from a first to a last one."""
    return tuple(layer for layer in layers if first <= layer <= last)
