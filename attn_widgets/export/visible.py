"""Text of any kind, so that it can be read on one line and stands in any file."""

from __future__ import annotations

import re
import unicodedata

from attn_widgets.record import whole

_BLANK = frozenset("\u00a0\u115f\u1160\u3164\uffa0\ufffe\uffff")
_JOINS = "\u200c\u200d"
_TURNED = ("R", "AL")
_MARKS = ("Mn", "Mc", "Me")

BOLD = 1.12
"""How much wider bold letters are."""


def visible(text: str) -> str:
    """Write a token as it can be read, by the browser's rules.

    What has no shape of its own, or changes how what follows is drawn, is named by its number
    (``⟨202E⟩``), and nothing is left empty.
    """
    text = whole(text)
    if not text:
        return "∅"
    if not text.strip(" "):
        return "␣" * len(text)
    shown = f"◌{text}" if unicodedata.category(text[0]) in _MARKS else text
    alone = len(text) == 1
    return "".join(
        f"⟨{ord(c):04X}⟩" if _unseen(c) and (alone or c not in _JOINS) else c for c in shown
    )


def line(text: str) -> str:
    """Write prose on one line: breaks become spaces, and the rest as in :func:`visible`."""
    return visible(re.sub(r"\s+", " ", whole(text)).strip()) if text.strip() else ""


def isolated(text: str) -> str:
    """Keep the order of letters that run from right to left, whatever stands around them."""
    turned = any(unicodedata.bidirectional(c) in _TURNED for c in text)
    return f"\u2068{text}\u2069" if turned else text


def letters(text: str) -> list[str]:
    """Cut a text where a reader would: accents, joined emoji and flags stay whole."""
    cut: list[str] = []
    for c in text:
        before = cut[-1] if cut else ""
        flag = _flag(c) and len(before) == 1 and _flag(before)
        if before and (_sticks(c) or before[-1] == "\u200d" or flag):
            cut[-1] += c
        else:
            cut.append(c)
    return cut


def width(text: str, size: float = 12) -> float:
    """Guess how wide a text is drawn, in the unit of `size`, rather too wide than too narrow."""
    return size * sum(map(_share, text))


def clipped(text: str, most: float, size: float = 12) -> str:
    """Cut a text to a width, with an ellipsis where something is left out."""
    if width(text, size) <= most:
        return text
    kept = ""
    for letter in letters(text):
        if width(f"{kept}{letter}…", size) > most:
            break
        kept += letter
    return f"{kept}…"


def wrapped(text: str, most: float, size: float = 12, lines: int = 4) -> list[str]:
    """Break a text into lines of a width, the last of which ends in an ellipsis if need be."""
    made: list[str] = []
    rest = text
    while rest and len(made) < lines - 1 and width(rest, size) > most:
        kept = clipped(rest, most, size)[:-1]
        space = kept.rfind(" ")
        end = space if space > len(kept) // 2 else max(1, len(kept))
        made.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*made, clipped(rest, most, size)] if rest else made


def _unseen(c: str) -> bool:
    return c in _BLANK or unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}


def _sticks(c: str) -> bool:
    tone = "\U0001f3fb" <= c <= "\U0001f3ff"
    return unicodedata.category(c) in _MARKS or c in _JOINS or tone


def _flag(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


def _share(c: str) -> float:
    if unicodedata.category(c) in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.east_asian_width(c) in "WF":
        return 1.05
    if c in "il.,:;'|!Itfj ()[]":
        return 0.36
    return 0.72 if c.isupper() or c in "mw@%\u2013\u2014\u2026" else 0.58
