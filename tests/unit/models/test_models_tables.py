"""Texts in a data frame or a table: the column that is meant, never the names of the columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attn_widgets.analysis.profile_file import dump
from attn_widgets.models import tabular
from attn_widgets.models.gates import batches
from attn_widgets.models.using import SentenceVectors, TrainingCallback, Watcher

TEXTS = ["one two three .", "four five six seven .", "eight nine ten ."]
FRAME = pd.DataFrame({"text": TEXTS, "label": [0, 1, 0]}, index=[7, 3, 5])
LONG = "the columns of this data frame would pass for texts of a few words each"

CALLS = {
    "run_many": lambda runner, texts: runner.run_many(texts, progress=False),
    "profile": lambda runner, texts: runner.profile(texts, column="no such", progress=False),
    "diagnose": lambda runner, texts: runner.diagnose(texts, probes=0, progress=False),
    "sentence_vectors": lambda runner, texts: runner.sentence_vectors(texts, 0, progress=False),
    "head_importance": lambda runner, texts: runner.head_importance(
        texts, "gradient", progress=False
    ),
    "sweep": lambda runner, texts: runner.sweep(texts, {"plain": "full()"}, progress=False),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_frame_of_several_columns_is_refused_with_their_names(sharp, call):
    with pytest.raises(TypeError, match=r"2 columns, 'text', 'label'.*give.*df\['text'\]"):
        call(sharp, FRAME)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_dictionary_is_refused_and_its_keys_are_not_run(sharp, call):
    with pytest.raises(TypeError, match="with the keys 'one two'"):
        call(sharp, {"one two": TEXTS})


def test_a_column_a_frame_of_one_column_and_a_table_of_one_are_the_texts(sharp):
    expected = sharp.sentence_vectors(TEXTS, 1, progress=False)
    for texts in (
        FRAME["text"],
        FRAME[["text"]],
        FRAME[["text"]].rename(columns={"text": LONG}),
        np.array(TEXTS, dtype=object)[:, None],
    ):
        np.testing.assert_array_equal(sharp.sentence_vectors(texts, 1, progress=False), expected)
        records = sharp.run_many(texts, progress=False)
        assert [len(one.tokens) for one in records] == [6, 7, 6]
        assert sharp.profile(texts, progress=False).texts == 3
        assert sharp.diagnose(texts, probes=0, progress=False).texts == 3


def test_a_profile_takes_the_column_or_the_pair_of_columns_that_it_is_told(sharp):
    whole = sharp.profile(TEXTS, progress=False)
    assert dump(sharp.profile(FRAME, progress=False)) == dump(whole)
    named = FRAME.rename(columns={"text": "body"})
    assert dump(sharp.profile(named, column="body", progress=False)) == dump(whole)
    pairs = FRAME.assign(other=TEXTS[::-1])
    made = sharp.profile(pairs, column=("text", "other"), progress=False)
    expected = sharp.profile(list(zip(TEXTS, TEXTS[::-1], strict=True)), progress=False)
    assert dump(made) == dump(expected)


def test_a_missing_text_in_a_column_is_no_text(sharp):
    with pytest.raises(TypeError, match="text 1 is float, not str"):
        sharp.sentence_vectors(pd.Series([TEXTS[0], float("nan")], dtype=object), 0, progress=False)


def test_a_frame_does_not_pass_for_one_column_of_a_pair():
    with pytest.raises(TypeError, match="1 columns, 'text'"):
        tabular.texts_of(FRAME[["text"]], ("text", "other"))


@pytest.mark.parametrize(("texts", "words"), [(7, "texts is a int"), (None, "texts is a NoneType")])
def test_what_holds_no_texts_is_refused(texts, words):
    with pytest.raises(TypeError, match=words):
        tabular.texts_of(texts)


def test_texts_to_watch_with_and_to_fit_a_gate_on_may_be_a_column_and_no_frame(sharp):
    for given in (FRAME["text"], FRAME[["text"]]):
        assert Watcher(sharp.model, sharp.tokenizer, given)._texts == tuple(TEXTS)
        train, held = batches.divide(pd.concat([given, given]), 0.5, 0)
        assert sorted(train + held) == sorted(TEXTS * 2)
        assert batches.digest(given) == batches.digest(TEXTS)
    for make in (
        lambda: Watcher(sharp.model, sharp.tokenizer, FRAME),
        lambda: TrainingCallback(sharp.tokenizer, FRAME),
        lambda: batches.divide(FRAME, 0.5, 0),
    ):
        with pytest.raises(TypeError, match="2 columns, 'text', 'label'"):
            make()
    with pytest.raises(TypeError, match="not one str"):
        Watcher(sharp.model, sharp.tokenizer, "one two")


def test_a_step_of_a_column_transformer_reads_the_column(sharp):
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415 - slow to import

    step = SentenceVectors(sharp, layer=1)
    expected = sharp.sentence_vectors(TEXTS, 1, progress=False)
    for column in ("text", ["text"]):
        made = ColumnTransformer([("v", step, column)]).fit_transform(FRAME)
        np.testing.assert_array_equal(made, expected)


def test_a_step_gives_a_data_frame_where_one_is_asked_for(sharp):
    import sklearn  # noqa: PLC0415 - slow to import
    from sklearn.base import clone  # noqa: PLC0415 - as above
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415 - as above

    whole = ColumnTransformer([("v", SentenceVectors(sharp, layer=1), ["text"])])
    made = whole.set_output(transform="pandas").fit_transform(FRAME)
    assert list(made.index) == [7, 3, 5]
    assert list(made.columns[:2]) == ["v__mean0", "v__mean1"]
    np.testing.assert_array_equal(made, sharp.sentence_vectors(TEXTS, 1, progress=False))
    step = SentenceVectors(sharp, layer=1).set_output(transform="pandas")
    assert list(clone(step).fit_transform(TEXTS).columns) == list(step.get_feature_names_out())
    with sklearn.config_context(transform_output="pandas"):
        assert isinstance(SentenceVectors(sharp, layer=1).fit_transform(TEXTS), pd.DataFrame)
        plain = SentenceVectors(sharp, layer=1).set_output(transform="default")
        assert isinstance(plain.fit_transform(TEXTS), np.ndarray)
    with pytest.raises(ValueError, match="'default', 'pandas', 'polars'"):
        step.set_output(transform="arrow")
