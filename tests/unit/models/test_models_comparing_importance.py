"""Importance of heads, against the library's own models with a head's weights turned by hand."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import transformers
from tiny_families import SEQ2SEQ, SINGLE, TARGET, TEXT, build
from tiny_families import word_tokenizer as words

from attn_widgets.models import ModelRunner, UnsupportedModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedTokenizerFast

TEXTS = ["one two three four five .", "six seven eight nine ten one two three ."]
HEADS, SIZE = 4, 8


@pytest.fixture(scope="module")
def masked_lm(word_tokenizer: PreTrainedTokenizerFast) -> ModelRunner:
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(word_tokenizer),
        hidden_size=HEADS * SIZE,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        intermediate_size=37,
    )
    model = transformers.BertForMaskedLM(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(6)
    return ModelRunner.from_pretrained(model, word_tokenizer)


def body_of(model: torch.nn.Module) -> Any:
    return model.base_model


def turned(model: torch.nn.Module, layer: int, head: int, factor: float) -> torch.nn.Module:
    """Multiply what one head writes, in the weights of a copy in float64."""
    other = copy.deepcopy(model).double()
    dense = body_of(other).encoder.layer[layer].attention.output.dense
    with torch.no_grad():
        dense.weight[:, head * SIZE : (head + 1) * SIZE] *= factor
    return other


def levelled(model: torch.nn.Module, layer: int, head: int) -> torch.nn.Module:
    """Make one head's queries zero, and so its attention uniform, in a copy."""
    other = copy.deepcopy(model)
    query = body_of(other).encoder.layer[layer].attention.self.query
    with torch.no_grad():
        query.weight[head * SIZE : (head + 1) * SIZE] = 0
        query.bias[head * SIZE : (head + 1) * SIZE] = 0
    return other


def said(runner: ModelRunner, model: torch.nn.Module, text: str) -> np.ndarray:
    with torch.no_grad():
        logits = model(**runner.tokenizer(text, return_tensors="pt")).logits[0]
    return torch.log_softmax(logits.double(), dim=-1).numpy()


def direction(runner: ModelRunner, model: torch.nn.Module, text: str) -> np.ndarray:
    with torch.no_grad():
        states = body_of(model)(**runner.tokenizer(text, return_tensors="pt"))[0]
    vector = states[0].double().mean(dim=0).numpy()
    return vector / np.linalg.norm(vector)


def test_gradients_of_answers_are_the_slopes_of_the_loss_when_a_head_is_turned(
    masked_lm: ModelRunner,
) -> None:
    found = masked_lm.head_importance(TEXTS, "gradient", progress=False, batch_size=2)
    step = 1e-4
    for layer, head in np.ndindex(2, HEADS):
        slopes = []
        for text in TEXTS:
            best = said(masked_lm, masked_lm.model, text).argmax(axis=-1)
            up, down = (
                -said(masked_lm, turned(masked_lm.model, layer, head, factor), text)[
                    np.arange(len(best)), best
                ].mean()
                for factor in (1 + step, 1 - step)
            )
            slopes.append(abs(up - down) / (2 * step))
        expected = np.mean(slopes)
        assert found.scores["gradient"][layer, head] == pytest.approx(expected, rel=1e-3, abs=1e-6)
    assert "likeliest answer" in found.loss


def test_gradients_of_the_vector_are_its_slopes_along_random_directions(
    sharp: ModelRunner,
) -> None:
    text = TEXTS[0]
    found = sharp.head_importance([text], "gradient", progress=False)
    drawn = torch.randn((16, 32), generator=torch.Generator().manual_seed(0)).double().numpy()
    step = 1e-4
    for layer, head in np.ndindex(3, HEADS):
        up, down = (
            direction(sharp, turned(sharp.model, layer, head, factor), text)
            for factor in (1 + step, 1 - step)
        )
        expected = np.abs(drawn @ (up - down) / (2 * step)).mean()
        assert found.scores["gradient"][layer, head] == pytest.approx(expected, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("method", ["ablation", "uniform"])
def test_a_head_taken_away_is_measured_by_what_the_vector_or_the_answers_become(
    method: str, masked_lm: ModelRunner
) -> None:
    by_vector = masked_lm.head_importance(TEXTS, method, loss="vector", progress=False)
    by_answers = masked_lm.head_importance(TEXTS, method, progress=False, batch_size=1)
    model = masked_lm.model
    for layer, head in np.ndindex(2, HEADS):
        if method == "uniform":
            other = levelled(model, layer, head)
        else:
            other = turned(model, layer, head, 0.0).float()
        moved, parted = [], []
        for text in TEXTS:
            was, now = (direction(masked_lm, one, text) for one in (model, other))
            moved.append(1 - was @ now)
            before, after = (said(masked_lm, one, text) for one in (model, other))
            parted.append((np.exp(before) * (before - after)).sum(axis=-1).mean())
        assert by_vector.scores[method][layer, head] == pytest.approx(np.mean(moved), abs=1e-6)
        assert by_answers.scores[method][layer, head] == pytest.approx(np.mean(parted), abs=1e-5)


def test_batches_change_nothing(masked_lm: ModelRunner) -> None:
    methods = ("gradient", "ablation")
    for loss in ("vector", "answers"):
        one, both = (
            masked_lm.head_importance(TEXTS, methods, loss=loss, batch_size=n, progress=False)
            for n in (1, 2)
        )
        for method in methods:
            np.testing.assert_allclose(one.scores[method], both.scores[method], atol=1e-5)


@pytest.mark.parametrize("block", [torch.no_grad, torch.inference_mode])
def test_gradients_work_in_any_block_and_leave_none_on_the_model(
    block: Callable[[], Any], sharp: ModelRunner
) -> None:
    expected = sharp.head_importance(TEXTS, "gradient", progress=False)
    with block():
        found = sharp.head_importance(TEXTS, "gradient", progress=False)
    np.testing.assert_array_equal(found.scores["gradient"], expected.scores["gradient"])
    assert all(weight.grad is None for weight in sharp.model.parameters())
    assert torch.is_grad_enabled()


def test_zeroing_and_gradients_agree_on_a_trained_model(demo: ModelRunner) -> None:
    texts = ["The dog chased the cat because it was hungry.", "Stocks fell on Monday."]
    found = demo.head_importance(texts, progress=False)
    assert found.spearman()["gradient", "ablation"] > 0.8


@pytest.mark.parametrize("family", ["albert", "gemma2", "gpt2", "llama", "modernbert", "opt"])
def test_heads_of_other_families_can_be_measured(family: str) -> None:
    runner = ModelRunner.from_pretrained(build(family, SINGLE[family][1]), tokenizer=words())
    found = runner.head_importance([TEXT], progress=False)
    for scores in found.scores.values():
        assert np.isfinite(scores).all()
        assert (scores >= -1e-12).all()
        assert scores.max() > 0


def test_a_stack_with_neither_vector_nor_answers_cannot_be_measured() -> None:
    runner = ModelRunner.from_pretrained(build("t5", SEQ2SEQ["t5"]), tokenizer=words())
    with pytest.raises(UnsupportedModelError, match="gives no vector of a text"):
        runner.head_importance([(TEXT, TARGET)], stack="cross", progress=False)
    assert runner.head_importance([TEXT], "gradient", progress=False).kind == "encoder"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"method": "magic"}, ValueError, "method is"),
        ({"method": ()}, ValueError, "method is"),
        ({"loss": "sum"}, ValueError, "loss is 'sum'"),
        ({"pooling": "max"}, ValueError, "pooling is 'max'"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"texts": []}, ValueError, "no text to measure on"),
        ({"loss": "answers"}, UnsupportedModelError, "use loss='vector'"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    options: dict[str, Any], error: type[Exception], message: str, sharp: ModelRunner
) -> None:
    given = {"texts": TEXTS, "progress": False} | options
    with pytest.raises(error, match=message):
        sharp.head_importance(given.pop("texts"), **given)
