"""Runs of a batch: as the model is, under a soft gate, and under a hard one."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import torch

from attn_widgets.models import attention, inputs
from attn_widgets.models.capture import Walk
from attn_widgets.models.masked import legal, masked, own_pairs
from attn_widgets.models.stacks import sites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from attn_widgets.models.capture import Call
    from attn_widgets.models.gates.batches import Batch
    from attn_widgets.models.gates.rules import Trainable
    from attn_widgets.models.masked import Rule
    from attn_widgets.models.runner import ModelRunner
    from attn_widgets.models.stacks import Site


_HALF = 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What a run of one batch left behind.

    Parameters
    ----------
    outputs
        Attention output of each layer, ``(batch, queries, heads, dim)``.
    last
        The last hidden states, ``(batch, queries, hidden)``.
    weights
        Attention of each layer, ``(batch, heads, queries, keys)``; empty unless asked for.
    """

    outputs: tuple[torch.Tensor, ...]
    last: torch.Tensor
    weights: tuple[torch.Tensor, ...] = ()

    def sentences(self, rows: torch.Tensor) -> torch.Tensor:
        """Sentence vectors ``(batch, hidden)``: the mean over the tokens of each text."""
        own = rows.unsqueeze(-1).to(self.last.dtype)
        return (self.last * own).sum(1) / own.sum(1).clamp(min=1)


class _Watch(Walk):
    def __init__(self, known: Mapping[int, Site], *, weights: bool) -> None:
        super().__init__(known)
        self._keeps_weights = weights
        self.outputs: list[torch.Tensor] = []
        self.weights: list[torch.Tensor] = []

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Mix the values once more; the model's own mixing comes later."""
        given = place.inputs
        self.outputs.append(attention.output(weights, given.value, given.query.dtype))
        if self._keeps_weights:
            self.weights.append(weights)


def run(runner: ModelRunner, batch: Batch, rule: Rule, *, weights: bool = False) -> Seen:
    """Run a batch under a rule and keep each layer's attention output."""
    body = runner.model.base_model
    watch = _Watch(sites(body, next(iter(runner.stacks))), weights=weights)
    with masked(runner, rule, inner=watch):
        last = inputs.forward(body, runner.tokenizer, batch.prepared)
    return Seen(tuple(watch.outputs), last, tuple(watch.weights))


def dense(runner: ModelRunner, batch: Batch, *, weights: bool = False) -> Seen:
    """Run a batch as the model is, without a backward pass."""
    with torch.no_grad():
        return run(runner, batch, keep_all, weights=weights)


def keep_all(call: Call) -> None:
    """Keep every pair: the rule of a dense run."""


class Soft:
    """A gate as a differentiable rule, counting what it keeps.

    Parameters
    ----------
    gate
        The gate that learns.
    temperature
        Its logits are divided by it: the smaller, the harder.
    rows
        bool, ``(batch, longest)``: the tokens that count.
    """

    def __init__(self, gate: Trainable, temperature: float, rows: torch.Tensor) -> None:
        self._gate = gate
        self._temperature = temperature
        self._rows = rows
        self._kept: list[torch.Tensor] = []
        self._hard: list[torch.Tensor] = []
        self._pairs: list[torch.Tensor] = []

    def __call__(self, call: Call) -> torch.Tensor:
        """Give the logarithm of the gate."""
        shares, logs = self._gate.soft(call, self._temperature)
        counted = countable(call, self._rows)
        shares = torch.where(own_pairs(call), torch.ones_like(shares), shares)
        self._kept.append((shares * counted).sum())
        self._hard.append(((shares.detach() > _HALF) & counted).sum())
        self._pairs.append(counted.sum() * shares.shape[1])
        return logs

    def density(self) -> torch.Tensor:
        """Share of the legal pairs that is kept, differentiable."""
        return torch.stack(self._kept).sum() / torch.stack(self._pairs).sum().clamp(min=1)

    def counts(self) -> tuple[int, int]:
        """Pairs that the gate lets through by more than half, and legal pairs."""
        return int(torch.stack(self._hard).sum()), int(torch.stack(self._pairs).sum())


def countable(call: Call, rows: torch.Tensor) -> torch.Tensor:
    """Mark the legal pairs, ``(batch, 1, queries, keys)``: of real tokens, as the model allows."""
    given = legal(call.inputs)
    pairs = (rows[:, :, None] & rows[:, None, :]).unsqueeze(1)
    return pairs if given is None else pairs & given


@contextlib.contextmanager
def frozen(model: torch.nn.Module) -> Iterator[None]:
    """Let no parameter of the model learn in a block; afterwards those do that did before."""
    before = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        for parameter, _ in before:
            parameter.requires_grad_(requires_grad=False)
        yield
    finally:
        for parameter, learns in before:
            parameter.requires_grad_(learns)
