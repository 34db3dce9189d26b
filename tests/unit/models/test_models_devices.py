"""Models that are spread over devices, or quantised, give what they give whole."""

from __future__ import annotations

import contextlib
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import transformers
from tiny_families import BERT, DECODERS, T5, TARGET, TEXT, build, word_tokenizer

from attn_widgets.masks import local
from attn_widgets.models import ModelLoadError, ModelRunner, UnsupportedModelError
from attn_widgets.models.devices import best_device, input_device

if TYPE_CHECKING:
    import pathlib

FAMILIES = {"bert": BERT, "llama": DECODERS["llama"], "t5": T5, "deberta": BERT}
CPU = torch.device("cpu")

accelerate = pytest.importorskip("accelerate", reason="accelerate is not installed")


def run_of(model: torch.nn.Module, **changes: Any) -> Any:
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    pair = TARGET if len(runner.stacks) > 1 else None
    return runner.run(TEXT, pair, dtype="float32", **changes)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", ["memory", "disk"])
def test_a_model_kept_in_memory_or_on_the_disk_is_run_as_a_whole_one(
    family: str, place: str, tmp_path: pathlib.Path
) -> None:
    whole, away = (build(family, FAMILIES[family]) for _ in range(2))
    if place == "memory":
        away = accelerate.cpu_offload(away, execution_device=CPU)
    else:
        away = accelerate.disk_offload(away, str(tmp_path), execution_device=CPU)
    assert next(away.parameters()).device.type == "meta"
    assert input_device(away) == CPU
    np.testing.assert_array_equal(run_of(away).weights, run_of(whole).weights)
    if family != "deberta":
        under = (run_of(model, mask=local(1)).weights for model in (away, whole))
        np.testing.assert_array_equal(*under)


@pytest.mark.parametrize("family", ["bert", "gpt2", "llama"])
@pytest.mark.parametrize("place", ["memory", "disk"])
def test_what_is_measured_of_layers_that_are_kept_elsewhere_is_what_a_whole_model_gives(
    family: str, place: str, tmp_path: pathlib.Path
) -> None:
    config = BERT if family == "bert" else DECODERS[family]
    whole, away = (build(family, config) for _ in range(2))
    if place == "memory":
        away = accelerate.cpu_offload(away, execution_device=CPU)
    else:
        away = accelerate.disk_offload(away, str(tmp_path), execution_device=CPU)
    here, there = (
        ModelRunner.from_pretrained(model, tokenizer=word_tokenizer()) for model in (whole, away)
    )
    expected, found = here.contributions(TEXT), there.contributions(TEXT)
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.summed, expected.summed)
    for name in ("residual", "normed"):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)
    assert there.diagnose([TEXT]).to_dict() == here.diagnose([TEXT]).to_dict()
    assert all(part.is_meta for part in away.parameters())


def test_numbers_that_are_nowhere_in_memory_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    away = accelerate.disk_offload(build("bert", BERT), str(tmp_path), execution_device=CPU)
    runner = ModelRunner.from_pretrained(away, tokenizer=word_tokenizer())
    monkeypatch.setattr(
        accelerate.utils, "align_module_device", lambda _module: contextlib.nullcontext()
    )
    with pytest.raises(UnsupportedModelError, match=r"numbers of its Linear are not in memory"):
        runner.contributions(TEXT)


def test_device_map_spreads_a_model_as_transformers_does(tmp_path: pathlib.Path) -> None:
    model = build("bert", BERT)
    model.save_pretrained(tmp_path)
    runner = ModelRunner.from_pretrained(
        tmp_path, tokenizer=word_tokenizer(), device_map={"": "cpu"}
    )
    assert not runner.model.training
    record = runner.run(TEXT, dtype="float32")
    np.testing.assert_array_equal(record.weights, run_of(model).weights)


def test_a_device_and_a_device_map_at_once_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match=r"device='cpu' and device_map='auto': give one"):
        ModelRunner.from_pretrained(tmp_path, device="cpu", device_map="auto")


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_is_cuda_then_mps_then_the_cpu(
    cuda: bool,  # noqa: FBT001 - the table above names it
    mps: bool,  # noqa: FBT001 - as above
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert best_device("auto").type == expected


def test_a_quantised_model_is_run(tmp_path: pathlib.Path) -> None:
    if importlib.util.find_spec("bitsandbytes") is None:
        pytest.skip("not promised: bitsandbytes is not installed")
    build("llama", DECODERS["llama"]).save_pretrained(tmp_path)
    quantised = transformers.AutoModel.from_pretrained(
        tmp_path, quantization_config=transformers.BitsAndBytesConfig(load_in_8bit=True)
    )
    assert run_of(quantised.eval()).shape[0] == 2


def test_what_loading_lacks_is_said(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build("bert", BERT).save_pretrained(tmp_path)

    def missing(*_: object, **__: object) -> None:
        msg = "Using a `device_map` requires Accelerate: pip install accelerate"
        raise ImportError(msg)

    monkeypatch.setattr(transformers.BertModel, "from_pretrained", missing)
    with pytest.raises(ModelLoadError, match="requires Accelerate"):
        ModelRunner.from_pretrained(tmp_path, tokenizer=word_tokenizer(), device_map="auto")
