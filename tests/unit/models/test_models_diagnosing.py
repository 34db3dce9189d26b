"""The diagnosis of live models: a healthy one, one that is made ill, decoders, odd texts."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
import transformers

import attn_widgets
from attn_widgets.analysis.diagnosis import diagnose
from attn_widgets.interventions import bias
from attn_widgets.models import ModelRunner, contributing
from attn_widgets.models.diagnosing import Diagnosing
from attn_widgets.models.errors import RunStoppedError, UnsupportedModelError
from attn_widgets.models.using.sentences import WATCHED

TEXTS = [
    *WATCHED[:-1],
    ("Where do you live these days?", "I live in a small house by the sea."),
]


@pytest.fixture(scope="module")
def healthy(demo):
    return Diagnosing.diagnose(demo, TEXTS, reference=0.1, progress=False, probes=3)


def test_the_embedded_model_is_healthy_and_its_sinks_are_no_summary(healthy):
    assert (healthy.hint.warns, healthy.hint.silent) == (False, ())
    assert set(healthy.hint.quadrants) == {"open"}
    assert healthy.output.collapsed(0.89) is False
    assert healthy.finding("all_special").found is False
    assert healthy.finding("middle_sep").found is False
    lower = healthy.finding("lower_cls")
    assert lower.found is True
    assert lower.of_kind("no-op") == (1, 2, 3, 4)
    assert "reader" in lower.seen[-1].kinds
    assert healthy.finding("reading").inside == (5,)


def test_muting_cls_changes_little_and_blocking_it_changes_much(healthy):
    cosines = {(one.target, one.action): one.cosine for one in healthy.interventions}
    assert set(cosines) == {(t, a) for t in ("cls", "sep", "word") for a in ("mute", "block")}
    assert cosines["cls", "mute"] > 0.98
    assert cosines["cls", "block"] < 0.85
    assert cosines["cls", "block"] < cosines["word", "block"]


def test_items_that_are_no_texts_are_skipped_and_the_rest_is_measured(demo):
    one, other = TEXTS[:2]
    several = [one, None, 7, "", ("a", "b", "c"), float("nan"), other]
    mixed = Diagnosing.diagnose(demo, several, progress=False, probes=0)
    assert [skip.place for skip in mixed.skipped] == [1, 2, 3, 4, 5]
    assert "must be a str, not NoneType" in mixed.skipped[0].reason
    plain = Diagnosing.diagnose(demo, [one, other], progress=False, probes=0)
    np.testing.assert_array_equal(mixed.numbers.cls, plain.numbers.cls)
    with pytest.raises(ValueError, match=r"none of 2 texts can be diagnosed.*not NoneType"):
        Diagnosing.diagnose(demo, [None, 3], progress=False)


def test_even_attention_of_an_untrained_model_confirms_no_reading(demo):
    torch.manual_seed(0)
    model = transformers.AutoModel.from_config(demo.model.config).eval()
    fresh = ModelRunner.from_pretrained(model, demo.tokenizer)
    whole = Diagnosing.diagnose(fresh, TEXTS, progress=False, probes=0)
    assert whole.finding("reading").found is False
    assert whole.finding("reading").measured[-1] > 0.8


def test_a_profile_of_the_healthy_model_shows_what_a_bias_does(demo, healthy):
    profile = healthy.as_profile()
    with demo.editing(edits=bias("cls", by=6.0)):
        ill = Diagnosing.diagnose(demo, TEXTS, reference=profile, progress=False, probes=0)
    assert ill.changed is True
    assert ill.hint.warns is True
    assert ill.finding("all_special").found is True
    assert ill.comparison.above["special_excess"] == (0, 1, 2, 3, 4, 5)
    assert ill.comparison.below["context"] != ()
    assert (ill.comparison.same_texts, ill.interventions) == (True, ())
    assert "HINT" in ill.report()
    with pytest.raises(ValueError, match="under a mask or an edit"):
        ill.as_profile()


def test_it_says_what_records_and_contributions_say(demo, healthy):
    made = [demo.contributions(*one) for one in ((t,) if isinstance(t, str) else t for t in TEXTS)]
    apart = diagnose(made)
    for name in ("special", "cls_drain", "context", "vector_share", "own_segment"):
        ours, theirs = getattr(healthy.numbers, name), getattr(apart.numbers, name)
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    weights = diagnose([one.record for one in made])
    np.testing.assert_allclose(weights.numbers.cls, healthy.numbers.cls, atol=1e-6)
    assert weights.hint.silent == ("no_messages",)


def test_a_corpus_profile_is_diagnosed_without_a_run_and_says_so(demo, healthy):
    corpus = attn_widgets.profile(TEXTS, demo, progress=False)
    whole = Diagnosing.diagnose(demo, corpus)
    for own, other in zip(whole.states, healthy.states, strict=True):
        assert (own.name, own.found, own.inside) == (other.name, other.found, other.inside)
        assert own.measured == pytest.approx(other.measured, abs=1e-5)
    assert (whole.texts, whole.output, whole.interventions) == (len(TEXTS), None, ())
    assert whole.report() == attn_widgets.diagnose(corpus).report()
    with pytest.raises(ValueError, match="gradient=True needs texts"):
        Diagnosing.diagnose(demo, corpus, gradient=True)
    other = dataclasses.replace(corpus, about={**corpus.about, "weights": "others"})
    with pytest.raises(ValueError, match="other weights"):
        Diagnosing.diagnose(demo, other)


def test_the_blocked_separator_of_a_pair_is_looked_at_by_its_own_segment_share(demo):
    pair = Diagnosing.diagnose(demo, [TEXTS[-1]], progress=False)
    (blocked,) = (one for one in pair.interventions if (one.target, one.action) == ("sep", "block"))
    before = demo.run(*TEXTS[-1], dtype="float32")
    assert blocked.own_segment is not None
    assert abs(blocked.own_segment) < 0.1
    np.testing.assert_allclose(
        pair.numbers.own_segment, diagnose(before).numbers.own_segment, atol=1e-5
    )


def test_gradients_are_measured_on_request_and_small_for_the_sink(demo, healthy):
    asked = Diagnosing.diagnose(demo, TEXTS[:2], gradient=True, probes=0, progress=False)
    assert not healthy.numbers.has("cls_slope")
    assert (asked.numbers.cls_slope[1:5] < 0.25).all()
    assert (asked.numbers.sep_slope > asked.numbers.cls_slope).all()
    assert "Gradient of the output" in " ".join(asked.report().split())


def test_single_and_short_texts_get_numbers_but_no_verdict(demo):
    alone = Diagnosing.diagnose(demo, "hello", progress=False)
    assert (alone.lengths, alone.hint.silent, alone.output) == ((3,), ("few_texts",), None)
    assert alone.finding("all_special").why_not == "short"
    assert "no verdict" in " ".join(alone.report().split())


def test_texts_that_cannot_be_measured_are_named_and_the_rest_is_kept(demo):
    diagnosis = Diagnosing.diagnose(demo, ["", TEXTS[0], TEXTS[1]], progress=False, probes=0)
    assert [one.place for one in diagnosis.skipped] == [0]
    assert len(diagnosis.lengths) == 2
    for nothing in ([], [""], [None]):
        with pytest.raises(ValueError, match=f"none of {len(nothing)} texts"):
            Diagnosing.diagnose(demo, nothing, progress=False)


def test_wrong_choices_are_refused_before_anything_is_run(demo):
    with pytest.raises(ValueError, match="pooling is 'max'"):
        Diagnosing.diagnose(demo, TEXTS, pooling="max")
    with pytest.raises(ValueError, match="probes is -1"):
        Diagnosing.diagnose(demo, TEXTS, probes=-1)
    with pytest.raises(RunStoppedError):
        Diagnosing.diagnose(demo, TEXTS, stop=lambda: True, progress=False)


def test_a_decoder_without_special_tokens_is_read_by_its_first_position(tiny, byte_tokenizer):
    runner = ModelRunner.from_pretrained(tiny("gpt2"), byte_tokenizer)
    texts = [f"the dog and the cat saw {what}" for what in ("one", "the café", "it")]
    diagnosis = Diagnosing.diagnose(runner, texts, progress=False)
    assert diagnosis.finding("lower_cls").why_not == "no_cls"
    assert "decoder" in diagnosis.hint.silent
    assert {one.target for one in diagnosis.interventions} == {"first", "word"}
    said = " ".join(diagnosis.report().split())
    assert "Too short a text for this measure" in said
    assert "Normal in a decoder" not in said
    json.dumps(diagnosis.to_dict(), allow_nan=False)


def test_a_model_whose_messages_are_not_known_is_diagnosed_by_its_weights(demo, monkeypatch):
    def unknown(*_args, **_more):
        msg = "no messages are known of this family"
        raise UnsupportedModelError(msg)

    monkeypatch.setattr(contributing, "contributions", unknown)
    diagnosis = Diagnosing.diagnose(demo, TEXTS[:2], progress=False, probes=0)
    assert diagnosis.numbers.has("special")
    assert not diagnosis.numbers.has("context")
    assert "no messages are known" in diagnosis.report()


def test_afterwards_the_model_answers_as_before(demo):
    before = demo.outputs(TEXTS[0]).hidden.copy()
    Diagnosing.diagnose(demo, TEXTS[:1], progress=False)
    np.testing.assert_array_equal(demo.outputs(TEXTS[0]).hidden, before)
