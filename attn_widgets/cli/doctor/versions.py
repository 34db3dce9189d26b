"""What a package asks for, and whether what is installed is that."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import operator
import re
import sys
from typing import Final

_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[^]]*\])?\s*(?P<range>[^;]*?)\s*(?:;(?P<when>.*))?"
)
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")
ASKED: Final = (
    "anywidget>=0.11,<0.12",
    "ipywidgets>=8.1",
    "numpy>=1.26",
    "torch>=2.6; sys_platform != 'emscripten'",
    "tqdm>=4.66",
    "traitlets>=5.14",
    "transformers>=5.23,<5.24; sys_platform != 'emscripten'",
)
"""What this package asks for by itself, for where pip does not know it."""
_COMPARE: Final = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Requirement:
    """A package that is asked for: its name, the versions that do, and by which extra."""

    name: str
    versions: str = ""
    extra: str = ""

    def __str__(self) -> str:
        """Write it as pip reads it."""
        return self.name + self.versions

    @property
    def installed(self) -> str:
        """The version that is installed; empty where none is."""
        try:
            return importlib.metadata.version(self.name)
        except importlib.metadata.PackageNotFoundError:
            return ""

    def met_by(self, version: str) -> bool:
        """Say whether a version is one of those asked for."""
        return all(
            _COMPARE[sign](*_padded(version, bound))
            for sign, bound in re.findall(r"([<>=]{1,2})\s*([\w.]+)", self.versions)
        )


def requirements() -> list[Requirement]:
    """List what this package asks for on this platform, by itself and, if installed, by extras."""
    try:
        asked = importlib.metadata.requires("attn_widgets") or []
    except importlib.metadata.PackageNotFoundError:
        asked = [*ASKED]
    return [found for text in asked if (found := _read(text)) is not None]


def _read(text: str) -> Requirement | None:
    read = _REQUIREMENT.fullmatch(text)
    if read is None:
        return None
    when = read["when"] or ""
    if "sys_platform != 'emscripten'" in when.replace('"', "'") and sys.platform == "emscripten":
        return None
    extra = _EXTRA.search(when)
    return Requirement(read["name"], read["range"].strip("() "), extra[1] if extra else "")


def _padded(one: str, other: str) -> tuple[list[int], list[int]]:
    """Take the numbers of two releases, as many of each."""
    releases = [
        [int(part) for part in re.findall(r"\d+", text.partition("+")[0])] for text in (one, other)
    ]
    length = max(map(len, releases))
    first, second = ([*release, *[0] * (length - len(release))] for release in releases)
    return first, second
