"""What a runner gives back, and what it refuses."""

from __future__ import annotations

import dataclasses
import socket
import time
import urllib.request
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from attn_widgets.interventions import mute
from attn_widgets.masks import global_cols, local
from attn_widgets.models import (
    ModelLoadError,
    ModelRunner,
    TruncationWarning,
    UnsupportedModelError,
    attention,
    fit_gate,
)
from attn_widgets.models.limits import position_limit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from transformers import PreTrainedTokenizerFast

    Build = Callable[..., torch.nn.Module]

TEXT = "The dog chased the cat."


def test_the_demo_model_gives_a_record_of_every_layer_and_head(demo: ModelRunner) -> None:
    record = demo.run(TEXT)
    assert record.shape == (6, 12, 8, 8)
    assert record.weights.dtype == np.float16
    assert record.text == (TEXT,)
    assert [str(token) for token in record.tokens][:3] == ["[CLS]", "the", "dog"]
    assert record.provenance.family == "bert"
    assert record.provenance.dtype == "float32"
    assert record.provenance.versions["torch"] == torch.__version__
    assert demo.difference == 0.0


def test_the_demo_record_equals_the_library_asked_for_its_attentions(demo: ModelRunner) -> None:
    import transformers  # noqa: PLC0415 - a second model, only here

    eager = transformers.AutoModel.from_pretrained(
        demo.model.name_or_path, attn_implementation="eager"
    ).eval()
    with torch.no_grad():
        maps = eager(**demo.tokenizer(TEXT, return_tensors="pt"), output_attentions=True).attentions
    record = demo.run(TEXT, dtype="float32")
    np.testing.assert_array_equal(record.weights, torch.cat(maps).numpy())


def test_chosen_layers_and_heads_are_those_of_the_whole_record(demo: ModelRunner) -> None:
    whole = demo.run(TEXT)
    part = demo.run(TEXT, layers=[4, 1], heads=range(3, 5))
    assert part.layers == (1, 4)
    assert part.heads == (3, 4)
    np.testing.assert_array_equal(part.weights, whole.weights[[1, 4]][:, [3, 4]])
    np.testing.assert_array_equal(part.q, whole.q[[1, 4]][:, [3, 4]])
    np.testing.assert_array_equal(part[4, 3], whole[4, 3])


def test_many_texts_in_padded_batches_equal_one_at_a_time(demo: ModelRunner) -> None:
    texts: list[str | tuple[str, str]] = ["hi", TEXT, ("one sentence", "and another"), TEXT * 3]
    many = demo.run_many(texts, dtype="float32", batch_size=3, progress=False)
    for text, record in zip(texts, many, strict=True):
        pair = text if isinstance(text, tuple) else (text,)
        alone = demo.run(*pair, dtype="float32")
        assert record.tokens == alone.tokens
        assert record.text == alone.text
        np.testing.assert_allclose(record.weights, alone.weights, atol=2e-6)
        np.testing.assert_allclose(record.q, alone.q, atol=2e-5)


def test_no_texts_give_no_records(demo: ModelRunner) -> None:
    assert demo.run_many([], progress=False) == []


def test_truncation_is_announced_with_the_number_of_tokens_lost(demo: ModelRunner) -> None:
    with pytest.warns(TruncationWarning, match="3 tokens were cut off to fit 5") as caught:
        record = demo.run(TEXT, max_length=5)
    assert caught[0].filename == __file__
    assert record.provenance.tokens_lost == 3
    assert [token.role for token in record.tokens][-1] == "sep"
    with pytest.warns(TruncationWarning, match="1 of 2 texts were too long: 3 tokens"):
        many = demo.run_many(["hi", TEXT], max_length=5, progress=False)
    assert [record.provenance.tokens_lost for record in many] == [0, 3]


@pytest.mark.parametrize(
    "call",
    [
        lambda runner, text: runner.compare(text, local(1)),
        lambda runner, text: runner.sweep(text, {"near": local(1)}, progress=False),
        lambda runner, text: runner.compare("one two", local(1), candidates=[text]),
        lambda runner, text: runner.head_importance(text, "gradient", progress=False),
        lambda runner, text: runner.diagnose([text], probes=0, progress=False),
        lambda runner, text: runner.profile([text], progress=False),
        lambda runner, text: runner.contributions(text),
        lambda runner, text: runner.outputs(text),
    ],
    ids=["compare", "sweep", "candidates", "importance", "diagnose", "profile", "sizes", "outputs"],
)
def test_truncation_is_announced_where_the_caller_stands(
    sharp: ModelRunner, call: Callable[[ModelRunner, str], object]
) -> None:
    with pytest.warns(TruncationWarning) as caught:
        call(sharp, "one " * 40)
    assert {one.filename for one in caught if one.category is TruncationWarning} == {__file__}


@pytest.mark.parametrize("change", [{"mask": global_cols(6)}, {"edits": mute(6)}], ids=str)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_change_that_does_not_fit_one_of_many_texts_names_the_text(
    sharp: ModelRunner, change: dict[str, Any], batch_size: int
) -> None:
    texts = ["five " * 20, "one two three four five", ("six", "seven")]
    named = r"the text 'six \| seven': token 6 is outside this text of 5 tokens"
    with pytest.raises(ValueError, match=named):
        sharp.run_many(texts, batch_size=batch_size, progress=False, **change)
    with pytest.raises(ValueError, match=r"the text '(five ){8}…': token"):
        sharp.run_many(["five " * 20], mask=global_cols(30), progress=False)


def test_a_text_with_a_query_that_keeps_nothing_is_named(sharp: ModelRunner) -> None:
    bare = local(3) - local(1)
    with pytest.raises(ValueError, match=r"layer 0, the text 'one': query 1 would"):
        sharp.run_many(["one two three four five", "one"], mask=bare, progress=False)


def test_a_text_that_fits_gives_no_warning(demo: ModelRunner) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        demo.run(TEXT, max_length=8)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"text": ""}, ValueError, "text is empty: give at least one word"),
        ({"text": " \n"}, ValueError, "text is empty: give at least one word"),
        ({"text": 3}, TypeError, "text must be a str, not int: 3"),
        ({"text": "a", "pair": ""}, ValueError, "pair is empty"),
        ({"text": "a", "layers": [6]}, ValueError, r"layers are \[6\]: .* from 0 to 5"),
        ({"text": "a", "layers": []}, ValueError, r"layers are \[\]: expected one or more"),
        ({"text": "a", "heads": [-1]}, ValueError, r"heads are \[-1\]: .* from 0 to 11"),
        ({"text": "a", "heads": ["x"]}, ValueError, r"heads are \['x'\]"),
        ({"text": "a", "max_length": 2}, ValueError, "max_length is 2: .* 3 to 512"),
        ({"text": "a", "max_length": 513}, ValueError, "max_length is 513: .* 3 to 512"),
        ({"text": "a", "dtype": "int8"}, ValueError, "dtype is 'int8': .* float16 or float32"),
        ({"text": "a", "stack": "cross"}, ValueError, "stack is 'cross': this model has 'encoder'"),
    ],
)
def test_bad_input_gives_an_error_that_names_value_and_mend(
    demo: ModelRunner, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        demo.run(**given)


def test_run_many_refuses_one_str_and_an_empty_batch(demo: ModelRunner) -> None:
    with pytest.raises(TypeError, match="texts must be a list of texts, not one str"):
        demo.run_many("hello")
    with pytest.raises(ValueError, match="batch_size is 0: expected at least 1"):
        demo.run_many(["hello"], batch_size=0)


def test_a_decoder_runs_a_text_of_one_token(
    tiny: Build, byte_tokenizer: PreTrainedTokenizerFast
) -> None:
    runner = ModelRunner.from_pretrained(tiny("gpt_neox"), tokenizer=byte_tokenizer)
    record = runner.run("a")
    assert record.kind == "decoder"
    assert record.shape == (3, 4, 1, 1)


def test_half_precision_models_pass_the_gate_and_their_rows_sum_to_one(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    for dtype in (torch.bfloat16, torch.float16):
        model = tiny().to(dtype)
        record = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer).run("one two")
        assert record.provenance.dtype == str(dtype).removeprefix("torch.")


def test_grouped_heads_are_counted_and_keys_kept_once(
    tiny: Build, byte_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("llama", num_key_value_heads=2)
    record = ModelRunner.from_pretrained(model, tokenizer=byte_tokenizer).run("the dog")
    assert record.kv_groups == 2
    assert record.q is not None
    assert record.k is not None
    assert (record.q.shape[1], record.k.shape[1]) == (4, 2)


def test_an_encoder_decoder_explains_which_texts_it_needs(
    tiny: Build, piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("t5", d_model=32, num_layers=2, num_heads=4, d_kv=8, decoder_start_token_id=0)
    runner = ModelRunner.from_pretrained(model, tokenizer=piece_tokenizer)
    assert tuple(runner.stacks) == ("encoder", "decoder", "cross")
    assert runner.run("the dog").kind == "encoder"
    across = runner.run("the dogs run.", "the dog")
    assert across.kind == "cross"
    assert [str(token) for token in across.tokens] == ["<pad>", "▁the", "▁dog"]
    assert across.tokens[0].role == "bos"
    assert len(across.key_tokens) == 6
    with pytest.raises(ValueError, match="stack='decoder' needs a target text"):
        runner.run("the dog", stack="decoder")
    with pytest.raises(ValueError, match="the encoder does not read the target 'run'"):
        runner.run("the dog", "run", stack="encoder")


def test_positions_of_robertas_kin_are_counted_after_the_padding_id(tiny: Build) -> None:
    assert position_limit(tiny("bert")) == 32
    assert position_limit(tiny("roberta", pad_token_id=1)) == 30
    assert position_limit(tiny("t5", d_model=32, num_heads=4, max_position_embeddings=None)) is None


def test_a_text_as_long_as_the_limit_runs(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("roberta", pad_token_id=0)
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)
    assert runner.max_length == 31
    assert len(runner.run(" ".join(["one"] * 29)).tokens) == 31


def test_a_name_that_finds_nothing_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelLoadError, match=r'could not be loaded.*or use "demo"') as caught:
        ModelRunner.from_pretrained(tmp_path)
    assert caught.value.__cause__ is not None


def test_without_a_network_a_name_that_is_not_on_this_disk_fails_at_once(
    monkeypatch: pytest.MonkeyPatch, tiny: Build, tmp_path: Path
) -> None:
    def unknown(*_: object) -> None:
        msg = "name or service not known"
        raise socket.gaierror(msg)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits to try again"))
    with pytest.raises(ModelLoadError, match=r"'nobody/nothing' could not be loaded.*the network"):
        ModelRunner.from_pretrained("nobody/nothing")
    tiny().save_pretrained(tmp_path)
    with pytest.raises(ModelLoadError, match="no tokenizer could be loaded from 'nobody/nothing'"):
        ModelRunner.from_pretrained(tmp_path, tokenizer="nobody/nothing")


def test_a_loaded_model_without_a_name_needs_a_tokenizer(tiny: Build) -> None:
    with pytest.raises(ModelLoadError, match=r"BertModel does not know the name.*give tokenizer="):
        ModelRunner.from_pretrained(tiny())


def test_a_folder_without_a_tokenizer_says_so(tiny: Build, tmp_path: Path) -> None:
    tiny().save_pretrained(tmp_path)
    with pytest.raises(
        ModelLoadError, match="has only special tokens, its files are missing: give tokenizer="
    ):
        ModelRunner.from_pretrained(tmp_path)


def test_a_saved_model_loads_from_its_folder(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model = tiny()
    model.save_pretrained(tmp_path)
    word_tokenizer.save_pretrained(tmp_path)
    here = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer).run("one two .")
    there = ModelRunner.from_pretrained(tmp_path, device="cpu").run("one two .")
    assert there.tokens == here.tokens
    np.testing.assert_array_equal(there.weights, here.weights)


def test_what_is_not_a_model_is_refused(word_tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(TypeError, match="or a transformers PreTrainedModel, not Linear"):
        ModelRunner.from_pretrained(torch.nn.Linear(1, 1), tokenizer=word_tokenizer)


def test_a_loaded_model_is_neither_moved_nor_cast(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    with pytest.raises(ValueError, match=r"dtype='float16'.*move or cast it yourself"):
        ModelRunner.from_pretrained(tiny(), tokenizer=word_tokenizer, dtype="float16")


def test_a_model_in_training_mode_is_refused(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny()
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)
    model.train()
    with pytest.raises(ValueError, match=r"training mode.*call model.eval.. first"):
        runner.run("one")
    with pytest.raises(ValueError, match="training mode"):
        ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)


def test_a_model_of_which_a_part_is_in_training_mode_is_refused_by_the_name_of_the_part(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny()
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)
    model.encoder.layer[2].attention.train()
    named = r"in its module 'encoder\.layer\.2\.attention', is in training mode"
    with pytest.raises(ValueError, match=named):
        runner.run("one")
    with pytest.raises(ValueError, match=named), runner.editing():
        pass
    with pytest.raises(ValueError, match=named):
        fit_gate(runner, ["one two three"] * 12, steps=1, progress=False)
    with pytest.raises(ValueError, match=named):
        ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)
    model.eval()
    runner.run("one")


def test_the_demo_model_has_no_revisions() -> None:
    with pytest.raises(ValueError, match="revision is 'main': the demo model has only one"):
        ModelRunner.from_pretrained("demo", revision="main")


def test_a_configuration_with_several_end_tokens_is_read(
    tiny: Build, byte_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("llama", num_key_value_heads=2, eos_token_id=[5, 9], pad_token_id=-1)
    assert ModelRunner.from_pretrained(model, tokenizer=byte_tokenizer).difference == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda inputs: dataclasses.replace(inputs, scaling=inputs.scaling * 1.01),
        lambda inputs: dataclasses.replace(inputs, mask=None),
    ],
)
def test_the_gate_refuses_what_differs_from_eager_and_says_by_how_much(
    tiny: Build,
    word_tokenizer: PreTrainedTokenizerFast,
    monkeypatch: pytest.MonkeyPatch,
    wrong: Callable[[attention.Inputs], attention.Inputs],
) -> None:
    model = tiny()
    with torch.no_grad():
        for weight in model.encoder.parameters():
            weight.mul_(4)  # away from uniform attention, where every mistake looks small
    right = attention.scores
    monkeypatch.setattr(attention, "scores", lambda inputs: right(wrong(inputs)))
    with pytest.raises(UnsupportedModelError, match=r"differs from eager attention by [0-9.e-]+,"):
        ModelRunner.from_pretrained(model, tokenizer=word_tokenizer)
    assert model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("whole", ["T5ForConditionalGeneration", "BartForConditionalGeneration"])
def test_the_decoder_of_a_model_with_a_head_reads_its_target_as_in_training(
    whole: str, piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    import transformers  # noqa: PLC0415 - its classes by name, only here

    kind = getattr(transformers, whole)
    options = {"d_model": 32, "vocab_size": 99, "decoder_start_token_id": 0, "pad_token_id": 0}
    model = kind(kind.config_class(**options, num_layers=2, encoder_layers=2, decoder_layers=2))
    runner = ModelRunner.from_pretrained(model.eval(), tokenizer=piece_tokenizer)
    record = runner.run("the dogs run.", "the dog run", stack="decoder")
    labels = torch.tensor([piece_tokenizer("the dog run")["input_ids"]])
    shifted = model.prepare_decoder_input_ids_from_labels(labels)[0].tolist()
    assert [token.id for token in record.tokens] == shifted
    assert [token.role for token in record.tokens] == ["bos", "word", "word", "word"]
    batch = runner.run_many(
        [("the dogs run.", "the dog run"), ("run", "the")], progress=False, stack="cross"
    )
    assert [one.shape[2:] for one in batch] == [(4, 6), (2, 2)]
    alone = runner.run("run", "the", dtype="float16")
    np.testing.assert_allclose(batch[1].weights, alone.weights, atol=2e-3)


def test_a_model_that_computes_nan_is_named_with_its_place(demo: ModelRunner) -> None:
    query = demo.model.encoder.layer[3].attention.self.query
    before = query.bias.detach().clone()
    try:
        with torch.no_grad():
            query.bias[0] = float("nan")
        with pytest.raises(ValueError, match=r"layer 3, head 0, query 0 is NaN.*float32"):
            demo.run(TEXT)
    finally:
        with torch.no_grad():
            query.bias.copy_(before)
    assert demo.run(TEXT).shape == (6, 12, 8, 8)


def test_a_runner_that_is_not_made_as_it_is_meant_names_how_and_prints_no_tokenizer(
    tiny: Build, word_tokenizer: PreTrainedTokenizerFast
) -> None:
    for given in ((tiny("bert"), word_tokenizer), ("demo",)):
        with pytest.raises(TypeError, match=r"ModelRunner\.from_pretrained\(") as refused:
            ModelRunner(*given)  # type: ignore[arg-type]
        assert len(str(refused.value)) < 160


def test_forms_that_are_not_meant_are_named(demo: ModelRunner) -> None:
    with pytest.raises(TypeError, match=r"layers=1: expected a list of numbers.*layers=\[0\]"):
        demo.run(TEXT, layers=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="heads='all': expected a list"):
        demo.run(TEXT, heads="all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="neither a text nor a pair"):
        demo.run_many([("a", "b", "c")], progress=False)  # type: ignore[list-item]
    for pair in ("", " "):
        with pytest.raises(ValueError, match=r"pair is empty.* leave it out"):
            demo.run(TEXT, pair)
    with pytest.raises(ValueError, match="half a character"):
        demo.run("a \ud83d b")


def test_devices_and_formats_that_are_not_there_are_named() -> None:
    with pytest.raises(ValueError, match="device='foo' cannot be used here"):
        ModelRunner.from_pretrained("demo", device="foo")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="device='cuda' cannot be used here"):
            ModelRunner.from_pretrained("demo", device="cuda")
    for dtype in ("float7", "nn"):
        with pytest.raises(ValueError, match=f"dtype='{dtype}' is no number format"):
            ModelRunner.from_pretrained("demo", dtype=dtype)
