"""The two languages a diagnosis is written in."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from attn_widgets.analysis.diagnosis import words_en, words_ja
from attn_widgets.analysis.language import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from attn_widgets.analysis.language import Language


@dataclasses.dataclass(frozen=True, slots=True)
class Tongue:
    """How one language says things.

    Attributes
    ----------
    name
        Its code, as in the HTML attribute ``lang``.
    words
        Sentences with places to fill.
    layers, counted, texts, lengths
        Write layer numbers; a number of layers; a number of texts and of different ones; the least
        and most tokens.
    join, listed, reasons
        What stands between sentences, between the members of a list, and between reasons that are
        whole clauses.
    card
        Whether a sentence that has a form for a card takes it.
    """

    name: str
    words: Mapping[str, str]
    layers: Callable[[Sequence[int]], str]
    counted: Callable[[int], str]
    texts: Callable[[int, int], str]
    lengths: Callable[[int, int], str]
    join: str
    listed: str
    reasons: str
    card: bool = False

    def say(self, key: str, **places: object) -> str:
        """Fill a sentence."""
        other = f"{key}.card"
        return self.words[other if self.card and other in self.words else key].format(**places)

    def on_card(self) -> Tongue:
        """Take the words for a card beside the picture and its buttons."""
        return dataclasses.replace(self, card=True)

    def sentences(self, *parts: str) -> str:
        """Put sentences one after another, leaving empty ones out."""
        return self.join.join(part for part in parts if part)


TONGUES: Final[dict[str, Tongue]] = {
    name: Tongue(
        name,
        words.WORDS,
        words.layers,
        words.counted,
        words.texts,
        words.lengths,
        join=join,
        listed=listed,
        reasons=reasons,
    )
    for name, words, join, listed, reasons in (
        ("en", words_en, " ", "; ", "; "),
        ("ja", words_ja, "", "、", "。"),
    )
}


def tongue(language: Language) -> Tongue:
    """Take a language.

    Raises
    ------
    ValueError
        If it is neither ``"en"`` nor ``"ja"``.
    """
    return TONGUES[checked(language)]


def share(value: float) -> str:
    """Write a share as the papers do: ``.48``, ``1.00``, ``-.03``; ``-`` where undefined."""
    if value != value:  # noqa: PLR0124 - NaN is not itself
        return "-"
    written = f"{value:.2f}"
    if float(written) == 0:
        return ".00"
    return written.replace("0.", ".", 1) if abs(float(written)) < 1 else written


def shares(values: Sequence[float]) -> str:
    """Write several."""
    return " ".join(map(share, values))
