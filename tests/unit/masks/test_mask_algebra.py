"""Random expressions against a matrix decided pair by pair, and the laws of the algebra."""

from __future__ import annotations

import json
import operator
from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_models import Model, check_cut, combined, pair_by_pair

from attn_widgets.masks import (
    Mask,
    causal,
    dilated,
    full,
    global_,
    global_cols,
    global_rows,
    local,
    parse,
    sink,
)

ROLES = ("cls", "word", "word", "sep", "punctuation", "word", "sep", "pad")
N = len(ROLES)
TOKENS = [SimpleNamespace(role=role) for role in ROLES]


def anchored(refs: list[str | int]) -> set[int]:
    named = {i for i, role in enumerate(ROLES) for ref in refs if role == ref}
    return named | {ref % N for ref in refs if isinstance(ref, int)}


def window(left: int, right: int) -> Model:
    return local(left=left, right=right), lambda i, j: i - left <= j <= i + right


def taps(w: int, d: int) -> Model:
    keys = [t * d for t in range(-w, w + 1)]
    return dilated(w, d), lambda i, j: j - i in keys


def first_keys(k: int) -> Model:
    return sink(k), lambda _, j: j < k


def anchors(refs: list[str | int]) -> st.SearchStrategy[Model]:
    at = anchored(refs)
    return st.sampled_from(
        [
            (global_(*refs), lambda i, j: i in at or j in at),
            (global_rows(*refs), lambda i, _: i in at),
            (global_cols(*refs), lambda _, j: j in at),
        ]
    )


refs = st.sampled_from(["cls", "sep", "pad"]) | st.integers(-N, N - 1)
patterns: st.SearchStrategy[Model] = st.one_of(
    st.just((full(), lambda _i, _j: True)),
    st.just((causal(), lambda i, j: j <= i)),
    st.builds(window, st.integers(0, N + 2), st.integers(0, N + 2)),
    st.builds(taps, st.integers(0, 5), st.integers(1, 5)),
    st.builds(first_keys, st.integers(1, N + 2)),
    st.lists(refs, min_size=1, max_size=4).flatmap(anchors),
)


models = combined(patterns)
masks = models.map(operator.itemgetter(0))


def bits(mask: Mask) -> np.ndarray:
    return mask.bind(N, tokens=TOKENS).to_dense()


@settings(max_examples=400, deadline=None)
@given(models, st.integers(1, N + 3), st.integers(0, N))
def test_any_expression_keeps_the_pairs_its_definition_keeps(
    model: Model, n_queries: int, offset: int
) -> None:
    mask, pair = model
    expected = pair_by_pair(pair, n_queries, N, offset)
    bound = mask.bind(n_queries, N, TOKENS, offset)
    assert np.array_equal(bound.to_dense(), expected)
    assert bound.nnz() == expected.sum()
    assert np.array_equal(bound.degrees(), expected.sum(axis=1))
    assert np.array_equal(bound.empty_rows(), np.flatnonzero(~expected.any(axis=1)))


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
    through_json = Mask.from_spec(json.loads(json.dumps(mask.to_spec())))
    through_text = parse(repr(mask))
    for again in (through_json, through_text):
        assert again == mask
        assert hash(again) == hash(mask)
        assert repr(again) == repr(mask)
        assert again.to_spec() == mask.to_spec()


@settings(max_examples=100, deadline=None)
@given(masks, masks)
def test_de_morgan_holds(a: Mask, b: Mask) -> None:
    assert np.array_equal(bits(~(a | b)), bits(~a & ~b))
    assert np.array_equal(bits(~(a & b)), bits(~a | ~b))
    assert np.array_equal(bits(a - b), bits(a) & ~bits(b))


@settings(max_examples=100, deadline=None)
@given(masks, masks, masks)
def test_masks_built_of_the_same_parts_are_equal(a: Mask, b: Mask, c: Mask) -> None:
    assert a | a == a & a == ~~a == a
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert a - b == a & ~b
    assert len({a | b, b | a, a | b | a}) == 1


@settings(max_examples=100, deadline=None)
@given(masks, masks)
def test_equal_masks_keep_equal_pairs(a: Mask, b: Mask) -> None:
    assert a != b or np.array_equal(bits(a), bits(b))


@settings(max_examples=50, deadline=None)
@given(masks)
def test_every_mask_can_be_said_in_words(mask: Mask) -> None:
    assert str(mask)
    assert f"{mask}" in mask.bind(N, tokens=TOKENS).explain()
