"""Tiny random models and tokenizers, made on the spot; and the embedded model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from attn_widgets.models import ModelRunner

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = "one two three four five six seven eight nine ten ."


@pytest.fixture(scope="session")
def demo() -> ModelRunner:
    return ModelRunner.from_pretrained("demo", device="cpu")


@pytest.fixture(scope="session")
def word_tokenizer() -> PreTrainedTokenizerFast:
    """One token per word, [CLS] and [SEP] around them, types 0 and 1 for a pair."""
    special = {
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
        "unk_token": "[UNK]",
    }
    vocabulary = {word: i for i, word in enumerate([*special.values(), *WORDS.split()])}
    whole = Tokenizer(models.WordLevel(vocabulary, special["unk_token"]))
    whole.pre_tokenizer = pre_tokenizers.Whitespace()
    whole.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(tokenizer_object=whole, **special)


@pytest.fixture(scope="session")
def byte_tokenizer() -> PreTrainedTokenizerFast:
    """GPT-2's kind: bytes merged where English is common, one token that begins, ends and pads."""
    whole = Tokenizer(models.BPE())
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    whole.train_from_iterator(["the dog and the cat saw the café"] * 20, trainer)
    end = "<|endoftext|>"
    return PreTrainedTokenizerFast(
        tokenizer_object=whole, bos_token=end, eos_token=end, unk_token=end
    )


@pytest.fixture(scope="session")
def piece_tokenizer() -> PreTrainedTokenizerFast:
    """SentencePiece's kind: words begin with ▁, </s> is put at the end."""
    pieces = ["<pad>", "</s>", "<unk>", "▁", "▁the", "▁dog", "s", ".", "▁run"]
    whole = Tokenizer(models.Unigram([(piece, -float(i)) for i, piece in enumerate(pieces)], 2))
    whole.pre_tokenizer = pre_tokenizers.Metaspace()
    whole.decoder = decoders.Metaspace()
    whole.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=whole, **special)


@pytest.fixture(scope="session")
def tiny() -> Callable[..., torch.nn.Module]:
    """Build a tiny random model of a family."""

    def build(family: str = "bert", **options: object) -> torch.nn.Module:
        torch.manual_seed(0)
        shape = {
            "vocab_size": 300,
            "hidden_size": 32,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "intermediate_size": 37,
            "max_position_embeddings": 32,
        }
        config = transformers.AutoConfig.for_model(family, **(shape | options))
        return transformers.AutoModel.from_config(config).eval()

    return build
