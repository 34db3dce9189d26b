"""Read what an attention layer wrote as arrays of each text, and check that it adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from attn_widgets.analysis import messages
from attn_widgets.analysis.messages import Layer, Norm
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.values import roundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.models.values import Numbers, Written
    from attn_widgets.record import Kind

_EXACT = 1e-4


class Reader:
    """Read what the layers of one stack wrote.

    Parameters
    ----------
    kind
        The stack.
    family
        The model's ``model_type``, for messages.
    lengths
        Queries and keys of each text of the batch, without padding.

    Attributes
    ----------
    absent
        Stage to the reason why it is not defined, of the first layer that lacks it.
    """

    def __init__(self, kind: Kind, family: str, lengths: Sequence[tuple[int, int]]) -> None:
        self._kind = kind
        self._family = family
        self._lengths = lengths
        self.absent: dict[str, str] = {}

    def read(self, number: int, wrote: Written) -> list[tuple[Layer, float]]:
        """Give each text's part of a layer, and its difference from the model's own vectors.

        Raises
        ------
        UnsupportedModelError
            If the parts do not add up to what the model computed.
        """
        lacking = _lacking(self._kind, wrote)
        self.absent = lacking | self.absent
        weight = _gain(wrote.output)
        output = weight.reshape(wrote.weights.shape[1], -1, weight.shape[1])
        shift = _shift(wrote.output)
        found = []
        for place, (queries, keys) in enumerate(self._lengths):
            carried, stream = (
                None if given is None or "residual" in lacking else _array(given[place, :queries])
                for given in (wrote.carried, wrote.stream)
            )
            layer = Layer(
                weights=wrote.weights[place, :, :queries, :keys].detach().float().cpu().numpy(),
                values=_array(wrote.value[place, :, :keys]),
                output=output,
                residual=carried,
                norm=None if stream is None or "normed" in lacking else _norm(wrote, stream),
            )
            summed = messages.written(layer) + shift
            apart = _apart(summed, _array(wrote.result[place, :queries]))
            if carried is not None and stream is not None:
                summed = summed + carried
                apart = max(apart, _apart(summed, stream))
            if layer.norm is not None and wrote.normed is not None:
                normed = layer.norm(summed) / layer.norm.scale[:, None] + _shift(wrote.scaling)
                apart = max(apart, _apart(normed, _array(wrote.normed[place, :queries])))
            self._check(number, apart, wrote.result.dtype)
            found.append((layer, apart))
        return found

    def _check(self, number: int, apart: float, dtype: torch.dtype) -> None:
        if apart <= max(_EXACT, roundings(dtype)):
            return
        msg = (
            f"{self._family!r}: what the heads of layer {number} of the {self._kind} hand on does "
            f"not add up to the model's own output: off by {apart:.2g} of it. Contributions cannot "
            "be measured; weights can: use run()"
        )
        raise UnsupportedModelError(msg)


def _lacking(kind: Kind, wrote: Written) -> dict[str, str]:
    """Say which stages are not defined for a layer, and why."""
    if kind == "cross":
        why = "in cross-attention a query is none of the keys, so the residual is of no key"
    elif wrote.own_norm:
        why = "what the heads write goes through a norm of its own before the residual is added"
    elif wrote.stream is None:
        why = (
            "no module is given the residual with what attention writes, alone and unscaled, "
            "added to it; feed-forward layers may run beside attention"
        )
    elif not wrote.closed:
        why = "in this pre-LN model no norm is on the residual stream: the next sublayer's reads it"
        return {"normed": why}
    elif wrote.norm is None or wrote.normed is None or not _is_known(wrote.norm, wrote):
        why = f"the norm after the attention, {type(wrote.norm).__name__}, is of no known form"
        return {"normed": why}
    else:
        return {}
    return {"residual": why, "normed": why}


def _is_known(norm: torch.nn.Module, wrote: Written) -> bool:
    if isinstance(norm, torch.nn.LayerNorm):
        return True
    own = wrote.scaling
    if wrote.stream is None or wrote.normed is None or own is None or own.bias is None:
        return False
    made = _array(wrote.stream) * _gain(own) + _shift(own)
    return _apart(made, _array(wrote.normed)) <= max(_EXACT, roundings(wrote.normed.dtype))


def _norm(wrote: Written, stream: NDArray[np.float64]) -> Norm:
    """Read a LayerNorm, or a norm that multiplies and shifts only (MobileBERT)."""
    gain = np.broadcast_to(_gain(wrote.scaling), stream.shape[1:])
    if isinstance(wrote.norm, torch.nn.LayerNorm):
        return Norm(gain, np.sqrt(stream.var(axis=1) + wrote.norm.eps), centred=True)
    return Norm(gain, np.ones(len(stream)), centred=False)


def _gain(own: Numbers | None) -> NDArray[np.float64]:
    return np.ones(1) if own is None or own.weight is None else _array(own.weight)


def _shift(own: Numbers | None) -> NDArray[np.float64]:
    return np.zeros(1) if own is None or own.bias is None else _array(own.bias)


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Give the largest difference as a share of the largest number."""
    largest = float(np.abs(other).max())
    return float(np.abs(one - other).max()) / (largest or 1.0)


def _array(values: torch.Tensor) -> NDArray[np.float64]:
    array: NDArray[np.float64] = values.detach().to("cpu").double().numpy()
    return array
