"""What the adviser says, in English and in Japanese."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.analysis.language import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.adviser import Advice
    from attn_widgets.analysis.language import Language

_NAMES = {
    "window": "局所窓",
    "window of √N": "幅 √N の局所窓",
    "dilated": "ダイレーテッド",
    "window + dilated": "局所窓 + ダイレーテッド",
    "window + one global": "局所窓 + グローバル 1 個",
    "window + √N globals": "局所窓 + グローバル √N 個",
    "sinks + window": "シンク + 局所窓",
    "lsh": "LSH",
    "top-k": "上位 k",
    "learned gate": "学習したゲート",
    "strided": "ストライド型",
    "fixed": "固定型",
    "full": "密な注意",
}


_FIRST_EN = {"scores": " once every score is computed", "predictor": " by a small predictor"}
_FIRST_JA = {
    "scores": "すべてのスコアを計算したうえで、",
    "predictor": "小さな予測器を使い、",
}


def sentence(advice: Advice, language: Language) -> str:
    """Say in one sentence what a pattern does here, at what cost.

    Raises
    ------
    ValueError
        If the language is another.
    """
    return {"en": _sentence_en, "ja": _sentence_ja}[checked(language)](advice)


def unknown(advice: Advice, language: Language) -> str:
    """Say what no count can tell about a pattern.

    Raises
    ------
    ValueError
        If the language is another.
    """
    return {"en": _unknown_en, "ja": _unknown_ja}[checked(language)](advice)


def _sentence_en(advice: Advice) -> str:
    does = _does_en(advice)
    kept = _kept_en(advice)
    fits = "" if advice.affordable else ", more than the budget"
    short = "" if advice.suits else ", short of the task"
    return (
        f"{advice.name} {does}{short}, computes {advice.share:.3g} of what dense attention does"
        f"{fits}, grows as {advice.growth}{kept}."
    )


def _kept_en(advice: Advice) -> str:
    seen = advice.seen
    if seen is None:
        return ""
    if seen.length == advice.length:
        return f", keeps {seen.kept:.1%} of the recorded attention"
    return (
        f" (on the record's {seen.length:,} tokens it keeps {seen.kept:.1%} of the attention and "
        f"{seen.density:.1%} of the pairs)"
    )


def _does_en(advice: Advice) -> str:
    if advice.reach is None or advice.near is None:
        return f"lets the text choose the pairs{_first(advice, _FIRST_EN)}"
    if advice.task == "local":
        return f"joins {advice.near:.0%} of the near pairs in one layer"
    if advice.task == "retrieval":
        share = advice.reach.shares[0]
        return f"joins {share:.2%} of the pairs in one layer, wherever the answer stands"
    layers = advice.reach.full_after
    if layers is None:
        reason = advice.reach.reason
        return f"joins {advice.reach.final:.2%} of the pairs through layers ({reason})"
    one_way = ", one way only," if advice.reach.of == "causal" and not advice.suits else ""
    return (
        f"joins every {_pairs_en(advice)}{one_way} within {layers} layer{'s' if layers > 1 else ''}"
    )


def _pairs_en(advice: Advice) -> str:
    one_way = advice.reach is not None and advice.reach.of == "causal"
    return "token with all before it" if one_way else "pair"


def _unknown_en(advice: Advice) -> str:
    parts = ["whether the model was trained for this pattern; one trained on all pairs loses by it"]
    if advice.by_content:
        if advice.mask is None:
            parts.append("what a gate keeps; train one for your model (fit_gate), give it as gate")
        elif advice.seen is None:
            parts.append("which pairs the text will choose; give a record with queries and keys")
    elif advice.task != "local":
        parts.append("whether the model sends anything along the paths that are there")
    if advice.seen is not None and advice.seen.length != advice.length:
        parts.append(
            f"how much attention it keeps at {advice.length:,} tokens; the record has "
            f"{advice.seen.length:,}, and short texts are kept almost whole"
        )
    if advice.measured_at != advice.length:
        parts.append(f"reach beyond {advice.measured_at:,} tokens but by the same rule")
    return f"Not known: {'; '.join(parts)}."


def _sentence_ja(advice: Advice) -> str:
    name = _NAMES.get(advice.name, advice.name)
    kept = _kept_ja(advice)
    fits = "" if advice.affordable else "(予算を超えます)"
    short = "" if advice.suits else "(課題には足りません)"
    grows = f"O({advice.growth.law})、当てはめた指数は {advice.growth.exponent:.2f}"
    return (
        f"{name}は{_does_ja(advice)}{short}。計算量は密な注意の {advice.share:.3g} 倍{fits}、"
        f"伸び方は {grows} です{kept}。"
    )


def _kept_ja(advice: Advice) -> str:
    seen = advice.seen
    if seen is None:
        return ""
    if seen.length == advice.length:
        return f"、記録された注意の {seen.kept:.1%} を保ちます"
    return (
        f"(記録の {seen.length:,} トークンでは、組の {seen.density:.1%} で注意の {seen.kept:.1%} "
        "を保ちます)"
    )


def _does_ja(advice: Advice) -> str:
    if advice.reach is None or advice.near is None:
        return f"{_first(advice, _FIRST_JA)}どの組を残すかを文章の内容で決めます"
    if advice.task == "local":
        return f"近くの組の {advice.near:.0%} を 1 層でつなぎます"
    if advice.task == "retrieval":
        return f"答えの位置によらず、組の {advice.reach.shares[0]:.2%} を 1 層でつなぎます"
    if advice.reach.full_after is None:
        return f"層を重ねても組の {advice.reach.final:.2%} しかつなぎません"
    one_way = advice.reach.of == "causal"
    what = "各トークンとその前のすべて" if one_way else "すべての組"
    return f"{what}を {advice.reach.full_after} 層以内でつなぎます"


def _unknown_ja(advice: Advice) -> str:
    parts = ["モデルがこの型で学習されたかどうか(密に学習したモデルでは精度が落ちます)"]
    if advice.by_content:
        if advice.mask is None:
            parts.append("ゲートが何を残すか(fit_gate で学習し、gate に渡してください)")
        elif advice.seen is None:
            parts.append("文章がどの組を選ぶか(クエリとキーを含む記録が必要です)")
    elif advice.task != "local":
        parts.append("つながった経路をモデルが実際に使うかどうか")
    if advice.seen is not None and advice.seen.length != advice.length:
        parts.append(
            f"{advice.length:,} トークンで注意をどれだけ保つか(記録は {advice.seen.length:,} "
            "トークンで、短い文ではほとんど残ります)"
        )
    if advice.measured_at != advice.length:
        parts.append(f"{advice.measured_at:,} トークンを超える範囲(同じ規則とみなしています)")
    return f"わからないこと:{'、'.join(parts)}。"


def _first(advice: Advice, words: Mapping[str, str]) -> str:
    terms = dict(advice.growth.terms)
    return next((said for name, said in words.items() if name in terms), "")
