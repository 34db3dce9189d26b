"""Still pictures of masks: every pair where it belongs, at any length."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.export.mask_picture import FORBIDDEN, KEPT, density, draw_mask, mask_svg
from attn_widgets.masks import parse

MASKS = ["local(2)", "dilated(2, 3) | global_(4)", "causal() & ~sink(2)", "blocks(5)"]


@pytest.mark.parametrize("text", MASKS)
@given(n=st.integers(6, 40), size=st.integers(1, 40))
def test_density_is_the_mean_of_what_lies_under_a_pixel(text, n, size):
    bound = parse(text).bind(n)
    dense = bound.to_dense().astype(float)
    shares = density(bound, size)
    for y in range(size):
        rows = range(y * n // size, max(y * n // size + 1, (y + 1) * n // size))
        rows = sorted({int(r) for r in np.linspace(rows[0], rows[-1], min(24, len(rows)))})
        for x in range(size):
            left, right = x * n / size, (x + 1) * n / size
            parts = [max(0.0, min(right, k + 1) - max(left, k)) for k in range(n)]
            expected = (dense[rows] * parts).sum(axis=1).mean() / (right - left)
            assert shares[y, x] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("text", MASKS)
def test_every_pair_is_where_it_belongs(text, theme):
    bound = parse(text).bind(12)
    dense = bound.to_dense()
    picture = draw_mask(bound, theme)
    edge = (picture.shape[0] - 16) // 12
    for query in range(12):
        for key in range(12):
            pixel = picture[8 + query * edge + edge // 2, 8 + key * edge + edge // 2]
            assert tuple(pixel) == (KEPT if dense[query, key] else FORBIDDEN)[theme]


def test_a_million_tokens_can_be_drawn():
    picture = draw_mask(parse("local(256) | global_cols(0)").bind(2**20))
    assert picture.shape == (400, 400, 3)
    diagonal = picture[np.arange(20, 380), np.arange(20, 380)]
    assert not (diagonal == FORBIDDEN["light"]).all(axis=1).any()


@pytest.mark.parametrize("text", MASKS)
def test_vectors_cover_the_same_pairs(text):
    bound = parse(text).bind(15)
    root = ET.fromstring(mask_svg(bound, "<b>&"))  # noqa: S314 - our own text
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == "<b>&"
    drawn = np.zeros((15, 15), bool)
    for run in root.find(f"{space}path").get("d").split("z")[:-1]:
        place, width = run[1:].split("h")[0], run.split("h")[1].split("v")[0]
        left, row = map(int, place.split())
        drawn[row, left : left + int(width)] = True
    assert np.array_equal(drawn, bound.to_dense())


def test_what_is_too_large_for_vectors_says_what_to_do():
    with pytest.raises(ValueError, match="at most 1024 tokens; save_png"):
        mask_svg(parse("local(1)").bind(1025), "t")
