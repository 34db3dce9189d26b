"""Tiny random models and tokenizers, made on the spot, a gate of one, and the embedded model."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from attn_widgets.models import FittedGate, ModelRunner, fit_gate

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


@pytest.fixture(scope="session")
def sharp(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: PreTrainedTokenizerFast
) -> ModelRunner:
    """A tiny model whose attention is not flat: its queries and keys are made larger."""
    model = tiny("bert")
    with torch.no_grad():
        for layer in model.encoder.layer:
            layer.attention.self.query.weight.mul_(5)
            layer.attention.self.key.weight.mul_(5)
    return ModelRunner.from_pretrained(model, word_tokenizer)


@pytest.fixture(scope="session")
def texts() -> Callable[..., list[str]]:
    """Draw texts of 8 to 20 words, the same ones each time."""

    def draw(count: int = 40) -> list[str]:
        drawn = random.Random(0)  # noqa: S311 - texts, no secrets
        return [
            " ".join(drawn.choices(WORDS.split(), k=drawn.randint(8, 20))) for _ in range(count)
        ]

    return draw


class Fit(Protocol):
    """A short training on the drawn texts."""

    def __call__(
        self, runner: ModelRunner, kind: str = "low_rank", steps: int = 25, **options: Any
    ) -> FittedGate:
        """Train."""


@pytest.fixture(scope="session")
def fit(texts: Callable[..., list[str]]) -> Fit:
    def short(
        runner: ModelRunner, kind: str = "low_rank", steps: int = 25, **options: Any
    ) -> FittedGate:
        given = {"target_density": 0.3, "progress": False, "steps": steps} | options
        return fit_gate(runner, texts(), kind=kind, **given)

    return short


@pytest.fixture(scope="session")
def fitted(sharp: ModelRunner, fit: Fit) -> dict[str, FittedGate]:
    """A gate of each kind, trained on the sharp model."""
    return {kind: fit(sharp, kind) for kind in ("low_rank", "threshold")}
