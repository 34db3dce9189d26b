"""Training of gates: what learns and what does not, when it stops, how it is resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from attn_widgets.models import FittedGate, fit_gate
from attn_widgets.models.gates import batches, measure, settings, start, training

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from attn_widgets.models import ModelRunner

KINDS = ("low_rank", "threshold")


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_gate_learns(
    sharp: ModelRunner, kind: str, fit: Callable[..., FittedGate], request: pytest.FixtureRequest
) -> None:
    model = sharp.model
    request.addfinalizer(model.requires_grad_)  # other tests share the model
    parameters = dict(model.named_parameters())
    flags = dict.fromkeys(parameters, True) | {next(iter(parameters)): False}
    for name, parameter in parameters.items():
        parameter.requires_grad_(flags[name])
    before = {name: values.clone() for name, values in model.state_dict().items()}
    implementation = model.config._attn_implementation
    fit(sharp, kind, steps=3)
    assert all(torch.equal(before[name], now) for name, now in model.state_dict().items())
    assert {name: values.requires_grad for name, values in parameters.items()} == flags
    assert all(parameter.grad is None for parameter in parameters.values())
    assert model.config._attn_implementation == implementation
    assert not model.training


def test_flags_are_put_back_after_an_error(
    sharp: ModelRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        msg = "on purpose"
        raise KeyboardInterrupt(msg)

    monkeypatch.setattr(training, "infidelity", fails)
    with pytest.raises(KeyboardInterrupt):
        training.Training.advance(_untrained(sharp), sharp, _batches(sharp))
    assert all(parameter.requires_grad for parameter in sharp.model.parameters())


def _batches(runner: ModelRunner) -> Any:
    return batches.make(runner, ["one two three four five six.", "seven eight nine."] * 4, 4, 32)


def _untrained(runner: ModelRunner, kind: str = "low_rank") -> training.Training:
    asked = settings.Settings(settings.Model.of(runner), "", kind, 0.3, 0, 10, 0.2, 5, 32)
    return training.Training(asked, start.start(runner, kind, _batches(runner), 4))


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_every_layer_and_head_gets_a_gradient(
    sharp: ModelRunner, kind: str
) -> None:
    going = _untrained(sharp, kind)
    before = going.gate.arrays()
    going.advance(sharp, _batches(sharp))
    after = going.gate.arrays()
    for name, values in before.items():
        moved = (values != after[name]).reshape(3, 4, -1)
        assert moved.any(-1).all(), name


@pytest.mark.parametrize("kind", KINDS)
def test_training_comes_closer_than_it_started(
    sharp: ModelRunner, fitted: dict[str, FittedGate], kind: str, texts: Callable[..., list[str]]
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
    again = measure(sharp, fitted[kind].rule(sharp), texts(), max_length=32)
    assert abs(again.density - 0.3) < 0.02


def test_seeds_give_other_gates_and_the_same_seed_the_same(
    sharp: ModelRunner, fit: Callable[..., FittedGate]
) -> None:
    one, again, other = (fit(sharp, steps=3, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.gate != other.gate


def test_training_stops_when_nothing_improves(
    sharp: ModelRunner, monkeypatch: pytest.MonkeyPatch, fit: Callable[..., FittedGate]
) -> None:
    monkeypatch.setattr("attn_widgets.models.gates.fit.EVERY", 1)
    monkeypatch.setattr(training, "_RATES", {"log_thresholds": 0.0})
    stopped = fit(sharp, "threshold", steps=30, patience=3)
    assert [step for step, _ in stopped.history] == list(range(18 + 3))


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_training_ends_as_if_it_had_not_been(
    sharp: ModelRunner,
    kind: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    fit: Callable[..., FittedGate],
) -> None:
    monkeypatch.setattr("attn_widgets.models.gates.fit.EVERY", 4)
    whole = fit(sharp, kind, steps=12, resume=tmp_path / "whole.gate")
    made = training.Training.advance

    def interrupted(going: training.Training, *given: Any) -> float:
        if going.step == 7:
            raise KeyboardInterrupt
        return made(going, *given)

    state = tmp_path / "training.gate"
    with monkeypatch.context() as patch:
        patch.setattr(training.Training, "advance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit(sharp, kind, steps=12, resume=state)
    resumed = fit(sharp, kind, steps=12, resume=state)
    assert resumed.gate == whole.gate
    assert resumed == whole
    assert state.read_bytes() == (tmp_path / "whole.gate").read_bytes()
    assert fit(sharp, kind, steps=12, resume=state) == whole


def test_a_training_of_other_settings_is_not_resumed(
    sharp: ModelRunner, tmp_path: pathlib.Path, fit: Callable[..., FittedGate]
) -> None:
    state = tmp_path / "training.gate"
    fit(sharp, steps=2, resume=state)
    with pytest.raises(ValueError, match="other settings: seed 0, not 1"):
        fit(sharp, steps=2, resume=state, seed=1)
    with pytest.raises(ValueError, match="not a gate of attn_widgets but 'gate training'"):
        FittedGate.load(state)


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
    sharp: ModelRunner, options: dict[str, Any], message: str, fit: Callable[..., FittedGate]
) -> None:
    with pytest.raises(ValueError, match=message):
        fit(sharp, **options)


def test_texts_that_cannot_be_are_refused(
    sharp: ModelRunner, fit: Callable[..., FittedGate]
) -> None:
    with pytest.raises(TypeError, match="not one str"):
        fit_gate(sharp, "one two three", progress=False)
    with pytest.raises(TypeError, match="no int in it"):
        fit_gate(sharp, ["one two", 3] * 10, progress=False)
    sharp.model.train()
    try:
        with pytest.raises(ValueError, match=r"call model\.eval\(\)"):
            fit(sharp, steps=1)
    finally:
        sharp.model.eval()
