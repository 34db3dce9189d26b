"""Arrays of any library, read through the protocols that they speak."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.record.checks import as_array

Array = NDArray[Any]

_PROTOCOLS = ("__array__", "__dlpack__", "numpy", "toarray")


def unwrapped(value: Any) -> Any:  # noqa: ANN401 - whatever a caller has
    """Give what an nnsight proxy stands for; anything else as it is.

    Raises
    ------
    ValueError
        If the proxy has no value yet.
    """
    if type(value).__module__.partition(".")[0] != "nnsight":
        return value
    try:
        return value.value
    except AttributeError:
        return value
    except Exception as error:
        msg = (
            f"an nnsight {type(value).__name__} has no value: keep it inside the trace by "
            "attention.save(), and give it here after the trace"
        )
        raise ValueError(msg) from error


def is_array(value: object) -> bool:
    """Say whether a value is an array of some library."""
    value = unwrapped(value)
    if getattr(value, "is_nested", False) is True:
        msg = (
            "a nested tensor holds items of unequal sizes, which are one record each: give one of "
            "tensor.unbind()"
        )
        raise ValueError(msg)
    return hasattr(value, "shape") and any(hasattr(value, name) for name in _PROTOCOLS)


def is_numbers(value: object) -> bool:
    """Say whether lists, or lists of lists, end in plain numbers."""
    first = value
    while isinstance(first, list | tuple) and first:
        first = first[0]
    return first is not value and isinstance(first, int | float)


def read(value: object, what: str) -> Array:
    """Read an array of numpy, torch, jax, tensorflow, cupy or scipy, or nested lists of numbers.

    Parameters
    ----------
    value
        The array; it is not changed.
    what
        What errors call it.

    Raises
    ------
    ValueError
        If it holds no numbers, or lists of unequal lengths.
    TypeError
        If it cannot be brought to numpy.
    """
    value = unwrapped(value)
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        msg = (
            f"{what} of shape {value.shape} is a masked array, and a record keeps no mask: give "
            ".filled(0), or .data if its mask does not count"
        )
        raise ValueError(msg)
    try:
        array = _numpy(value)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        msg = (
            f"{what} is a {type(value).__module__}.{type(value).__name__} that numpy cannot read "
            f"({error}): {_mend(value)}"
        )
        raise TypeError(msg) from error
    if array.dtype.name == "bfloat16":  # jax's, a type of its own that numpy does not compute with
        array = array.astype(np.float32)
    if array.dtype.kind == "b":
        msg = (
            f"{what} of shape {array.shape} holds True and False: that is a mask, and weights are "
            "wanted; a mask is laid over a record by explorer.mask"
        )
        raise ValueError(msg)
    if array.dtype.kind in "iu" and array.size and int(array.max()) > 1:
        msg = (
            f"{what} of shape {array.shape} holds whole numbers up to {array.max()}: they look "
            "like token ids; give the attentions, and the ids as tokens="
        )
        raise ValueError(msg)
    if array.dtype.kind not in "fiu":
        msg = f"{what} of shape {array.shape} holds {array.dtype}: expected floats from 0 to 1"
        raise ValueError(msg)
    return array


def _mend(value: Any) -> str:  # noqa: ANN401 - an array of some library
    if getattr(value, "is_meta", False) is True:
        return "it holds no numbers; run the model on a device where its weights are"
    if getattr(value, "is_quantized", False) is True:
        return "it is quantised; give .dequantize() of it"
    if "float8" in str(getattr(value, "dtype", "")):
        return "give .float() of the weights before they were rounded to 8 bits"
    return "bring it to numpy first, for example by numpy.asarray"


def _numpy(value: Any) -> Array:  # noqa: ANN401 - an array of some library
    if hasattr(value, "detach"):
        return as_array(value.to_dense() if getattr(value, "is_sparse", False) else value)
    for name in ("toarray", "__array__", "numpy"):
        if hasattr(value, name):
            return _copied(value) if name == "__array__" else np.asarray(getattr(value, name)())
    return np.from_dlpack(value) if hasattr(value, "__dlpack__") else np.asarray(value)


def _copied(value: Any) -> Array:  # noqa: ANN401 - an array of some library
    try:
        return np.asarray(value)
    except TypeError:
        # cupy refuses to be copied from the device unasked; its own word for it is get
        if not hasattr(value, "get"):
            raise
        return np.asarray(value.get())


def whole_numbers(value: object, what: str) -> Array:
    """Read ids, masks or types: an array of whole numbers.

    Raises
    ------
    ValueError
        If it holds anything else.
    TypeError
        If it cannot be brought to numpy.
    """
    try:
        array = _numpy(unwrapped(value))
    except (TypeError, ValueError, RuntimeError) as error:
        msg = f"{what} cannot be read as numbers: {error}"
        raise TypeError(msg) from error
    if array.dtype.kind == "f" and np.array_equal(array, array.astype(int)):
        array = array.astype(int)
    if array.dtype.kind not in "iub":
        msg = f"{what} of shape {array.shape} holds {array.dtype}: expected whole numbers"
        raise ValueError(msg)
    return array.astype(int)
