"""Patches of a picture: what they show, in which forms a picture comes, and what is refused."""

from __future__ import annotations

import pickle
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from attn_widgets import AttentionExplorer
from attn_widgets.analysis.counterpart import only
from attn_widgets.record import AttentionRecord, Patches
from attn_widgets.record.patches import THUMBNAIL, resized
from attn_widgets.widgets import payload

WHOLE = np.random.default_rng(5).integers(0, 256, (24, 36, 3), dtype=np.uint8)


def patches(image: object, *, first: int = 1) -> Patches:
    return Patches.of(image, rows=2, columns=3, first=first)


def record(shown: Patches, n_keys: int = 7, n_queries: int = 7) -> AttentionRecord:
    return AttentionRecord(
        tokens=AttentionRecord.from_arrays(
            np.full((1, 1, n_queries, 1), 1.0), ["x"] * n_queries, key_tokens=["x"], kind="cross"
        ).tokens,
        key_tokens=AttentionRecord.from_arrays(
            np.full((1, 1, n_keys, 1), 1.0), ["k"] * n_keys, key_tokens=["k"], kind="cross"
        ).tokens,
        weights=np.full((2, 2, n_queries, n_keys), 1 / n_keys),
        kind="cross",
        patches=shown,
    )


@given(
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    times=st.integers(1, 5),
    seed=st.integers(0),
)
def test_a_smaller_picture_is_that_of_a_box_filter(size, times, seed):
    whole = np.random.default_rng(seed).integers(0, 256, (size[0] * times, size[1] * times, 3))
    small = resized(whole.astype(np.uint8), *size).astype(int)
    box = Image.fromarray(whole.astype(np.uint8)).resize(size[::-1], Image.Resampling.BOX)
    assert np.abs(small - np.asarray(box).astype(int)).max() <= 1


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))
def test_a_picture_of_one_colour_stays_so_in_any_size(height, width, value):
    plain = np.full((17, 23, 3), value, np.uint8)
    assert (resized(plain, height, width) == value).all()


def test_thumbnails_come_in_the_order_of_the_tokens():
    shown = patches(WHOLE)
    assert shown.thumbnails.shape == (6, 12, 12, 3)
    np.testing.assert_array_equal(shown.thumbnails[4], WHOLE[12:, 12:24])


def test_patches_are_no_larger_than_thumbnails_and_keep_their_form():
    assert patches(np.zeros((200, 300, 3), np.uint8)).size == (THUMBNAIL, THUMBNAIL)
    assert patches(np.zeros((200, 600, 3), np.uint8)).size == (THUMBNAIL // 2, THUMBNAIL)
    assert patches(np.zeros((8, 12, 3), np.uint8)).size == (4, 4)
    assert patches(np.zeros((224, 336, 3), np.uint8)).within(600).size == (5, 5)


@pytest.mark.parametrize(
    "image",
    [
        WHOLE,
        Image.fromarray(WHOLE),
        Image.fromarray(WHOLE).convert("RGBA"),
        np.moveaxis(WHOLE, -1, 0),
        WHOLE / 255,
        (WHOLE / 255).astype(np.float32),
        torch.tensor(WHOLE).permute(2, 0, 1),
        torch.tensor(WHOLE).permute(2, 0, 1) / 255,
    ],
    ids=["rows", "PIL", "PIL with opacity", "channels", "doubles", "floats", "tensor", "shares"],
)
def test_a_picture_comes_in_any_of_these_forms(image):
    assert patches(image) == patches(WHOLE)


def test_a_grey_picture_has_equal_channels():
    grey = WHOLE[..., 0]
    assert patches(grey) == patches(np.stack([grey] * 3, axis=-1))
    assert patches(Image.fromarray(grey)) == patches(grey)


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        (np.zeros((1, 3, 8, 8)), [r"\(1, 3, 8, 8\)", r"image\[0\]"]),
        (np.zeros((8, 8, 4)), [r"\(8, 8, 4\)", "fourth channel"]),
        (np.zeros(8), [r"\(8,\)", r"\(height, width, 3\)"]),
        (np.zeros((3, 0, 4)), [r"\(0, 4, 3\)"]),
        (np.zeros((8, 8, 3), np.int64), ["int64", "astype"]),
        (np.linspace(-2, 2, 192).reshape(3, 8, 8), ["-2 to 2", "image_std", "image_mean"]),
        (np.full((8, 8), 255.0), ["255", "image / 255"]),
        (np.full((8, 8), np.nan), ["nan", "0 to 1"]),
        (np.zeros((1, 8, 3), np.uint8), ["1 x 8 pixels for 2 x 3", "one pixel for each"]),
    ],
)
def test_what_is_no_picture_is_refused_with_the_mend(image, parts):
    for part in parts:
        with pytest.raises(ValueError, match=part):
            patches(image)


def test_the_name_of_a_picture_is_none():
    with pytest.raises(TypeError, match=r"'cat\.png': open it"):
        patches("cat.png")


def test_pixels_must_make_up_the_patches():
    for pixels in (np.zeros((5, 6, 3), np.uint8), np.zeros((4, 6, 3)), np.zeros((40, 6, 3))):
        with pytest.raises(ValueError, match=r"expected uint8 of shape \(2 \* height, 3 \* width"):
            Patches(rows=2, columns=3, first=0, pixels=pixels)
    with pytest.raises(ValueError, match="at least 1 x 1"):
        Patches(rows=0, columns=3, first=0, pixels=WHOLE)


def test_a_record_has_as_many_keys_as_its_patches_say():
    assert record(patches(WHOLE), 7, 2).patches == patches(WHOLE)
    with pytest.raises(ValueError, match="make 8, but there are 7 keys: expected 1 positions"):
        record(patches(WHOLE, first=2))
    with pytest.raises(TypeError, match=r"patches is a ndarray: .*Patches\.of"):
        record(WHOLE)


def test_patches_do_not_change_and_are_copied_whole():
    shown = patches(WHOLE)
    assert pickle.loads(pickle.dumps(shown)) == shown  # noqa: S301 - our own
    assert hash(pickle.loads(pickle.dumps(shown))) == hash(shown)  # noqa: S301 - our own
    assert shown != patches(255 - WHOLE)
    assert repr(shown) == "Patches(2 x 3 of 12 x 12 pixels)"
    with pytest.raises(AttributeError, match="immutable"):
        shown.rows = 4
    with pytest.raises(AttributeError, match="immutable"):
        del shown.rows
    with pytest.raises(ValueError, match="read-only"):
        shown.pixels[0] = 0


def test_a_record_is_saved_with_its_patches(tmp_path):
    whole = record(patches(WHOLE))
    whole.save(tmp_path / "a.npz")
    assert AttentionRecord.load(tmp_path / "a.npz") == whole
    assert whole != record(patches(255 - WHOLE))
    assert only(whole, [0], [1]).patches == whole.patches


def test_a_file_whose_pixels_are_gone_is_damaged(tmp_path):
    record(patches(WHOLE)).save(tmp_path / "a.npz")
    with (
        zipfile.ZipFile(tmp_path / "a.npz") as old,
        zipfile.ZipFile(tmp_path / "b.npz", "w") as new,
    ):
        for name in set(old.namelist()) - {"pixels.npy"}:
            new.writestr(name, old.read(name))
    with pytest.raises(ValueError, match="damaged"):
        AttentionRecord.load(tmp_path / "b.npz")


def test_the_browser_gets_one_picture_within_its_budget():
    large = Patches.of(np.zeros((518, 518, 3), np.uint8), rows=37, columns=37, first=1)
    whole = record(large, 1370, 1)
    told, sent = payload.describe(whole)["patches"], payload.pixels(whole)
    assert len(sent) <= payload.PICTURE_BUDGET
    assert len(sent) == 37 * told["height"] * 37 * told["width"] * 3
    assert {"rows": 37, "columns": 37, "first": 1}.items() <= told.items()


def test_another_record_brings_its_own_picture():
    view = AttentionExplorer(record(patches(WHOLE)))
    assert view._pixels == WHOLE.tobytes()
    view.record = record(patches(255 - WHOLE))
    assert view._pixels == (255 - WHOLE).tobytes()
    view.record = AttentionRecord.from_arrays(np.full((2, 2, 1, 1), 1.0), ["a"])
    assert view._pixels == b""
    assert view._record["patches"] is None
