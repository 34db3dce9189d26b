"""Masks laid over a text: closed forms, shares, limits and refusals."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import (
    Mask,
    MaskBindError,
    MaskError,
    causal,
    dilated,
    full,
    global_,
    local,
    sink,
)

sizes = st.integers(1, 700)


@settings(max_examples=60, deadline=None)
@given(sizes, st.data())
def test_counts_follow_the_closed_forms(n: int, data: st.DataObject) -> None:
    w = data.draw(st.integers(0, n - 1), label="w")
    d = data.draw(st.integers(1, max(n // max(w, 1), 1)), label="d")
    left, right = data.draw(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), label="sides")
    g = data.draw(st.integers(1, n), label="g")
    assert full().bind(n).nnz() == n * n
    assert causal().bind(n).nnz() == n * (n + 1) // 2
    assert local(w).bind(n).nnz() == n * (2 * w + 1) - w * (w + 1)
    sides = n * (left + right + 1) - left * (left + 1) // 2 - right * (right + 1) // 2
    assert local(left=left, right=right).bind(n).nnz() == sides
    assert (local(w) & causal()).bind(n).nnz() == n * (w + 1) - w * (w + 1) // 2
    if w * d < n:
        assert dilated(w, d).bind(n).nnz() == n * (2 * w + 1) - d * w * (w + 1)
        one_side = n * (w + 1) - d * w * (w + 1) // 2
        assert (dilated(w, d) & causal()).bind(n).nnz() == one_side
    assert global_(range(g)).bind(n).nnz() == 2 * g * n - g * g
    assert sink(g).bind(n).nnz() == g * n


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 500), st.data())
def test_sinks_with_a_causal_window_follow_the_closed_form(n: int, data: st.DataObject) -> None:
    window = data.draw(st.integers(1, n - 1), label="window")
    sinks = data.draw(st.integers(1, n - window), label="sinks")
    kept = window + sinks
    mask = (sink(sinks) | local(window - 1)) & causal()
    assert mask.bind(n).nnz() == kept * (kept + 1) // 2 + (n - kept) * kept


def test_a_million_tokens_are_counted_without_a_matrix() -> None:
    n = 2**20
    bound = ((local(256) | global_(range(0, n, n // 16))) & causal()).bind(n)
    assert bound.nnz() == 286_220_280
    tile = bound.tile(n // 2 - 256, n // 2 + 256, n // 2 - 256, n // 2 + 256)
    assert tile.sum() == ((local(256) | global_(256)) & causal()).bind(512).nnz()
    assert bound.density() == pytest.approx(2.6e-4, rel=0.01)
    assert bound.density(of="causal") == pytest.approx(5.2e-4, rel=0.01)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 30))
def test_density_names_its_denominator(n_queries: int, n_keys: int, offset: int) -> None:
    mask = local(3) | global_(0)
    bound = mask.bind(n_queries, n_keys, q_offset=offset)
    legal = causal().bind(n_queries, n_keys, q_offset=offset)
    both = (mask & causal()).bind(n_queries, n_keys, q_offset=offset)
    assert bound.density() == bound.nnz() / (n_queries * n_keys)
    assert bound.density(of="causal") == both.nnz() / legal.nnz()
    assert legal.density(of="causal") == 1


def test_another_word_for_a_denominator_is_refused() -> None:
    with pytest.raises(ValueError, match="'pairs' or of 'causal'"):
        local(1).bind(4).density(of="legal")


@pytest.mark.parametrize("n", [1, 7, 8, 9, 64, 513, 1500])
def test_the_digest_is_of_the_bits_row_after_row(n: int) -> None:
    bound = (local(5) | global_(0)).bind(n)
    packed = np.packbits(bound.to_dense().ravel(), bitorder="little")
    assert bound.packed_digest() == hashlib.sha256(packed.tobytes()).hexdigest()


def test_a_dilated_window_wider_than_memory_is_still_counted_row_by_row() -> None:
    n = 3000
    assert dilated(2**31 - 1, 2).bind(n).nnz() == n * n // 2


def test_a_text_shorter_than_its_cache_defaults_to_keys_up_to_the_last_query() -> None:
    bound = causal().bind(3, q_offset=5)
    assert (bound.n_queries, bound.n_keys) == (3, 8)
    assert bound.degrees().tolist() == [6, 7, 8]


def test_a_symbol_that_the_text_lacks_is_refused_with_what_is_there() -> None:
    tokens = [SimpleNamespace(role=role) for role in ("bos", "word", "eos")]
    with pytest.raises(MaskBindError, match=r"'cls'.*there: bos, eos, special"):
        global_("cls").bind(3, tokens=tokens)
    with pytest.raises(MaskBindError, match="give the tokens"):
        (local(1) | ~global_("cls")).bind(3)


def test_an_index_outside_the_text_is_refused_with_the_range() -> None:
    with pytest.raises(MaskBindError, match=r"token 9 .* 3 tokens; use -3 to 2"):
        global_(9).bind(3)


def test_more_special_tokens_than_a_mask_may_list_are_found_by_symbol() -> None:
    n = 5000
    tokens = [SimpleNamespace(role="word")] + [SimpleNamespace(role="pad")] * (n - 1)
    assert global_("pad").bind(n, tokens=tokens).nnz() == n * n - 1


def test_a_mask_far_too_long_is_refused() -> None:
    with pytest.raises(MaskError, match="16777216"):
        full().bind(10**9)


def test_a_matrix_far_too_large_is_refused_unless_the_limit_is_raised() -> None:
    bound = local(1).bind(100)
    with pytest.raises(MaskBindError, match="tile"):
        bound.to_dense(limit=9_999)
    assert bound.to_dense(limit=10_000).shape == bound.to_dense(limit=None).shape == (100, 100)


@pytest.mark.parametrize("span", [(-1, 2), (0, 6), (3, 2)])
def test_rows_and_columns_outside_the_mask_are_refused(span: tuple[int, int]) -> None:
    bound = local(1).bind(5)
    with pytest.raises(MaskError):
        bound.rows(*span)
    with pytest.raises(MaskError):
        bound.tile(0, 5, *span)


def test_a_mask_bound_to_another_length_is_refused_with_the_mend() -> None:
    bound = local(1).bind(5)
    bound.require(5, 5)
    with pytest.raises(MaskBindError, match=r"bind\(6, 7"):
        bound.require(6, 7)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (local(2), "Here 54 of all 144 pairs (37.50%), 3 to 5 keys a row."),
        (full(), "Here 144 of all 144 pairs (100.00%), 12 keys a row."),
        (sink(1) - causal(), "Here 0 of all 144 pairs (0.00%), 0 keys a row, 12 rows keep"),
    ],
)
def test_the_cost_is_said_with_its_denominator(mask: Mask, words: str) -> None:
    assert words in str(mask.bind(12))


def test_bound_masks_are_equal_when_mask_and_text_are() -> None:
    assert (local(1) | sink(2)).bind(5) == (sink(2) | local(1)).bind(5)
    assert local(1).bind(5) != local(1).bind(6)
    assert repr(local(1).bind(5, q_offset=2)) == "(local(1)).bind(5, 7, q_offset=2)"
