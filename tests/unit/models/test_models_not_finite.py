"""A text of which a model makes NaN: it is named, and spoils no mean with others."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
import transformers

from attn_widgets.models import ModelRunner

TEXTS = ["one two three four five .", "two three seven .", "eight nine ten one ."]
SOUND = [TEXTS[0], TEXTS[2]]


@pytest.fixture(scope="module")
def broken(sharp):
    """A model whose word for "seven" is NaN."""
    model = copy.deepcopy(sharp.model)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[sharp.tokenizer("seven").input_ids[1]] = torch.nan
    return ModelRunner.from_pretrained(model, sharp.tokenizer)


def test_a_vector_that_is_nan_is_refused_by_the_name_of_its_text(broken, sharp):
    with pytest.raises(ValueError, match="NaN or infinite numbers of the text 'two three seven"):
        broken.sentence_vectors(TEXTS, 1, progress=False)
    np.testing.assert_array_equal(
        broken.sentence_vectors(SOUND, 1, progress=False),
        sharp.sentence_vectors(SOUND, 1, progress=False),
    )


def test_a_check_of_layers_refuses_it_too(broken):
    pairs = [(SOUND[0], SOUND[1]), ("one .", "two ."), ("three .", "four ."), ("five .", "seven .")]
    with pytest.raises(ValueError, match="of the text 'seven"):
        broken.vector_check(pairs, progress=False)


@pytest.mark.parametrize("method", ["gradient", "ablation", "uniform"])
@pytest.mark.parametrize("size", [1, 8])
def test_importance_of_heads_is_never_the_mean_with_a_text_that_is_nan(broken, method, size):
    with pytest.raises(ValueError, match="of the text 'two three seven"):
        broken.head_importance(TEXTS, method, batch_size=size, progress=False)
    made = broken.head_importance(SOUND, method, progress=False)
    assert np.isfinite(made.scores[method]).all()


def test_importance_by_answers_names_the_text_as_well(word_tokenizer):
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(word_tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        tie_word_embeddings=False,
    )
    model = transformers.BertForMaskedLM(config).eval()
    place = word_tokenizer("seven").input_ids[1]
    with torch.no_grad():
        model.get_input_embeddings().weight[place] = torch.nan
    runner = ModelRunner.from_pretrained(model, word_tokenizer)
    for method in ("gradient", "ablation"):
        with pytest.raises(ValueError, match="of the text 'two three seven"):
            runner.head_importance(TEXTS, method, loss="answers", progress=False)


def test_candidates_that_are_nan_are_not_ranked(broken):
    with pytest.raises(ValueError, match="of the text 'seven"):
        broken.compare(TEXTS[0], "local(1)", candidates=["seven .", "eight ."])


def test_a_diagnosis_leaves_such_a_text_out_and_says_so(broken):
    made = broken.diagnose(TEXTS, probes=0, progress=False)
    assert made.texts == 2
    assert [one.place for one in made.skipped] == [1]
    assert made.output is not None
    assert np.isfinite(made.output.similarity)
