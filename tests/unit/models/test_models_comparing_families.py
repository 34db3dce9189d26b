"""What `compare` measures in every family, by properties that hold in all of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers
from tiny_families import ENCODERS, SEQ2SEQ, SINGLE, TARGET, TEXT, build, word_tokenizer

from attn_widgets.interventions import Changes
from attn_widgets.masks import full, global_cols, local, per_layer
from attn_widgets.models import ModelRunner, answers

STACKS = [
    *((family, options, None) for family, (_, options) in SINGLE.items()),
    *(
        (f, options, kind)
        for f, options in SEQ2SEQ.items()
        for kind in ("encoder", "decoder", "cross")
    ),
]


@pytest.mark.parametrize(
    ("family", "options", "kind"), STACKS, ids=[f"{f}-{kind or 'only'}" for f, _, kind in STACKS]
)
def test_a_change_of_one_layer_drifts_there_alone_when_forced_and_onwards_when_free(
    family: str, options: dict[str, object], kind: str | None
) -> None:
    runner = ModelRunner.from_pretrained(build(family, options), tokenizer=word_tokenizer())
    text = TEXT if kind in {None, "encoder"} else (TEXT, TARGET)
    narrow = global_cols(0) if kind == "cross" else local(0) | global_cols(0)
    effect = runner.compare(text, Changes((per_layer({1: narrow}),), "self"), stack=kind)
    layers = len(effect.before.layers)
    assert [bool(l1) for l1 in effect.drift.forced_l1] == [n == 1 for n in range(layers)]
    assert [bool(l1) for l1 in effect.drift.free_l1] == [n >= 1 for n in range(layers)]
    assert effect.drift.free_l1[1] == effect.drift.forced_l1[1]
    assert effect.density is not None
    assert (effect.density[1] < 1).all()
    assert (np.delete(effect.density, 1, axis=0) == 1).all()
    assert not effect.moved[0].any()
    assert (effect.vector is None) == (kind in {"decoder", "cross"})
    same = runner.compare(text, full(), stack=kind)
    assert not same.drift.free_l1.any()
    assert not same.moved.any()


@pytest.mark.parametrize(
    "options",
    [
        {"num_hidden_groups": 2, "num_hidden_layers": 4},
        {"inner_group_num": 2, "num_hidden_layers": 2},
        {"num_hidden_groups": 2, "inner_group_num": 2, "num_hidden_layers": 2},
    ],
)
def test_layers_that_are_shared_in_groups_are_told_apart(options: dict[str, int]) -> None:
    model = build("albert", ENCODERS["albert"] | options)
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    drift = runner.compare(TEXT, per_layer({1: local(0)})).drift
    assert [bool(l1) for l1 in drift.forced_l1] == [False, True, False, False]
    assert [bool(l1) for l1 in drift.free_l1] == [False, True, True, True]


@pytest.mark.parametrize("family", ["opt", "gpt2", "gemma2"])
def test_a_head_hides_no_vector(family: str) -> None:
    config = build(family, SINGLE[family][1]).config
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    effect = runner.compare(TEXT, local(0) | global_cols(0), candidates=[TARGET])
    assert effect.vector is not None
    assert effect.kl is not None
    body = ModelRunner.from_pretrained(model.base_model, tokenizer=word_tokenizer())
    alone = body.compare(TEXT, local(0) | global_cols(0), candidates=[TARGET])
    assert alone.vector is not None
    assert alone.vector.cosine == pytest.approx(effect.vector.cosine)
    np.testing.assert_allclose(alone.vector.after, effect.vector.after)


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_a_translator_is_read_in_its_decoder_and_not_in_its_encoder(family: str) -> None:
    config = build(family, SEQ2SEQ[family]).config
    model = transformers.AutoModelForSeq2SeqLM.from_config(config).eval()
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    for kind in ("decoder", "cross"):
        effect = runner.compare((TEXT, TARGET), global_cols(0), stack=kind)
        assert effect.head == "next token"
        assert effect.kl is not None
        assert effect.kl.any()
        assert [one.position for one in effect.predictions] == [len(effect.before.tokens) - 1]
    effect = runner.compare(TEXT, global_cols(0))
    assert (effect.head, effect.kl) == ("not run", None)
    assert effect.vector is not None


def test_a_choice_that_is_ruled_out_adds_nothing_to_the_divergence() -> None:
    before = torch.tensor([[0.0, 1.0, -torch.inf]])
    after = torch.tensor([[1.0, 0.0, -torch.inf]])
    found = answers.divergence(before, after)
    np.testing.assert_allclose(found, answers.divergence(before[:, :2], after[:, :2]))
    assert np.isfinite(found).all()


def test_candidates_need_a_stack_whose_output_is_a_vector_of_the_text() -> None:
    runner = ModelRunner.from_pretrained(build("t5", SEQ2SEQ["t5"]), tokenizer=word_tokenizer())
    with pytest.raises(ValueError, match="no vector of the text"):
        runner.compare((TEXT, TARGET), full(), candidates=[TEXT])
