"""Gates on the output of every head, for gradients: each is 1, and the run is the plain one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from attn_widgets.models import attention

if TYPE_CHECKING:
    import torch

    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.capture import Call
    from attn_widgets.models.interface import Observer
    from attn_widgets.record import Kind


class Gated:
    """An observer that multiplies what each head of one stack writes.

    A head's output is linear in its values, so the values are multiplied.

    Parameters
    ----------
    inner
        Another observer, which numbers the calls.
    kind
        The stack.
    gates
        ``(batch, layers, heads)``.
    """

    def __init__(self, inner: Observer, kind: Kind, gates: torch.Tensor) -> None:
        self._inner = inner
        self._kind = kind
        self._gates = gates

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Gate one call."""
        call = self._inner.enter(module, inputs)
        if call is None or call.kind != self._kind:
            return call
        value = attention.repeat(call.inputs.value, call.inputs.groups)
        gates = self._gates[:, call.layer, :, None, None].to(value.dtype)
        return dataclasses.replace(
            call, inputs=dataclasses.replace(call.inputs, value=value * gates)
        )

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Pass the weights on."""
        self._inner.record(place, weights)
