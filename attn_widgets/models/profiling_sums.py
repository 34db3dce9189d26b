"""The numbers of each text, summed inside the run: no layer's weights outlive the next one's."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
import torch

from attn_widgets.analysis.profile_build import Numbers, excess
from attn_widgets.analysis.profile_metrics import METRICS, TARGETS
from attn_widgets.interventions import Changes
from attn_widgets.models.capture import Capture
from attn_widgets.models.devices import input_device
from attn_widgets.models.profiling_plan import BatchPlan, TextPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.models.capture import Call, Selection
    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.profiling_plan import Rows
    from attn_widgets.models.stacks import Site


def measured(core: Core, batch: Sequence[Prepared], rows: Rows) -> tuple[Numbers, list[str]]:
    """Run a batch as far as its last attention layer, and give the numbers of its texts.

    Returns
    -------
    Numbers
        Of those texts whose weights are numbers.
    list of str
        Per text, what is wrong with its weights, or nothing.

    Raises
    ------
    UnsupportedModelError
        If this run called other layers than the one at loading.
    """
    plans = [TextPlan.of(one, rows) for one in batch]
    selection = core.selection(batch)
    observer = _Sums(core.sites, selection, BatchPlan.of(plans, input_device(core.model)))
    with contextlib.suppress(_AllSeenError):
        core.run(batch, selection, Changes(), observer)
    observer.finish()
    sums, broken = observer.results()
    wrong = [_sentence(one) for one in broken]
    whole = np.array([not one for one in wrong])
    kept = [plan for plan, good in zip(plans, whole, strict=True) if good]
    return _numbers(sums[:, whole], kept), wrong


class _AllSeenError(Exception):
    """The last attention layer was seen: what the model would do after it changes no number."""


class _Sums(Capture):
    """Sum what a plan says of each layer as it passes."""

    def __init__(self, sites: Mapping[int, Site], selection: Selection, plan: BatchPlan) -> None:
        super().__init__(sites, selection)
        self._plan = plan
        self._layers: list[torch.Tensor] = []
        self._broken: list[torch.Tensor] = []
        self._spare: torch.Tensor | None = None

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Sum one layer, and end the run after the last one."""
        stack = self._selection.stack
        if place.kind != stack.kind:
            return
        plan = self._plan
        if plan.hidden is not None:
            weights = weights.masked_fill(plan.hidden[:, None, None, :], 0.0)
        broken = ~weights[..., 0].isfinite() & plan.real[:, None]
        self._broken.append(broken.any(dim=-1))
        self._layers.append(self._summed(weights))
        if len(self._layers) == len(stack.names):
            raise _AllSeenError

    def results(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Give sums ``(sums, texts, layers, heads)``, and which texts broke, and where."""
        sums = torch.stack(self._layers).permute(3, 1, 0, 2).cpu()
        broken = torch.stack(self._broken).transpose(0, 1).cpu()
        return sums.double().numpy(), broken.numpy()

    def _summed(self, weights: torch.Tensor) -> torch.Tensor:
        """Sum ``(texts, heads, queries, keys)`` to ``(texts, heads, sums)``."""
        plan = self._plan
        texts, heads, queries, keys = weights.shape
        by_row = weights.reshape(texts, heads * queries, keys) @ plan.targets
        shares = _over_rows(by_row.view(texts, heads, queries, -1), plan.rows)
        near = weights.gather(3, plan.near.transpose(1, 2)[:, None].expand(-1, heads, -1, -1))
        close = (near * plan.near_rows.transpose(1, 2)[:, None]).sum(dim=2)
        text = (near * plan.local_rows.transpose(1, 2)[:, None]).sum(dim=(2, 3))[..., None]
        row = weights[torch.arange(texts, device=weights.device), :, plan.cls]
        own = row.gather(2, plan.cls[:, None, None].expand(-1, heads, 1) % keys)
        content = row.sum(dim=-1, keepdim=True) - row @ plan.targets[..., :1]
        entropy = _over_rows(self._entropies(weights)[..., None], plan.entropy_rows)
        peaks = _over_rows(weights.amax(dim=-1)[..., None], plan.rows)
        return torch.cat([shares, entropy, peaks, close, text, own, content], dim=-1)

    def _entropies(self, weights: torch.Tensor) -> torch.Tensor:
        """Give row entropies in nats, a text at a time in one small buffer."""
        if self._spare is None:
            self._spare = torch.empty_like(weights[0])
        tiny = torch.finfo(weights.dtype).tiny
        found = []
        for own in weights:
            logs = torch.clamp(own, min=tiny, out=self._spare).log_()
            found.append(logs.mul_(own).sum(dim=-1).neg_())
        return torch.stack(found)


def _over_rows(values: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
    """Sum ``(texts, heads, queries, sums)`` over queries, each times its factor."""
    total = factors[:, None, None] @ values
    return total.squeeze(2)


def _numbers(sums: NDArray[np.float64], plans: Sequence[TextPlan]) -> Numbers:
    uniform = np.array([plan.uniform for plan in plans]).reshape(-1, len(TARGETS))
    has = np.array([plan.has for plan in plans]).reshape(-1, len(METRICS))
    shares, others = np.split(sums, [len(TARGETS)])
    both = np.stack([shares, excess(shares, uniform)], axis=1)
    values = np.concatenate([both.reshape(-1, *sums.shape[1:]), others])
    values[~has.T] = np.nan
    return Numbers(np.array([plan.length for plan in plans], dtype=np.intp), values, uniform)


def _sentence(broken: NDArray[np.bool_]) -> str:
    if not broken.any():
        return ""
    layer, head = np.argwhere(broken)[0]
    return (
        f"layer {layer}, head {head} is NaN: the model computes NaN or infinity there; load it in "
        "float32 (dtype='float32')"
    )
