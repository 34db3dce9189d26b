"""Where a gate starts from: the best it can be without training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from attn_widgets.models import attention, inputs
from attn_widgets.models.capture import Walk
from attn_widgets.models.gates.rules import Trainable, TrainableLowRank, TrainableThreshold
from attn_widgets.models.gates.runs import countable, keep_all, run
from attn_widgets.models.masked import masked, own_pairs
from attn_widgets.models.stacks import sites

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.models.capture import Call
    from attn_widgets.models.gates.batches import Batch
    from attn_widgets.models.runner import ModelRunner
    from attn_widgets.models.stacks import Site

RIDGE = 1e-4  # of the mean variance, so that a head with few directions can be solved for
_LOW = -4.0  # any start will do for thresholds: `calibrate` moves them all together
_ROUNDS = 3
_SAMPLE = 12  # batches, spread over all lengths


def start(runner: ModelRunner, kind: str, batches: Sequence[Batch], rank: int) -> Trainable:
    """Make an untrained gate.

    Thresholds start equal. A low-rank gate starts as the best approximation of the log of the
    weights that its rank allows, in least squares over all pairs of queries and keys:
    ``log p_ij = scaling q_i·k_j - log Z_i``, with ``log Z_i`` fitted by ``q_i·u + c`` and 1 by
    ``k_j·v``, is about ``q_i (scaling I - u vᵀ) k_j - c``, whose matrix is cut to `rank` in the
    metric of the second moments of queries and keys.
    """
    stack = next(iter(runner.stacks.values()))
    shape = (len(stack.names), stack.heads)
    if kind == "threshold":
        return TrainableThreshold(shape, _LOW, runner.model.device)
    moments, body = _Moments(), runner.model.base_model
    known = sites(body, next(iter(runner.stacks)))
    with torch.no_grad():
        for batch in spread(batches):
            with masked(runner, keep_all, inner=_Look(known, moments, batch.rows)):
                inputs.forward(body, runner.tokenizer, batch.prepared)
    return TrainableLowRank(*moments.solve(rank))


def calibrate(
    runner: ModelRunner, gate: Trainable, batches: Sequence[Batch], target: float
) -> None:
    """Raise or lower all of a gate's logits together until it keeps a share `target` of pairs.

    What later layers see depends on what earlier ones keep, so it is done a few times.

    Raises
    ------
    ValueError
        If the queries' own keys, which are always kept, are already more than that.
    """
    for _ in range(_ROUNDS):
        found: list[torch.Tensor] = []
        own = legal = 0
        for batch in spread(batches):
            collect = _Collect(gate, batch.rows)
            with torch.no_grad():
                run(runner, batch, collect)
            found += collect.found
            own += collect.own
            legal += collect.legal
        wanted = round(target * legal) - own
        if wanted < 1:
            msg = (
                f"target_density is {target}, but every token keeps itself, which alone is "
                f"{own / legal:.3f} of the pairs of these texts: ask for more, or give longer texts"
            )
            raise ValueError(msg)
        logits = torch.cat(found)
        place = len(logits) - min(wanted, len(logits)) + 1
        gate.raise_by(-float(logits.kthvalue(place).values))


def spread(batches: Sequence[Batch]) -> list[Batch]:
    """Choose at most 12 batches, evenly: they are sorted by length."""
    step = max(len(batches) / _SAMPLE, 1.0)
    return [batches[int(i * step)] for i in range(min(_SAMPLE, len(batches)))]


class _Collect:
    """A rule: the gate, hard, with the logits of all pairs that it may decide put aside."""

    def __init__(self, gate: Trainable, rows: torch.Tensor) -> None:
        self._gate = gate
        self._rows = rows
        self.found: list[torch.Tensor] = []
        self.own = 0
        self.legal = 0

    def __call__(self, call: Call) -> torch.Tensor:
        logits = self._gate.logits(call)
        counted, own = countable(call, self._rows), own_pairs(call)
        self.found.append(logits[(counted & ~own).expand_as(logits)])
        self.own += int((counted & own).sum()) * logits.shape[1]
        self.legal += int(counted.sum()) * logits.shape[1]
        return logits > 0


class _Moments:
    """Second moments of each head's queries and keys, and what its log Z has to do with them."""

    def __init__(self) -> None:
        self._sums: dict[int, list[torch.Tensor]] = {}
        self._scaling: dict[int, float] = {}

    def add(self, call: Call, rows: torch.Tensor) -> None:
        """Add up one layer of a batch: per head, over the tokens of all its texts."""
        given = call.inputs
        query = given.query.transpose(1, 2)[rows].transpose(0, 1).double()
        key = attention.repeat(given.key, given.groups).transpose(1, 2)[rows]
        key = key.transpose(0, 1).double()
        log_z = torch.logsumexp(attention.scores(given), dim=-1).transpose(1, 2)[rows]
        one = torch.ones_like(query[..., :1])
        with_one = torch.cat([query, one], dim=-1)
        parts = [
            with_one.transpose(1, 2) @ with_one,
            key.transpose(1, 2) @ key,
            key.sum(dim=1),
            with_one.transpose(1, 2) @ log_z.T.unsqueeze(-1).double(),
            one.sum(dim=(1, 2)),
        ]
        before = self._sums.get(call.layer)
        self._sums[call.layer] = (
            parts if before is None else [a + b for a, b in zip(before, parts, strict=True)]
        )
        self._scaling[call.layer] = given.scaling

    def solve(self, rank: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return ``w_q``, ``w_k`` and ``bias`` of all layers."""
        layers = [
            _solve(self._scaling[layer], self._sums[layer], rank) for layer in sorted(self._sums)
        ]
        w_q, w_k, bias = (torch.stack(parts).float() for parts in zip(*layers, strict=True))
        return w_q, w_k, bias


def _solve(
    scaling: float, sums: Sequence[torch.Tensor], rank: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    count = sums[4].reshape(-1, 1, 1)
    queries, keys = _ridged(sums[0] / count), _ridged(sums[1] / count)
    key_mean, log_z = sums[2].unsqueeze(-1) / count, sums[3] / count
    dim = keys.shape[-1]
    u = torch.linalg.solve(queries, log_z)
    v = torch.linalg.solve(keys, key_mean)
    eye = torch.eye(dim, dtype=keys.dtype, device=keys.device)
    wanted = scaling * eye - u[:, :dim] @ v.transpose(1, 2)
    root_q = torch.linalg.cholesky(queries[:, :dim, :dim])
    root_k = torch.linalg.cholesky(keys)
    left, sizes, right = torch.linalg.svd(root_q.transpose(1, 2) @ wanted @ root_k)
    roots = sizes[:, None, :rank].sqrt()
    w_q = torch.linalg.solve(root_q.transpose(1, 2), left[..., :rank] * roots)
    w_k = torch.linalg.solve(root_k.transpose(1, 2), right.transpose(1, 2)[..., :rank] * roots)
    return w_q, w_k, -u[:, dim, 0]


def _ridged(moments: torch.Tensor) -> torch.Tensor:
    size = moments.shape[-1]
    eye = torch.eye(size, dtype=moments.dtype, device=moments.device)
    scale = moments.diagonal(dim1=-2, dim2=-1).mean(-1).clamp(min=1e-12)
    return moments + RIDGE * scale.reshape(-1, 1, 1) * eye


class _Look(Walk):
    def __init__(self, known: Mapping[int, Site], moments: _Moments, rows: torch.Tensor) -> None:
        super().__init__(known)
        self._moments = moments
        self._rows = rows

    def record(self, place: Call, weights: torch.Tensor) -> None:  # noqa: ARG002 - the scores are looked at
        self._moments.add(place, self._rows)
