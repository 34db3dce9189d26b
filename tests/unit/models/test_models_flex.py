"""Runs on the flex engine, against the recorded ones; its kernel is compiled a few times in all."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import transformers
from torch.nn.attention.flex_attention import create_mask

from attn_widgets.interventions import Changes, InterventionError, ablate, knock_out
from attn_widgets.masks import (
    MaskBindError,
    causal,
    dilated,
    full,
    global_,
    local,
    per_head,
    per_layer,
    sink,
    top_k,
)
from attn_widgets.models import ModelRunner, UnsupportedModelError, attention, flex, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedTokenizerFast

    from attn_widgets.models.engines import Outputs

BY_HEAD = per_head({0: local(3), 2: local(20) | global_("cls")}, default=local(1))

# few intervals a row, so that all share one compiled kernel
MASKS = [
    None,
    local(5),
    local(40) | global_("cls"),
    BY_HEAD,
    per_layer({0: local(2), 2: BY_HEAD}),
    knock_out("sep"),
]


def words(count: int) -> str:
    names = ["one", "two", "three", "four", "five", "six", "seven"]
    return " ".join(names[(i * i + 3) % 7] for i in range(count))


def both(
    runner: ModelRunner, text: str, pair: str | None = None, **options: object
) -> tuple[Outputs, Outputs]:
    """Run on the flex engine and on the recorded one."""
    plain = ModelRunner.from_pretrained(runner.model, runner.tokenizer)
    return runner.outputs(text, pair, **options), plain.outputs(text, pair, **options)


def assert_same(runner: ModelRunner, text: str, pair: str | None = None, **options: object) -> None:
    ours, recorded = both(runner, text, pair, **options)
    assert (ours.engine, recorded.engine) == ("flex", "recorded")
    assert ours.tokens == recorded.tokens
    np.testing.assert_allclose(ours.hidden, recorded.hidden, rtol=0, atol=1e-4)


@pytest.fixture(scope="module")
def encoder(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: PreTrainedTokenizerFast
) -> ModelRunner:
    """A tiny encoder whose attention is not flat."""
    model = tiny("bert", max_position_embeddings=512)
    with torch.no_grad():
        for layer in model.encoder.layer:
            layer.attention.self.query.weight.mul_(8)
            layer.attention.self.key.weight.mul_(8)
    return ModelRunner.from_pretrained(model, word_tokenizer, engine="flex")


@pytest.fixture(scope="module")
def decoder(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: PreTrainedTokenizerFast
) -> ModelRunner:
    """A tiny decoder: causal, heads that share keys, a window of its own, a head for tokens."""
    model = tiny("mistral", num_key_value_heads=2, sliding_window=50, max_position_embeddings=512)
    with torch.no_grad():
        for layer in model.layers:
            layer.self_attn.q_proj.weight.mul_(8)
            layer.self_attn.k_proj.weight.mul_(8)
    whole = transformers.MistralForCausalLM(model.config).eval()
    whole.model = model
    return ModelRunner.from_pretrained(whole, word_tokenizer, engine="flex")


@pytest.mark.parametrize("length", [3, 126, 127, 300])
@pytest.mark.parametrize("mask", MASKS, ids=repr)
def test_an_encoder_gives_what_the_recorded_engine_gives(
    encoder: ModelRunner, mask: object, length: int
) -> None:
    assert_same(encoder, words(length), mask=mask)


@pytest.mark.parametrize("length", [20, 300])
@pytest.mark.parametrize("mask", [None, local(7), BY_HEAD, causal()], ids=repr)
def test_a_decoder_with_its_own_window_and_shared_keys_gives_the_same(
    decoder: ModelRunner, mask: object, length: int
) -> None:
    ours, recorded = both(decoder, words(length), mask=mask)
    np.testing.assert_allclose(ours.hidden, recorded.hidden, rtol=0, atol=1e-4)
    assert ours.logits is not None
    assert recorded.logits is not None
    np.testing.assert_allclose(ours.logits, recorded.logits, rtol=0, atol=1e-4)


def test_a_mask_of_many_runs_of_keys_gives_the_same(encoder: ModelRunner) -> None:
    for length in (50, 200):
        assert_same(encoder, words(length), mask=dilated(6, 3))


def test_a_change_of_masks_is_felt_and_compiles_nothing(encoder: ModelRunner) -> None:
    before = encoder.outputs(words(150), mask=local(4))
    after = encoder.outputs(words(170), mask=local(9) | sink(2))
    again = encoder.outputs(words(150), mask=local(4))
    assert after.compile_seconds == again.compile_seconds == 0.0
    assert np.array_equal(before.hidden, again.hidden)
    plain = encoder.outputs(words(150))
    assert abs(plain.hidden - before.hidden).max() > 0.01


def test_queries_that_keep_nothing_follow_the_policy(encoder: ModelRunner) -> None:
    nobody = local(3) & sink(10)
    with pytest.raises(InterventionError, match=r"query 13 keeps no key .* empty='self'"):
        encoder.outputs(words(150), mask=nobody)
    for empty in ("self", "zero"):
        assert_same(encoder, words(150), mask=Changes((nobody,), empty))


def test_changes_that_stand_hold_for_this_engine_too(encoder: ModelRunner) -> None:
    with encoder.editing(local(2)):
        inside = encoder.outputs(words(150))
        with (
            pytest.raises(InterventionError, match="recorded"),
            encoder.editing(edits=ablate((0, 1))),
        ):
            encoder.outputs(words(150))
    assert np.array_equal(inside.hidden, encoder.outputs(words(150), mask=local(2)).hidden)


def test_what_the_engine_cannot_do_is_refused_and_the_other_engine_named(
    encoder: ModelRunner, decoder: ModelRunner
) -> None:
    with pytest.raises(InterventionError, match=r"ablate.*engine=\"recorded\""):
        encoder.outputs(words(20), edits=ablate((0, 1)))
    with pytest.raises(InterventionError, match=r"decided by data.*engine=\"recorded\""):
        encoder.outputs(words(20), mask=top_k(3))
    with pytest.raises(MaskBindError, match="head 7"):
        encoder.outputs(words(20), mask=per_head({7: local(1)}))
    with pytest.raises(InterventionError, match="keeps no key"):
        decoder.outputs(words(20), mask=~causal())


def test_sinks_are_refused() -> None:
    query = torch.zeros(1, 2, 4, 8)
    given = attention.Inputs(query, query, query, None, 1.0)
    flex._refuse_inputs(given)
    with pytest.raises(UnsupportedModelError, match=r"sinks.*engine=\"recorded\""):
        flex._refuse_inputs(dataclasses.replace(given, sinks=torch.zeros(2)))


def test_a_model_under_the_implementation_alone_is_refused(encoder: ModelRunner) -> None:
    ids = torch.tensor([[1, 5, 6]])
    with (
        encoder._switch.to(flex.NAME),
        pytest.raises(UnsupportedModelError, match="outside a run"),
    ):
        encoder.model(input_ids=ids)


def test_a_run_that_is_refused_leaves_the_model_as_it_was(encoder: ModelRunner) -> None:
    ids = torch.tensor([[1, 5, 6, 7]])
    with torch.no_grad():
        before = encoder.model(input_ids=ids)[0]
        with pytest.raises(InterventionError):
            encoder.outputs(words(20), mask=local(3) & sink(2))
        assert torch.equal(encoder.model(input_ids=ids)[0], before)
    assert encoder.model.config._attn_implementation != flex.NAME


def test_weights_come_from_the_recorded_engine(encoder: ModelRunner) -> None:
    record = encoder.run(words(10), mask=local(2))
    plain = ModelRunner.from_pretrained(encoder.model, encoder.tokenizer)
    assert np.array_equal(record.weights, plain.run(words(10), mask=local(2)).weights)


def test_an_engine_that_does_not_exist_is_refused(encoder: ModelRunner) -> None:
    with pytest.raises(ValueError, match="'recorded' or 'flex'"):
        ModelRunner.from_pretrained(encoder.model, encoder.tokenizer, engine="fast")


def test_outputs_hold_hidden_states_their_mean_and_what_the_head_says(demo: ModelRunner) -> None:
    found = demo.outputs("The dog chased the cat.")
    ids = demo.tokenizer("The dog chased the cat.", return_tensors="pt")
    with torch.no_grad():
        states = demo.model.base_model(**ids)[0][0].numpy()
    np.testing.assert_allclose(found.hidden, states, rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.sentence, states.mean(axis=0), rtol=0, atol=1e-5)
    assert found.hidden.shape[0] == len(found.tokens)
    assert not found.hidden.flags.writeable
    assert found.compile_seconds == 0.0
    assert "engine 'recorded'" in repr(found)


@pytest.mark.parametrize("mask", [full(), local(9), causal() & local(33), dilated(5, 4)], ids=repr)
@pytest.mark.parametrize("length", [5, 128, 300])
def test_the_tables_hold_every_pair_of_the_mask(mask: object, length: int) -> None:
    bounds = tuple(one.bind(length) for one in (mask, local(1), mask))
    blocks = tables.block_mask(bounds, torch.device("cpu"))
    found = create_mask(blocks.mask_mod, 1, 3, *blocks.seq_lengths, device="cpu")[0].numpy()
    assert not found[:, length:].any()
    assert not found[:, :, length:].any()
    for own, bound in zip(found, bounds, strict=True):
        assert np.array_equal(own[:length, :length], bound.to_dense())


def test_the_scores_are_capped_and_biased_as_the_recorded_engine_does() -> None:
    drawn = torch.Generator().manual_seed(0)
    query, key = torch.randn(2, 1, 3, 40, 8, generator=drawn) * 3
    places = torch.meshgrid(torch.arange(3), torch.arange(40), torch.arange(40), indexing="ij")
    head, row, column = places
    given = attention.Inputs(query, key, key, None, 1.0)
    plain = attention.scores(given)[0]
    capped = flex._capped(2.0, query.device)(plain, 0, head, row, column)
    expected = attention.scores(dataclasses.replace(given, softcap=2.0))[0]
    torch.testing.assert_close(capped, expected)
    for heads in (1, 3):
        bias = torch.randn(1, heads, 40, 40, generator=drawn)
        added = flex._biased(bias)(plain, 0, head, row, column)
        expected = attention.scores(dataclasses.replace(given, bias=bias))[0]
        torch.testing.assert_close(added, expected)
