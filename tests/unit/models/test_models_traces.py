"""A run leaves no trace: whatever happens in it, the model answers as before, bit for bit."""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from attn_widgets.models import ModelRunner, UnsupportedModelError, interface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transformers import PreTrainedTokenizerFast

    Build = Callable[..., torch.nn.Module]

TEXT = "one two three four"
OTHER = "five six seven"


@pytest.fixture(params=["sdpa", "eager"])
def model(request: pytest.FixtureRequest, tiny: Build) -> torch.nn.Module:
    made = tiny()
    made.set_attn_implementation(request.param)
    return made


@pytest.fixture
def runner(model: torch.nn.Module, word_tokenizer: PreTrainedTokenizerFast) -> ModelRunner:
    return ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)


def answer(model: torch.nn.Module) -> torch.Tensor:
    ids = torch.tensor([[1, 5, 6, 7, 2], [1, 8, 2, 0, 0]])
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=(ids > 0).long()).last_hidden_state


@contextlib.contextmanager
def on_second_layer(model: torch.nn.Module, action: Callable[[], object]) -> Iterator[None]:
    handle = model.encoder.layer[1].register_forward_pre_hook(lambda *_: action() and None)
    try:
        yield
    finally:
        handle.remove()


def test_loading_and_running_change_no_answer(
    model: torch.nn.Module, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    before, name = answer(model), model.config._attn_implementation
    state = torch.random.get_rng_state()
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)
    runner.run(TEXT)
    assert torch.equal(answer(model), before)
    assert model.config._attn_implementation == name
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_breaks_off_in_the_middle_changes_no_answer(
    runner: ModelRunner, error: type[BaseException]
) -> None:
    before, name = answer(runner.model), runner.model.config._attn_implementation
    expected = runner.run(TEXT)

    def break_off() -> None:
        raise error

    with on_second_layer(runner.model, break_off), pytest.raises(error):
        runner.run(TEXT)
    assert torch.equal(answer(runner.model), before)
    assert runner.model.config._attn_implementation == name
    assert runner.run(TEXT) == expected


def test_a_run_inside_a_run_disturbs_neither(
    runner: ModelRunner, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    inner_runner = ModelRunner.from_pretrained(runner.model, tokenizer=word_tokenizer)
    outer, inner = runner.run(TEXT), runner.run(OTHER)
    before, name = answer(runner.model), runner.model.config._attn_implementation
    seen: list[object] = []

    def nested() -> None:
        if not seen:
            seen.append(None)
            seen.append(inner_runner.run(OTHER))

    with on_second_layer(runner.model, nested):
        assert runner.run(TEXT) == outer
    assert seen[1] == inner
    assert torch.equal(answer(runner.model), before)
    assert runner.model.config._attn_implementation == name


def test_a_model_called_from_its_own_hook_is_noticed(runner: ModelRunner) -> None:
    calls: list[torch.Tensor] = []

    def again() -> None:
        if not calls:
            calls.append(torch.empty(0))
            calls.append(answer(runner.model))

    with (
        on_second_layer(runner.model, again),
        pytest.raises(UnsupportedModelError, match=r"call 2 came from .*layer\.0"),
    ):
        runner.run(TEXT)


def test_two_runners_on_one_model_in_many_threads_give_what_they_give_alone(
    runner: ModelRunner, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    other = ModelRunner.from_pretrained(runner.model, tokenizer=word_tokenizer)
    expected = {TEXT: runner.run(TEXT), OTHER: runner.run(OTHER)}
    before, name = answer(runner.model), runner.model.config._attn_implementation
    jobs = [(one, text) for one in (runner, other) for text in (TEXT, OTHER)] * 5
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda job: (job[1], job[0].run(job[1])), jobs))
    assert all(record == expected[text] for text, record in results)
    assert torch.equal(answer(runner.model), before)
    assert runner.model.config._attn_implementation == name


def test_another_thread_that_uses_the_model_during_a_run_is_not_recorded(
    runner: ModelRunner,
) -> None:
    expected = runner.run(TEXT)
    before = answer(runner.model)
    seen: list[torch.Tensor] = []

    def elsewhere() -> None:
        if not seen:
            seen.append(before)
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                seen.append(pool.submit(answer, runner.model).result())

    with on_second_layer(runner.model, elsewhere):
        assert runner.run(TEXT) == expected
    assert torch.allclose(seen[1], before, atol=1e-5)


def test_a_model_with_a_head_shares_its_body_without_a_trace(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    import transformers  # noqa: PLC0415 - one class, only here

    whole = transformers.BertForMaskedLM(tiny().config).eval()
    before, name = answer(whole.bert), whole.config._attn_implementation
    one = ModelRunner.from_pretrained(whole, tokenizer=word_tokenizer).run(TEXT)
    two = ModelRunner.from_pretrained(whole.bert, tokenizer=word_tokenizer).run(TEXT)
    np.testing.assert_array_equal(one.weights, two.weights)
    assert torch.equal(answer(whole.bert), before)
    assert whole.config._attn_implementation == name


def test_cached_decoding_under_our_function_equals_the_whole_pass_row_by_row(tiny: Build) -> None:
    decoder = tiny("llama", num_key_value_heads=2)
    ids = torch.tensor([[5, 9, 11, 4, 7, 8]])
    with torch.no_grad(), interface.Switch(decoder).to(interface.NAME):
        whole = decoder(input_ids=ids, output_attentions=True).attentions
        cache = decoder(input_ids=ids[:, :4], use_cache=True).past_key_values
        step = decoder(input_ids=ids[:, 4:5], past_key_values=cache, output_attentions=True)
    for layer, row in zip(whole, step.attentions, strict=True):
        assert row.shape == (1, 4, 1, 5)
        torch.testing.assert_close(row[:, :, 0], layer[:, :, 4, :5])


def test_gradients_flow_through_our_function_as_through_eager(tiny: Build) -> None:
    made = tiny("gemma2", num_key_value_heads=2, head_dim=8)
    ids = torch.tensor([[5, 9, 11, 4]])
    gradients = []
    for name in ("eager", interface.NAME):
        with interface.Switch(made).to(name):
            made.zero_grad()
            made(input_ids=ids).last_hidden_state.square().sum().backward()
        gradients.append([w.grad.clone() for w in made.parameters() if w.grad is not None])
    for ours, eager in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, eager)
