"""CircuitsVis' ``attention_heads``, as it works offline.

See https://github.com/TransformerLensOrg/CircuitsVis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from circuitsvis.attention import attention_heads

from adapters.base import Adapter, Page, wrap

if TYPE_CHECKING:
    import numpy as np


class Heads(Adapter):
    """Every head; each is painted once the middle of its canvas is opaque."""

    verify = "() => ({ canvases: document.querySelectorAll('canvas').length })"

    def prepare(self, tokens: list[str], weights: np.ndarray) -> tuple[Any, Any]:
        return tokens, torch.from_numpy(weights)

    def build(self, tokens: Any, weights: Any) -> Page:
        layers, heads = weights.shape[:2]
        made = attention_heads(
            weights.reshape(-1, *weights.shape[2:]),
            tokens,
            attention_head_names=[f"L{at // heads}H{at % heads}" for at in range(layers * heads)],
            mask_upper_tri=False,
        )
        count = layers * heads
        self.drawn = f"""() => {{
          const canvases = document.querySelectorAll('canvas');
          return canvases.length === {count + 1} && [0, {count - 1}, {count}].every((i) => {{
            const {{ width, height }} = canvases[i];
            return width > 0 &&
              canvases[i].getContext('2d').getImageData(width >> 1, height >> 1, 1, 1).data[3] > 0;
          }});
        }}"""
        return Page(wrap(made.local_src))
