"""Figures hold what they show, whatever the text is made of."""

from __future__ import annotations

import base64
import json
import unicodedata
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets import AttentionExplorer, AttentionRecord, ablate
from attn_widgets.export import Figure, rasterised, svg
from attn_widgets.export import layout_legend as legend
from attn_widgets.export.colors import PAPER, table
from attn_widgets.export.figure import Box, Label, Picture
from attn_widgets.export.lettering import pen
from attn_widgets.export.overlay import tones
from attn_widgets.export.visible import clipped, isolated, letters, line, visible, width, wrapped
from attn_widgets.export.words import WORDS

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "</script><script>alert(1)</script>",
    "</svg><svg onload=alert(1)>",
    "<!--",
    "]]>",
    "&amp;&#x0;",
    "\"'`",
    "\x00\x08\x1b\x7f\x85",
    "\ufffe\uffff",
    "\ud83d",
    "\udc00x",
    "\u202eevil\u2066",
    "\u2028\u2029\r\n\t",
    "שלום",
    "مرحبا",
    "e\u0301\u0323",
    "👩\u200d👩\u200d👧🏽🇯🇵",
    "  ",
    "",
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=12))


def explorer(tokens, text="a text", **settings_):
    n = len(tokens)
    weights = np.random.default_rng(n).dirichlet(np.ones(n), size=(2, 3, n))
    return AttentionExplorer(AttentionRecord.from_arrays(weights, tokens, text=text), **settings_)


def read(text):
    assert not [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    return ET.fromstring(text.encode())  # noqa: S314 - our own


@settings(max_examples=40, deadline=None)
@given(tokens=st.lists(TEXTS, min_size=1, max_size=4), text=TEXTS)
def test_an_svg_is_well_formed_and_keeps_the_text_whatever_it_is(tokens, text):
    view = explorer(tokens, text, query=0, key=0)
    root = read(svg(view.figure()))
    allowed = {"svg", "title", "desc", "metadata", "rect", "text", "image"}
    assert {element.tag for element in root.iter()} <= {SVG + name for name in allowed}
    kept = json.loads(root.findtext(SVG + "metadata"))
    assert kept["record"]["text"] == [text]
    assert kept["state"]["query"] == 0
    said = [element.text for element in root.iter(SVG + "text")]
    for token in tokens:
        shown = isolated(clipped(visible(token), 100))
        assert said.count(shown) >= 2
    for words in said:
        steers = [c for c in words if unicodedata.category(c) == "Cf"]
        assert not set(steers) - set("\u2068\u2069\u200c\u200d")


@pytest.mark.parametrize("token", HOSTILE)
def test_what_cannot_be_seen_is_named(token):
    shown = visible(token)
    assert shown.strip()
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert visible("\u202e") == "⟨202E⟩"
    assert visible("") == "∅"
    assert visible("  ") == "␣␣"
    assert visible("\u0301") == "◌\u0301"
    assert line(" a\n\tb\u202e ") == "a b⟨202E⟩"


def test_letters_are_cut_where_a_reader_would():
    assert letters("e\u0301\u0323x") == ["e\u0301\u0323", "x"]
    assert letters("👩\u200d👩\u200d👧🏽!") == ["👩\u200d👩\u200d👧🏽", "!"]
    assert letters("🇯🇵🇩🇪") == ["🇯🇵", "🇩🇪"]
    assert clipped("e\u0301" * 40, 60).endswith("e\u0301…")


@given(
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), room=st.integers(40, 200)
)
def test_a_clipped_or_broken_text_fits(text, room):
    assert width(clipped(text, room)) <= max(room, width("…"))
    parts = wrapped(text, room, lines=3)
    assert 1 <= len(parts) <= 3
    if len(parts) == 1 and not parts[0].endswith("…"):
        assert parts[0] == text


def test_the_figure_says_where_it_comes_from():
    view = AttentionExplorer.sample(
        "pair", layer=1, head=2, mask="local(2) | global_('cls')", edits=ablate((0, 1))
    )
    root = read(svg(view.figure()))
    said = " ".join(element.text for element in root.iter(SVG + "text"))
    for part in ("all-MiniLM-L6-v2", "torch", "The dog chased the cat.", "local(2)", "ablate("):
        assert part in said
    kept = json.loads(root.findtext(SVG + "metadata"))
    assert kept["record"]["model"] == "all-MiniLM-L6-v2"
    assert kept["state"]["edits"][0]["kind"] == "ablate"
    again = AttentionExplorer.sample("pair")
    again.state = kept["state"]
    assert again.state == view.state


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_weight_of_the_head_has_its_colour_at_full_resolution(theme):
    view = explorer([f"w{i}" for i in range(9)], layer=1, head=2)
    (picture,) = [i for i in view.figure(theme, "head").items if _is_head(i, 9)]
    levels = np.rint(np.sqrt(view.record[1, 2]) * 255).astype(int)
    assert np.array_equal(picture.draw(*picture.full), table(theme)[levels])
    root = read(svg(view.figure(theme, "head")))
    sizes = [_size(image) for image in root.iter(SVG + "image")]
    assert (9, 9) in sizes


def _is_head(item, n):
    return isinstance(item, Picture) and item.full == (n, n) and item.width > 100


def _size(image):
    data = base64.b64decode(image.get("href").split(",")[1])
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def test_a_window_a_mean_and_a_scale_are_drawn_as_on_show():
    view = explorer([f"w{i}" for i in range(8)], zoom=(2, 6, 1, 4), averaged=True, scale="linear")
    (picture,) = [
        i
        for i in view.figure("light", "head").items
        if isinstance(i, Picture) and i.width > 50 and i.full != (1, 256)
    ]
    mean = view.record.weights.mean(axis=(0, 1))[2:6, 1:4]
    levels = np.rint(np.sqrt(mean) * 255).astype(int)
    drawn = picture.draw(4, 3)
    assert np.array_equal(drawn, table("light")[tones("linear")[levels]])
    labels = [i.text for i in view.figure("light", "head").items if isinstance(i, Label)]
    assert {"w2", "w5", "w1", "w3"} <= set(labels)
    assert "w7" not in labels
    assert any(text.startswith("Rows 2") for text in labels)


def test_what_is_not_offered_is_refused():
    view = explorer(["a", "b"])
    with pytest.raises(ValueError, match="what='all': expected 'grid', 'head' or 'both'"):
        view.figure(what="all")
    with pytest.raises(ValueError, match="theme='red': expected 'light' or 'dark'"):
        view.figure(theme="red")


@pytest.mark.parametrize("what", ["grid", "head", "both"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_nothing_of_a_figure_lies_outside_it(what, lang):
    view = AttentionExplorer.sample("japanese", lang=lang, mask="local(1)", special_mode="mark")
    figure = view.figure(what=what)
    for item in figure.items:
        if isinstance(item, Label):
            assert 0 <= item.y <= figure.height
            if item.anchor == "start" and not item.turn:
                assert item.x + width(item.text, item.size) <= figure.width + 1
        else:
            assert item.x >= 0
            assert item.y >= 0
            assert item.x + item.width <= figure.width
            assert item.y + item.height <= figure.height


def test_both_languages_say_the_same():
    assert WORDS["en"].keys() == WORDS["ja"].keys()
    for name, text in WORDS["en"].items():
        fields = {part.split("}")[0] for part in text.split("{")[1:]}
        other = {part.split("}")[0] for part in WORDS["ja"][name].split("{")[1:]}
        assert fields == other


@pytest.mark.parametrize("scale", ["sqrt", "linear", "log"])
def test_a_tick_stands_at_its_colour(scale):
    for level in (0, 3, 26, 114, 255):
        assert abs(legend.place((level / 255) ** 2, scale) * 255 - tones(scale)[level]) <= 0.5


def test_boxes_pictures_and_letters_are_drawn_where_they_are_said_to_be():
    red, blue = (255, 0, 0), (0, 0, 255)
    figure = Figure(
        width=40,
        height=20,
        items=(
            Picture(2, 3, 4, 5, lambda h, w: np.full((h, w, 3), 9, np.uint8), (1, 1)),
            Box(10, 2, 6, 6, fill=red),
            Box(20, 2, 8, 8, frame=blue),
            Label(30, 15, "I", red, size=10, anchor="middle"),
        ),
        paper=PAPER["light"],
        title="",
        about="",
        data={},
    )
    pixels, left = rasterised(figure, 2)
    assert pixels.shape == (40, 80, 3)
    assert (pixels[6:16, 4:12] == 9).all()
    assert (pixels[4:16, 20:32] == red).all()
    assert (pixels[4:6, 40:56] == blue).all()
    assert (pixels[10, 48] == PAPER["light"]).all()
    if pen() is None:
        assert left == ["I"]
        return
    assert left == []
    y, x = np.nonzero(pixels[22:, 50:, 1] < 128)
    assert abs(y.mean() + 22 - 30) < 2
    assert abs(x.mean() + 50 - 60) < 2
