"""Levels, colours, pictures and PNG files, each against an independent route."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.export import draw_grid, png
from attn_widgets.export import levels as lv
from attn_widgets.export.colors import HIDDEN, PAPER, ROLE, table
from attn_widgets.export.grid_picture import BAND, GAP, MARGIN
from attn_widgets.export.overlay import Overlay, first_level, rescaled
from attn_widgets.record import AttentionRecord


@given(weight=st.floats(0, 1, width=32))
def test_a_level_stands_for_its_weight(weight):
    level = int(lv.encode(np.array([weight], np.float32))[0])
    assert abs((level / 255) ** 2 - weight) <= 0.004
    assert abs(level / 255 - np.sqrt(weight)) <= 0.5 / 255 + 1e-6


@given(rows=st.integers(1, 30), cols=st.integers(1, 30), data=st.data())
def test_pooling_keeps_every_peak(rows, cols, data):
    to = data.draw(st.integers(1, rows)), data.draw(st.integers(1, cols))
    values = np.random.default_rng(rows * 31 + cols).random((2, rows, cols))
    pooled = lv.pool(values, *to)
    assert pooled.shape == (2, *to)
    for r in range(to[0]):
        for c in range(to[1]):
            block = values[
                :,
                r * rows // to[0] : (r + 1) * rows // to[0],
                c * cols // to[1] : (c + 1) * cols // to[1],
            ]
            assert np.array_equal(pooled[:, r, c], block.max(axis=(1, 2)))


def test_pooling_never_stretches():
    with pytest.raises(ValueError, match="cannot pool 3 to 4: expected 1 to 3"):
        lv.pool(np.zeros((3, 3)), 4, 3)


@given(
    shape=st.tuples(
        st.integers(1, 40), st.integers(1, 40), st.integers(1, 900), st.integers(1, 900)
    )
)
def test_all_heads_fit_the_budget(shape):
    budget = 200_000
    queries, keys = lv.fit(shape, budget)
    assert 1 <= queries <= shape[2]
    assert 1 <= keys <= shape[3]
    assert shape[0] * shape[1] * queries * keys <= max(
        budget, shape[0] * shape[1] * max(queries, keys)
    )
    if np.prod(shape) <= budget:
        assert (queries, keys) == shape[2:]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["magma", "viridis", "cividis"])
def test_more_attention_stands_out_more_from_the_paper(theme, name):
    colors = table(theme, name).astype(float)
    assert tuple(table(theme, name)[0]) == PAPER[theme]
    luminance = colors @ [0.2126, 0.7152, 0.0722]
    steps = np.diff(luminance) * (-1 if theme == "light" else 1)
    assert (steps > -1.5).all()
    assert abs(luminance[-1] - luminance[0]) > 180


def decode(data):
    """Read back an 8-bit RGB PNG whose rows are unfiltered, by the PNG specification."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            kind + body
        )
        chunks[kind] = body
        at += 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3), chunks


@given(height=st.integers(1, 9), width=st.integers(1, 9))
def test_a_png_holds_its_pixels(height, width):
    pixels = np.random.default_rng(height * 10 + width).integers(
        0, 256, (height, width, 3), np.uint8
    )
    back, chunks = decode(png(pixels, {"Description": "注意 — <b>"}))
    assert np.array_equal(back, pixels)
    assert chunks[b"iTXt"] == b"Description\0\0\0\0\0" + "注意 — <b>".encode()


@pytest.fixture
def record():
    weights = np.zeros((2, 3, 4, 4))
    for layer in range(2):
        for head in range(3):
            weights[layer, head] = np.roll(np.eye(4), layer * 3 + head, axis=1)
    return AttentionRecord.from_arrays(
        weights, ["[CLS]", "a", "b", "[SEP]"], roles=["cls", "word", "word", "sep"]
    )


def cell(picture, row, column, query, key, edge):
    top = MARGIN + row * (edge + GAP + BAND) + query * edge // 4 + edge // 8
    left = MARGIN + column * (edge + GAP + BAND) + key * edge // 4 + edge // 8
    return tuple(picture[top, left])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_weight_is_where_it_belongs(record, theme):
    edge, colors = 72, table(theme)
    picture = draw_grid(record, theme=theme)
    for row in range(2):
        for column in range(3):
            for query in range(4):
                for key in range(4):
                    level = 255 if record[row, column][query, key] else 0
                    assert cell(picture, row, column, query, key, edge) == tuple(colors[level])


def test_a_mask_veils_what_it_forbids_and_nothing_else(record):
    plain = draw_grid(record)
    masked = draw_grid(record, overlay=Overlay(allowed=lambda _layer, _head: np.eye(4, dtype=bool)))
    for query in range(4):
        for key in range(4):
            same = cell(plain, 1, 2, query, key, 72) == cell(masked, 1, 2, query, key, 72)
            assert same == (query == key)


def test_special_columns_are_marked_above_each_head(record):
    picture = draw_grid(record)
    left = MARGIN + 1 * (72 + GAP + BAND)
    tick = picture[MARGIN - 1, left : left + 72]
    assert tuple(tick[4]) == ROLE["light"]["cls"]
    assert tuple(tick[30]) == PAPER["light"]
    assert tuple(tick[70]) == ROLE["light"]["sep"]


def test_marks_can_be_told_apart_without_their_hue():
    roles = ["cls", "sep", "bos", "word"]
    record = AttentionRecord.from_arrays(np.full((1, 1, 4, 4), 0.25), list("abcd"), roles=roles)
    band = draw_grid(record)[MARGIN - BAND : MARGIN, MARGIN : MARGIN + 72]
    full = [
        (band[:, at : at + 16] == ROLE["light"][group]).all(axis=2)
        for at, group in ((0, "cls"), (20, "sep"), (36, "other"))
    ]
    assert full[0].all()
    assert len({marks.tobytes() for marks in full}) == 3
    assert all(marks.any() for marks in full)


def test_a_part_of_the_grid_can_be_drawn(record):
    whole, part = draw_grid(record), draw_grid(record, layers=[1], heads=[0, 2])
    step = 72 + GAP + BAND
    assert part.shape == (MARGIN + step, MARGIN + 2 * step, 3)
    assert np.array_equal(
        part[MARGIN:, MARGIN : MARGIN + 72], whole[MARGIN + step :, MARGIN : MARGIN + 72]
    )


@given(queries=st.sampled_from([1, 7, 60, 400]), keys=st.sampled_from([1, 9, 300]))
def test_texts_of_any_length_can_be_drawn(queries, keys):
    weights = np.full((1, 2, queries, keys), 1 / keys)
    record = AttentionRecord.from_arrays(
        weights, ["q"] * queries, key_tokens=["k"] * keys, kind="cross"
    )
    assert draw_grid(record).shape[2] == 3


def test_a_float16_picture_is_that_of_the_same_float32():
    weights = np.random.default_rng(0).dirichlet(np.ones(37), size=(2, 3, 41)).astype(np.float16)
    for shape in ((41, 37), (11, 9), (1, 1)):
        wide = lv.encode(lv.pool(weights.astype(np.float32), *shape))
        assert np.array_equal(lv.picture(weights, *shape), wide)


def test_hidden_rows_and_columns_are_blank_and_the_rest_keeps_its_scale(record):
    special = np.array([True, False, False, True])
    plain = draw_grid(record)
    hidden = draw_grid(record, overlay=Overlay(hidden_queries=special, hidden_keys=special))
    for query in range(4):
        for key in range(4):
            pixel = cell(hidden, 1, 2, query, key, 72)
            blank = special[query] or special[key]
            assert pixel == (HIDDEN["light"] if blank else cell(plain, 1, 2, query, key, 72))


def test_a_threshold_leaves_paper():
    weights = np.array([[[[0.9, 0.1], [0.5, 0.5]]]])
    record = AttentionRecord.from_arrays(weights, ["a", "b"])
    picture = draw_grid(record, overlay=Overlay(threshold=0.3))
    colors = table("light")
    assert tuple(picture[MARGIN + 5, MARGIN + 30]) == PAPER["light"]
    assert tuple(picture[MARGIN + 5, MARGIN + 5]) == tuple(colors[lv.encode(np.array([0.9]))[0]])
    assert first_level(0.3) == 140


@given(rows=st.integers(1, 8), cols=st.integers(1, 8), seed=st.integers(0, 99))
def test_rescaled_rows_keep_their_sum(rows, cols, seed):
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 90, (rows, cols)).astype(np.uint8)
    allowed = rng.random((rows, cols)) < 0.7
    scaled = (rescaled(cells, allowed, None) / 255.0) ** 2
    before = (cells / 255.0) ** 2
    for r in range(rows):
        kept = before[r][allowed[r]].sum()
        if kept > 0.01 and scaled[r].max() < 1:
            assert scaled[r][allowed[r]].sum() == pytest.approx(before[r].sum(), abs=0.02 * cols)


def test_a_hidden_cell_lifts_no_veil_where_many_cells_share_a_pixel():
    n = 256  # two cells to a pixel, each way
    record = AttentionRecord.from_arrays(np.full((1, 1, n, n), 1 / n), ["w"] * n)
    hidden = np.arange(n) % 2 == 0
    allowed = np.zeros((n, n), bool)
    allowed[:, hidden] = True
    plain = draw_grid(record, overlay=Overlay(hidden_keys=hidden))
    under = draw_grid(record, overlay=Overlay(lambda *_: allowed, hidden_keys=hidden))
    veiled = draw_grid(record, overlay=Overlay(lambda *_: np.zeros((n, n), bool)))
    assert np.array_equal(under, veiled)
    assert not np.array_equal(under, plain)


def test_special_columns_are_left_unmarked_where_they_are_not_to_be_marked(record):
    picture = draw_grid(record, overlay=Overlay(marked=False))
    left = MARGIN + 1 * (72 + GAP + BAND)
    assert (picture[MARGIN - BAND : MARGIN, left : left + 72] == PAPER["light"]).all()


def test_a_note_may_hold_half_a_character():
    _, chunks = decode(png(np.zeros((1, 1, 3), np.uint8), {"Description": "a\ud83d"}))
    assert chunks[b"iTXt"].endswith("a\ufffd".encode())
