"""How far a run under a gate is from the dense run, as one number that gradients flow through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from attn_widgets.models.gates.runs import Seen

_LAYERS, _SENTENCE = 0.2, 3.0  # weights beside the last hidden states
_LEAST = 1e-12


def infidelity(under: Seen, plain: Seen, rows: torch.Tensor) -> torch.Tensor:
    """Return how far the end of the model is off, with its layers as a guide.

    The relative squared error of the last hidden states, plus 0.2 of that of the layers' attention
    outputs, their mean, plus 3 times 1 - the cosine of the sentence vectors.

    Parameters
    ----------
    under, plain
        The runs under the gate and without it.
    rows
        bool, ``(batch, longest)``: the tokens that count.
    """
    layers = [
        _relative(mine[rows], dense[rows])
        for mine, dense in zip(under.outputs, plain.outputs, strict=True)
    ]
    cosine = torch.cosine_similarity(under.sentences(rows), plain.sentences(rows), eps=_LEAST)
    return (
        _relative(under.last[rows], plain.last[rows])
        + _LAYERS * torch.stack(layers).mean()
        + _SENTENCE * (1 - cosine).mean()
    )


def _relative(mine: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
    wanted = dense.float()
    return (mine.float() - wanted).square().sum() / wanted.square().sum().clamp(min=_LEAST)
