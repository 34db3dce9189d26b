"""Vectors of texts: any layer, chosen by evidence, checked on paraphrases, in a pipeline."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from attn_widgets.models import ModelLoadError, ModelRunner, UnsupportedModelError
from attn_widgets.models.errors import RunStoppedError
from attn_widgets.models.using import paraphrases
from attn_widgets.models.using import pooling as pools
from attn_widgets.models.using.check import found
from attn_widgets.models.using.transformer import SentenceVectors
from attn_widgets.models.using.vectoring import Vectoring

TEXTS = ["The dog chased the cat.", "Rain.", "A new bridge will connect both sides of the river."]


def vectors(runner, *args, **more):
    return Vectoring.sentence_vectors(runner, *args, progress=False, **more)


@pytest.fixture(scope="module")
def checked(demo):
    return Vectoring.vector_check(demo, progress=False)


def test_every_layer_is_pooled_as_the_library_gives_it_out(demo):
    for place, text in enumerate(TEXTS):
        ids = demo.tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            states = demo.model(**ids, output_hidden_states=True).hidden_states[1:]
        for layer, own in enumerate(states):
            expected = {
                "mean": own[0].mean(dim=0),
                "content": own[0, 1:-1].mean(dim=0),
                "cls": own[0, 0],
                "last": own[0, -1],
            }
            for pooling, vector in expected.items():
                ours = vectors(demo, TEXTS, layer, pooling)
                np.testing.assert_allclose(ours[place], vector, atol=2e-5)


def test_the_last_layer_of_a_decoder_is_taken_after_its_final_norm(tiny, byte_tokenizer):
    runner = ModelRunner.from_pretrained(tiny("gpt2"), byte_tokenizer)
    ours = vectors(runner, ["the dog"], -1, "last")
    np.testing.assert_allclose(ours[0], runner.outputs("the dog").hidden[-1], atol=1e-6)


def test_a_batch_changes_nothing_and_keeps_the_order(demo):
    together = vectors(demo, np.array(TEXTS), 3)
    apart = np.concatenate([vectors(demo, [text], 3) for text in TEXTS])
    assert together.dtype == np.float32
    np.testing.assert_allclose(together, apart, atol=2e-5)
    np.testing.assert_array_equal(vectors(demo, iter(TEXTS), 3), together)


def test_no_texts_give_an_array_with_no_rows(demo):
    assert vectors(demo, [], 0).shape == (0, 384)


def test_cls_of_layers_that_gather_on_it_is_a_poor_vector(checked):
    poor = checked.poor()
    assert {1, 3, 4} <= set(poor)
    assert 5 not in poor
    cls, mean = (checked.poolings.index(way) for way in ("cls", "mean"))
    assert (checked.top1[mean] - checked.top1[cls])[list(poor)].min() >= 0.2
    assert (checked.alike[cls, :5] > 0.99).all()
    assert checked.words_top1 < 0.2


def test_the_layer_is_chosen_by_the_rank_of_paraphrases_and_says_so(demo, checked):
    choice = checked.choose("mean")
    row = checked.poolings.index("mean")
    assert checked.rank[row, choice.layer] == checked.rank[row].max()
    assert f"layer {choice.layer}" in choice.why()
    assert f"層 {choice.layer}" in choice.why("ja")
    np.testing.assert_array_equal(vectors(demo, TEXTS), vectors(demo, TEXTS, layer=choice.layer))


def test_the_report_says_it_in_two_languages_and_escapes_html(checked):
    assert "being looked at is not summing up" in repr(checked)
    assert "まとめていることではありません" in checked.report("ja")
    assert checked._repr_html_().startswith('<div lang="en"><table>')
    assert "<th>to [CLS]</th>" in checked.html()


def test_weak_evidence_is_called_weak(demo):
    japanese = Vectoring.vector_check(demo, "ja", poolings=("cls",), progress=False)
    assert "weak" in japanese.choose("cls").why()


@pytest.mark.parametrize("seed", range(3))
def test_perfect_vectors_rank_first_and_equal_ones_in_the_middle(seed):
    drawn = np.random.default_rng(seed).normal(size=(7, 20))
    top1, rank, margin, _ = found(drawn, drawn)
    assert (top1, rank) == (1.0, 1.0)
    assert margin > 1
    top1, rank, margin, alike = found(np.ones((7, 20)), np.ones((7, 20)))
    assert (top1, rank) == (0.0, pytest.approx(1 / 4))
    assert alike == pytest.approx(1)


def test_a_shuffle_of_both_sides_changes_no_number():
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 9, 5))
    order = rng.permutation(9)
    np.testing.assert_allclose(found(one, other), found(one[order], other[order]))


def test_the_pairs_that_come_along_share_no_text():
    for pairs in (paraphrases.ENGLISH, paraphrases.JAPANESE):
        every = [text for pair in pairs for text in pair]
        assert len(set(every)) == 2 * len(pairs) >= 24


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ("fr", "'en', 'ja'"),
        ([("a", "b")] * 2, "at least 4"),
        (["ab"] * 4, "two texts"),
        ([("a", "b"), ("c", "d"), ("e", "f"), ("a", "g")], "'a' comes twice"),
    ],
)
def test_pairs_that_are_not_fit_are_refused(demo, pairs, words):
    with pytest.raises(ValueError, match=words):
        Vectoring.vector_check(demo, pairs, progress=False)


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        (("one text",), TypeError, "not one str"),
        (([1],), TypeError, "text 0 is int"),
        ((TEXTS, 6), ValueError, "from 0 to 5"),
        ((TEXTS, "last"), ValueError, "'auto'"),
        ((TEXTS, True), ValueError, "whole number"),
        ((TEXTS, 0, "max"), ValueError, "'cls', 'mean', 'content', 'last'"),
    ],
)
def test_wrong_choices_are_refused_with_what_is_right(demo, args, error, words):
    args = (args[0], *(args[1:] or (0,)))
    with pytest.raises(error, match=words):
        vectors(demo, *args)


def test_a_model_without_cls_has_no_vector_of_it(tiny, byte_tokenizer):
    runner = ModelRunner.from_pretrained(tiny("gpt2"), byte_tokenizer)
    with pytest.raises(UnsupportedModelError, match="use 'mean'"):
        vectors(runner, ["the dog"], 0, "cls")
    checked = Vectoring.vector_check(runner, poolings=("mean", "last"), progress=False)
    assert np.isnan(checked.cls_share).all()
    with pytest.raises(ValueError, match="'cls' was not checked"):
        checked.poor()


def test_it_stops_when_asked_and_leaves_the_model_as_it_was(demo):
    before = demo.outputs(TEXTS[0]).hidden.copy()
    with pytest.raises(RunStoppedError):
        vectors(demo, TEXTS, 0, stop=lambda: True)
    vectors(demo, TEXTS, 0)
    np.testing.assert_array_equal(demo.outputs(TEXTS[0]).hidden, before)


def test_a_step_of_a_pipeline_fits_transforms_and_clones_without_copying_the_model(demo):
    step = SentenceVectors(demo, layer=2)
    with pytest.raises(ValueError, match="not fitted"):
        step.transform(TEXTS)
    given = np.array(TEXTS, dtype=object)
    made = step.fit_transform(given, [0, 1, 0])
    np.testing.assert_array_equal(made, vectors(demo, TEXTS, 2))
    np.testing.assert_array_equal(step.transform(given[:, None]), made)
    assert len(step.get_feature_names_out()) == made.shape[1]
    twin = step.__sklearn_clone__()
    assert twin.runner is demo
    assert not twin.__sklearn_is_fitted__()
    assert twin.set_params(layer="auto").fit().choice_.layer == twin.layer_
    with pytest.raises(ValueError, match="no parameter 'size'"):
        step.set_params(size=3)
    with pytest.raises(ValueError, match=r"expected \(texts,\)"):
        step.transform(np.array([TEXTS]))


def test_scikit_learn_takes_it_in_a_grid_search(demo):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: nothing to fit into")
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - may not be there
    from sklearn.model_selection import GridSearchCV  # noqa: PLC0415 - as above
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - as above

    texts = ["a dog runs", "cats sleep", "puppies bark", "stocks fell", "rates rose", "bonds fell"]
    line = make_pipeline(SentenceVectors(demo), LogisticRegression())
    search = GridSearchCV(line, {"sentencevectors__layer": [2, 5]}, cv=3)
    search.fit(texts, [0, 0, 0, 1, 1, 1])
    assert search.predict(["the kitten plays"]).shape == (1,)


@pytest.mark.parametrize("pooling", pools.POOLINGS)
def test_parts_of_tokens_sum_to_one(demo, pooling):
    for text in TEXTS:
        parts = pools.shares(demo.run(text).tokens, pooling)
        assert parts.sum() == pytest.approx(1)


def test_an_encoder_decoder_model_gives_vectors_of_its_encoder(tiny, piece_tokenizer):
    model = tiny("t5", d_model=32, d_kv=8, d_ff=37, num_decoder_layers=3, num_heads=4)
    runner = ModelRunner.from_pretrained(model, piece_tokenizer)
    made = vectors(runner, ["the dog", "run"], -1)
    ids = torch.tensor([runner.tokenizer("the dog").input_ids])
    with torch.no_grad():
        states = model.get_encoder()(input_ids=ids).last_hidden_state[0]
    np.testing.assert_allclose(made[0], states.mean(dim=0), atol=1e-5)
    with pytest.raises(ValueError, match="the model has 3"):
        vectors(runner, ["the dog"], 3)


def test_a_step_with_the_name_of_a_model_loads_it_when_needed_and_can_be_pickled(demo):
    step = pickle.loads(pickle.dumps(SentenceVectors("demo", layer=2)))  # noqa: S301 - our own
    expected = vectors(demo, TEXTS, 2)
    np.testing.assert_allclose(step.fit(TEXTS).transform(TEXTS), expected, atol=1e-6)
    again = pickle.loads(pickle.dumps(step))  # noqa: S301 - as above
    np.testing.assert_array_equal(again.transform(TEXTS), step.transform(TEXTS))
    assert again._core() is step.__sklearn_clone__()._core()
    assert repr(step) == "SentenceVectors('demo', layer=2, pooling='mean')"


def test_a_step_with_a_runner_says_how_to_send_it_to_other_processes(demo):
    with pytest.raises(TypeError, match=r"give the model's name.*SentenceVectors\('demo'\)"):
        pickle.dumps(SentenceVectors(demo, layer=2))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"runner": 3}, TypeError, "runner is 3, of type int: expected a ModelRunner, or the name"),
        ({"runner": None}, TypeError, "runner is None, of type NoneType"),
        ({"runner": "no/such folder"}, ModelLoadError, "no/such folder"),
        ({"layer": "last"}, ValueError, "'auto'"),
        ({"pooling": "max"}, ValueError, "'cls', 'mean', 'content', 'last'"),
        ({"pairs": "fr"}, ValueError, "'en', 'ja'"),
    ],
)
def test_a_step_checks_what_it_was_given_when_it_is_fitted(demo, options, error, words):
    step = SentenceVectors(**({"runner": demo} | options))
    with pytest.raises(error, match=words):
        step.fit(TEXTS)


@pytest.mark.parametrize("texts", [[1, 2], "one text", [None], 3])
def test_a_step_refuses_what_are_no_texts_when_it_is_fitted(demo, texts):
    with pytest.raises(TypeError, match="text"):
        SentenceVectors(demo, layer=1).fit(texts)


def test_fitting_does_not_use_up_an_iterator(demo):
    rows = SentenceVectors(demo, layer=1).fit_transform(iter(TEXTS))
    assert len(rows) == len(TEXTS)
    assert SentenceVectors(demo, layer=1).fit().layer_ == 1
