"""Runs under masks and edits against the library's own eager attention, changed from outside."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import transformers
from eager_edits import Arguments, adding, eager, forbidding, plain
from tiny_families import (
    BERT,
    DECODERS,
    LLAMA,
    LONG,
    SEQ2SEQ,
    SINGLE,
    TARGET,
    TEXT,
    build,
    word_tokenizer,
)

from attn_widgets.interventions import Changes, ablate, bias, knock_out, mute, sink_logit, uniform
from attn_widgets.masks import (
    Assignment,
    Mask,
    full,
    global_cols,
    local,
    per_head,
    per_layer,
    top_k,
)
from attn_widgets.models import ModelRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from eager_edits import Attend

    from attn_widgets.record import Kind

CLOSE = {"rtol": 0.0, "atol": 1e-5}

# What its indexer picks under a mask, and among equals, is decided by rounding.
TIES = {"deepseek_v32"}

# A mask and, said in another way, the pairs it keeps.
PATTERNS: tuple[tuple[Mask, Callable[[int, int], bool]], ...] = (
    (local(1) | global_cols(0), lambda query, key: abs(query - key) <= 1 or key == 0),
    (full(), lambda _query, _key: True),
    (local(0) | global_cols(0), lambda query, key: key in (query, 0)),
    (
        local(2) - global_cols(1) | global_cols(0),
        lambda query, key: key == 0 or (abs(query - key) <= 2 and key != 1),
    ),
)


def pattern(layer: int, head: int) -> int:
    return (layer + head) % len(PATTERNS)


def keep(layer: int, head: int, query: int, key: int) -> bool:
    return PATTERNS[pattern(layer, head)][1](query, key)


def assignment(layers: int, heads: int) -> Assignment:
    """Give each layer and head a mask of its own."""
    return per_layer(
        {
            layer: per_head({head: PATTERNS[pattern(layer, head)][0] for head in range(heads)})
            for layer in range(layers)
        }
    )


def masks_of(runner: ModelRunner, kind: Kind) -> Assignment:
    return assignment(len(runner.stacks[kind].names), runner.stacks[kind].heads)


@functools.cache
def runner_of(family: str) -> ModelRunner:
    options = SINGLE[family][1] if family in SINGLE else SEQ2SEQ[family]
    return ModelRunner.from_pretrained(build(family, options), tokenizer=word_tokenizer())


def batch_of(
    runner: ModelRunner, *texts: str, target: str | None = None
) -> dict[str, torch.Tensor]:
    given = dict(runner.tokenizer(list(texts), padding=True, return_tensors="pt"))
    given.pop("token_type_ids", None)
    if target is not None:
        ids = runner.tokenizer(target)["input_ids"]
        start = runner.model.config.decoder_start_token_id
        given["decoder_input_ids"] = torch.tensor([[start, *ids[:-1]]])
    return given


def hidden(runner: ModelRunner, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    with torch.no_grad():
        return runner.model(**batch)[0]


@pytest.mark.parametrize("family", SINGLE)
def test_a_run_under_a_mask_that_keeps_all_equals_the_plain_run(family: str) -> None:
    runner = runner_of(family)
    dense, under = (runner.run(TEXT, dtype="float32", mask=mask) for mask in (None, full()))
    np.testing.assert_allclose(under.weights, dense.weights, atol=1e-5)
    np.testing.assert_allclose(under.q, dense.q, atol=1e-5)
    batch = batch_of(runner, LONG, TEXT)
    rows = batch["attention_mask"].bool()
    before = hidden(runner, batch)
    with runner.editing(full()):
        torch.testing.assert_close(hidden(runner, batch)[rows], before[rows], **CLOSE)
    assert torch.equal(hidden(runner, batch), before)


@pytest.mark.parametrize("family", SINGLE)
def test_a_mask_per_layer_and_head_equals_eager_with_an_added_mask(family: str) -> None:
    kind = SINGLE[family][0]
    runner = runner_of(family)
    masks = masks_of(runner, kind)
    batch = batch_of(runner, TEXT)
    length = batch["input_ids"].shape[1]
    with eager(runner, kind, forbidding(keep, [(length, length)])) as expected:
        last = hidden(runner, batch)
    with runner.editing(masks):
        torch.testing.assert_close(hidden(runner, batch), last, **CLOSE)
    record = runner.run(TEXT, mask=masks, dtype="float32")
    np.testing.assert_allclose(record.weights, torch.cat(expected), atol=1e-5)
    assert record.provenance.mask["parts"] == [masks.to_spec()]
    assert (last - hidden(runner, batch)).abs().max() > 1e-2


@pytest.mark.parametrize("family", sorted(set(SINGLE) - TIES))
def test_padded_batches_under_a_mask_equal_eager_with_an_added_mask(family: str) -> None:
    kind = SINGLE[family][0]
    runner = runner_of(family)
    masks = masks_of(runner, kind)
    batch = batch_of(runner, LONG, TEXT)
    rows = batch["attention_mask"].bool()
    lengths = [(n, n) for n in rows.sum(-1).tolist()]
    with eager(runner, kind, forbidding(keep, lengths)) as expected:
        last = hidden(runner, batch)
    with runner.editing(masks):
        torch.testing.assert_close(hidden(runner, batch)[rows], last[rows], **CLOSE)
    records = runner.run_many([LONG, TEXT], mask=masks, dtype="float32", progress=False)
    for number, (record, (queries, keys)) in enumerate(zip(records, lengths, strict=True)):
        theirs = torch.stack([layer[number, :, :queries, :keys] for layer in expected])
        np.testing.assert_allclose(record.weights, theirs, atol=1e-5)


@pytest.mark.parametrize("family", SEQ2SEQ)
@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
def test_each_stack_of_an_encoder_decoder_can_be_masked(family: str, kind: Kind) -> None:
    runner = runner_of(family)
    masks = masks_of(runner, kind)
    batch = batch_of(runner, TEXT, target=TARGET)
    sizes = {"encoder": (7, 7), "decoder": (4, 4), "cross": (4, 7)}
    with eager(runner, kind, forbidding(keep, [sizes[kind]])) as expected:
        last = hidden(runner, batch)
    with runner.editing(masks, stack=kind):
        torch.testing.assert_close(hidden(runner, batch), last, **CLOSE)
    pair = None if kind == "encoder" else TARGET
    record = runner.run(TEXT, pair, stack=kind, mask=masks, dtype="float32")
    np.testing.assert_allclose(record.weights, torch.cat(expected), atol=1e-5)
    many = runner.run_many(
        [(LONG, TARGET + " one") if pair else LONG, (TEXT, TARGET) if pair else TEXT],
        stack=kind,
        mask=masks,
        dtype="float32",
        progress=False,
    )
    # the same numbers, added up in another order
    np.testing.assert_allclose(many[1].weights, record.weights, atol=5e-5)
    dense = runner.run(TEXT, pair, stack=kind, dtype="float32")
    under = runner.run(TEXT, pair, stack=kind, mask=full(), dtype="float32")
    np.testing.assert_allclose(under.weights, dense.weights, atol=1e-5)


@pytest.mark.parametrize("family", sorted(set(DECODERS) - TIES))
def test_cached_decoding_under_a_mask_equals_the_whole_pass_row_by_row(family: str) -> None:
    runner = runner_of(family)
    ids = batch_of(runner, LONG)["input_ids"]
    length = ids.shape[1]
    with eager(runner, "decoder", forbidding(keep, [(length, length)])):
        last = hidden(runner, {"input_ids": ids, "use_cache": False})
    with runner.editing(masks_of(runner, "decoder")):
        step = runner.model(input_ids=ids[:, :5], use_cache=True)
        rows = [step[0].detach()]
        for at in range(5, length):
            step = runner.model(
                input_ids=ids[:, at : at + 1], past_key_values=step.past_key_values, use_cache=True
            )
            rows.append(step[0].detach())
    torch.testing.assert_close(torch.cat(rows, dim=1), last, **CLOSE)


@pytest.mark.parametrize("family", ["t5", "bart"])
@pytest.mark.parametrize("kind", ["decoder", "cross"])
def test_cached_decoding_of_a_target_counts_its_positions(family: str, kind: Kind) -> None:
    runner = runner_of(family)
    batch = batch_of(runner, TEXT, target=f"{TARGET} {TARGET}")
    ids = batch["decoder_input_ids"]
    with runner.editing(masks_of(runner, kind), stack=kind):
        last = hidden(runner, batch)
        step = runner.model(**{**batch, "decoder_input_ids": ids[:, :3]}, use_cache=True)
        rows = [step[0].detach()]
        for at in range(3, ids.shape[1]):
            step = runner.model(
                encoder_outputs=(step.encoder_last_hidden_state,),
                decoder_input_ids=ids[:, at : at + 1],
                past_key_values=step.past_key_values,
                use_cache=True,
            )
            rows.append(step[0].detach())
    torch.testing.assert_close(torch.cat(rows, dim=1), last, **CLOSE)


@pytest.mark.parametrize("cache", ["dynamic", "static"])
def test_generated_text_under_a_window_is_what_the_whole_pass_would_write(cache: str) -> None:
    config = transformers.AutoConfig.for_model("llama", **LLAMA)
    torch.manual_seed(3)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(4)
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    prompt = batch_of(runner, TEXT)
    tokens = runner.run(TEXT).tokens
    mask = local(2) | global_cols(0)
    with runner.editing(mask, tokens=tokens):
        made = model.generate(
            **prompt,
            max_new_tokens=8,
            min_new_tokens=8,
            do_sample=False,
            cache_implementation=cache,
            output_logits=True,
            return_dict_in_generate=True,
        )
    ids = made.sequences
    length = ids.shape[1]

    def kept(_layer: int, _head: int, query: int, key: int) -> bool:
        return abs(query - key) <= 2 or key == 0

    with eager(runner, "decoder", forbidding(kept, [(length, length)])):
        logits = hidden(runner, {"input_ids": ids})
    for number, step in enumerate(made.logits):
        torch.testing.assert_close(step[0], logits[0, 6 + number], rtol=0, atol=1e-4)


EDITED = ["bert", "llama", "gemma2", "gpt_oss", "gpt_bigcode", "t5", "albert"]


def edited(
    family: str, change: Callable[[int, Attend, Arguments], tuple[torch.Tensor, torch.Tensor]]
) -> tuple[ModelRunner, torch.Tensor, torch.Tensor]:
    """Run the first stack of a family in eager attention that is changed: runner, last, weights."""
    runner = runner_of(family)
    kind = next(iter(runner.stacks))
    with eager(runner, kind, change) as weights, torch.no_grad():
        last = encoded(runner)
    return runner, last, torch.cat(weights)


def encoded(runner: ModelRunner) -> torch.Tensor:
    with torch.no_grad():
        batch = batch_of(runner, TEXT)
        return (runner.model.encoder if "cross" in runner.stacks else runner.model)(**batch)[0]


def check(runner: ModelRunner, last: torch.Tensor, weights: torch.Tensor, edits: object) -> None:
    tokens = runner.run(TEXT).tokens
    with runner.editing(edits=edits, tokens=tokens):
        torch.testing.assert_close(encoded(runner), last, **CLOSE)
    record = runner.run(TEXT, edits=edits, dtype="float32")
    np.testing.assert_allclose(record.weights, weights, atol=1e-5)
    assert (encoded(runner) - last).abs().max() > 1e-3


# The output projection, from the attention module.
PROJECTIONS = {"albert": "dense", "bert": "../output.dense", "gpt_bigcode": "c_proj", "t5": "o"}


@pytest.mark.parametrize("family", EDITED)
def test_an_ablated_head_writes_nothing_into_the_output_projection(family: str) -> None:
    runner = runner_of(family)
    stack = next(iter(runner.stacks.values()))
    named = dict(runner.model.named_modules())
    edit = ablate([(0, 1), (0, 2)], layers=1)
    gone = {0: (1, 2), 1: range(stack.heads)}
    calls = []

    def silence(_: torch.nn.Module, given: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        layer = len(calls)
        calls.append(layer)
        heads = given[0].clone().unflatten(-1, (stack.heads, -1))
        heads[..., list(gone.get(layer, ())), :] = 0
        return (heads.flatten(-2),)

    hooks = {}
    for name in stack.names:
        path = PROJECTIONS.get(family, "o_proj")
        above = path.startswith("../")
        projection = named[
            f"{name.rpartition('.')[0] if above else name}.{path.removeprefix('../')}"
        ]
        if id(projection) not in hooks:
            hooks[id(projection)] = projection.register_forward_pre_hook(silence)
    try:
        last = encoded(runner)
    finally:
        for hook in hooks.values():
            hook.remove()
    assert len(calls) == len(stack.names)
    with runner.editing(edits=edit):
        torch.testing.assert_close(encoded(runner), last, **CLOSE)
    assert (encoded(runner) - last).abs().max() > 1e-3
    before, after = (runner.run(TEXT, edits=edits, dtype="float32") for edits in ((), edit))
    np.testing.assert_array_equal(after.weights[0], before.weights[0])
    assert after.kv_groups == before.kv_groups


@pytest.mark.parametrize("family", EDITED)
def test_muted_tokens_have_no_value_and_are_looked_at_as_before(family: str) -> None:
    def change(layer: int, own: Attend, given: Arguments) -> tuple[torch.Tensor, torch.Tensor]:
        if layer == 1:
            given.value = given.value.clone()
            given.value[:, :, [0, 3]] = 0
        return plain(own, given)

    check(*edited(family, change), mute(0, 3, layers=1))


def test_tokens_are_muted_for_single_heads_that_share_a_key_head() -> None:
    def change(layer: int, own: Attend, given: Arguments) -> tuple[torch.Tensor, torch.Tensor]:
        output, weights = plain(own, given)
        if layer == 0:
            value = given.value[:, 2 // given.module.num_key_value_groups, [0, 3]]
            output[:, :, 2] -= weights[:, 2, :, [0, 3]] @ value
        return output, weights

    check(*edited("llama", change), mute(0, 3, heads=(0, 2)))


@pytest.mark.parametrize("family", EDITED)
def test_a_bias_equals_eager_with_an_added_column(family: str) -> None:
    def added(layer: int, shape: torch.Size) -> torch.Tensor:
        floats = torch.zeros(shape)
        floats[:, 1, :, 2] += 1.5 if layer == 0 else 0
        floats[..., 1] -= 3 if layer == 1 else 0
        return floats

    edits = [bias(2, by=1.5, heads=(0, 1)), bias(1, by=-3, layers=1)]
    check(*edited(family, adding(added)), edits)


@pytest.mark.parametrize("family", EDITED)
def test_uniform_heads_give_all_allowed_keys_the_same(family: str) -> None:
    def change(layer: int, own: Attend, given: Arguments) -> tuple[torch.Tensor, torch.Tensor]:
        output, weights = plain(own, given)
        if layer != 0:
            return output, weights
        queries, keys = weights.shape[2:]
        allowed = torch.ones(queries, keys)
        if given.mask is not None:
            allowed = (given.mask[0, 0].expand(queries, keys) > -1).float()
        flat = allowed / allowed.sum(-1, keepdim=True)
        groups = weights.shape[1] // given.value.shape[1]
        output, weights = output.clone(), weights.clone()
        for head in (0, 3):
            weights[:, head] = flat
            output[:, :, head] = flat @ given.value[:, head // groups]
        return output, weights

    check(*edited(family, change), uniform([(0, 0), (0, 3)]))


@pytest.mark.parametrize("family", ["bert", "albert", "llama", "gpt_oss"])
def test_a_sink_logit_adds_its_exponential_to_the_denominator(family: str) -> None:
    logits = {(0, 1): 0.0, (1, 0): 2.0, (1, 1): 2.0, (1, 2): 2.0, (1, 3): 2.0}

    def change(layer: int, own: Attend, given: Arguments) -> tuple[torch.Tensor, torch.Tensor]:
        output, weights = plain(own, given)
        output, weights = output.clone(), weights.clone()
        groups = given.query.shape[1] // given.key.shape[1]
        learned = given.named.get("s_aux")
        for head in range(weights.shape[1]):
            if (layer, head) not in logits:
                continue
            key, value = (one[:, head // groups] for one in (given.key, given.value))
            scores = given.query[:, head] @ key.transpose(1, 2) * given.named["scaling"]
            if given.mask is not None:
                scores = scores + given.mask[:, 0]
            spent = math.exp(logits[layer, head])
            spent += 0.0 if learned is None else learned[head].exp()
            weights[:, head] = scores.exp() / (spent + scores.exp().sum(-1, keepdim=True))
            output[:, :, head] = weights[:, head] @ value
        return output, weights

    check(*edited(family, change), [sink_logit(heads=(0, 1)), sink_logit(2.0, layers=1)])


def test_a_sink_logit_of_zero_is_softmax_with_a_key_and_a_value_of_zeros() -> None:
    runner = runner_of("bert")
    record = runner.run(TEXT, edits=sink_logit(), dtype="float32")
    layer = runner.model.encoder.layer[0].attention
    parts = [getattr(layer.self, name) for name in ("query", "key", "value")]
    with torch.no_grad():
        states = runner.model.embeddings(batch_of(runner, TEXT)["input_ids"]).transpose(0, 1)
        mixed, weights = torch.nn.functional.multi_head_attention_forward(
            *(states, states, states),
            embed_dim_to_check=states.shape[-1],
            num_heads=layer.self.num_attention_heads,
            in_proj_weight=torch.cat([one.weight for one in parts]),
            in_proj_bias=torch.cat([one.bias for one in parts]),
            bias_k=None,
            bias_v=None,
            add_zero_attn=True,
            dropout_p=0.0,
            out_proj_weight=layer.output.dense.weight,
            out_proj_bias=layer.output.dense.bias,
            training=False,
            average_attn_weights=False,
        )
        with runner.editing(edits=sink_logit()):
            ours = layer.self(states.transpose(0, 1))[0]
    np.testing.assert_allclose(record.weights[0], weights[0, ..., :-1], atol=1e-6)
    torch.testing.assert_close(layer.output.dense(ours)[0], mixed[:, 0], **CLOSE)


def test_a_sink_logit_shrinks_each_row_of_its_layer_by_one_factor_and_touches_no_other() -> None:
    runner = runner_of("bert")
    dense = runner.run(TEXT, dtype="float32")
    for logit in (-1000.0, 0.0, 3.0):
        record = runner.run(TEXT, edits=sink_logit(logit, heads=(0, 1)), dtype="float32")
        left = record.weights.sum(-1, keepdims=True)
        rows = record.weights[0] / left[0]
        np.testing.assert_allclose(rows, dense.weights[0], atol=1e-6)
        np.testing.assert_allclose(left[0, [0, 2, 3]], 1, atol=1e-6)
        np.testing.assert_allclose(left[1:], 1, atol=1e-6)
        assert (left[0, 1] < 1 - 1e-3).all() == (logit >= 0)
    assert record.sink
    silent = runner.run(TEXT, edits=sink_logit(1000.0), dtype="float32")
    assert not silent.weights.any()


def test_a_sink_logit_takes_the_weight_of_a_token_that_is_blocked() -> None:
    runner = runner_of("bert")
    tokens = runner.run(TEXT).tokens
    silenced = Changes((knock_out(0, keep_own=False), sink_logit(1000.0)))
    with runner.editing(silenced, tokens=tokens):
        nothing = encoded(runner)
    with runner.editing(edits=ablate(layers=range(len(runner.stacks["encoder"].names)))):
        torch.testing.assert_close(nothing, encoded(runner), **CLOSE)


def test_a_mask_comes_before_the_edits_wherever_it_is_written() -> None:
    runner = ModelRunner.from_pretrained(build("bert", BERT), tokenizer=word_tokenizer())
    record = runner.run(TEXT, edits=[uniform(), local(1)], dtype="float32")
    width = np.array([2, 3, 3, 3, 3, 3, 2])[:, None]
    band = np.abs(np.subtract.outer(range(7), range(7))) <= 1
    np.testing.assert_allclose(record.weights - band / width, 0, atol=1e-6)
    chosen = runner.run(TEXT, mask=top_k(1) & local(1), edits=uniform(), dtype="float32")
    assert set(np.unique(chosen.weights.round(4))) <= {0.0, 0.5, 1.0}


@pytest.mark.parametrize("family", ["gpt2", "gemma2", "gemma3_text"])
def test_several_tokens_at_a_time_go_by_their_own_positions(family: str) -> None:
    runner = runner_of(family)
    ids = batch_of(runner, LONG)["input_ids"]
    with runner.editing(masks_of(runner, "decoder")):
        last = hidden(runner, {"input_ids": ids, "use_cache": False})
        first = runner.model(input_ids=ids[:, :9], use_cache=True)
        rest = runner.model(input_ids=ids[:, 9:], past_key_values=first.past_key_values)
    torch.testing.assert_close(rest[0].detach(), last[:, 9:], **CLOSE)


@pytest.mark.parametrize("family", ["llama", "gemma3_text"])
def test_named_tokens_keep_their_places_in_a_cache_that_lets_keys_go(family: str) -> None:
    runner = runner_of(family)
    ids = batch_of(runner, LONG)["input_ids"]
    edits = [mute(0, 8), bias(7, by=2), bias(10, by=-2, heads=(1, 1))]
    with runner.editing(edits=edits, tokens=runner.run(LONG).tokens):
        last = hidden(runner, {"input_ids": ids, "use_cache": False})
        first = runner.model(input_ids=ids[:, :9], use_cache=True)
        rest = runner.model(input_ids=ids[:, 9:12], past_key_values=first.past_key_values)
    torch.testing.assert_close(rest[0].detach(), last[:, 9:12], **CLOSE)
    assert (hidden(runner, {"input_ids": ids, "use_cache": False}) - last).abs().max() > 1e-3
