"""Every family of the table in the README, as a tiny random configuration and what it reads."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from tiny_families import (
    BART,
    BERT,
    DECODERS,
    ENCODERS,
    GPT,
    IGNORING,
    LLAMA,
    MLA,
    MOE,
    NO_LIST,
    SEQ2SEQ,
    T5,
)

# Thirty tokens: longer than every window, block and chunk below.
LONG_TEXT = " ".join(["one two three four five six seven eight nine ten"] * 3)
TARGET = "eight nine ten eleven one two three"

VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 37,
    "image_size": 8,
    "patch_size": 2,
}
SOUND = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 37,
    "conv_dim": (16, 16),
    "conv_stride": (2, 2),
    "conv_kernel": (3, 3),
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
}
SPEECH = {
    **BART,
    "decoder_layers": 2,
    "max_source_positions": 12,
    "max_target_positions": 16,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
EVEN = {**LLAMA, "intermediate_size": 32}
MOE_OF = {
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 16,
    "shared_expert_intermediate_size": 16,
}
LINEAR = {
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
}
MIXED = ["linear_attention", "full_attention"]


@dataclasses.dataclass(frozen=True)
class Family:
    """One family: how it is built, and what it is in words that cannot be measured."""

    name: str
    options: dict[str, Any]
    reads: str = "text"
    about: str = ""

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """What a model that reads no text reads, the same at each call."""
        draw = torch.Generator().manual_seed(0)
        target = torch.arange(4, 9)[None]
        make = {
            "picture": lambda: {"pixel_values": torch.randn(1, 3, 8, 8, generator=draw)},
            "film": lambda: {"pixel_values": torch.randn(1, 2, 3, 8, 8, generator=draw)},
            "sound": lambda: {"input_values": torch.randn(1, 60, generator=draw)},
            "spectrogram": lambda: {"input_values": torch.randn(1, 16, 8, generator=draw)},
            "speech": lambda: {
                "input_features": torch.randn(1, 8, 24, generator=draw),
                "decoder_input_ids": target,
            },
            "frames": lambda: {
                "input_features": torch.randn(1, 48, 8, generator=draw),
                "decoder_input_ids": target,
            },
            "wave": lambda: {
                "input_values": torch.randn(1, 3000, generator=draw),
                "decoder_input_ids": target,
            },
        }
        return make[self.reads]()


_TEXT: dict[str, dict[str, Any]] = {
    **ENCODERS,
    "bert-generation": BERT,
    "data2vec-text": BERT,
    "dpr": BERT,
    "embedding_gemma2_text": {**LLAMA, "num_global_key_value_heads": 1},
    "eurobert": LLAMA,
    "gte": BERT,
    "markuplm": BERT,
    "roberta-prelayernorm": BERT,
    "roc_bert": BERT,
    "ultrabert": BERT,
    "xlm-roberta-xl": BERT,
    **DECODERS,
    "biogpt": BERT,
    "bitnet": LLAMA,
    "clip_text_model": BERT,
    "cohere": LLAMA,
    "ctrl": {**GPT, "dff": 37},
    "deepseek_v4": {
        **EVEN,
        **MLA,
        "num_key_value_heads": 1,
        "moe_intermediate_size": 32,
        "layer_types": ["compressed_sparse_attention", "heavily_compressed_attention"],
        "compress_rates": {"compressed_sparse_attention": 4, "heavily_compressed_attention": 8},
        "index_topk": 2,
        "index_n_heads": 2,
        "index_head_dim": 16,
        "sliding_window": 8,
    },
    "doge": LLAMA,
    "ernie4_5": LLAMA,
    "exaone4": {**LLAMA, "sliding_window": 4},
    "glm": LLAMA,
    "glm4": LLAMA,
    "glm_moe_dsa": {
        **BERT,
        **MLA,
        "index_topk": 4,
        "index_n_heads": 2,
        "index_head_dim": 16,
    },
    "helium": LLAMA,
    "jamba": {
        **EVEN,
        "attn_layer_period": 2,
        "attn_layer_offset": 1,
        "num_experts": 2,
        "use_mamba_kernels": False,
    },
    "jetmoe": {
        **{k: v for k, v in LLAMA.items() if k != "num_attention_heads"},
        "kv_channels": 8,
        "num_local_experts": 4,
    },
    "lfm2": {**LLAMA, "layer_types": ["conv", "full_attention"]},
    "llama4_text": {**LLAMA, "num_local_experts": 2, "intermediate_size_mlp": 32},
    "mimo_v2_flash": LLAMA,
    "minimax": {**EVEN, **MOE, "layer_types": MIXED},
    "minimax_m2": {**EVEN, **MOE},
    "ministral": {**LLAMA, "sliding_window": 4},
    "modernbert-decoder": {**BERT, "local_attention": 6},
    "nanochat": LLAMA,
    "nemotron": LLAMA,
    "olmo": LLAMA,
    "olmo3": {**LLAMA, "sliding_window": 4},
    "olmoe": {**EVEN, "num_experts": 4, "num_experts_per_tok": 2},
    "persimmon": BERT,
    "phi3": {**LLAMA, "sliding_window": 4},
    "qwen2_moe": {**LLAMA, **MOE_OF},
    "qwen3_5_text": {**LLAMA, **LINEAR, "layer_types": MIXED},
    "qwen3_moe": {**LLAMA, **MOE_OF},
    "qwen3_next": {**LLAMA, **LINEAR, **MOE_OF, "layer_types": MIXED},
    "seed_oss": LLAMA,
    "smollm3": LLAMA,
    "starcoder2": {**LLAMA, "sliding_window": 4},
    **SEQ2SEQ,
    "blenderbot": BART,
    "blenderbot-small": BART,
    "m2m_100": BART,
    "nllb-moe": {**BART, "num_experts": 4, "encoder_sparse_step": 2, "decoder_sparse_step": 2},
    "plbart": BART,
    "switch_transformers": {**T5, "num_experts": 4},
    "umt5": T5,
    **IGNORING,
    **NO_LIST,
    "big_bird": {**BERT, "attention_type": "block_sparse", "block_size": 2, "num_random_blocks": 1},
    "bigbird_pegasus": {
        **BART,
        "attention_type": "block_sparse",
        "block_size": 2,
        "num_random_blocks": 1,
    },
    "canine": {**BERT, "downsampling_rate": 2, "local_transformer_stride": 8},
    "cpmant": BERT,
    "diffllama": LLAMA,
    "flaubert": {"vocab_size": 99, "emb_dim": 32, "n_layers": 2, "n_heads": 4},
    "fnet": {k: v for k, v in BERT.items() if k != "num_attention_heads"},
    "fsmt": {
        **{k: v for k, v in BART.items() if k not in {"vocab_size", "max_position_embeddings"}},
        "langs": ["en", "de"],
        "src_vocab_size": 99,
        "tgt_vocab_size": 99,
        "max_position_embeddings": 64,
    },
    "funnel": {
        "architectures": ["FunnelModel"],
        "vocab_size": 99,
        "d_model": 32,
        "block_sizes": [1, 1],
        "num_decoder_layers": 1,
        "n_head": 4,
        "d_head": 8,
        "d_inner": 37,
    },
    "gpt_neo": {**IGNORING["gpt_neo"], "window_size": 4},
    "gpt_neox_japanese": {**BERT, "intermediate_multiple_size": 1},
    "ibert": BERT,
    "longt5": {**T5, "local_radius": 3},
    "luke": {**BERT, "entity_vocab_size": 10, "entity_emb_size": 8},
    "mamba": {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2},
    "megatron-bert": BERT,
    "mra": BERT,
    "mvp": BART,
    "openai-gpt": GPT,
    "pegasus_x": {**BART, "block_size": 4, "num_global_tokens": 3},
    "prophetnet": {
        "vocab_size": 99,
        "hidden_size": 32,
        "num_encoder_layers": 2,
        "num_encoder_attention_heads": 4,
        "encoder_ffn_dim": 32,
        "num_decoder_layers": 3,
        "num_decoder_attention_heads": 4,
        "decoder_ffn_dim": 32,
        "max_position_embeddings": 64,
        "decoder_start_token_id": 1,
    },
    "rwkv": {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2},
    "tapas": BERT,
    "visual_bert": {**BERT, "visual_embedding_dim": 16},
    "xglm": {
        "vocab_size": 99,
        "d_model": 32,
        "num_layers": 2,
        "attention_heads": 4,
        "ffn_dim": 37,
        "max_position_embeddings": 64,
    },
    "xlm": {"vocab_size": 99, "emb_dim": 32, "n_layers": 2, "n_heads": 4},
    "yoso": BERT,
}
_OTHER: dict[str, tuple[str, dict[str, Any]]] = {
    "audio-spectrogram-transformer": (
        "spectrogram",
        {
            **{k: v for k, v in VIT.items() if k != "image_size"},
            "patch_size": 4,
            "frequency_stride": 4,
            "time_stride": 4,
            "max_length": 16,
            "num_mel_bins": 8,
        },
    ),
    "beit": ("picture", VIT),
    "chinese_clip_vision_model": ("picture", VIT),
    "clip_vision_model": ("picture", VIT),
    "data2vec-audio": ("sound", SOUND),
    "data2vec-vision": ("picture", VIT),
    "deit": ("picture", VIT),
    "dinov2": ("picture", VIT),
    "dinov2_with_registers": ("picture", VIT),
    "dinov3_vit": ("picture", VIT),
    "hubert": ("sound", SOUND),
    "ijepa": ("picture", VIT),
    "moonshine": (
        "wave",
        {
            "vocab_size": 99,
            "hidden_size": 32,
            "intermediate_size": 37,
            "encoder_num_hidden_layers": 2,
            "decoder_num_hidden_layers": 2,
            "encoder_num_attention_heads": 4,
            "decoder_num_attention_heads": 4,
            "decoder_start_token_id": 1,
        },
    ),
    "siglip_vision_model": ("picture", VIT),
    "speech_to_text": (
        "frames",
        {**SPEECH, "input_channels": 1, "input_feat_per_channel": 8, "conv_channels": 16},
    ),
    "swin": (
        "picture",
        {
            "image_size": 8,
            "patch_size": 1,
            "embed_dim": 16,
            "depths": [1],
            "num_heads": [2],
            "window_size": 4,
        },
    ),
    "unispeech": ("sound", SOUND),
    "vit": ("picture", VIT),
    "vit_mae": ("picture", VIT),
    "vit_msn": ("picture", VIT),
    "vivit": ("film", {**VIT, "num_frames": 2, "tubelet_size": [1, 2, 2]}),
    "wav2vec2": ("sound", SOUND),
    "wavlm": ("sound", SOUND),
    "whisper": ("speech", {**SPEECH, "num_mel_bins": 8}),
}
_ABOUT = {
    "bloom": "ALiBi",
    "deepseek_v32": "learnt top-k indexer",
    "cohere2": "sliding window",
    "exaone4": "sliding window",
    "falcon": "told to use eager attention it does not, and gives wrong maps; here it is made to",
    "gemma2": "sliding window",
    "gemma3_text": "sliding window",
    "glm_moe_dsa": "learnt top-k indexer",
    "jamba": "hybrid: layers of attention alone",
    "led": "window and global tokens",
    "lfm2": "hybrid: layers of attention alone",
    "longformer": "window, and the global tokens that its head chooses",
    "minimax": "hybrid: layers of attention alone",
    "modernbert": "sliding window",
    "ministral": "sliding window",
    "mpt": "ALiBi",
    "nllb-moe": "its router misreads another mask than its own",
    "olmo3": "sliding window",
    "phi3": "sliding window",
    "qwen3_5_text": "hybrid: layers of attention alone",
    "qwen3_next": "hybrid: layers of attention alone",
    "starcoder2": "sliding window",
}

FAMILIES: dict[str, Family] = {
    **{name: Family(name, options, about=_ABOUT.get(name, "")) for name, options in _TEXT.items()},
    **{name: Family(name, options, reads) for name, (reads, options) in _OTHER.items()},
}
