"""Rows, columns and diagonals that are alike are counted once, and counted right."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_models import tiled

from attn_widgets.masks import (
    Mask,
    bigbird,
    block_pairs,
    blocks,
    causal,
    dilated,
    fixed,
    full,
    global_,
    global_blocks,
    global_cols,
    global_rows,
    local,
    random,
    random_blocks,
    residue,
    shifted,
    sink,
    strided,
    summary,
)
from attn_widgets.masks.measures.tiles import block_rows, count_tiles, full_block_rows

SIZES = (1, 2, 3, 4, 6, 8)
side = st.integers(0, 12)
step = st.integers(1, 12)
size = st.sampled_from(SIZES)
by_distance = st.one_of(
    st.builds(full),
    st.builds(causal),
    st.builds(lambda a, b: local(left=a, right=b), side, side),
    st.builds(dilated, side, step),
    st.builds(residue, step),
)
by_block = st.one_of(
    st.builds(full),
    st.builds(sink, step),
    st.builds(lambda refs: global_cols(*refs), st.lists(st.integers(0, 9), min_size=1)),
    st.builds(lambda n, k: summary(n + k, k), side, step),
    st.builds(lambda s, a, b: blocks(s, left=a % 3, right=b % 3), size, side, side),
    st.builds(global_blocks, size, st.just(0), st.just(-1)),
    st.builds(random_blocks, size, step, side),
    st.builds(block_pairs, size, st.just(0), st.just(1), st.just(1), st.just(0)),
)
by_nothing = st.one_of(
    st.builds(lambda refs: global_(*refs), st.lists(st.integers(0, 9), min_size=1)),
    st.builds(lambda refs: global_rows(*refs), st.lists(st.integers(0, 9), min_size=1)),
    st.builds(lambda r, seed: random(r=r, seed=seed), step, side),
    st.builds(lambda p, seed: random(p=p / 20, seed=seed), side, side),
    st.builds(shifted, step, step),
)


def combined(patterns: st.SearchStrategy[Mask]) -> st.SearchStrategy[Mask]:
    return st.recursive(
        patterns,
        lambda of: st.one_of(
            st.builds(lambda a, b: a | b, of, of),
            st.builds(lambda a, b: a & b, of, of),
            st.builds(lambda a: ~a, of),
        ),
        max_leaves=5,
    )


lengths = st.tuples(st.integers(1, 90), st.integers(16, 90), st.integers(0, 40))


@settings(max_examples=300)
@given(
    combined(by_distance)
    | combined(by_block)
    | combined(by_distance | by_block)
    | combined(by_distance | by_block | by_nothing),
    lengths,
)
def test_counts_and_tiles_are_those_of_the_matrix_at_any_size(
    mask: Mask, length: tuple[int, int, int]
) -> None:
    n_queries, n_keys, offset = length
    bound = mask.bind(n_queries, n_keys, q_offset=offset)
    dense = bound.to_dense()
    assert bound.nnz() == dense.sum()
    before = np.tri(n_queries, n_keys, offset)
    assert bound.density("causal") == pytest.approx((dense * before).sum() / before.sum())
    assert np.array_equal(bound.degrees(), dense.sum(axis=1))
    for tiles in count_tiles(bound, (1, 3, 4, 8, 16, 100)):
        assert tiles.touched == tiled(dense, tiles.block).any(axis=(1, 3)).sum()
    for part, seen in ((block_rows(bound, 4), np.any), (full_block_rows(bound, 4), np.all)):
        assert (part[1] - part[0]).sum() == seen(tiled(dense, 4), axis=(1, 3)).sum()
        assert part[1].max() <= -(-n_keys // 4)


@given(combined(by_distance), lengths)
def test_a_mask_by_distance_is_the_same_along_each_diagonal(
    mask: Mask, length: tuple[int, int, int]
) -> None:
    n_queries, n_keys, offset = length
    dense = mask.bind(n_queries, n_keys, q_offset=offset).to_dense()
    assert mask.diagonal
    assert np.array_equal(dense[1:, 1:], dense[:-1, :-1])


@given(combined(by_block), lengths)
def test_the_rows_of_one_grain_are_alike(mask: Mask, length: tuple[int, int, int]) -> None:
    n_queries, n_keys, offset = length
    dense = mask.bind(n_queries, n_keys, q_offset=offset).to_dense()
    block = (np.arange(n_queries) + offset) // (mask.grain or n_queries + offset)
    within = block[1:] == block[:-1]
    assert np.array_equal(dense[1:][within], dense[:-1][within])


N = 2**20
ROWS = np.arange(N)


TAPS = np.minimum(ROWS // 64, 512) + np.minimum((N - 1 - ROWS) // 64, 512) + 1


@pytest.mark.parametrize(
    ("mask", "degrees"),
    [
        (strided(1024), np.minimum(ROWS + 1, 1024) + ROWS // 1024),
        (strided(1000), np.minimum(ROWS + 1, 1000) + ROWS // 1000),
        (
            strided(1024) | global_(0),
            np.maximum(
                np.minimum(ROWS + 1, 1024) + ROWS // 1024 + ((ROWS >= 1024) & (ROWS % 1024 > 0)),
                N * (ROWS == 0),
            ),
        ),
        (
            dilated(512, 64) | global_(0),
            np.maximum(TAPS + ((ROWS > 512 * 64) | (ROWS % 64 > 0)), N * (ROWS == 0)),
        ),
        (
            fixed(1024, 8),
            ROWS % 1024 + 1 + ROWS // 1024 * 8,
        ),
        (bigbird(64, 3), None),
        (random(r=8), np.full(N, 8)),
    ],
    ids=[
        "strided",
        "a stride no tile fits",
        "strided and a hub",
        "dilated and a hub",
        "fixed",
        "bigbird",
        "random keys",
    ],
)
def test_a_million_tokens_are_counted_in_little_memory(
    mask: Mask, degrees: np.ndarray | None
) -> None:
    bound = mask.bind(N)
    tracemalloc.start()
    counted = bound.degrees()
    kept = bound.nnz()
    tiles = count_tiles(bound, nnz=kept)
    before = (mask & causal()).bind(N).nnz()
    views = [bound.tile(r, r + 512, c, c + 512) for r, c in ((N - 512, N - 512), (N // 2, 0))]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6
    assert counted.sum() == kept >= before
    assert views[0].any()
    assert all(fine.touched >= coarse.touched for fine, coarse in pairwise(tiles))
    if degrees is None:
        side, drawn, wide = 64, 3, N // 64
        assert kept == (7 * wide - 12 + drawn * (wide - 2)) * side**2
    else:
        assert np.array_equal(counted, degrees)
