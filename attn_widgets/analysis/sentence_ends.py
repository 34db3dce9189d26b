"""Where a sentence ends, by its spelling."""

from __future__ import annotations

import re
from typing import Final

ABBREVIATIONS: Final = frozenset(
    {
        "al", "approx", "apr", "aug", "capt", "cf", "col", "dec", "dept", "dr", "ed",
        "eds", "eq", "feb", "fig", "figs", "gen", "gov", "hon", "jan", "jr", "jul",
        "jun", "lt", "mar", "messrs", "mme", "mr", "mrs", "ms", "mt", "mx", "nov",
        "oct", "prof", "rep", "rev", "sen", "sep", "sept", "sgt", "sr", "st", "vs",
    }
)  # fmt: skip
"""Words after which a full stop ends no sentence, in lower case."""

_ENDS = re.compile(
    r"(?P<word>\S*?)(?P<mark>[.!?\u2026]+)[\"'\u201d\u2019)\]\u00bb]*\s+[\"'\u201c\u2018(\[\u00ab]*$"
)
_WIDE_ENDS = re.compile(r"[\u3002\uff01\uff1f\uff61]\s*[\u300c\u300e\uff08(]*$")
_DOTTED = re.compile(r"(?:\w\.)+\w")
_LONGEST = 200


def ends_before(text: str, start: int) -> bool:
    """Say whether a sentence ends before the word that starts at a place of a text.

    It does after a mark of ``. ! ? …``, if white space follows and then a letter that is no small
    one, quotes and brackets apart; or after their wide forms, with or without white space. It does
    not after a full stop behind an abbreviation of :data:`ABBREVIATIONS`, letters with full stops
    between them (e.g., U.S.), or an initial (but I). So a sentence that begins with a small letter
    or a digit is missed, and one that ends in "p.m." or "B.", too.

    Parameters
    ----------
    text
        The whole text.
    start
        Where the word starts; white space there is passed over.
    """
    start += len(text[start:]) - len(text[start:].lstrip())
    before = text[max(0, start - _LONGEST) : start]
    if _WIDE_ENDS.search(before):
        return True
    found = _ENDS.search(before)
    first = text[start : start + 1]
    if found is None or not first.isalpha() or first.islower():
        return False
    return found["mark"] != "." or not _abbreviated(found["word"])


def _abbreviated(word: str) -> bool:
    bare = word.lstrip("\"'([\u201c\u2018\u00ab")
    initial = len(bare) == 1 and bare.isupper() and bare != "I"
    return initial or bare.lower() in ABBREVIATIONS or _DOTTED.fullmatch(bare) is not None
