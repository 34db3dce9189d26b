"""What a record accepts, refuses, and gives back."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.record import AttentionRecord, Token, checks, whole

WORDS = ("a", "b", "c", "d", "e")


def softmax(shape, seed=0, dtype=np.float32):
    scores = np.random.default_rng(seed).normal(size=shape)
    weights = np.exp(scores)
    return (weights / weights.sum(-1, keepdims=True)).astype(dtype)


def record(layers=2, heads=3, tokens=5, **parts):
    return AttentionRecord.from_arrays(
        softmax((layers, heads, tokens, tokens)), WORDS[:tokens], **parts
    )


def test_weights_keep_their_axes():
    weights = softmax((2, 3, 4, 4))
    made = AttentionRecord.from_arrays(weights, WORDS[:4])
    assert made.shape == (2, 3, 4, 4)
    for layer in range(2):
        for head in range(3):
            assert np.array_equal(made[layer, head], weights[layer, head])


def test_one_array_per_layer_is_the_same_as_one_array():
    weights = softmax((2, 3, 4, 4))
    assert AttentionRecord.from_arrays(list(weights), WORDS[:4]) == AttentionRecord.from_arrays(
        weights, WORDS[:4]
    )
    batched = tuple(layer[None] for layer in weights)
    assert AttentionRecord.from_arrays(batched, WORDS[:4]) == AttentionRecord.from_arrays(
        weights, WORDS[:4]
    )


def test_a_tensor_is_read_like_an_array():
    torch = pytest.importorskip("torch")
    weights = torch.softmax(torch.randn(2, 3, 4, 4, requires_grad=True), -1)
    made = AttentionRecord.from_arrays(weights, WORDS[:4])
    assert np.array_equal(made.weights, weights.detach().numpy())
    halves = AttentionRecord.from_arrays(
        torch.full((1, 1, 4, 4), 0.25, dtype=torch.bfloat16), WORDS[:4]
    )
    assert halves.weights.dtype == np.float32


def test_a_record_does_not_change():
    source = softmax((1, 1, 3, 3))
    made = AttentionRecord.from_arrays(source, WORDS[:3])
    before = made.weights.copy()
    source[:] = 0
    assert np.array_equal(made.weights, before)
    with pytest.raises(ValueError, match="read-only"):
        made.weights[0, 0, 0, 0] = 1
    with pytest.raises(AttributeError, match="immutable"):
        made.kind = "decoder"
    with pytest.raises(AttributeError, match="immutable"):
        del made.weights


def test_numbers_are_the_models_own():
    made = AttentionRecord(
        tokens=[Token("a", "a"), Token("b", "b")],
        weights=softmax((2, 2, 2, 2)),
        layers=[3, 7],
        heads=[1, 4],
    )
    assert np.array_equal(made[7, 1], made.weights[1, 0])
    with pytest.raises(IndexError, match=r"no layer 0 .*3, 7"):
        made[0, 1]
    with pytest.raises(IndexError, match=r"no head 2 .*1, 4"):
        made[3, 2]
    with pytest.raises(IndexError, match=r"record\[layer, head\]"):
        made[3]


def test_copies_and_pickles_are_equal():
    made = record()
    assert copy.deepcopy(made) == made
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes
    assert hash(copy.copy(made)) == hash(made)
    assert made != record(kind="decoder")
    assert made != "a record"


REFUSED = {
    "no layers": ([], WORDS[:2], "empty"),
    "the empty tuple of a default model": ((), WORDS[:2], "attn_implementation='eager'"),
    "layers that are None": ([None, None], WORDS[:2], r"layers \[0, 1\] are None"),
    "a batch": ([np.full((2, 1, 2, 2), 0.5)], WORDS[:2], "batch of 2"),
    "three axes": (
        np.full((1, 2, 2), 0.5),
        WORDS[:2],
        r"expected \(layers, heads, queries, keys\)",
    ),
    "two axes in a layer": (
        [np.full((2, 2), 0.5)],
        WORDS[:2],
        r"expected \(heads, queries, keys\)",
    ),
    "ragged heads": (
        [np.full((1, 2, 2), 0.5), np.full((2, 2, 2), 0.5)],
        WORDS[:2],
        r"layer 1 has shape \(2, 2, 2\)",
    ),
    "too few tokens": (softmax((1, 1, 3, 3)), WORDS[:2], r"expected \(layers, heads, 2, 2\)"),
    "no tokens": (np.zeros((1, 1, 0, 0)), (), "at least 1"),
    "NaN": (np.full((1, 1, 2, 2), np.nan), WORDS[:2], "nan"),
    "infinity": (np.array([[[[np.inf, 0], [0.5, 0.5]]]]), WORDS[:2], "query 0, key 0 is inf"),
    "a negative weight": (
        np.array([[[[1.5, -0.5], [0.5, 0.5]]]]),
        WORDS[:2],
        "query 0, key 1 is -0.5, below 0",
    ),
    "a row that does not sum to 1": (
        np.array([[[[0.5, 0.5], [0.5, 0.4]]]]),
        WORDS[:2],
        r"query 1 sums to 0\.9, off by -0\.1",
    ),
    "text": (np.full((1, 1, 2, 2), "x"), WORDS[:2], "expected floats"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    weights, tokens, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        AttentionRecord.from_arrays(weights, tokens)


def test_other_parts_must_fit():
    tokens, weights = [Token("a", "a"), Token("b", "b")], softmax((1, 2, 2, 2))
    with pytest.raises(ValueError, match="kind is 'both'"):
        AttentionRecord(tokens=tokens, weights=weights, kind="both")
    with pytest.raises(ValueError, match=r"q has shape \(1, 2, 3, 8\): expected \(1, 2, 2, any\)"):
        AttentionRecord(tokens=tokens, weights=weights, q=np.zeros((1, 2, 3, 8)))
    with pytest.raises(ValueError, match=r"heads are \(1, 0\)"):
        AttentionRecord(tokens=tokens, weights=weights, heads=[1, 0])
    with pytest.raises(ValueError, match="3 roles for 2 tokens"):
        AttentionRecord.from_arrays(weights, ["a", "b"], roles=["cls", "word", "sep"])
    with pytest.raises(ValueError, match="unknown token role 'sepp'"):
        AttentionRecord.from_arrays(weights, ["a", "b"], roles=["cls", "sepp"])
    with pytest.raises(TypeError, match="a token must be a str or a Token, not int"):
        AttentionRecord.from_arrays(weights, ["a", 2])


def test_a_learned_sink_may_take_a_part_of_a_row_but_never_add_to_it():
    tokens = ["a", "b"]
    assert AttentionRecord.from_arrays(np.full((1, 1, 2, 2), 0.3), tokens, sink=True).sink
    with pytest.raises(ValueError, match=r"sums to 1\.2"):
        AttentionRecord.from_arrays(np.full((1, 1, 2, 2), 0.6), tokens, sink=True)


@given(tokens=st.integers(1, 600), seed=st.integers(0, 99))
def test_rounding_to_half_precision_is_not_an_error(tokens, seed):
    weights = softmax((1, 1, 2, tokens), seed, np.float16)
    made = AttentionRecord.from_arrays(weights, ["q", "r"], key_tokens=["k"] * tokens, kind="cross")
    assert made.weights.dtype == np.float16


@given(seed=st.integers(0, 99), queries=st.integers(1, 130))
def test_rows_of_half_numbers_are_summed_as_they_are(seed, queries):
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 0x7C00, (queries, 9), np.uint16)
    bits[rng.random(bits.shape) < 0.3] %= 0x400  # numbers too small for the usual form
    halves = bits.view(np.float16).astype(np.float64)
    np.testing.assert_allclose(checks._half_sums(bits), halves.sum(axis=-1), rtol=1e-6)


@pytest.mark.parametrize("off", [-0.01, 0.01])
@pytest.mark.parametrize("query", [0, 63, 64, 130])
def test_a_row_of_half_numbers_that_is_off_is_found_wherever_it_is(off, query):
    weights = np.zeros((1, 1, 131, 4), np.float16)
    weights[..., 0] = 1
    weights[..., query, 0] += off
    with pytest.raises(ValueError, match=f"query {query} sums to"):
        AttentionRecord.from_arrays(weights, ["q"] * 131, key_tokens=["k"] * 4, kind="cross")


def test_no_spelling_makes_a_special_token():
    made = AttentionRecord.from_arrays(softmax((1, 1, 3, 3)), ["[CLS]", "[SEP]", "!"])
    assert [token.role for token in made.tokens] == ["word", "word", "punctuation"]
    assert not made.special().any()


def test_roles_tell_special_tokens_from_text():
    made = AttentionRecord.from_arrays(
        softmax((1, 1, 4, 4)), WORDS[:4], roles=["cls", "word", "unk", "pad"]
    )
    assert made.special().tolist() == [True, False, False, True]
    assert made.content().tolist() == [False, True, True, False]


def test_a_decoder_cannot_look_from_more_places_than_there_are():
    weights = softmax((1, 1, 5, 3))
    with pytest.raises(ValueError, match=r"5 queries for 3 keys.*kind='cross'"):
        AttentionRecord.from_arrays(weights, WORDS, key_tokens=WORDS[:3], kind="decoder")


def test_one_text_is_one_text():
    assert record(text="hello").text == ("hello",)
    assert record(text=("a", "b")).text == ("a", "b")


def test_keys_have_roles_of_their_own():
    made = AttentionRecord.from_arrays(
        softmax((1, 1, 2, 3)),
        ["x", "y"],
        key_tokens=["<s>", "a", "b"],
        key_roles=["bos", "word", "word"],
        kind="cross",
    )
    assert made.special().tolist() == [True, False, False]


def test_an_infinite_weight_is_not_taken_for_nan():
    with pytest.raises(ValueError, match=r"is inf .*share from 0 to 1"):
        AttentionRecord.from_arrays(np.array([[[[np.inf, 0], [0.5, 0.5]]]]), WORDS[:2])


@given(text=st.text(max_size=9))
def test_whole_characters_are_shown_as_they_are(text):
    assert whole(text) == text


def test_halves_of_characters_are_shown_as_such():
    assert whole("\ud83da\ude00") == "\ufffda\ufffd"
    assert whole("\ud83d\ude00") == "\U0001f600"
