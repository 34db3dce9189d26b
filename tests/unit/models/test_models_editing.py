"""A block in which a model is changed: who is changed by it, and that nothing is left behind."""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import transformers

from attn_widgets.interventions import (
    Changes,
    InterventionError,
    ablate,
    bias,
    mute,
    sink_logit,
    uniform,
)
from attn_widgets.masks import MaskBindError, full, global_cols, local, per_layer
from attn_widgets.models import ModelRunner, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transformers import PreTrainedTokenizerFast

    Build = Callable[..., torch.nn.Module]

TEXT = "one two three four five"
IDS = torch.tensor([[1, 5, 6, 7, 8, 2], [1, 8, 9, 2, 0, 0]])


@pytest.fixture(params=["bert", "albert"])
def runner(
    request: pytest.FixtureRequest, tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> ModelRunner:
    """ALBERT's layers are one module, called again and again."""
    model = tiny(request.param)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(4)
    return ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)


def answer(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=IDS, attention_mask=(IDS > 0).long()).last_hidden_state


@contextlib.contextmanager
def unchanged(model: torch.nn.Module) -> Iterator[torch.Tensor]:
    """Check that a model answers as before, bit for bit, and that no hook or name is left."""
    before, name = answer(model), model.config._attn_implementation
    hooks = [len(module._forward_pre_hooks) for module in model.modules()]
    yield before
    assert torch.equal(answer(model), before)
    assert model.config._attn_implementation == name
    assert [len(module._forward_pre_hooks) for module in model.modules()] == hooks
    assert standing._all() == ()


def test_a_block_changes_every_call_in_it_and_none_after(runner: ModelRunner) -> None:
    rows = IDS > 0
    with unchanged(runner.model) as before:
        with runner.editing(local(1)):
            first, second = answer(runner.model), answer(runner.model)
        assert torch.equal(first, second)
        assert (first - before)[rows].abs().max() > 1e-3
        assert first.isfinite().all()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_in_the_middle_of_a_pass_leaves_no_trace(
    runner: ModelRunner, error: type[BaseException]
) -> None:
    def fail(*_: object) -> None:
        raise error

    dense = next(module for module in runner.model.modules() if hasattr(module, "query")).value
    with unchanged(runner.model):
        handle = dense.register_forward_pre_hook(fail)
        with pytest.raises(error), runner.editing(local(1), ablate((0, 1))):
            answer(runner.model)
        handle.remove()
        with pytest.raises(error), runner.editing(local(1)), runner.editing(uniform()):
            raise error


def test_a_pass_that_fails_in_a_block_does_not_shift_the_next_one(runner: ModelRunner) -> None:
    edits = ablate([(0, 0), (1, 2)])
    calls: list[int] = []

    def fail_on_second(*_: object) -> None:
        calls.append(0)
        if len(calls) == 2:
            raise KeyboardInterrupt

    norms = [module for module in runner.model.modules() if isinstance(module, torch.nn.LayerNorm)]
    with unchanged(runner.model), runner.editing(edits=edits):
        expected = answer(runner.model)
        hooks = [norm.register_forward_pre_hook(fail_on_second) for norm in norms]
        with pytest.raises(KeyboardInterrupt):
            answer(runner.model)
        for hook in hooks:
            hook.remove()
        assert torch.equal(answer(runner.model), expected)


def test_a_mask_that_fits_no_text_fails_in_its_layer_and_leaves_no_trace(
    runner: ModelRunner,
) -> None:
    late = per_layer({1: global_cols(50)})
    with unchanged(runner.model):
        with pytest.raises(MaskBindError, match="token 50 is outside this text of 7 tokens"):
            runner.run(TEXT, mask=late)
        with runner.editing(late), pytest.raises(MaskBindError, match="token 50 is outside"):
            answer(runner.model)
        with runner.editing(late), pytest.raises(MaskBindError, match="token 50 is outside"):
            runner.run_many([TEXT], progress=False)


def test_nested_blocks_keep_what_all_keep_and_end_one_by_one(runner: ModelRunner) -> None:
    with unchanged(runner.model):
        with runner.editing(local(2), ablate((0, 1))):
            outer = answer(runner.model)
            with runner.editing(local(1) | global_cols(0)):
                inner = answer(runner.model)
            assert torch.equal(answer(runner.model), outer)
        with runner.editing(local(2) & (local(1) | global_cols(0)), ablate((0, 1))):
            assert torch.equal(answer(runner.model), inner)
        assert not torch.equal(outer, inner)


def test_a_run_in_a_block_goes_by_it_and_says_so(runner: ModelRunner) -> None:
    whole = Changes.read(local(2), [ablate((0, 1)), local(1)])
    with runner.editing(local(2), ablate((0, 1))):
        record = runner.run(TEXT, mask=local(1), dtype="float32")
        many = runner.run_many([TEXT], mask=local(1), dtype="float32", progress=False)[0]
    assert Changes.from_spec(record.provenance.mask) == whole
    alone = runner.run(TEXT, mask=whole, dtype="float32")
    assert record == alone
    np.testing.assert_array_equal(many.weights, alone.weights)
    assert runner.run(TEXT).provenance.mask is None


def test_what_a_block_says_of_empty_rows_holds_for_the_masks_in_it(runner: ModelRunner) -> None:
    nothing = ~global_cols(0, 1, 2, 3, 4, 5, 6)
    with runner.editing(Changes((nothing,), "zero")):
        record = runner.run(TEXT, mask=local(1))
    assert not record.weights.any()
    assert record.provenance.mask["empty"] == "zero"


def test_two_runners_and_a_head_on_one_body_are_changed_together(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    whole = transformers.BertForMaskedLM(tiny().config).eval()
    one = ModelRunner.from_pretrained(whole, tokenizer=word_tokenizer)
    two = ModelRunner.from_pretrained(whole.bert, tokenizer=word_tokenizer)
    expected = one.run(TEXT, mask=local(1), dtype="float32").weights
    with unchanged(whole.bert):
        for outer, inner in ((one, two), (two, one)):
            with outer.editing(local(1)):
                np.testing.assert_array_equal(inner.run(TEXT, dtype="float32").weights, expected)
                under = answer(whole.bert)
                with inner.editing(full()):
                    assert torch.equal(answer(whole.bert), under)


def test_blocks_of_two_models_do_not_hide_each_other(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    one, two = (
        ModelRunner.from_pretrained(tiny(hidden_act=act), tokenizer=word_tokenizer)
        for act in ("gelu", "relu")
    )
    with one.editing(local(1)):
        expected = answer(one.model)
    with two.editing(uniform()):
        other = answer(two.model)
    with unchanged(one.model), unchanged(two.model), one.editing(local(1)), two.editing(uniform()):
        assert torch.equal(answer(one.model), expected)
        assert torch.equal(answer(two.model), other)
        two.run(TEXT)
        assert torch.equal(answer(one.model), expected)


def test_another_thread_sees_the_model_as_it_is(runner: ModelRunner) -> None:
    with unchanged(runner.model) as before, concurrent.futures.ThreadPoolExecutor(1) as pool:
        with runner.editing(local(1), ablate(layers=0)):
            elsewhere = pool.submit(answer, runner.model).result()
            here = answer(runner.model)
        assert torch.allclose(elsewhere, before, atol=1e-5)
        assert not torch.allclose(here, before, atol=1e-5)


def test_the_model_still_gives_its_attentions_in_a_block(runner: ModelRunner) -> None:
    record = runner.run(TEXT, mask=local(1), dtype="float32")
    given = runner.tokenizer(TEXT, return_tensors="pt")
    with torch.no_grad(), runner.editing(local(1)):
        maps = runner.model(**given, output_attentions=True).attentions
    np.testing.assert_array_equal(torch.cat(maps), record.weights)


def test_names_of_tokens_need_tokens_when_the_model_is_called_alone(runner: ModelRunner) -> None:
    given = runner.tokenizer(TEXT, return_tensors="pt")
    edits = [mute("sep"), bias("cls", by=2), ~global_cols("sep") | local(0)]
    with runner.editing(edits=edits), pytest.raises(InterventionError, match="give tokens="):
        runner.model(**given)
    with runner.editing(edits[2]), pytest.raises(MaskBindError, match="give the tokens"):
        runner.model(**given)
    record = runner.run(TEXT, edits=edits, dtype="float32")
    with torch.no_grad(), runner.editing(edits=edits, tokens=record.tokens):
        maps = runner.model(**given, output_attentions=True).attentions
        np.testing.assert_allclose(torch.cat(maps), record.weights, atol=1e-6)
        with runner.editing(full()):
            runner.model(**given)


def test_a_record_says_when_another_stack_was_changed(
    tiny: Build, piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("t5", d_model=32, num_layers=2, num_heads=4, d_kv=8, decoder_start_token_id=0)
    runner = ModelRunner.from_pretrained(model, tokenizer=piece_tokenizer)
    with runner.editing(edits=ablate(layers=0)):
        record = runner.run("the dogs run.", "the dog")
    assert record.kind == "cross"
    assert record.provenance.mask is None
    assert record.provenance.note == "the encoder ran under ablate(layers=[0])"
    assert runner.run("the dogs run.", "the dog").provenance.note == ""


def test_what_a_model_does_not_have_is_refused_before_anything_runs(runner: ModelRunner) -> None:
    for given, error, message in (
        ({"edits": ablate((3, 0))}, InterventionError, "names layer 3, head 0, but the model has"),
        ({"edits": uniform((0, 4))}, InterventionError, "heads 0 to 3"),
        (
            {"mask": per_layer({7: local(1)})},
            MaskBindError,
            "given to layer 7, but the model has 3",
        ),
        ({"mask": local(1), "stack": "cross"}, ValueError, "stack is 'cross': this model has"),
        ({"mask": "nothing(1)"}, ValueError, "nothing"),
        ({"mask": 3}, InterventionError, "3 is no change"),
        ({"edits": [None]}, InterventionError, "None is no change"),
    ):
        with unchanged(runner.model):
            with pytest.raises(error, match=message):
                runner.run(TEXT, **given)
            with pytest.raises(error, match=message), runner.editing(**given):
                pytest.fail("the block was entered")


def test_a_model_in_training_mode_is_not_changed(runner: ModelRunner) -> None:
    runner.model.train()
    with pytest.raises(ValueError, match=r"training mode.*call model.eval"):
        runner.run(TEXT, mask=local(1))
    with pytest.raises(ValueError, match="training mode"), runner.editing(local(1)):
        pytest.fail("the block was entered")


def test_gradients_flow_through_a_changed_model(runner: ModelRunner) -> None:
    edits = [
        uniform((0, 1)),
        mute(0, heads=(1, 1)),
        bias(1, by=2),
        ablate((2, 0)),
        sink_logit(1.0, heads=(1, 2)),
    ]
    with runner.editing(local(2), edits, tokens=runner.run("one two three four").tokens):
        last = runner.model(input_ids=IDS, attention_mask=(IDS > 0).long())[0]
    last.square().sum().backward()
    slopes = [weight.grad for weight in runner.model.parameters() if weight.grad is not None]
    assert slopes
    assert all(slope.isfinite().all() for slope in slopes)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_models_in_half_precision_stay_finite_under_every_change(
    tiny: Build, byte_tokenizer: PreTrainedTokenizerFast, dtype: torch.dtype
) -> None:
    model = tiny("llama", num_key_value_heads=2).to(dtype)
    runner = ModelRunner.from_pretrained(model, tokenizer=byte_tokenizer)
    edits = [uniform((0, 1)), mute(0), bias(1, by=-1000), bias(2, by=1000), ablate((2, 0))]
    edits += [sink_logit(1000.0, heads=(1, 0)), sink_logit(-1000.0, heads=(1, 1))]
    for empty in ("self", "zero"):
        changes = Changes((~global_cols(0), *edits), empty)
        texts = ["the dog and the cat", "the cat and the dog saw the cat"]
        for record in runner.run_many(texts, mask=changes, progress=False):
            assert np.isfinite(record.weights).all()
            assert record.provenance.dtype == str(dtype).removeprefix("torch.")


@pytest.mark.parametrize("same", [True, False], ids=["one runner", "two runners"])
def test_blocks_that_end_in_another_order_stand_as_long_as_they_last(
    runner: ModelRunner, word_tokenizer: PreTrainedTokenizerFast, *, same: bool
) -> None:
    other = runner if same else ModelRunner.from_pretrained(runner.model, word_tokenizer)
    with unchanged(runner.model):
        with other.editing(edits=uniform()):
            only_second = answer(runner.model)
            alone = runner.run(TEXT)
        first, second = runner.editing(local(1)), other.editing(edits=uniform())
        first.__enter__()
        second.__enter__()
        assert not torch.equal(answer(runner.model), only_second)
        first.__exit__(None, None, None)
        assert torch.equal(answer(runner.model), only_second)
        assert runner.run(TEXT) == alone
        second.__exit__(None, None, None)


def test_a_block_inside_one_that_began_later_and_ended_earlier_is_put_back_last(
    runner: ModelRunner,
) -> None:
    with unchanged(runner.model):
        blocks = [runner.editing(local(width)) for width in (1, 2, 3)]
        for block in blocks:
            block.__enter__()
        for place in (1, 0, 2):
            blocks[place].__exit__(None, None, None)
