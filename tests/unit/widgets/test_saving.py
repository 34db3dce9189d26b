"""What is saved of an explorer: pictures, pages of a size, and snapshots."""

from __future__ import annotations

import base64
import json
import warnings

import numpy as np
import pytest

from attn_widgets import AttentionExplorer, AttentionRecord
from attn_widgets.export import lettering
from attn_widgets.masks import local, per_head
from attn_widgets.record.tokens import as_tokens
from attn_widgets.widgets import requests, stills


def record(layers=4, heads=6, n=64):
    weights = np.random.default_rng(0).dirichlet(np.ones(n) * 0.1, size=(layers, heads, n))
    return AttentionRecord.from_arrays(weights.astype(np.float32), [f"w{i}" for i in range(n)])


def state_of(path):
    return json.loads(path.read_text("utf-8").split('id="state">')[1].split("</script>")[0])


def bytes_of(state, name):
    return base64.b64decode(state[name]["$bytes"])


def saved(view, path, most):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        view.save_html(path, max_bytes=most)
    return path.stat().st_size, [str(warning.message) for warning in caught]


def test_a_page_without_a_cap_leaves_nothing_out(tmp_path):
    size, said = saved(AttentionExplorer(record()), tmp_path / "a.html", None)
    assert said == []
    again, said = saved(AttentionExplorer(record()), tmp_path / "b.html", size)
    assert (again, said) == (size, [])


@pytest.mark.parametrize("mask", [None, "local(2)", per_head({1: local(1)}, default=local(3))])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_capped_page_keeps_its_size_and_says_what_it_lacks(tmp_path, mask, lang):
    view = AttentionExplorer(record(), layer=2, head=5, mask=mask, lang=lang)
    view.second = record()
    whole, _ = saved(view, tmp_path / "whole.html", None)
    before = whole
    for less in (1, 40_000, 40_000):
        most = before - less
        path = tmp_path / f"{most}.html"
        size, (said,) = saved(view, path, most)
        assert size <= most
        assert size < before
        before = size
        assert said in path.read_text("utf-8")
        assert {"en": "the second record", "ja": "2 つ目の記録"}[lang] in said
        state = state_of(path)
        assert state["_second"] == {}
        assert state["shown"] == "first"
        assert len(bytes_of(state, "_cells")) == np.prod(state["_cells_shape"])
    assert view.second is not None
    assert state["_cells_shape"][2] < 64
    layer, head, *size = state["_focus_place"]
    assert (layer, head, size) == (2, 5, [64, 64])
    assert len(bytes_of(state, "_focus")) == 64 * 64
    if not isinstance(mask, str) and mask is not None:
        per = -(-np.prod(state["_cells_shape"][2:]) // 8)
        assert len(bytes_of(state, "_mask_cells")) == 4 * 6 * per
        assert len(bytes_of(state, "_focus_mask")) == 64 * 64 // 8


def test_pooled_cells_are_those_of_the_weights(tmp_path):
    view = AttentionExplorer(record())
    whole, _ = saved(view, tmp_path / "a.html", None)
    saved(view, tmp_path / "b.html", whole * 9 // 10)
    state = state_of(tmp_path / "b.html")
    _, _, rows, columns = state["_cells_shape"]
    cells = np.frombuffer(bytes_of(state, "_cells"), np.uint8).reshape(state["_cells_shape"])
    block = view.record.weights[1, 2][: 64 // rows, : 64 // columns]
    assert cells[1, 2, 0, 0] == round(float(np.sqrt(block.max())) * 255)
    assert view._cells_shape == [4, 6, 64, 64]


def test_a_page_that_cannot_be_that_small_is_refused_with_what_it_takes(tmp_path):
    view = AttentionExplorer(record())
    with pytest.raises(ValueError, match=r"max_bytes=1000: .* takes (\d+) bytes") as error:
        view.save_html(tmp_path / "a.html", max_bytes=1000)
    least = int(str(error.value).split("takes ")[1].split(" ")[0])
    size, _ = saved(view, tmp_path / "a.html", least)
    assert size <= least


def test_a_page_names_its_sources_for_readers_and_programs(tmp_path):
    view = AttentionExplorer.sample("pair", mask="local(2)")
    view.save_html(tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text("utf-8")
    footer = text.split("<footer>")[1].split("</footer>")[0]
    for part in ("all-MiniLM-L6-v2", "transformers", "The dog chased the cat.", "local(2)"):
        assert part in footer
    assert 'name="attn_widgets" content="{&quot;attn_widgets&quot;' in text


def test_the_browser_is_given_a_page_when_it_asks():
    view = AttentionExplorer(record(n=8))
    reply, (page,) = view._answer(requests.parse({"ask": "page"}))
    assert reply == {"result": "page"}
    assert page.startswith(b"<!doctype html>")
    assert b'"_can_save": false' in page
    assert view._can_save is True


def test_a_snapshot_is_a_picture_with_words_for_those_who_cannot_see_it():
    view = AttentionExplorer.sample("sentence", layer=2, head=7)
    data, metadata = view.snapshot()._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG")
    width = int.from_bytes(png[16:20])
    assert metadata["image/png"]["width"] * 2 == width
    assert metadata["image/png"]["alt"] == data["text/plain"]
    assert "The dog chased the cat" in data["text/plain"]
    assert "Layer 2, head 7" in data["text/plain"]


def test_what_a_png_lacks_is_said(tmp_path, monkeypatch):
    view = AttentionExplorer(record(1, 1, 3))
    monkeypatch.setattr(stills, "pen", lambda: None)
    monkeypatch.setattr("attn_widgets.export.raster.pen", lambda: None)
    with pytest.warns(UserWarning, match="Pillow is not installed"):
        view.save_png(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert view._png().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="scale=0"):
        view.save_png(tmp_path / "a.png", scale=0)


def test_labels_no_font_has_are_left_out_and_named(tmp_path):
    if lettering.pen() is None:
        pytest.skip("Pillow is not installed")
    weights = np.full((1, 1, 2, 2), 0.5)
    view = AttentionExplorer(AttentionRecord.from_arrays(weights, ["a", "\U0001e900"]))
    with pytest.warns(UserWarning, match="2 labels of the PNG are left out"):
        view.save_png(tmp_path / "a.png")


@pytest.mark.parametrize("make", ["figure", "save_svg", "save_png", "snapshot"])
def test_what_no_figure_draws_is_named(tmp_path, make):
    view = AttentionExplorer(record(n=8))
    take = getattr(view, make)
    given = [tmp_path / "a"] if make.startswith("save") else []

    def warned(**options):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            take(*given, **options)
        assert {warning.filename for warning in caught} <= {__file__}
        return [str(warning.message).split(": ")[0] for warning in caught]

    assert warned() == []
    view.view, view.order, view.badge_range = "lines", "high", (0.5, 1.0)
    assert warned() == ["view='lines', order='high', badge_range=(0.5, 1.0)"]
    assert warned(what="head") == ["view='lines'"]
    view.order, view.badge_range = "model", (0.0, 1.0)
    assert warned(what="grid") == []


def test_the_browser_names_the_source_that_python_names():
    view = AttentionExplorer.sample("sentence")
    assert view._sources()["From"] == view._record["source"]
    assert "bert" in view._record["source"]
    assert "float32" in view._record["source"]


@pytest.mark.parametrize(
    ("tokens", "roles", "told"),
    [
        (["[CLS]", "a", "[SEP]"], None, False),
        (["[CLS]", "a", "[SEP]"], ["cls", "word", "sep"], True),
    ],
)
def test_the_browser_hears_whether_special_tokens_were_told(tokens, roles, told):
    weights = np.full((1, 1, 3, 3), 1 / 3, np.float32)
    view = AttentionExplorer(AttentionRecord.from_arrays(weights, as_tokens(tokens, roles)))
    assert view._record["special"]["told"] is told
    sample = AttentionExplorer.sample("sentence")
    assert sample._record["special"]["told"]
