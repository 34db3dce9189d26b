"""Chunks and blocks of attention, spread out to queries by keys, against sums over places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.record.layouts import expand_blocks, expand_chunks

small = st.integers(1, 4)


@given(heads=small, chunks=small, length=small, before=st.integers(0, 2), after=st.integers(0, 2))
def test_each_weight_of_a_chunk_lands_on_its_key_in_the_ring(
    heads: int, chunks: int, length: int, before: int, after: int
) -> None:
    shape = (heads, chunks, length, (before + 1 + after) * length)
    weights = np.random.default_rng(0).random(shape)
    n = chunks * length
    expected = np.zeros((heads, n, n))
    for chunk in range(chunks):
        for row in range(length):
            for column in range(shape[3]):
                key = (chunk * length + column - before * length) % n
                expected[:, chunk * length + row, key] += weights[:, chunk, row, column]
    np.testing.assert_allclose(expand_chunks(weights, before, after, n), expected)


@given(heads=small, blocks=small, length=small, around=st.integers(0, 2), cut=small, start=small)
def test_each_weight_of_a_block_lands_on_its_key_and_none_is_lost(
    heads: int, blocks: int, length: int, around: int, cut: int, start: int
) -> None:
    size = blocks * length
    start = min(start, size - 1)
    n = max(1, size - start - cut)
    shape = (heads, blocks, length, (2 * around + 1) * length)
    weights = np.random.default_rng(0).random(shape)
    expected = np.zeros((heads, n, n))
    for block in range(blocks):
        for row in range(length):
            for column in range(shape[3]):
                query = block * length + row - start
                key = block * length + column - around * length - start
                inside = 0 <= query < n and 0 <= key < n
                if not inside:
                    weights[:, block, row, column] = 0
                else:
                    expected[:, query, key] = weights[:, block, row, column]
    np.testing.assert_array_equal(expand_blocks(weights, around, n, start), expected)


def test_weight_on_padding_is_never_dropped() -> None:
    weights = np.ones((1, 2, 2, 2))
    with pytest.raises(ValueError, match="weights of 3 tokens would be lost"):
        expand_blocks(weights, 0, 3)
    with pytest.raises(ValueError, match="weights of 3 tokens would be lost"):
        expand_chunks(weights, 0, 0, 3)


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(1, 2, 2, 3\) for 4 tokens.*1 x length"):
        expand_chunks(np.ones((1, 2, 2, 3)), 0, 0, 4)
    with pytest.raises(ValueError, match=r"\(1, 2, 2, 2\) for 4 tokens.*3 x length"):
        expand_blocks(np.ones((1, 2, 2, 2)), 1, 4)
