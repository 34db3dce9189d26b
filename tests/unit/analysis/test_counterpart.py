"""Two records laid over each other: matched by words, measured head by head, or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets import AttentionRecord, ModelRunner, local
from attn_widgets.analysis.counterpart import counterpart, moved


def make(tokens, seed=0, layers=2, heads=3, roles=None):
    n = len(tokens)
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(layers, heads, n))
    roles = roles or ["cls" if t == "[CLS]" else "word" for t in tokens]
    return AttentionRecord.from_arrays(weights.astype(np.float32), tokens, roles=roles)


WORDS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=8)


@given(WORDS, st.integers(0, 9))
def test_a_record_is_its_own_counterpart_and_has_moved_nowhere(words, seed):
    record = make(words, seed)
    other = counterpart(record, record)
    assert other.whole
    np.testing.assert_array_equal(other.weights, record.weights)
    assert not moved(record, other).any()


@given(WORDS, st.integers(0, 9))
def test_with_the_same_tokens_it_is_half_the_summed_difference(words, seed):
    first, second = make(words, seed), make(words, seed + 1)
    by_hand = [
        [
            np.mean([abs(a - b).sum() / 2 for a, b in zip(one, two, strict=True)])
            for one, two in zip(heads, others, strict=True)
        ]
        for heads, others in zip(
            first.weights.astype(float), second.weights.astype(float), strict=True
        )
    ]
    found = moved(first, counterpart(first, second))
    np.testing.assert_allclose(found, by_hand, atol=1e-6)
    assert (found <= 1 + 1e-6).all()


@given(WORDS, WORDS, st.integers(0, 9))
def test_every_pair_that_is_matched_has_the_second_records_own_weight(one, two, seed):
    first, second = make(["[CLS]", *one], seed), make(["[CLS]", *two], seed + 1)
    if not set(one) & set(two):
        with pytest.raises(ValueError, match="no word in common"):
            counterpart(first, second)
        return
    other = counterpart(first, second)
    assert other.weights.shape == first.shape
    for i, q in enumerate(other.queries):
        for j, k in enumerate(other.keys):
            expected = second.weights[:, :, q, k] if q >= 0 and k >= 0 else 0
            np.testing.assert_array_equal(other.weights[:, :, i, j], expected)
        if q >= 0:
            assert first.tokens[i].text == second.tokens[q].text
    assert (np.diff(other.queries[other.queries >= 0]) > 0).all()


def test_a_token_that_only_one_record_has_counts_in_full():
    first, second = (
        AttentionRecord.from_arrays(np.full((1, 1, n, n), 1 / n, np.float32), list("abc"[:n]))
        for n in (2, 3)
    )
    np.testing.assert_allclose(moved(first, counterpart(first, second)), 1 / 3, atol=1e-6)


def test_what_cannot_be_laid_over_is_refused_by_name():
    with pytest.raises(ValueError, match="layers"):
        counterpart(make(["a"]), make(["a"], layers=3))
    with pytest.raises(ValueError, match="heads"):
        counterpart(make(["a"]), make(["a"], heads=2))
    with pytest.raises(ValueError, match="no word in common"):
        counterpart(make(["[CLS]", "a"]), make(["[CLS]", "b"]))


def test_it_is_the_number_that_a_run_under_a_change_gives():
    runner = ModelRunner.from_pretrained("demo", device="cpu")
    effect = runner.compare("The dog chased the cat.", local(1))
    found = moved(effect.before, counterpart(effect.before, effect.after))
    np.testing.assert_allclose(found, effect.moved, atol=1e-6)
