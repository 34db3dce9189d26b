"""Look at Jupyter: who would draw the widget, and whether its state would be saved."""

from __future__ import annotations

import json
import os
import pathlib
import re
from typing import Final

from attn_widgets.cli.doctor.finding import Finding, pip_install
from attn_widgets.cli.doctor.versions import Requirement

HOSTS: Final = (
    Requirement("jupyterlab", ">=4.4"),
    Requirement("notebook", ">=7.4"),
    Requirement("voila", ">=0.5.8"),
    Requirement("marimo", ">=0.20"),
)
MANAGER = "@jupyter-widgets/jupyterlab-manager"


def examine_notebooks() -> list[Finding]:
    """Say what draws widgets here."""
    return [*map(_host, HOSTS), *_extensions(), _save_state()]


def _host(host: Requirement) -> Finding:
    version = host.installed
    if not version:
        said = "not in this environment; it may well be in another that runs this kernel"
        return Finding(host.name, "note", said=said, mend=pip_install(str(host)))
    if not host.met_by(version):
        said = f"tested with {host.versions}"
        return Finding(host.name, "wrong", version, said, pip_install(str(host)))
    return Finding(host.name, "ok", version)


def _extensions() -> list[Finding]:
    """Say which front ends JupyterLab loads for widgets: the first folder that has one wins."""
    try:
        from jupyter_core.paths import jupyter_path  # noqa: PLC0415 - there where Jupyter is
    except ModuleNotFoundError:
        return []
    folders = [pathlib.Path(folder) for folder in jupyter_path("labextensions")]
    return [
        _extension(folders, MANAGER, Requirement("jupyterlab-widgets"), "ipywidgets 8", ">=5"),
        _extension(
            folders, "anywidget", Requirement("anywidget"), "anywidget 0.11", ">=0.11,<0.12"
        ),
    ]


def _extension(
    folders: list[pathlib.Path], name: str, package: Requirement, fits: str, versions: str
) -> Finding:
    part = f"{name} of JupyterLab"
    found = [folder / name for folder in folders if (folder / name / "package.json").is_file()]
    if not found:
        said = "without it JupyterLab, Notebook and Voila draw no widget"
        return Finding(part, "missing", said=said, mend=pip_install(package.name, again=True))
    version = str(json.loads((found[0] / "package.json").read_text("utf-8")).get("version", ""))
    if not Requirement(name, versions).met_by(version):
        said = f"{found[0]} is not the one for {fits}"
        mend = f"remove {found[0]}" if len(found) > 1 else pip_install(package.name, again=True)
        return Finding(part, "wrong", version, said, mend)
    return Finding(part, "ok", version)


def _save_state() -> Finding:
    """Say whether JupyterLab saves widgets with a notebook, so that they live without a kernel."""
    part = "JupyterLab saves widget state"
    mend = "in JupyterLab: Settings > Jupyter Widgets > Save widget state"
    text = _settings()
    if re.search(r'"saveState"\s*:\s*true', re.sub(r"(?m)^\s*//.*$", "", text)):
        return Finding(part, "ok", "on", "a saved notebook stays alive without a kernel")
    said = "a saved notebook keeps the picture alone"
    return Finding(part, "note", "off", said, mend)


def _settings() -> str:
    """Read the user's settings of JupyterLab's widget manager; empty where nothing is set."""
    try:
        from jupyter_core.paths import jupyter_config_dir  # noqa: PLC0415 - there where Jupyter is
    except ModuleNotFoundError:
        return ""
    own = os.environ.get("JUPYTERLAB_SETTINGS_DIR")
    folder = (
        pathlib.Path(own) if own else pathlib.Path(jupyter_config_dir(), "lab", "user-settings")
    )
    path = folder / MANAGER / "plugin.jupyterlab-settings"
    return path.read_text("utf-8") if path.is_file() else ""
