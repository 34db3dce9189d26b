"""Boundaries proposed from attention, and scored without flattery."""

from __future__ import annotations

import itertools
import math
import typing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.analysis.boundaries import Score, block_scores, boundaries
from attn_widgets.analysis.boundaries_words import VERDICTS
from attn_widgets.analysis.boundary_score import Verdict
from attn_widgets.record import AttentionRecord, Token, TokenRole


def token(text, segment=0):
    special = {"[CLS]": TokenRole.CLS, "[SEP]": TokenRole.SEP, "[PAD]": TokenRole.PAD}
    role = special.get(text, TokenRole.PUNCTUATION if text in ".,!" else TokenRole.WORD)
    return Token(text, text, role=role, segment=segment)


def blocks(sizes, strength=9.0, heads=4):
    """Give tokens of sentences with a full stop each, and attention that keeps to its sentence."""
    tokens, groups = [token("[CLS]")], [-1]
    for number, size in enumerate(sizes):
        tokens += [token(f"w{number}{i}") for i in range(size)] + [token(".")]
        groups += [number] * (size + 1)
    tokens.append(token("[SEP]"))
    same = np.equal.outer([*groups, -2], [*groups, -2])
    weights = np.where(same, strength, 1.0)
    weights = np.broadcast_to(weights / weights.sum(axis=1, keepdims=True), (2, heads, *same.shape))
    return AttentionRecord.from_arrays(weights.astype(np.float32), tokens)


@given(st.lists(st.integers(4, 8), min_size=2, max_size=4))
def test_block_structure_is_found_where_it_is(sizes):
    found = boundaries(blocks(sizes), count=len(sizes) - 1)
    assert found.kind == "sentence"
    assert found.blocks.proposed == found.true
    assert found.blocks.score.f1 == 1.0
    assert len(found.true) == len(sizes) - 1


def test_even_attention_proposes_nothing_and_is_called_failed():
    record = blocks([5, 5], strength=1.0)
    found = boundaries(record)
    assert found.blocks.proposed == ()
    np.testing.assert_allclose(found.blocks.scores, 0, atol=1e-6)
    assert found.blocks.score.verdict == "failed"
    assert math.isnan(found.blocks.score.precision)


@given(st.integers(5, 20), st.floats(0.2, 3.0), st.integers(2, 6))
def test_a_head_that_looks_near_is_no_block_structure(size, decay, window):
    rng = np.random.default_rng(size)
    places = np.cumsum(rng.integers(1, 3, size))
    near = np.exp(-decay * np.abs(np.subtract.outer(places, places)))
    scores = block_scores(near, places, window)
    np.testing.assert_allclose(scores[np.isfinite(scores)], 0, atol=1e-5)


def test_separator_heads_find_a_pair_whose_halves_look_at_their_own_separator():
    words = ["[CLS]", "a", "b", "c", "d", "[SEP]", "e", "f", "g", "h", "[SEP]"]
    tokens = [token(word, int(place > 5)) for place, word in enumerate(words)]
    weights = np.full((1, 10, 11, 11), 1 / 11)
    weights[0, 7] = 0
    weights[0, 7, :6, 5] = 1
    weights[0, 7, 6:, 10] = 1
    found = boundaries(AttentionRecord.from_arrays(weights.astype(np.float32), tokens))
    assert found.kind == "segment"
    assert found.heads == ((0, 7),)
    assert found.separators.proposed == found.true == (6,)
    assert found.blocks.proposed == ()


def test_without_separators_only_blocks_are_proposed():
    record = blocks([4, 4])
    tokens = [token("x") if t.role is TokenRole.SEP else t for t in record.tokens]
    found = boundaries(AttentionRecord.from_arrays(record.weights, tokens))
    assert found.separators is None
    assert found.heads == ()
    assert "[SEP]" not in found.report()


def test_padding_changes_nothing():
    record = blocks([4, 6])
    size = record.shape[2]
    weights = np.zeros((2, 4, size + 3, size + 3), np.float32)
    weights[:, :, :size, :size] = record.weights
    weights[:, :, size:, 0] = 1
    padded = AttentionRecord.from_arrays(weights, [*record.tokens, *[token("[PAD]")] * 3])
    ours, theirs = boundaries(record), boundaries(padded)
    np.testing.assert_array_equal(ours.blocks.scores, theirs.blocks.scores)
    assert ours.separators.proposed == theirs.separators.proposed
    assert ours.true == theirs.true


@given(st.integers(3, 9), st.data())
def test_luck_is_the_share_of_all_choices_that_hit_as_much(gaps, data):
    true = data.draw(st.integers(1, gaps))
    proposed = data.draw(st.integers(1, gaps))
    least = max(0, true + proposed - gaps)
    hits = data.draw(st.integers(least, min(true, proposed)))
    every = list(itertools.combinations(range(gaps), proposed))
    as_good = sum(len(set(one) & set(range(true))) >= hits for one in every)
    score = Score(hits, ((gaps, true, proposed),))
    assert score.luck == pytest.approx(as_good / len(every))


def test_a_perfect_score_in_a_tiny_text_is_not_told_from_luck_and_not_called_failed():
    tiny = Score(1, ((5, 1, 1),))
    assert (tiny.f1, tiny.verdict) == (1.0, "cannot be told from luck")
    assert Score(0, ((5, 1, 1),)).verdict == "failed"
    assert str(tiny).endswith(": cannot be told from luck")
    assert set(VERDICTS) == set(typing.get_args(Verdict))


def test_scores_of_several_texts_add_up():
    one, other = Score(2, ((10, 2, 3),)), Score(0, ((8, 1, 0),))
    both = one + other
    assert (both.hits, both.true, both.proposed) == (2, 3, 3)
    assert both.precision == pytest.approx(2 / 3)
    assert both.recall == pytest.approx(2 / 3)
    assert both.luck == pytest.approx(one.luck)
    assert both.chance == pytest.approx(2 * (2 * 3 / 10) / 6)


def test_a_text_with_no_boundary_has_false_alarms_but_no_verdict():
    score = Score(0, ((9, 0, 2),))
    assert score.verdict == "nothing to find"
    assert score.precision == 0
    assert math.isnan(score.recall)


def test_the_report_shows_the_text_with_bars_in_two_languages():
    found = boundaries(blocks([4, 4]), count=1)
    bars = "w00 w01 w02 w03 | w10 w11 w12 w13"
    assert f"true: {bars}" in repr(found)
    assert f"blocks: {bars}" in repr(found)
    assert f"正解: {bars}" in found.report("ja")
    assert "One text proves little" in found._repr_html_()
    tokens = [token("<b>") if t.text == "w00" else t for t in blocks([4, 4]).tokens]
    hostile = boundaries(AttentionRecord.from_arrays(blocks([4, 4]).weights, tokens))
    assert "<b>" not in hostile._repr_html_()


def test_given_boundaries_are_taken_and_wrong_arguments_refused():
    record = blocks([4, 4])
    start = boundaries(record).true[0]
    assert boundaries(record, truth=[start]).kind == "given"
    for arguments, words in (
        ({"truth": [0]}, "not all among the words"),
        ({"truth": "segment"}, "needs a pair"),
        ({"truth": "page"}, "'auto', 'segment', 'sentence'"),
        ({"window": 0}, "window from 1 up"),
        ({"count": 99}, "from 0 to 7"),
        ({"layers": []}, "name at least one"),
        ({"layers": [5]}, "5"),
    ):
        with pytest.raises((ValueError, IndexError), match=words):
            boundaries(record, **arguments)
    few = AttentionRecord.from_arrays(
        np.full((1, 1, 4, 4), 0.25), [token(w) for w in ["[CLS]", "a", ".", "b"]]
    )
    with pytest.raises(ValueError, match="has 2 words"):
        boundaries(few)


def test_a_window_that_no_words_across_a_full_stop_fit_leaves_that_gap_out():
    found = boundaries(blocks([4, 4]), window=1)
    gap = found.starts.index(found.true[0])
    assert np.isnan(found.blocks.scores[gap])
    assert found.true[0] not in found.blocks.proposed
