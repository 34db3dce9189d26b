"""Readings of a mask over attention already seen, against the plain formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import (
    MaskBindError,
    causal,
    full,
    global_,
    kept,
    local,
    outside,
    renormalised,
    sink,
)
from attn_widgets.masks.measures import readings as readings_module

MASKS = [local(1), local(2) | global_(0), full(), causal(), sink(1) | local(0)]


def attention(seed: int, shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    scores = np.random.default_rng(seed).normal(size=shape) * 2
    weights = np.exp(scores)
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(dtype)


cases = st.tuples(
    st.integers(0, 2**32 - 1),
    st.tuples(*(st.integers(1, 3), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9))),
    st.sampled_from(MASKS),
    st.sampled_from(["float16", "float32", "float64"]),
)


@settings(max_examples=80, deadline=None)
@given(cases)
def test_kept_and_outside_are_sums_over_the_mask(case: tuple) -> None:
    seed, shape, mask, dtype = case
    weights = attention(seed, shape, dtype)
    bound = mask.bind(*shape[-2:])
    inside = bound.to_dense()
    exact = weights.astype("float64")
    assert kept(weights, bound) == pytest.approx((exact * inside).sum(-1), abs=1e-6)
    expected = (exact * ~inside).sum(-1).mean(-1)
    assert outside(weights, bound) == pytest.approx(expected, abs=1e-6)
    assert outside(weights, bound).shape == shape[:2]


@settings(max_examples=80, deadline=None)
@given(cases)
def test_renormalising_costs_minus_the_log_of_what_was_kept(case: tuple) -> None:
    seed, shape, mask, _ = case
    square = (*shape[:2], shape[2], shape[2])
    weights = attention(seed, square, "float64")
    bound = mask.bind(shape[2])
    masked = renormalised(weights, bound).astype("float64")
    assert masked.sum(-1) == pytest.approx(np.ones(square[:3]), abs=1e-6)
    assert (masked[..., ~bound.to_dense()] == 0).all()
    with np.errstate(divide="ignore", invalid="ignore"):
        divergence = np.where(masked > 0, masked * np.log(masked / weights), 0).sum(-1)
    assert divergence == pytest.approx(-np.log(kept(weights, bound)), abs=1e-5)
    distance = abs(masked - weights).sum(-1) / 2
    assert distance == pytest.approx(1 - kept(weights, bound), abs=1e-5)


def test_renormalising_equals_a_softmax_under_the_mask() -> None:
    scores = np.random.default_rng(0).normal(size=(2, 3, 8, 8))
    bound = (local(1) | global_(0)).bind(8)
    dense, masked = (
        np.exp(part) / np.exp(part).sum(-1, keepdims=True)
        for part in (scores, np.where(bound.to_dense(), scores, -np.inf))
    )
    assert renormalised(dense, bound) == pytest.approx(masked, abs=1e-6)


def test_only_the_chosen_queries_are_averaged() -> None:
    weights = attention(1, (2, 2, 6, 6))
    rows = np.array([True, True, False, True, False, False])
    alone = outside(weights[..., rows, :], full().bind(3, 6)) + 0
    assert alone == pytest.approx(np.zeros((2, 2)))
    mass = (weights * ~local(1).bind(6).to_dense()).sum(-1)[..., rows].mean(-1)
    assert outside(weights, local(1).bind(6), rows=rows) == pytest.approx(mass, abs=1e-6)


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4, 5], [True] * 5, [False] * 6])
def test_rows_that_are_not_a_choice_of_queries_are_refused(rows: list) -> None:
    with pytest.raises(MaskBindError, match="rows must be 6 booleans"):
        outside(attention(1, (1, 1, 6, 6)), local(1).bind(6), rows=np.array(rows))


def test_small_chunks_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = attention(3, (2, 2, 9, 9))
    bound = (local(1) | global_(0)).bind(9)
    whole = outside(weights, bound), kept(weights, bound), renormalised(weights, bound)
    monkeypatch.setattr(readings_module, "_CELLS", 20)
    parts = outside(weights, bound), kept(weights, bound), renormalised(weights, bound)
    for one, other in zip(whole, parts, strict=True):
        assert np.array_equal(one, other)


def test_rows_with_nothing_inside_are_refused_or_mended_as_asked() -> None:
    weights = attention(4, (1, 2, 5, 5))
    bound = (local(1) - global_(2)).bind(5)
    with pytest.raises(MaskBindError, match="queries 2 have no attention inside"):
        renormalised(weights, bound)
    own = renormalised(weights, bound, empty="self")
    zero = renormalised(weights, bound, empty="zero")
    assert np.array_equal(own[0, 1, 2], [0, 0, 1, 0, 0])
    assert not zero[0, 1, 2].any()
    assert np.array_equal(np.delete(own, 2, axis=2), np.delete(zero, 2, axis=2))


def test_a_query_beyond_the_keys_cannot_keep_itself() -> None:
    bound = local(0).bind(4, 3)
    weights = attention(5, (1, 1, 4, 3))
    with pytest.raises(MaskBindError, match="queries 3 keep nothing and have no key"):
        renormalised(weights, bound, empty="self")
    assert not renormalised(weights, bound, empty="zero")[0, 0, 3].any()


def test_another_word_for_empty_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="not 'nan'"):
        renormalised(attention(5, (1, 1, 4, 4)), local(0).bind(4), empty="nan")  # type: ignore[arg-type]


@pytest.mark.parametrize("reading", [kept, outside, renormalised])
def test_what_does_not_fit_is_refused(reading: object) -> None:
    weights = attention(6, (1, 1, 4, 4))
    with pytest.raises(MaskBindError, match="bound to 5 queries"):
        reading(weights, local(1).bind(5))  # type: ignore[operator]
    with pytest.raises(MaskBindError, match="real numbers"):
        reading(weights.astype(int), local(1).bind(4))  # type: ignore[operator]
    with pytest.raises(MaskBindError, match="real numbers"):
        reading(weights[0, 0, 0], local(1).bind(4))  # type: ignore[operator]
    weights[0, 0, 1, 1] = np.nan
    with pytest.raises(MaskBindError, match="NaN"):
        reading(weights, local(1).bind(4))  # type: ignore[operator]


def test_half_numbers_are_widened_exactly() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    ordinary = every[np.isfinite(every) & ~np.signbit(every)][None]
    assert np.array_equal(readings_module._single(ordinary), ordinary.astype(np.float32))
    rest = every[np.signbit(every) | ~np.isfinite(every)][None]
    assert np.array_equal(readings_module._single(rest), rest.astype(np.float32), equal_nan=True)
