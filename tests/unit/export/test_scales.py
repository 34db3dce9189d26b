"""Scales and colour tables of still pictures: what the browser draws, and what the numbers say."""

from __future__ import annotations

import base64
import json
import zlib

import make_pictures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets import AttentionExplorer, AttentionRecord
from attn_widgets.export.colors import PAPER, table
from attn_widgets.export.overlay import toned, tones

SCALES = make_pictures.SCALES


def unpacked(value):
    return value if not isinstance(value, str) else zlib.decompress(base64.b64decode(value))


def test_the_vectors_that_the_browser_is_held_to_are_those_that_python_draws():
    kept = json.loads(make_pictures.FILE.read_text("utf-8"))
    made = make_pictures.make()
    assert kept["tones"] == made["tones"]
    assert kept["tables"].keys() == made["tables"].keys()
    for name, colors in made["tables"].items():
        assert unpacked(kept["tables"][name]) == unpacked(colors)
    for before, now in zip(kept["heads"], made["heads"], strict=True):
        for part, value in now.items():
            same = part not in {"levels", "allowed", "hiddenRows", "hiddenCols", "pixels"}
            assert before[part] == value if same else unpacked(before[part]) == unpacked(value)


@pytest.mark.parametrize("scale", ["sqrt", "linear", "log"])
def test_a_scale_goes_from_nothing_to_all_and_never_back(scale):
    places = tones(scale).astype(int)
    assert (places[0], places[255]) == (0, 255)
    assert (np.diff(places) >= 0).all()


def test_each_tenth_is_as_far_from_the_next_on_the_logarithmic_scale():
    places = [int(tones("log")[round(255 * 10 ** (-power / 2))]) for power in range(5)]
    assert places == pytest.approx([255, 191, 128, 64, 0], abs=10)  # levels are rounded, too
    assert tones("log")[1] == 0


@given(
    rows=st.integers(1, 6),
    cols=st.integers(1, 6),
    seed=st.integers(0, 999),
    of=st.sampled_from(["row", "head"]),
)
def test_the_largest_weight_that_is_drawn_has_the_last_colour(rows, cols, seed, of):
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (rows, cols)).astype(np.uint8)
    blank, within = rng.random((rows, cols)) < 0.3, rng.random((rows, cols)) < 0.8
    shades = toned(cells, of, blank, within)
    counted = np.where(blank | ~within, 0, cells)
    for r in range(rows):
        own = counted if of == "head" else counted[r]
        if own.max() > 0:
            expected = np.minimum(255, np.floor(cells[r] * (255 / own.max()) + 0.5))
            assert np.array_equal(shades[r], expected)
        else:
            assert np.array_equal(shades[r], cells[r])


@pytest.mark.parametrize("scale", SCALES)
def test_the_picture_follows_scale_and_colours_and_keeps_its_paper(scale):
    weights = np.random.default_rng(3).dirichlet(np.ones(7) * 0.3, size=(2, 2, 7))
    record = AttentionRecord.from_arrays(weights, [f"w{i}" for i in range(7)])
    view = AttentionExplorer(record)
    plain = view.picture()
    view.scale = scale
    assert np.array_equal(view.picture(), plain) == (scale == "sqrt")
    before = view.picture()
    view.colors = "cividis"
    assert not np.array_equal(view.picture(), before)
    assert tuple(view.picture()[0, 0]) == PAPER["light"]
    known = {tuple(color) for color in table("light", "cividis")}
    assert sum(tuple(p) in known for p in view.picture()[60:64, 60:64].reshape(-1, 3)) > 0
