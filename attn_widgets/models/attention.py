"""Attention as arithmetic: scores, the model's own mask, weights. Nothing here knows a model."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch

from attn_widgets.models.errors import UnsupportedModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Tensors that some models pass along but eager attention never reads.
_HARMLESS = frozenset(
    {"cache_position", "encoder_attention_mask", "encoder_hidden_states", "position_ids"}
)

SPAN = "attn_widgets_span"
"""Attribute of a mask tensor: the positions of its first query and of its first key."""


@dataclasses.dataclass(frozen=True, slots=True)
class Inputs:
    """What a model hands to its attention function in one layer.

    Parameters
    ----------
    query
        Shape ``(batch, heads, queries, head_dim)``, after rotary positions.
    key, value
        Shape ``(batch, key heads, keys, ...)``; fewer heads than `query` when heads share keys.
    mask
        The model's own mask, broadcastable to ``(batch, heads, queries, keys)``: bool (True may
        attend), or floats to be added, or None.
    scaling
        What multiplies ``query · key``.
    bias
        Added to the scores (T5's relative positions), or None.
    softcap
        ``tanh(score / softcap) * softcap`` is applied before the mask (Gemma 2), or None.
    sinks
        One logit per head that takes part in the softmax but has no value (gpt-oss), or None.
    silent
        Queries that get nothing, ``(batch, heads or 1, queries, 1)``: all their weights become 0.
    first
        The position of query 0 in its text, where it is known; with a cache it is not 0.
    dropped
        Keys before the first one here that a cache has let go.
    """

    query: torch.Tensor
    key: torch.Tensor
    value: torch.Tensor
    mask: torch.Tensor | None
    scaling: float
    bias: torch.Tensor | None = None
    softcap: float | None = None
    sinks: torch.Tensor | None = None
    silent: torch.Tensor | None = None
    first: int | None = None
    dropped: int = 0

    @property
    def groups(self) -> int:
        """Query heads per key head."""
        return int(self.query.shape[1] // self.key.shape[1])

    @property
    def start(self) -> int:
        """The position of query 0 in its text; by default the queries are the last keys."""
        return int(self.key.shape[2] - self.query.shape[2]) if self.first is None else self.first


def read_inputs(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    scaling: float | None,
    extra: Mapping[str, Any],
) -> Inputs:
    """Sort out the arguments of an attention function.

    Raises
    ------
    UnsupportedModelError
        If there is a tensor keyword whose meaning is not known: leaving it out could change the
        weights without a sign.
    """
    known = _HARMLESS | {"position_bias", "s_aux", "indices"}
    unknown = sorted(
        name
        for name, given in extra.items()
        if isinstance(given, torch.Tensor) and name not in known
    )
    if unknown:
        msg = (
            f"the model passes {', '.join(unknown)} to its attention, which attn_widgets "
            "does not know: its weights could be wrong, so nothing is captured"
        )
        raise UnsupportedModelError(msg)
    first, dropped = getattr(mask, SPAN, (None, 0))
    return Inputs(
        query=query,
        key=key,
        value=value,
        mask=_only_selected(mask, extra.get("indices"), key.shape[2]),
        scaling=query.shape[-1] ** -0.5 if scaling is None else scaling,
        bias=extra.get("position_bias"),
        softcap=extra.get("softcap"),
        sinks=extra.get("s_aux"),
        first=first,
        dropped=dropped,
    )


def _only_selected(
    mask: torch.Tensor | None, indices: torch.Tensor | None, n_keys: int
) -> torch.Tensor | None:
    """Fold the keys a top-k indexer picked, shape (batch, queries, k), into the mask."""
    if indices is None:
        return mask
    picked = torch.zeros((*indices.shape[:2], n_keys), dtype=torch.bool, device=indices.device)
    picked = picked.scatter(-1, indices.long(), value=True).unsqueeze(1)
    if mask is None:
        return picked
    if mask.dtype == torch.bool:
        return mask & picked
    return mask.masked_fill(~picked, torch.finfo(mask.dtype).min)


def scores(inputs: Inputs) -> torch.Tensor:
    """Compute masked scores, shape ``(batch, heads, queries, keys)``, in one buffer.

    ``query · key * scaling``, soft-capped, plus bias, then the mask: forbidden places get the
    lowest finite number, as in eager attention, so that a row is never empty of numbers.
    """
    key = repeat(inputs.key, inputs.groups)
    result = torch.matmul(inputs.query, key.transpose(2, 3)).mul_(inputs.scaling)
    if inputs.softcap is not None:
        capped = result.div_(inputs.softcap)
        # tanh keeps its result for the backward pass, so only without one may it be overwritten
        capped = torch.tanh(capped) if capped.requires_grad else capped.tanh_()
        result = capped * inputs.softcap if capped.requires_grad else capped.mul_(inputs.softcap)
    if inputs.bias is not None:
        result = result.add_(inputs.bias)
    if inputs.mask is None:
        return result
    if inputs.mask.dtype == torch.bool:
        if bool(inputs.mask.all()):
            return result
        return result.masked_fill_(~inputs.mask, torch.finfo(result.dtype).min)
    return result.add_(inputs.mask)


def weights(masked_scores: torch.Tensor, sinks: torch.Tensor | None) -> torch.Tensor:
    """Softmax over keys in float32, shape ``(batch, heads, queries, keys)``.

    Without a backward pass the buffer of `masked_scores` is reused, so that no second layer of
    weights is ever held. With `sinks` the rows sum to less than 1: the sink has the rest.
    """
    if sinks is not None:
        batch, _, queries, _ = masked_scores.shape
        logits = sinks.reshape(1, -1, 1, 1).expand(batch, -1, queries, 1)
        both = torch.cat([masked_scores, logits.to(masked_scores.dtype)], dim=-1)
        both = both - both.amax(dim=-1, keepdim=True)
        return torch.softmax(both, dim=-1, dtype=torch.float32)[..., :-1]
    if masked_scores.requires_grad or masked_scores.dtype != torch.float32:
        return torch.softmax(masked_scores, dim=-1, dtype=torch.float32)
    # torch's kernels read a row whole before they write it, so a row may be its own result.
    return torch.softmax(masked_scores, dim=-1, out=masked_scores)


def output(weighted: torch.Tensor, value: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Mix the values: ``(batch, heads, queries, keys)`` to ``(batch, queries, heads, dim)``."""
    groups = weighted.shape[1] // value.shape[1]
    mixed = torch.matmul(weighted.to(dtype), repeat(value, groups))
    return mixed.transpose(1, 2).contiguous()


def repeat(heads: torch.Tensor, groups: int) -> torch.Tensor:
    """Give each query head its key head: ``n`` heads on axis 1 become ``n * groups``."""
    return heads if groups == 1 else heads.repeat_interleave(groups, dim=1)
