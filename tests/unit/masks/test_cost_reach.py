"""Reach through layers: boolean powers, closed forms, and one query at a time agree."""

from __future__ import annotations

import importlib
import itertools
import math

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
from attn_widgets.masks.measures.reach import reach

MASKS = [
    local(3),
    local(left=2, right=0),
    local(left=0, right=3),
    local(0),
    full(),
    dilated(2, 3),
    dilated(3, 2) & causal(),
    local(2) | global_(0),
    (local(2) | global_(0, 7)) & causal(),
    sink(2),
    ~local(30),
    dilated(3, 5) | local(2),
    global_(4) - causal(),
]


def by_powers(mask: Mask, n: int) -> list[np.ndarray]:
    first = (mask.bind(n).to_dense() | np.eye(n, dtype=bool)).astype(float)
    powers = [first > 0]
    while True:
        further = (first @ powers[-1]) > 0
        if (further == powers[-1]).all():
            return powers
        powers.append(further)


@pytest.mark.parametrize("mask", MASKS, ids=repr)
@pytest.mark.parametrize("n", [8, 37, 70])
def test_reach_is_that_of_the_boolean_powers(mask: Mask, n: int) -> None:
    powers = by_powers(mask, n)
    one_way = not np.triu(powers[0], 1).any()
    legal = n * (n + 1) // 2 if one_way else n * n
    found = reach(mask.bind(n), layers=n + 1)
    assert found.exact
    assert found.of == ("causal" if one_way else "pairs")
    assert found.shares == pytest.approx([power.sum() / legal for power in powers])
    full_reach = powers[-1].sum() == legal
    assert found.full_after == (len(powers) if full_reach else None)
    assert found.diameter == (len(powers) if full_reach else math.inf)
    assert found.settled
    assert (found.reason == "") == full_reach


@pytest.mark.parametrize("mask", MASKS, ids=repr)
def test_longer_texts_are_followed_from_some_queries_alike(
    mask: Mask, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = 70
    exact = reach(mask.bind(n), layers=n)
    module = importlib.import_module("attn_widgets.masks.measures.reach")
    monkeypatch.setattr(module, "EXACT_LIMIT", 10)
    monkeypatch.setattr(module, "_SOURCES", n)
    found = reach(mask.bind(n), layers=n)
    assert found.of == exact.of
    assert found.full_after == exact.full_after
    assert found.settled
    assert len(found.shares) == len(exact.shares)
    if found.of == "pairs":
        assert found.shares == pytest.approx(exact.shares)


@settings(max_examples=40)
@given(st.integers(2, 10**6), st.integers(1, 5000))
def test_a_window_needs_as_many_layers_as_it_fits_into_the_text(n: int, w: int) -> None:
    found = reach(local(w).bind(n))
    assert found.full_after == math.ceil((n - 1) / w)
    assert found.exact


def test_the_figures_the_lesson_shows() -> None:
    n = 128
    assert reach(local(4).bind(n)).full_after == 32
    assert reach((local(4) | global_(0)).bind(n)).full_after == 2
    parity = reach(dilated(4, 2).bind(n))
    assert parity.full_after is None
    assert parity.final == 0.5
    assert "multiple of 2 tokens away" in parity.reason


def test_a_token_that_sees_and_is_seen_by_all_joins_a_million_in_two_layers() -> None:
    n = 2**20
    found = reach((local(64) | global_(5)).bind(n))
    assert (found.full_after, found.exact) == (2, True)


@pytest.mark.parametrize("mask", [local(1), local(left=1, right=0), causal(), dilated(1, 9)])
def test_one_token_reaches_itself_in_one_layer(mask: Mask) -> None:
    found = reach(mask.bind(1))
    assert (found.shares, found.full_after, found.reason) == ((1,), 1, "")


def test_layers_that_do_not_suffice_are_told_from_never() -> None:
    found = reach((local(1) | (sink(1) & causal())).bind(300), layers=4)
    assert (found.settled, found.full_after, found.diameter) == (False, None, None)
    assert found.reason == "not within 4 layers"


def test_why_not_every_pair_is_joined_is_said() -> None:
    assert "itself" in reach(local(0).bind(9)).reason
    assert "before it" in reach(local(left=0, right=2).bind(9)).reason
    assert "residue class" in reach(dilated(1, 4).bind(40)).reason
    assert "only ever reaches the keys 20 to 39" in reach((full() - sink(20)).bind(40)).reason


@pytest.mark.parametrize("size", [(4, 5, 0), (4, 6, 2)])
def test_reach_needs_a_text_over_itself(size: tuple[int, int, int]) -> None:
    n_queries, n_keys, offset = size
    with pytest.raises(MaskBindError, match="one text over itself"):
        reach(local(1).bind(n_queries, n_keys, q_offset=offset))


@pytest.mark.parametrize("layers", [0, -1, 1.5, True])
def test_fewer_than_one_layer_is_refused(layers: object) -> None:
    with pytest.raises(MaskError, match="layers"):
        reach(local(1).bind(4), layers)


def test_reach_only_grows() -> None:
    shares = reach((local(1) | global_(9) & causal()).bind(60)).shares
    assert all(one < other for one, other in itertools.pairwise(shares))
