"""What `outputs` gives of models with heads: the states below the head, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import transformers

from attn_widgets.models import ModelRunner

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TEXT = "one two three four five"


@pytest.mark.parametrize("width", [32, 16], ids=["as wide", "projected"])
def test_a_head_that_calls_the_decoder_by_itself_is_heard(
    word_tokenizer: PreTrainedTokenizerFast, width: int
) -> None:
    torch.manual_seed(0)
    config = transformers.OPTConfig(
        vocab_size=99,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        ffn_dim=37,
        max_position_embeddings=64,
        word_embed_proj_dim=width,
    )
    model = transformers.OPTForCausalLM(config).eval()
    made = ModelRunner.from_pretrained(model, word_tokenizer).outputs(TEXT)
    ids = torch.tensor([word_tokenizer(TEXT)["input_ids"]])
    with torch.no_grad():
        states, logits = model.model(input_ids=ids)[0][0], model(input_ids=ids).logits[0]
    np.testing.assert_allclose(made.hidden, states, atol=1e-5)
    assert made.logits is not None
    np.testing.assert_allclose(made.logits, logits, atol=1e-5)


@pytest.mark.parametrize("stack", ["encoder", "decoder", "cross"])
def test_each_stack_of_an_encoder_decoder_with_a_head_gives_its_own_states(
    piece_tokenizer: PreTrainedTokenizerFast, stack: str
) -> None:
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=99,
        d_model=32,
        num_layers=2,
        num_decoder_layers=3,
        num_heads=4,
        d_kv=8,
        d_ff=37,
        decoder_start_token_id=0,
    )
    model = transformers.T5ForConditionalGeneration(config).eval()
    runner = ModelRunner.from_pretrained(model, piece_tokenizer)
    target = None if stack == "encoder" else "the dog"
    made = runner.outputs("the dogs run.", target, stack=stack)
    ids = torch.tensor([piece_tokenizer("the dogs run.")["input_ids"]])
    labels = torch.tensor([piece_tokenizer("the dog")["input_ids"]])
    with torch.no_grad():
        whole = model(input_ids=ids, labels=labels, output_hidden_states=True)
    last = whole.encoder_hidden_states if stack == "encoder" else whole.decoder_hidden_states
    np.testing.assert_allclose(made.hidden, last[-1][0], atol=1e-5)
    assert (made.logits is None) == (stack == "encoder")
