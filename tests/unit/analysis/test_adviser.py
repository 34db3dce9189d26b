"""The adviser's choices come out of counts: the textbook's table of purposes among them."""

from __future__ import annotations

import numpy as np
import pytest

from attn_widgets.analysis.adviser import advise
from attn_widgets.masks import MaskError, local
from attn_widgets.masks.measures.candidates import CANDIDATES
from attn_widgets.record import AttentionRecord

TASKS = ("local", "long-range", "retrieval", "pairs")


@pytest.mark.parametrize("length", [512, 4096])
def test_nearness_is_served_best_by_a_window_that_grows_as_n(length: int) -> None:
    best = advise(length, "local")[0]
    assert best.mask == local(16)
    assert best.growth.law == "N"
    assert best.growth.exponent == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("length", [512, 4096])
def test_long_range_is_served_by_globals_and_by_dilation_beside_a_window(length: int) -> None:
    suited = {advice.name: advice for advice in advise(length, "long-range") if advice.suits}
    assert set(suited) == {
        "window + one global",
        "window + dilated",
        "window + √N globals",
        "full",
    }
    for name in ("window + dilated", "window + √N globals"):
        assert suited[name].growth.law == "N√N"
        assert suited[name].growth.exponent == pytest.approx(1.5, abs=0.1)
    assert suited["window + one global"].growth.law == "N"


def test_dilation_alone_is_refused_for_its_residue_classes() -> None:
    alone = next(advice for advice in advise(512, "long-range") if advice.name == "dilated")
    assert not alone.suits
    assert "residue class" in alone.explain()


@pytest.mark.parametrize("length", [4096, 65_536])
def test_accuracy_at_little_work_is_served_by_what_the_text_chooses(length: int) -> None:
    first, second, *_ = advise(length, "retrieval")
    assert (first.name, second.name) == ("lsh", "learned")
    assert first.growth.law == "N log N"
    assert first.by_content
    assert second.by_content
    assert first.work < second.work == length**2


def test_sentence_pairs_need_a_token_between_them() -> None:
    assert advise(128, "pairs")[0].name == "window + one global"


def test_a_budget_puts_what_is_within_it_first() -> None:
    found = advise(512, "long-range", budget=0.08)
    assert found[0].name == "window + one global"
    assert all(advice.affordable == (advice.share <= 0.08) for advice in found)
    affordable = [advice.affordable for advice in found]
    assert affordable == sorted(affordable, reverse=True)
    flops = advise(512, "long-range", budget=0.08 * 4 * 64 * 512**2)
    assert flops == found
    assert "more than the budget" in found[-1].explain()


def test_a_record_ranks_by_the_attention_kept() -> None:
    n = 64
    far = np.full((1, 1, n, n), 0.1 / n)
    rows = np.arange(n)
    far[0, 0, rows, rows // 8 * 8] += 0.9
    seen = AttentionRecord.from_arrays(far, ["t"] * n)
    found = advise(n, "long-range", record=seen)
    assert found[0].name in {"window + √N globals", "full"}
    kept = {advice.name: advice.kept for advice in found}
    assert kept["full"] == pytest.approx(1, abs=1e-3)
    assert kept["window + √N globals"] > kept["window"]
    assert kept["learned"] is not None
    assert kept["lsh"] is None
    lsh = next(advice for advice in found if advice.name == "lsh")
    assert "give a record" in lsh.cannot_know()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("length", [2, 3, 64, 5000])
def test_every_family_is_ranked_once_and_speaks_both_languages(task: str, length: int) -> None:
    found = advise(length, task)
    assert {advice.name for advice in found} == {candidate.name for candidate in CANDIDATES}
    for advice in found:
        assert advice.explain().endswith(".")
        assert advice.explain("ja").endswith("。")
        assert advice.cannot_know().startswith("Not known")
        assert advice.cannot_know("ja").startswith("わからないこと")


def test_long_texts_are_measured_at_a_length_that_is_told() -> None:
    found = {advice.name: advice for advice in advise(5000, "long-range")}
    assert found["window + dilated"].measured_at == 1024
    assert "1,024 tokens" in found["window + dilated"].cannot_know()
    assert found["window"].measured_at == found["lsh"].measured_at == 5000


def test_what_cannot_be_advised_on_is_refused() -> None:
    with pytest.raises(MaskError, match="the length"):
        advise(1, "local")
    with pytest.raises(ValueError, match="'summary': one of local"):
        advise(64, "summary")
    for budget in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="budget"):
            advise(64, "local", budget=budget)
    with pytest.raises(ValueError, match="'de': one of en, ja"):
        advise(64, "local")[0].explain("de")
