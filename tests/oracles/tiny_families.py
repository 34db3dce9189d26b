"""Tiny random models of every family of the table, and one tokenizer for all of them."""

from __future__ import annotations

from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

BERT = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 37,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
LLAMA = {**BERT, "num_key_value_heads": 2, "head_dim": 8}
GPT = {"vocab_size": 99, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}
BART = {
    "vocab_size": 99,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 37,
    "decoder_ffn_dim": 37,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "decoder_start_token_id": 1,
}
T5 = {
    "vocab_size": 99,
    "d_model": 32,
    "num_layers": 2,
    "num_decoder_layers": 3,
    "num_heads": 4,
    "d_kv": 8,
    "d_ff": 37,
    "decoder_start_token_id": 0,
}
MOE = {"num_local_experts": 4, "num_experts_per_tok": 2}
MLA = {
    "num_key_value_heads": 4,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 16,
    "first_k_dense_replace": 1,
    "n_group": 1,
    "topk_group": 1,
    "n_shared_experts": 1,
}

ENCODERS: dict[str, dict[str, Any]] = {
    "albert": {**BERT, "embedding_size": 16, "num_hidden_layers": 3},
    "bert": BERT,
    "camembert": BERT,
    "distilbert": {"vocab_size": 99, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 37},
    "electra": {**BERT, "embedding_size": 16},
    "ernie": BERT,
    "esm": {**BERT, "mask_token_id": 3},
    "layoutlm": BERT,
    "mobilebert": {
        **BERT,
        "embedding_size": 32,
        "intra_bottleneck_size": 32,
        "true_hidden_size": 32,
    },
    "modernbert": {**BERT, "local_attention": 6, "num_hidden_layers": 4},
    "nomic_bert": {**BERT, "head_dim": 8},
    "roberta": BERT,
    "splinter": BERT,
    "xlm-roberta": BERT,
}
DECODERS: dict[str, dict[str, Any]] = {
    "cohere2": LLAMA,
    "deepseek_v3": {**BERT, **MLA},
    "deepseek_v32": {**BERT, **MLA, "index_topk": 4, "index_n_heads": 2, "index_head_dim": 16},
    "gemma": LLAMA,
    "gemma2": {**LLAMA, "attn_logit_softcapping": 0.5, "sliding_window": 4},
    "gemma3_text": {**LLAMA, "sliding_window": 4},
    "gpt2": GPT,
    "gpt_bigcode": GPT,
    "gpt_neox": BERT,
    "gpt_oss": {**LLAMA, **MOE, "intermediate_size": 32},
    "granite": LLAMA,
    "llama": LLAMA,
    "mistral": LLAMA,
    "mixtral": {**LLAMA, **MOE, "intermediate_size": 32},
    "olmo2": LLAMA,
    "opt": {**BERT, "ffn_dim": 37, "word_embed_proj_dim": 32},
    "phi": BERT,
    "qwen2": LLAMA,
    "qwen3": LLAMA,
    "stablelm": {**LLAMA, "num_key_value_heads": 4},
}
SEQ2SEQ: dict[str, dict[str, Any]] = {
    "bart": BART,
    "marian": BART,
    "mbart": BART,
    "mt5": T5,
    "pegasus": BART,
    "t5": T5,
}
IGNORING: dict[str, dict[str, Any]] = {
    "big_bird": {**BERT, "attention_type": "original_full"},
    "bloom": {**BERT, "n_layer": 2, "n_head": 4},
    "codegen": {**GPT, "n_head": 4, "rotary_dim": 4},
    "deberta": BERT,
    "deberta-v2": BERT,
    "falcon": BERT,
    "gpt_neo": {
        "vocab_size": 99,
        "hidden_size": 32,
        "num_layers": 2,
        "num_heads": 4,
        "attention_types": [[["global", "local"], 1]],
        "max_position_embeddings": 64,
    },
    "gptj": {**GPT, "rotary_dim": 4},
    "led": {**BART, "attention_window": 4, "max_encoder_position_embeddings": 64},
    "longformer": {**BERT, "attention_window": 4},
    "longt5": T5,
    "mpnet": BERT,
    "mpt": {"vocab_size": 99, "d_model": 32, "n_layers": 2, "n_heads": 4},
    "reformer": {
        "vocab_size": 99,
        "hidden_size": 32,
        "num_attention_heads": 2,
        "attention_head_size": 16,
        "attn_layers": ["lsh", "local"],
        "axial_pos_embds": False,
        "max_position_embeddings": 64,
        "lsh_attn_chunk_length": 4,
        "local_attn_chunk_length": 4,
        "feed_forward_size": 37,
    },
    "squeezebert": {**BERT, "embedding_size": 32, "intermediate_size": 36},
    "xlnet": {"vocab_size": 99, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 37},
}
NO_LIST = {"nystromformer": BERT, "rembert": BERT, "roformer": BERT, "convbert": BERT}

SINGLE = {**{name: ("encoder", o) for name, o in ENCODERS.items()}} | {
    name: ("decoder", o) for name, o in DECODERS.items()
}

TEXT = "one two three four five six seven"
TARGET = "eight nine ten eleven"
LONG = f"{TEXT} {TARGET} {TEXT}"


def build(family: str, options: dict[str, Any]) -> torch.nn.Module:
    torch.manual_seed(1)
    config = transformers.AutoConfig.for_model(family, **options)
    model = transformers.AutoModel.from_config(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(4)  # away from uniform attention, where every mistake looks small
    return model


def word_tokenizer() -> PreTrainedTokenizerFast:
    special = {"pad_token": "<pad>", "unk_token": "<unk>"}
    words = ["<pad>", "<s>", "</s>", "<unk>", *f"{TEXT} {TARGET}".split()]
    whole = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, special["unk_token"]))
    whole.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=whole, **special)
