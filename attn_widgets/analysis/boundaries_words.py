"""What boundaries say of themselves, in English and Japanese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.language import Language

KINDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "segment": "Boundary between the two texts of a pair:",
        "sentence": "Boundaries between sentences, by punctuation:",
        "given": "Boundaries as given:",
    },
    "ja": {
        "segment": "二つの文（組）の境界：",
        "sentence": "句読点で決めた文の境界：",
        "given": "与えられた境界：",
    },
}

METHODS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"true": "true", "blocks": "blocks", "separators": "[SEP]-heavy heads"},
    "ja": {"true": "正解", "blocks": "ブロック構造", "separators": "[SEP] に集中するヘッド"},
}

VERDICTS: Final[Mapping[str, str]] = {
    "found": "見つかった",
    "hint": "手がかりはある",
    "failed": "失敗",
    "cannot be told from luck": "偶然と区別できない",
    "nothing to find": "境界がない",
}
"""In Japanese; in English a verdict is its own word."""

SCORE_JA: Final = (
    "提案 {proposed} 個のうち正解 {hits}、本当の境界 {true} 個。F1 {f1:.2f}、偶然なら {chance:.2f}"
    "（偶然の確率 {luck:.2g}）：{verdict}"
)

RULES: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "spelling": "True is where, by spelling, a sentence ends: after . ! ? … before white space "
        "and a letter that is no small one, or after 。！？; not after an initial, letters with "
        "full stops between them, or one of {count} abbreviations such as Dr. or Mrs. The rule "
        "misses a sentence that begins with a small letter or a digit.",
        "marks": "True is every full stop, ! or ? between words, as the record does not hold its "
        "text: also that of Dr. or 3.50.",
    },
    "ja": {
        "spelling": "正解は、表記で決めた文の終わりです。「。」「！」「？」の後、または . ! ? … "
        "の後に空白と小文字でない文字が続く所です。頭文字、ピリオドで区切った略語、Dr. や Mrs. "
        "など {count} 個の略語の後は除きます。小文字や数字で始まる文は見落とします。",
        "marks": "記録に本文がないので、語の間のピリオド・!・? をすべて正解とします。Dr. や 3.50 "
        "のピリオドも含まれます。",
    },
}

LIMIT: Final[Mapping[Language, str]] = {
    "en": "One text proves little: add up the scores of many. In a pair the model is told which "
    "text a token is of, so finding that boundary is no understanding of sentences.",
    "ja": "一つの文章では何も言えません。多くの文章の得点を足してください。文の組では、"
    "どちらの文かが入力に与えられているので、見つかっても文の理解とは言えません。",
}
