"""Head by head through a record, in float32, once for all the sums that are wanted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.analysis.reading import Reading
    from attn_widgets.record.checks import Floats

Floats32 = NDArray[np.float32]
Floats64 = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One head's weights, in buffers that the next head overwrites.

    Attributes
    ----------
    weights
        Shape ``(queries, keys)``, without padding.
    spare
        Room for a result of the same shape.
    sheared
        As `spare`, and also found in `slanted`.
    slanted
        The memory of `sheared`, shape ``(queries, queries + keys)``, with
        ``slanted[i, queries + j - i]`` being ``sheared[i, j]``, so that each diagonal is a column;
        0 elsewhere.
    """

    weights: Floats32
    spare: Floats32
    sheared: Floats32
    slanted: Floats32


Kernel = Callable[[Head], NDArray[Any]]


def over_heads(reading: Reading, *kernels: Kernel) -> tuple[Floats64, ...]:
    """Give what each kernel makes of each head, shape ``(layers, heads, ...)``, in float64.

    The weights are read and widened once, whatever the number of kernels. Beyond the results this
    takes four float32 copies of one head.
    """
    n_layers, n_heads, _, _ = reading.record.shape
    made: list[list[NDArray[Any]]] = [[] for _ in kernels]
    for head in _heads(reading):
        for values, kernel in zip(made, kernels, strict=True):
            values.append(np.asarray(kernel(head), dtype=np.float64))
    return tuple(np.stack(values).reshape(n_layers, n_heads, *values[0].shape) for values in made)


def sum_rows(choices: Floats32, matrix: Floats32) -> Floats64:
    """Sum chosen rows of a matrix, ``choices @ matrix`` of shape ``(choices, columns)``.

    A few rows at a time in float32, these in float64: sums are off by less than 1e-6 of themselves
    as a rule, and 4e-6 at worst. Not by BLAS, whose threads cost more than such products.
    """
    total = np.zeros((len(choices), matrix.shape[1]))
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        total += np.einsum("ki,ij->kj", choices[:, part], matrix[part])
    return total


def layer_means(reading: Reading) -> Iterator[Floats64]:
    """Give each layer's weights averaged over its heads, shape ``(queries, keys)``."""
    shape = len(reading.queries), len(reading.keys)
    wide = np.empty(shape, np.float32)
    for layer in reading.record.weights:
        total = np.zeros(shape, np.float32)
        for weights in layer:
            total += _widened(reading, weights, wide)
        yield total.astype(np.float64) / len(layer)


def _heads(reading: Reading) -> Iterator[Head]:
    n_queries, n_keys = len(reading.queries), len(reading.keys)
    width = n_queries + n_keys
    memory = np.zeros(n_queries * width, np.float32)
    slanted = memory.reshape(n_queries, width)
    step = memory.itemsize
    sheared = np.lib.stride_tricks.as_strided(
        memory[n_queries:], (n_queries, n_keys), ((width - 1) * step, step)
    )
    wide, spare = np.empty((2, n_queries, n_keys), np.float32)
    for layer in reading.record.weights:
        for weights in layer:
            yield Head(_widened(reading, weights, wide), spare, sheared, slanted)


def _widened(reading: Reading, weights: Floats, out: Floats32) -> Floats32:
    if reading.padded:
        weights = weights[np.ix_(reading.queries, reading.keys)]
    if weights.dtype != np.float16:
        np.copyto(out, weights)
    else:
        np.take(_WIDE, weights.view(np.uint16), out=out, mode="clip")
    return out


_ROWS_AT_ONCE = 64

# numpy widens float16 one number at a time; looking each up is ten times faster.
_WIDE = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
