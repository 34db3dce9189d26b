"""The curve of a sweep as a picture: every point where its numbers say, every text escaped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from attn_widgets.interventions import Changes, Sweep, SweepRow, sweep_curve
from attn_widgets.masks import local

NS = "{http://www.w3.org/2000/svg}"


def sweep(cosine, names=("a", "<b> & c")):
    rows = [
        SweepRow(0, name, density=(1 + i) / 4, kept=(2 + i) / 4, drift=0.5, cosine=c, kl=None)
        for i, (name, c) in enumerate(zip(names, cosine, strict=True))
    ]
    changes = {name: Changes((local(i),)) for i, name in enumerate(names)}
    return Sweep("tiny", (("a text",),), changes, tuple(rows))


def drawn(made):
    whole = sweep_curve.svg(made, "en")
    text = whole.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ET.fromstring(text)  # noqa: S314 - our own text


def lines(root):
    return [
        [tuple(map(float, point.split(","))) for point in line.get("points").split()]
        for line in root.iter(f"{NS}polyline")
    ]


def test_equal_numbers_stand_at_equal_heights_and_greater_ones_higher():
    kept, close = lines(drawn(sweep([0.5, 0.9])))
    assert kept[0][1] == close[0][1]
    assert close[1][1] < kept[1][1] < kept[0][1]
    assert [x for x, _ in kept] == [x for x, _ in close]
    assert kept[0][0] < kept[1][0]


def test_a_stack_without_vectors_has_one_line():
    assert len(lines(drawn(sweep([None, None])))) == 1


def test_every_point_says_what_it_is_and_so_does_the_picture():
    root = drawn(sweep([0.5, 0.9]))
    titles = [title.text for title in root.iter(f"{NS}title")]
    assert "<b> & c: 0.9000 at density 0.5000" in titles
    assert "a: density 0.250, kept 0.500, cosine 0.500" in root.get("aria-label")


def test_a_cosine_below_zero_stays_on_the_picture():
    _, close = lines(drawn(sweep([-0.4, 0.9])))
    kept, zero = lines(drawn(sweep([0.0, 0.9])))
    assert close[0] == zero[0]
    assert kept
