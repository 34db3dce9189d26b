"""How alike heads are: against scipy, and by what a distance must be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon, pdist, squareform

from attn_widgets import samples
from attn_widgets.analysis import head_divergences, head_map
from attn_widgets.record import AttentionRecord

SEEDS = st.integers(0, 10_000)


def make(n, seed=0, layers=2, heads=3, queries=None, peaked=0.3):
    rows = n if queries is None else queries
    weights = np.random.default_rng(seed).dirichlet(np.full(n, peaked), size=(layers, heads, rows))
    kind = "encoder" if queries is None else "cross"
    return AttentionRecord.from_arrays(weights, ["q"] * rows, key_tokens=["k"] * n, kind=kind)


@given(n=st.integers(1, 9), seed=SEEDS, queries=st.integers(1, 5))
def test_divergences_are_the_mean_over_queries_of_scipys(n, seed, queries):
    record = make(n, seed, queries=queries)
    rows = record.weights.astype(np.float64).reshape(6, queries, n)
    rows /= rows.sum(-1, keepdims=True)
    expected = [[np.mean(jensenshannon(a, b, axis=-1) ** 2) for b in rows] for a in rows]
    assert np.allclose(head_divergences(record), expected, atol=1e-9)


@settings(max_examples=25)
@given(n=st.integers(2, 40), seed=SEEDS, peaked=st.sampled_from([0.02, 1, 20]))
def test_divergences_are_those_of_a_euclidean_distance_squared(n, seed, peaked):
    divergences = head_divergences(make(n, seed, peaked=peaked))
    assert np.array_equal(divergences, divergences.T)
    assert not np.diag(divergences).any()
    assert (divergences >= 0).all()
    assert (divergences <= np.log(2) + 1e-12).all()
    centring = np.eye(6) - 1 / 6
    assert np.linalg.eigvalsh(-centring @ divergences @ centring).min() > -1e-9


@given(n=st.integers(1, 9), seed=SEEDS, order=st.permutations(range(3)))
def test_heads_in_another_order_have_the_same_distances_in_that_order(n, seed, order):
    record = make(n, seed, layers=1)
    turned = AttentionRecord(tokens=record.tokens, weights=record.weights[:, order])
    assert np.allclose(
        head_divergences(record)[np.ix_(order, order)], head_divergences(turned), atol=1e-12
    )


@given(n=st.integers(1, 9), seed=SEEDS)
def test_heads_that_are_the_same_are_nothing_apart(n, seed):
    weights = make(n, seed, heads=1).weights[:1]
    record = AttentionRecord.from_arrays(np.repeat(weights, 3, axis=1), ["w"] * n)
    assert np.allclose(head_divergences(record), 0, atol=1e-12)


def test_heads_that_share_no_key_are_ln_2_apart():
    weights = np.zeros((1, 2, 3, 4))
    weights[0, 0, :, 0] = weights[0, 1, :, 3] = 1
    record = AttentionRecord.from_arrays(
        weights, list("abc"), key_tokens=list("vwxy"), kind="cross"
    )
    assert head_divergences(record)[0, 1] == pytest.approx(np.log(2))


def test_smoothing_and_a_sum_over_all_queries_give_the_published_figure():
    """As the script of Clark et al. 2019 computes it, written anew from its description."""
    record = samples.load("sentence")
    maps = record.weights.astype(np.float64).reshape(72, 8, 8)
    maps /= maps.sum(-1, keepdims=True)
    smooth = 0.999 * maps + 0.001 / 8
    middle = (smooth[5] + smooth) / 2
    apart = (smooth[5] * np.log(smooth[5] / middle) + smooth * np.log(smooth / middle)) / 2
    ours = head_divergences(record, "all", smoothing=0.001)[5] * 8
    assert np.allclose(ours, apart.sum(axis=(1, 2)), atol=1e-9)


@given(seed=SEEDS, count=st.integers(1, 9))
def test_points_of_a_plane_are_laid_out_at_their_own_distances(seed, count):
    points = np.random.default_rng(seed).normal(size=(count, 2))
    apart = squareform(pdist(points))
    layout = head_map(apart**2)
    assert np.allclose(squareform(pdist(layout.points)), apart, atol=1e-6)
    assert layout.kept == pytest.approx(1)
    assert np.allclose(layout.points.mean(axis=0), 0, atol=1e-9)


def test_a_map_of_what_is_all_alike_is_one_point():
    layout = head_map(np.zeros((4, 4)))
    assert not layout.points.any()
    assert layout.kept == 1


def test_a_map_of_a_model_says_how_much_it_flattens_and_is_the_same_each_time():
    record = samples.load("pair")
    layout = head_map(head_divergences(record))
    again = head_map(head_divergences(record))
    assert np.array_equal(layout.points, again.points)
    assert layout.points.shape == (72, 2)
    assert 0 < layout.kept < 1
    assert repr(layout) == f"HeadMap(72 heads, {layout.kept:.0%} of their spread shown)"


@pytest.mark.parametrize(
    "matrix", [np.zeros((2, 3)), np.zeros(4), np.array([[0, 1], [2, 0]]), np.ones((2, 2))]
)
def test_what_is_no_matrix_of_distances_is_refused(matrix):
    with pytest.raises(ValueError, match="expected a symmetric matrix with zeros"):
        head_map(matrix)


def test_smoothing_beyond_one_is_refused():
    with pytest.raises(ValueError, match=r"smoothing is 2: expected a share from 0 to 1"):
        head_divergences(make(3), smoothing=2)
