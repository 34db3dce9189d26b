"""Window importers against real models of transformers: where their attention is above zero."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import (
    GPTNeoConfig,
    GPTNeoModel,
    LongformerConfig,
    LongformerModel,
    MistralConfig,
    MistralModel,
    ModernBertConfig,
    ModernBertModel,
)
from transformers.masking_utils import chunked_causal_mask_function, sdpa_mask

from attn_widgets.masks import (
    MaskError,
    blocks,
    causal,
    from_hf_window,
    from_longformer_hf,
    from_modernbert,
)

N = 32
SIZES = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}


def attention(model: torch.nn.Module, layer: int) -> np.ndarray:
    with torch.no_grad():
        out = model.eval()(torch.arange(N)[None] + 4, output_attentions=True)
    return out.attentions[layer][0].numpy()


@pytest.mark.parametrize("window", [1, 2, 4, 31])
def test_mistral_counts_the_query_itself(window: int) -> None:
    config = MistralConfig(
        **SIZES, num_key_value_heads=2, sliding_window=window, attn_implementation="eager"
    )
    seen = attention(MistralModel(config), 1) > 0
    bound = from_hf_window(window).bind(N)
    assert bound.degrees()[-1] == window
    for head in seen:
        assert np.array_equal(head, bound.to_dense())


@pytest.mark.parametrize("window", [2, 5])
def test_gpt_neo_counts_the_query_itself(window: int) -> None:
    config = GPTNeoConfig(
        vocab_size=40,
        hidden_size=16,
        num_layers=2,
        num_heads=2,
        attention_types=[[["global", "local"], 1]],
        window_size=window,
        attn_implementation="eager",
    )
    seen = attention(GPTNeoModel(config), 1) > 0
    assert np.array_equal(seen[0], from_hf_window(window).bind(N).to_dense())


@pytest.mark.parametrize(("window", "keys"), [(6, 7), (8, 9), (9, 9)])
def test_modernbert_has_half_its_window_on_each_side(window: int, keys: int) -> None:
    config = ModernBertConfig(
        **SIZES,
        local_attention=window,
        global_attn_every_n_layers=2,
        pad_token_id=0,
        attn_implementation="eager",
    )
    seen = attention(ModernBertModel(config), 1) > 0
    bound = from_modernbert(window).bind(N)
    assert bound.degrees()[N // 2] == keys
    for head in seen:
        assert np.array_equal(head, bound.to_dense())


@pytest.mark.parametrize("window", [4, 8])
def test_longformer_has_half_its_window_on_each_side(window: int) -> None:
    config = LongformerConfig(**SIZES, attention_window=window, pad_token_id=1)
    # its weights are laid out by diagonal: column c of row i is key i + c - window / 2
    diagonals = attention(LongformerModel(config), 1)
    assert diagonals.shape == (2, N, window + 1)
    seen = np.zeros((N, N + window), dtype=bool)
    for row in range(N):
        seen[row, row : row + window + 1] = diagonals[0, row] > 0
    seen = seen[:, window // 2 : window // 2 + N]
    assert np.array_equal(seen, from_longformer_hf(window).bind(N).to_dense())


def test_longformer_refuses_what_we_refuse() -> None:
    with pytest.raises(MaskError):
        from_longformer_hf(5)
    with pytest.raises(AssertionError):
        LongformerModel(LongformerConfig(**SIZES, attention_window=5, pad_token_id=1))


@pytest.mark.parametrize("chunk", [1, 4, 7])
def test_chunked_attention_is_blocks_that_look_back(chunk: int) -> None:
    theirs = sdpa_mask(
        batch_size=1,
        q_length=N,
        kv_length=N,
        mask_function=chunked_causal_mask_function(chunk, torch.zeros(1, dtype=torch.int64)),
        allow_is_causal_skip=False,
    )
    ours = (blocks(chunk) & causal()).bind(N)
    assert np.array_equal(theirs[0, 0].numpy(), ours.to_dense())
