"""The shared vectors, as Python answers them; js/tests/pure/masks.test.ts answers the same."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from make_masks import document

from attn_widgets.masks import Mask, MaskError, MaskParseError, MaskSpecError, parse

FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS: dict[str, list[Any]] = json.loads((FOLDER / "masks.json").read_text(encoding="utf-8"))


def tokens_of(case: dict[str, Any]) -> list[SimpleNamespace] | None:
    if case.get("segments") is not None:
        return [SimpleNamespace(role="word", segment=segment) for segment in case["segments"]]
    roles = case["roles"]
    return None if roles is None else [SimpleNamespace(role=role) for role in roles]


def test_the_committed_file_is_what_its_script_writes() -> None:
    assert document() == (FOLDER / "masks.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["text"])
def test_every_case_has_the_same_count_and_the_same_bits(case: dict[str, Any]) -> None:
    mask = Mask.from_spec(case["spec"])
    bound = mask.bind(case["n_queries"], case["n_keys"], tokens_of(case), case["q_offset"])
    assert bound.nnz() == case["nnz"]
    assert bound.packed_digest() == case["sha256"]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["text"])
def test_every_case_is_written_and_read_the_same(case: dict[str, Any]) -> None:
    mask = Mask.from_spec(case["spec"])
    assert repr(mask) == case["text"]
    assert parse(case["text"]) == mask
    assert mask.to_spec() == case["spec"]


@pytest.mark.parametrize("case", VECTORS["loose_texts"], ids=lambda case: case["text"])
def test_what_a_person_types_is_put_in_canonical_form(case: dict[str, Any]) -> None:
    assert parse(case["text"]).to_spec() == case["spec"]


@pytest.mark.parametrize("spec", VECTORS["bad_specs"], ids=lambda spec: repr(spec)[:60])
def test_a_bad_specification_is_refused(spec: object) -> None:
    with pytest.raises(MaskSpecError, match="mask"):
        Mask.from_spec(spec)


def test_the_deepest_specification_allowed_is_read() -> None:
    spec = VECTORS["deepest_spec"][0]
    assert Mask.from_spec(spec).to_spec() == spec


@pytest.mark.parametrize("case", VECTORS["bad_texts"], ids=lambda case: case["text"][:40])
def test_a_bad_text_is_refused_at_its_place(case: dict[str, Any]) -> None:
    with pytest.raises(MaskParseError) as caught:
        parse(case["text"])
    assert caught.value.at == case["at"]


@pytest.mark.parametrize("case", VECTORS["bad_binds"], ids=lambda case: case["text"])
def test_a_text_that_does_not_fit_is_refused(case: dict[str, Any]) -> None:
    mask = parse(case["text"])
    with pytest.raises(MaskError):
        mask.bind(case["n_queries"], case["n_keys"], tokens_of(case), case["q_offset"])
