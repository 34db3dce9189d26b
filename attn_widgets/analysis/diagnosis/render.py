"""A report as lines of text, or as HTML without script or colours of its own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from attn_widgets.analysis.lines import width, wrapped

if TYPE_CHECKING:
    from attn_widgets.analysis.diagnosis.section import Report, Row, Section, Table

_LINE: Final = "border-bottom:1px solid rgba(128,128,128,.3)"
_CELL: Final = f"padding:3px 10px;text-align:left;vertical-align:top;{_LINE}"
_NUMBER: Final = f"padding:2px 10px;text-align:right;{_LINE};font-variant-numeric:tabular-nums"
_TABLE: Final = "color:inherit;background:none;border-collapse:collapse;font-size:90%"


def text(report: Report) -> str:
    """Write lines of at most 100 columns; a wide character takes two."""
    parts = ["\n".join(wrapped(line, 0) for line in (report.title, *report.notes))]
    for section in report.sections:
        lines = [section.title, *(_row(row) for row in section.rows)]
        if section.table is not None:
            lines += _lines(section.table)
        if section.note:
            lines.append(wrapped(section.note, 2))
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def html(report: Report) -> str:
    """Write one element with headings and tables; all words are escaped."""
    notes = "".join(f"<p>{_escaped(note)}</p>" for note in report.notes)
    sections = "".join(map(_section, report.sections))
    return (
        f'<article lang="{escape(report.language)}" style="max-width:60em">'
        f"<h3>{_escaped(report.title)}</h3>{notes}{sections}</article>"
    )


def _section(section: Section) -> str:
    body = "".join(
        f'<tr><th scope="row" style="{_CELL};min-width:9em">{_escaped(row.name)}</th>'
        f'<td style="{_CELL}">{_escaped(row.words)}</td></tr>'
        for row in section.rows
    )
    rows = f'<table style="{_TABLE}"><tbody>{body}</tbody></table>' if body else ""
    table = "" if section.table is None else _table(section.table)
    note = f"<p>{_escaped(section.note)}</p>" if section.note else ""
    return f"<section><h4>{_escaped(section.title)}</h4>{rows}{table}{note}</section>"


def _table(table: Table) -> str:
    head = "".join(
        f'<th scope="col" style="{_NUMBER}">{_escaped(name)}</th>' for name in table.names
    )
    body = "".join(
        f'<tr><th scope="row" style="{_NUMBER}">{_escaped(first)}</th>'
        + "".join(f'<td style="{_NUMBER}">{_escaped(cell)}</td>' for cell in rest)
        + "</tr>"
        for first, *rest in table.rows
    )
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _escaped(words: str) -> str:
    """Escape a text, and keep its writing direction to itself."""
    return f"<bdi>{escape(words)}</bdi>"


def _row(row: Row) -> str:
    return f"  {row.name}\n{wrapped(row.words, 4)}"


def _lines(table: Table) -> list[str]:
    widths = [
        max(width(row[i]) for row in (table.names, *table.rows)) for i in range(len(table.names))
    ]
    return [
        "  "
        + "  ".join(
            " " * (wide - width(cell)) + cell for cell, wide in zip(row, widths, strict=True)
        )
        for row in (table.names, *table.rows)
    ]
