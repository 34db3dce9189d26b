"""Masks as values: how they are written, said, compared and refused."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from functools import reduce
from operator import or_
from types import SimpleNamespace

import numpy as np
import pytest

from attn_widgets.masks import (
    Mask,
    MaskError,
    MaskParseError,
    MaskSpecError,
    causal,
    dilated,
    full,
    global_,
    global_cols,
    local,
    parse,
    sink,
)
from attn_widgets.masks.tokens import SPECIAL_ROLES, SYMBOLS
from attn_widgets.record import TokenRole


@pytest.mark.parametrize(
    ("mask", "text", "words"),
    [
        (local(2), "local(2)", "5 keys per row: itself + 2 on each side"),
        (local(0), "local(0)", "1 key per row: itself"),
        (
            local(left=3, right=0),
            "local(left=3, right=0)",
            "4 keys per row: itself + 3 before",
        ),
        (
            local(left=0, right=1),
            "local(left=0, right=1)",
            "2 keys per row: itself + 1 after",
        ),
        (
            local(left=4, right=1),
            "local(left=4, right=1)",
            "6 keys per row: itself + 4 before + 1 after",
        ),
        (
            dilated(2, 3),
            "dilated(2, 3)",
            "5 keys per row: itself + 2 on each side, 3 apart, reaching 6",
        ),
        (sink(4), "sink(4)", "4 keys per row: the first 4"),
        (
            global_cols(5, "cls"),
            "global_cols('cls', 5)",
            "the keys cls, token 5 in every row",
        ),
        (
            local(2) | global_cols("cls"),
            "local(2) | global_cols('cls')",
            "(5 keys per row: itself + 2 on each side) or (the keys cls in every row)",
        ),
        (full() - sink(1), "full() & ~sink(1)", "(every key) and (everything but (the first key))"),
    ],
)
def test_repr_is_what_one_types_and_str_says_how_many_keys(
    mask: Mask, text: str, words: str
) -> None:
    assert repr(mask) == text
    assert str(mask) == words


def test_parentheses_are_written_only_where_they_are_needed() -> None:
    a, b, c = sink(1), sink(2), sink(3)
    assert repr((a | b) & c) == "(sink(1) | sink(2)) & sink(3)"
    assert repr(a | b & c) == "sink(1) | sink(2) & sink(3)"
    assert repr(~(a & b)) == "~(sink(1) & sink(2))"
    assert repr(~a & b) == "~sink(1) & sink(2)"


def test_tokens_are_named_once_in_one_order_however_they_are_given() -> None:
    one = global_("sep", 5, "cls", range(3), np.array([7, 5]))
    assert one == global_(7, "cls", "sep", 0, 1, 2, 5)
    assert repr(one) == "global_('cls', 'sep', 0, 1, 2, 5, 7)"


def test_numbers_of_numpy_become_plain_numbers() -> None:
    spec = dilated(np.int64(2), np.uint8(3)).to_spec()
    assert [type(spec[key]) for key in ("window", "dilation")] == [int, int]


def test_a_mask_cannot_be_changed() -> None:
    mask = local(2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        mask.left = 3  # type: ignore[attr-defined]
    spec = global_(1, 2).to_spec()
    spec["tokens"].append(3)  # type: ignore[attr-defined]
    assert global_(1, 2).to_spec() == {"kind": "global", "tokens": [1, 2]}


def test_words_for_combining_are_refused_rather_than_dropping_a_mask() -> None:
    with pytest.raises(TypeError, match="combine masks with"):
        local(2) and causal()
    with pytest.raises(TypeError):
        local(2) | 3  # type: ignore[operator]


@pytest.mark.parametrize(
    "build",
    [
        local,
        lambda: local(2, left=1, right=1),  # type: ignore[call-overload]
        lambda: local(left=2),  # type: ignore[call-overload]
        lambda: local(-1),
        lambda: local(2.0),  # type: ignore[call-overload]
        lambda: local(w=True),
        lambda: local(float("nan")),  # type: ignore[call-overload]
        lambda: dilated(2, 0),
        lambda: sink(0),
        global_,
        lambda: global_("CLS"),
        lambda: global_(None),  # type: ignore[arg-type]
        lambda: global_(1.5),  # type: ignore[arg-type]
        lambda: global_([["cls"]]),  # type: ignore[list-item]
        lambda: global_(range(10**9)),
    ],
)
def test_a_mask_that_cannot_exist_is_refused(build: object) -> None:
    with pytest.raises(MaskError):
        build()  # type: ignore[operator]


def test_a_mask_grows_only_so_far() -> None:
    many = reduce(or_, (sink(k) for k in range(1, 2048)))
    assert Mask.from_spec(many.to_spec()) == parse(repr(many)) == many
    with pytest.raises(MaskError, match="at most 2048 parts"):
        many | full()
    deep: Mask = full()
    for k in range(1, 32):
        deep = (deep & sink(k)) if k % 2 else (deep | sink(k))
    assert Mask.from_spec(deep.to_spec()) == parse(repr(deep)) == deep
    with pytest.raises(MaskError, match="32 deep"):
        deep | full()


def test_a_specification_that_contains_itself_is_refused() -> None:
    loop: dict[str, object] = {"kind": "not"}
    loop["of"] = loop
    with pytest.raises(MaskSpecError, match="deep"):
        Mask.from_spec(loop)


def test_a_specification_of_too_many_parts_is_refused() -> None:
    flat = {"kind": "or", "of": [{"kind": "full"}] * 2048}
    with pytest.raises(MaskSpecError, match="2048 parts"):
        Mask.from_spec(flat)
    with pytest.raises(MaskSpecError, match="2048 parts"):
        Mask.from_spec({"kind": "global", "tokens": [0] * 4000})


def test_nan_in_a_specification_is_refused() -> None:
    with pytest.raises(MaskSpecError, match=r"mask\.of\[1\]: .* not nan"):
        Mask.from_spec(
            {
                "kind": "or",
                "of": [{"kind": "full"}, {"kind": "local", "left": float("nan"), "right": 0}],
            }
        )


def test_a_refused_text_shows_the_place() -> None:
    with pytest.raises(MaskParseError) as caught:
        parse("local(2) | globl(0)")
    assert str(caught.value).splitlines()[1:] == ["  local(2) | globl(0)", "  " + " " * 11 + "^"]


def test_a_text_far_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(MaskParseError, match="at most"):
        parse(" " * 200_000)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("random(0.5)", "give by name p=, r=, seed="),
        ("lsh(2, 1, 4, 5)", "give by name same_bucket=, share_qk="),
        ("local(9999999999999999999999)", r"99999999999999999999\.\.\. .* at most 16 digits"),
        ("threshold(0." + "1" * 50 + ")", "at most 16 digits"),
        ("prefix_lm(-1)", "the prefix must be between 1 and .*, not -1"),
        ("local(2) ? full()", "does not belong"),
    ],
)
def test_a_refusal_says_what_to_write_instead(text: str, reason: str) -> None:
    with pytest.raises(MaskParseError, match=reason):
        parse(text)


def test_special_tokens_are_the_roles_that_a_record_calls_special() -> None:
    assert set(SPECIAL_ROLES) == {role.value for role in TokenRole if role.is_special}
    assert set(SYMBOLS) <= {role.value for role in TokenRole}
    tokens = [SimpleNamespace(role=role) for role in TokenRole]
    kept = global_cols("special").bind(len(tokens), tokens=tokens).degrees()
    assert set(kept.tolist()) == {sum(role.is_special for role in TokenRole)}


def test_a_mask_and_its_bound_form_survive_copying() -> None:
    bound = (local(2) | global_(0)).bind(9, q_offset=1)
    for again in (copy.deepcopy(bound), pickle.loads(pickle.dumps(bound))):  # noqa: S301 - our own bytes
        assert again == bound
        assert np.array_equal(again.to_dense(), bound.to_dense())
