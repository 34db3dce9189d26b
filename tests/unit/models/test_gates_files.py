"""Gates on disk: the same gate comes back, and what is no gate is refused."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from attn_widgets import samples
from attn_widgets.masks import LowRankGate, bind_record
from attn_widgets.models import FittedGate, ModelRunner
from attn_widgets.models.gates import measure, storage

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    import torch
    from transformers import PreTrainedTokenizerFast

KINDS = ("low_rank", "threshold")


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_gate_is_the_same_gate(
    sharp: ModelRunner, fitted: dict[str, FittedGate], kind: str, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "my.gate"
    fitted[kind].save(path)
    loaded = FittedGate.load(path, sharp)
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


def test_numbers_of_half_precision_are_stored_in_it_and_come_back_the_same(
    fitted: dict[str, FittedGate], tmp_path: pathlib.Path
) -> None:
    whole, small = tmp_path / "whole.gate", tmp_path / "small.gate"
    fitted["low_rank"].save(whole)
    halves = {
        name: values.astype(np.float16) for name, values in fitted["low_rank"].gate.arrays().items()
    }
    rounded = dataclasses.replace(fitted["low_rank"], gate=LowRankGate("rounded", **halves))
    rounded.save(small)
    assert small.stat().st_size < 0.7 * whole.stat().st_size
    again = FittedGate.load(small)
    assert again == rounded
    assert all(values.dtype == np.float32 for values in again.gate.arrays().values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_gate_fits_the_demo_model_and_keeps_about_a_tenth(
    demo: ModelRunner, kind: str
) -> None:
    sample = FittedGate.sample(kind)
    assert sample.settings.kind == kind
    assert sample.report.density == pytest.approx(0.1, abs=0.02)
    text = (
        "The bakery on the corner opens at six, long before the first bus. By eight the rye bread "
        "is gone, and those who sleep late must make do with white rolls. My neighbour once asked "
        "them to bake more rye. They did, and it was gone by half past eight."
    )
    report = measure(demo, sample.rule(demo), [text])
    assert report.density == pytest.approx(0.1, abs=0.05)
    assert report.cosine_mean > 0.85


def test_a_sample_gate_decides_on_a_recorded_sample() -> None:
    record = samples.load("sentence")
    bound = bind_record(FittedGate.sample("low_rank").mask(), record, 2, 8)
    assert not bound.empty_rows().size
    assert bound.nnz() < bound.n_queries * bound.n_keys


def test_an_unknown_sample_gate_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="kind 'x': there are low_rank, threshold"):
        FittedGate.sample("x")
