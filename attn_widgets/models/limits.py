"""How long an input a model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_NO_LIMIT = 10**9  # tokenizers without a limit say 1e30


def position_limit(model: torch.nn.Module) -> int | None:
    """Give the number of positions a model has learnt, or None where it has no table of them."""
    config: Any = model.config
    text_config = config.get_text_config()
    declared = getattr(text_config, "max_position_embeddings", None)
    if not isinstance(declared, int) or declared <= 0:
        return None
    # RoBERTa and its kin count positions from just after the padding id
    offsets = [
        module.padding_idx + 1
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Embedding)
        and name.endswith("position_embeddings")
        and module.padding_idx is not None
        and module.num_embeddings == declared
    ]
    return declared - max(offsets, default=0)


def input_limit(model: torch.nn.Module, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """Give the longest input in tokens that both model and tokenizer allow, or None."""
    limits = [position_limit(model), tokenizer.model_max_length]
    given = [limit for limit in limits if limit is not None and limit < _NO_LIMIT]
    return min(given, default=None)
