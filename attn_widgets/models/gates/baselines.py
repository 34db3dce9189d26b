"""Rules without learning, to hold a gate against; each is set to a density on training texts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Protocol

import torch

from attn_widgets.models import attention
from attn_widgets.models.gates.runs import countable, run
from attn_widgets.models.masked import own_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attn_widgets.models.capture import Call
    from attn_widgets.models.gates.batches import Batch
    from attn_widgets.models.runner import ModelRunner

_HALVINGS = 14
_CLOSE = 0.003  # of the target
_GOLDEN = 0.6180339887498949  # its multiples modulo 1 are spread evenly


class Baseline(Protocol):
    """A rule with one number that says how much it keeps."""

    def __call__(self, call: Call) -> torch.Tensor:
        """Decide one layer."""


@dataclasses.dataclass(frozen=True, slots=True)
class TopShare:
    """The share of each row's keys that has most attention, one key at least.

    Texts differ in length, so a number of keys alone would be another density in each. What is
    over of a key is spread over the rows: of two rows with 2.5 keys each, one keeps 2, one 3.
    """

    share: float

    def __call__(self, call: Call) -> torch.Tensor:
        """Rank the keys of each row."""
        weights = _weights(call)
        ranks = weights.argsort(dim=-1, descending=True, stable=True).argsort(dim=-1)
        legal = (weights > 0).sum(dim=-1, keepdim=True)
        turns = torch.arange(ranks.shape[2], device=ranks.device, dtype=torch.float64) * _GOLDEN
        whole = (self.share * legal.double() + (turns % 1)[:, None]).floor()
        return ranks < whole.clamp(min=1)


@dataclasses.dataclass(frozen=True, slots=True)
class OneThreshold:
    """Keys of at least this much attention, the same for all layers and heads."""

    level: float

    def __call__(self, call: Call) -> torch.Tensor:
        """Compare the weights."""
        return _weights(call) >= self.level


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Keys near the query: a share `reach` of the text on both sides together.

    Parameters
    ----------
    first
        Whether token 0, a BERT's [CLS], is seen by all and sees all.
    """

    reach: float
    first: bool

    def __call__(self, call: Call) -> torch.Tensor:
        """Compare positions, by the length of each text."""
        queries, keys = call.inputs.query.shape[2], call.inputs.key.shape[2]
        place = torch.arange(keys, device=call.inputs.query.device)
        distance = (place[keys - queries :, None] - place).abs()
        lengths = (_weights(call) > 0).any(dim=1).sum(-1).amax(-1).reshape(-1, 1, 1, 1)
        near = distance <= self.reach * lengths / 2
        if self.first:
            near = near | (place == 0) | (place[keys - queries :, None] == 0)
        return near


@dataclasses.dataclass(frozen=True, slots=True)
class AtRandom:
    """Each pair by chance, the same for every run."""

    share: float
    seed: int

    def __call__(self, call: Call) -> torch.Tensor:
        """Draw."""
        query, keys = call.inputs.query, call.inputs.key.shape[2]
        dice = torch.Generator().manual_seed(self.seed * 1009 + call.layer)
        drawn = torch.rand((*query.shape[:3], keys), generator=dice)
        return (drawn < self.share).to(query.device)


def tuned(
    runner: ModelRunner,
    make: Callable[[float], Baseline],
    batches: Sequence[Batch],
    target: float,
    *,
    most: float = 1.0,
) -> Baseline:
    """Set a rule's number by halving, until it keeps a share `target` of the legal pairs.

    Parameters
    ----------
    make
        From the number to the rule.
    most
        The largest number to try; 0 is the smallest.
    """
    low, high = 0.0, most
    grows = _density(runner, make(high), batches) > _density(runner, make(low), batches)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = _density(runner, make(middle), batches)
        if abs(found - target) < _CLOSE * target:
            return make(middle)
        if (found < target) == grows:
            low = middle
        else:
            high = middle
    return make((low + high) / 2)


def _density(runner: ModelRunner, rule: Baseline, batches: Sequence[Batch]) -> float:
    kept = legal = 0
    for batch in batches:

        def counting(call: Call, rows: torch.Tensor = batch.rows) -> torch.Tensor:
            nonlocal kept, legal
            decided = rule(call) | own_pairs(call)
            counted = countable(call, rows)
            heads = call.inputs.query.shape[1]
            kept += int((decided & counted).expand(-1, heads, -1, -1).sum())
            legal += int(counted.sum()) * heads
            return decided

        with torch.no_grad():
            run(runner, batch, counting)
    return kept / max(legal, 1)


def _weights(call: Call) -> torch.Tensor:
    return attention.weights(attention.scores(call.inputs), call.inputs.sinks)
