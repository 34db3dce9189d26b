"""What attention weights must be like, checked where they come in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

WEIGHTS_SHAPE = "(layers, heads, queries, keys)"

_ROWS_AT_ONCE = 64


def stack(weights: object) -> NDArray[Any]:
    """Make one array of what a caller calls attention weights.

    Takes a four-dimensional array, or one array per layer of shape ``(heads, queries, keys)`` or
    ``(1, heads, queries, keys)``. Anything that numpy can read counts as an array.

    Raises
    ------
    ValueError
        If a layer is missing, has another number of axes, holds a batch, or has another shape than
        the first layer.
    """
    if isinstance(weights, list | tuple):
        return np.stack(_layers(weights)) if weights else _refuse_empty(weights)
    array = as_array(weights)
    if array.ndim != 4:  # noqa: PLR2004 - the four axes of WEIGHTS_SHAPE
        msg = f"weights have shape {array.shape}: expected {WEIGHTS_SHAPE}"
        raise ValueError(msg)
    return array


def as_array(values: object) -> NDArray[Any]:
    """Read anything array-like, a torch tensor on any device included."""
    detach = getattr(values, "detach", None)
    if detach is not None:
        values = detach().cpu()
        if str(getattr(values, "dtype", "")) == "torch.bfloat16":  # numpy has no bfloat16
            values = values.float()  # type: ignore[attr-defined]
    return np.asarray(values)


def _refuse_empty(weights: object) -> NDArray[Any]:
    msg = (
        f"weights are empty: {weights!r}. A model loaded with the default attention returns no "
        "weights; load it with attn_implementation='eager' and call it with "
        "output_attentions=True, or let ModelRunner run it"
    )
    raise ValueError(msg)


def _layers(weights: list[object] | tuple[object, ...]) -> list[NDArray[Any]]:
    missing = [number for number, layer in enumerate(weights) if layer is None]
    if missing:
        msg = (
            f"layers {missing} are None: load the model with attn_implementation='eager' and call "
            "it with output_attentions=True, or let ModelRunner run it"
        )
        raise ValueError(msg)
    layers = [as_array(layer) for layer in weights]
    for number, layer in enumerate(layers):
        if layer.ndim == 4 and layer.shape[0] == 1:  # noqa: PLR2004 - a batch of one
            layers[number] = layer[0]
        elif layer.ndim == 4:  # noqa: PLR2004 - a real batch
            msg = (
                f"layer {number} has shape {layer.shape}, a batch of {layer.shape[0]}: "
                "pick one item first, for example [layer[0] for layer in weights]"
            )
            raise ValueError(msg)
        elif layer.ndim != 3:  # noqa: PLR2004 - heads, queries, keys
            msg = f"layer {number} has shape {layer.shape}: expected (heads, queries, keys)"
            raise ValueError(msg)
    shapes = [layer.shape for layer in layers]
    for number, shape in enumerate(shapes):
        if shape != shapes[0]:
            msg = (
                f"layer {number} has shape {shape} but layer 0 has {shapes[0]}: "
                "all layers of one record must have the same heads, queries and keys"
            )
            raise ValueError(msg)
    return layers


def check_weights(weights: Floats, *, sink: bool, eps: float = 0.0) -> None:
    """Check that every row is a probability distribution over keys.

    Parameters
    ----------
    weights
        Shape ``(layers, heads, queries, keys)``.
    sink
        Whether a learned sink may take a part of each row, so that it sums to less than 1.
    eps
        The machine epsilon of the format that the weights were computed in, where it was a coarser
        one than their dtype.

    Raises
    ------
    ValueError
        If an axis is empty, a weight is NaN, infinite or negative, or a row does not sum to 1;
        the message gives the place and how far off it is. A row may be off by rounding: four
        times the machine epsilon of the dtype of `weights` (or `eps`), and at least 1e-4.
    """
    if 0 in weights.shape:
        msg = f"weights have shape {weights.shape}: each of {WEIGHTS_SHAPE} must be at least 1"
        raise ValueError(msg)
    tolerance = max(4 * float(np.finfo(weights.dtype).eps), 4 * eps, 1e-4)
    for number, layer in enumerate(weights):
        if all(_sound(head, tolerance, sink=sink) for head in layer):
            continue
        finite = np.isfinite(layer)
        if not finite.all():
            head, query, key = np.argwhere(~finite)[0]
            msg = (
                f"weight at layer {number}, head {head}, query {query}, key {key} is "
                f"{layer[head, query, key]} ({(~finite).sum()} such weights in this layer): "
                + _why_not_finite(layer[head, query, key])
            )
            raise ValueError(msg)
        if float(layer.min()) < 0:
            head, query, key = np.argwhere(layer < 0)[0]
            msg = (
                f"weight at layer {number}, head {head}, query {query}, key {key} is "
                f"{layer[head, query, key]:.4g}, below 0: give weights after the softmax"
            )
            raise ValueError(msg)
        sums = layer.sum(axis=-1, dtype=np.float32)
        off = np.maximum(sums - 1, 0) if sink else np.abs(sums - 1)
        if float(off.max()) > tolerance:
            head, query = np.unravel_index(int(off.argmax()), off.shape)
            total = float(sums[head, query])
            msg = (
                f"row at layer {number}, head {head}, query {query} sums to {total:.6g}, "
                f"off by {total - 1:+.3g} (tolerance {tolerance:.1g}): each row over keys must sum "
                "to 1; give weights after the softmax and before any dropout or hiding"
            )
            raise ValueError(msg)


def _why_not_finite(value: object) -> str:
    if np.isnan(value):  # type: ignore[call-overload]
        return "a row with nothing to attend to gives NaN; mask no row completely"
    return "a weight is a share from 0 to 1; give weights after the softmax"


def _sound(head: Floats, tolerance: float, *, sink: bool) -> bool:
    """Say in one quick pass whether a head is as it must be; the slow passes find the place.

    Signs and infinities are read from the bits, where a sign or a NaN makes a large integer.
    """
    half = head.dtype == np.float16
    bits = np.ascontiguousarray(head).view(np.uint16 if half else np.uint32)
    infinity = 0x7C00 if half else 0x7F800000
    if int(bits.max()) >= infinity:
        return False
    sums = _half_sums(bits) if half else head.sum(axis=-1)
    off = np.maximum(sums - 1, 0) if sink else np.abs(sums - 1)
    return float(off.max()) <= tolerance


def _half_sums(bits: NDArray[Any]) -> NDArray[np.float32]:
    """Sum the rows of float16 numbers given as bits, none of them negative or infinite.

    numpy works through float16 one number at a time. Moved left by 13, the bits are those of a
    float32 that is 2 ** 112 times smaller, and float32 is summed many at a time.
    """
    sums = np.empty(len(bits), np.float32)
    for start in range(0, len(bits), _ROWS_AT_ONCE):
        wide = bits[start : start + _ROWS_AT_ONCE].astype(np.uint32) << np.uint32(13)
        sums[start : start + _ROWS_AT_ONCE] = wide.view(np.float32).sum(axis=-1)
    sums *= np.float32(2.0**112)
    return sums
