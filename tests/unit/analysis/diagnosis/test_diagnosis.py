"""What a diagnosis finds in records made up for it, and when it refuses to judge."""

from __future__ import annotations

import dataclasses
import json
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets import samples
from attn_widgets.analysis.diagnosis import (
    CloggedHint,
    Intervention,
    Thresholds,
    diagnose,
    observe,
)
from attn_widgets.analysis.diagnosis.regions import ranges, regions
from attn_widgets.record import AttentionRecord

CLS, SEP = 0, -1


def found(diagnosis, name):
    return diagnosis.finding(name).found


def test_lower_layers_on_cls_are_found_where_they_are_and_not_where_they_are_not(made):
    there = diagnose(made.record({1: CLS, 2: CLS, 9: CLS})).finding("lower_cls")
    assert (there.found, there.region, there.inside, there.outside) == (
        True,
        (0, 1, 2, 3),
        (1, 2),
        (9,),
    )
    assert there.measured[1] == pytest.approx(0.9, abs=0.01)
    assert there.heads[0].layer == 1
    assert found(diagnose(made.record({})), "lower_cls") is False
    above = diagnose(made.record({8: CLS, 9: CLS})).finding("lower_cls")
    assert (above.found, above.inside, above.outside) == (False, (), (8, 9))


def test_middle_layers_on_sep_are_found_and_cls_does_not_count_for_it(made):
    assert found(diagnose(made.record(dict.fromkeys(range(4, 8), SEP))), "middle_sep") is True
    assert found(diagnose(made.record(dict.fromkeys(range(4, 8), CLS))), "middle_sep") is False
    assert found(diagnose(made.record(dict.fromkeys(range(4), SEP))), "lower_cls") is False


def test_all_on_special_tokens_needs_every_layer_and_nearly_every_head(made):
    assert found(diagnose(made.record(CLS)), "all_special") is True
    assert found(diagnose(made.record(SEP)), "all_special") is True
    one_missing = {layer: CLS for layer in range(made.layers) if layer != 5}
    assert found(diagnose(made.record(one_missing)), "all_special") is False


def test_every_layer_without_nearly_every_head_is_said_to_be_that(made):
    weights = made.record(CLS, n=10).weights.copy()
    weights[:, 1] = 0.1
    finding = diagnose(AttentionRecord(tokens=made.tokens(10), weights=weights)).finding(
        "all_special"
    )
    assert (finding.found, finding.inside, finding.heads_share) == (False, finding.region, 0.5)
    assert "in every layer on average, but not in nearly all heads" in str(finding)


def test_the_layer_story_is_found_step_by_step(made):
    told = {0: "near", 1: "near", 2: "near"} | dict.fromkeys(range(3, 8), CLS)
    whole = diagnose(made.record(told, reads=range(8, 12)))
    assert [one.found for one in whole.story] == [True, True, True]
    assert [one.region for one in whole.story] == [(0, 1, 2), (3, 4, 5, 6, 7), (8, 9, 10, 11)]
    assert [one.found for one in diagnose(made.record({})).story] == [False, False, False]


@pytest.mark.parametrize(
    ("drain", "reads", "kinds"),
    [
        (0.05, (), ("no-op",)),
        (0.05, (1,), ("reader",)),
        (1.0, (), ("broadcast",)),
        (0.35, (), ("unclear",)),
        (np.nan, (), ("not measured",)),
    ],
)
def test_gathering_on_cls_is_told_apart_by_its_message_and_by_what_it_reads(
    made, drain, reads, kinds
):
    source = made.flowing(made.record({1: CLS}, reads=reads), drain=drain)
    (seen,) = diagnose(source).finding("lower_cls").seen
    assert seen.kinds == kinds


def test_sep_is_a_boundary_only_if_blocking_it_moves_the_own_segment_share(made):
    source = made.flowing(made.record({5: SEP}), drain=1.0)

    def kinds(cosine, moved):
        change = {"target": "sep", "texts": 3}
        changes = [
            Intervention(action="mute", cosine=cosine, **change),
            Intervention(action="block", cosine=0.9, own_segment=moved, **change),
        ]
        (seen,) = diagnose(source, interventions=changes).finding("middle_sep").seen
        return seen.kinds

    assert kinds(0.8, -0.2) == ("boundary",)
    assert kinds(0.8, 0.01) == ("unclear",)
    assert kinds(0.999, None) == ("no-op",)
    assert kinds(0.999, 0.2) == ("no-op", "boundary")


@pytest.mark.parametrize(("drain", "kind"), [(0.1, "no-op"), (0.4, "unclear"), (1.0, "broadcast")])
def test_the_same_full_picture_is_silence_or_broadcast_by_the_value_drain(made, drain, kind):
    finding = diagnose(made.flowing(made.record(CLS), drain=drain)).finding("all_special")
    assert finding.of_kind(kind) == tuple(range(made.layers))


@pytest.mark.parametrize(
    ("towards", "context", "quadrant", "warns"),
    [
        ({}, 0.4, "open", False),
        ({}, 0.1, "not mixing", False),
        (CLS, 0.4, "saturated, flowing", False),
        (CLS, 0.1, "clogged", True),
    ],
)
def test_saturation_and_flow_make_four_quadrants(made, towards, context, quadrant, warns):
    texts = [made.flowing(made.record(towards, word=f"t{i}-"), context=context) for i in range(12)]
    hint = diagnose(texts).hint
    assert (set(hint.quadrants), hint.warns) == ({quadrant}, warns)


@pytest.mark.parametrize(
    ("kind", "stage", "reason"),
    [("decoder", "normed", "decoder"), ("encoder", "residual", "other_norm")],
)
def test_quadrants_are_given_where_the_rule_is_silent_with_a_caveat(made, kind, stage, reason):
    texts = [
        made.flowing(made.record(CLS, word=f"t{i}-", kind=kind), context=0.4, stage=stage)
        for i in range(12)
    ]
    whole = diagnose(texts)
    assert (whole.hint.warns, reason in whole.hint.silent) == (None, True)
    assert set(whole.hint.quadrants) == {"saturated, flowing"}
    assert "A rough guide only" in whole.report("en")
    assert "大まかな目安" in whole.report("ja")
    bare = diagnose([made.record(CLS, word=f"t{i}-") for i in range(12)])
    assert bare.hint.quadrants == ()
    assert "rough guide only, as the rule" not in bare.report("en")
    well = diagnose(made.several(12, towards=dict.fromkeys(range(12), CLS)))
    assert "rough guide only, as the rule" not in well.report("en")


@pytest.mark.parametrize("n", [8, 15, 60])
def test_even_attention_does_not_confirm_that_cls_reads(made, n):
    size = (made.layers, 2, n, n)
    even = AttentionRecord(tokens=made.tokens(n), weights=np.full(size, 1 / n, np.float32))
    whole = diagnose(even)
    reading = whole.finding("reading")
    assert (reading.found, reading.seen) == (False, ())
    assert reading.measured[-1] == pytest.approx(1 - 2 / n, abs=1e-3)
    assert f"(evenly: {1 - 2 / n:.2f}".replace("0.", ".") in whole.report("en")
    assert "均等なら" in whole.report("ja")


def test_cls_that_reads_from_the_lowest_layer_on_does_not_open_later(made):
    always = diagnose(made.record({2: CLS}, reads=range(12)))
    assert always.finding("reading").found is False
    (seen,) = always.finding("lower_cls").seen
    assert "reader" not in seen.kinds
    late = diagnose(made.record({}, reads=(9, 10, 11))).finding("reading")
    assert (late.found, late.inside) == (True, (9, 10, 11))


def test_cls_that_opens_and_still_gives_words_less_than_evenly_is_said_to(made):
    weights = made.record({}, reads=(9, 10, 11)).weights.copy()
    assert "still gives them less" not in diagnose(made.record({}, reads=(9,))).report("en")
    weights[9:, :, 0, 0] += 1
    weights /= weights.sum(axis=-1, keepdims=True)
    whole = diagnose(AttentionRecord(tokens=made.tokens(14), weights=weights))
    assert whole.finding("reading").found is True
    assert "still gives them less" in " ".join(whole.report("en").split())
    assert "均等な注意より少ない" in "".join(whole.report("ja").split())


@pytest.mark.parametrize(
    ("slope", "kinds"), [(np.nan, ("no-op",)), (0.1, ("no-op",)), (0.8, ("unclear",))]
)
def test_a_no_op_needs_a_small_gradient_where_one_was_measured(made, slope, kinds):
    """Muting changes little, and so does the message: the gradient can still contradict."""
    mute = Intervention(target="sep", action="mute", cosine=0.999, texts=3)
    sep = made.flowing(made.record({5: SEP}), drain=1.0, slope=slope)
    (seen,) = diagnose(sep, interventions=[mute]).finding("middle_sep").seen
    assert seen.kinds == kinds
    cls = made.flowing(made.record({1: CLS}), drain=0.05, slope=slope)
    (seen,) = diagnose(cls).finding("lower_cls").seen
    assert seen.kinds == kinds


def test_what_is_found_in_short_texts_says_so_in_the_same_breath(made):
    short = [made.record(CLS, n=5, word=f"t{i}-") for i in range(3)]
    long = made.record(CLS, n=14)
    finding = diagnose([*short, long]).finding("all_special")
    assert (finding.found, finding.short) == (True, (3, 4))
    assert "FOUND. But 3 of 4 texts are short" in str(finding)
    assert "But" not in str(diagnose(long).finding("all_special"))
    sums = made.profiled([*short, long])
    assert "But 3 of 4 texts are short" in str(diagnose(sums).finding("all_special"))


def test_where_no_head_sinks_no_position_is_named(made):
    n = 14
    size = (made.layers, 2, n, n)
    even = AttentionRecord(tokens=made.tokens(n), weights=np.full(size, 1 / n, np.float32))
    whole = diagnose(even)
    assert float(whole.numbers.sink_heads) == 0
    assert not whole.numbers.has("sink_first")
    assert "No head sinks" in whole.report("en")
    assert "シンクのヘッドはありません" in whole.report("ja")
    both = diagnose([even, made.record(CLS, word="t")])
    assert float(both.numbers.sink_first) == 1.0
    assert "first one in 100%" in both.report("en")


def test_a_state_that_cannot_be_judged_speaks_of_no_heads(made):
    part = made.record(CLS)
    some = AttentionRecord(tokens=part.tokens, weights=part.weights[:6], layers=range(6, 12))
    said = diagnose(some).report("en")
    assert "in - of all heads" not in said
    assert "of all heads. " not in said.split("The textbook's story")[0]


def test_one_clogged_layer_is_no_hint_and_two_are(made):
    for layers, warns in (((4,), False), ((4, 7), True)):
        towards = dict.fromkeys(layers, CLS)
        hint = diagnose(made.several(towards=towards, context=0.1)).hint
        assert (hint.layers, hint.warns) == (layers, warns)


@pytest.mark.parametrize("count", [1, 2, 11])
def test_the_rule_says_nothing_of_few_texts(made, count):
    hint = diagnose(made.several(count, towards=dict.fromkeys(range(12), CLS), context=0.0)).hint
    assert (hint.warns, hint.silent, hint.layers) == (None, ("few_texts",), ())
    assert set(hint.quadrants) == {"clogged"}


def test_the_same_text_many_times_over_is_one_text(made):
    same = [made.flowing(made.record(CLS), context=0.0)] * 40
    diagnosis = diagnose(same)
    assert (diagnosis.different, diagnosis.hint.texts, diagnosis.hint.warns) == (1, 1, None)


def test_the_rule_does_not_count_texts_under_ten_tokens(made):
    short = made.several(20, n=9, towards=dict.fromkeys(range(12), CLS), context=0.0)
    assert diagnose(short).hint.silent == ("few_texts",)
    assert diagnose(short + made.several(12)).hint.texts == 12


def test_the_rule_says_nothing_without_messages_or_after_another_normalisation(made):
    bare = [made.record(CLS, word=f"t{i}-") for i in range(12)]
    assert diagnose(bare).hint.silent == ("no_messages",)
    assert diagnose(made.several(stage="residual")).hint.silent == ("other_norm",)


def test_what_is_known_of_the_rule_is_said_with_it(made):
    known = CloggedHint.known
    assert (known.flagged, known.collapsed, known.false_flags, known.sound) == (8, 13, 1, 13)
    assert diagnose(made.several()).to_dict()["hint"]["known"]["healthy_flags"] == 0


def test_a_decoder_is_not_judged_by_a_rule_for_encoders(made):
    roles = ["bos", *["word"] * 13]
    texts = [
        made.flowing(made.record(0, kind="decoder", roles=roles, word=f"t{i}-"), context=0.0)
        for i in range(12)
    ]
    diagnosis = diagnose(texts)
    assert diagnosis.hint.silent == ("decoder",)
    assert found(diagnosis, "all_special") is True
    assert diagnosis.finding("lower_cls").why_not == "no_cls"
    assert float(diagnosis.numbers.sink_first) == 1
    assert "Normal in a decoder" in " ".join(diagnosis.report().split())


def test_texts_without_special_tokens_are_reported_as_such(made):
    diagnosis = diagnose(made.record(0, roles=["word"] * 14))
    assert [one.why_not for one in diagnosis.states] == ["no_cls", "no_sep", "no_special"]
    assert diagnosis.finding("near").found is False
    assert "There are no special tokens" in diagnosis.report()


def test_shallow_models_and_partial_records_are_not_divided_into_parts(made):
    assert diagnose(made.record({}, layers=1)).finding("middle_sep").why_not == "too_shallow"
    whole = made.record(CLS)
    part = AttentionRecord(
        tokens=whole.tokens, weights=whole.weights[[3, 7]], layers=[3, 7], kind="encoder"
    )
    diagnosis = diagnose(part)
    assert diagnosis.finding("lower_cls").why_not == "some_layers"
    assert diagnosis.finding("lower_cls").outside == (3, 7)


def broken(made, value):
    weights = made.record(CLS).weights.copy()
    weights[2, 1, 3] = value
    return AttentionRecord(tokens=made.tokens(), weights=weights, checked=True)


BAD = {
    "padding": (lambda made: made.record({}, roles=["pad"] * 4), "padding"),
    "no words": (lambda made: made.record({}, roles=["cls", "sep"]), "no words"),
    "one token": (lambda made: made.record({}, roles=["word"]), "single token"),
    "nan": (lambda made: broken(made, np.nan), "NaN"),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", BAD)
def test_a_text_that_cannot_be_judged_is_refused_alone_and_named_among_others(made, name):
    make, says = BAD[name]
    with pytest.raises(ValueError, match=says):
        diagnose(make(made))
    diagnosis = diagnose([made.record({}), make(made), made.record({}, word="v")])
    (skipped,) = diagnosis.skipped
    assert (skipped.place, len(diagnosis.lengths)) == (1, 2)
    assert says in skipped.reason
    assert "Number 1" in diagnosis.report()
    with pytest.raises(ValueError, match=rf"none of 1 texts.*{says}"):
        diagnose([make(made)])


def test_nothing_to_diagnose_other_models_and_other_things_are_refused(made):
    with pytest.raises(ValueError, match="the list is empty"):
        diagnose([])
    with pytest.raises(ValueError, match="text 1 has layers"):
        diagnose([made.record({}), made.record({}, layers=3)])
    with pytest.raises(TypeError, match=r"runner.diagnose"):
        diagnose(["a text"])
    cross = AttentionRecord.from_arrays(
        np.full((1, 1, 1, 2), 0.5), ["a"], key_tokens=["b", "c"], kind="cross"
    )
    with pytest.raises(ValueError, match="cross record"):
        diagnose(cross)


def test_padding_changes_nothing(made):
    plain = made.record({1: CLS})
    pads = [*plain.tokens, *made.tokens(2, ["pad", "pad"])]
    weights = np.zeros((made.layers, 2, 16, 16), np.float32)
    weights[..., :14, :14] = plain.weights
    weights[..., 14:, 0] = 1
    padded = AttentionRecord(tokens=pads, weights=weights)
    assert diagnose(padded).to_dict() == diagnose(plain).to_dict()


def test_many_texts_give_the_mean_of_what_single_ones_give(made):
    one, two = made.record({1: CLS}), made.record({2: CLS}, word="v", n=20)
    both = diagnose(iter([one, two])).numbers
    apart = [observe(each).numbers for each in (one, two)]
    for name in ("special", "cls_excess", "local"):
        mean = np.mean([getattr(each, name) for each in apart], axis=0)
        np.testing.assert_allclose(getattr(both, name), mean)


def test_the_output_test_is_relative_to_a_healthy_figure(made):
    texts = made.several(3)
    apart, alike = np.eye(3), np.ones((3, 3)) + 0.01 * np.eye(3)
    well = diagnose(texts, vectors=apart, reference=0.1).output
    assert (well.similarity, well.collapsed(0.89)) == (0.0, False)
    ill = diagnose(texts, vectors=alike, reference=0.1).output
    assert ill.collapsed(0.89) is True
    assert diagnose(texts, vectors=alike).output.collapsed(0.89) is None
    assert diagnose(texts, vectors=alike, reference=1.0).output.used_up is None
    assert diagnose(texts[:1], vectors=alike[:1]).output is None


@given(st.integers(2, 6), st.integers(1, 5), st.integers(0, 1000))
def test_similarity_is_the_mean_over_all_pairs(made, count, size, seed):
    rows = np.random.default_rng(seed).normal(size=(count, size))
    texts = [observe(made.record({}, layers=1, n=4, word=f"t{i}-")) for i in range(count)]
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = [unit[i] @ unit[j] for i in range(count) for j in range(i)]
    assert diagnose(texts, vectors=rows).output.similarity == pytest.approx(np.mean(pairs))


def test_vectors_that_do_not_fit_are_refused(made):
    with pytest.raises(ValueError, match="2 vectors for 3 texts"):
        diagnose(made.several(3), vectors=np.eye(2))
    with pytest.raises(ValueError, match="text 1 is zero"):
        diagnose(made.several(2), vectors=np.array([[1.0, 0], [0, 0]]))
    with pytest.raises(ValueError, match="reference is 2"):
        diagnose(made.several(2), vectors=np.eye(2), reference=2.0)


def test_thresholds_decide_and_are_checked(made):
    source = made.record({1: CLS, 2: CLS})
    assert found(diagnose(source, thresholds=Thresholds(collects=0.95)), "lower_cls") is False
    for wrong in ({"collects": 1.2}, {"texts": 1}, {"tokens": 2.5}, {"like_length": 0.5}):
        with pytest.raises(ValueError, match=f"threshold {next(iter(wrong))}"):
            Thresholds(**wrong)
    for wrong in ({"target": "x"}, {"cosine": 2.0}, {"texts": 0}):
        good = {"target": "cls", "action": "mute", "cosine": 1.0, "texts": 1}
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
            Intervention(**good | wrong)


@pytest.mark.parametrize("name", samples.names())
def test_every_sample_gets_a_report_without_warnings_and_plain_values(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        diagnosis = diagnose(samples.load(name))
        for language in ("en", "ja"):
            assert diagnosis.report(language)
            assert f'lang="{language}"' in diagnosis.html(language)
    json.dumps(diagnosis.to_dict(), allow_nan=False)
    assert diagnosis.hint.warns is None


def test_a_diagnosis_cannot_be_written_into(made):
    diagnosis = diagnose(made.several(2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        diagnosis.model = "x"
    with pytest.raises(ValueError, match="read-only"):
        diagnosis.numbers.special[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        diagnosis.by_text["special"][0, 0] = 1
    with pytest.raises(KeyError, match="lower_cls"):
        diagnosis.finding("lower")


@given(st.integers(1, 40))
def test_regions_divide_every_model_without_gap_or_overlap(count):
    layers = tuple(range(count))
    parts = regions(layers)
    assert (*parts.near, *parts.collecting, *parts.reading) == layers
    assert (*parts.lower, *parts.middle) == layers[: len(parts.lower) + len(parts.middle)]


def test_runs_of_numbers_are_shortened():
    assert ranges([5, 0, 1, 2, 7, 8], "-") == "0-2, 5, 7-8"
