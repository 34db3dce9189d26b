"""Masks that a gate decides: what they keep, and what travels of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import (
    LowRankGate,
    Mask,
    MaskBindError,
    MaskError,
    MaskParseError,
    MaskSpecError,
    ThresholdGate,
    causal,
    gate_named,
    learned,
    local,
    parse,
    threshold,
)
from attn_widgets.masks.head_data import HeadData

LAYERS, HEADS, DIM, RANK = 2, 3, 6, 2


def low_rank(seed: int = 0, name: str = "low") -> LowRankGate:
    drawn = np.random.default_rng(seed)
    w_q, w_k = drawn.normal(size=(2, LAYERS, HEADS, DIM, RANK))
    return LowRankGate(name, w_q, w_k, drawn.normal(size=(LAYERS, HEADS)))


def thresholds(seed: int = 0, name: str = "thr") -> ThresholdGate:
    return ThresholdGate(name, np.random.default_rng(seed).normal(-2, 1, size=(LAYERS, HEADS)))


@given(st.integers(0, 99), st.integers(1, 9), st.integers(0, 1), st.integers(0, 2))
@settings(deadline=None)
def test_a_low_rank_gate_keeps_where_its_product_is_positive(
    seed: int, length: int, layer: int, head: int
) -> None:
    gate = low_rank(seed)
    q, k = np.random.default_rng(seed).normal(size=(2, length, DIM))
    kept = learned(gate).bind_data(q=q, k=k, place=(layer, head)).to_dense()
    for i in range(length):
        for j in range(length):
            inner = sum(
                float(q[i] @ gate.w_q[layer, head, :, r].astype(float))
                * float(k[j] @ gate.w_k[layer, head, :, r].astype(float))
                for r in range(RANK)
            )
            assert kept[i, j] == (i == j or inner + float(gate.bias[layer, head]) > 0)


@given(st.integers(0, 99), st.integers(1, 9))
@settings(deadline=None)
def test_a_threshold_gate_is_that_threshold_for_its_head(seed: int, length: int) -> None:
    gate = thresholds(seed)
    weights = np.random.default_rng(seed).dirichlet(np.ones(length), length)
    for layer, head in np.ndindex(LAYERS, HEADS):
        level = float(gate.levels[layer, head])
        bound = learned(gate).bind_data(weights=weights, place=(layer, head))
        if level <= 1:
            same = threshold(level).bind_data(weights=weights)
            assert np.array_equal(bound.to_dense(), same.to_dense())
        else:
            assert bound.nnz() == length


def test_only_what_the_rule_needs_is_asked_for() -> None:
    assert learned(low_rank()).needs == {"q", "k"}
    assert (learned(thresholds()) & causal()).needs == {"weights"}


@pytest.mark.parametrize("gate", [low_rank(), thresholds(name="org/model-2 v1.0")])
def test_name_and_digest_travel_as_text_and_json(gate: LowRankGate | ThresholdGate) -> None:
    mask = learned(gate) | local(1)
    spec = json.loads(json.dumps(mask.to_spec()))
    assert Mask.from_spec(spec) == mask
    assert parse(repr(mask)) == mask
    assert len(repr(mask)) < 200
    assert gate_named(gate.digest) == gate


def test_a_gate_is_its_numbers() -> None:
    assert low_rank(1).digest == low_rank(1, "other name").digest
    assert low_rank(1).digest != low_rank(2).digest
    assert low_rank(1) == low_rank(1)
    assert low_rank(1) != low_rank(1, "other name")
    with pytest.raises(ValueError, match="read-only"):
        low_rank().bias[0, 0] = 0


def test_a_gate_that_is_not_here_is_asked_for_when_it_is_needed() -> None:
    mask = parse(f"learned('far', 'threshold', '{'0' * 64}')")
    with pytest.raises(MaskBindError, match=r"000000000000... is not loaded here: load it"):
        mask.bind_data(weights=np.eye(2), place=(0, 0))


def test_layer_and_head_must_be_said_and_be_the_gates() -> None:
    mask = learned(thresholds())
    with pytest.raises(MaskBindError, match="say which one this is"):
        mask.bind_data(weights=np.eye(2))
    for place in ((2, 0), (0, 3), (-1, 0)):
        with pytest.raises(MaskBindError, match="2 layers of 3 heads"):
            mask.bind_data(weights=np.eye(2), place=place)
    with pytest.raises(MaskError, match="6 numbers each"):
        learned(low_rank()).bind_data(q=np.ones((2, 5)), k=np.ones((2, 5)), place=(0, 0))


def test_in_cross_attention_no_key_is_a_querys_own() -> None:
    gate = ThresholdGate("none", np.zeros((1, 1)))
    weights = np.full((3, 3), 1 / 3)
    mask = learned(gate)
    assert mask.bind_data(weights=weights, place=(0, 0), cross=True).nnz() == 0
    assert np.array_equal(mask.bind_data(weights=weights, place=(0, 0)).to_dense(), np.eye(3))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "it's"},
        {"name": "a\nb"},
        {"name": "x" * 81},
        {"name": 3},
        {"rule": "other"},
        {"rule": ["threshold"]},
        {"digest": "0" * 63},
        {"digest": "G" * 64},
        {"digest": int("1" * 64)},
        {"more": 1},
    ],
)
def test_a_specification_of_another_form_is_refused(wrong: dict[str, object]) -> None:
    spec = {"kind": "learned", "name": "n", "rule": "threshold", "digest": "0" * 64}
    Mask.from_spec(spec)
    with pytest.raises(MaskSpecError):
        Mask.from_spec(spec | wrong)


def test_a_text_of_another_form_is_refused_at_its_place() -> None:
    with pytest.raises(MaskParseError, match="64 hexadecimal digits"):
        parse("learned('n', 'threshold', 'abc')")
    with pytest.raises(MaskError, match="takes a Gate, not str"):
        learned("n")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ThresholdGate("n", np.array([[np.nan]])), "NaN or infinity"),
        (lambda: ThresholdGate("n", np.zeros(3)), "do not belong together"),
        (
            lambda: LowRankGate("n", np.ones((1, 1, 4, 2)), np.ones((1, 1, 4, 3)), np.ones((1, 1))),
            "do not belong together",
        ),
        (lambda: ThresholdGate("'", np.zeros((1, 1))), "letters from A to Z"),
    ],
)
def test_numbers_that_are_no_gate_are_refused(make: object, message: str) -> None:
    with pytest.raises(MaskError, match=message):
        make()


def test_scores_are_counted_whole() -> None:
    assert learned(low_rank()).scores_computed(4, 5) == 20
    assert HeadData.read(weights=np.eye(2), place=(1, 2)).place == (1, 2)
