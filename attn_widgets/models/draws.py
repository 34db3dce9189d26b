"""Models that draw at random as they run, made to draw alike."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import torch

from attn_widgets.models.devices import input_device

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def same_draws(model: torch.nn.Module) -> Iterator[None]:
    """Let a model draw the same numbers in each such block, as nothing outside of it notices.

    Reformer draws its hashes, ViT-MAE the patches that it sees.
    """
    device = input_device(model)
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(0)
        yield
