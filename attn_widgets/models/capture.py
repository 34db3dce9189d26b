"""What a run leaves behind: weights, queries and keys, written layer by layer as they happen."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NoReturn

import torch

from attn_widgets.models.errors import UnsupportedModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.stacks import Site, Stack
    from attn_widgets.record import Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One call of the attention function: where, and what went in.

    Parameters
    ----------
    kind, layer
        The stack, and the number of the layer in it.
    inputs
        What the model attends by.
    returned
        Whether the weights go back to the model, too, for who asks it for its attentions.
    """

    kind: Kind
    layer: int
    inputs: Inputs
    returned: bool = False


class Walk:
    """Follow the calls of one forward pass through a model's stacks."""

    def __init__(self, sites: Mapping[int, Site]) -> None:
        self._sites = sites
        self._start = 0
        self.names: dict[Kind, list[str]] = {}

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Give a call its number in its stack; None for a module of another model."""
        site = self._sites.get(id(module))
        if site is None:
            return None
        called = self.names.setdefault(site.kind, [])
        called.append(site.name)
        return Call(site.kind, len(called) - 1, self.placed(site.kind, inputs))

    def placed(self, kind: Kind, inputs: Inputs) -> Inputs:
        """Give the queries of a cross-attention their positions: those of the layer before it."""
        if kind == "cross":
            return dataclasses.replace(inputs, first=self._start, dropped=0)
        self._start = inputs.start
        return inputs


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """What to keep of a run.

    Parameters
    ----------
    stack
        The stack to keep.
    layers, heads
        Which of its layers and heads, counted from 0, in order.
    lengths
        Query and key tokens of each text of the batch, without padding.
    dtype
        Number format of the kept weights.
    """

    stack: Stack
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    lengths: tuple[tuple[int, int], ...]
    dtype: torch.dtype


class Item:
    """What is kept of one text of a batch: made once, on the host, and filled layer by layer."""

    def __init__(self, selection: Selection, queries: int, keys: int) -> None:
        stack, layers, heads = selection.stack, len(selection.layers), len(selection.heads)
        whole = selection.heads == tuple(range(stack.heads))
        self._heads = slice(None) if whole else list(selection.heads)
        self._queries, self._keys = slice(queries), slice(keys)
        self._weights = torch.empty((layers, heads, queries, keys), dtype=selection.dtype)
        self._scaling: list[float] = []
        self._softcap: list[float] = []
        self._q: torch.Tensor | None = None
        self._k: torch.Tensor | None = None
        if stack.head_dim is not None:
            self._q = torch.empty((layers, heads, queries, stack.head_dim))
            self._k = torch.empty((layers, stack.key_heads, keys, stack.head_dim))
        self._biases: list[torch.Tensor | None] = []
        self._last_bias: torch.Tensor | None = None

    def fill(self, row: int, number: int, inputs: Inputs, weights: torch.Tensor) -> None:
        """Write layer `row`, from place `number` of the batch; formats change while copying.

        Raises
        ------
        ValueError
            If the model computes NaN.
        """
        own = weights[number][self._heads][:, self._queries, self._keys]
        _check(own, row)
        self._weights[row].copy_(own)
        if self._q is not None and self._k is not None:
            self._q[row].copy_(inputs.query[number][self._heads][:, self._queries])
            self._k[row].copy_(inputs.key[number][:, self._keys])
        self._scaling.append(inputs.scaling)
        if inputs.softcap is not None:
            self._softcap.append(inputs.softcap)
        self._biases.append(self._own_bias(number, inputs.bias))

    def _own_bias(self, number: int, bias: torch.Tensor | None) -> torch.Tensor | None:
        if bias is None:
            return None
        if bias is self._last_bias:
            return self._biases[-1]
        self._last_bias = bias
        own = bias[number if bias.shape[0] > 1 else 0]
        own = own if own.shape[0] == 1 else own[self._heads]
        return own[:, self._queries, self._keys].detach().to("cpu", torch.float32, copy=True)

    def parts(self) -> dict[str, Any]:
        """Give what was kept, read-only, by its name in a record; None where there is none."""
        kept = {
            "weights": self._weights,
            "q": self._q,
            "k": self._k,
            "scaling": torch.tensor(self._scaling),
            "softcap": torch.tensor(self._softcap) if self._softcap else None,
            "bias": self._bias(),
        }
        arrays = {name: None if part is None else part.numpy() for name, part in kept.items()}
        for array in arrays.values():
            if array is not None:
                array.flags.writeable = False
        return arrays

    def _bias(self) -> torch.Tensor | None:
        """Bias of every layer; T5's layers share one, which is held once for all of them."""
        given = [bias for bias in self._biases if bias is not None]
        if len(given) < len(self._biases) or not any(bool(bias.any()) for bias in given):
            return None
        if all(bias is given[0] for bias in given):
            return given[0].expand(len(given), *given[0].shape)
        return torch.stack(given)


def _check(weights: torch.Tensor, row: int) -> None:
    """Check one layer: a softmax that fails makes its whole row NaN, so one column tells."""
    broken = ~weights[..., 0].isfinite()
    if bool(broken.any()):
        head, query = broken.nonzero()[0].tolist()
        msg = (
            f"captured layer {row}, head {head}, query {query} is NaN: the model computes NaN or "
            "infinity there; load it in float32 (dtype='float32')"
        )
        raise ValueError(msg)


class Capture(Walk):
    """Keep what a selection names, of every text of a batch."""

    def __init__(self, sites: Mapping[int, Site], selection: Selection) -> None:
        super().__init__(sites)
        self._selection = selection
        self._rows = {layer: row for row, layer in enumerate(selection.layers)}
        self.items: Sequence[Item] = [Item(selection, *length) for length in selection.lengths]
        self._longest = max(queries for queries, _ in selection.lengths)
        self._keys = max(keys for _, keys in selection.lengths)
        self.sink = False

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Give a call its number, and check that it is the call expected next.

        Raises
        ------
        UnsupportedModelError
            If it is not: the numbers would be put down to the wrong layer; or if there are other
            keys than tokens.
        """
        call = super().enter(module, inputs)
        if call is not None and call.kind == self._selection.stack.kind:
            names, shape = self._selection.stack.names, (len(self.items), self._longest)
            called = (self.names[call.kind][-1], (inputs.query.shape[0], inputs.query.shape[2]))
            if call.layer >= len(names) or called != (names[call.layer], shape):
                self._refuse(f"attention call {call.layer + 1} came from {called[0]!r}")
            if inputs.key.shape[2] != self._keys:
                msg = (
                    f"layer {call.layer} of the {call.kind} attends over "
                    f"{inputs.key.shape[2]} keys for {self._keys} tokens: what the others stand "
                    "for is not known, so nothing is captured"
                )
                raise UnsupportedModelError(msg)
        return call

    def finish(self) -> None:
        """Check that every layer was called.

        Raises
        ------
        UnsupportedModelError
            If calls are missing.
        """
        called = len(self.names.get(self._selection.stack.kind, ()))
        if called < len(self._selection.stack.names):
            self._refuse(f"there were only {called} attention calls")

    def _refuse(self, what: str) -> NoReturn:
        stack = self._selection.stack
        msg = (
            f"in the {stack.kind}, {what}; expected {len(stack.names)} calls, from "
            f"{', '.join(stack.names)}, as at loading: was the model changed, or called from one "
            "of its own hooks? Make a new ModelRunner"
        )
        raise UnsupportedModelError(msg)

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Copy one layer, if it is selected, into the arrays of every text."""
        row = self._rows.get(place.layer)
        if place.kind != self._selection.stack.kind or row is None:
            return
        # rows that get nothing sum to less than 1, too
        self.sink |= place.inputs.sinks is not None or place.inputs.silent is not None
        for number, item in enumerate(self.items):
            item.fill(row, number, place.inputs, weights)
