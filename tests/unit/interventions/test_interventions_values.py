"""Changes are values: they round-trip through JSON, read as typed, and refuse what is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.interventions import (
    Ablate,
    Changes,
    InterventionError,
    ablate,
    bias,
    knock_out,
    mute,
    sink_logit,
    uniform,
)
from attn_widgets.interventions.changes import joined
from attn_widgets.interventions.edits import columns
from attn_widgets.interventions.places import heads_of, places
from attn_widgets.masks import (
    MaskBindError,
    MaskError,
    full,
    global_cols,
    global_rows,
    local,
    per_head,
    per_layer,
)
from attn_widgets.record import Token, TokenRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from attn_widgets.masks import Mask

numbers = st.integers(0, 12)
pairs = st.lists(st.tuples(numbers, numbers), max_size=5)
wholes = st.lists(numbers, max_size=4)
refs = st.lists(
    st.one_of(st.integers(-9, 40), st.sampled_from(["cls", "sep", "special", "bos"])),
    min_size=1,
    max_size=4,
)


@st.composite
def edits(draw: st.DrawFn) -> object:
    heads, layers = draw(pairs), draw(wholes)
    at = {"heads": heads, "layers": layers} if heads or layers else {}
    kind = draw(st.sampled_from(["ablate", "uniform", "mute", "bias", "sink_logit"]))
    if kind == "ablate":
        return ablate(**(at or {"layers": 0}))
    if kind == "uniform":
        return uniform(**at)
    if kind == "mute":
        return mute(*draw(refs), **at)
    if kind == "sink_logit":
        return sink_logit(draw(st.floats(-1000, 1000)), **at)
    return bias(*draw(refs), by=draw(st.floats(-1000, 1000)), **at)


@st.composite
def masks(draw: st.DrawFn) -> object:
    keys, where = draw(refs), draw(pairs)
    return draw(
        st.sampled_from(
            [
                local(2),
                knock_out(keys, keep_own=False),
                knock_out(keys, heads=where or None, layers=draw(numbers)),
                per_layer({1: per_head({0: local(1)})}),
            ]
        )
    )


all_changes = st.builds(
    Changes,
    st.lists(st.one_of(edits(), masks()), max_size=4),
    st.sampled_from(["error", "self", "zero"]),
)


@given(all_changes)
@settings(deadline=None)
def test_changes_survive_json(changes: Changes) -> None:
    spec = json.loads(json.dumps(changes.to_spec()))
    assert Changes.from_spec(spec) == changes
    assert hash(Changes.from_spec(spec)) == hash(changes)


@given(edits())
@settings(deadline=None)
def test_an_edit_is_written_as_it_is_typed(edit: object) -> None:
    typed = (ablate, uniform, mute, bias, sink_logit)
    assert eval(repr(edit), {make.__name__: make for make in typed}) == edit  # noqa: S307 - what our own repr gave


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(all_changes, st.data())
@settings(deadline=None)
def test_a_spoiled_specification_is_refused_or_read_and_never_worse(
    changes: Changes, data: st.DataObject
) -> None:
    spec = json.loads(json.dumps(changes.to_spec()))
    place: object = spec
    for _ in range(data.draw(st.integers(0, 3))):
        inner = list(place.values()) if isinstance(place, dict) else place
        inner = [one for one in inner if isinstance(one, dict | list) and one]
        place = data.draw(st.sampled_from(inner)) if inner else place
    if isinstance(place, dict):
        place[data.draw(st.sampled_from([*place, "at", "by", "keys", "kind"]))] = data.draw(
            json_values
        )
    elif place:
        place[0] = data.draw(json_values)
    try:
        read = Changes.from_spec(spec)
    except (InterventionError, MaskError) as error:
        assert len(str(error)) < 500  # noqa: PT017 - either outcome is right
    else:
        assert Changes.from_spec(read.to_spec()) == read


@given(json_values)
def test_what_is_no_specification_is_refused(spec: object) -> None:
    with pytest.raises(InterventionError, match="changes need 'parts' and 'empty'"):
        Changes.from_spec(spec)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"kind": "ablate", "at": None}, "names no head"),
        ({"kind": "ablate", "at": []}, "no head is named"),
        ({"kind": "uniform"}, "'uniform' needs 'at'"),
        ({"kind": "uniform", "at": [[0, True]]}, "a head is a whole number"),
        ({"kind": "uniform", "at": [[0.5, 1]]}, "a layer is a whole number"),
        ({"kind": "uniform", "at": [[-1, 1]]}, "counted from 0"),
        ({"kind": "uniform", "at": [[1]]}, r"list of \[layer, head\]"),
        ({"kind": "uniform", "at": None, 3: 4, "x": 1}, "needs at beside its kind, got 3, x"),
        ({"kind": "bias", "at": None, "keys": [1], "by": 10**400}, "expected a number from -1000"),
        (
            {"kind": "bias", "at": None, "keys": [1], "by": float("nan")},
            "by=nan: expected a number",
        ),
        ({"kind": "bias", "at": None, "keys": [1], "by": True}, "by=True"),
        ({"kind": "sink_logit", "at": None}, "needs at, logit beside its kind, got nothing"),
        ({"kind": "sink_logit", "at": None, "logit": "0"}, "logit='0': expected a number"),
        ({"kind": "mute", "at": None, "keys": "cls"}, "keys are a list"),
        ({"kind": [], "at": None}, "an object with a 'kind'"),
        ("ablate", "an object with a 'kind'"),
    ],
)
def test_a_hostile_part_is_named(part: object, message: str) -> None:
    with pytest.raises(InterventionError, match=message):
        Changes.from_spec({"parts": [part], "empty": "error"})


@pytest.mark.parametrize(
    "make", [lambda: mute("nobody"), lambda: bias("nobody", by=1), lambda: knock_out("nobody")]
)
def test_a_token_that_has_no_such_name_is_the_masks_error_everywhere(
    make: Callable[[], object],
) -> None:
    with pytest.raises(MaskError, match="nobody"):
        make()
    with pytest.raises(MaskError):
        knock_out([])
    with pytest.raises(MaskError):
        mute()
    assert issubclass(InterventionError, ValueError)
    assert issubclass(MaskError, ValueError)


@given(pairs, wholes, numbers)
def test_places_are_sorted_once_and_whole_layers_swallow_their_heads(
    heads: list[tuple[int, int]], layers: list[int], layer: int
) -> None:
    if not heads and not layers:
        assert places(None, None) is None
        with pytest.raises(InterventionError, match="no head is named"):
            places(heads, layers)
        return
    found = places(heads, layers)
    assert found is not None
    assert (
        places([p for p in found if p[1] is not None], [n for n, h in found if h is None]) == found
    )
    meant = range(13) if layer in layers else sorted({h for n, h in heads if n == layer})
    assert heads_of(found, layer, 13) == list(meant)


def test_heads_and_layers_are_taken_in_every_natural_form() -> None:
    assert ablate((2, 7)) == ablate([(2, 7)]) == ablate([[2, 7]]) == ablate(((2, 7), (2, 7)))
    assert ablate(layers=1) == ablate(layers=[1]) == ablate(layers=np.int64(1))
    assert uniform(layers=range(3)).at == ((0, None), (1, None), (2, None))
    assert repr(ablate((2, 7), layers=1)) == "ablate(heads=[(2, 7)], layers=[1])"
    assert repr(bias("sep", by=2)) == "bias('sep', by=2.0)"
    assert heads_of(None, 5, 3) == [0, 1, 2]


@pytest.mark.parametrize("heads", [[2, 7], "ab", 3, [(1, 2, 3)], [(True, 1)], (0, -1), [(0, 1.0)]])
def test_what_is_no_head_is_named(heads: object) -> None:
    with pytest.raises(InterventionError, match=r"head|layer"):
        ablate(heads)
    with pytest.raises(InterventionError, match="names no head"):
        ablate()


def test_changes_are_read_from_what_a_caller_gives() -> None:
    edit = ablate((0, 1))
    assert Changes.read("local(2)", edit) == Changes((local(2), edit))
    assert Changes.read(Changes((local(2),), "self"), [edit]) == Changes((local(2), edit), "self")
    assert Changes.read(edit) == Changes([edit])
    assert not Changes.read()
    assert Changes.read().mask is None
    assert repr(Changes.read(local(2), edit)) == "local(2), ablate(heads=[(0, 1)])"
    assert repr(Changes((local(2),), "zero")) == "local(2), empty='zero'"
    mask = Changes.read(local(2), [per_head({1: global_cols(0)}), edit, local(3)]).mask
    assert mask.for_head(0, 1) == local(2) & global_cols(0) & local(3)
    for wrong in ([local(2)], 3, "local(2) and more"):
        with pytest.raises((InterventionError, MaskError)):
            Changes.read(wrong)
    with pytest.raises(InterventionError, match="'ablate' is no change"):
        Changes.read(None, "ablate")
    with pytest.raises(InterventionError, match="given as a list"):
        Changes(local(2))  # type: ignore[arg-type]
    with pytest.raises(InterventionError, match="empty is 'error', 'self' or 'zero', not 'none'"):
        Changes((), "none")  # type: ignore[arg-type]


def test_joined_changes_keep_what_was_said_last_of_empty_rows() -> None:
    said = Changes((local(2),), "self")
    assert joined([said, Changes((full(),))]) == Changes((local(2), full()), "self")
    assert joined([said, Changes((full(),), "zero")]).empty == "zero"
    assert joined([]) == Changes()


def test_changes_ask_for_layers_and_heads_that_are_there() -> None:
    for edit in (ablate((6, 0)), uniform((0, 12)), mute(0, layers=6), bias(0, by=1, heads=(5, 12))):
        with pytest.raises(InterventionError, match=r"layers 0 to 5 and heads 0 to 11"):
            Changes((edit,)).require(6, 12)
        Changes((edit,)).require(7, 13)
    with pytest.raises(MaskBindError, match="0 to 5"):
        Changes((per_layer({6: local(2)}),)).require(6, 12)
    many = ablate([(9, head) for head in range(500)])
    with pytest.raises(InterventionError) as caught:
        Changes((many,)).require(6, 12)
    assert len(str(caught.value)) < 300


def dense(mask: Mask, length: int, tokens: tuple[Token, ...] | None = None) -> np.ndarray:
    return mask.bind(length, tokens=tokens).to_dense()


TOKENS = tuple(
    Token(text, text, role=role)
    for text, role in [
        ("[CLS]", TokenRole.CLS),
        ("a", TokenRole.WORD),
        ("b", TokenRole.WORD),
        ("[SEP]", TokenRole.SEP),
    ]
)


def test_knock_out_forbids_columns_but_for_each_tokens_own() -> None:
    own = np.eye(4, dtype=bool)
    for keys, gone in ((("sep"), [3]), ("special", [0, 3]), (1, [1]), (["cls", 2], [0, 2])):
        expected = np.ones((4, 4), dtype=bool)
        expected[:, gone] = False
        np.testing.assert_array_equal(dense(knock_out(keys, keep_own=False), 4, TOKENS), expected)
        np.testing.assert_array_equal(dense(knock_out(keys), 4, TOKENS), expected | own)
    one = dense(knock_out("sep", queries=1, keep_own=False), 4, TOKENS)
    assert np.argwhere(~one).tolist() == [[1, 3]]
    assert knock_out(3, queries=[1, 2], keep_own=False) == ~(global_cols(3) & global_rows(1, 2))


def test_knock_out_in_some_heads_leaves_the_others() -> None:
    mask = knock_out("sep")
    placed = knock_out("sep", heads=[(0, 1), (2, 0)], layers=[1])
    for layer in range(3):
        for head in range(2):
            meant = layer == 1 or (layer, head) in {(0, 1), (2, 0)}
            assert placed.for_head(layer, head) == (mask if meant else full())
    assert knock_out("sep", layers=0).for_head(0, 5) == mask


def test_columns_are_those_of_the_named_tokens() -> None:
    assert columns(["special"], TOKENS).tolist() == [True, False, False, True]
    assert columns([1, -1], TOKENS).tolist() == [False, True, False, True]
    with pytest.raises(MaskBindError, match="'bos'"):
        columns(["bos"], TOKENS)
    with pytest.raises(MaskBindError, match="token 4 is outside"):
        columns([4], TOKENS)


def test_ablating_everywhere_must_be_said_layer_by_layer() -> None:
    assert isinstance(ablate(layers=range(3)), Ablate)
    with pytest.raises(InterventionError, match="names no head"):
        ablate(None, layers=None)
