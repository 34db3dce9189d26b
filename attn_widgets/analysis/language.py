"""The language in which values speak of themselves."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["en", "ja"]

_DEFAULT: Final[list[Language]] = ["en"]


def set_language(lang: Language) -> None:
    """Choose the language of every report that is not asked for in another; English at first.

    It holds for the whole process: what a notebook shows of a diagnosis, an effect, a sweep and so
    on, what ``print`` writes of them, and ``report()`` and ``html()`` without a language. Widgets
    have a `lang` of their own, by default the reader's browser's.

    Parameters
    ----------
    lang
        ``"en"`` or ``"ja"``.

    Raises
    ------
    ValueError
        If it is neither.
    """
    _DEFAULT[0] = checked(lang)


def spoken(lang: Language | None = None) -> Language:
    """Give a language, or without one that of :func:`set_language`.

    Raises
    ------
    ValueError
        If it is neither ``"en"`` nor ``"ja"``.
    """
    return _DEFAULT[0] if lang is None else checked(lang)


def checked(lang: Language) -> Language:
    """Refuse what is no language.

    Raises
    ------
    ValueError
        If it is neither ``"en"`` nor ``"ja"``.
    """
    if lang not in get_args(Language):
        msg = f"lang is {lang!r}: one of {', '.join(map(repr, get_args(Language)))}"
        raise ValueError(msg)
    return lang
