"""The parts of a report, before it becomes text or HTML."""

from __future__ import annotations

import dataclasses
from typing import TypeAlias

Row: TypeAlias = tuple[str, str]
"""A name, and what is said of it; plain text."""


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """Numbers by layer: names of columns, and rows of the same length; plain text."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title, and a table with what its columns mean; plain text."""

    title: str
    rows: tuple[Row, ...] = ()
    table: Table | None = None
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """A whole report in one language."""

    language: str
    title: str
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
