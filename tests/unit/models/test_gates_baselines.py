"""Rules without learning, which gates are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from attn_widgets.models import ModelRunner
from attn_widgets.models.attention import Inputs
from attn_widgets.models.capture import Call
from attn_widgets.models.gates import baselines, batches
from attn_widgets.models.gates.report import measure_batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedTokenizerFast

PADDING = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])[:, None, None, :]


def call() -> Call:
    drawn = torch.Generator().manual_seed(0)
    query, key = (torch.randn(2, 2, 5, 4, generator=drawn) for _ in range(2))
    return Call("encoder", 1, Inputs(query, key, key, PADDING.expand(2, 1, 5, 5), 0.5))


def test_the_top_share_is_the_largest_weights_of_each_row() -> None:
    given = call()
    scores = given.inputs.query @ given.inputs.key.transpose(2, 3)
    kept = baselines.TopShare(0.4)(given)
    assert (kept[0].sum(-1) == 2).all()
    assert set(kept[1].sum(-1).flatten().tolist()) == {1, 2}
    assert torch.equal(kept[0], scores[0] >= scores[0].topk(2).values[..., -1:])
    assert not kept[1, ..., 3:].any()


def test_a_window_is_measured_by_the_length_of_the_text() -> None:
    window = baselines.Window(0.4, first=False)(call())
    assert window[0, 0].sum(-1).tolist() == [2, 3, 3, 3, 2]
    assert torch.equal(window[1, 0], torch.eye(5, dtype=torch.bool))
    with_first = baselines.Window(0.4, first=True)(call())
    assert with_first[:, :, 0].all()
    assert with_first[..., 0].all()
    assert torch.equal(with_first[..., 1:, 1:], window[..., 1:, 1:])


def test_chance_is_the_same_for_every_run() -> None:
    assert torch.equal(baselines.AtRandom(0.5, 1)(call()), baselines.AtRandom(0.5, 1)(call()))
    assert not torch.equal(baselines.AtRandom(0.5, 1)(call()), baselines.AtRandom(0.5, 2)(call()))


@pytest.mark.parametrize(
    "make",
    [
        baselines.OneThreshold,
        baselines.TopShare,
        lambda share: baselines.AtRandom(share, 0),
        lambda reach: baselines.Window(reach, first=True),
    ],
)
def test_a_rule_is_set_to_a_density(
    tiny: Callable[..., torch.nn.Module],
    word_tokenizer: PreTrainedTokenizerFast,
    make: Callable[[float], baselines.Baseline],
) -> None:
    runner = ModelRunner.from_pretrained(tiny("bert"), word_tokenizer)
    texts = ["one two three four five six seven eight nine ten ." * 1, "two three four five six"]
    given = batches.make(runner, [*texts, *(f"{text} {text}" for text in texts)], 2, 32)
    rule = baselines.tuned(runner, make, given, 0.5)
    assert measure_batches(runner, rule, given).density == pytest.approx(0.5, abs=0.06)
