"""States, bookmarks and tours."""

from __future__ import annotations

import json

import numpy as np
import pytest
import traitlets as t

from attn_widgets import AttentionExplorer, ablate, causal, global_, local
from attn_widgets.record import AttentionRecord


def make(layers=3, heads=4, n=5, seed=0):
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(layers, heads, n))
    return AttentionRecord.from_arrays(weights, [f"t{i}" for i in range(n)])


@pytest.fixture
def view():
    return AttentionExplorer(make())


CHOICES = {
    "layers": (1, 2),
    "heads": (0, 3),
    "layer": 2,
    "head": 3,
    "query": 4,
    "key": 1,
    "threshold": 0.25,
    "special_mode": "hide",
    "mask": local(1) & causal(),
    "mask_reading": "renormalised",
    "edits": (ablate((2, 3)),),
    "view": "lines",
    "zoom": (0, 3, 1, 5),
    "badge_range": (0.2, 0.9),
    "scale": "log",
    "colors": "cividis",
    "lang": "ja",
}


def test_a_state_travels_as_json_and_shows_the_same_view(view):
    for name, value in CHOICES.items():
        setattr(view, name, value)
    other = AttentionExplorer(make(seed=1))
    other.state = json.dumps(view.state)
    assert {name: getattr(other, name) for name in CHOICES} == CHOICES
    assert other.state == view.state


def test_a_state_holds_every_setting(view):
    assert sorted(view.state) == sorted(view.names())


def test_settings_that_a_state_leaves_out_stay(view):
    view.threshold = 0.5
    view.state = {"layer": 1}
    assert (view.layer, view.threshold) == (1, 0.5)


REFUSED = {
    "an unknown setting": ({"layer": 1, "colour": "red"}, ValueError, "'colour'"),
    "no mapping": ([1, 2], ValueError, "settings by name"),
    "no JSON": ("{", ValueError, "no JSON"),
    "another record's layer": ({"layer": 1, "head": 9}, t.TraitError, "heads 0 to 3"),
    "another record's mask": (
        {"layer": 1, "mask": global_([9]).to_spec()},
        t.TraitError,
        "9",
    ),
    "a mask of an unknown kind": ({"layer": 1, "mask": {"kind": "x"}}, ValueError, "x"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_state_that_does_not_fit_changes_nothing(view, case):
    state, error, says = REFUSED[case]
    view.mask = local(1)
    before, lost = view.state, view._mask_effect
    with pytest.raises(error, match=says):
        view.state = state
    assert view.state == before
    assert view._mask_effect == lost


def test_a_tour_is_walked_in_order(view):
    view.bookmark("first", "what to see")
    view.layer, view.mask = 2, local(1)
    view.bookmark("second", {"en": "a window", "ja": "窓"})
    view.step = 0
    assert (view.layer, view.mask) == (0, None)
    view.step = 1
    assert (view.layer, view.mask) == (2, local(1))
    assert [b.name for b in view.tour] == ["first", "second"]
    assert view.tour[1].caption == {"en": "a window", "ja": "窓"}
    assert view.tour[0].caption["ja"] == "what to see"


def test_a_bookmark_leaves_language_and_size_to_the_reader(view):
    view.bookmark("here")
    view.lang, view.density = "ja", "projector"
    view.step = 0
    assert (view.lang, view.density) == ("ja", "projector")


def test_a_bookmark_of_a_name_replaces_the_one_before_it(view):
    view.bookmark("a")
    view.bookmark("b")
    view.layer = 2
    view.bookmark("a")
    assert [(b.name, b.state["layer"]) for b in view.tour] == [("a", 2), ("b", 0)]


def test_a_tour_can_be_put_in_another_order_and_moved_to_another_explorer(view):
    view.bookmark("a")
    view.bookmark("b")
    view.tour = view.tour[::-1]
    other = AttentionExplorer(make(seed=2))
    other.tour = [bookmark.to_dict() for bookmark in view.tour]
    assert other.tour == view.tour
    assert [b.name for b in other.tour] == ["b", "a"]


@pytest.mark.parametrize(
    ("tour", "says"),
    [
        ("first", "expected bookmarks"),
        (3, "expected bookmarks"),
        ([{"name": "x"}], "no bookmark"),
        ([{"name": "", "caption": "", "state": {}}], "called"),
        ([{"name": "x", "caption": 3, "state": {}}], "caption"),
        ([{"name": "x", "caption": "", "state": {}}] * 2, "twice"),
    ],
)
def test_what_is_no_tour_is_refused(view, tour, says):
    with pytest.raises(ValueError, match=says):
        view.tour = tour


@pytest.mark.parametrize(("name", "caption"), [("", ""), (" ", ""), (3, ""), ("x", {"fr": "y"})])
def test_what_is_no_bookmark_is_refused(view, name, caption):
    with pytest.raises(ValueError, match="expected"):
        view.bookmark(name, caption)
    assert view.tour == ()


@pytest.mark.parametrize("step", [1, -1])
def test_a_step_beyond_the_tour_is_refused(view, step):
    view.bookmark("only")
    with pytest.raises(t.TraitError, match="bookmarks 0 to 0"):
        view.step = step


def test_a_step_that_comes_with_its_view_is_not_shown_anew(view):
    view.layer, view.head = 1, 2
    view.bookmark("one")
    view.layer = 2
    view.bookmark("two")
    view.step = 1
    view.set_state({"step": 0, "layer": 1, "head": 3})  # undo: the head was changed on the way
    assert (view.step, view.layer, view.head) == (0, 1, 3)
    view.set_state({"step": 1})
    assert (view.step, view.layer, view.head) == (1, 2, 2)
    view.step = 0
    assert (view.layer, view.head) == (1, 2)


def test_a_browser_cannot_rewrite_the_tour(view):
    view.bookmark("only")
    view.set_state({"_tour": []})
    assert len(view.tour) == 1


def test_another_text_ends_the_walk_but_keeps_the_tour(view):
    view.bookmark("only")
    view.step = 0
    view.record = make(n=7)
    assert view.step is None
    assert [b.name for b in view.tour] == ["only"]
