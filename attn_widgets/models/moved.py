"""How the attention of two runs differs, measured while the second one runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis import query_rows
from attn_widgets.models.masked import legal

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.capture import Call
    from attn_widgets.models.interface import Observer
    from attn_widgets.models.stacks import Stack
    from attn_widgets.record import AttentionRecord


class Pairs:
    """An observer that counts the pairs each head may attend to, of the only text of a batch.

    Parameters
    ----------
    inner
        Another observer, which numbers the calls.
    stack
        The stack that is counted.

    Attributes
    ----------
    pairs
        Per layer and head, ``(layers, heads)``.
    """

    def __init__(self, inner: Observer, stack: Stack) -> None:
        self._inner = inner
        self._kind = stack.kind
        self._shape = (len(stack.names), stack.heads)
        self.pairs = np.zeros(self._shape)

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Pass the call on."""
        return self._inner.enter(module, inputs)

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Count one layer, and pass its weights on."""
        self._inner.record(place, weights)
        if place.kind == self._kind:
            self._count(place.layer, _allowed(place.inputs, weights), weights)

    def _count(self, layer: int, allowed: NDArray[np.bool_], weights: torch.Tensor) -> None:  # noqa: ARG002 - for those that measure more
        self.pairs[layer] = allowed.sum(axis=(-2, -1))


class Moved(Pairs):
    """An observer that measures a run under a change against the plain attention.

    Parameters
    ----------
    inner, stack
        As in `Pairs`.
    plain
        The plain run.

    Attributes
    ----------
    moved
        ``(layers, heads)``: half of ``sum |a' - a|`` per query, the mean over the queries that are
        text (:func:`attn_widgets.analysis.query_rows`). What a row keeps back (a learned sink, a
        row that gets nothing) counts as one more place.
    kept
        ``(layers, heads)``: the plain attention on pairs that the change allows, the mean over
        the same queries.
    """

    def __init__(self, inner: Observer, stack: Stack, plain: AttentionRecord) -> None:
        super().__init__(inner, stack)
        self._plain = plain.weights
        self._rows = query_rows(plain)
        self.moved = np.zeros(self._shape)
        self.kept = np.zeros(self._shape)

    def _count(self, layer: int, allowed: NDArray[np.bool_], weights: torch.Tensor) -> None:
        super()._count(layer, allowed, weights)
        before = self._plain[layer][:, self._rows].astype(np.float64)
        after = _array(weights[0])[:, self._rows].astype(np.float64)
        held_back = np.abs(after.sum(axis=-1) - before.sum(axis=-1))
        self.moved[layer] = (np.abs(after - before).sum(axis=-1) + held_back).mean(axis=-1) / 2
        self.kept[layer] = (before * allowed[:, self._rows]).sum(axis=-1).mean(axis=-1)


def _allowed(inputs: Inputs, weights: torch.Tensor) -> NDArray[np.bool_]:
    """Mark the pairs that a call could attend to, ``(heads, queries, keys)``."""
    allowed = legal(inputs)
    shape = weights.shape[1:]
    whole = np.ones(shape, dtype=np.bool_)
    if allowed is not None:
        whole &= _array(allowed[0]).astype(np.bool_)
    if inputs.silent is not None:
        whole &= ~_array(inputs.silent[0]).astype(np.bool_)
    return whole


def _array(values: torch.Tensor) -> NDArray[np.generic]:
    array: NDArray[np.generic] = values.detach().to("cpu").numpy()
    return array
