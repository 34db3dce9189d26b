"""What a check of vectors and its choice of a layer say, in English and Japanese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.language import Language

COLUMNS: Final[Mapping[Language, tuple[str, str, str, str]]] = {
    "en": ("layer", "to [CLS]", "top-1", "alike"),
    "ja": ("層", "[CLS]への注意", "1位率", "類似度"),
}

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "{model}: finding the paraphrase among {pairs} (chance {chance:.2f})",
        "choice": "layer {layer} (from 0): with pooling={pooling!r} it ranks the paraphrase best "
        "on {pairs} pairs, mean reciprocal rank {rank:.3f}, margin {margin:.2f}{near}{weak}",
        "near": "; layers {rivals} are within one pair of it",
        "weak": "; the evidence is weak",
        "poor": "Layers {layers} gather on [CLS], and yet its vector is worse than the mean of the "
        "tokens: being looked at is not summing up.",
        "none poor": "No layer here gathers on [CLS] while its vector is a poor one.",
        "limit": "Counting shared tokens alone reaches {words:.2f}. A small check: a guide, not a "
        "benchmark.",
    },
    "ja": {
        "title": "{model}：言い換え {pairs} 組の検索（偶然なら {chance:.2f}）",
        "choice": "層 {layer}（0 から数えて）を選びました：pooling={pooling!r} で言い換え {pairs} "
        "組の平均逆順位が最大 {rank:.3f}、差の幅 {margin:.2f}。{near}{weak}",
        "near": "ただし層 {rivals} との差は 1 組分以内です。",
        "weak": "根拠は弱いです。",
        "poor": "層 {layers} は [CLS] に注意が集まるのに、[CLS] のベクトルは平均より劣ります。"
        "見られることは、まとめていることではありません。",
        "none poor": "[CLS] に注意が集まるのに [CLS] のベクトルが劣る層は、"
        "ここでは見つかりません。",
        "limit": "単語の重なりだけで {words:.2f}。小さな検査で、目安にすぎません。",
    },
}
