"""Small tables, as plain text or for a notebook: no script, no own colour, all text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from attn_widgets.analysis.lines import width, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LINE: Final = "border-bottom:1px solid rgba(128,128,128,.3)"
_CELL: Final = f"padding:2px 10px;text-align:left;vertical-align:top;{_LINE}"
_NUMBER: Final = f"padding:2px 10px;text-align:right;{_LINE};font-variant-numeric:tabular-nums"
_WHOLE: Final = "color:inherit;background:none;border-collapse:collapse;font-size:90%"


def plain(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Put a title over rows of words, as lines of plain text."""
    pairs = list(rows)
    wide = max((width(name) for name, _ in pairs), default=0)
    lines = [
        wrapped(f"{name}{' ' * (wide - width(name))}  {words}", wide + 4, 2)
        for name, words in pairs
    ]
    return "\n".join([wrapped(title, 2, 0), *lines])


def page(
    title: str,
    rows: Iterable[tuple[str, str]],
    parts: Sequence[tuple[str, str]] = (),
    *,
    folded: bool = True,
    language: str = "en",
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
    language
        That of the words.
    """
    opened = "" if folded else " open"
    body = "".join(
        f'<tr><th scope="row" style="{_CELL};min-width:7em">{_text(name)}</th>'
        f'<td style="{_CELL}">{_text(words)}</td></tr>'
        for name, words in rows
    )
    more = "".join(
        f'<details{opened} style="font-size:90%"><summary>{_text(note)}</summary>{inside}</details>'
        for note, inside in parts
    )
    whole = f'<table style="{_WHOLE}"><tbody>{body}</tbody></table>' if body else ""
    return f'<div lang="{escape(language)}"><div>{_text(title)}</div>{whole}{more}</div>'


def table(
    names: Sequence[str], rows: Iterable[Sequence[str]], bars: tuple[str, Sequence[float]]
) -> str:
    """Write numbers under their names, and show one of them as a bar per row.

    Parameters
    ----------
    names, rows
        Plain text; the first column names the row.
    bars
        What they show, and one number from 0 up per row; the largest gives the longest bar.
    """
    head = "".join(f'<th scope="col" style="{_NUMBER}">{_text(name)}</th>' for name in names)
    shown, lengths = bars
    longest = max(lengths, default=0.0)
    body = []
    for row, length in zip(rows, lengths, strict=True):
        first, *rest = row
        long = round(100 * length / longest) if longest > 0 else 0
        cells = "".join(f'<td style="{_NUMBER}">{_text(cell)}</td>' for cell in rest)
        body.append(
            f'<tr><th scope="row" style="{_NUMBER}">{_text(first)}</th>{cells}'
            f'<td aria-hidden="true" style="{_CELL};min-width:100px"><div style="width:{long}px;'
            'height:.6em;margin-top:.3em;background:currentColor;opacity:.5"></div></td></tr>'
        )
    return (
        f'<table style="{_WHOLE}"><thead><tr>{head}<th aria-hidden="true" style="{_CELL}">'
        f"{_text(shown)}</th></tr></thead><tbody>{''.join(body)}</tbody></table>"
    )


def _text(words: str) -> str:
    """Escape a text, and keep its writing direction to itself."""
    return f"<bdi>{escape(words)}</bdi>"
