"""Differences as levels: nothing is the middle, signs keep their side, peaks survive pooling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.export import levels
from attn_widgets.export.colors import LESS, MORE, PAPER, difference_table

LEVELS = st.integers(0, 255)


@given(LEVELS, LEVELS)
def test_turning_a_difference_round_turns_its_level_round(first, second):
    there, back = (
        int(levels.difference(np.array([a], np.uint8), np.array([b], np.uint8))[0])
        for a, b in ((first, second), (second, first))
    )
    assert abs((there - levels.SAME) + (back - levels.SAME)) <= 1
    assert (there == levels.SAME) == (first == second) or abs(first - second) <= 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9))
def test_pooling_keeps_what_is_farthest_from_the_middle(seed, rows, columns):
    codes = np.random.default_rng(seed).integers(1, 256, (9, 9), dtype=np.uint8)
    pooled = levels.pool_difference(codes, rows, columns).astype(int)
    for r in range(rows):
        for c in range(columns):
            part = codes[
                r * 9 // rows : (r + 1) * 9 // rows, c * 9 // columns : (c + 1) * 9 // columns
            ]
            away = part.astype(int) - levels.SAME
            assert abs(pooled[r, c] - levels.SAME) == abs(away).max()
            assert pooled[r, c] in part


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_middle_is_the_paper_and_the_ends_are_the_two_colours(theme):
    colors = difference_table(theme)
    assert tuple(colors[128]) == PAPER[theme]
    assert tuple(colors[1]) == LESS[theme]
    assert tuple(colors[255]) == MORE[theme]
