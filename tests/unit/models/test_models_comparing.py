"""A change measured by `compare`, against the library's own eager run with an added mask."""

from __future__ import annotations

import dataclasses
import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import transformers

from attn_widgets.interventions import Changes, ablate, knock_out
from attn_widgets.masks import MaskBindError, full, global_cols, local, per_head, per_layer, top_k
from attn_widgets.models import ModelRunner, TruncationWarning, UnsupportedModelError
from attn_widgets.models.errors import RunStoppedError
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedTokenizerFast

TEXT = "one two three four five six seven ."
MASK = local(1) | global_cols("cls")
LOWEST = torch.finfo(torch.float32).min


def added(mask: Any, record: AttentionRecord) -> torch.Tensor:
    """Write a mask as numbers to add to the scores, over the model's causality if it has one."""
    keep = mask.bind(len(record.tokens), tokens=record.tokens).to_dense()
    if record.kind == "decoder":
        keep = keep & np.tri(len(record.tokens), dtype=bool)
    return torch.where(torch.from_numpy(keep), 0.0, LOWEST)[None, None]


def eager(runner: ModelRunner, text: str, mask: torch.Tensor | None = None) -> Any:
    given = dict(runner.tokenizer(text, return_tensors="pt"))
    if mask is not None:
        given["attention_mask"] = mask
    with torch.no_grad(), runner._switch.to("eager"):
        return runner.model(**given, output_hidden_states=True, return_dict=True)


def drift(before: torch.Tensor, after: torch.Tensor) -> tuple[float, float]:
    was, now = before[0].double().numpy(), after[0].double().numpy()
    lengths = np.linalg.norm(was, axis=1) * np.linalg.norm(now, axis=1)
    cosine = ((was * now).sum(axis=1) / lengths).mean()
    return np.abs(now - was).sum() / np.abs(was).sum(), cosine


def kl(before: torch.Tensor, after: torch.Tensor) -> np.ndarray:
    was, now = (
        np.exp(x - x.max(axis=-1, keepdims=True))
        for x in (before.double().numpy(), after.double().numpy())
    )
    was, now = was / was.sum(axis=-1, keepdims=True), now / now.sum(axis=-1, keepdims=True)
    return (was * np.log(was / now)).sum(axis=-1)


@pytest.fixture(scope="module")
def headed(word_tokenizer: PreTrainedTokenizerFast) -> Callable[..., ModelRunner]:
    def make(cls: str, family: str = "bert", **options: object) -> ModelRunner:
        torch.manual_seed(0)
        shape = {
            "vocab_size": len(word_tokenizer),
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 37,
            "max_position_embeddings": 32,
        }
        config = transformers.AutoConfig.for_model(family, **(shape | options))
        model = getattr(transformers, cls).from_config(config).eval()
        with torch.no_grad():
            for weight in model.parameters():
                if weight.dim() > 1:
                    weight.mul_(6)
        return ModelRunner.from_pretrained(model, word_tokenizer)

    return make


def test_a_mask_that_keeps_all_moves_nothing(demo: ModelRunner) -> None:
    effect = demo.compare(TEXT, full(), candidates=["one two"])
    assert effect.kept is not None
    assert effect.density is not None
    assert effect.vector is not None
    assert not effect.moved.any()
    assert not effect.drift.free_l1.any()
    assert not effect.drift.forced_l1.any()
    np.testing.assert_allclose(effect.drift.free_cosine, 1)
    np.testing.assert_allclose(effect.kept, 1, atol=1e-6)
    assert (effect.density == 1).all()
    assert effect.vector.cosine == pytest.approx(1)
    np.testing.assert_array_equal(effect.vector.before, effect.vector.after)


def test_free_running_drift_equals_that_of_eager_runs_layer_by_layer(sharp: ModelRunner) -> None:
    effect = sharp.compare(TEXT, MASK)
    plain = eager(sharp, TEXT).hidden_states
    under = eager(sharp, TEXT, added(MASK, effect.before)).hidden_states
    expected = [drift(*pair) for pair in zip(plain[1:], under[1:], strict=True)]
    np.testing.assert_allclose(effect.drift.free_l1, [l1 for l1, _ in expected], rtol=1e-5)
    np.testing.assert_allclose(effect.drift.free_cosine, [c for _, c in expected], rtol=1e-6)


def test_teacher_forced_drift_is_each_layer_alone_fed_by_the_plain_run(sharp: ModelRunner) -> None:
    effect = sharp.compare(TEXT, MASK)
    plain = eager(sharp, TEXT).hidden_states
    mask = added(MASK, effect.before)
    with torch.no_grad(), sharp._switch.to("eager"):
        given = [
            layer(states, attention_mask=mask)
            for layer, states in zip(sharp.model.encoder.layer, plain[:-1], strict=True)
        ]
    given = [one[0] if isinstance(one, tuple) else one for one in given]
    expected = [drift(*pair) for pair in zip(plain[1:], given, strict=True)]
    np.testing.assert_allclose(effect.drift.forced_l1, [l1 for l1, _ in expected], rtol=1e-5)
    np.testing.assert_allclose(effect.drift.forced_cosine, [c for _, c in expected], rtol=1e-6)


def test_heads_are_measured_by_what_both_runs_looked_at(sharp: ModelRunner) -> None:
    mask = per_layer({1: per_head({2: MASK})})
    effect = sharp.compare(TEXT, mask)
    words = effect.before.content()
    was, now = (one.weights[:, :, words].astype(float) for one in (effect.before, effect.after))
    np.testing.assert_allclose(effect.moved, np.abs(now - was).sum(-1).mean(-1) / 2, atol=1e-6)
    keep = MASK.bind(len(effect.before.tokens), tokens=effect.before.tokens).to_dense()
    assert effect.kept is not None
    assert effect.density is not None
    kept, density = np.ones((3, 4)), np.ones((3, 4))
    kept[1, 2], density[1, 2] = (was[1, 2] * keep[words]).sum(-1).mean(), keep.mean()
    np.testing.assert_allclose(effect.kept, kept, atol=1e-6)
    np.testing.assert_allclose(effect.density, density)
    assert (effect.changed(1)[0].layer, effect.changed(1)[0].head) == (1, 2)


def test_both_records_are_those_of_run(sharp: ModelRunner) -> None:
    effect = sharp.compare(TEXT, MASK)
    np.testing.assert_array_equal(effect.before.weights, sharp.run(TEXT, dtype="float32").weights)
    under = sharp.run(TEXT, dtype="float32", mask=MASK)
    np.testing.assert_array_equal(effect.after.weights, under.weights)
    assert effect.before.provenance.mask is None
    assert effect.after.provenance.mask == Changes((MASK,)).to_spec()


def test_edits_alone_are_no_mask_and_keep_nothing_back(sharp: ModelRunner) -> None:
    effect = sharp.compare(TEXT, edits=ablate((1, 2)))
    assert effect.kept is None
    assert effect.density is None
    assert not effect.moved[:2].any()
    assert effect.moved[2].all()
    assert [bool(l1) for l1 in effect.drift.forced_l1] == [False, True, False]


def test_a_row_that_gets_nothing_has_put_half_of_the_change_aside(sharp: ModelRunner) -> None:
    nothing = Changes((global_cols("cls") - global_cols("cls"),), "zero")
    effect = sharp.compare(TEXT, nothing)
    np.testing.assert_allclose(effect.moved, 1, atol=1e-6)
    assert effect.kept is not None
    assert not effect.kept.any()


def test_a_mask_decided_by_data_is_measured_on_what_it_kept(sharp: ModelRunner) -> None:
    effect = sharp.compare(TEXT, top_k(2))
    assert effect.density is not None
    assert (effect.density >= 2 / len(effect.before.tokens) - 1e-9).all()
    assert ((effect.after.weights > 0).mean(axis=(2, 3)) <= effect.density + 1e-9).all()


def test_the_vector_is_the_mean_of_the_last_states_and_ranks_candidates(demo: ModelRunner) -> None:
    near, far = "A cat ran away from the dog.", "The market fell by ten points on Monday morning."
    text = "The dog chased the cat."
    effect = demo.compare(text, knock_out("cls"), candidates=[far, near])

    def vector(text: str, mask: bool) -> np.ndarray:  # noqa: FBT001 - with the mask or not
        record = demo.run(text)
        given = added(knock_out("cls"), record) if mask else None
        return eager(demo, text, given).last_hidden_state[0].double().mean(dim=0).numpy()

    def cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    assert effect.vector is not None
    was, now = vector(text, False), vector(text, True)  # noqa: FBT003 - as above
    assert effect.vector.cosine == pytest.approx(cosine(was, now), abs=1e-5)
    before = [cosine(was, vector(one, False)) for one in (far, near)]  # noqa: FBT003 - as above
    after = [cosine(now, vector(one, True)) for one in (far, near)]  # noqa: FBT003 - as above
    np.testing.assert_allclose(effect.vector.before, before, atol=1e-5)
    np.testing.assert_allclose(effect.vector.after, after, atol=1e-5)
    assert effect.vector.ranking()[0] == (1, 0)


def test_the_vector_of_the_first_token_can_be_asked_for(sharp: ModelRunner) -> None:
    effect = sharp.compare(TEXT, MASK, pooling="cls")
    was = eager(sharp, TEXT).last_hidden_state[0, 0]
    now = eager(sharp, TEXT, added(MASK, effect.before)).last_hidden_state[0, 0]
    assert effect.vector is not None
    assert effect.vector.pooling == "cls"
    expected = float(torch.nn.functional.cosine_similarity(was, now, dim=0))
    assert effect.vector.cosine == pytest.approx(expected, abs=1e-5)


def test_a_model_without_a_head_predicts_nothing_and_says_so(demo: ModelRunner) -> None:
    effect = demo.compare(TEXT, MASK)
    assert (effect.head, effect.predictions, effect.kl, effect.labels) == ("none", (), None, None)
    assert "no head that predicts" in repr(effect)
    json.dumps(effect.to_dict(), allow_nan=False)


@pytest.mark.parametrize("text", ["one [MASK] three four [MASK] six .", TEXT])
def test_masked_tokens_are_filled_in_as_the_library_does(
    text: str, headed: Callable[..., ModelRunner]
) -> None:
    runner = headed("AutoModelForMaskedLM")
    effect = runner.compare(text, MASK, top=3)
    was = eager(runner, text).logits[0]
    now = eager(runner, text, added(MASK, effect.before)).logits[0]
    assert effect.head == "masked language model"
    assert effect.kl is not None
    np.testing.assert_allclose(effect.kl, kl(was, now), rtol=1e-4, atol=1e-9)
    places = [2, 5] if "[MASK]" in text else list(range(len(effect.before.tokens)))
    assert [one.position for one in effect.predictions] == places
    for one in effect.predictions:
        for guesses, logits in ((one.before, was), (one.after, now)):
            likely = torch.softmax(logits[one.position], dim=-1).topk(3)
            names = runner.tokenizer.convert_ids_to_tokens(likely.indices.tolist())
            assert [guess.token for guess in guesses] == names
            values = [guess.probability for guess in guesses]
            np.testing.assert_allclose(values, likely.values, rtol=1e-4)
        assert one.kl == effect.kl[one.position]
    json.dumps(effect.to_dict(), allow_nan=False)


def test_the_next_token_is_read_at_the_end_and_divergence_everywhere(
    headed: Callable[..., ModelRunner],
) -> None:
    runner = headed("AutoModelForCausalLM", "llama", num_key_value_heads=2, pad_token_id=0)
    effect = runner.compare(TEXT, local(1))
    was = eager(runner, TEXT).logits[0]
    now = eager(runner, TEXT, added(local(1), effect.before)).logits[0]
    assert effect.head == "next token"
    assert effect.kl is not None
    np.testing.assert_allclose(effect.kl, kl(was, now), rtol=1e-3, atol=1e-9)
    assert [one.position for one in effect.predictions] == [len(effect.before.tokens) - 1]
    assert len(effect.predictions[0].before) == 5
    assert effect.vector is not None


def test_a_row_of_the_vocabulary_without_a_token_is_given_by_its_number(
    headed: Callable[..., ModelRunner], word_tokenizer: PreTrainedTokenizerFast
) -> None:
    size = len(word_tokenizer)
    runner = headed("AutoModelForMaskedLM", vocab_size=size + 3)
    effect = runner.compare(TEXT, MASK, top=size + 3)
    names = {guess.token for guess in effect.predictions[0].before}
    assert names >= {f"<{size + 2}>", "one", "[SEP]"}
    assert len(names) == size + 3


@pytest.mark.parametrize(
    ("options", "read"),
    [
        ({}, lambda logits: torch.softmax(logits, -1)),
        ({"problem_type": "multi_label_classification"}, torch.sigmoid),
        ({"id2label": {0: "grade"}}, lambda logits: logits),
    ],
    ids=["one label", "several labels", "a score"],
)
def test_labels_are_read_as_the_model_means_them(
    options: dict[str, Any],
    read: Callable[[torch.Tensor], torch.Tensor],
    headed: Callable[..., ModelRunner],
) -> None:
    given = {"id2label": {0: "bad", 1: "good", 2: "odd"}} | options
    runner = headed("AutoModelForSequenceClassification", **given)
    effect = runner.compare(TEXT, MASK)
    was, now = eager(runner, TEXT), eager(runner, TEXT, added(MASK, effect.before))
    assert effect.labels is not None
    assert effect.labels.labels == tuple(given["id2label"].values())
    assert effect.labels.unit == ("score" if len(given["id2label"]) == 1 else "probability")
    np.testing.assert_allclose(effect.labels.before, read(was.logits[0]), rtol=1e-4)
    np.testing.assert_allclose(effect.labels.after, read(now.logits[0]), rtol=1e-4)
    assert effect.predictions == ()


def test_labels_of_tokens_are_predictions_by_their_names(
    headed: Callable[..., ModelRunner],
) -> None:
    runner = headed("AutoModelForTokenClassification", id2label={0: "NOUN", 1: "VERB"})
    effect = runner.compare(TEXT, MASK)
    assert effect.head == "labels of tokens"
    assert len(effect.predictions) == len(effect.before.tokens)
    assert {guess.token for guess in effect.predictions[0].before} == {"NOUN", "VERB"}


def test_a_head_of_another_kind_is_not_read(headed: Callable[..., ModelRunner]) -> None:
    effect = headed("AutoModelForQuestionAnswering").compare(TEXT, MASK)
    assert (effect.head, effect.predictions, effect.labels) == ("other", (), None)
    assert "not read here" in repr(effect)


def test_a_record_is_run_again_plain_and_in_its_own_stack(sharp: ModelRunner) -> None:
    record = sharp.run(TEXT, mask=MASK, layers=[1], heads=[0])
    effect = sharp.compare(record, MASK)
    assert effect.before.provenance.mask is None
    assert effect.before.weights.shape[:2] == (3, 4)
    np.testing.assert_array_equal(effect.moved, sharp.compare(TEXT, MASK).moved)


def test_a_record_that_cannot_be_run_again_is_refused(
    sharp: ModelRunner, demo: ModelRunner
) -> None:
    record = sharp.run(TEXT)
    with pytest.raises(ValueError, match=r"the record is of the model .*all-MiniLM-L6-v2"):
        demo.compare(record, MASK)
    drawn = AttentionRecord.from_arrays(np.full((1, 1, 2, 2), 0.5), ["a", "b"])
    with pytest.raises(ValueError, match="no model that is known"):
        sharp.compare(drawn, MASK)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TruncationWarning)
        cut = sharp.run(TEXT, max_length=6)
    with pytest.raises(ValueError, match="lost 4 tokens"):
        sharp.compare(cut, MASK)
    for parts, message in (
        ({"text": ()}, "does not hold its text"),
        ({"text": "seven six five four three two one ."}, "other tokens"),
    ):
        other = AttentionRecord(
            tokens=record.tokens,
            weights=record.weights,
            provenance=record.provenance,
            **parts,
        )
        with pytest.raises(ValueError, match=message):
            sharp.compare(other, MASK)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"top": 0}, ValueError, "top is 0"),
        ({"pooling": "max"}, ValueError, "pooling is 'max'"),
        ({"candidates": "one"}, TypeError, "a list of texts"),
        ({"stack": "cross"}, ValueError, "stack is 'cross'"),
        ({"mask": global_cols(99)}, MaskBindError, "token 99"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    options: dict[str, Any], error: type[Exception], message: str, sharp: ModelRunner
) -> None:
    with pytest.raises(error, match=message):
        sharp.compare(TEXT, **options)


def test_a_text_without_a_first_token_has_no_vector_of_it(
    tiny: Callable[..., torch.nn.Module], byte_tokenizer: PreTrainedTokenizerFast
) -> None:
    runner = ModelRunner.from_pretrained(tiny("gpt2", n_head=4, n_embd=32), byte_tokenizer)
    with pytest.raises(UnsupportedModelError, match=r"needs a \[CLS\] token"):
        runner.compare("the dog", local(1), pooling="cls")


@pytest.mark.parametrize("asked", [0, 1, 4, 8])
def test_a_comparison_that_is_stopped_leaves_no_hook_behind(asked: int, sharp: ModelRunner) -> None:
    def hooks() -> list[int]:
        return [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in sharp.model.modules()]

    calls = iter(range(100))
    before, hooked = eager(sharp, TEXT).last_hidden_state, hooks()
    with pytest.raises(RunStoppedError):
        sharp.compare(TEXT, MASK, stop=lambda: next(calls) >= asked)
    assert hooks() == hooked
    torch.testing.assert_close(eager(sharp, TEXT).last_hidden_state, before, rtol=0, atol=0)


def test_what_stands_for_the_model_is_part_of_its_plain_run(sharp: ModelRunner) -> None:
    with sharp.editing(edits=ablate((0, 0))):
        effect = sharp.compare(TEXT, edits=ablate((0, 0)))
    assert not effect.moved.any()
    assert not effect.drift.free_l1.any()
    assert dataclasses.asdict(effect.drift)["forced_l1"].sum() == 0
