"""The further static families, alone and combined, against a matrix decided pair by pair."""

from __future__ import annotations

import json
import operator
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_models import Model, check_cut, combined, pair_by_pair

from attn_widgets.masks import (
    Mask,
    bigbird,
    block_pairs,
    blocks,
    causal,
    dilated,
    documents,
    fixed,
    global_,
    global_blocks,
    global_cols,
    global_rows,
    local,
    longformer,
    parse,
    prefix_lm,
    random,
    random_blocks,
    residue,
    segments,
    shifted,
    sink,
    streaming,
    strided,
    summary,
)
from attn_widgets.masks import bound as bound_module
from attn_widgets.masks.rows import pieces

N = 13
SEGMENTS = (None, 0, 0, 0, 1, 1, None, 2, 2, 0, 0, None, None)
TOKENS = [SimpleNamespace(role="word", segment=segment) for segment in SEGMENTS]
WORDS = 2**32


def mix(x: int) -> int:
    x ^= x >> 16
    x = x * 0x85EBCA6B % WORDS
    x ^= x >> 13
    x = x * 0xC2B2AE35 % WORDS
    return x ^ x >> 16


def row_words(seed: int, row: int) -> tuple[int, int]:
    one = mix(seed ^ mix((row + 0x9E3779B9) % WORDS))
    return one, mix((one + 0x9E3779B9) % WORDS)


def word(words: tuple[int, int], counter: int) -> int:
    return mix((mix(words[0] ^ counter) + words[1]) % WORDS)


def drawn(seed: int, row: int, count: int, size: int) -> list[int]:
    """The first numbers of a random order of ``0..size``."""
    words, half = row_words(seed, row), 1
    while 4**half < size:
        half += 1
    found = []
    for start in range(count):
        place = start
        while True:
            left, right = place >> half, place % 2**half
            for turn in range(4):
                left, right = right, left ^ word(words, right + turn * 2**16) % 2**half
            place = left * 2**half + right
            if place < size:
                break
        found.append(place)
    return found


def moved(kernel: int, dilation: int) -> Model:
    def pair(i: int, j: int) -> bool:
        own = range(i % dilation, N, dilation)
        start = min(max(i // dilation - kernel // 2, 0), max(len(own) - kernel, 0))
        return j in own[start : start + kernel]

    return shifted(kernel, dilation), pair


def near(size: int, left: int, right: int) -> Model:
    mask = blocks(size, left=left, right=right)
    return mask, lambda i, j: -left <= j // size - i // size <= right


def whole(size: int, chosen: list[int]) -> Model:
    count = -(-N // size)
    at = {block % count for block in chosen}
    mask = global_blocks(size, *(block % count - count * (block < 0) for block in chosen))
    return mask, lambda i, j: i // size in at or j // size in at


def scattered(size: int, r: int, seed: int) -> Model:
    count = -(-N // size)
    plan: dict[int, list[int]] = {}
    for row in range(1, count - 1):
        free = [b for b in range(1, count - 1) if abs(b - row) > 1]
        few = len(free) <= r
        plan[row] = free if few else [free[k] for k in drawn(seed, row, r, len(free))]
    return random_blocks(size, r, seed), lambda i, j: j // size in plan.get(i // size, [])


def listed(size: int, pairs: set[tuple[int, int]]) -> Model:
    count = -(-N // size)
    at = {(i % count, j % count) for i, j in pairs}
    return block_pairs(size, *at), lambda i, j: (i // size, j // size) in at


def packed(ends: set[int]) -> Model:
    edges = [0, *sorted(ends), N]
    owner = np.repeat(np.arange(len(edges) - 1), np.diff(edges))
    mask = documents(np.diff(edges).tolist())
    return mask, lambda i, j: i < N and owner[i] == owner[j]


def by_chance(p: float, seed: int) -> Model:
    return random(p=p, seed=seed), lambda i, j: word(row_words(seed, i), j) < int(p * WORDS)


def some_keys(r: int, seed: int) -> Model:
    return (
        random(r=r, seed=seed),
        lambda i, j: r >= N or j in drawn(seed, i, r, N),
    )


small = st.integers(1, N + 2)
seeds = st.integers(0, 2**31 - 1)
sizes = st.integers(1, 5)
families: st.SearchStrategy[Model] = st.one_of(
    st.builds(moved, small, st.integers(1, 4)),
    st.builds(near, sizes, st.integers(0, 3), st.integers(0, 3)),
    st.builds(whole, sizes, st.lists(st.integers(-N, N), min_size=1, max_size=3)),
    st.builds(scattered, st.integers(1, 3), st.integers(1, 6), seeds),
    st.builds(
        listed,
        sizes,
        st.sets(st.tuples(st.integers(0, N), st.integers(0, N)), min_size=1, max_size=6),
    ),
    st.builds(packed, st.sets(st.integers(1, N - 1), max_size=4)),
    st.just((segments(), lambda i, j: i < N and SEGMENTS[i] == SEGMENTS[j])),
    st.builds(lambda step: (residue(step), lambda i, j: (i - j) % step == 0), small),
    st.builds(
        lambda size, rest: (
            summary(size, rest % size + 1),
            lambda _, j: j % size >= size - rest % size - 1,
        ),
        small,
        st.integers(0, N),
    ),
    st.builds(by_chance, st.floats(0, 1).filter(lambda p: p == 0 or p >= 1e-15), seeds),
    st.builds(some_keys, small, seeds),
    st.just((causal(), lambda i, j: j <= i)),
    st.builds(lambda w: (local(w), lambda i, j: abs(i - j) <= w), st.integers(0, 4)),
    st.builds(
        lambda w, d: (dilated(w, d), lambda i, j: (i - j) % d == 0 and abs(i - j) <= w * d),
        st.integers(0, 9),
        st.integers(1, 4),
    ),
    st.builds(lambda k: (sink(k), lambda _, j: j < k), small),
    st.builds(lambda t: (global_(t), lambda i, j: t in (i, j)), st.integers(0, N - 1)),
    st.builds(lambda t: (global_rows(t), lambda i, _: i == t), st.integers(0, N - 1)),
    st.builds(lambda t: (global_cols(t), lambda _, j: j == t), st.integers(0, N - 1)),
)


models = combined(families)
masks = models.map(operator.itemgetter(0))


@settings(max_examples=500, deadline=None)
@given(models, st.integers(1, N + 3), st.integers(0, N))
def test_any_expression_keeps_and_counts_the_pairs_its_definition_keeps(
    model: Model, n_queries: int, offset: int
) -> None:
    mask, pair = model
    expected = pair_by_pair(pair, n_queries, N, offset)
    bound = mask.bind(n_queries, N, TOKENS, offset)
    assert np.array_equal(bound.to_dense(), expected)
    assert bound.nnz() == expected.sum()
    assert np.array_equal(bound.degrees(), expected.sum(axis=1))
    with patch.object(bound_module, "_ROWS", 3), patch.object(pieces, "_FEW", 1):
        assert np.array_equal(bound.degrees(), expected.sum(axis=1))
    legal = np.arange(n_queries)[:, None] + offset >= np.arange(N)
    assert bound.density(of="causal") == (expected & legal).sum() / legal.sum()


@settings(max_examples=300, deadline=None)
@given(models, st.data())
def test_rows_are_sorted_and_disjoint_and_any_tile_is_a_cut_of_the_whole(
    model: Model, data: st.DataObject
) -> None:
    mask, pair = model
    check_cut(mask.bind(N, tokens=TOKENS), pair_by_pair(pair, N, N), data)


@settings(max_examples=300, deadline=None)
@given(masks)
def test_json_and_text_give_the_same_mask_back(mask: Mask) -> None:
    for again in (Mask.from_spec(json.loads(json.dumps(mask.to_spec()))), parse(repr(mask))):
        assert again == mask
        assert hash(again) == hash(mask)
        assert repr(again) == repr(mask)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 9), st.integers(0, 5))
def test_patterns_known_by_name_keep_what_their_papers_say(
    n: int, length: int, other: int, seed: int
) -> None:
    i, j = np.arange(n)[:, None], np.arange(n)
    back = j <= i

    def dense(mask: Mask) -> np.ndarray:
        return mask.bind(n).to_dense()

    assert np.array_equal(dense(prefix_lm(length)), back | (j < length))
    window = (i - j < length) | (j < other)
    assert np.array_equal(dense(streaming(other, length)), back & window)
    column = (i - j) % length == 0
    assert np.array_equal(dense(strided(length)), back & ((i - length < j) | column))
    keys = other % length + 1
    last = (j // length == i // length) | (j % length >= length - keys)
    assert np.array_equal(dense(fixed(length, keys)), back & last)
    token = seed % n
    band = (abs(i - j) <= length) | (i == token) | (j == token)
    assert np.array_equal(dense(longformer(length, token)), band)
    size, end = other, (n - 1) // other
    edge = (
        (abs(i // size - j // size) <= 1)
        | np.isin(i // size, (0, end))
        | np.isin(j // size, (0, end))
    )
    drawn_blocks = dense(random_blocks(size, length, seed))
    assert not (edge & drawn_blocks).any()
    assert np.array_equal(dense(bigbird(size, length, seed)), edge | drawn_blocks)
    assert np.array_equal(dense(bigbird(size, 0)), edge)
