"""What masks do to rows: those decided by a run's own queries and keys, and those left empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.interventions import Changes, InterventionError, knock_out
from attn_widgets.masks import (
    causal,
    cumulative_mass,
    global_cols,
    global_rows,
    local,
    lsh,
    per_head,
    per_layer,
    threshold,
    top_k,
)
from attn_widgets.models import FittedGate, ModelRunner, masked
from attn_widgets.models.attention import Inputs
from attn_widgets.models.capture import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast

    from attn_widgets.masks import Mask
    from attn_widgets.record import AttentionRecord

    Build = Callable[..., torch.nn.Module]

TEXT = "one two three four five six seven"
LOWEST = torch.finfo(torch.float32).min


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def plain(record: AttentionRecord, layer: int, head: int) -> NDArray[np.float64]:
    """Give the weights that a run's own queries and keys would have without the mask."""
    key = record.k[layer, head // record.kv_groups].astype(np.float64)
    scores = record.q[layer, head].astype(np.float64) @ key.T * record.scaling[layer]
    if record.kind == "decoder":
        scores[np.triu_indices(len(scores), 1)] = -np.inf
    return softmax(scores)


def largest(weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    return weights >= np.sort(weights, axis=-1)[:, -2:-1]


OWN_WAYS: dict[str, tuple[Mask, Callable[[NDArray[np.float64]], NDArray[np.bool_]]]] = {
    "top_k": (top_k(2), lambda weights: largest(weights) & (weights > 0)),
    "threshold": (threshold(0.2), lambda weights: weights >= 0.2),
    "both": (top_k(2) & local(2), lambda weights: largest(weights) & near(len(weights), 2)),
    "some heads": (threshold(0.2), lambda weights: weights >= 0.2),
}


def near(length: int, width: int) -> NDArray[np.bool_]:
    return np.abs(np.subtract.outer(range(length), range(length))) <= width


@pytest.fixture(scope="module", params=["bert", "llama"])
def runner(
    request: pytest.FixtureRequest,
    tiny: Build,
    word_tokenizer: PreTrainedTokenizerFast,
) -> ModelRunner:
    options = {"num_key_value_heads": 2} if request.param == "llama" else {}
    model = tiny(request.param, **options)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(4)
    return ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)


@pytest.mark.parametrize("name", OWN_WAYS)
def test_a_mask_by_weights_is_decided_layer_by_layer_on_the_run_itself(
    runner: ModelRunner, name: str
) -> None:
    mask, chosen = OWN_WAYS[name]
    placed = per_layer({(0, 2): per_head({(1, 3): mask})}) if name == "some heads" else mask
    for texts in ([TEXT], [TEXT, "one two"]):
        for record in runner.run_many(texts, mask=placed, dtype="float32", progress=False):
            for layer in range(3):
                for head in range(4):
                    weights = plain(record, layer, head)
                    if name != "some heads" or (layer in (0, 2) and head in (1, 3)):
                        weights = weights * (chosen(weights) | np.eye(len(weights), dtype=bool))
                        weights /= weights.sum(-1, keepdims=True)
                    np.testing.assert_allclose(record.weights[layer, head], weights, atol=2e-5)
    dense = runner.run(TEXT, dtype="float32")
    assert np.abs(dense.q[2] - runner.run(TEXT, mask=mask).q[2]).max() > 1e-3


@pytest.mark.parametrize("mask", [lsh(2, 4), cumulative_mass(0.6) | global_cols(0)])
def test_a_mask_by_queries_and_keys_is_that_of_the_runs_own(
    runner: ModelRunner, mask: Mask
) -> None:
    for record in runner.run_many([TEXT, "one two"], mask=mask, dtype="float32", progress=False):
        for layer in range(3):
            for head in range(4):
                weights = plain(record, layer, head)
                data = {"weights": weights} if "weights" in mask.needs else {}
                bound = mask.bind_data(
                    q=record.q[layer, head],
                    k=record.k[layer, head // record.kv_groups],
                    tokens=record.key_tokens,
                    **data,
                )
                weights = weights * bound.to_dense()
                weights /= weights.sum(-1, keepdims=True)
                np.testing.assert_allclose(record.weights[layer, head], weights, atol=2e-5)


@pytest.mark.parametrize("kind", ["low_rank", "threshold"])
def test_a_trained_gate_as_a_mask_is_the_gate_as_a_rule(
    sharp: ModelRunner, fitted: dict[str, FittedGate], kind: str
) -> None:
    gate = fitted[kind]
    batch = dict(sharp.tokenizer([TEXT, "one two"], padding=True, return_tensors="pt"))
    rows = batch["attention_mask"].bool()
    with torch.no_grad():
        with masked.masked(sharp, gate.rule(sharp)):
            by_rule = sharp.model(**batch)[0]
        with sharp.editing(gate.mask()):
            by_mask = sharp.model(**batch)[0]
    torch.testing.assert_close(by_mask[rows], by_rule[rows], rtol=0, atol=1e-5)


def test_a_mask_by_all_keys_is_refused_where_a_cache_has_let_some_go(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("gemma3_text", num_key_value_heads=2, head_dim=8, sliding_window=4)
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)
    ids = torch.tensor([[1, 5, 6, 7, 8, 9, 2]])
    with torch.no_grad(), runner.editing(top_k(2)):
        first = model(input_ids=ids[:, :6], use_cache=True)
        with pytest.raises(InterventionError, match=r"has let the first 3 go: .*use_cache=False"):
            model(input_ids=ids[:, 6:], past_key_values=first.past_key_values)


def test_a_query_without_a_key_is_named_and_the_mends_work(runner: ModelRunner) -> None:
    mask = per_layer({1: per_head({2: ~global_rows(0)})})
    with pytest.raises(
        InterventionError,
        match=r"layer 1, head 2: query 0 would keep no key .*\(1 such rows in this layer\): "
        r"add \| local\(0\) to the mask, or give Changes\(\(mask,\), empty=\"self\"\)",
    ):
        runner.run(TEXT, mask=mask)
    named = "layer 1, the text 'one two three four five six seven', head 2: query 0"
    with pytest.raises(InterventionError, match=named):
        runner.run_many([TEXT, "one two"], mask=mask, progress=False)
    own = runner.run(TEXT, mask=Changes((mask,), "self"), dtype="float32")
    np.testing.assert_array_equal(own.weights[1, 2, 0], np.eye(len(own.tokens))[0])
    np.testing.assert_array_equal(
        own.weights, runner.run(TEXT, mask=mask | local(0), dtype="float32").weights
    )
    zero = runner.run(TEXT, mask=Changes((mask,), "zero"), dtype="float32")
    assert not zero.weights[1, 2, 0].any()
    np.testing.assert_allclose(zero.weights[1, 2, 1:].sum(-1), 1, atol=1e-6)
    assert zero.sink
    assert not own.sink


def test_padding_is_left_as_it_is_whatever_becomes_of_empty_rows(runner: ModelRunner) -> None:
    only_last = global_cols(-1)
    for empty in ("self", "zero"):
        changes = Changes((only_last & ~global_rows(-1),), empty)
        many = runner.run_many([TEXT, "one"], mask=changes, dtype="float32", progress=False)
        for text, record in zip((TEXT, "one"), many, strict=True):
            alone = runner.run(text, mask=changes, dtype="float32")
            assert np.isfinite(record.weights).all()
            np.testing.assert_allclose(record.weights, alone.weights, atol=2e-6)


@given(
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from(["error", "self", "zero"]),
    st.booleans(),
    st.integers(0, 999),
)
@settings(deadline=None)
def test_no_policy_ever_gives_what_the_model_forbids_or_an_empty_softmax(
    queries: int,
    cached: int,
    empty: str,
    as_floats: bool,  # noqa: FBT001 - drawn by hypothesis
    seed: int,
) -> None:
    keys = queries + cached
    drawn = torch.Generator().manual_seed(seed)
    allowed = torch.rand(2, 1, queries, keys, generator=drawn) < 0.6
    keep = torch.rand(2, 3, queries, keys, generator=drawn) < 0.4
    padding = torch.rand(2, 1, queries, 1, generator=drawn) < 0.3
    floats = torch.zeros(allowed.shape).masked_fill(~allowed, LOWEST)
    query, key = torch.zeros(2, 3, queries, 4), torch.zeros(2, 3, keys, 4)
    call = Call("decoder", 0, Inputs(query, key, key, floats if as_floats else allowed, 1.0))
    own = masked.own_pairs(call)
    wanted = keep & allowed
    bare = ~wanted.any(-1, keepdim=True) & ~padding
    lost = bare & ~(allowed & own).any(-1, keepdim=True)
    if bool((bare if empty == "error" else lost if empty == "self" else torch.zeros(1)).any()):
        with pytest.raises(InterventionError, match="would keep no key"):
            masked.restrict(call, keep, padding, empty)
        return
    made = masked.restrict(call, keep, padding, empty)
    seen = masked.legal(made)
    assert not (seen & ~allowed).any()
    full_rows = wanted.any(-1, keepdim=True)
    assert torch.equal(seen & full_rows, wanted)
    assert torch.equal((seen | ~padding | full_rows), (allowed | ~padding | full_rows))
    if empty == "self":
        assert torch.equal(seen & bare, (own & allowed & bare).expand_as(seen))
    if empty == "zero" and bool(bare.any()):
        assert torch.equal(made.silent, bare)
    else:
        assert made.silent is None


def test_nobody_looks_at_a_knocked_out_token_but_itself(demo: ModelRunner) -> None:
    text = "The dog chased the cat."
    dense = demo.run(text, dtype="float32")
    last = len(dense.tokens) - 1
    others = np.arange(last + 1) != last
    record = demo.run(text, mask=knock_out("sep"), dtype="float32")
    assert not record.weights[:, :, others, last].any()
    assert (record.weights[:, :, last, last] > 0).all()
    np.testing.assert_allclose(record.weights.sum(-1), 1, atol=1e-5)
    kept = np.delete(dense.weights[0], last, axis=-1)[:, others]
    np.testing.assert_allclose(
        np.delete(record.weights[0], last, axis=-1)[:, others],
        kept / kept.sum(-1, keepdims=True),
        atol=1e-5,
    )
    special = demo.run(text, mask=knock_out("special"), dtype="float32").weights
    assert not special[:, :, 1:last, [0, last]].any()
    pair = demo.run(text, mask=knock_out(5, queries=2, heads=(0, 3)), dtype="float32").weights
    gone = np.argwhere(pair[0] == 0)
    assert gone.tolist() == [[3, 2, 5]]
    assert (pair[1:] > 0).all()


def test_a_source_token_is_knocked_out_of_cross_attention(
    tiny: Build, piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("t5", d_model=32, num_layers=2, num_heads=4, d_kv=8, decoder_start_token_id=0)
    runner = ModelRunner.from_pretrained(model, tokenizer=piece_tokenizer)
    pair = ("the dogs run.", "the dog")
    record = runner.run(*pair, mask=knock_out("eos", keep_own=False), dtype="float32")
    assert record.kind == "cross"
    assert not record.weights[..., -1].any()
    assert (record.weights[..., :-1] > 0).all()
    nothing = ~global_cols(*range(len(record.key_tokens)))
    for empty, why in (("error", "model allows \\("), ("self", "no key is its own")):
        with pytest.raises(InterventionError, match=f"layer 0: query 0 would keep no key.*{why}"):
            runner.run(*pair, mask=Changes((nothing,), empty))
    assert not runner.run(*pair, mask=Changes((nothing,), "zero")).weights.any()


def test_a_model_that_computes_nan_is_named_under_a_mask_too(demo: ModelRunner) -> None:
    query = demo.model.encoder.layer[3].attention.self.query
    before = query.bias.detach().clone()
    try:
        with torch.no_grad():
            query.bias[0] = float("nan")
        for mask in (local(2), top_k(2), lsh(2, 4), causal()):
            with pytest.raises(ValueError, match=r"layer 3, head 0.*(NaN|nan)"):
                demo.run(TEXT, mask=mask)
    finally:
        with torch.no_grad():
            query.bias.copy_(before)
    assert np.isfinite(demo.run(TEXT, mask=local(2)).weights).all()
