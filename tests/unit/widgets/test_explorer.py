"""The explorer's contract with Python: what it takes, refuses, keeps and answers."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import traitlets as t

from attn_widgets import AttentionExplorer, AttentionRecord, causal, global_, local
from attn_widgets.analysis import special_share
from attn_widgets.export.grid_picture import MARGIN
from attn_widgets.masks import outside, per_head

ROLES = ["cls", "word", "word", "word", "sep"]


def make(layers=3, heads=4, roles=ROLES, seed=0, **parts):
    n = len(roles)
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(layers, heads, n))
    tokens = [f"t{i}" for i in range(n)]
    return AttentionRecord.from_arrays(weights, tokens, roles=roles, **parts)


@pytest.fixture
def record():
    return make()


@pytest.fixture
def sent(monkeypatch):
    """What widgets send to the browser as messages."""
    messages = []
    monkeypatch.setattr(
        AttentionExplorer,
        "send",
        lambda _self, content, buffers=None: messages.append((content, buffers)),
    )
    return messages


class Reverser:
    """A runner that needs no model."""

    def run(self, text, pair=None):
        if not text:
            msg = "the text is empty: give at least one word"
            raise ValueError(msg)
        return make(
            roles=["cls", *["word"] * len(text.split()), "sep"],
            text=(text,) if pair is None else (text, pair),
        )


def test_it_starts_with_everything_shown(record):
    view = AttentionExplorer(record)
    assert view.layers == (0, 2)
    assert view.heads == (0, 1, 2, 3)
    assert view.selected == (0, 0, None, None)
    assert view.mask is None
    assert view.special_mode == "mark"


def test_settings_can_be_given_at_once(record):
    view = AttentionExplorer(
        record, layers=(1, 2), heads=[3, 1], layer=2, head=3, query=1, key=4, threshold=0.2
    )
    assert (view.layers, view.heads, view.threshold) == ((1, 2), (1, 3), 0.2)
    assert view.selected == (2, 3, 1, 4)


BAD = {
    "layers": ([(2, 1), (0, 3), (-1, 1), 3, (0,), None, (0, 1, 2), ("0", "1")], "0 to 2"),
    "heads": ([(), (4,), (True,), 3, (1.0,), None], "0 to 3"),
    "layer": ([3, -1, "2", None, True, 1.0], "layers 0 to 2"),
    "head": ([4, None], "heads 0 to 3"),
    "query": ([5, -1, "1", False], "queries 0 to 4"),
    "key": ([5], "keys 0 to 4"),
    "threshold": ([-0.1, 1.5, float("nan")], "from 0 to 1"),
    "special_mode": (["hidden"], "mark"),
    "special_roles": (["verbs", "cls", ["clss"], None, 3, [["cls"]]], "'sep', 'bos'"),
    "special_from": (["word", "first", 0], "cls"),
    "mask_reading": (["re-run"], "outside"),
    "view": (["heads"], "matrix"),
    "averaged_over": (["all"], "layer"),
    "compared": ([(4,), 3, None, (0, 0.5), "01"], "at most 8 of this record's heads, 0 to 3"),
    "zoom": ([(0, 0, 0, 5), (0, 6, 0, 5), (0, 5), "all", (0.0, 1, 0, 1)], "5 queries and 5 keys"),
    "top": ([0, 1.5, float("nan")], "up to 1"),
    "badge_range": ([(0.5, 0.2), (0, 2), 0.5, ("a", "b"), None], "low <= high"),
    "lang": (["fr"], "ja"),
    "mask": (["local(", "nothing(2)", 3, "global_('bos')", local(1).bind(5)], "."),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_values_raise_with_the_range_and_change_nothing(record, name):
    view = AttentionExplorer(record, mask="local(1)")
    before = view.get_state()
    values, message = BAD[name]
    for value in values:
        with pytest.raises(t.TraitError, match=message):
            setattr(view, name, value)
        assert view.get_state() == before


@pytest.mark.parametrize("name", BAD)
def test_bad_values_raise_when_the_explorer_is_made(record, name):
    with pytest.raises(t.TraitError):
        AttentionExplorer(record, **{name: BAD[name][0][0]})


def test_unknown_words_and_other_things_are_refused(record):
    with pytest.raises(TypeError, match="no setting layr: it takes layers, heads"):
        AttentionExplorer(record, layr=1)
    with pytest.raises(TypeError, match=r"attention is a float: expected .* or an AttentionRecord"):
        AttentionExplorer(0.5)
    with pytest.raises(TypeError, match="runner is a int"):
        AttentionExplorer(record, runner=3)


def test_masks_come_as_values_text_or_specs(record):
    view = AttentionExplorer(record)
    view.mask = "local(1) | global_('cls')"
    assert view.mask == local(1) | global_("cls")
    view.set_state({"mask": causal().to_spec()})
    assert view.mask == causal()
    view.set_state({"mask": None})
    assert view.mask is None
    assert view._mask_effect == {}


def test_the_numbers_sent_are_the_models_own():
    record = make(seed=3)
    view = AttentionExplorer(record, mask=local(1))
    sent = view._record["special"]
    assert list(sent["groups"]) == ["cls", "sep"]
    shares = np.array([group["share"] for group in sent["groups"].values()])
    assert np.allclose(shares.sum(axis=0), special_share(record).share)
    assert sum(group["uniform"] for group in sent["groups"].values()) == pytest.approx(2 / 5)
    bound = local(1).bind(5)
    rows = np.array([False, True, True, True, False])
    assert np.allclose(view._mask_effect["outside"], outside(record.weights, bound, rows=rows))
    assert view._mask_effect["text"] == "local(1)"


def test_a_mask_that_leaves_a_query_nothing_is_refused(record):
    view = AttentionExplorer(record)
    with pytest.raises(
        t.TraitError, match=r"leaves 4 of 5 queries with nothing to look at .*\| local\(0\)"
    ):
        view.mask = local(0) & global_("cls")


def test_the_grid_is_bytes_of_the_square_root(record):
    view = AttentionExplorer(record)
    assert view._cells_shape == [3, 4, 5, 5]
    cells = np.frombuffer(view._cells, np.uint8).reshape(3, 4, 5, 5)
    assert np.abs((cells / 255.0) ** 2 - record.weights).max() <= 0.004
    assert view._focus == b""


def test_long_texts_are_pooled_and_the_focused_head_comes_whole():
    n = 500
    weights = np.random.default_rng(0).dirichlet(np.ones(n), size=(3, 8, n)).astype(np.float16)
    view = AttentionExplorer(AttentionRecord.from_arrays(weights, ["w"] * n))
    assert len(view._cells) < 2_400_000
    assert len(view._cells) + len(view._focus) < 3_000_000
    assert view._focus_place == [0, 0, n, n]
    first = view._focus
    view.layer, view.head = 2, 5
    assert view._focus_place == [2, 5, n, n]
    assert view._focus != first


def test_another_record_keeps_what_still_fits(record):
    view = AttentionExplorer(
        record, layers=(1, 2), heads=[1, 3], layer=2, head=3, query=4, key=1, mask="local(1)"
    )
    view.record = make(layers=3, heads=2, roles=["cls", "word", "sep"])
    assert view.layers == (1, 2)
    assert view.heads == (1,)
    assert view.selected == (2, 0, None, 1)
    assert view.mask == local(1)
    assert np.shape(view._mask_effect["outside"]) == (3, 2)


def test_a_record_the_mask_does_not_fit_leaves_the_widget_as_it_was(record):
    view = AttentionExplorer(record, mask="local(1) | global_('sep')")
    before = view.get_state()
    with pytest.raises(ValueError, match=r"the mask local\(1\) \| global_\('sep'\) does not fit"):
        view.record = make(roles=["cls", "word", "word"])
    assert view.get_state() == before
    assert view.record is record


def test_the_head_in_full_is_one_of_those_shown(record):
    view = AttentionExplorer(record, layers=(1, 2), heads=[3, 2])
    assert view.selected[:2] == (1, 2)
    view.layers = (2, 2)
    assert view.layer == 1


def test_numpy_numbers_are_numbers(record):
    view = AttentionExplorer(record, layer=np.int64(2), heads=np.array([1, 3]))
    assert view.layer == 2
    assert view.heads == (1, 3)
    json.dumps(view.get_state(["layer", "heads", "layers"]))


def test_an_observer_that_fails_finds_everything_in_place(record):
    view = AttentionExplorer(record, query=4, key=4)

    def broken(_change):
        msg = "broken"
        raise RuntimeError(msg)

    view.observe(broken, "query")
    with pytest.raises(RuntimeError, match="broken"):
        view.record = make(roles=["cls", "word", "sep"])
    assert view.selected == (0, 0, None, None)
    assert view._record["shape"][2:] == [3, 3]


def test_an_observer_that_fails_keeps_nothing_from_the_browser(record, monkeypatch):
    view = AttentionExplorer(record, query=4, key=4)
    browser = view.get_state()

    def sent(self, key=None):
        browser.update(self.get_state(key))

    monkeypatch.setattr(AttentionExplorer, "send_state", sent)
    for name in ("_record", "layers", "query"):
        view.observe(lambda _change: 1 / 0, name)
    with pytest.raises(ZeroDivisionError):
        view.record = make(layers=2, heads=2, roles=["cls", "word", "sep"])
    assert browser == view.get_state()
    assert browser["key"] is None


def test_rows_are_answered_exactly(record, sent):
    view = AttentionExplorer(record)
    view._on_message(view, {"id": "a", "ask": "row", "layer": 2, "head": 1, "query": 3}, [])
    (message, buffers) = sent[-1]
    assert message == {"id": "a", "result": "row"}
    assert np.array_equal(np.frombuffer(buffers[0], "<f4"), record[2, 1][3])


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ({"ask": "row", "layer": 9, "head": 0, "query": 0}, "no layer 9"),
        ({"ask": "row", "layer": 0, "head": 0, "query": 99}, "queries 0 to 4"),
        ({"ask": "row", "layer": 0, "head": 0, "query": -1}, "queries 0 to 4"),
        ({"ask": "row", "layer": "0", "head": 0, "query": 0}, "layer as an integer"),
        ({"ask": "row", "layer": True, "head": 0, "query": 0}, "layer as an integer"),
        ({"ask": "row"}, "layer as an integer"),
        ({"ask": "__import__"}, "unknown request"),
        ({}, "unknown request None"),
        ({"ask": "run", "text": "a"}, "no model runner"),
        ({"ask": "run", "text": 3}, "text as a string"),
        ({"ask": "run", "text": "a" * 300_000}, "300000 characters"),
    ],
)
def test_every_request_with_an_id_is_answered_even_if_only_with_an_error(
    record, sent, question, problem
):
    view = AttentionExplorer(record)
    view._on_message(view, {"id": "x", **question}, [])
    assert sent[-1][0]["id"] == "x"
    assert problem in sent[-1][0]["error"]


def test_messages_without_an_id_are_not_answered(record, sent):
    view = AttentionExplorer(record)
    for message in ({"ask": "row"}, {"id": 3, "ask": "row"}, "row", None):
        view._on_message(view, message, [])
    assert sent == []


def test_a_new_text_is_run_and_shown(record, sent):
    view = AttentionExplorer(record, runner=Reverser())
    view._on_message(view, {"id": "r", "ask": "run", "text": "one two", "pair": "three"}, [])
    assert sent[-1][0] == {"id": "r", "result": "run"}
    assert view.record.text == ("one two", "three")
    shown = view.record
    view._on_message(view, {"id": "s", "ask": "run", "text": ""}, [])
    assert sent[-1][0] == {"id": "s", "error": "the text is empty: give at least one word"}
    assert view.record is shown


def test_what_the_browser_sends_is_checked(record, sent):
    view = AttentionExplorer(record)
    view.set_state({"layer": 99})
    assert view.layer == 0
    assert "layers 0 to 2" in sent[-1][0]["refused"]
    view.set_state({"mask": {"kind": "local", "left": -1, "right": 0}})
    assert view.mask is None
    assert "refused" in sent[-1][0]


def test_an_error_in_a_callback_is_shown_in_the_widget(record, sent):
    view = AttentionExplorer(record)

    def broken(_change):
        msg = "no such column"
        raise KeyError(msg)

    view.observe(broken, "layer")
    with pytest.raises(KeyError):
        view.set_state({"layer": 1})
    assert "KeyError" in sent[-1][0]["refused"]
    assert "no such column" in sent[-1][0]["refused"]


def test_the_browser_cannot_overwrite_the_record(record):
    view = AttentionExplorer(record)
    cells = view._cells
    view.set_state({"_record": {}, "_cells": b"", "_can_run": True, "_mask_effect": {"text": "x"}})
    assert view._cells == cells
    assert view._record["shape"] == [3, 4, 5, 5]
    assert not view._can_run


def test_it_shows_a_picture_where_it_cannot_run(record):
    data, _ = AttentionExplorer(record)._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_picture_follows_the_settings(record):
    view = AttentionExplorer(record)
    whole = view.picture()
    view.layers, view.heads = (1, 1), (0, 2)
    part = view.picture()
    assert part.shape[0] < whole.shape[0]
    assert part.shape[1] < whole.shape[1]
    view.mask = "local(0)"
    assert not np.array_equal(view.picture(), part)
    view.mask_shown = False
    assert np.array_equal(view.picture(), part)
    assert not np.array_equal(view.picture("dark"), part)
    for name, value in (
        ("special_mode", "hide"),
        ("special_mode", "hide_renormalise"),
        ("threshold", 0.3),
    ):
        before = view.picture()
        setattr(view, name, value)
        assert not np.array_equal(view.picture(), before)
    view.mask_shown = True
    before = view.picture()
    view.mask_reading = "renormalised"
    view.special_mode = "mark"
    assert not np.array_equal(view.picture(), before)


def test_columns_are_marked_only_in_the_mode_that_marks_them(record):
    view = AttentionExplorer(record)
    marked = view.picture()
    view.special_mode = "off"
    assert not np.array_equal(view.picture(), marked)


def test_a_mask_of_each_heads_own_is_drawn_over_that_head(record):
    view = AttentionExplorer(record)
    plain = view.picture()
    view.mask = per_head({2: local(4)}, default=local(0))
    under = view.picture()
    step = (plain.shape[1] - MARGIN) // 4
    for head in range(4):
        columns = slice(MARGIN + head * step, MARGIN + (head + 1) * step)
        assert np.array_equal(under[:, columns], plain[:, columns]) == (head == 2)


def test_half_a_character_can_be_shown_and_saved(tmp_path):
    record = AttentionRecord.from_arrays(np.ones((1, 1, 1, 1)), ["\ud83d"], text="\ud83d")
    view = AttentionExplorer(record)
    assert view._record["tokens"][0]["text"] == "\ufffd"
    assert view._record["text"] == ["\ufffd"]
    json.dumps(view.get_state(["_record"]), ensure_ascii=False).encode()
    view.save_png(tmp_path / "a.png")
    view.save_html(tmp_path / "a.html")
    assert "\ufffd" in (tmp_path / "a.html").read_text("utf-8")


def test_the_browser_is_told_whether_the_text_has_words(record):
    assert AttentionExplorer(record)._record["special"]["words"] is True
    assert AttentionExplorer(make(roles=["cls", "sep"]))._record["special"]["words"] is False


def test_it_saves_a_picture_and_a_page(record, tmp_path):
    view = AttentionExplorer(record, lang="ja", runner=Reverser())
    view.save_png(tmp_path / "a.png")
    view.save_html(tmp_path / "a.html")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "a.html").read_text("utf-8")
    assert '<html lang="ja">' in text
    state = json.loads(text.split('id="state">')[1].split("</script>")[0])
    assert state["_cells_shape"] == [3, 4, 5, 5]
    assert state["_can_run"] is False
    assert not {"_esm", "_css", "layout", "comm"} & set(state)


@pytest.mark.parametrize("name", ["sentence", "pair", "paragraph", "japanese"])
def test_samples_need_no_model(name):
    view = AttentionExplorer.sample(name, head=11)
    assert view.record.shape[:2] == (6, 12)
    assert view.head == 11


def test_a_sample_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"no sample is called 'poem': there are sentence, pair"):
        AttentionExplorer.sample("poem")
