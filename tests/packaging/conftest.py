"""A clean checkout, what is built from it, and a bare environment it is installed into."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOP = pathlib.Path(__file__).parents[2]
NODES = ("node", "nodejs", "npm", "npx", "corepack")


@pytest.fixture(scope="session")
def workshop() -> Iterator[pathlib.Path]:
    """A folder that goes when the tests end: an environment with torch is large."""
    with tempfile.TemporaryDirectory(prefix="attn-widgets-") as folder:
        yield pathlib.Path(folder)


@pytest.fixture(scope="session")
def checkout(workshop: pathlib.Path) -> pathlib.Path:
    """The working tree as a clone would have it: committed, and nothing that git ignores."""
    copy = workshop / "checkout"
    listing = _run("git", "ls-files", "-coz", "--exclude-standard", cwd=TOP)
    for name in filter(None, listing.split("\0")):
        if (TOP / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, copy / name)
    _run("git", "init", "--quiet", cwd=copy)
    _run("git", "add", "--all", cwd=copy)
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    _run("git", *author, "commit", "--quiet", "--message", "Working tree", cwd=copy)
    return copy


@pytest.fixture(scope="session")
def without_node(workshop: pathlib.Path) -> dict[str, str]:
    """An environment whose PATH has all commands but Node's."""
    folder = workshop / "commands"
    folder.mkdir()
    for place in map(pathlib.Path, reversed(os.get_exec_path())):
        for command in place.iterdir() if place.is_dir() else ():
            if command.name not in NODES:
                (folder / command.name).unlink(missing_ok=True)
                (folder / command.name).symlink_to(command)
    return {**os.environ, "PATH": str(folder)}


@pytest.fixture(scope="session")
def release(checkout: pathlib.Path, without_node: dict[str, str]) -> pathlib.Path:
    """A folder with an sdist of the checkout and a wheel of the sdist."""
    _run(sys.executable, "-m", "build", "--no-isolation", cwd=checkout, env=without_node)
    return checkout / "dist"


@pytest.fixture(scope="session")
def sdist(release: pathlib.Path) -> pathlib.Path:
    (path,) = release.glob("*.tar.gz")
    return path


@pytest.fixture(scope="session")
def wheel(release: pathlib.Path) -> pathlib.Path:
    (path,) = release.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def bare(wheel: pathlib.Path, workshop: pathlib.Path) -> Callable[[str], str]:
    """Run a script where the wheel is installed with no extras; gives what it prints."""
    place = workshop / "bare"
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    pins = ("--constraint", str(TOP / "constraints.txt"))
    _run(python, "-m", "pip", "install", "--quiet", *pins, str(wheel), cwd=workshop)
    return lambda script: _run(python, "-I", "-c", script, cwd=workshop)


def _run(*argv: str, cwd: pathlib.Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout
