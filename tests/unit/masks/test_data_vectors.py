"""Data-dependent masks as values: written, read and refused as in the browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attn_widgets.masks import (
    Mask,
    MaskError,
    MaskParseError,
    MaskSpecError,
    cumulative_mass,
    entmax_support,
    lsh,
    parse,
    routing,
    threshold,
    top_k,
)

FILE = Path(__file__).parents[2] / "vectors" / "data_masks.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["masks"], ids=lambda case: case["text"])
def test_a_mask_is_written_and_read_the_same(case: dict[str, Any]) -> None:
    mask = Mask.from_spec(case["spec"])
    assert repr(mask) == case["text"]
    assert json.loads(json.dumps(mask.to_spec())) == case["spec"]
    assert parse(case["text"]) == mask
    assert hash(parse(case["text"])) == hash(mask)


@pytest.mark.parametrize("case", VECTORS["loose_texts"], ids=lambda case: case["text"])
def test_what_a_person_types_is_put_in_canonical_form(case: dict[str, Any]) -> None:
    assert parse(case["text"]).to_spec() == case["spec"]


@pytest.mark.parametrize("spec", VECTORS["bad_specs"], ids=lambda spec: repr(spec)[:60])
def test_a_bad_specification_is_refused(spec: object) -> None:
    with pytest.raises(MaskSpecError, match="mask"):
        Mask.from_spec(spec)


@pytest.mark.parametrize("case", VECTORS["bad_texts"], ids=lambda case: case["text"])
def test_a_bad_text_is_refused_at_its_place(case: dict[str, Any]) -> None:
    with pytest.raises(MaskParseError) as caught:
        parse(case["text"])
    assert caught.value.at == case["at"]


@pytest.mark.parametrize("t", [float("nan"), float("inf"), None, "0.5", True, 1 + 0j])
def test_a_threshold_that_is_no_probability_is_refused(t: Any) -> None:
    with pytest.raises(MaskError, match="threshold must be"):
        threshold(t)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (
            top_k(4),
            (
                "4 to 5 keys per row: the 4 keys of most attention, and itself where it is not "
                "among them"
            ),
        ),
        (
            top_k(1),
            "1 to 2 keys per row: the key of most attention, and itself where it is not among them",
        ),
        (
            threshold(0.05),
            "keys of attention 0.05 or more, and itself where it has less: at least 1 key per row",
        ),
        (cumulative_mass(0.9), "the fewest keys that hold 0.9 of a row's attention, and itself"),
        (entmax_support(1.5), "keys that 1.5-entmax would not set to zero, and itself"),
        (
            routing(4, 8),
            "keys in the same of 4 clusters, each of 8 queries and 8 keys, and itself",
        ),
        (
            lsh(8),
            (
                "keys met in chunks of 2N/8 (its own and 1 before) when sorted into 8 buckets, "
                "in 1 round, and itself"
            ),
        ),
        (
            lsh(8, 4, 16, look_back=0, same_bucket=True, share_qk=True, causal=True),
            (
                "keys met in chunks of 16 (its own) when sorted into 8 buckets, in any of 4 "
                "rounds, equal buckets only, none after itself, Reformer: queries are keys, "
                "itself only if alone"
            ),
        ),
    ],
)
def test_a_mask_says_in_words_what_a_row_sees(mask: Mask, words: str) -> None:
    assert str(mask) == words


def test_what_a_mask_needs_is_the_sum_of_what_its_parts_need() -> None:
    assert parse("local(1) | sink(2)").needs == frozenset()
    assert parse("top_k(2) & ~local(1)").needs == {"weights"}
    assert lsh(8).needs == routing(2, 2).needs == {"q", "k"}
    assert lsh(8, share_qk=True).needs == {"q"}
    assert (~(lsh(8) | threshold(0.1))).needs == {"q", "k", "weights"}
