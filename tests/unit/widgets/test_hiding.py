"""Hiding special tokens where a square of the picture stands for several weights."""

from __future__ import annotations

import numpy as np
import pytest

from attn_widgets import AttentionExplorer, AttentionRecord
from attn_widgets.export import levels
from attn_widgets.widgets import payload

N = 12


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """As if a grid of more than 4 x 4 weights were too large, and any head in full too."""
    monkeypatch.setattr(payload, "CELLS_BUDGET", 2 * 2 * 16)
    monkeypatch.setattr(payload, "FOCUS_BUDGET", 16)


def make(n=N, seed=0, dtype=np.float32):
    """Rows that look at [SEP] for the most part."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(n), size=(2, 2, n))
    weights[..., -1] += 3
    weights /= weights.sum(axis=-1, keepdims=True)
    words = [f"w{i}" for i in range(n - 2)]
    roles = ["cls", *["word"] * (n - 2), "sep"]
    return AttentionRecord.from_arrays(
        weights.astype(dtype), ["[CLS]", *words, "[SEP]"], roles=roles
    )


def grid(view):
    return np.frombuffer(view._cells, np.uint8).reshape(view._cells_shape)


def without(record, *, rescales):
    weights = record.weights.astype(np.float64).copy()
    weights[..., [0, -1], :] = 0
    weights[..., [0, -1]] = 0
    if rescales:
        sums = weights.sum(axis=-1, keepdims=True)
        weights = weights / np.where(sums > 0, sums, 1)
    return weights


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("mode", ["hide", "hide_renormalise"])
def test_what_is_hidden_is_left_out_before_squares_are_pooled(mode, dtype):
    record = make(dtype=dtype)
    view = AttentionExplorer(record)
    plain = grid(view)
    assert plain.shape == (2, 2, 4, 4)
    view.special_mode = mode
    expected = levels.picture(without(record, rescales=mode != "hide"), 4, 4)
    off = np.abs(grid(view).astype(int) - expected)
    assert off.max() <= 1  # roots of float16 and of float64 may round apart
    assert view._pooled_for == {
        "rescales": mode == "hide_renormalise",
        "roles": list(view.special_roles),
    }
    focus = np.frombuffer(view._focus, np.uint8).reshape(view._focus_place[2:4])
    assert np.array_equal(focus, grid(view)[0, 0])
    made = AttentionExplorer(record, special_mode=mode)
    assert made._cells == view._cells
    view.special_mode = "off"
    assert np.array_equal(grid(view), plain)
    assert view._pooled_for == {}


def test_other_roles_are_hidden_anew_and_another_record_is_pooled_alike():
    view = AttentionExplorer(make(), special_mode="hide")
    before = view._cells
    view.special_roles = ["cls"]
    assert view._cells != before
    assert view._pooled_for["roles"] == ["cls"]
    view.record = make(seed=1)
    same = AttentionExplorer(make(seed=1), special_mode="hide", special_roles=["cls"])
    assert view._cells == same._cells
    assert view._pooled_for["roles"] == ["cls"]


def test_a_whole_picture_is_left_to_the_browser(monkeypatch):
    monkeypatch.setattr(payload, "CELLS_BUDGET", 10_000)
    view = AttentionExplorer(make())
    before = view._cells
    view.special_mode = "hide_renormalise"
    assert view._cells == before
    assert view._pooled_for == {}


def test_a_difference_hides_in_both_records_and_rescales_neither():
    view = AttentionExplorer.compare(make(), make(seed=3), special_mode="hide_renormalise")
    assert view._pooled_for["rescales"] is False
    second = np.frombuffer(view._second_cells, np.uint8).reshape(view._cells_shape)
    expected = levels.picture(without(make(seed=3), rescales=False).astype(np.float32), 4, 4)
    assert np.array_equal(second, expected)
    view.shown = "first"
    assert view._pooled_for["rescales"] is True


def test_a_still_picture_of_a_long_text_does_not_rescale_again():
    view = AttentionExplorer(make(), special_mode="hide_renormalise", layer=1)
    drawn = view._on_show("light").grid[1, 0].codes
    assert np.array_equal(drawn, grid(view)[1, 0])


def test_a_page_that_is_pooled_further_says_what_it_was_made_without(monkeypatch):
    monkeypatch.setattr(payload, "CELLS_BUDGET", 10**7)
    monkeypatch.setattr(payload, "FOCUS_BUDGET", 10**6)
    view = AttentionExplorer(make(300), special_mode="hide")
    whole, states = AttentionExplorer._page, []

    def page(self, state, left=""):
        states.append(state)
        return whole(self, state, left)

    monkeypatch.setattr(AttentionExplorer, "_page", page)
    text, left = view._fitted(len(view._page(view._whole_state()).encode()) - 200_000)
    assert left
    assert text
    made = states[-1]
    assert made["_pooled_for"] == {"rescales": False, "roles": list(view.special_roles)}
    cells = np.frombuffer(made["_cells"], np.uint8).reshape(made["_cells_shape"])
    assert cells.shape[2:] != view.record.shape[2:]
    expected = without(view.record, rescales=False).astype(np.float32)
    assert np.array_equal(cells, levels.picture(expected, *cells.shape[2:]))
