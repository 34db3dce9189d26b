"""Pairs of sentences that say the same in other words, to try vectors of texts on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Pairs: TypeAlias = "str | Iterable[tuple[str, str]]"
"""``"en"``, ``"ja"``, or pairs of texts."""

ENGLISH: Final = (
    ("The boy kicked the ball over the fence.", "A child shot a football beyond the garden wall."),
    ("She finished reading the novel last night.", "Yesterday evening the book was completed."),
    ("The train was late because of heavy snow.", "A blizzard delayed the railway service."),
    ("He repaired the broken bicycle himself.", "Without help, the man fixed his bike."),
    ("The soup needs a little more salt.", "Season the broth some more before serving it."),
    ("Prices of houses rose sharply this year.", "Homes became far more expensive."),
    ("The doctor told him to stop smoking.", "His physician advised giving up cigarettes."),
    ("Our team lost the final by a single goal.", "We were beaten narrowly in the last match."),
    ("The museum is closed on Mondays.", "You cannot visit the gallery at the start of the week."),
    ("A thief stole her purse at the market.", "Her wallet was taken while she was shopping."),
    ("The dog barked at strangers all day.", "Unknown visitors kept making the puppy noisy."),
    ("They plan to marry in the spring.", "The couple's wedding will be in April or May."),
    ("The old computer is too slow for this game.", "This machine cannot run such software fast."),
    ("Many birds fly south for the winter.", "Some animals with wings migrate when it gets cold."),
    ("Nobody understood the teacher's explanation.", "The lesson left every student confused."),
    ("The river flooded the lower part of town.", "Water rose and covered several streets."),
    ("I forgot my umbrella and got soaked.", "Rain drenched me as I had nothing to keep dry."),
    ("The company will hire fifty engineers.", "The firm is recruiting technical staff."),
    ("Turn off the lamp before going to bed.", "Switch the light out when you sleep."),
    ("The baby slept through the thunderstorm.", "Lightning did not wake the infant."),
    ("Her grandmother speaks four languages.", "The elderly lady is fluent in several tongues."),
    ("The judge sent the man to prison.", "A court sentenced him to jail."),
    ("Scientists discovered a distant planet.", "Astronomers found a new world far away."),
    ("The cake burned because the oven was too hot.", "Excess heat ruined the dessert."),
)
"""With few words in common, so that counting words does not find the partner."""

JAPANESE: Final = (
    ("電車が雪で遅れた。", "吹雪のため鉄道のダイヤが乱れた。"),
    ("彼は自分で自転車を直した。", "あの人は誰の手も借りずにバイクを修理した。"),
    ("美術館は月曜日に休みだ。", "週の初めはギャラリーに入れない。"),
    ("医者は彼にたばこをやめるよう言った。", "主治医から禁煙を勧められた。"),
    ("今年は家の値段が大きく上がった。", "住宅がずっと高価になった。"),
    ("赤ちゃんは雷でも眠っていた。", "稲妻は幼児を起こさなかった。"),
    ("傘を忘れてずぶぬれになった。", "雨具がなくて全身がびしょびしょだ。"),
    ("川があふれて町の低い所が水につかった。", "増水していくつもの通りが沈んだ。"),
    ("科学者が遠い惑星を見つけた。", "天文学者がはるかな星を発見した。"),
    ("先生の説明は誰にも分からなかった。", "授業は生徒全員を混乱させた。"),
    ("寝る前に明かりを消しなさい。", "眠るときはランプを切って。"),
    ("会社は技術者を五十人雇う。", "企業がエンジニアを募集している。"),
)


def as_pairs(pairs: Pairs) -> tuple[tuple[str, str], ...]:
    """Take pairs, or those of a language.

    Raises
    ------
    ValueError
        If there is no such language, one is no pair of texts, there are fewer than 4, or a text
        comes twice.
    """
    if isinstance(pairs, str):
        if pairs not in _LANGUAGES:
            msg = (
                f"pairs is {pairs!r}: one of {', '.join(map(repr, _LANGUAGES))}, or pairs of texts"
            )
            raise ValueError(msg)
        return _LANGUAGES[pairs]
    found: list[tuple[str, str]] = []
    given: tuple[object, ...] = tuple(pairs)
    for place, pair in enumerate(given):
        texts = tuple(pair) if isinstance(pair, list | tuple) else ()
        if len(texts) != 2 or not all(isinstance(text, str) for text in texts):  # noqa: PLR2004 - two
            msg = f"pair {place} is {pair!r:.80}: expected two texts that say the same"
            raise ValueError(msg)
        found.append((texts[0], texts[1]))
    if len(found) < _LEAST:
        msg = f"{len(found)} pairs were given: expected at least {_LEAST} to choose among"
        raise ValueError(msg)
    every = [text for pair in found for text in pair]
    if len(set(every)) < len(every):
        twice = next(text for text in every if every.count(text) > 1)
        msg = f"the text {twice[:40]!r} comes twice: its partner could not be told"
        raise ValueError(msg)
    return tuple(found)


_LANGUAGES: Final = {"en": ENGLISH, "ja": JAPANESE}
_LEAST: Final = 4
