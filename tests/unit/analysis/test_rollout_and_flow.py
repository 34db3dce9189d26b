"""Where attention leads to over layers: products, and maximum flow against another's search."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets import samples
from attn_widgets.analysis import attention_flow, attention_rollout, rollout_to_special
from attn_widgets.record import AttentionRecord

SEEDS = st.integers(0, 10_000)
RESIDUALS = st.floats(0, 1)


def make(n, seed=0, layers=3, kind="encoder", peaked=0.4, **parts):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(n, peaked), size=(layers, 2, n)) + 1e-9
    if kind == "decoder":
        weights *= np.tri(n)
    weights /= weights.sum(-1, keepdims=True)
    return AttentionRecord.from_arrays(weights, [f"t{i}" for i in range(n)], kind=kind, **parts)


def with_padding(record, places):
    """Put padding that no token looks at before the tokens named."""
    keep = np.insert(np.ones(len(record.tokens), bool), places, values=False)
    n = len(keep)
    weights = np.zeros((*record.shape[:2], n, n), np.float32)
    weights[..., ~keep, 0] = 1
    weights[..., np.ix_(keep, keep)[0], np.ix_(keep, keep)[1]] = record.weights
    roles = ["word" if kept else "pad" for kept in keep]
    return AttentionRecord.from_arrays(weights, ["t"] * n, roles=roles), keep


@given(n=st.integers(1, 8), seed=SEEDS, layers=st.integers(1, 4), residual=RESIDUALS)
def test_rollout_is_the_product_of_mean_attention_with_the_residual(n, seed, layers, residual):
    record = make(n, seed, layers)
    steps = [
        residual * np.eye(n) + (1 - residual) * layer.astype(np.float64).mean(0)
        for layer in record.weights
    ]
    rolled = attention_rollout(record, residual)
    for depth in range(layers):
        expected = np.linalg.multi_dot([*steps[depth::-1], np.eye(n)])
        assert np.allclose(rolled[depth], expected, atol=1e-5)


@given(
    n=st.integers(1, 8),
    seed=SEEDS,
    residual=RESIDUALS,
    kind=st.sampled_from(["encoder", "decoder"]),
)
def test_rows_of_the_rollout_sum_to_one_and_see_nothing_hidden(n, seed, residual, kind):
    rolled = attention_rollout(make(n, seed, kind=kind), residual)
    assert np.allclose(rolled.sum(-1), 1)
    assert (rolled >= 0).all()
    if kind == "decoder":
        assert not np.triu(rolled, 1).any()


@given(n=st.integers(1, 8), seed=SEEDS)
def test_with_the_residual_alone_everything_stays_where_it_is(n, seed):
    record = make(n, seed)
    assert np.array_equal(attention_rollout(record, 1.0), [np.eye(n)] * 3)
    for query in range(n):
        assert attention_flow(record, query, 1.0).tolist() == np.eye(n)[query].tolist()


@given(n=st.integers(1, 6), seed=SEEDS, places=st.lists(st.integers(0, 6), max_size=3))
def test_padding_changes_neither(n, seed, places):
    record = make(n, seed)
    padded, keep = with_padding(record, [p for p in places if p <= n])
    rolled = attention_rollout(padded)
    assert np.allclose(rolled[:, keep][..., keep], attention_rollout(record), atol=1e-6)
    assert not rolled[:, ~keep].any()
    assert not rolled[..., ~keep].any()
    flow = attention_flow(padded, int(np.flatnonzero(keep)[0]))
    assert np.allclose(flow[keep], attention_flow(record, 0), atol=1e-6)
    assert not flow[~keep].any()


@settings(max_examples=25)
@given(
    n=st.integers(1, 6),
    seed=SEEDS,
    layers=st.integers(1, 4),
    residual=st.floats(0, 1),
    peaked=st.sampled_from([0.05, 0.4, 5]),
    kind=st.sampled_from(["encoder", "decoder"]),
)
def test_the_flow_is_the_maximum_that_networkx_finds(n, seed, layers, residual, peaked, kind):
    record = make(n, seed, layers, kind, peaked)
    graph = nx.DiGraph()
    graph.add_nodes_from((level, i) for level in range(layers + 1) for i in range(n))
    for level, layer in enumerate(record.weights):
        mixed = (1 - residual) * layer.astype(np.float64).mean(0) + residual * np.eye(n)
        mixed /= mixed.sum(-1, keepdims=True)
        for i in range(n):
            for j in range(n):
                graph.add_edge((level + 1, i), (level, j), capacity=mixed[i, j])
    query = seed % n
    expected = [nx.maximum_flow_value(graph, (layers, query), (0, key)) for key in range(n)]
    assert attention_flow(record, query, residual) == pytest.approx(expected, abs=1e-6)


@given(n=st.integers(1, 7), seed=SEEDS)
def test_through_one_layer_flows_what_the_layer_holds(n, seed):
    record = make(n, seed, layers=1)
    rolled = attention_rollout(record)[0]
    assert np.allclose([attention_flow(record, query) for query in range(n)], rolled)


@given(n=st.integers(1, 7), seed=SEEDS)
def test_at_least_as_much_flows_as_rolls(n, seed):
    record = make(n, seed)
    rolled = attention_rollout(record)[-1]
    for query in range(n):
        flow = attention_flow(record, query)
        assert (flow >= rolled[query] - 1e-9).all()
        assert (flow <= 1 + 1e-9).all()


def test_the_share_that_leads_to_special_tokens_is_a_mean_over_text():
    record = samples.load("sentence")
    rolled = attention_rollout(record)
    expected = rolled[:, record.content()][..., record.special()].sum(-1).mean(-1)
    assert np.allclose(rollout_to_special(record), expected)


def test_in_the_recorded_model_special_tokens_swallow_more_with_every_layer():
    for name in samples.names():
        shares = rollout_to_special(samples.load(name))
        assert (np.diff(shares) > 0).all()
        assert shares[-1] > 0.4


def test_layers_from_higher_up_roll_from_there_and_missing_layers_are_refused():
    weights = make(4, layers=3).weights
    tokens = make(4).tokens
    upper = AttentionRecord(tokens=tokens, weights=weights[1:], layers=[1, 2])
    assert attention_rollout(upper).shape == (2, 4, 4)
    gap = AttentionRecord(tokens=tokens, weights=weights[[0, 2]], layers=[0, 2])
    for refused in (attention_rollout, lambda r: attention_flow(r, 0), rollout_to_special):
        with pytest.raises(ValueError, match="layers 0, 2: capture those in between"):
            refused(gap)


def test_part_of_a_text_and_two_texts_are_refused():
    weights = np.full((1, 1, 2, 3), 1 / 3)
    cross = AttentionRecord.from_arrays(weights, "ab", key_tokens="abc", kind="cross")
    with pytest.raises(ValueError, match="rollout needs queries and keys of one text"):
        attention_rollout(cross)
    part = AttentionRecord.from_arrays(weights, "bc", key_tokens="abc", kind="decoder")
    with pytest.raises(ValueError, match="2 queries and 3 keys: run the whole text at once"):
        attention_rollout(part)


@pytest.mark.parametrize("residual", [-0.1, 1.1, float("nan")])
def test_a_residual_that_is_no_share_is_refused(residual):
    with pytest.raises(ValueError, match="expected a share from 0 to 1"):
        attention_rollout(make(3), residual)


def test_long_texts_and_strange_queries_have_no_flow():
    with pytest.raises(ValueError, match="attention flow of 65 tokens: at most 64"):
        attention_flow(make(65, layers=1), 0)
    for query in (-1, 3):
        with pytest.raises(IndexError, match=f"no query {query}: this record has queries 0 to 2"):
            attention_flow(make(3), query)
    padded, _ = with_padding(make(3), [0])
    with pytest.raises(ValueError, match="query 0 is padding"):
        attention_flow(padded, 0)
