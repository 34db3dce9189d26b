"""Small tables for a notebook: no script, no colour of their own, every text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LINE: Final = "border-bottom:1px solid rgba(128,128,128,.3)"
_CELL: Final = f"padding:2px 10px;text-align:left;vertical-align:top;{_LINE}"
_NUMBER: Final = f"padding:2px 10px;text-align:right;{_LINE};font-variant-numeric:tabular-nums"
_WHOLE: Final = "color:inherit;background:none;border-collapse:collapse;font-size:90%"


def page(
    title: str,
    rows: Iterable[tuple[str, str]],
    parts: Sequence[tuple[str, str]] = (),
    *,
    folded: bool = True,
) -> str:
    """Put a title over rows of words, and after them parts that can be folded away.

    Parameters
    ----------
    title
        Plain text.
    rows
        Name and words, plain text.
    parts
        A sentence of plain text, and the HTML that it explains; see `table`.
    folded
        Whether the parts are folded away at first.
    """
    opened = "" if folded else " open"
    body = "".join(
        f'<tr><th scope="row" style="{_CELL}">{_text(name)}</th>'
        f'<td style="{_CELL}">{_text(words)}</td></tr>'
        for name, words in rows
    )
    more = "".join(
        f'<details{opened} style="font-size:90%"><summary>{_text(note)}</summary>{inside}</details>'
        for note, inside in parts
    )
    caption = f'<caption style="text-align:left;color:inherit">{_text(title)}</caption>'
    return f'<div><table style="{_WHOLE}">{caption}<tbody>{body}</tbody></table>{more}</div>'


def table(
    names: Sequence[str], rows: Iterable[Sequence[str]], bars: Sequence[float] | None = None
) -> str:
    """Write numbers under their names; a bar per row, if given, shows one of them as a length.

    Parameters
    ----------
    names, rows
        Plain text; the first column names the row.
    bars
        One number from 0 up per row; the largest gives the longest bar.
    """
    head = "".join(f'<th scope="col" style="{_NUMBER}">{_text(name)}</th>' for name in names)
    longest = max(bars, default=0.0) if bars is not None else 0.0
    body = []
    for number, row in enumerate(rows):
        first, *rest = row
        cells = f'<th scope="row" style="{_NUMBER}">{_text(first)}</th>'
        cells += "".join(f'<td style="{_NUMBER}">{_text(cell)}</td>' for cell in rest)
        if bars is not None:
            width = 0 if longest <= 0 else round(100 * bars[number] / longest)
            cells += (
                f'<td aria-hidden="true" style="padding:2px 10px;{_LINE};min-width:100px">'
                f'<div style="width:{width}px;height:.6em;background:currentColor;opacity:.5">'
                "</div></td>"
            )
        body.append(f"<tr>{cells}</tr>")
    filler = "<td></td>" if bars is not None else ""
    return (
        f'<table style="{_WHOLE}"><thead><tr>{head}{filler}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def _text(words: str) -> str:
    """Escape a text, and keep its writing direction to itself."""
    return f"<bdi>{escape(words)}</bdi>"
