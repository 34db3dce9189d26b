"""Every family of the README's table: the row is what happens, and the weights are the model's."""

from __future__ import annotations

import copy
import functools
import types
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
import torch
import transformers
from eager_edits import LOWEST, adding, eager
from family_configs import FAMILIES, LONG_TEXT, TARGET
from family_table import Opened, Row, measured, opened, ordered, table, tokenizer, written
from tiny_families import build

from attn_widgets.interventions import Changes, ablate
from attn_widgets.masks import Assignment, local, per_layer
from attn_widgets.models import ModelRunner, UnsupportedModelError, families, interface, loadcheck
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from attn_widgets.record import Kind

WINDOW = local(2)

# Their indexer leaves keys out, a query's own among them, and picks others under a mask.
INDEXED = {"deepseek_v32", "glm_moe_dsa"}

# Hand the parts of their attention to eager attention in a way of their own.
NOT_EXCHANGED = {"doge", *INDEXED}

ROWS: dict[str, Row] = {}


@functools.lru_cache(maxsize=1)
def taken(name: str) -> Opened | UnsupportedModelError:
    return opened(FAMILIES[name])


@pytest.fixture(autouse=True)
def quiet() -> None:
    transformers.logging.set_verbosity_error()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_does_what_its_row_says(name: str) -> None:
    found = taken(name)
    ROWS[name] = row = measured(FAMILIES[name], found)
    assert row.cells() in written(), (
        "the table is stale: run python tests/oracles/family_table.py --write"
    )
    if isinstance(found, UnsupportedModelError):
        assert repr(name) in str(found)
    elif row.outcome == "shown":
        check_shown(found)
    else:
        check_captured(name, found)


def test_the_table_in_the_readme_holds_these_families_and_no_others() -> None:
    if set(ROWS) != set(FAMILIES):
        pytest.skip("not promised: needs the rows of all the tests above, and not all were run")
    assert written() == table(ordered(list(ROWS.values())))
    assert len(ROWS) >= 70


def check_captured(name: str, found: Opened) -> None:
    for kind in found.kinds:
        empty: Literal["error", "zero"] = "zero" if name in INDEXED else "error"
        plain, under = found.run(kind), found.run(kind, mask=Changes((WINDOW,), empty))
        expected = own_maps(name, found, kind)
        np.testing.assert_allclose(plain.weights, expected, atol=1e-5)
        keep = WINDOW.bind(*plain.shape[2:]).to_dense()
        assert not under.weights[..., ~keep].any()
        assert np.abs(under.weights - plain.weights).max() > 1e-3
        check_first_layer(plain, under, keep)
        if name in NOT_EXCHANGED:
            continue
        runner: Any = runner_of(found)
        added = functools.partial(expanded, torch.from_numpy(np.where(keep, 0.0, LOWEST)).float())
        with eager(runner, kind, adding(added)) as seen:
            found.model(**inputs_of(name, found, kind))
        np.testing.assert_allclose(under.weights, torch.cat(seen), atol=1e-5)


def expanded(floats: torch.Tensor, _layer: int, shape: torch.Size) -> torch.Tensor:
    return floats.expand(shape)


def check_first_layer(plain: AttentionRecord, under: AttentionRecord, keep: Any) -> None:
    """The first layer reads what it read before: its rows are those of eager, shared out anew."""
    before = plain.weights[0].astype(np.float64)
    kept = np.where(keep, before, 0.0)
    whole = kept.sum(axis=-1, keepdims=True)
    if plain.sink:
        whole = whole + 1 - before.sum(axis=-1, keepdims=True)
    known = np.broadcast_to(whole > 1e-3, kept.shape)  # below, float32 has lost what was shared
    shared = np.divide(kept, whole, out=np.zeros_like(kept), where=known)
    np.testing.assert_allclose(under.weights[0][known], shared[known], atol=1e-3)


def check_shown(found: Opened) -> None:
    runner = found.runner
    assert runner is not None
    before = answer(found.model)
    class_name = type(found.model).__name__
    calls: list[Callable[[], Any]] = [
        lambda: found.run(found.kinds[0], mask=WINDOW),
        lambda: found.run(found.kinds[0], edits=ablate((0, 0))),
        lambda: runner.compare(LONG_TEXT, WINDOW, stack=found.kinds[0]),
        lambda: runner.editing(WINDOW).__enter__(),
        lambda: runner.outputs(LONG_TEXT, mask=WINDOW),
    ]
    for call in calls:
        with pytest.raises(UnsupportedModelError, match=f"{class_name} can be shown, by run"):
            call()
    for kind in found.kinds:
        record = found.run(kind)
        assert record.provenance.implementation == "eager, its own output_attentions"
        assert class_name in record.provenance.note
        check_pattern(runner, record)
        if kind == "decoder":
            assert not np.triu(record.weights, 1).any()
    assert torch.equal(answer(found.model), before)


def check_pattern(runner: ModelRunner, record: AttentionRecord) -> None:
    own = runner.own_mask(record)
    if own is None:
        return
    for layer in record.layers:
        mask = own.at(layer) if isinstance(own, Assignment) else own
        keep = mask.bind(len(record.tokens)).to_dense()
        assert not record.weights[record.layer_index(layer)][:, ~keep].any()


def answer(model: torch.nn.Module) -> torch.Tensor:
    given = dict(tokenizer()(LONG_TEXT, return_tensors="pt"))
    given.pop("token_type_ids", None)
    if hasattr(model.config, "is_encoder_decoder") and model.config.is_encoder_decoder:
        given |= {"decoder_input_ids": given["input_ids"][:, :5], "use_cache": False}
    torch.manual_seed(0)
    with torch.no_grad():
        return model(**given)[0]


def runner_of(found: Opened) -> Any:
    if found.runner is not None:
        return found.runner
    inputs = FAMILIES[found.model.config.model_type].inputs
    passed = loadcheck.examine_inputs(found.model, interface.Switch(found.model), inputs)
    model = types.SimpleNamespace(
        base_model=found.model,
        config=found.model.config,
        set_attn_implementation=found.model.set_attn_implementation,
    )
    return types.SimpleNamespace(model=model, stacks=passed.stacks)


def inputs_of(name: str, found: Opened, kind: Kind) -> dict[str, torch.Tensor]:
    if found.runner is None:
        torch.manual_seed(0)
        return FAMILIES[name].inputs
    given = dict(tokenizer()(LONG_TEXT, return_tensors="pt"))
    given.pop("token_type_ids", None)
    if len(found.kinds) > 1:
        target = TARGET if kind != "encoder" else LONG_TEXT
        ids = tokenizer()(target)["input_ids"]
        shift = getattr(found.model, "prepare_decoder_input_ids_from_labels", None)
        start = found.model.config.decoder_start_token_id if shift is None else None
        start = start if shift is None else int(shift(torch.tensor([ids]))[0, 0])
        given["decoder_input_ids"] = torch.tensor([[start, *ids[:-1]]])
    return given


def own_maps(name: str, found: Opened, kind: Kind) -> Any:
    """Ask a second model, loaded with eager attention from the start, for its attentions."""
    torch.manual_seed(1)
    config = found.model.config.__class__.from_dict(found.model.config.to_dict())
    other = type(found.model)._from_config(config, attn_implementation="eager").eval()
    other.load_state_dict(found.model.state_dict())
    attribute = "attentions" if len(found.kinds) == 1 else f"{kind}_attentions"
    torch.manual_seed(0)
    with torch.no_grad():
        given = inputs_of(name, found, kind)
        maps = getattr(other(**given, output_attentions=True, return_dict=True), attribute)
    queries = len(found.run(kind).tokens)
    return np.stack([layer[0].numpy() for layer in maps if layer.shape[2] == queries])


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("big_bird", "encoder.layer.{}.attention.self"),
        ("longformer", "encoder.layer.{}.attention.self"),
        ("led", "encoder.layers.{}.self_attn.longformer_self_attn"),
        ("reformer", "encoder.layers.{}.attention.self_attention"),
    ],
)
def test_maps_that_were_laid_out_mix_the_values_to_what_the_layer_gives(
    name: str, path: str
) -> None:
    found = opened(FAMILIES[name])
    assert isinstance(found, Opened)
    record = found.run("encoder")
    layer = record.layers[-1]
    part = found.model.get_submodule(path.format(layer))
    seen: dict[str, torch.Tensor] = {}
    hooks = [
        part.value.register_forward_hook(lambda _m, _i, o: seen.__setitem__("value", o)),
        part.register_forward_hook(lambda _m, _i, o: seen.__setitem__("mixed", o[0])),
    ]
    encoder = found.model.get_encoder() if name == "led" else found.model
    torch.manual_seed(0)
    with torch.no_grad():
        encoder(
            **{
                k: v
                for k, v in tokenizer()(LONG_TEXT, return_tensors="pt").items()
                if k != "token_type_ids"
            }
        )
    for hook in hooks:
        hook.remove()
    heads, n = record.shape[1], record.shape[2]
    value = seen["value"]
    value = value if value.shape[0] == 1 else value.transpose(0, 1)
    values = value[0, :n].reshape(n, heads, -1).transpose(0, 1).numpy()
    mixed = record.weights[-1] @ values
    given = seen["mixed"][0, :n].reshape(n, heads, -1).transpose(0, 1).numpy()
    np.testing.assert_allclose(mixed, given, atol=1e-4)


def test_longformer_shows_the_global_tokens_that_its_head_chooses() -> None:
    torch.manual_seed(1)
    config = transformers.LongformerConfig(**FAMILIES["longformer"].options)
    model = transformers.LongformerForSequenceClassification(config).eval()
    runner = ModelRunner.from_pretrained(model, tokenizer=tokenizer())
    record = runner.run(LONG_TEXT, dtype="float32")
    assert repr(runner.own_mask(record)) == "local(2) | global_(0)"
    assert (record.weights[:, :, 0, :] > 0).all()
    assert (record.weights[:, :, :, 0] > 0).all()
    check_pattern(runner, record)


def test_a_pattern_comes_back_from_a_saved_record(tmp_path: pathlib.Path) -> None:
    found = taken("gpt_neo")
    assert isinstance(found, Opened)
    assert found.runner is not None
    record = found.run("decoder")
    record.save(tmp_path / "neo.npz")
    back = AttentionRecord.load(tmp_path / "neo.npz")
    assert back == record
    assert found.runner.own_mask(back) == per_layer({1: local(left=3, right=0)})


def test_keys_that_are_no_tokens_are_never_cut_off_unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "MISREADS_MASKS", {})
    options = {
        **FAMILIES["deepseek_v4"].options,
        "layer_types": ["heavily_compressed_attention"] * 2,
        "compress_rates": {"compressed_sparse_attention": 4, "heavily_compressed_attention": 16},
    }
    runner = ModelRunner.from_pretrained(build("deepseek_v4", options), tokenizer=tokenizer())
    assert runner.run("one two three").shape == (2, 4, 3, 3)
    with pytest.raises(UnsupportedModelError, match="attends over 31 keys for 30 tokens"):
        runner.run(LONG_TEXT)


def test_bigbird_keeps_its_mode_and_gives_its_own_maps_after_a_short_text() -> None:
    model = build("big_bird", FAMILIES["big_bird"].options)
    runner = ModelRunner.from_pretrained(model, tokenizer=tokenizer())
    long = runner.run(LONG_TEXT, dtype="float32")
    short = runner.run("one two three", dtype="float32")
    assert (short.weights > 0).all()
    assert "so short" in short.provenance.note
    assert model.attention_type == "block_sparse"
    np.testing.assert_array_equal(runner.run(LONG_TEXT, dtype="float32").weights, long.weights)


def test_falcon_gives_maps_that_see_the_future_unless_loaded_eager_and_ours_do_not() -> None:
    given = dict(tokenizer()(LONG_TEXT, return_tensors="pt"))
    given.pop("token_type_ids", None)

    def asked(model: torch.nn.Module) -> Any:
        with torch.no_grad():
            maps = model(**given, output_attentions=True).attentions
        return torch.stack([layer[0] for layer in maps]).numpy()

    model = build("falcon", FAMILIES["falcon"].options)
    config = copy.deepcopy(model.config)
    eager = type(model)._from_config(config, attn_implementation="eager").eval()
    eager.load_state_dict(model.state_dict())
    assert np.triu(asked(model), 1).any(), "mended in transformers: say so in the README"
    runner = ModelRunner.from_pretrained(model, tokenizer=tokenizer())
    record = runner.run(LONG_TEXT, dtype="float32")
    model.set_attn_implementation("eager")
    assert np.triu(asked(model), 1).any(), "mended in transformers: say so in the table"
    assert not np.triu(record.weights, 1).any()
    np.testing.assert_allclose(asked(eager), record.weights, atol=1e-6)


def test_layers_of_hashes_cannot_be_asked_for_and_their_number_is_named() -> None:
    model = build("reformer", FAMILIES["reformer"].options)
    runner = ModelRunner.from_pretrained(model, tokenizer=tokenizer())
    assert runner.run(LONG_TEXT).layers == (1,)
    with pytest.raises(ValueError, match=r"layers \[0\] cannot be shown, \[1\] can"):
        runner.run(LONG_TEXT, layers=[0])


def test_many_texts_of_a_model_that_is_shown_are_those_texts_one_by_one() -> None:
    runner = ModelRunner.from_pretrained(
        build("xlnet", FAMILIES["xlnet"].options), tokenizer=tokenizer()
    )
    texts = ["one two three", LONG_TEXT]
    for one, text in zip(runner.run_many(texts, progress=False), texts, strict=True):
        assert one == runner.run(text)
