"""Gradients of what a model says, by its attention weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from attn_widgets.analysis.slopes import Slopes
from attn_widgets.models import answers, vectors
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.hearing import heard
from attn_widgets.models.masked import legal
from attn_widgets.models.passes import Passes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from attn_widgets.interventions import Changes
    from attn_widgets.models.capture import Call
    from attn_widgets.models.core import Core
    from attn_widgets.models.hearing import Heard
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.stacks import Site, Stack
    from attn_widgets.record import Kind

Loss = Literal["vector", "answers"]

_PROBES = 8


class _Kept(Passes):
    """Keep the weights of one stack in the graph, and which pairs each head may attend to."""

    def __init__(self, sites: Mapping[int, Site], stacks: Mapping[Kind, Stack], kind: Kind) -> None:
        super().__init__(sites, stacks)
        self._kind = kind
        self.weights: list[torch.Tensor] = []
        self.allowed: list[torch.Tensor] = []

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Keep one layer; the weights of a model without trained parameters begin a graph."""
        if place.kind != self._kind:
            return
        if not weights.requires_grad:
            weights.requires_grad_()
        self.weights.append(weights)
        allowed = legal(place.inputs)
        whole = torch.ones_like(weights, dtype=torch.bool)
        if allowed is not None:
            whole &= allowed
        self.allowed.append(whole if place.inputs.silent is None else whole & ~place.inputs.silent)


def slopes(
    core: Core,
    prepared: Prepared,
    changes: Changes,
    loss: Loss | None = None,
    stop: Callable[[], bool] | None = None,
) -> Slopes:
    """Measure how much the loss depends on every weight of one text.

    Raises
    ------
    ValueError
        If there is no such loss.
    UnsupportedModelError
        If the model has not what the loss is of.
    """
    if loss not in {"vector", "answers", None}:
        msg = f"loss is {loss!r}: 'vector', 'answers', or None for what the model has"
        raise ValueError(msg)
    kept = _Kept(core.sites, core.stacks, prepared.kind)
    with torch.inference_mode(mode=False), torch.enable_grad():
        with heard(core.model, prepared.kind) as found:
            core.run(
                [prepared],
                core.selection([prepared]),
                changes,
                kept,
                stop=stop,
                whole=True,
                gradients=True,
            )
        losses, words = _losses(core, prepared, found, loss)
        total = np.zeros((len(kept.weights), kept.weights[0].shape[1], kept.weights[0].shape[3]))
        for one in losses:
            slope = torch.autograd.grad(one, kept.weights, retain_graph=True)
            parts = zip(slope, kept.allowed, strict=True)
            total += np.stack([_columns(own.abs() * may) for own, may in parts])
    return Slopes(
        tokens=prepared.key_tokens,
        total=total / len(losses),
        pairs=np.stack([_columns(may) for may in kept.allowed]),
        loss=words,
    )


def _losses(
    core: Core, prepared: Prepared, found: Heard, loss: Loss | None
) -> tuple[list[torch.Tensor], str]:
    head, logits = answers.read(core.model, found.output, prepared.kind)
    if loss != "vector" and logits is not None and logits.shape[-1] > 1:
        said = logits[0] if head == "labels" else logits[0, : len(prepared.tokens)]
        surprise = -torch.log_softmax(said.float(), dim=-1).amax(dim=-1).mean()
        return [surprise], "-log p of the model's own likeliest answer, the mean over places"
    states = found.states
    if loss == "answers" or states is None or not vectors.has_vector(core, prepared.kind):
        what = "answers" if loss == "answers" else "vector of a text"
        msg = (
            f"the {prepared.kind} of this model gives no {what} to take gradients of: load it with "
            "a head that predicts, or measure its encoder by loss='vector'"
        )
        raise UnsupportedModelError(msg)
    vector = vectors.pooled(states[0], prepared.tokens, "mean").float()
    drawn = torch.randn((_PROBES, len(vector)), generator=torch.Generator().manual_seed(0))
    probes = torch.nn.functional.normalize(drawn, dim=-1).to(vector.device)
    words = (
        "the cosine between the mean of the last hidden states and a random direction, the mean of "
        f"absolute gradients over {_PROBES} directions"
    )
    return list(torch.mv(probes, vector / vector.norm())), words


def _columns(pairs: torch.Tensor) -> NDArray[np.float64]:
    """Sum the only text's pairs over queries, ``(heads, keys)``."""
    columns: NDArray[np.float64] = pairs[0].detach().sum(dim=1, dtype=torch.float64).cpu().numpy()
    return columns
