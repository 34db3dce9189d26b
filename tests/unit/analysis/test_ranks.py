"""Rank correlation against closed forms, and by what it must not notice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.analysis import spearman


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_ranks_without_ties_agree_by_the_sum_of_squared_differences(
    one: list[int], other: list[int]
) -> None:
    squares = sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
    found = spearman(np.array(one, float), np.exp(np.array(other, float)))
    assert found == pytest.approx(1 - 6 * squares / (8 * 63))


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=9))
def test_ties_share_their_rank_and_a_constant_has_none(values: list[int]) -> None:
    numbers = np.array(values, float)
    found = spearman(numbers, numbers**3)
    if len(set(values)) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(1)
        assert spearman(numbers, -numbers) == pytest.approx(-1)


def test_numbers_of_different_things_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shapes are \(2,\) and \(3,\)"):
        spearman(np.zeros(2), np.zeros(3))
