"""Tables of what ``side_by_side.py`` kept: run with ``report.py kept.json``."""

from __future__ import annotations

import json
import pathlib
import statistics
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def tables(document: dict[str, Any]) -> str:
    """Write the medians as Markdown, with what they are beside the floor's."""
    samples = document["samples"]
    paces = [one["ready"]["pace"] for one in samples if "ready" in one]
    lines = [
        f"{document['date']}, {document['cores']} cores, {document['shape']} heads, "
        + ", ".join(f"{name} {number}" for name, number in document["versions"].items()),
        f"A loop that always does the same took {min(paces):.0f} to {max(paces):.0f} ms.",
        "",
        *_table(
            "viewer, tokens, in Python, code, data, first paint, range, settled, elements, heap",
            _pages(samples),
        ),
        "",
        *_table("viewer, tokens, what, times, shown, range, work", _interactions(samples)),
    ]
    return "\n".join(lines)


def _groups(samples: Sequence[dict[str, Any]]) -> Iterable[tuple[str, int, list[dict[str, Any]]]]:
    for viewer, length in dict.fromkeys((one["viewer"], one["length"]) for one in samples):
        mine = [one for one in samples if (one["viewer"], one["length"]) == (viewer, length)]
        yield viewer, length, mine


def _pages(samples: Sequence[dict[str, Any]]) -> Iterable[list[str]]:
    for viewer, length, mine in _groups(samples):
        shown = [one for one in mine if "page" in one]
        if not shown:
            yield [viewer, str(length), mine[0]["status"]]
            continue
        built = [one["build"] for one in shown]
        painted = [one["first_paint"] for one in shown]
        first = [one["present"] or one["commit"] for one in painted]
        yield [
            viewer,
            str(length),
            _ms(1000 * statistics.median(one["seconds"] for one in built)),
            _size(built[0]["code"]),
            _size(built[0]["payload"] - built[0]["code"]),
            _ms(statistics.median(first)),
            _range(first),
            _ms(statistics.median(one["settle"] for one in painted)),
            f"{shown[0]['page']['elements']:,}",
            _size(statistics.median(one["page"]["heap"] for one in shown)),
        ]


def _interactions(samples: Sequence[dict[str, Any]]) -> Iterable[list[str]]:
    for viewer, length, mine in _groups(samples):
        all_ = [told for one in mine for told in one["interactions"]]
        for name in dict.fromkeys(told["name"] for told in all_):
            these = [told for told in all_ if told["name"] == name]
            shown = [told["present"] for told in these]
            yield [
                viewer,
                str(length),
                name,
                str(len(these)),
                _ms(statistics.median(shown)),
                _range(shown),
                _ms(statistics.median(told["work"] for told in these)),
            ]


def _table(head: str, rows: Iterable[list[str]]) -> list[str]:
    names = head.split(", ")
    made = [names, ["---"] * len(names), *rows]
    return ["| " + " | ".join([*row, *[""] * (len(names) - len(row))]) + " |" for row in made]


def _ms(value: float) -> str:
    return f"{value:,.0f} ms"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):,.0f} to {max(values):,.0f}"


def _size(value: float) -> str:
    return f"{value / 1e3:,.0f} kB" if value < 1e6 else f"{value / 1e6:,.1f} MB"


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(tables(json.loads(pathlib.Path(path).read_text())))
