"""What is in a release, and that it can be made where there is no Node."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tarfile
import zipfile

TOP = pathlib.Path(__file__).parents[2]
MODULES = ("explorer.js", "lab.js", "special.js")
BUILT = (*MODULES, "page.js", "bertviz.js", "widget.css")
BUNDLE = {f"attn_widgets/static/{name}" for name in BUILT}
OTHER_DATA = {".npz", ".json", ".typed"}


def sources() -> set[str]:
    """The package's own files: modules, samples, tables."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "attn_widgets"],  # noqa: S607 - git on PATH
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in listing.stdout.splitlines() if (TOP / name).is_file()}


def test_the_wheel_holds_the_package_and_the_bundle_and_nothing_else(wheel: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == sources() | BUNDLE
    assert {pathlib.Path(name).suffix for name in sources()} <= {".py", *OTHER_DATA}


def test_the_wheel_holds_samples_the_licence_and_the_typing_marker(wheel: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "attn_widgets/py.typed" in names
    assert any(name.startswith("attn_widgets/samples/") and name.endswith(".npz") for name in names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_sdist_carries_the_bundle_and_its_source_but_no_modules_of_node(
    sdist: pathlib.Path,
) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= BUNDLE | sources() | {"js/build_hook.py", "js/package-lock.json", "LICENSE"}
    assert not [name for name in names if "node_modules" in name or name.startswith("tests/")]


def test_each_module_is_under_350_kb(wheel: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {n: archive.getinfo(f"attn_widgets/static/{n}").file_size for n in MODULES}
    assert all(size < 350_000 for size in sizes.values()), sizes


def test_a_wheel_of_the_sdist_asks_nothing_of_node(
    sdist: pathlib.Path, wheel: pathlib.Path, without_node: dict[str, str], tmp_path: pathlib.Path
) -> None:
    # npm kept from its registry cannot install: the build would fail if it tried.
    closed = {**without_node, "npm_config_offline": "true", "npm_config_cache": str(tmp_path)}
    pip_wheel(str(sdist), tmp_path, closed, "--no-build-isolation")
    assert [path.name for path in tmp_path.glob("*.whl")] == [wheel.name]


def test_a_git_checkout_installs_where_there_is_no_node(
    checkout: pathlib.Path, without_node: dict[str, str], tmp_path: pathlib.Path
) -> None:
    pip_wheel(f"git+{checkout.as_uri()}", tmp_path, without_node)
    (path,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) >= BUNDLE


def pip_wheel(what: str, folder: pathlib.Path, env: dict[str, str], *options: str) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(folder), *options, what]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
