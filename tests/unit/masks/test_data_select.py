"""Masks by rank, threshold, mass and alpha-entmax, against their definitions row by row."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import (
    causal,
    cumulative_mass,
    entmax_support,
    kept,
    threshold,
    top_k,
    top_k_recall,
)
from attn_widgets.masks.data_dependent.entmax import support

if TYPE_CHECKING:
    from attn_widgets.masks.data_dependent.select import Selected


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@st.composite
def score_rows(draw: st.DrawFn) -> np.ndarray:
    """Draw scores with ties and bars, the first key of each row never barred."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    rows, keys = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    scores = rng.normal(size=(rows, keys)) * draw(st.sampled_from([0.0, 0.3, 1.0, 5.0]))
    if draw(st.booleans()):
        scores = np.round(scores, 1)
    barred = rng.random((rows, keys)) < draw(st.sampled_from([0.0, 0.4]))
    barred[:, 0] = False
    return np.where(barred, -np.inf, scores)


def without_own(mask: Selected, scores: np.ndarray) -> np.ndarray:
    return mask.bind_data(scores=scores, cross=True).to_dense()


@settings(max_examples=150, deadline=None)
@given(score_rows(), st.integers(1, 14))
def test_the_top_keys_of_a_row_are_its_largest_and_those_further_left(
    scores: np.ndarray, k: int
) -> None:
    bits = without_own(top_k(k), scores)
    for row, marked in zip(scores, bits, strict=True):
        ranked = sorted(range(len(row)), key=lambda j: (-row[j], j))
        assert set(np.flatnonzero(marked)) == {j for j in ranked[:k] if np.isfinite(row[j])}


@settings(max_examples=150, deadline=None)
@given(score_rows(), st.floats(0.01, 1))
def test_a_threshold_keeps_the_keys_of_that_probability_or_more(
    scores: np.ndarray, t: float
) -> None:
    weights = softmax(scores)
    bits = threshold(t).bind_data(weights=weights, cross=True).to_dense()
    assert np.array_equal(bits, weights >= t)
    assert bits.sum(axis=1).max() <= 1 / t + 1e-9


@settings(max_examples=150, deadline=None)
@given(score_rows(), st.floats(0.01, 1))
def test_the_mass_is_reached_by_no_fewer_keys(scores: np.ndarray, gamma: float) -> None:
    weights = softmax(scores)
    bits = cumulative_mass(gamma).bind_data(weights=weights, cross=True).to_dense()
    for row, marked in zip(weights, bits, strict=True):
        count = int(marked.sum())
        reached = row[marked].sum()
        assert reached >= gamma - 1e-12 or count == (row > 0).sum()
        if count > 1:
            fewer = max(sum(some) for some in itertools.combinations(row, count - 1))
            assert fewer < gamma + 1e-12
        assert not marked[row == 0].any()


def test_the_kept_mass_is_at_least_gamma_in_every_row() -> None:
    weights = softmax(np.random.default_rng(0).normal(size=(40, 40)) * 2)
    for gamma in (0.5, 0.9, 0.99):
        assert (
            kept(weights, cumulative_mass(gamma).bind_data(weights=weights)).min() >= gamma - 1e-6
        )


def test_a_weight_of_just_the_threshold_is_kept() -> None:
    weights = np.array([[0.25, 0.5, 0.125, 0.125]])
    kept_keys = threshold(0.25).bind_data(weights=weights, cross=True).to_dense()
    assert kept_keys.tolist() == [[True, True, False, False]]


def test_a_row_that_sums_to_less_keeps_every_key_it_attends_to() -> None:
    weights = np.array([[0.4, 0.0, 0.2, 0.1]])
    kept_keys = cumulative_mass(0.9).bind_data(weights=weights, cross=True).to_dense()
    assert kept_keys.tolist() == [[True, False, True, True]]


@settings(max_examples=300, deadline=None)
@given(score_rows(), st.floats(1.01, 2))
def test_the_support_of_entmax_meets_its_optimality_conditions(
    scores: np.ndarray, alpha: float
) -> None:
    marked = support(scores, alpha)
    for row, inside in zip((alpha - 1) * scores, marked, strict=True):
        assert inside.any()
        low, high = row.max() - 1, row.max()  # the sum is at least 1 at the one, 0 at the other
        for _ in range(200):
            tau = (low + high) / 2
            total = (np.maximum(row[inside] - tau, 0) ** (1 / (alpha - 1))).sum()
            low, high = (tau, high) if total > 1 else (low, tau)
        assert (row[inside] >= high - 1e-9).all()
        assert (row[~inside] <= low + 1e-9).all()


@settings(max_examples=150, deadline=None)
@given(score_rows())
def test_at_two_it_is_the_support_of_sparsemax(scores: np.ndarray) -> None:
    marked = support(scores, 2)
    for row, inside in zip(scores, marked, strict=True):
        ranked = -np.sort(-row[np.isfinite(row)])
        sums = np.cumsum(ranked) - 1
        size = max(n for n in range(1, len(ranked) + 1) if n * ranked[n - 1] > sums[n - 1] - 1e-12)
        tau = sums[size - 1] / size
        sure = np.abs(row - tau) > 1e-9
        assert np.array_equal(inside[sure], (row > tau)[sure])


@settings(max_examples=100, deadline=None)
@given(score_rows(), st.integers(-50, 50))
def test_a_number_added_to_all_scores_changes_nothing(scores: np.ndarray, shift: int) -> None:
    exact = np.round(scores * 8) / 8
    assert np.array_equal(support(exact, 1.5), support(exact + shift, 1.5))


def test_the_support_shrinks_as_alpha_grows() -> None:
    scores = np.random.default_rng(2).normal(size=(30, 24)) * 4
    sizes = [support(scores, alpha) for alpha in (1, 1.1, 1.25, 1.5, 1.75, 2)]
    for wide, narrow in itertools.pairwise(sizes):
        assert (wide | ~narrow).all()
        assert narrow.sum() < wide.sum()
    assert sizes[0].all()


def test_a_row_where_attention_may_go_nowhere_has_no_support_and_is_no_trouble() -> None:
    scores = np.array([[-np.inf] * 4, [0.0, -np.inf, 0.1, -9.0]])
    for alpha in (1, 1.5, 2):
        assert support(scores, alpha)[0].sum() == 0
        assert support(scores, alpha)[1, [0, 2]].all()
        bound = entmax_support(alpha).bind_data(scores=scores)
        assert bound.rows(0, 1)[0].tolist() == [[0]]
    for mask in (top_k(2), threshold(0.1), cumulative_mass(0.9)):
        assert mask.bind_data(scores=scores).degrees()[0] == 1


def test_half_precision_weights_are_taken_as_they_are() -> None:
    weights = softmax(np.random.default_rng(0).normal(size=(9, 9)) * 3).astype(np.float16)
    bits = top_k(3).bind_data(weights=weights, cross=True).to_dense()
    assert (bits.sum(axis=1) == 3).all()
    assert top_k_recall(weights, top_k(3).bind_data(weights=weights), 3) == 1


def test_causal_attention_gives_causal_masks_without_saying_so() -> None:
    scores = np.where(
        np.tri(12, dtype=bool), np.random.default_rng(0).normal(size=(12, 12)), -np.inf
    )
    for mask in (top_k(5), threshold(0.01), cumulative_mass(0.99), entmax_support(1.5)):
        bound = mask.bind_data(scores=scores)
        assert np.array_equal(
            bound.to_dense(), (mask & causal()).bind_data(scores=scores).to_dense()
        )


@pytest.mark.parametrize("mask", [top_k(2), threshold(0.1), cumulative_mass(0.9)], ids=repr)
def test_every_score_must_be_computed_before_any_is_dropped(mask: Selected) -> None:
    assert mask.scores_computed(10, 30) == 300
    assert mask.sort_steps(10, 30) == 0
