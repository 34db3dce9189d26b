"""The two languages that effects, sweeps and importances are told in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attn_widgets.interventions import words_en, words_ja

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attn_widgets.analysis.language import Language

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {"en": words_en.WORDS, "ja": words_ja.WORDS}


def say(language: Language, key: str, **places: object) -> str:
    """Fill a sentence."""
    return WORDS[language][key].format(**places)


def listed(language: Language, parts: Iterable[str]) -> str:
    """Put long parts one after another."""
    return WORDS[language]["listed"].join(parts)


def among(language: Language, parts: Iterable[str]) -> str:
    """Put short parts one after another."""
    return WORDS[language]["among"].join(parts)
