"""What the doctor finds, where all is well and where something is not."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from attn_widgets import __version__
from attn_widgets.cli import main
from attn_widgets.cli.doctor import examine, front, models, notebooks
from attn_widgets.cli.doctor.versions import Requirement, requirements

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Sequence

    from attn_widgets.cli.doctor import Finding


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Versions that packages are to have, None for not installed; the rest as they are."""
    set_to: dict[str, str | None] = {}
    real = importlib.metadata.version

    def version(name: str) -> str:
        found = set_to[name] if name in set_to else real(name)
        if found is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(importlib.metadata, "version", version)
    return set_to


@pytest.fixture
def bundle(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A package in a folder of its own, with its front end."""
    static = tmp_path / "attn_widgets" / "static"
    static.mkdir(parents=True)
    for name in front.PARTS:
        (static / name).write_text(name, "utf-8")
    monkeypatch.setattr(front, "_TOP", static.parent)
    return static


def of(findings: Sequence[Finding], part: str) -> Finding:
    (found,) = (finding for finding in findings if finding.part.startswith(part))
    return found


@pytest.mark.parametrize(
    ("versions", "good", "bad"),
    [
        (">=0.11,<0.12", ["0.11", "0.11.0", "0.11.9"], ["0.10.9", "0.12", "1.0"]),
        ("<5.24,>=5.23", ["5.23.0", "5.23.4"], ["5.24.0", "4.57.1", "6.0"]),
        (">=2.6", ["2.6", "2.13.0+cpu", "10.0"], ["2.5.1", "1.13"]),
        ("==0.1.0", ["0.1.0", "0.1"], ["0.1.1"]),
        ("", ["0.0.1"], []),
    ],
)
def test_versions_are_compared_as_numbers(versions: str, good: list[str], bad: list[str]) -> None:
    asked = Requirement("some", versions)
    assert all(asked.met_by(version) for version in good)
    assert not any(asked.met_by(version) for version in bad)


def test_what_is_asked_for_is_read_as_pip_wrote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "anywidget<0.12,>=0.11",
        "torch>=2.6; sys_platform != 'emscripten'",
        'bertviz>=1.4; extra == "bertviz"',
        'ray[data]>=2.40; extra == "ray"',
    ]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: lines)
    assert requirements() == [
        Requirement("anywidget", "<0.12,>=0.11"),
        Requirement("torch", ">=2.6"),
        Requirement("bertviz", ">=1.4", "bertviz"),
        Requirement("ray", ">=2.40", "ray"),
    ]
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert "torch" not in [one.name for one in requirements()]


def test_all_is_well_where_the_tests_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("All that is needed works here.\n")
    assert "Models" in said


def test_the_report_is_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["works"] is True
    assert [one["state"] for one in report["models"]] == ["ok", "ok"]
    assert {one["part"] for one in report["package"]} >= {"numpy", "anywidget", "front end"}
    demo = report["models"][1]
    assert demo["part"] == 'model "demo"'


@pytest.mark.parametrize(
    ("name", "version", "state", "mend"),
    [
        ("anywidget", "0.10.0", "wrong", "anywidget"),
        ("anywidget", None, "missing", "anywidget"),
        ("transformers", "4.57.1", "wrong", "transformers"),
        ("torch", None, "missing", "torch"),
        ("accelerate", None, "missing", "accelerate>=1.1"),
        ("bertviz", None, "missing", "attn_widgets[bertviz]"),
        ("bertviz", "1.3", "wrong", "attn_widgets[bertviz]"),
        ("jupyterlab", "3.6.0", "wrong", "jupyterlab>=4.4"),
        ("marimo", None, "note", "marimo>=0.20"),
    ],
)
def test_what_is_missing_or_too_old_comes_with_the_command_that_gets_it(
    versions: dict[str, str | None], name: str, version: str | None, state: str, mend: str
) -> None:
    versions[name] = version
    found = examine(__version__)
    finding = of([one for findings in found.values() for one in findings if one.part == name], name)
    assert finding.state == state
    command = shlex.split(finding.mend)
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert command[4].startswith(mend)
    assert finding.failed is (name == "anywidget")


def test_it_fails_where_something_needed_does_not_work(
    versions: dict[str, str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    versions["anywidget"] = "0.10.0"
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.endswith("Needed, and not working: anywidget.\n")


def test_what_is_needed_is_known_where_pip_does_not_know_the_package(
    versions: dict[str, str | None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    installed = {
        (one.name, *sorted(one.versions.split(","))) for one in requirements() if not one.extra
    }

    def unknown(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", unknown)
    assert {(one.name, *sorted(one.versions.split(","))) for one in requirements()} == installed
    versions.update({"attn_widgets": None, "anywidget": None, "ipywidgets": None})
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.endswith("Needed, and not working: anywidget, ipywidgets.\n")


def test_the_front_end_is_all_that_is_built() -> None:
    static = importlib.resources.files("attn_widgets") / "static"
    assert {path.name for path in static.iterdir()} == set(front.PARTS)


def test_a_missing_front_end_is_named_file_by_file(bundle: pathlib.Path) -> None:
    assert of(front.examine_front(__version__), "front end").state == "ok"
    (bundle / "lab.js").unlink()
    found = of(front.examine_front(__version__), "front end")
    assert found.failed
    assert "lab.js" in found.said
    assert "--force-reinstall" in found.mend


def test_a_front_end_of_another_release_is_found(
    bundle: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Listed:
        name, parent = "lab.js", bundle
        hash = importlib.metadata.FileHash("sha256=AAAA")

    monkeypatch.setattr(importlib.metadata, "files", lambda _name: [Listed()])
    found = of(front.examine_front(__version__), "front end")
    assert found.failed
    assert "lab.js" in found.said


def test_a_checkout_whose_bundle_is_old_is_told_to_build_it(bundle: pathlib.Path) -> None:
    js = bundle.parents[1] / "js"
    (js / "src").mkdir(parents=True)
    (js / "build.mjs").touch()
    (js / "src" / "new.ts").touch()
    found = of(front.examine_front(__version__), "front end")
    assert (found.state, found.mend) == ("note", "make front")


def test_two_versions_of_the_package_at_once_are_found(versions: dict[str, str | None]) -> None:
    versions["attn_widgets"] = "0.0.1"
    found = of(front.examine_front(__version__), "attn_widgets")
    assert found.failed
    assert "0.0.1" in found.said


def test_a_torch_that_does_not_load_is_no_failure_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "attn_widgets.models.devices", None)
    found = of(models.examine_models(), "device")
    assert found.state == "wrong"
    assert not found.failed
    assert "pip install" in found.mend


@pytest.fixture
def extension(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], pathlib.Path]:
    """Put a front end of a package where JupyterLab looks first."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def put(name: str, version: str) -> pathlib.Path:
        folder = tmp_path / "labextensions" / name
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"version": version}), "utf-8")
        return folder

    return put


@pytest.mark.parametrize(
    ("name", "old"), [("anywidget", "0.9.13"), ("@jupyter-widgets/jupyterlab-manager", "3.1.11")]
)
def test_an_old_front_end_that_hides_the_right_one_is_found(
    extension: Callable[[str, str], pathlib.Path], name: str, old: str
) -> None:
    folder = extension(name, old)
    found = of(notebooks.examine_notebooks(), f"{name} of JupyterLab")
    assert (found.state, found.found) == ("wrong", old)
    assert found.mend == f"remove {folder}"


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ('{"saveState": true}', "ok"),
        ('{\n  // a note\n  "saveState": true\n}', "ok"),
        ('{"saveState": false}', "note"),
        ('{\n  // "saveState": true\n}', "note"),
        (None, "note"),
    ],
)
def test_the_setting_that_keeps_widgets_alive_is_read(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, settings: str | None, state: str
) -> None:
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path))
    if settings is not None:
        folder = tmp_path / notebooks.MANAGER
        folder.mkdir(parents=True)
        (folder / "plugin.jupyterlab-settings").write_text(settings, "utf-8")
    found = of(notebooks.examine_notebooks(), "JupyterLab saves")
    assert found.state == state
    assert ("Save widget state" in found.mend) is (state == "note")


def test_it_works_where_the_front_end_cannot_even_be_imported() -> None:
    code = (
        "import sys\nsys.modules['anywidget'] = None\n"
        "from attn_widgets.cli import main\nsys.exit(main(['doctor', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["works"] is True
