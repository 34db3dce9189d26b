"""The further static families as values: said in words, counted by closed form, refused."""

from __future__ import annotations

import tracemalloc
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import (
    Mask,
    MaskBindError,
    MaskError,
    MaskSpecError,
    bigbird,
    block_pairs,
    blocks,
    causal,
    dilated,
    documents,
    fixed_block,
    fixed_summary,
    global_,
    global_blocks,
    local,
    longformer,
    parse,
    random,
    random_blocks,
    residue,
    segments,
    shifted,
    streaming,
    strided,
    strided_column,
    strided_local,
    summary,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("mask", "text", "words"),
    [
        (shifted(7), "shifted(7)", "7 keys per row: the window shifts inward at the edges"),
        (
            shifted(1, 2),
            "shifted(1, 2)",
            "1 key per row, 2 apart: the window shifts inward at the edges",
        ),
        (blocks(4), "blocks(4)", "4 keys per row: its own block of 4"),
        (blocks(1), "blocks(1)", "1 key per row: its own block of 1"),
        (
            blocks(4, left=1, right=2),
            "blocks(4, left=1, right=2)",
            "16 keys per row: its own block of 4 + 1 before + 2 after",
        ),
        (
            global_blocks(4, 0, -1, 0),
            "global_blocks(4, -1, 0)",
            "the blocks -1, 0 of 4 keys in every row, and every key in their rows",
        ),
        (
            random_blocks(4, 2),
            "random_blocks(4, 2, seed=0)",
            "2 blocks of 4 keys per row: drawn at random (seed 0)",
        ),
        (
            block_pairs(4, (1, 0), (0, 2)),
            "block_pairs(4, 0, 2, 1, 0)",
            "2 chosen pairs of blocks of 4",
        ),
        (documents(3, 4), "documents(3, 4)", "the keys of the same document, of 2"),
        (segments(), "segments()", "the keys of the same segment"),
        (residue(4), "residue(4)", "every key a multiple of 4 away"),
        (summary(4, 1), "summary(4, 1)", "the last key of every block of 4, in every row"),
        (
            random(p=0.25, seed=3),
            "random(p=0.25, seed=3)",
            "each key with probability 0.25 (seed 3)",
        ),
        (
            random(r=3),
            "random(r=3, seed=0)",
            "3 keys per row: drawn at random (seed 0)",
        ),
        (
            streaming(4, 3),
            "(sink(4) | local(left=2, right=0)) & causal()",
            (
                "((4 keys per row: the first 4) or (3 keys per row: itself + 2 before)) and "
                "(i + 1 keys in row i: itself + all before)"
            ),
        ),
        (
            longformer(2, ["cls", 5]),
            "local(2) | global_('cls', 5)",
            (
                "(5 keys per row: itself + 2 on each side) or "
                "(the keys cls, token 5 in every row, and every key in the rows of cls, token 5)"
            ),
        ),
    ],
)
def test_repr_is_what_one_types_and_str_says_how_many_keys(
    mask: Mask, text: str, words: str
) -> None:
    assert repr(mask) == text
    assert str(mask) == words
    assert parse(text) == mask


@pytest.mark.parametrize("p", [0, 1, 0.1, 1 / 3, 1e-5, 1e-15, 0.1 + 0.2, np.float32(0.1), 5e-7])
def test_a_probability_is_written_in_full_and_read_back_exactly(p: float) -> None:
    mask = random(p=p)
    assert set(repr(mask)[9:-9]) <= set("0123456789.")
    assert parse(repr(mask)) == mask
    assert mask.to_spec()["p"] == float(p)


def test_documents_are_given_by_lengths_in_any_form_or_by_labels() -> None:
    one = documents(3, 2, 4)
    assert one == documents([3, 2, 4]) == documents(3, [2, 4])
    assert one == documents(segments=[0, 0, 0, 7, 7, "b", "b", "b", "b"])
    assert documents(segments=np.repeat([5, 1], [2, 3])) == documents(2, 3)


def test_segments_are_those_of_the_tokens_and_none_is_one_of_them() -> None:
    tokens = [SimpleNamespace(role="word", segment=s) for s in (None, 0, 0, 1, None)]
    bound = segments().bind(5, tokens=tokens)
    assert bound.degrees().tolist() == [2, 2, 2, 1, 2]
    assert bound.rows(0, 1)[0].tolist() == [[0, 4]]
    assert (segments() & causal()).bind(1, 5, tokens, q_offset=4).degrees().tolist() == [2]


def test_a_text_without_segments_is_refused_with_the_mend() -> None:
    words = [SimpleNamespace(role="word", segment=None)] * 4
    for tokens in (None, words, [SimpleNamespace(role="word")] * 4):
        with pytest.raises(MaskBindError, match=r"documents\(length, \.\.\.\)"):
            (local(1) | ~segments()).bind(4, tokens=tokens)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (documents(3, 4), "7 tokens together, the text 9"),
        (documents(5, 5), "10 tokens together, the text 9"),
        (global_blocks(4, 3), "block 3 is outside this text of 3 blocks of 4"),
        (global_blocks(4, -4), "block -4 is outside"),
        (block_pairs(4, 0, 3), "block 3 is outside"),
        (block_pairs(4, 3, 0), "block 3 is outside"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_when_bound(mask: Mask, words: str) -> None:
    with pytest.raises(MaskBindError, match=words):
        mask.bind(9)


@pytest.mark.parametrize(
    "build",
    [
        lambda: shifted(0),
        lambda: shifted(3, 0),
        lambda: shifted(2.0),  # type: ignore[arg-type]
        lambda: blocks(0),
        lambda: blocks(4, left=-1),
        lambda: global_blocks(4),
        lambda: global_blocks(4, 1.5),  # type: ignore[arg-type]
        lambda: random_blocks(4, 0),
        lambda: random_blocks(4, 1, seed=-1),
        lambda: block_pairs(4),
        lambda: block_pairs(4, 1),
        lambda: block_pairs(4, (1, 2, 3)),
        lambda: block_pairs(4, *[(0, 1)] * 2000),
        documents,
        lambda: documents(0),
        lambda: documents("ab"),  # type: ignore[arg-type]
        lambda: documents([1] * 2048),
        lambda: documents(3, segments=[0, 0, 0]),
        lambda: documents(segments=[]),
        lambda: documents(segments="aab"),
        lambda: documents(segments=[0, 1, 0]),
        lambda: documents(segments=3),  # type: ignore[arg-type]
        lambda: residue(0),
        lambda: summary(4, 5),
        lambda: summary(4, 0),
        random,
        lambda: random(p=0.5, r=2),
        lambda: random(p=1.5),
        lambda: random(p=-0.5),
        lambda: random(p=float("nan")),
        lambda: random(p=True),
        lambda: random(p="0.5"),  # type: ignore[arg-type]
        lambda: random(p=1e-300),
        lambda: random(p=10**400),
        lambda: random(r=0),
        lambda: random(r=1, seed=2**31),
        lambda: streaming(4, 0),
        lambda: strided(0),
        lambda: bigbird(4, -1),
    ],
)
def test_a_mask_that_cannot_exist_is_refused(build: Callable[[], Mask]) -> None:
    with pytest.raises(MaskError):
        build()


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "global_blocks", "size": 4, "blocks": [0] * 3000},
        {"kind": "block_pairs", "size": 4, "pairs": [[0, 1]] * 1024},
        {"kind": "documents", "lengths": [1] * 2048},
    ],
    ids=lambda spec: spec["kind"],
)
def test_a_specification_of_too_many_numbers_is_refused(spec: object) -> None:
    with pytest.raises(MaskSpecError, match="2048 parts"):
        Mask.from_spec(spec)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.data())
def test_counts_follow_the_closed_forms(n: int, data: st.DataObject) -> None:
    length = data.draw(st.integers(1, n), label="length")
    q, r = divmod(n, length)
    keys = data.draw(st.integers(1, length), label="keys")
    assert strided_local(length).bind(n).nnz() == n * length - length * (length - 1) // 2
    assert strided_column(length).bind(n).nnz() == length * q * (q + 1) // 2 + r * (q + 1)
    assert fixed_block(length).bind(n).nnz() == q * length * (length + 1) // 2 + r * (r + 1) // 2
    columns = [j for j in range(n) if j % length >= length - keys]
    assert fixed_summary(length, keys).bind(n).nnz() == sum(n - j for j in columns)
    assert blocks(length).bind(n).nnz() == q * length**2 + r**2
    assert shifted(length).bind(n).nnz() == n * length
    parts = data.draw(st.lists(st.integers(1, 30), min_size=1), label="documents")
    assert documents(parts).bind(sum(parts)).nnz() == sum(part**2 for part in parts)
    assert random(r=keys, seed=length).bind(n).nnz() == n * keys


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(0, 4), st.integers(0, 9), st.data())
def test_bigbird_keeps_as_many_pairs_as_its_closed_form(
    size: int, r: int, seed: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(5 + r, 40), label="blocks")
    pairs = (7 * count - 12 + r * (count - 2)) * size**2
    assert bigbird(size, r, seed).bind(count * size).nnz() == pairs


def test_random_masks_are_the_same_everywhere_and_another_seed_gives_another() -> None:
    for one, other in [
        (random(p=0.5, seed=1), random(p=0.5, seed=2)),
        (random(r=8, seed=1), random(r=8, seed=2)),
        (random_blocks(2, 3, seed=1), random_blocks(2, 3, seed=2)),
    ]:
        whole = one.bind(64).to_dense()
        assert np.array_equal(one.bind(5, 64, q_offset=40).to_dense(), whole[40:45])
        assert not np.array_equal(other.bind(64).to_dense(), whole)


def test_random_pairs_do_not_depend_on_how_long_the_text_is() -> None:
    mask = random(p=0.5, seed=3)
    assert np.array_equal(mask.bind(64).to_dense()[:20, :20], mask.bind(20).to_dense())


def test_random_pairs_are_spread_evenly() -> None:
    n, p = 512, 0.25
    bits = random(p=p, seed=11).bind(n).to_dense()
    # by the binomial law: five standard deviations, over all pairs, rows, columns and diagonals
    for counts, pairs in [
        (bits.sum(), n * n),
        (bits.sum(axis=0), n),
        (bits.sum(axis=1), n),
        ((bits[1:] & bits[:-1]).sum() / p, n * (n - 1)),
        ((bits[:, 1:] & bits[:, :-1]).sum() / p, n * (n - 1)),
    ]:
        assert (np.abs(counts - pairs * p) < 6 * np.sqrt(pairs * p)).all()


def test_drawn_keys_are_spread_evenly() -> None:
    n, r = 300, 12
    bits = random(r=r, seed=5).bind(n).to_dense()
    assert (bits.sum(axis=1) == r).all()
    assert (np.abs(bits.sum(axis=0) - r) < 6 * np.sqrt(r)).all()


def test_random_blocks_avoid_the_window_and_both_ends() -> None:
    count, size = 30, 4
    bits = random_blocks(size, 3, seed=9).bind(count * size).to_dense()
    drawn = bits.reshape(count, size, count, size)
    assert (drawn == drawn[:, :1, :, :1]).all()
    plan = drawn[:, 0, :, 0]
    assert (plan.sum(axis=1) == [0, *[3] * (count - 2), 0]).all()
    assert not plan[:, [0, -1]].any()
    near = np.abs(np.arange(count)[:, None] - np.arange(count)) <= 1
    assert not (plan & near).any()


def test_a_thousand_global_tokens_among_a_million_are_counted_in_little_memory() -> None:
    n, w = 2**20, 256
    anchors = np.linspace(0, n - 1, 1000).astype(np.int64)
    bound = longformer(w, anchors).bind(n)
    tracemalloc.start()
    degrees = bound.degrees()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    window = np.minimum(anchors + w, n - 1) - np.maximum(anchors - w, 0) + 1
    near = (np.abs(anchors[:, None] - anchors) <= w).sum()
    band = n * (2 * w + 1) - w * (w + 1)
    expected = band + 2 * 1000 * n - 1000**2 - 2 * window.sum() + near
    assert degrees.sum() == bound.nnz() == expected
    assert (degrees[anchors] == n).all()
    assert peak < 100 * 2**20


@pytest.mark.parametrize("d", [2, 64, 3000])
def test_a_wide_dilated_window_among_a_million_is_counted_by_its_classes(d: int) -> None:
    n, w = 2**20, 256
    bound = dilated(w, d).bind(n)
    tracemalloc.start()
    assert bound.nnz() == n * (2 * w + 1) - d * w * (w + 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200 * 2**20
    assert (dilated(w, d) & causal()).bind(n).nnz() == n * (w + 1) - d * w * (w + 1) // 2


def test_a_view_of_a_random_mask_of_a_million_tokens_is_decided_alone() -> None:
    n = 2**20
    mask = random(p=0.5, seed=1)
    tile = (mask & ~local(3)).bind(n).tile(n - 64, n, 0, 64)
    assert np.array_equal(tile, mask.bind(64, 64, q_offset=n - 64).to_dense())


def test_mixed_families_of_a_long_text_are_the_sum_of_their_rows() -> None:
    n = 2**18
    bound = ((bigbird(64, 3, seed=1) | strided(512)) - global_(range(0, n, 777))).bind(n)
    degrees = bound.degrees()
    for first in (0, n // 2 - 3, n - 40):
        lo, hi = bound.rows(first, first + 40)
        assert np.array_equal((hi - lo).sum(axis=1), degrees[first : first + 40])
