"""What an effect, a sweep and an importance say, in Japanese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "listed": "、",
    "among": "、",
    "a model": "モデル",
    "no change": "変更なし",
    "encoder": "エンコーダ",
    "decoder": "デコーダ",
    "cross": "交差注意",
    "head": "第 {layer} 層・ヘッド {head}（{share}）",
    # an effect
    "effect.title": (
        "{model}（{kind}、{tokens} トークン）に {changes} を加えた効果（再実行）："
        "モデル全体を実行し直したので、変化は層を追って積み重なります"
    ),
    "attention.name": "注意",
    "attention": (
        "ヘッドは平均で注意の {moved} を別の場所に移しました。特に大きいもの：{heads}"
        "（0 から数えます）"
    ),
    "attention.kept": "マスクは {density} のペアで元の注意の {kept} を残します。{moved}",
    "layers.name": "層",
    "layers": (
        "最終層の出力は、大きさの {moved} だけ動きました"
        "（Σ|h' - h| / Σ|h|、コサイン {cosine}）。"
        "元のモデルの入力を与えて層だけを見ると、最も動いたのは第 {layer} 層です：{most}"
    ),
    "vector.name": "文ベクトル",
    "vector": "変更前後の文ベクトルのコサインは {cosine}（{pooling}）",
    "pooling.mean": "全トークンの平均",
    "pooling.cls": "[CLS] のベクトル",
    "candidates.name": "候補",
    "candidates": "この文とのコサイン、変更前 → 変更後（近い順）：{each}。{order}",
    "candidate": "「{text}」 {before} → {after}",
    "order.same": "順位は変わりません",
    "order.other": "順位が変わります",
    "labels.name": "ラベル",
    "labels": "{unit}、変更前 → 変更後：{each}",
    "unit.probability": "確率",
    "unit.score": "スコア",
    "label": "{label} {before} → {after}",
    "place.name": "位置 {place}",
    "place": "{token}：{before} → {after}（KL {kl} ナット）",
    "predictions.name": "予測",
    "predictions": (
        "{head}のヘッド：KL(前 || 後) は {tokens} トークンの平均で {mean} ナット、"
        "最大 {most} ナット。予測の候補を {places} トークンについて示します"
    ),
    "head.masked language model": "マスク言語モデル",
    "head.next token": "次トークン予測",
    "unheard.none": (
        "このモデルには予測するヘッドがありません。出力は文ベクトルで、"
        "トークンもラベルも予測しません"
    ),
    "unheard.not run": (
        "ヘッドは目標文が必要なため実行していません。デコーダか交差注意のスタックを変更してください"
    ),
    "unheard.other": "このモデルの出力ヘッドの種類は、ここでは読み取れません",
    "column.layer": "層",
    "column.free": "自由実行",
    "column.forced": "教師強制",
    "column.cosine": "コサイン",
    "drift.note": (
        "各層の出力：Σ|h' - h| / Σ|h| と、トークンについて平均したコサイン。"
        "自由実行：どの層も、変更された下の層の出力を受け取ります。"
        "教師強制：どの層も、元のモデルでの入力を受け取ります。その層だけの影響がわかります。"
    ),
    # a sweep
    "sweep.title": (
        "{model} で {texts} 文に {changes} 通りの変更を試した結果（再実行）："
        "変更ごとにモデル全体を実行し直しました"
    ),
    "column.change": "変更",
    "column.density": "密度",
    "column.kept": "残る注意",
    "column.drift": "ずれ",
    "column.lowest": "最小",
    "column.KL": "KL",
    "sweep.note": (
        "文についての平均。密度：許されたペアのうち残る割合。残る注意：元の注意のうち残る割合。"
        "ずれ：最終層の Σ|h' - h| / Σ|h|。コサイン：変更前後の文ベクトル。最小：文の中で最も低い"
        "コサイン。KL(前 || 後)：ヘッドの予測、単位はナット"
    ),
    "curve.title": "密度と、元のモデルへの近さ",
    "curve.kept": "残る注意",
    "curve.close": "文ベクトルのコサイン",
    "curve.density": "密度：許されたペアのうち残る割合",
    "curve.said": "{change}：密度 {density}、残る注意 {kept}",
    "curve.said.close": "{change}：密度 {density}、残る注意 {kept}、コサイン {cosine}",
    "curve.point": "{change}：密度 {density} で {value}",
    # how much heads matter
    "importance.title": ("{model}（{kind}）の {layers} 層 × {heads} ヘッドの重要度（{texts} 文）"),
    "measured.name": "測ったもの",
    "loss.answers": (
        "モデルの予測。勾配は、最もありそうな自分の答えの -log p について取り、位置で平均します"
        "（ダイバージェンスは元の実行の点では勾配が 0 です）。"
        "ヘッドを除いた影響は KL(前 || 後) をナットで測り、位置で平均します"
    ),
    "loss.vector": (
        "文ベクトル v（{pooling}）の向き。勾配は u · v/|v| について取り、"
        "ランダムな u {probes} 個の絶対値を平均します"
        "（1 - コサインは元の実行の点では勾配が 0 です）。"
        "ヘッドを除いた影響は 1 - コサインで測ります"
    ),
    "measure.gradient": "勾配",
    "measure.ablation": "アブレーション",
    "measure.uniform": "均等な注意",
    "agreement.name": "一致",
    "agreement": "{one}と{other}のスピアマン相関は {rho}",
}
"""Every sentence, by its key; both languages have the same keys and the same places to fill."""
