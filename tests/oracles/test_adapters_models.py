"""What real models and their generate() return: every weight where the model had it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers as hf
from tiny_families import BART, BERT, GPT, IGNORING, LLAMA, T5, TEXT, build, word_tokenizer

from attn_widgets import AttentionRecord, AttentionRecords, ModelRunner, attention_record

WHOLE = {"output_attentions": True}
WRITING = {
    "max_new_tokens": 4,
    "do_sample": False,
    "output_attentions": True,
    "return_dict_in_generate": True,
    "pad_token_id": 0,
    "eos_token_id": None,
}
VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 37,
    "image_size": 12,
    "patch_size": 4,
}
SOUND = {
    "conv_dim": [8, 8],
    "conv_stride": [4, 2],
    "conv_kernel": [8, 4],
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
}
WHISPER = {"num_mel_bins": 8, "max_source_positions": 20, "max_target_positions": 16}
ENDS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
LOCAL = {"attention_window": 4}
LED = {**BART, **LOCAL, "max_encoder_position_embeddings": 64}
EVEN = {**T5, "num_decoder_layers": 2}

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


@pytest.fixture(autouse=True)
def quiet():
    hf.logging.set_verbosity_error()
    with torch.no_grad():
        yield
    hf.logging.set_verbosity_warning()


def made(kind, config):
    torch.manual_seed(0)
    model = kind(config).eval()
    for weight in model.parameters():
        if weight.dim() > 1:
            weight.mul_(3)  # away from uniform attention, where every mistake looks small
    if getattr(config, "model_type", "") not in {"longformer", "led"}:
        model.set_attn_implementation("eager")
    return model


def ids(*shape):
    return torch.randint(4, 90, shape, generator=torch.Generator().manual_seed(3))


def pixels():
    return torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(3))


def words(model, **more):
    return model(ids(2, 9), **WHOLE, **more)


def both(model, **more):
    return words(model, decoder_input_ids=ids(2, 4), **more)


PICTURE = {"patches": (3, 3)}
CASES = {
    "bert": (hf.BertModel, hf.BertConfig(**BERT), words, {"batch": 1}),
    "a tuple of bert": (
        hf.BertModel,
        hf.BertConfig(**BERT),
        lambda model: words(model, return_dict=False, output_hidden_states=True),
        {"batch": 1},
    ),
    "gpt2": (hf.GPT2LMHeadModel, hf.GPT2Config(**GPT), words, {"batch": 1}),
    "a tuple of gpt2": (
        hf.GPT2LMHeadModel,
        hf.GPT2Config(**GPT),
        lambda model: words(model, return_dict=False),
        {"batch": 1},
    ),
    "llama, grouped": (hf.LlamaForCausalLM, hf.LlamaConfig(**LLAMA), words, {"batch": 0}),
    "distilbert": (
        hf.DistilBertModel,
        hf.DistilBertConfig(vocab_size=99, dim=32, n_layers=2, n_heads=4, hidden_dim=37),
        words,
        {"batch": 1},
    ),
    "vit": (hf.ViTModel, hf.ViTConfig(**VIT), lambda m: m(pixels(), **WHOLE), PICTURE),
    "deit": (
        hf.DeiTModel,
        hf.DeiTConfig(**VIT),
        lambda m: m(pixels(), **WHOLE),
        {**PICTURE, "prefix": ["cls", "distillation"]},
    ),
    "dinov2": (hf.Dinov2Model, hf.Dinov2Config(**VIT), lambda m: m(pixels(), **WHOLE), PICTURE),
    "dinov2 with registers": (
        hf.Dinov2WithRegistersModel,
        hf.Dinov2WithRegistersConfig(**VIT, num_register_tokens=2),
        lambda m: m(pixels(), **WHOLE),
        {**PICTURE, "prefix": ["cls", "register", "register"]},
    ),
    "clip's picture": (
        hf.CLIPVisionModel,
        hf.CLIPVisionConfig(**VIT),
        lambda m: m(pixels(), **WHOLE),
        PICTURE,
    ),
    "siglip's picture": (
        hf.SiglipVisionModel,
        hf.SiglipVisionConfig(**VIT),
        lambda m: m(pixels(), **WHOLE),
        PICTURE,
    ),
    "wav2vec2": (
        hf.Wav2Vec2Model,
        hf.Wav2Vec2Config(**BERT, **SOUND),
        lambda m: m(torch.sin(torch.arange(120.0))[None], **WHOLE),
        {"frames": 0.02},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_models_output_keeps_every_weight(name):
    kind, config, run, options = CASES[name]
    output = run(made(kind, config))
    # a tuple ends with its attentions, or with the empty cross-attention of a model that has none
    parts = [part for part in output if len(part)] if isinstance(output, tuple) else None
    given = output.attentions if parts is None else parts[-1]
    record = attention_record(output, **options)
    expected = np.stack([layer[options.get("batch", 0)].numpy() for layer in given])
    assert np.array_equal(record.weights, expected)
    causal = name in {"gpt2", "a tuple of gpt2", "llama, grouped"}
    assert record.kind == ("decoder" if causal else "encoder")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_models_coarser_numbers_are_taken_as_they_are(dtype):
    output = words(made(hf.BertModel, hf.BertConfig(**BERT)).to(dtype))
    assert output.attentions[0].dtype == dtype
    expected = np.stack([layer[0].float().numpy() for layer in output.attentions])
    assert np.abs(expected.sum(-1) - 1).max() > 1e-4
    for given in (output, [layer.float().numpy() for layer in output.attentions]):
        assert np.array_equal(attention_record(given, batch=0).weights, expected)
    with pytest.raises(ValueError, match="must sum to 1"):
        attention_record([layer * 0.9 for layer in output.attentions], batch=0)


SEQ2SEQ = {
    "t5 of unequal depths": (hf.T5Model, hf.T5Config(**T5)),
    "bart": (hf.BartModel, hf.BartConfig(**BART)),
}


@pytest.mark.parametrize("name", SEQ2SEQ)
@pytest.mark.parametrize("form", [lambda output: output, dict, lambda output: output.to_tuple()])
def test_an_encoder_decoder_gives_three_records(name, form):
    output = both(made(*SEQ2SEQ[name]))
    records = attention_record(form(output), batch=1)
    assert isinstance(records, AttentionRecords)
    assert list(records) == ["encoder", "decoder", "cross"]
    for kind, record in records.items():
        layers = getattr(output, f"{kind}_attentions")
        assert record.kind == kind
        assert np.array_equal(record.weights, np.stack([layer[1].numpy() for layer in layers]))
    assert records.cross.key_tokens == records.encoder.tokens
    assert records.cross.tokens == records.decoder.tokens


def test_whisper_gives_frames_and_written_tokens():
    model = made(hf.WhisperModel, hf.WhisperConfig(**{**BART, **WHISPER, **ENDS}))
    output = model(torch.randn(1, 8, 40), decoder_input_ids=ids(1, 4), **WHOLE)
    records = attention_record(output, frames=0.02)
    assert [token.display for token in records.cross.key_tokens[:3]] == ["0.00s", "0.02s", "0.04s"]
    assert np.array_equal(records.cross.weights[1], output.cross_attentions[1][0].numpy())


def test_clip_gives_its_text_and_its_picture():
    towers = {"text_config": {**BERT, "projection_dim": 8}}
    towers["vision_config"] = {**VIT, "projection_dim": 8}
    model = made(hf.CLIPModel, hf.CLIPConfig(**towers, projection_dim=8))
    output = model(input_ids=ids(1, 7), pixel_values=pixels(), **WHOLE)
    records = attention_record(output, list("abcdefg"), patches=(3, 3))
    assert list(records) == ["text", "vision"]
    for name, record in records.items():
        layers = output[f"{name}_model_output"].attentions
        assert np.array_equal(record.weights, np.stack([layer[0].numpy() for layer in layers]))
    assert records["vision"].tokens[1].display == "0,0"


CACHES = {
    "with a cache": {},
    "without a cache": {"use_cache": False},
    "with a cache of fixed size": {"cache_implementation": "static"},
    "with beams": {"num_beams": 3, "num_return_sequences": 3},
    "with samples": {"do_sample": True, "num_return_sequences": 2},
}
WRITERS = {
    "gpt2": (hf.GPT2LMHeadModel, hf.GPT2Config(**GPT)),
    "llama": (hf.LlamaForCausalLM, hf.LlamaConfig(**LLAMA)),
    "mistral, a short window": (
        hf.MistralForCausalLM,
        hf.MistralConfig(**LLAMA, sliding_window=3),
    ),
    "gemma3, some windows": (
        hf.Gemma3ForCausalLM,
        hf.Gemma3TextConfig(
            **LLAMA, sliding_window=4, layer_types=["sliding_attention", "full_attention"]
        ),
    ),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("how", CACHES)
def test_steps_of_generate_are_the_triangle_of_one_full_pass(writer, how):
    model = made(*WRITERS[writer])
    output = model.generate(ids(1, 6), **WRITING | CACHES[how])
    for row, sequence in enumerate(output.sequences):
        record = attention_record(output, batch=row)
        full = attention_record(model(sequence[None, :-1], **WHOLE))
        assert record.kind == "decoder"
        assert record.shape == full.shape == (2, 4, 9, 9)
        assert np.abs(record.weights - full.weights).max() < 1e-6


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("again", [1, 2, 3])
def test_steps_that_read_candidates_of_the_prompt_are_that_triangle(writer, again):
    model = made(*WRITERS[writer])
    prompt = ids(1, 2).repeat(1, again)
    lookup = {"prompt_lookup_num_tokens": 3, "max_new_tokens": 9, "min_new_tokens": 9}
    output = model.generate(prompt, **WRITING | lookup)
    record = attention_record(output)
    full = attention_record(model(output.sequences[:, :-1], **WHOLE))
    assert record.shape == full.shape
    assert np.abs(record.weights - full.weights).max() < 1e-6


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("beams", [1, 3])
def test_what_an_encoder_decoder_wrote_is_that_of_one_full_pass(beams, cache):
    model = made(hf.T5ForConditionalGeneration, hf.T5Config(**EVEN))
    sources = ids(2, 5)
    how = {"num_beams": beams, "num_return_sequences": beams, "use_cache": cache}
    output = model.generate(sources, **WRITING, **how)
    for row, sequence in enumerate(output.sequences):
        records = attention_record(output, batch=row)
        source = sources[row // beams][None]
        full = attention_record(model(source, decoder_input_ids=sequence[None, :-1], **WHOLE))
        for kind, record in records.items():
            assert np.abs(record.weights - full[kind].weights).max() < 1e-6


def test_a_prompt_that_was_padded_on_the_left_is_as_without():
    model = made(hf.LlamaForCausalLM, hf.LlamaConfig(**LLAMA))
    prompt, mask = ids(2, 6), torch.ones(2, 6, dtype=torch.long)
    mask[1, :2] = 0
    output = model.generate(prompt, attention_mask=mask, **WRITING)
    record = attention_record(output, batch=1, attention_mask=mask)
    full = attention_record(model(output.sequences[1:, 2:-1], **WHOLE))
    assert record.shape == full.shape
    assert np.abs(record.weights - full.weights).max() < 1e-5


@pytest.mark.parametrize("options", [BERT, {**BERT, "num_attention_heads": 2}])
def test_padding_that_is_trimmed_leaves_what_the_text_alone_gives(options):
    model = made(hf.BertModel, hf.BertConfig(**options))
    text, mask = ids(2, 9), torch.ones(2, 9, dtype=torch.long)
    mask[1, 6:] = 0
    output = model(text, attention_mask=mask, **WHOLE)
    record = attention_record(output, attention_mask=mask, batch=1)
    alone = attention_record(model(text[1:, :6], **WHOLE))
    assert record.shape == alone.shape
    assert np.abs(record.weights - alone.weights).max() < 1e-6
    with pytest.raises(ValueError, match=r"3 padding tokens: run the model with its"):
        attention_record(model(text, **WHOLE), attention_mask=mask, batch=1)


def by_hand(attention, states, places, kept, half):
    """Compute Longformer's attention of a layer as one dense matrix, from its definition."""
    n = states.shape[0]
    heads = attention.num_heads

    def scores(query, key):
        parts = [linear(states).view(n, heads, -1).transpose(0, 1) for linear in (query, key)]
        return parts[0] @ parts[1].transpose(1, 2) / attention.head_dim**0.5

    near = (torch.arange(n)[:, None] - torch.arange(n)).abs() <= half
    near[:, places] = True
    rows = scores(attention.query, attention.key).masked_fill(~(near & kept), -torch.inf)
    whole = rows.softmax(-1)
    own = scores(attention.query_global, attention.key_global).masked_fill(~kept, -torch.inf)
    whole[:, places] = own.softmax(-1)[:, places]
    return whole[:, kept][:, :, kept].numpy()


@pytest.mark.parametrize("places", [[], [0], [0, 5]])
@pytest.mark.parametrize("item", [0, 1])
def test_longformers_layout_is_its_attention_by_definition(places, item):
    model = made(hf.LongformerModel, hf.LongformerConfig(**{**BERT, **LOCAL}))
    text, kept = ids(2, 13), torch.ones(2, 13, dtype=torch.bool)
    kept[1, 10:] = False
    whole = torch.zeros(2, 13, dtype=torch.long)
    whole[:, places] = 1
    whole[1 - item, [0, 2, 3]] = 1  # the other item has other global tokens, and more of them
    output = model(
        text,
        attention_mask=kept.long(),
        global_attention_mask=whole,
        output_hidden_states=True,
        **WHOLE,
    )
    record = attention_record(output, batch=item, attention_mask=kept)
    for number, layer in enumerate(model.encoder.layer):
        states = output.hidden_states[number][item]
        expected = by_hand(layer.attention.self, states, places, kept[item], half=2)
        assert np.abs(record.weights[number] - expected).max() < 1e-6


def test_leds_encoder_has_longformers_layout():
    model = made(hf.LEDModel, hf.LEDConfig(**LED))
    whole = torch.zeros(2, 9, dtype=torch.long)
    whole[:, [0, 4]] = 1
    output = both(model, global_attention_mask=whole, output_hidden_states=True)
    records = attention_record(output, batch=1)
    for number, layer in enumerate(model.encoder.layers):
        attention = layer.self_attn.longformer_self_attn
        states = output.encoder_hidden_states[number][1]
        expected = by_hand(attention, states, [0, 4], torch.ones(9, dtype=torch.bool), half=2)
        assert np.abs(records.encoder.weights[number] - expected).max() < 1e-6
    assert np.array_equal(records.cross.weights[2], output.cross_attentions[2][1].numpy())


def test_what_led_wrote_is_read_with_the_line_that_the_refusal_names():
    model = made(hf.LEDForConditionalGeneration, hf.LEDConfig(**LED))
    text, whole = ids(1, 9), torch.zeros(1, 9, dtype=torch.long)
    whole[:, [0, 4]] = 1
    inputs = {"input_ids": text, "attention_mask": torch.ones_like(text)}
    output = model.generate(**inputs, global_attention_mask=whole, **WRITING)
    with pytest.raises(ValueError, match=r"model\.get_encoder") as caught:
        attention_record(output)
    assert "encoder_tokens" not in str(caught.value)
    rows = model.get_encoder()(**inputs, global_attention_mask=whole, **WHOLE).global_attentions
    records = attention_record(output, global_attentions=rows)
    full = attention_record(
        model(
            **inputs,
            decoder_input_ids=output.sequences[:, :-1],
            global_attention_mask=whole,
            **WHOLE,
        )
    )
    for kind, record in records.items():
        assert np.abs(record.weights - full[kind].weights).max() < 1e-6


def test_a_window_that_a_dict_does_not_tell_is_asked_for():
    output = both(made(hf.LEDModel, hf.LEDConfig(**LED)))
    with pytest.raises(ValueError, match="global_attentions="):
        attention_record(dict(output), batch=1)
    told = attention_record(dict(output), batch=1, global_attentions=())
    assert dict(told) == dict(attention_record(output, batch=1))
    with pytest.raises(ValueError, match="return_dict=True"):
        attention_record(output.to_tuple(), batch=1)


def test_layouts_that_are_not_known_are_refused():
    reformer = build("reformer", IGNORING["reformer"])
    with pytest.raises(ValueError, match=r"attentions\[0\] has shape .* a layout of its own"):
        attention_record(reformer(ids(1, 8), **WHOLE))


@pytest.mark.parametrize("kind", [hf.BertModel, hf.BertForSequenceClassification])
def test_the_empty_tuple_of_todays_transformers_is_answered(kind):
    model = made(kind, hf.BertConfig(**BERT))
    model.set_attn_implementation("sdpa")
    with pytest.raises(ValueError, match=r"outputs.attentions is \(\).*'eager'.*ModelRunner"):
        attention_record(words(model))
    with pytest.raises(ValueError, match=r"model.set_attn_implementation\('eager'\); outputs = "):
        attention_record(model(ids(1, 3)))


def test_where_a_runner_is_at_hand_the_model_is_run_properly():
    tokenizer = word_tokenizer()
    model = made(hf.BertModel, hf.BertConfig(**BERT))
    model.set_attn_implementation("sdpa")
    runner = ModelRunner.from_pretrained(model, tokenizer)
    inputs = tokenizer(TEXT, return_tensors="pt")
    output = model(**inputs, **WHOLE)
    expected = runner.run(TEXT)
    pieces = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
    for given, tokens, text in (
        (output, inputs, None),
        (output, pieces, None),
        (output, None, TEXT),
        ((), None, TEXT),
        (TEXT, None, None),
        (None, None, TEXT),
    ):
        assert attention_record(given, tokens, runner=runner, text=text) == expected
    with pytest.raises(ValueError, match="add text="):
        attention_record(output, runner=runner)
    with pytest.raises(ValueError, match=r"gives \d tokens that are not the 3 given: add text="):
        attention_record(output, ["one", "<pad>", "two"], runner=runner)


def test_a_runner_reads_a_pair_as_a_pair_and_only_the_layers_that_are_wanted():
    tokenizer = word_tokenizer()
    runner = ModelRunner.from_pretrained(made(hf.BertModel, hf.BertConfig(**BERT)), tokenizer)
    inputs = tokenizer("one two three", "four five", return_tensors="pt")
    expected = runner.run("one two three", "four five")
    assert 1 in [token.segment for token in expected.tokens]
    assert attention_record((), inputs, runner=runner) == expected
    batch = tokenizer(
        ["one two", "one two three"], ["one", "four five"], padding=True, return_tensors="pt"
    )
    assert attention_record((), batch, runner=runner, batch=1) == expected
    some = attention_record((), inputs, runner=runner, include_layers=[1])
    assert some.layers == (1,)
    assert np.array_equal(some.weights, expected.weights[1:2])
    assert attention_record("one two", runner=runner, include_layers=[1]).layers == (1,)


def test_with_a_runner_a_source_and_a_target_give_three_records():
    runner = ModelRunner.from_pretrained(made(hf.T5Model, hf.T5Config(**T5)), word_tokenizer())
    records = attention_record(("one two three", "four five"), runner=runner)
    assert list(records) == ["encoder", "decoder", "cross"]
    alone = attention_record(("one two three", "four five"), runner=runner, kind="cross")
    assert alone == records.cross
    assert isinstance(attention_record("one two", runner=runner), AttentionRecord)


def test_a_tokenizers_output_gives_roles_and_padding():
    tokenizer = word_tokenizer()
    model = made(hf.BertModel, hf.BertConfig(**BERT))
    inputs = tokenizer(["one two three", "four five"], padding=True, return_tensors="pt")
    output = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], **WHOLE)
    record = attention_record(output, inputs, batch=1, tokenizer=tokenizer)
    assert [token.display for token in record.tokens] == ["four", "five"]
    assert [token.id for token in record.tokens] == inputs["input_ids"][1, :2].tolist()
    shown = attention_record(output, inputs, batch=1, tokenizer=tokenizer, padding="show")
    assert [token.role.value for token in shown.tokens] == ["word", "word", "pad"]
    bare = attention_record(output, inputs, batch=1)
    assert [token.display for token in bare.tokens] == ["four", "five"]
