"""What must work where no extra is installed, and what must say which one is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Bare = Callable[[str], str]

HEAVY = {"torch", "transformers", "matplotlib", "pandas", "scipy", "sklearn", "bertviz"}
FACE = "from attn_widgets import AttentionExplorer, MaskLab, diagnose, local, samples"
LOADED = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def test_importing_the_package_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{FACE}; {LOADED}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(json.loads(done.stdout))


def test_every_module_imports_without_extras(bare: Bare) -> None:
    bare(
        "import importlib, pkgutil, attn_widgets\n"
        "for module in pkgutil.walk_packages(attn_widgets.__path__, 'attn_widgets.'):\n"
        "    importlib.import_module(module.name)"
    )


def test_a_sample_is_explored_masked_and_exported_without_torch(bare: Bare) -> None:
    loaded = bare(
        "from attn_widgets import AttentionExplorer, global_, local\n"
        "view = AttentionExplorer.sample(layer=2, head=7)\n"
        "view.mask = local(2) | global_('cls')\n"
        "assert view.mask == local(2) | global_('cls')\n"
        "assert (view.selected.layer, view.selected.head) == (2, 7)\n"
        "view.save_html('bare.html')\n"
        "view.save_png('bare.png')\n" + LOADED
    )
    assert not HEAVY & set(json.loads(loaded))


@pytest.mark.parametrize("name", ["sentence", "pair", "paragraph", "japanese"])
def test_a_record_is_saved_and_loaded_bit_for_bit(bare: Bare, name: str) -> None:
    bare(
        "import numpy\n"
        "from attn_widgets import AttentionRecord, samples\n"
        f"record = samples.load({name!r})\n"
        "record.save('bare.npz')\n"
        "again = AttentionRecord.load('bare.npz')\n"
        "assert again.weights.tobytes() == record.weights.tobytes()\n"
        "assert again.tokens == record.tokens and again.provenance == record.provenance"
    )


def test_the_embedded_model_names_the_extra_that_brings_it(bare: Bare) -> None:
    answer = bare(
        "from attn_widgets import ModelRunner\n"
        "try:\n"
        "    ModelRunner.from_pretrained('demo')\n"
        "except Exception as error:\n"
        "    print(error)"
    )
    assert "attn_widgets[demo]" in answer


def test_the_demo_command_names_what_it_lacks(bare: Bare) -> None:
    answer = bare(
        "import contextlib, io\n"
        "from attn_widgets.demo import main\n"
        "with contextlib.redirect_stderr(io.StringIO()) as said:\n"
        "    status = main(['--headless'])\n"
        "print(status, said.getvalue())"
    )
    assert answer.startswith("1 error: ")
    assert "git checkout" in answer


def test_the_command_line_is_installed_and_its_doctor_names_what_is_missing(bare: Bare) -> None:
    answer = bare(
        "import importlib.metadata\n"
        "(command,) = importlib.metadata.entry_points("
        "group='console_scripts', name='attn-widgets')\n"
        "print(command.load()(['doctor', '--json']))"
    )
    report, status = json.loads(answer.rpartition("}")[0] + "}"), answer.rpartition("}")[2]
    assert status.strip() == "0"
    found = {one["part"]: one for area in ("package", "models", "extras") for one in report[area]}
    assert found["front end"]["said"] == "as it was released"
    assert found['model "demo"']["state"] == "missing"
    assert found['model "demo"']["mend"].endswith("pip install 'attn_widgets[demo]'")
    assert found["bertviz"]["mend"].endswith("pip install 'attn_widgets[bertviz]'")
