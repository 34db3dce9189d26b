"""Start a notebook server on a free port with nothing of the user's in it, and stop exactly it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator, Mapping, Sequence

TOKEN = "attn-widgets-test"  # noqa: S105 - the server is on the loopback, for one test run
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, the folder it serves, and its environment and log.

    ``env`` is what another command needs to speak of the same user, ``jupyter trust`` say.
    """

    app: str
    base: str
    root: pathlib.Path
    env: Mapping[str, str]
    log: pathlib.Path


@contextlib.contextmanager
def jupyter(
    app: Literal["lab", "notebook"],
    root: pathlib.Path,
    home: pathlib.Path,
    *options: str,
    settings: Mapping[str, object] = SETTINGS,
) -> Iterator[Server]:
    """Serve a folder by JupyterLab or Notebook 7.

    Parameters
    ----------
    app
        ``"lab"`` or ``"notebook"``.
    root
        The folder to serve.
    home
        An empty folder for settings, workspaces, trust and the log.
    *options
        More command-line options.
    settings
        User settings by plug-in: without these a news pop-up covers the page, and widget state is
        not saved.
    """
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    env = {**os.environ, **{name: str(home / folder) for name, folder in folders.items()}}
    for plugin, values in settings.items():
        path = home / "settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    argv = [
        sys.executable,
        "-m",
        "jupyter",
        app,
        "--allow-root",
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={root}",
        f"--{'LabApp' if app == 'lab' else 'JupyterNotebookApp'}.expose_app_in_browser=True",
        *options,
    ]
    log = home / "server.log"
    with running(argv, f"{base}/api/status?token={TOKEN}", cwd=root, env=env, log=log):
        yield Server(app, base, root, env, log)


@contextlib.contextmanager
def running(
    argv: Sequence[str],
    ready_url: str,
    *,
    cwd: pathlib.Path,
    env: Mapping[str, str],
    log: pathlib.Path,
) -> Iterator[None]:
    """Run a server in a process group of its own, from its first answer until the block ends."""
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            argv, cwd=cwd, stdout=out, stderr=subprocess.STDOUT, env=env, start_new_session=True
        )
    try:
        _wait_for(ready_url, process, log)
        yield
    finally:
        _stop(process)


def ask(server: Server, method: str, path: str) -> bytes:
    """Put a question to a server's REST interface."""
    request = urllib.request.Request(  # noqa: S310 - our own http address
        f"{server.base}/{path}", method=method, headers={"Authorization": f"token {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
        body: bytes = answer.read()
    return body


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _wait_for(url: str, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            msg = f"the server ended with {process.returncode}:\n{log.read_text(encoding='utf-8')}"
            raise RuntimeError(msg)
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own http address
                return
        except urllib.error.HTTPError:  # it answers, if only to say no
            return
        except OSError:
            time.sleep(0.1)
    msg = f"no answer from {url}:\n{log.read_text(encoding='utf-8')}"
    raise TimeoutError(msg)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: kernels outlive a server that is ended alone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
