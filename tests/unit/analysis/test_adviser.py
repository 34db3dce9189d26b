"""The adviser's choices come out of counts: the textbook's table of purposes among them."""

from __future__ import annotations

import numpy as np
import pytest

from attn_widgets.analysis.adviser import advise
from attn_widgets.analysis.candidates import candidates
from attn_widgets.masks import LowRankGate, MaskError, ThresholdGate, learned, local
from attn_widgets.record import AttentionRecord


def record_with(weights: np.ndarray, q: np.ndarray, k: np.ndarray) -> AttentionRecord:
    bare = AttentionRecord.from_arrays(weights, ["t"] * weights.shape[-1])
    return AttentionRecord(tokens=bare.tokens, weights=bare.weights, q=q, k=k)


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
        "BigBird",
        "full",
    }
    for name in ("window + dilated", "window + √N globals"):
        assert suited[name].growth.law == "N√N"
        assert suited[name].growth.exponent == pytest.approx(1.5, abs=0.1)
    assert suited["window + one global"].growth.law == suited["BigBird"].growth.law == "N"


@pytest.mark.parametrize("name", ["strided", "fixed"])
def test_the_sparse_transformer_joins_all_one_way_and_so_serves_a_decoder(name: str) -> None:
    advice = next(found for found in advise(512, "long-range") if found.name == name)
    assert advice.growth.law == "N√N"
    assert advice.growth.exponent == pytest.approx(1.5, abs=0.1)
    assert advice.reach.full_after == 2
    assert not advice.suits
    assert "one way only" in advice.explain()
    causal = np.tril(np.ones((1, 1, 64, 64)))
    decoder = AttentionRecord.from_arrays(
        causal / causal.sum(axis=-1, keepdims=True), ["t"] * 64, kind="decoder"
    )
    found = {advice.name: advice for advice in advise(64, "long-range", record=decoder)}
    assert found[name].suits
    assert "one way only" not in found[name].explain()


def test_dilation_alone_is_refused_for_its_residue_classes() -> None:
    alone = next(advice for advice in advise(512, "long-range") if advice.name == "dilated")
    assert not alone.suits
    assert "residue class" in alone.explain()


@pytest.mark.parametrize("length", [4096, 65_536])
def test_accuracy_at_little_work_is_served_by_what_the_text_chooses(length: int) -> None:
    first, second, third, *_ = advise(length, "retrieval")
    assert (first.name, second.name, third.name) == ("lsh", "learned gate", "top-k")
    assert first.growth.law == "N log N"
    assert second.growth.law == third.growth.law == "N²"
    assert all(advice.by_content for advice in (first, second, third))
    assert first.work < second.work < third.work < length**2


def test_a_gate_is_counted_with_its_predictor_and_top_k_with_every_score() -> None:
    n = 4096
    found = {advice.name: advice for advice in advise(n, "retrieval")}
    pair = 4 * 64
    predictor = n * n * 2 * 16 + 2 * n * 2 * 64 * 16
    kept = 33 * n * pair
    assert found["learned gate"].work * pair == predictor + kept
    assert found["top-k"].work * pair == n * n * 2 * 64 + 34 * n * 2 * 64
    assert dict(found["learned gate"].growth.terms)["predictor"].law == "N²"
    assert "by a small predictor" in found["learned gate"].explain()
    assert "once every score is computed" in found["top-k"].explain()


def test_a_trained_gate_is_measured_and_without_one_it_is_said_what_to_train() -> None:
    n, dim, rank = 32, 8, 2
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 1, 1, n, dim))
    weights = np.full((1, 1, n, n), 1 / n)
    record = record_with(weights, q, k)
    projections = rng.normal(size=(2, 1, 1, dim, rank))
    gate = LowRankGate("small", *projections, np.zeros((1, 1)))
    by_name = {advice.name: advice for advice in advise(n, "retrieval", record=record, gate=gate)}
    advice = by_name["learned gate"]
    assert advice.mask == learned(gate)
    assert advice.kept == pytest.approx(advice.seen.density, abs=1e-6)
    scores = ThresholdGate("by scores", np.full((1, 1), -3.0))
    by_scores = {found.name: found for found in advise(n, "retrieval", gate=scores)}
    assert by_scores["learned gate"].work == by_scores["top-k"].work
    bare = {found.name: found for found in advise(n, "retrieval", record=record)}["learned gate"]
    assert bare.mask is bare.kept is None
    assert "fit_gate" in bare.cannot_know()
    assert "fit_gate" in bare.cannot_know("ja")


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
    assert found[0].name in {"window + √N globals", "BigBird", "full"}
    kept = {advice.name: advice.kept for advice in found}
    assert kept["full"] == pytest.approx(1, abs=1e-3)
    assert kept["window + √N globals"] > kept["window"]
    assert kept["top-k"] is not None
    assert kept["lsh"] is None
    lsh = next(advice for advice in found if advice.name == "lsh")
    assert "give a record" in lsh.cannot_know()


def test_a_record_of_another_length_is_told_with_its_density_and_does_not_rank() -> None:
    n = 21
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 1, 1, n, 8))
    seen = record_with(np.full((1, 1, n, n), 1 / n), q, k)
    found = advise(4096, "retrieval", record=seen)
    assert [advice.name for advice in found] == [
        advice.name for advice in advise(4096, "retrieval")
    ]
    first = found[0]
    assert (first.name, first.kept) == ("lsh", None)
    assert (first.seen.length, first.seen.density) == (21, 1)
    assert "on the record's 21 tokens it keeps 100.0% of the attention and 100.0%" in (
        first.explain()
    )
    assert "記録の 21 トークン" in first.explain("ja")
    assert "at 4,096 tokens; the record has 21" in first.cannot_know()
    assert "記録は 21" in first.cannot_know("ja")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("length", [2, 3, 64, 5000])
def test_every_family_is_ranked_once_and_speaks_both_languages(task: str, length: int) -> None:
    found = advise(length, task)
    assert {advice.name for advice in found} == {candidate.name for candidate in candidates()}
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
    for budget in ("cheap", True, [1]):
        with pytest.raises(TypeError, match=r"budget is .*: give a number, a share"):
            advise(64, "local", budget=budget)
    for layers in (0, -1):
        with pytest.raises(MaskError, match=f"the number of layers .*not {layers}"):
            advise(64, "local", layers=layers)
    with pytest.raises(TypeError, match=r"record is 'rec': give an AttentionRecord"):
        advise(64, "local", record="rec")
    with pytest.raises(TypeError, match=r"gate is 3: give a Gate, such as fit_gate"):
        advise(64, "local", gate=3)
    with pytest.raises(ValueError, match="lang is 'de': one of 'en', 'ja'"):
        advise(64, "local")[0].explain("de")
