"""Small tables, as text and as HTML."""

from __future__ import annotations

import html
import math
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis.language import Language


def as_text(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write lines with columns aligned to the right, Chinese characters as two wide."""
    every = [names, *rows]
    widths = [max(_width(row[place]) for row in every) for place in range(len(names))]
    return [
        "  ".join(
            " " * (width - _width(cell)) + cell for cell, width in zip(row, widths, strict=True)
        )
        for row in every
    ]


def as_html(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table with a caption; everything is escaped."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{html.escape(title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def listed(numbers: Sequence[int], lang: Language) -> str:
    """List numbers, with the comma of the language."""
    return ("、" if lang == "ja" else ", ").join(map(str, numbers))


def number(value: float) -> str:
    """Write two places, no negative zero among them; ``-`` for what is not finite."""
    return f"{round(value, 2) + 0.0:.2f}" if math.isfinite(value) else "-"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
