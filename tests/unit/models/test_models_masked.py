"""Runs under a rule, against the plain run and against eager attention with an added mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.models import ModelRunner, masked
from attn_widgets.models.attention import Inputs
from attn_widgets.models.capture import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedTokenizerFast

TEXTS = ["The dog chased the cat because it was hungry.", "She sat on the bank."]
LOWEST = torch.finfo(torch.float32).min


def batch_of(runner: ModelRunner, texts: list[str] = TEXTS) -> dict[str, torch.Tensor]:
    return dict(runner.tokenizer(texts, padding=True, return_tensors="pt"))


def hidden(
    runner: ModelRunner, batch: dict[str, torch.Tensor], rule: masked.Rule | None = None
) -> torch.Tensor:
    with torch.no_grad():
        if rule is None:
            return runner.model.base_model(**batch)[0]
        with masked.masked(runner, rule):
            return runner.model.base_model(**batch)[0]


def call_of(
    queries: int, keys: int, mask: torch.Tensor | None = None, kind: str = "encoder"
) -> Call:
    query, key = torch.zeros(2, 3, queries, 4), torch.zeros(2, 3, keys, 4)
    return Call(kind, 0, Inputs(query, key, key, mask, 1.0))


@pytest.mark.parametrize("keep", [torch.ones(1, dtype=torch.bool), torch.zeros(1), None])
def test_a_rule_that_keeps_all_changes_nothing(
    demo: ModelRunner, keep: torch.Tensor | None
) -> None:
    batch = batch_of(demo)
    rows = batch["attention_mask"].bool()
    with torch.no_grad(), demo._switch.to("eager"):
        plain = demo.model.base_model(**batch)[0]
    under = hidden(demo, batch, lambda _: keep)
    torch.testing.assert_close(under[rows], plain[rows], rtol=0, atol=1e-6)
    torch.testing.assert_close(under[rows], hidden(demo, batch)[rows], rtol=0, atol=1e-5)


def test_a_mask_per_layer_and_head_equals_eager_attention_with_an_added_mask(
    demo: ModelRunner,
) -> None:
    """Layer by layer, the library's own eager attention is given the same mask as floats."""
    batch = batch_of(demo)
    rows = batch["attention_mask"].bool()
    length = rows.shape[1]
    drawn = torch.Generator().manual_seed(3)
    keep = {layer: torch.rand(2, 12, length, length, generator=drawn) < 0.3 for layer in (0, 2, 5)}
    under = hidden(demo, batch, masked.Fixed(keep))
    body = demo.model.base_model
    own = torch.eye(length, dtype=torch.bool)
    padding = batch["attention_mask"].bool()[:, None, None, :]
    hooks = []
    for number, layer in enumerate(body.encoder.layer):
        allowed = padding & (keep[number] | own if number in keep else torch.ones_like(own))
        allowed = torch.where(allowed.any(-1, keepdim=True), allowed, padding)
        added = torch.zeros(allowed.shape).masked_fill(~allowed, LOWEST)

        def give(_: object, args: tuple[object, ...], kwargs: dict[str, object], own_mask=added):
            return args, kwargs | {"attention_mask": own_mask}

        hooks.append(layer.attention.self.register_forward_pre_hook(give, with_kwargs=True))
    before = body.config._attn_implementation
    try:
        demo.model.set_attn_implementation("eager")
        with torch.no_grad():
            expected = body(**batch)[0]
    finally:
        demo.model.set_attn_implementation(before)
        for hook in hooks:
            hook.remove()
    torch.testing.assert_close(under[rows], expected[rows], rtol=0, atol=1e-5)
    assert (under - hidden(demo, batch)).abs().max() > 0.05


def test_a_causal_model_sees_no_more_than_it_did(
    tiny: Callable[..., torch.nn.Module], byte_tokenizer: PreTrainedTokenizerFast
) -> None:
    runner = ModelRunner.from_pretrained(tiny("gpt2"), byte_tokenizer)
    ids = torch.tensor([[3, 4, 5, 6, 7, 8]])
    rule = masked.Fixed({0: torch.ones(6, 6, dtype=torch.bool).tril().flip(0)})
    under = hidden(runner, {"input_ids": ids}, rule)
    other = hidden(runner, {"input_ids": torch.cat([ids[:, :4], ids[:, :2]], 1)}, rule)
    assert torch.equal(under[:, :4], other[:, :4])
    assert not torch.equal(under[:, 4:], other[:, 4:])


def test_cached_decoding_under_a_window_equals_the_whole_run(
    tiny: Callable[..., torch.nn.Module], byte_tokenizer: PreTrainedTokenizerFast
) -> None:
    """A query keeps its own key also where the keys before it are in a cache."""
    runner = ModelRunner.from_pretrained(tiny("gpt2"), byte_tokenizer)
    nothing = torch.zeros(1, dtype=torch.bool)
    ids = torch.tensor([[3, 4, 5, 6]])
    with torch.no_grad(), masked.masked(runner, lambda _: nothing):
        whole = runner.model(input_ids=ids)[0]
        first = runner.model(input_ids=ids[:, :3], use_cache=True)
        last = runner.model(input_ids=ids[:, 3:], past_key_values=first.past_key_values)[0]
    torch.testing.assert_close(last[:, 0], whole[:, 3])


def test_a_model_is_left_as_it_was_also_after_an_error(demo: ModelRunner) -> None:
    batch = batch_of(demo)
    before = demo.model.base_model(**batch)[0]
    named = demo.model.config._attn_implementation

    def fails(_: Call) -> torch.Tensor:
        msg = "on purpose"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="on purpose"):
        hidden(demo, batch, fails)
    assert demo.model.config._attn_implementation == named
    assert torch.equal(demo.model.base_model(**batch)[0], before)


@given(st.integers(1, 5), st.integers(0, 3), st.booleans(), st.integers(0, 99))
@settings(deadline=None)
def test_no_row_of_a_text_is_ever_emptied(
    queries: int,
    cached: int,
    as_floats: bool,  # noqa: FBT001 - drawn by hypothesis
    seed: int,
) -> None:
    keys = queries + cached
    drawn = torch.Generator().manual_seed(seed)
    allowed = torch.rand(2, 1, queries, keys, generator=drawn) < 0.5
    decided = torch.rand(2, 3, queries, keys, generator=drawn) < 0.2
    floats = torch.zeros(allowed.shape).masked_fill(~allowed, LOWEST)
    call = call_of(queries, keys, floats if as_floats else allowed)
    folded = masked.fold(call, decided)
    seen = masked.legal(folded)
    assert seen is not None
    assert not (seen & ~allowed).any()
    kept_own = seen.diagonal(cached, -2, -1)
    assert torch.equal(kept_own, allowed.diagonal(cached, -2, -1).expand_as(kept_own))
    had_own = allowed.diagonal(cached, -2, -1).unsqueeze(-1)
    inside = seen & had_own
    assert not (inside & ~(decided | masked.own_pairs(call))).any()
    assert torch.equal(seen.any(-1), allowed.any(-1).expand(2, 3, queries))


def test_soft_gates_leave_a_querys_own_key_open_and_let_gradients_through() -> None:
    logs = torch.full((2, 3, 4, 4), -2.0, requires_grad=True)
    padding = torch.tensor([[True] * 4, [True, True, False, False]])[:, None, None, :]
    for mask in (None, padding, torch.zeros(padding.shape).masked_fill(~padding, LOWEST)):
        folded = masked.fold(call_of(4, 4, mask), logs)
        assert folded.mask is not None
        assert folded.mask[0].diagonal(dim1=-2, dim2=-1).eq(0).all()
        weights = torch.softmax(folded.mask, dim=-1)
        (slope,) = torch.autograd.grad(weights[..., 0].sum(), logs)
        assert slope.isfinite().all()
        assert slope.abs().sum() > 0
        if mask is not None:
            assert weights[1, :, :2, 2:].max() < 1e-30


def test_cross_attention_is_not_left_without_a_key() -> None:
    call = call_of(2, 3, kind="cross")
    with pytest.raises(ValueError, match="layer 0: query 1 would keep no key"):
        masked.fold(call, torch.tensor([[True, False, False], [False, False, False]]))
    assert not masked.own_pairs(call).any()


def test_a_mask_of_another_shape_is_refused(demo: ModelRunner) -> None:
    with pytest.raises(ValueError, match=r"layer 0: a mask of shape \(3, 3\) does not fit"):
        hidden(demo, batch_of(demo), masked.Fixed({0: torch.ones(3, 3, dtype=torch.bool)}))
    with (
        pytest.raises(ValueError, match="stack is 'cross': this model has 'encoder'"),
        masked.masked(demo, masked.Fixed({}), stack="cross"),
    ):
        pass


def test_the_other_stacks_of_a_model_run_as_they_are(
    tiny: Callable[..., torch.nn.Module], piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny(
        "t5", d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, decoder_start_token_id=0
    )
    runner = ModelRunner.from_pretrained(model, piece_tokenizer)
    batch = {"input_ids": torch.tensor([[4, 5, 6, 1]]), "decoder_input_ids": torch.tensor([[0, 4]])}
    seen: list[str] = []

    def keeps_itself(call: Call) -> torch.Tensor:
        seen.append(call.kind)
        return torch.zeros(1, dtype=torch.bool)

    with torch.no_grad(), masked.masked(runner, keeps_itself, stack="decoder"):
        under = runner.model.base_model(**batch)
    plain = runner.model.base_model(**batch)
    assert seen == ["decoder"] * 2
    assert torch.equal(under.encoder_last_hidden_state, plain.encoder_last_hidden_state)
    assert not torch.equal(under[0], plain[0])
    assert isinstance(model, transformers.T5Model)
