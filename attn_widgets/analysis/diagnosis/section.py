"""The parts of a report, before it becomes text or HTML."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple


class Row(NamedTuple):
    """What is said of one thing.

    Parameters
    ----------
    about
        The thing, by a name that is the same in both languages.
    name, words
        Its title, and what is said of it; plain text.
    """

    about: str
    name: str
    words: str


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
