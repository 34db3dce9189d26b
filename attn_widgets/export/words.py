"""The words of figures and saved pages, by language."""

from __future__ import annotations

from typing import Final

from attn_widgets.export import words_en, words_ja

Words = dict[str, str]

WORDS: Final[dict[str, Words]] = {"en": words_en.WORDS, "ja": words_ja.WORDS}


def role_name(role: str, words: Words) -> str:
    """Name a role or a group of tokens."""
    brackets = {"cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    return brackets.get(role) or words.get(f"role.{role}", role)
