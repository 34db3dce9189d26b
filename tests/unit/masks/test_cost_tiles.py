"""Tiles counted from intervals are those of the written-out matrix."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_models import tiled

from attn_widgets.masks import (
    Mask,
    MaskError,
    causal,
    dilated,
    full,
    global_,
    global_cols,
    global_rows,
    local,
    residue,
    sink,
    summary,
)
from attn_widgets.masks.measures.alternatives import alternatives
from attn_widgets.masks.measures.tiles import block_rows, count_tiles, full_block_rows

small = st.integers(0, 12)
refs = st.lists(st.integers(0, 9), min_size=1, max_size=4)
patterns: st.SearchStrategy[Mask] = st.one_of(
    st.builds(full),
    st.builds(causal),
    st.builds(lambda a, b: local(left=a, right=b), small, small),
    st.builds(dilated, st.integers(0, 4), st.integers(1, 20)),
    st.builds(sink, st.integers(1, 9)),
    st.builds(global_, refs),
    st.builds(global_rows, refs),
    st.builds(global_cols, refs),
    st.builds(residue, st.integers(1, 20)),
    st.builds(summary, st.integers(3, 15), st.integers(1, 3)),
)
masks = st.recursive(
    patterns,
    lambda of: st.one_of(
        st.builds(lambda a, b: a | b, of, of),
        st.builds(lambda a, b: a & b, of, of),
        st.builds(lambda a: ~a, of),
    ),
    max_leaves=6,
)
sizes = st.tuples(st.integers(1, 70), st.integers(10, 70), st.integers(0, 20))


def grid(part: tuple[np.ndarray, np.ndarray], width: int) -> np.ndarray:
    lo, hi = part
    assert (lo <= hi).all()
    blocks = np.arange(width)
    count = ((blocks >= lo[..., None]) & (blocks < hi[..., None])).sum(axis=1)
    assert count.max() <= 1
    return count == 1


@settings(max_examples=200)
@given(masks, sizes, st.integers(1, 17))
def test_touched_and_whole_blocks_are_those_of_the_matrix(
    mask: Mask, size: tuple[int, int, int], block: int
) -> None:
    n_queries, n_keys, offset = size
    bound = mask.bind(n_queries, n_keys, q_offset=offset)
    blocks = tiled(bound.to_dense(), block)
    width = blocks.shape[2]
    assert np.array_equal(grid(block_rows(bound, block), width), blocks.any(axis=(1, 3)))
    assert np.array_equal(grid(full_block_rows(bound, block), width), blocks.all(axis=(1, 3)))


@settings(max_examples=100)
@given(masks, sizes)
def test_several_sides_are_counted_in_one_go(mask: Mask, size: tuple[int, int, int]) -> None:
    n_queries, n_keys, offset = size
    bound = mask.bind(n_queries, n_keys, q_offset=offset)
    dense = bound.to_dense()
    for tiles in count_tiles(bound, (8, 4, 6, 16)):
        blocks = tiled(dense, tiles.block)
        assert tiles.touched == blocks.any(axis=(1, 3)).sum()
        assert tiles.total == blocks.shape[0] * blocks.shape[2]
        assert tiles.pairs == tiles.touched * tiles.block**2
        assert tiles.fill == (dense.sum() / tiles.pairs if tiles.touched else 0)


@settings(max_examples=60)
@given(
    st.sets(st.integers(0, 299), min_size=1, max_size=120),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(0, 40),
)
def test_many_tokens_that_all_see_are_counted_alike(
    keys: set[int], left: int, right: int, offset: int
) -> None:
    window = local(left=left, right=right)
    for mask in (global_(keys) & window, global_cols(keys) & window | local(3), global_(keys)):
        bound = mask.bind(280, 300, q_offset=offset)
        dense = bound.to_dense()
        for tiles in count_tiles(bound, (4, 16, 7)):
            assert tiles.touched == tiled(dense, tiles.block).any(axis=(1, 3)).sum()


@settings(max_examples=100)
@given(masks)
def test_a_mask_is_the_union_of_its_alternatives(mask: Mask) -> None:
    parts = [part.bind(13).to_dense() for part in alternatives(mask)]
    assert np.array_equal(np.any(parts, axis=0), mask.bind(13).to_dense())


def test_alternatives_stay_few_where_intersections_would_multiply() -> None:
    one = local(1) | sink(1) | global_cols(3)
    other = local(2) | sink(2) | global_cols(4)
    third = local(3) | sink(3) | global_cols(5)
    assert len(alternatives(one & other & third)) == 27
    more = [local(3 + i) | sink(3 + i) | global_cols(5 + i) for i in range(4)]
    wide = one & other & third & more[0] & more[1] & more[2] & more[3]
    assert alternatives(wide) == [wide]


@pytest.mark.parametrize(
    ("mask", "touched"),
    [
        (local(128), [1_114_040, 294_892, 81_914, 24_574]),
        ((local(256) | global_(range(0, 2**20, 2**16))) & causal(), None),
    ],
    ids=["window", "window with globals"],
)
def test_a_million_tokens_are_tiled_in_little_memory(mask: Mask, touched: list[int] | None) -> None:
    n = 2**20
    bound = mask.bind(n)
    tracemalloc.start()
    counted = count_tiles(bound)
    bound.degrees()
    bound.tile(n - 512, n, 0, 512)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6
    if touched is None:
        w, g, b = 256, 16, 128
        per_row = w // b + 1
        band = (n // b) * per_row - per_row * (per_row - 1) // 2
        columns = [range(c // b, n // b) for c in range(0, n, n // g)]
        rows = [range(c // b + 1) for c in range(0, n, n // g)]
        seen = {
            (row, c // b)
            for c, span in zip(range(0, n, n // g), columns, strict=True)
            for row in span
        }
        seen |= {
            (c // b, col) for c, span in zip(range(0, n, n // g), rows, strict=True) for col in span
        }
        outside = sum(not 0 <= row - column < per_row for row, column in seen)
        assert counted[-1].touched == band + outside
    else:
        assert [tiles.touched for tiles in counted] == touched


@pytest.mark.parametrize("block", [0, -1, True, 2.5, 2**17])
def test_a_side_that_no_tile_has_is_refused(block: object) -> None:
    with pytest.raises(MaskError, match="the side of a tile"):
        count_tiles(local(1).bind(9), [block])
