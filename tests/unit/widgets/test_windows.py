"""Means over heads and windows of pooled heads: the numbers that travel to the browser."""

from __future__ import annotations

import json

import numpy as np
import pytest

from attn_widgets import AttentionExplorer, AttentionRecord
from attn_widgets.export import levels
from attn_widgets.widgets import payload, windows


def make(n=6, seed=0, layers=3, heads=4):
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(layers, heads, n))
    return AttentionRecord.from_arrays(weights.astype(np.float32), [f"w{i}" for i in range(n)])


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(
        AttentionExplorer,
        "send",
        lambda _self, content, buffers=None: messages.append((content, buffers)),
    )
    return messages


def ask(view, sent, **question):
    view._handle_custom_msg({"id": "1", "layer": 0, "head": 0, **question}, [])
    return sent[-1]


@pytest.fixture
def short(monkeypatch):
    """As if a picture of more than 16 weights were too large, and of the grid any."""
    for module in (payload, windows):
        monkeypatch.setattr(module, "FOCUS_BUDGET", 16)
    monkeypatch.setattr(payload, "CELLS_BUDGET", 12 * 4)


def test_a_window_has_a_level_for_each_of_its_weights(sent):
    record = make()
    view = AttentionExplorer(record)
    answer, (cells,) = ask(view, sent, ask="window", layer=2, head=3, window=[1, 4, 2, 6])
    assert answer == {"id": "1", "result": "window"}
    expected = levels.encode(record[2, 3][1:4, 2:6])
    assert np.array_equal(np.frombuffer(cells, np.uint8).reshape(3, 4), expected)


def test_a_column_is_each_row_s_own_weight_rescaled_as_the_rows_are_read(sent):
    tokens = ["[CLS]", "a", "dog", "ran", "off", "[SEP]"]
    roles = ["cls", "word", "word", "word", "word", "sep"]
    record = AttentionRecord.from_arrays(make().weights, tokens, roles=roles)
    view = AttentionExplorer(record, mask="local(2)", mask_reading="renormalised")
    answer, (column,) = ask(view, sent, ask="column", layer=1, head=2, key=3)
    assert answer == {"id": "1", "result": "column"}
    assert np.array_equal(np.frombuffer(column, "<f4"), record[1, 2][:, 3])
    view.special_mode = "hide_renormalise"
    _, (column,) = ask(view, sent, ask="column", layer=1, head=2, key=3, rescaled=True)
    for query, got in enumerate(np.frombuffer(column, "<f4")):
        near = [key for key in range(1, 5) if abs(key - query) <= 2]
        row = record[1, 2][query].astype(float)
        assert got == pytest.approx(row[3] / row[near].sum() if 3 in near else 0, rel=1e-5)
    answer, _ = ask(view, sent, ask="column", layer=1, head=2, key=6)
    assert "keys 0 to 5" in answer["error"]


def test_a_window_is_rescaled_over_its_whole_rows_where_special_tokens_are_hidden_so(sent):
    roles = ["cls", "word", "word", "word", "word", "sep"]
    record = AttentionRecord.from_arrays(make().weights, ["x"] * 6, roles=roles)
    view = AttentionExplorer(record, special_mode="hide_renormalise")
    window = {"ask": "window", "layer": 1, "head": 2, "window": [1, 3, 2, 4]}
    _, (cells,) = ask(view, sent, **window, rescaled=True)
    part = record[1, 2][1:3].astype(float)
    expected = levels.encode(part[:, 2:4] / part[:, 1:5].sum(axis=1, keepdims=True))
    assert np.array_equal(np.frombuffer(cells, np.uint8).reshape(2, 2), expected)
    _, (cells,) = ask(view, sent, **window)
    assert np.array_equal(np.frombuffer(cells, np.uint8).reshape(2, 2), levels.encode(part[:, 2:4]))


def test_a_row_and_a_window_of_a_mean_are_the_mean_of_those_of_its_heads(sent):
    record = make()
    view = AttentionExplorer(record)
    mean = record.weights[[0, 2]][:, [1, 3]].astype(np.float64).mean(axis=(0, 1))
    heads = {"layers": [0, 2], "heads": [1, 3]}
    _, (row,) = ask(view, sent, ask="row", query=4, **heads)
    assert np.allclose(np.frombuffer(row, "<f4"), mean[4], atol=1e-7)
    _, (cells,) = ask(view, sent, ask="window", window=[0, 3, 0, 2], **heads)
    assert np.array_equal(np.frombuffer(cells, np.uint8).reshape(3, 2), levels.encode(mean[:3, :2]))


def test_a_window_of_the_second_record_is_in_the_first_ones_frame(sent):
    view = AttentionExplorer(make())
    view.second = make(seed=1)
    _, (cells,) = ask(view, sent, ask="window", window=[0, 2, 0, 2], of="second")
    expected = levels.encode(view.second[0, 0][:2, :2])
    assert np.array_equal(np.frombuffer(cells, np.uint8).reshape(2, 2), expected)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"window": [0, 7, 0, 2]}, "6 queries and 6 keys"),
        ({"window": [2, 2, 0, 2]}, "6 queries and 6 keys"),
        ({"window": [0, 2]}, "first query, query end, first key, key end"),
        ({"window": "all"}, "names its window"),
        ({"window": [0, 2, 0, 2], "of": "second"}, "no second record"),
        ({"window": [0, 2, 0, 2], "of": "third"}, "'first' or the 'second'"),
        ({"window": [0, 2, 0, 2], "layers": [0]}, "layers and heads"),
        ({"window": [0, 2, 0, 2], "layers": [0], "heads": [9]}, "heads"),
        ({"window": [0, 2, 0, 2], "layer": 8}, "layer"),
        ({"ask": "row", "query": 0, "layers": [], "heads": []}, "a row of a mean"),
        ({"ask": "row", "query": 0, "layers": "01", "heads": [0]}, "a row of a mean"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(sent, question, message):
    answer, _ = ask(AttentionExplorer(make()), sent, **{"ask": "window", **question})
    assert message in answer["error"]
    json.dumps(answer)


@pytest.mark.usefixtures("short")
def test_no_more_is_sent_at_once_than_a_picture_may_hold(sent):
    answer, _ = ask(AttentionExplorer(make()), sent, ask="window", window=[0, 5, 0, 5])
    assert "over 16 weights" in answer["error"]


@pytest.mark.usefixtures("short")
def test_where_the_grid_is_pooled_the_mean_comes_in_full():
    record = make()
    view = AttentionExplorer(record)
    assert view._focus_place == [0, 0, 4, 4]
    view.averaged = True
    assert view._focus_place == [0, 2, 4, 4, 0, 1, 2, 3]
    mean = record.weights.astype(np.float64).mean(axis=(0, 1))
    assert view._focus == levels.picture(mean, 4, 4).tobytes()
    before = view._focus
    view.layer = 2
    assert view._focus == before
    view.layers, view.heads = (1, 2), (3,)
    assert view._focus_place == [1, 2, 4, 4, 3]
    mean = record.weights[1:, 3].astype(np.float64).mean(axis=0)
    assert view._focus == levels.picture(mean, 4, 4).tobytes()
    view.second = make(seed=1)
    other = view.second.weights[1:, 3].astype(np.float64).mean(axis=0)
    assert view._second_focus == levels.picture(other, 4, 4).tobytes()
    view.averaged = False
    assert view._focus_place == [2, 0, 4, 4]


@pytest.mark.usefixtures("short")
def test_the_mean_of_the_layer_in_focus_follows_it():
    record = make()
    view = AttentionExplorer(record, averaged=True, averaged_over="layer", layer=1, heads=(0, 2))
    assert view._focus_place == [1, 1, 4, 4, 0, 2]
    view.layer = 2
    assert view._focus_place == [2, 2, 4, 4, 0, 2]
    mean = record.weights[2, [0, 2]].astype(np.float64).mean(axis=0)
    assert view._focus == levels.picture(mean, 4, 4).tobytes()
    before = view._focus
    view.head = 3
    assert view._focus == before
    view.averaged_over = "shown"
    assert view._focus_place == [0, 2, 4, 4, 0, 2]


def test_where_the_grid_is_whole_the_browser_works_out_the_mean_itself():
    view = AttentionExplorer(make(), averaged=True)
    assert (view._focus, view._focus_place) == (b"", [])
