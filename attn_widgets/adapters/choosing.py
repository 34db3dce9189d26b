"""From what was found to one item's arrays ``(heads, queries, keys)`` per layer."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.adapters.arrays import Array, read, unwrapped
from attn_widgets.adapters.steps import assemble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.adapters.found import Found


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """One item of a stack.

    Parameters
    ----------
    found
        Where it comes from.
    layers
        Layer number to its weights, ``(heads, queries, keys)``; narrower where ``found.narrow``.
    own_rows
        Layer number to what global queries look at, ``(heads, keys, globals)``, or empty.
    n_steps
        Steps of generation it was assembled from; 0 for a single pass.
    """

    found: Found
    layers: Mapping[int, Array]
    own_rows: Mapping[int, Array]
    n_steps: int = 0


def check_item(batch: object) -> None:
    """Refuse a batch= that is no whole number.

    Raises
    ------
    TypeError
        If it is none.
    """
    if batch is None or (isinstance(batch, int | np.integer) and not isinstance(batch, bool)):
        return
    msg = f"batch={batch!r}: expected the number of one item, such as batch=0"
    raise TypeError(msg)


def limit(found: Found, wanted: Sequence[int] | None) -> Found:
    """Keep some layers, by their numbers.

    Raises
    ------
    ValueError
        If one of them is not there; the message says which are.
    TypeError
        If it is one number.
    """
    if wanted is None:
        return found
    if isinstance(wanted, int | str):
        msg = f"include_layers={wanted!r}: expected several numbers, such as [{wanted}]"
        raise TypeError(msg)
    lost = [number for number in wanted if number not in found.layers]
    if lost or not wanted:
        msg = (
            f"include_layers={list(wanted)}, but {found.source} has the layers "
            f"{_span(sorted(found.layers))}"
        )
        raise ValueError(msg)
    kept = {number: found.layers[number] for number in sorted(set(wanted))}
    return dataclasses.replace(found, layers=kept)


def _span(numbers: Sequence[int]) -> str:
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def choose(found: Found, batch: int | None, rows: Sequence[int] | None = None) -> Chosen:
    """Take one item of a batch out of every layer.

    Parameters
    ----------
    found
        A stack.
    batch
        Which item; needed where there are several.
    rows
        For a search with beams: which row each step's token comes from.

    Raises
    ------
    ValueError
        If there is no such item, several and none was chosen, or a layer has another number of
        axes than four (or three, without a batch).
    """
    if found.steps:
        layers, n_steps = {}, 0
        for number, steps in found.layers.items():
            if rows is None:
                parts = [
                    _item(step, batch, f"{found.source}, step {place}, layer {number}")
                    for place, step in enumerate(steps)
                ]
            else:
                parts = [
                    _item(step, row, f"{found.source}, step {place}, layer {number}")
                    for place, (step, row) in enumerate(zip(steps, rows, strict=False))
                ]
            layers[number] = assemble(parts, found.kind, f"{found.source}, layer {number}")
            n_steps = len(parts)
        return Chosen(found, layers, {}, n_steps)
    _check_batches(found)
    return Chosen(
        found,
        {
            n: _item(a, batch, f"{found.source}, layer {n}", found.mend)
            for n, a in found.layers.items()
        },
        {
            n: _item(a, batch, f"{found.source}, global rows of layer {n}")
            for n, a in found.own_rows.items()
            if n in found.layers
        },
    )


def _check_batches(found: Found) -> None:
    shapes = [tuple(unwrapped(layer).shape) for layer in found.layers.values()]
    sizes = list(dict.fromkeys(shape[0] for shape in shapes if len(shape) == 4))  # noqa: PLR2004 - a batch in front
    if len(sizes) > 1:
        msg = (
            f"{found.source} has layers with batches of {' and '.join(map(str, sizes))}: expected "
            "the same in all; where each item is a window of a picture, as in Swin, no record can "
            "be made of them"
        )
        raise ValueError(msg)


def _item(value: Any, batch: int | None, source: str, mend: str = "") -> Array:  # noqa: ANN401 - an array of some library
    value = unwrapped(value)
    shape = tuple(value.shape)
    if len(shape) == 3:  # noqa: PLR2004 - heads, queries, keys
        if batch not in (None, 0):
            msg = f"batch={batch}, but {source} has shape {shape}, without a batch in front{mend}"
            raise ValueError(msg)
        return read(value, source)
    if len(shape) != 4:  # noqa: PLR2004 - a batch in front
        msg = f"{source} has shape {shape}: expected (batch, heads, queries, keys)"
        raise ValueError(msg)
    size = shape[0]
    if size == 0:
        msg = f"{source} has shape {shape}, an empty batch: expected at least one item"
        raise ValueError(msg)
    if batch is None and size != 1:
        msg = (
            f"{source} has shape {shape}, a batch of {size}: choose an item, batch=0 to "
            f"batch={size - 1}"
        )
        raise ValueError(msg)
    place = batch or 0
    if not 0 <= place < size:
        msg = f"batch={batch}, but {source} has shape {shape}: expected 0 to {size - 1}"
        raise ValueError(msg)
    # of a batch on a device, only the item is brought here
    if hasattr(type(value), "__getitem__"):
        return read(value[place], source)
    item: Array = read(value, source)[place]
    return item
