"""Our rule for head classes, on heads that are plainly of one class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets import samples
from attn_widgets.analysis import ClassRule, HeadClass, measure
from attn_widgets.record import AttentionRecord, Token, TokenRole

N = 24
HALF = N // 2


def class_of(head, *, pair=False, rule=None):
    roles = ["cls", *["word"] * (N - 2), "sep"]
    tokens = [
        Token(text="t", display="t", role=TokenRole(role), segment=int(pair and i >= HALF))
        for i, role in enumerate(roles)
    ]
    weights = head / head.sum(-1, keepdims=True)
    return str(
        measure(AttentionRecord(tokens=tokens, weights=weights[None, None])).classes(rule)[0, 0]
    )


def previous():
    return np.eye(N, k=-1) + np.eye(N)[0] * np.eye(N)[:, :1]


def to_cls():
    return np.eye(N)[:1].repeat(N, 0)


def blocks():
    side = np.arange(N) >= HALF
    return (side[:, None] == side).astype(float)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (to_cls(), HeadClass.VERTICAL),
        (previous(), HeadClass.DIAGONAL),
        (0.6 * to_cls() + 0.4 * previous(), HeadClass.VERTICAL_DIAGONAL),
        (np.ones((N, N)), HeadClass.BROAD),
        (np.random.default_rng(0).dirichlet(np.full(N, 0.1), N), HeadClass.HETEROGENEOUS),
    ],
)
def test_a_plain_head_has_its_class(head, name):
    assert class_of(head) == name


def test_a_head_that_keeps_to_its_text_is_a_block_only_where_there_is_a_pair():
    assert class_of(blocks(), pair=True) == HeadClass.BLOCK
    assert class_of(blocks(), pair=False) != HeadClass.BLOCK


def test_a_stripe_on_a_word_is_vertical_too():
    assert class_of(np.eye(N)[5:6].repeat(N, 0)) == HeadClass.VERTICAL


def test_thresholds_decide():
    assert class_of(np.ones((N, N)), rule=ClassRule(special=2 / N - 0.01)) == HeadClass.VERTICAL
    half = 0.3 * to_cls() + 0.7 * np.random.default_rng(0).dirichlet(np.full(N, 0.1), N)
    assert class_of(half) == HeadClass.HETEROGENEOUS
    assert class_of(half, rule=ClassRule(special=0.25)) == HeadClass.VERTICAL


@given(threshold=st.floats(0, 1))
def test_a_higher_threshold_makes_no_head_vertical(threshold):
    measures = measure(samples.load("pair"))

    def vertical(special):
        return np.char.startswith(measures.classes(ClassRule(special=special)), "vertical")

    assert (vertical(1.0) <= vertical(threshold)).all()


def test_no_text_changes_what_the_rule_is_for():
    """Most heads of the recorded model are vertical on short texts, fewer on a long one."""
    share = {
        name: np.char.startswith(measure(samples.load(name)).classes(), "vertical").mean()
        for name in samples.names()
    }
    assert share["sentence"] > share["pair"] > share["paragraph"]
