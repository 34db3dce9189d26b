"""The language in which values speak of themselves."""

from __future__ import annotations

from abc import abstractmethod
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


class Spoken:
    """A value that reports on itself in either language, in print and in a notebook."""

    __slots__ = ()

    @abstractmethod
    def _text(self, lang: Language) -> str:
        """Write it as plain text."""

    @abstractmethod
    def _page(self, lang: Language) -> str:
        """Write it as HTML that stands alone; whatever comes from a text or a model is escaped."""

    def report(self, lang: Language | None = None) -> str:
        """Write it as plain text, each number with what it is of.

        Parameters
        ----------
        lang
            ``"en"`` or ``"ja"``; by default as :func:`set_language` says.

        Raises
        ------
        ValueError
            If it is neither.
        """
        return self._text(spoken(lang))

    def html(self, lang: Language | None = None) -> str:
        """Write it as HTML that stands alone; see :meth:`report`.

        Raises
        ------
        ValueError
            As :meth:`report`.
        """
        return self._page(spoken(lang))

    def __repr__(self) -> str:
        """Return the report."""
        return self.report()

    def _repr_html_(self) -> str:
        """Return the report for a notebook."""
        return self.html()
