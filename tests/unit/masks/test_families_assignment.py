"""Masks per head and per layer: values, their JSON form, operators, and laying them over a text."""

from __future__ import annotations

import copy
import json
import operator
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import (
    Assignment,
    Mask,
    MaskBindError,
    MaskError,
    MaskSpecError,
    causal,
    dilated,
    full,
    global_,
    local,
    lsh,
    per_head,
    per_layer,
    sink,
    top_k,
)

LAYERS, HEADS = 4, 5
masks = st.sampled_from([full(), causal(), local(1), local(2), sink(2), dilated(2, 2), ~local(1)])
by_head = st.builds(per_head, st.dictionaries(st.integers(0, HEADS - 1), masks), masks)
by_layer = st.builds(
    per_layer, st.dictionaries(st.integers(0, LAYERS - 1), masks | by_head), masks | by_head
)
assignments = by_head | by_layer


def bits(mask: Mask) -> np.ndarray:
    return mask.bind(6).to_dense()


def every_head(given: Assignment | Mask) -> list[list[Mask]]:
    return [
        [given if isinstance(given, Mask) else given.for_head(i, j) for j in range(HEADS)]
        for i in range(LAYERS)
    ]


def test_heads_get_the_masks_they_are_given_and_the_rest_the_default() -> None:
    view = per_head({0: local(2), (1, 3): local(4), range(5, 7): causal()}, default=sink(1))
    wanted = [local(2), local(4), sink(1), local(4), sink(1), causal(), causal(), sink(1)]
    assert [view.for_head(9, head) for head in range(8)] == wanted
    assert view.distinct() == (local(2), local(4), causal(), sink(1))


def test_heads_without_a_mask_keep_everything_unless_a_default_is_given() -> None:
    assert per_head({0: local(1)}).for_head(0, 1) == full()
    assert per_layer({0: local(1)}).for_head(1, 0) == full()


def test_layers_may_hold_masks_by_head() -> None:
    view = per_layer({0: per_head({1: local(1)}, default=causal()), 2: sink(3)}, default=local(5))
    assert view.for_head(0, 1) == local(1)
    assert view.for_head(0, 2) == causal()
    assert view.for_head(2, 7) == sink(3)
    assert view.for_head(1, 0) == local(5)
    assert view.distinct() == (local(1), causal(), sink(3), local(5))


def test_it_needs_what_any_of_its_masks_needs() -> None:
    assert per_head({0: local(1)}).needs == frozenset()
    view = per_layer({0: per_head({1: top_k(2)}, default=lsh(4))}, default=causal())
    assert view.needs == top_k(2).needs | lsh(4).needs


def test_written_and_said() -> None:
    view = per_layer({1: per_head({(0, 2): local(1)}, default=causal())}, default=full())
    assert (
        repr(view)
        == "per_layer({1: per_head({(0, 2): local(1)}, default=causal())}, default=full())"
    )
    assert "heads 0, 2: 3 keys per row" in str(view)
    names = {"per_layer": per_layer, "per_head": per_head, "local": local}
    assert eval(repr(view), names | {"causal": causal, "full": full}) == view  # noqa: S307 - our own text


def test_entries_that_repeat_the_default_are_dropped() -> None:
    assert per_head({0: local(1), 1: causal()}, causal()) == per_head({0: local(1)}, causal())
    assert per_head({(1, 0): local(1)}) == per_head({0: local(1), 1: local(1)})
    assert per_head({0: local(1)}) != per_layer({0: local(1)})


@settings(max_examples=200, deadline=None)
@given(assignments)
def test_json_gives_the_same_assignment_back(view: Assignment) -> None:
    again = Assignment.from_spec(json.loads(json.dumps(view.to_spec())))
    assert again == view
    assert hash(again) == hash(view)
    assert repr(again) == repr(view)
    assert pickle.loads(pickle.dumps(view)) == copy.deepcopy(view) == view  # noqa: S301 - our own bytes


@settings(max_examples=200, deadline=None)
@given(
    assignments | masks,
    assignments | masks,
    st.sampled_from([operator.and_, operator.or_, operator.sub]),
)
def test_operators_act_on_every_head(
    one: Assignment | Mask, other: Assignment | Mask, join: object
) -> None:
    both = join(one, other)
    for mine, theirs, joined in zip(*map(every_head, (one, other, both)), strict=True):
        for a, b, c in zip(mine, theirs, joined, strict=True):
            assert c == join(a, b)


@settings(max_examples=100, deadline=None)
@given(assignments)
def test_the_opposite_is_taken_in_every_head(view: Assignment) -> None:
    for plain, turned in zip(every_head(view), every_head(~view), strict=True):
        assert turned == [~mask for mask in plain]
    assert ~~view == view


@settings(max_examples=100, deadline=None)
@given(assignments)
def test_each_distinct_mask_is_bound_once(view: Assignment) -> None:
    bound = view.bind(LAYERS, HEADS, 6)
    used = {mask for row in every_head(view) for mask in row}
    assert len(bound.distinct()) == len(used)
    assert {part.mask for part in bound.distinct()} == used
    total = 0
    for i, row in enumerate(every_head(view)):
        for j, mask in enumerate(row):
            assert np.array_equal(bound.for_head(i, j).to_dense(), bits(mask))
            assert any(bound.for_head(i, j) is part for part in bound.distinct())
            total += int(bits(mask).sum())
    assert bound.nnz() == total


def test_a_head_or_layer_the_model_has_not_is_named() -> None:
    view = per_layer({1: per_head({2: local(1), 12: causal(), 15: sink(1)})})
    with pytest.raises(MaskBindError, match=r"head 12, 15, but the model has 12 heads, 0 to 11"):
        view.bind(6, 12, 9)
    with pytest.raises(MaskBindError, match=r"layer 1, but the model has 1 layers"):
        view.bind(1, 16, 9)
    bound = view.bind(2, 16, 9)
    with pytest.raises(MaskBindError, match="head 16"):
        bound.for_head(0, 16)


def test_tokens_are_found_as_for_one_mask() -> None:
    tokens = [SimpleNamespace(role=role) for role in ("cls", "word", "sep")]
    bound = per_head({0: global_("cls")}, local(0)).bind(1, 2, 3, tokens=tokens)
    assert bound.for_head(0, 0).nnz() == 5
    with pytest.raises(MaskBindError, match="bos"):
        per_head({0: global_("bos")}).bind(1, 2, 3, tokens=tokens)


@pytest.mark.parametrize(
    "build",
    [
        lambda: per_head({-1: local(1)}),
        lambda: per_head({True: local(1)}),
        lambda: per_head({"0": local(1)}),  # type: ignore[dict-item]
        lambda: per_head({0: "local(1)"}),  # type: ignore[dict-item]
        lambda: per_head({0: per_head({})}),  # type: ignore[dict-item]
        lambda: per_head({(0, 1): local(1), 1: local(2)}),
        lambda: per_head([local(1)]),  # type: ignore[arg-type]
        lambda: per_head({range(5000): local(1)}),
        lambda: per_layer({0: per_layer({})}),
        lambda: per_layer({0: local(1)}, default="full"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_assigned_is_refused(build: object) -> None:
    with pytest.raises(MaskError):
        build()


FULL = {"kind": "full"}


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        {},
        FULL,
        {"kind": "per_head", "of": []},
        {"kind": "per_head", "of": [], "default": FULL, "extra": 1},
        {"kind": "per_token", "of": [], "default": FULL},
        {"kind": ["per_head"], "of": [], "default": FULL},
        {"kind": "per_head", "of": {}, "default": FULL},
        {"kind": "per_head", "of": [{"at": [0]}], "default": FULL},
        {"kind": "per_head", "of": [{"at": [], "mask": FULL}], "default": FULL},
        {"kind": "per_head", "of": [{"at": 0, "mask": FULL}], "default": FULL},
        {"kind": "per_head", "of": [{"at": [-1], "mask": FULL}], "default": FULL},
        {"kind": "per_head", "of": [{"at": [0.5], "mask": FULL}], "default": FULL},
        {"kind": "per_head", "of": [{"at": [0, 0], "mask": FULL}], "default": FULL},
        {"kind": "per_head", "of": [{"at": [0] * 3000, "mask": FULL}], "default": FULL},
        {"kind": "per_head", "of": [{"at": [0], "mask": {"kind": "local"}}], "default": FULL},
        {"kind": "per_head", "of": [], "default": {"kind": "per_head", "of": [], "default": FULL}},
        {
            "kind": "per_layer",
            "of": [],
            "default": {"kind": "per_layer", "of": [], "default": FULL},
        },
        {"kind": "per_layer", "of": [], "default": {"kind": "per_head", "of": [], "default": {}}},
    ],
    ids=lambda spec: repr(spec)[:70],
)
def test_a_bad_specification_is_refused_with_the_place(spec: object) -> None:
    with pytest.raises(MaskSpecError, match="assignment"):
        Assignment.from_spec(spec)


def test_words_for_combining_are_refused() -> None:
    with pytest.raises(TypeError, match="combine with"):
        per_head({}) and local(1)
    with pytest.raises(TypeError):
        per_head({}) | 3
    with pytest.raises(TypeError):
        3 & per_head({})
