"""Gates in torch: soft and trainable, or hard and exactly as numpy decides."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import torch

from attn_widgets.masks import Gate, LowRankGate, ThresholdGate
from attn_widgets.models import attention

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.models.capture import Call


_FAR = 1e4  # keeps the logarithm of a closed gate finite
_LEAST = 1e-30


class Trainable(ABC):
    """A gate whose numbers are being learnt: it keeps a pair where its logit is above 0.

    Parameters
    ----------
    numbers
        The tensors that learn, by the names they have in `Gate.arrays`.
    """

    def __init__(self, numbers: Mapping[str, torch.Tensor]) -> None:
        self.numbers = {
            name: values.detach().clone().requires_grad_() for name, values in numbers.items()
        }

    @abstractmethod
    def logits(self, call: Call) -> torch.Tensor:
        """Return the gate's logits, ``(batch, heads, queries, keys)``, differentiable."""

    @abstractmethod
    def raise_by(self, amount: float) -> None:
        """Add to every logit."""

    @abstractmethod
    def value(self, name: str) -> Gate:
        """Return the numbers as they are now."""

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return copies of the numbers as they are now."""
        return {
            name: values.detach().to("cpu", torch.float32, copy=True).numpy()
            for name, values in self.numbers.items()
        }

    def load(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over numbers, as `arrays` gives them."""
        with torch.no_grad():
            for name, values in self.numbers.items():
                values.copy_(torch.from_numpy(arrays[name].copy()))

    def soft(self, call: Call, temperature: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Return how much of each pair is kept, in 0 to 1, and its logarithm."""
        logits = (self.logits(call) / temperature).clamp(-_FAR, _FAR)
        return torch.sigmoid(logits), torch.nn.functional.logsigmoid(logits)


class TrainableThreshold(Trainable):
    """A threshold per layer and head on the log of the weights.

    Parameters
    ----------
    shape
        Layers and heads.
    start
        The threshold every head starts with, as the log of a weight.
    """

    def __init__(self, shape: tuple[int, int], start: float, device: torch.device) -> None:
        super().__init__({"log_thresholds": torch.full(shape, start, device=device)})

    def logits(self, call: Call) -> torch.Tensor:
        """Return how far the log of each weight is above the threshold."""
        scores, sinks = attention.scores(call.inputs).float(), call.inputs.sinks
        if sinks is None:
            logs = torch.log_softmax(scores, dim=-1)
        else:
            logs = attention.weights(scores, sinks).clamp(min=_LEAST).log()
        return logs - self.numbers["log_thresholds"][call.layer].reshape(1, -1, 1, 1)

    def raise_by(self, amount: float) -> None:
        """Lower every threshold."""
        with torch.no_grad():
            self.numbers["log_thresholds"].sub_(amount)

    def value(self, name: str) -> ThresholdGate:
        """Return the thresholds as they are now."""
        return ThresholdGate(name, **self.arrays())


class TrainableLowRank(Trainable):
    """A product of queries and keys in a small space, per layer and head.

    Parameters
    ----------
    w_q, w_k
        ``(layers, heads, head_dim, rank)``.
    bias
        ``(layers, heads)``.
    """

    def __init__(self, w_q: torch.Tensor, w_k: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__({"w_q": w_q, "w_k": w_k, "bias": bias})

    def logits(self, call: Call) -> torch.Tensor:
        """Return ``(q W_q) · (k W_k) + b``."""
        inputs, layer = call.inputs, call.layer
        key = attention.repeat(inputs.key, inputs.groups)
        left = inputs.query.float() @ self.numbers["w_q"][layer]
        right = key.float() @ self.numbers["w_k"][layer]
        return left @ right.transpose(2, 3) + self.numbers["bias"][layer].reshape(1, -1, 1, 1)

    def raise_by(self, amount: float) -> None:
        """Raise every bias."""
        with torch.no_grad():
            self.numbers["bias"].add_(amount)

    def value(self, name: str) -> LowRankGate:
        """Return the projections as they are now."""
        return LowRankGate(name, **self.arrays())


@dataclasses.dataclass(frozen=True)
class Hard:
    """A gate as a rule of a masked run: decided as `Gate.keep` decides, pair by pair.

    Parameters
    ----------
    gate
        The gate's numbers.
    """

    gate: Gate

    def __call__(self, call: Call) -> torch.Tensor:
        """Decide one layer: bool ``(batch, heads, queries, keys)``."""
        inputs, gate = call.inputs, self.gate
        if isinstance(gate, ThresholdGate):
            weights = attention.weights(attention.scores(inputs), inputs.sinks)
            levels = torch.from_numpy(gate.levels[call.layer].copy()).to(weights.device)
            return weights >= levels.reshape(1, -1, 1, 1)
        if not isinstance(gate, LowRankGate):
            msg = f"{gate!r} has no rule in torch: it is a threshold or a low-rank gate"
            raise TypeError(msg)
        device = inputs.query.device
        exact = torch.device("cpu") if device.type == "mps" else device  # it has no float64
        numbers = (gate.w_q[call.layer], gate.w_k[call.layer], gate.bias[call.layer])
        w_q, w_k, bias = (torch.from_numpy(n.astype(np.float64)).to(exact) for n in numbers)
        query = inputs.query.to(exact, torch.float64)
        key = attention.repeat(inputs.key, inputs.groups).to(exact, torch.float64)
        logits = (query @ w_q) @ (key @ w_k).transpose(2, 3) + bias.reshape(1, -1, 1, 1)
        return (logits > 0).to(device)
