"""A corpus profile is diagnosed as its texts are, and what it does not keep is said."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from attn_widgets.analysis import Profile
from attn_widgets.analysis.diagnosis import Intervention, Thresholds, diagnose
from attn_widgets.analysis.profile_bins import LENGTHS

CLS = 0


def texts(made, **options):
    towards = {1: CLS, 2: CLS, 5: -1, 9: "near"}
    return [
        made.record(towards, n=n, word=f"t{n}-", reads=(10, 11), **options) for n in range(12, 26)
    ]


def test_states_and_story_are_those_of_the_same_texts(made):
    records = texts(made)
    whole, single = diagnose(made.profiled(records)), diagnose(records)
    for own, other in zip(
        (*whole.states, *whole.story), (*single.states, *single.story), strict=True
    ):
        assert (own.name, own.found, own.region) == (other.name, other.found, other.region)
        assert (own.inside, own.outside) == (other.inside, other.outside)
        assert own.measured == pytest.approx(other.measured, abs=1e-5)
        assert [one.layer for one in own.places] == [one.layer for one in other.places]
    assert whole.texts == len(records)
    assert float(whole.numbers.special_even) == pytest.approx(float(single.numbers.special_even))


def test_single_heads_come_with_where_nine_texts_in_ten_lie(made):
    records = texts(made)
    finding = diagnose(made.profiled(records)).finding("lower_cls")
    head = finding.heads[0]
    own = [diagnose(one).numbers.cls_excess[head.layer, head.head] for one in records]
    assert head.low == pytest.approx(np.quantile(own, 0.05), abs=1 / 16)
    assert head.high == pytest.approx(np.quantile(own, 0.95), abs=1 / 16)
    assert head.low <= head.share <= head.high
    assert diagnose(records).finding("lower_cls").heads[0].low is None
    assert " to ." in str(finding)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_a_profile_cannot_answer_is_said_and_not_invented(made, language):
    diagnosis = diagnose(made.profiled(texts(made)))
    assert (diagnosis.output, diagnosis.hint.warns) == (None, None)
    assert diagnosis.hint.silent == ("profile",)
    for name in ("context", "message_share", "cls_drain", "sink_heads", "own_segment"):
        assert not diagnosis.numbers.has(name)
    report = diagnosis.report(language)
    assert "nan" not in report.lower()
    assert {"en": "profile of 14 texts", "ja": "14 文のプロファイル"}[language] in report
    assert report.count("runner.diagnose(texts)") >= 3
    json.dumps(diagnosis.to_dict(), allow_nan=False)
    json.dumps(diagnosis.card(language), allow_nan=False)


def test_shares_stand_beside_the_even_share_by_length_of_text(made):
    records = [made.record({}, n=n, word=f"t{n}-") for n in (4, 6, 14, 15)]
    corpus = diagnose(made.profiled(records)).corpus
    assert [(one.name, one.texts) for one in corpus.lengths] == [
        ("1-4", 1),
        ("5-9", 1),
        ("10-19", 2),
    ]
    assert (corpus.short, corpus.tokens, corpus.mean_length) == (2, 39, 39 / 4)
    for one in corpus.lengths:
        assert one.special == pytest.approx(one.even, abs=0.08)


def test_a_decoder_and_few_texts_are_named_as_reasons(made):
    roles = ["bos", *["word"] * 13]
    record = made.record(0, kind="decoder", roles=roles)
    diagnosis = diagnose(made.profiled([record]))
    assert diagnosis.hint.silent == ("few_texts", "decoder", "profile")
    assert diagnosis.finding("lower_cls").why_not == "no_cls"
    plain = diagnose(made.profiled([made.record(0, roles=["word"] * 14)]))
    assert plain.finding("all_special").why_not == "no_special"


def test_changes_and_a_healthy_profile_are_taken_as_with_records(made):
    records = texts(made)
    healthy = diagnose(made.several(towards={1: CLS})).as_profile()
    healthy = dataclasses.replace(healthy, model="a model")
    change = Intervention(target="cls", action="mute", cosine=0.99, texts=3)
    diagnosis = diagnose(made.profiled(records), reference=healthy, interventions=[change])
    assert diagnosis.comparison.same_model
    assert not diagnosis.comparison.same_texts
    assert 2 in diagnosis.comparison.above["special"]
    assert diagnosis.interventions == (change,)
    strict = Thresholds(collects=0.99)
    assert diagnose(made.profiled(records), thresholds=strict).finding("lower_cls").found is False


def test_a_changed_model_is_said_to_be_one(made):
    changed = diagnose(made.profiled(texts(made), changes={"mask": "local"}))
    assert changed.changed
    assert "under a mask or an edit" in changed.report()


def test_profiles_of_nothing_of_cross_attention_and_vectors_are_refused(made):
    nothing = Profile({"model": "m"}, 2, 3, LENGTHS)
    with pytest.raises(ValueError, match="holds no text"):
        diagnose(nothing)
    good = made.profiled(texts(made))
    with pytest.raises(ValueError, match="cross profile"):
        diagnose(dataclasses.replace(good, about={**good.about, "kind": "cross"}))
    with pytest.raises(ValueError, match="keeps no texts"):
        diagnose(good, vectors=np.eye(14))
    with pytest.raises(ValueError, match="no means of single texts"):
        diagnose(good).as_profile()
