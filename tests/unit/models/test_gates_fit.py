"""Training of gates: what learns, what does not, what is reported, kept and resumed."""

from __future__ import annotations

import io
import json
import random
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from attn_widgets.masks import bind_record
from attn_widgets.models import ModelRunner, corpus
from attn_widgets.models.gates import (
    FittedGate,
    Hard,
    batches,
    fit_gate,
    measure,
    settings,
    start,
    storage,
    training,
)
from attn_widgets.models.gates.runs import keep_all
from attn_widgets.models.masked import masked

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from transformers import PreTrainedTokenizerFast

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", ".")
KINDS = ("low_rank", "threshold")


def texts(count: int = 40) -> list[str]:
    drawn = random.Random(0)  # noqa: S311 - texts, no secrets
    return [" ".join(drawn.choices(WORDS, k=drawn.randint(8, 20))) for _ in range(count)]


@pytest.fixture(scope="module")
def runner(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: PreTrainedTokenizerFast
) -> ModelRunner:
    """A tiny model whose attention is not flat: its queries are made larger."""
    model = tiny("bert")
    with torch.no_grad():
        for layer in model.encoder.layer:
            layer.attention.self.query.weight.mul_(5)
            layer.attention.self.key.weight.mul_(5)
    return ModelRunner.from_pretrained(model, word_tokenizer)


def fit(runner: ModelRunner, kind: str = "low_rank", steps: int = 25, **options: Any) -> FittedGate:
    given = {"target_density": 0.3, "progress": False, "steps": steps} | options
    return fit_gate(runner, texts(), kind=kind, **given)


@pytest.fixture(scope="module")
def fitted(runner: ModelRunner) -> dict[str, FittedGate]:
    return {kind: fit(runner, kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_gate_learns(runner: ModelRunner, kind: str) -> None:
    model = runner.model
    parameters = dict(model.named_parameters())
    flags = dict.fromkeys(parameters, True) | {next(iter(parameters)): False}
    for name, parameter in parameters.items():
        parameter.requires_grad_(flags[name])
    before = {name: values.clone() for name, values in model.state_dict().items()}
    implementation = model.config._attn_implementation
    fit(runner, kind, steps=3)
    assert all(torch.equal(before[name], now) for name, now in model.state_dict().items())
    assert {name: values.requires_grad for name, values in parameters.items()} == flags
    assert all(parameter.grad is None for parameter in parameters.values())
    assert model.config._attn_implementation == implementation
    assert not model.training


def test_flags_are_put_back_after_an_error(
    runner: ModelRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        msg = "on purpose"
        raise KeyboardInterrupt(msg)

    monkeypatch.setattr(training, "infidelity", fails)
    with pytest.raises(KeyboardInterrupt):
        training.Training.advance(_untrained(runner), runner, _batches(runner))
    assert all(parameter.requires_grad for parameter in list(runner.model.parameters())[1:])


def _batches(runner: ModelRunner) -> Any:
    return batches.make(runner, texts(8), 4, 32)


def _untrained(runner: ModelRunner, kind: str = "low_rank") -> training.Training:
    asked = settings.Settings(settings.Model.of(runner), "", kind, 0.3, 0, 10, 0.2, 5, 32)
    return training.Training(asked, start.start(runner, kind, _batches(runner), 4))


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_every_layer_and_head_gets_a_gradient(
    runner: ModelRunner, kind: str
) -> None:
    going = _untrained(runner, kind)
    before = going.gate.arrays()
    going.advance(runner, _batches(runner))
    after = going.gate.arrays()
    for name, values in before.items():
        moved = (values != after[name]).reshape(3, 4, -1)
        assert moved.any(-1).all(), name


@pytest.mark.parametrize("kind", KINDS)
def test_training_comes_closer_than_it_started(
    runner: ModelRunner, fitted: dict[str, FittedGate], kind: str
) -> None:
    history = dict(fitted[kind].history)
    assert min(history.values()) <= history[0]
    report = fitted[kind].report
    assert abs(report.density - 0.3) < 0.1
    assert 0.3 < report.mass_kept < 1
    assert 0 < report.cosine_low <= report.cosine_mean < 1
    assert 0 < report.relative_l1 < 1
    assert report.texts == 4
    assert np.array(report.head_density).shape == (3, 4)
    assert "legal pairs" in repr(fitted[kind])
    assert f"{report.density:.3f}" in repr(fitted[kind])
    again = measure(runner, fitted[kind].rule(runner), texts(), max_length=32)
    assert abs(again.density - 0.3) < 0.02


def test_a_dense_rule_keeps_all(runner: ModelRunner) -> None:
    report = measure(runner, keep_all, texts(6), max_length=12)
    assert report.density == 1
    assert report.mass_kept == pytest.approx(1)
    assert report.cosine_low == pytest.approx(1)
    assert report.relative_l1 == 0
    assert report.cut == sum(len(text.split()) > 10 for text in texts(6))


def test_density_counts_legal_pairs_and_each_token_with_itself(runner: ModelRunner) -> None:
    chosen = texts(5)
    lengths = [len(text.split()) + 2 for text in chosen]
    nothing = torch.zeros(1, dtype=torch.bool)
    report = measure(runner, lambda _: nothing, chosen)
    assert report.tokens == sum(lengths)
    assert report.density == pytest.approx(sum(lengths) / sum(n * n for n in lengths))


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_training_ends_as_if_it_had_not_been(
    runner: ModelRunner,
    kind: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("attn_widgets.models.gates.fit.EVERY", 4)
    whole = fit(runner, kind, steps=12, resume=tmp_path / "whole.gate")
    made = training.Training.advance

    def interrupted(going: training.Training, *given: Any) -> float:
        if going.step == 7:
            raise KeyboardInterrupt
        return made(going, *given)

    state = tmp_path / "training.gate"
    with monkeypatch.context() as patch:
        patch.setattr(training.Training, "advance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit(runner, kind, steps=12, resume=state)
    resumed = fit(runner, kind, steps=12, resume=state)
    assert resumed.gate == whole.gate
    assert resumed == whole
    assert state.read_bytes() == (tmp_path / "whole.gate").read_bytes()
    assert fit(runner, kind, steps=12, resume=state) == whole


def test_a_training_of_other_settings_is_not_resumed(
    runner: ModelRunner, tmp_path: pathlib.Path
) -> None:
    state = tmp_path / "training.gate"
    fit(runner, steps=2, resume=state)
    with pytest.raises(ValueError, match="other settings: seed 0, not 1"):
        fit(runner, steps=2, resume=state, seed=1)
    with pytest.raises(ValueError, match="not a gate of attn_widgets but 'gate training'"):
        FittedGate.load(state)


def test_seeds_give_other_gates_and_the_same_seed_the_same(runner: ModelRunner) -> None:
    one, again, other = (fit(runner, steps=3, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.gate != other.gate


def test_training_stops_when_nothing_improves(
    runner: ModelRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attn_widgets.models.gates.fit.EVERY", 1)
    monkeypatch.setattr(training, "_RATES", {"log_thresholds": 0.0})
    stopped = fit(runner, "threshold", steps=30, patience=3)
    assert [step for step, _ in stopped.history] == list(range(18 + 3))


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_gate_is_the_same_gate(
    runner: ModelRunner, fitted: dict[str, FittedGate], kind: str, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "my.gate"
    fitted[kind].save(path)
    loaded = FittedGate.load(path, runner)
    assert loaded == fitted[kind]
    assert loaded.mask() == fitted[kind].mask()
    loaded.save(tmp_path / "again.gate")
    assert (tmp_path / "again.gate").read_bytes() == path.read_bytes()


def test_a_gate_of_another_models_shape_is_refused(
    tiny: Callable[..., torch.nn.Module],
    word_tokenizer: PreTrainedTokenizerFast,
    fitted: dict[str, FittedGate],
    tmp_path: pathlib.Path,
) -> None:
    other = ModelRunner.from_pretrained(tiny("bert", num_hidden_layers=2), word_tokenizer)
    with pytest.raises(ValueError, match=r"3 layers of 4 heads.*does not fit.*2 layers"):
        fitted["low_rank"].rule(other)
    path = tmp_path / "my.gate"
    fitted["low_rank"].save(path)
    with pytest.raises(ValueError, match="does not fit"):
        FittedGate.load(path, other)


def _rewritten(path: pathlib.Path, **changed: object) -> pathlib.Path:
    """Write a file again with other contents, its digest of numbers as it was."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    head = json.loads(parts["about.json"])
    for name, value in changed.items():
        if name in head:
            head[name] = value
        else:
            head["about"][name] = value
    other = path.with_name("other.gate")
    with zipfile.ZipFile(other, "w") as file:
        for name, content in (parts | {"about.json": json.dumps(head).encode()}).items():
            file.writestr(name, content)
    return other


def test_damaged_and_foreign_files_are_refused(
    fitted: dict[str, FittedGate], tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "my.gate"
    fitted["threshold"].save(path)
    content = path.read_bytes()
    for cut in (0, 10, len(content) // 2, len(content) - 1):
        damaged = tmp_path / "damaged.gate"
        damaged.write_bytes(content[:cut])
        with pytest.raises(ValueError, match="not a gate of attn_widgets, or is damaged"):
            FittedGate.load(damaged)
    flipped = bytearray(content)
    place = content.index(b"log_thresholds.npy") + 60
    flipped[place] ^= 255
    damaged.write_bytes(bytes(flipped))
    with pytest.raises(ValueError, match="damaged"):
        FittedGate.load(damaged)
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as file:
        file.writestr("hello.txt", "hello")
    with pytest.raises(ValueError, match=r"no about\.json"):
        FittedGate.load(foreign)
    for changed, message in [
        ({"version": 2}, "format version 2"),
        ({"form": "other"}, "but 'other'"),
        ({"about": []}, "does not say"),
        ({"sha256": "0"}, "not those that were saved"),
        ({"rule": "other"}, "do not hold together"),
        ({"rule": "low_rank"}, "do not hold together"),
        ({"report": {}}, "do not hold together"),
        ({"settings": {}}, "do not hold together"),
        ({"name": "it's"}, "do not hold together"),
    ]:
        with pytest.raises(ValueError, match=message):
            FittedGate.load(_rewritten(path, **changed))
    with pytest.raises(FileNotFoundError):
        FittedGate.load(tmp_path / "none.gate")


def test_an_array_that_would_run_code_is_refused(tmp_path: pathlib.Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    parts = {"log_thresholds.npy": buffer.getvalue()}
    head = {"form": "gate", "version": 1, "about": {}, "sha256": storage._digest(parts)}
    path = tmp_path / "evil.gate"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("about.json", json.dumps(head))
        file.writestr("log_thresholds.npy", parts["log_thresholds.npy"])
    with pytest.raises(ValueError, match="damaged"):
        FittedGate.load(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_density": 0}, "target_density is 0: expected a share"),
        ({"target_density": 1.5}, "target_density is 1.5"),
        ({"target_density": float("nan")}, "target_density is nan"),
        ({"target_density": 0.01}, "every token keeps itself, which alone is 0.0"),
        ({"kind": "other"}, "kind is 'other': expected 'threshold' or 'low_rank'"),
        ({"steps": 0}, "steps is 0: expected a whole number, at least 1"),
        ({"holdout": 1.0}, "holdout is 1.0: expected a share between 0 and 1"),
        ({"holdout": 0.01}, "40 texts with holdout=0.01 leave 40 to train on and 0"),
        ({"patience": 0}, "patience is 0"),
        ({"max_length": 2}, "max_length is 2"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    runner: ModelRunner, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fit(runner, **options)


def test_texts_that_cannot_be_are_refused(runner: ModelRunner) -> None:
    with pytest.raises(TypeError, match="not one str"):
        fit_gate(runner, "one two three", progress=False)
    with pytest.raises(TypeError, match="no int in it"):
        fit_gate(runner, ["one two", 3] * 10, progress=False)
    runner.model.train()
    try:
        with pytest.raises(ValueError, match=r"call model\.eval\(\)"):
            fit(runner, steps=1)
    finally:
        runner.model.eval()
    with pytest.raises(ValueError, match="one or more texts"):
        measure(runner, keep_all, [])


def test_a_model_in_half_precision_is_gated_too(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: PreTrainedTokenizerFast
) -> None:
    half = ModelRunner.from_pretrained(tiny("bert").to(torch.bfloat16), word_tokenizer)
    for kind in KINDS:
        report = fit(half, kind, steps=2).report
        assert 0.15 < report.density < 0.5
        assert report.cosine_mean > 0.5


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_decoders_and_shared_keys_are_gated_too(
    tiny: Callable[..., torch.nn.Module], byte_tokenizer: PreTrainedTokenizerFast, family: str
) -> None:
    options = {"num_key_value_heads": 2} if family == "llama" else {}
    runner = ModelRunner.from_pretrained(tiny(family, **options), byte_tokenizer)
    own = fit(runner, steps=2, target_density=0.4, max_length=24)
    assert 0.25 < own.report.density < 0.55
    record = runner.run("the dog and the cat")
    bound = own.mask().bind_data(
        q=record.q[1, 3], k=record.k[1, 3 // record.kv_groups], place=(1, 3)
    )
    assert np.array_equal(bind_record(own.mask(), record, 1, 3).to_dense(), bound.to_dense())
    assert not np.triu(bound.to_dense(), 1).any()
    assert not bound.empty_rows().size


def test_the_encoder_of_an_encoder_decoder_is_gated_with_its_position_bias(
    tiny: Callable[..., torch.nn.Module], piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    shape = {"d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2, "num_heads": 4}
    runner = ModelRunner.from_pretrained(
        tiny("t5", decoder_start_token_id=0, **shape), piece_tokenizer
    )
    own = [f"the dog{' run the dogs' * (i % 5 + 2)}." for i in range(20)]
    for kind in KINDS:
        report = fit_gate(runner, own, 0.4, kind, steps=2, progress=False).report
        assert 0.25 < report.density < 0.55


def test_hard_decisions_are_numpys_and_the_run_is_eager_attention_under_them(
    demo: ModelRunner,
) -> None:
    """Layer by layer, numpy decides on what the masked run itself computed."""
    train, held = corpus.split(corpus.paragraphs(("argparse", "string", "textwrap")), 8)
    own = {
        kind: fit_gate(demo, train + held, 0.2, kind, steps=2, max_length=24, progress=False)
        for kind in KINDS
    }
    batch = dict(demo.tokenizer([held[0]], return_tensors="pt"))
    for fitted_gate in own.values():
        calls: list[tuple[Any, torch.Tensor]] = []
        hard = Hard(fitted_gate.gate)

        def seen(call: Any, hard: Hard = hard, calls: list[Any] = calls) -> torch.Tensor:
            calls.append((call, hard(call)))
            return calls[-1][1]

        with torch.no_grad(), masked(demo, seen):
            under = demo.model.base_model(**batch)[0]
        mask = fitted_gate.mask()
        decided = {}
        for call, kept in calls:
            given = call.inputs
            weights = torch.softmax(given.query @ given.key.transpose(2, 3) * given.scaling, dim=-1)
            numpy_says = np.stack(
                [
                    mask.bind_data(
                        q=given.query[0, head].numpy(),
                        k=given.key[0, head].numpy(),
                        weights=weights[0, head].numpy(),
                        place=(call.layer, head),
                    ).to_dense()
                    for head in range(12)
                ]
            )
            eye = torch.eye(kept.shape[-1], dtype=torch.bool)
            assert np.array_equal((kept[0] | eye).numpy(), numpy_says)
            decided[call.layer] = numpy_says
        expected = _eager_under(demo, batch, decided)
        torch.testing.assert_close(under, expected, rtol=0, atol=1e-5)


def _eager_under(
    runner: ModelRunner, batch: dict[str, torch.Tensor], kept: dict[int, np.ndarray]
) -> torch.Tensor:
    body = runner.model.base_model
    hooks = []
    for number, layer in enumerate(body.encoder.layer):
        hidden = ~torch.from_numpy(kept[number])[None]
        added = torch.zeros(hidden.shape).masked_fill(hidden, torch.finfo(torch.float32).min)

        def give(_: object, args: Any, kwargs: Any, added: torch.Tensor = added) -> Any:
            return args, kwargs | {"attention_mask": added}

        hooks.append(layer.attention.self.register_forward_pre_hook(give, with_kwargs=True))
    try:
        with torch.no_grad(), runner._switch.to("eager"):
            return body(**batch)[0]
    finally:
        for hook in hooks:
            hook.remove()
