"""A model with two types of layer under our masks is the model under its own."""

from __future__ import annotations

import pytest
import torch
from transformers import Qwen2Config, Qwen2Model

from attn_widgets.masks import causal, from_hf_window, local
from attn_widgets.masks.exchange.hf import to_hf_masks

N = 23


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_one_mask_per_type_of_layer_is_what_the_model_makes_itself(attention: str) -> None:
    config = Qwen2Config(
        vocab_size=50,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=5,
        use_sliding_window=True,
        layer_types=["full_attention", "sliding_attention"] * 2,
        attn_implementation=attention,
    )
    torch.manual_seed(0)
    model = Qwen2Model(config).eval()
    ids = torch.randint(0, 50, (1, N))
    window = (from_hf_window(5) & causal()).bind(N)
    bounds = {"full_attention": causal().bind(N), "sliding_attention": window}
    masks = to_hf_masks(bounds, torch.float32 if attention == "eager" else None)
    narrower = {**masks, **to_hf_masks({"sliding_attention": local(0).bind(N)}, torch.float32)}
    with torch.no_grad():
        own = model(ids).last_hidden_state
        ours = model(ids, attention_mask=masks).last_hidden_state
        other = model(ids, attention_mask=narrower).last_hidden_state
    assert torch.allclose(ours, own, atol=1e-6)
    assert not torch.allclose(other, own, atol=1e-2)
