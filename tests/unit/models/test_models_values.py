"""What a runner measures of messages: what it refuses, what changes do, and no trace left."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers

from attn_widgets import ablate, mute
from attn_widgets.analysis import mixing_ratio
from attn_widgets.models import ModelRunner, UnsupportedModelError, values
from attn_widgets.record import TokenRole

TEXT = "one two three four five six"


class Halved(torch.nn.Module):
    """A gate between the heads and their output weight, as some families have one."""

    def __init__(self, dense):
        super().__init__()
        self.dense = dense

    def forward(self, states):
        return self.dense(states / 2)


class Beside(torch.nn.Module):
    """A second, low-rank path beside the output weight, as adapters add one."""

    def __init__(self, dense):
        super().__init__()
        self.dense = dense
        self.low = torch.nn.Linear(dense.in_features, dense.out_features)

    def forward(self, states):
        return self.dense(states) + self.low(states)


class Doubled(torch.nn.Linear):
    """A linear module that does more than its weight says, as quantised ones do."""

    def forward(self, states):
        return 2 * super().forward(states)


@pytest.fixture
def changed(tiny, word_tokenizer):
    """Build a model whose last layer has another output module."""

    def build(make):
        model = tiny("bert")
        written = model.encoder.layer[2].attention.output
        written.dense = make(written.dense).eval()
        return ModelRunner.from_pretrained(model, word_tokenizer)

    return build


def hooks_of(model):
    return sum(
        len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()
    )


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Halved, "no linear module was given the heads' outputs of layer 2"),
        (Beside, "the heads' outputs go through two modules side by side"),
        (lambda dense: Doubled(dense.in_features, dense.out_features), "layer 2.*does not add up"),
    ],
)
def test_a_model_whose_output_weight_is_not_certain_is_refused_by_name(changed, make, why):
    runner = changed(make)
    before = hooks_of(runner.model)
    with pytest.raises(UnsupportedModelError, match=f"'bert'.*{why}"):
        runner.contributions(TEXT)
    assert hooks_of(runner.model) == before
    assert runner.run(TEXT).shape == (3, 4, 8, 8)


def test_the_weights_are_those_of_a_run_and_the_model_answers_as_before(sharp):
    hooks, before = hooks_of(sharp.model), sharp.outputs(TEXT).hidden
    made = sharp.contributions(TEXT)
    assert np.array_equal(made.record.weights, sharp.run(TEXT, dtype="float32").weights)
    assert np.array_equal(sharp.outputs(TEXT).hidden, before)
    assert hooks_of(sharp.model) == hooks
    assert made.last == "normed"
    assert repr(made).startswith("Contributions(3 layers x 4 heads, 8 x 8 tokens, encoder")


def test_the_values_bias_is_counted_in_and_the_outputs_is_not(tiny, word_tokenizer):
    model = tiny("bert")
    runner = ModelRunner.from_pretrained(model, word_tokenizer)
    before = runner.contributions(TEXT).values[0]
    layer = model.encoder.layer[0].attention
    with torch.no_grad():
        layer.output.dense.bias.add_(3)
    np.testing.assert_array_equal(runner.contributions(TEXT).values[0], before)
    with torch.no_grad():
        layer.self.value.weight.zero_()
        layer.self.value.bias.fill_(1)
    after = runner.contributions(TEXT).values[0]
    output = layer.output.dense.weight.detach().double().reshape(32, 4, 8)
    expected = output.sum(2).norm(dim=0).numpy()
    np.testing.assert_allclose(after, np.repeat(expected[:, None], 8, axis=1), rtol=1e-6)


def test_a_muted_token_says_nothing_and_an_ablated_head_hands_on_nothing(sharp):
    plain = sharp.contributions(TEXT)
    muted = sharp.contributions(TEXT, edits=mute("cls"))
    assert not muted.values[..., 0].any()
    np.testing.assert_array_equal(muted.values[0, :, 1:], plain.values[0, :, 1:])
    cut = sharp.contributions(TEXT, edits=ablate((1, 2)))
    assert not cut.values[1, 2].any()
    np.testing.assert_array_equal(cut.values[:2, :2], plain.values[:2, :2])
    assert cut.difference.max() < 2e-6
    assert cut.record.provenance.mask is not None


def test_a_scaled_residual_is_absent_and_not_wrong(tiny, word_tokenizer):
    sizes = {"num_key_value_heads": 2, "residual_multiplier": 0.5}
    runner = ModelRunner.from_pretrained(tiny("granite", **sizes), word_tokenizer)
    made = runner.contributions(TEXT)
    assert made.last == "summed"
    assert made.residual is made.normed is made.mixed is None
    assert "alone and unscaled" in made.absent["residual"]
    with pytest.raises(ValueError, match="mixing ratio is not defined here: no module"):
        mixing_ratio(made)
    assert made.difference.max() < 2e-6


def test_a_pre_ln_model_has_the_residual_and_says_why_it_has_no_norm(tiny, word_tokenizer):
    runner = ModelRunner.from_pretrained(tiny("gpt2"), word_tokenizer)
    made = runner.contributions(TEXT)
    assert made.last == "residual"
    assert set(made.absent) == {"normed"}
    assert "pre-LN" in made.absent["normed"]
    with pytest.raises(ValueError, match="pre-LN"):
        made.at("normed")
    assert not made.residual[:, ~np.tri(8, dtype=bool)].any()


def test_half_precision_adds_up_to_its_own_rounding(tiny, word_tokenizer):
    runner = ModelRunner.from_pretrained(tiny("bert").to(torch.bfloat16), word_tokenizer)
    made = runner.contributions(TEXT)
    assert made.last == "normed"
    assert made.difference.max() < values.roundings(torch.bfloat16)


def test_one_token_is_all_there_is(tiny, byte_tokenizer):
    runner = ModelRunner.from_pretrained(tiny("gpt2"), byte_tokenizer)
    made = runner.contributions("a", gradient=True)
    assert made.summed.shape == (3, 1, 1)
    assert not made.mixed.round(12).any()


def test_effective_attention_is_asked_for_and_not_given_of_a_decoder(sharp, tiny, word_tokenizer):
    assert sharp.contributions(TEXT).effective is None
    made = sharp.contributions("one two three four five six seven eight nine ten", effective=True)
    assert made.effective.shape == made.record.shape
    assert np.abs(made.effective - made.record.weights).max() > 0.01
    short = sharp.contributions(TEXT, effective=True)
    assert np.array_equal(short.effective, short.record.weights)
    decoder = ModelRunner.from_pretrained(tiny("gpt2"), word_tokenizer)
    with pytest.raises(ValueError, match="not defined here for a decoder"):
        decoder.contributions(TEXT, effective=True)


def test_slopes_are_of_the_vector_where_there_is_no_head_frozen_or_not(tiny, word_tokenizer):
    model = tiny("bert")
    runner = ModelRunner.from_pretrained(model, word_tokenizer)
    made = runner.contributions(TEXT, gradient=True).slopes
    assert "random direction" in made.loss
    assert set(made.by_role()) == {TokenRole.CLS, TokenRole.SEP, TokenRole.WORD}
    model.requires_grad_(requires_grad=False)
    frozen = runner.contributions(TEXT, gradient=True).slopes
    np.testing.assert_allclose(frozen.total, made.total, rtol=1e-5)
    with pytest.raises(UnsupportedModelError, match="gives no answers"):
        runner.contributions(TEXT, gradient=True, loss="answers")
    with pytest.raises(ValueError, match="loss is 'mlm'"):
        runner.contributions(TEXT, gradient=True, loss="mlm")


def test_slopes_of_a_decoder_leave_out_what_a_query_cannot_see(word_tokenizer):
    torch.manual_seed(0)
    config = transformers.GPT2Config(vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=32)
    runner = ModelRunner.from_pretrained(
        transformers.GPT2LMHeadModel(config).eval(), word_tokenizer
    )
    made = runner.contributions(TEXT, gradient=True).slopes
    assert made.pairs[0, 0].tolist() == [8, 7, 6, 5, 4, 3, 2, 1]
    assert np.isfinite(made.total).all()
