"""Sweeps: rows equal single comparisons, and a sweep that was broken off goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch

from attn_widgets.interventions import InterventionError, ablate, grid
from attn_widgets.masks import full, global_cols, local
from attn_widgets.models import ModelRunner, comparing
from attn_widgets.models.errors import RunStoppedError

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

TEXTS = ["one two three four five six seven .", ("one two three", "four five six seven")]
CHANGES: dict[str, Any] = {
    "all": full(),
    "narrow": local(1),
    "cls": "local(1) | global_cols('cls')",
    "head": ablate((1, 2)),
}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """List the changes that are really run."""
    made: list[object] = []
    rerun = comparing.Comparison.rerun

    def count(self: comparing.Comparison, changes: object) -> object:
        made.append(changes)
        return rerun(self, changes)

    monkeypatch.setattr(comparing.Comparison, "rerun", count)
    return made


def sweep(runner: ModelRunner, path: pathlib.Path | None = None, **options: Any) -> Any:
    given: dict[str, Any] = {"texts": TEXTS, "changes": CHANGES, "progress": False} | options
    return runner.sweep(given.pop("texts"), given.pop("changes"), path=path, **given)


def test_every_row_equals_a_comparison_of_its_own(sharp: ModelRunner) -> None:
    made = sweep(sharp)
    assert [(row.text, row.change) for row in made.rows] == [
        (t, n) for t in (0, 1) for n in CHANGES
    ]
    for row in made.rows:
        change = made.changes[row.change]
        effect = sharp.compare(TEXTS[row.text], change)
        assert row.drift == effect.drift.free_l1[-1]
        assert effect.vector is not None
        assert row.cosine == effect.vector.cosine
        assert row.kl is None
        if effect.kept is None or effect.density is None:
            assert row.density == 1
            continue
        assert (row.kept, row.density) == (effect.kept.mean(), effect.density.mean())


def test_the_curve_is_sorted_by_density_and_the_sparsest_is_on_it(sharp: ModelRunner) -> None:
    made = sweep(sharp, changes={"mask": local, "w": [4, 0, 1, 20]}, texts=TEXTS[0])
    curve = made.curve()
    assert [point.change for point in curve] == ["w=0", "w=1", "w=4", "w=20"]
    assert curve[-1].cosine == pytest.approx(1)
    assert made.sparsest(1 - 1e-9) == curve[-1]
    assert made.sparsest(-1) == curve[0]
    assert made.sparsest(1.1) is None


def test_a_sweep_that_was_stopped_goes_on_and_counts_nothing_twice(
    tmp_path: pathlib.Path, sharp: ModelRunner, counted: list[object]
) -> None:
    whole = sweep(sharp)
    counted.clear()
    path = tmp_path / "rows.jsonl"
    calls = iter(range(1000))
    with pytest.raises(RunStoppedError):
        sweep(sharp, path, stop=lambda: next(calls) >= 3 * 4 + 1)
    assert len(counted) == 4  # the fourth was broken off
    assert len(path.read_text().splitlines()) == 1 + 3
    with path.open("a") as file:
        file.write('{"text": 0, "chan')  # a kill in the middle of a line
    again = sweep(sharp, path)
    assert again == whole
    assert len(counted) == 4 + 5
    assert sweep(sharp, path) == whole
    assert len(counted) == 4 + 5
    assert len(path.read_text().splitlines()) == 1 + 8


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"changes": {"all": full()}}, "changes"),
        ({"changes": dict(reversed(CHANGES.items()))}, "changes"),
        ({"texts": TEXTS[:1]}, "texts, count"),
        ({"pooling": "cls"}, "pooling"),
    ],
)
def test_a_file_of_another_sweep_is_refused_and_left_alone(
    options: dict[str, Any], named: str, tmp_path: pathlib.Path, sharp: ModelRunner
) -> None:
    path = tmp_path / "rows.jsonl"
    sweep(sharp, path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=rf"another sweep \(other {named}\)"):
        sweep(sharp, path, **options)
    assert path.read_bytes() == before


def test_a_file_of_other_weights_is_refused(tmp_path: pathlib.Path, sharp: ModelRunner) -> None:
    path = tmp_path / "rows.jsonl"
    sweep(sharp, path)
    weight = sharp.model.encoder.layer[0].attention.self.query.weight
    with torch.no_grad():
        weight.mul_(2)
        try:
            with pytest.raises(ValueError, match=r"other weights"):
                sweep(sharp, path)
        finally:
            weight.div_(2)


def test_a_damaged_file_is_refused_by_its_line(tmp_path: pathlib.Path, sharp: ModelRunner) -> None:
    path = tmp_path / "rows.jsonl"
    sweep(sharp, path)
    lines = path.read_text().splitlines()
    row = json.loads(lines[2])
    for damaged in (
        lines[1],  # a row that is there already
        "no json",
        "[]",
        json.dumps(row | {"text": 7}),
        json.dumps(row | {"change": "none"}),
        json.dumps(row | {"kept": None}),
        json.dumps({key: value for key, value in row.items() if key != "kept"}),
    ):
        path.write_text("\n".join([*lines[:2], damaged, *lines[3:], ""]))
        with pytest.raises(ValueError, match="line 3 of"):
            sweep(sharp, path)
    path.write_text("something")
    with pytest.raises(ValueError, match="no line that is whole"):
        sweep(sharp, path)


def test_a_model_with_a_head_is_swept_by_what_it_says(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: Any
) -> None:
    import transformers  # noqa: PLC0415 - one test needs a head

    model = transformers.BertForMaskedLM(tiny("bert").config).eval()
    made = sweep(ModelRunner.from_pretrained(model, word_tokenizer))
    effects = [
        ModelRunner.from_pretrained(model, word_tokenizer).compare(TEXTS[0], made.changes[name])
        for name in CHANGES
    ]
    for row, effect in zip(made.rows, effects, strict=False):
        assert effect.kl is not None
        assert row.kl == pytest.approx(effect.kl.mean())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "changes by name"),
        ({1: local(1)}, "changes by name"),
        ({"mask": local}, "needs values"),
        ({"mask": local, "w": []}, r"none for \['w'\]"),
        ({"odd": 7}, "is no change"),
    ],
)
def test_what_is_no_change_is_refused(
    changes: dict[Any, Any], message: str, sharp: ModelRunner
) -> None:
    with pytest.raises(InterventionError, match=message):
        sharp.sweep(TEXTS, changes, progress=False)


def test_a_sweep_over_no_text_is_refused(sharp: ModelRunner) -> None:
    with pytest.raises(ValueError, match="no text to sweep over"):
        sharp.sweep([], CHANGES, progress=False)


def test_a_grid_makes_every_combination() -> None:
    made = grid(lambda w, to: local(w) | global_cols(to), w=[1, 2], to=["cls", "sep"])
    assert list(made) == ["w=1, to=cls", "w=1, to=sep", "w=2, to=cls", "w=2, to=sep"]
    assert made["w=2, to=cls"].mask == local(2) | global_cols("cls")


def test_a_sweep_under_a_standing_change_does_not_go_on_without_it(
    tmp_path: pathlib.Path, sharp: ModelRunner
) -> None:
    path = tmp_path / "sweep.jsonl"
    with sharp.editing(edits=ablate((0, 1))):
        inside = sweep(sharp, path)
        assert sweep(sharp, path) == inside
    with pytest.raises(ValueError, match=r"another sweep \(other standing changes\)"):
        sweep(sharp, path)
    with (
        sharp.editing(edits=ablate((0, 2))),
        pytest.raises(ValueError, match=r"other standing changes"),
    ):
        sweep(sharp, path)


def test_a_sweep_in_another_number_format_does_not_go_on(
    tmp_path: pathlib.Path, tiny: Callable[..., torch.nn.Module], word_tokenizer: Any
) -> None:
    model = tiny("bert").to(torch.bfloat16)
    path = tmp_path / "sweep.jsonl"
    sweep(ModelRunner.from_pretrained(model, word_tokenizer), path)
    with pytest.raises(ValueError, match=r"another sweep \(other dtype\)"):
        sweep(ModelRunner.from_pretrained(model.float(), word_tokenizer), path)
