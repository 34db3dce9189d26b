"""What a diagnosis says, in Japanese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attn_widgets.analysis.diagnosis.regions import ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS: Final[dict[str, str]] = {
    "title": "{model}（{kind}）の特殊トークン診断：{texts}（長さ {lengths} トークン）",
    "title.corpus": "{model}（{kind}）の特殊トークン診断：コーパス {texts}のプロファイル",
    "corpus": (
        "数値はすべて、プロファイルに含まれる文の平均です。個々のヘッドには、文の 9 "
        "割が入る範囲も添えています。"
    ),
    "corpus.lacks": (
        "プロファイルに残るのは重みの合計だけです。トークンが渡す中身、勾配、文ごとのシンク、"
        "文ベクトルは残りません。対角型のヘッドは、近くの単語に向く割合の平均で判定します。"
    ),
    "corpus.all": "平均は、特殊トークン自身を含むすべてのクエリで取っています。",
    "corpus.failed": "ほかに {count} 文は実行できませんでした。",
    "headline": (
        "教科書の {count} つの状態のうち、見られるもの：{found}、見られないもの：{absent}、"
        "判定できないもの：{open}。これは一つの読み方で、診断の確定ではありません。"
    ),
    "a model": "モデル",
    "encoder": "エンコーダ",
    "decoder": "デコーダ",
    "from 0": "層とヘッドは 0 から数えます。",
    "means": "数値はすべて、文についての平均です。",
    "changed": (
        "マスクや編集をかけて実行した記録です。以下はすべて、変更後のモデルについての診断です。"
    ),
    "skipped": "ほかに {count} 文は測れませんでした。{place} 番：{reason}",
    "states": "教科書の見方と、ここで見えるもの",
    "story": "教科書の「層の物語」",
    "evidence": "並べて見る根拠",
    "layers": "層ごとの数値",
    "clogged": "情報流通は詰まっているか",
    "healthy": "健康時の記録との比較",
    "unknown": "ここからは言えないこと",
    # the textbook
    "lower_cls.name": "下層で [CLS] に集中",
    "lower_cls.says": "教科書：文全体の集約が始まっている。正常で、文意の形成が始まる層。",
    "middle_sep.name": "中層で [SEP] に集中",
    "middle_sep.says": "教科書：文の構造、つまり文境界を意識している。2 文のタスクで特に重要。",
    "all_special.name": "全層・全ヘッドが [CLS]/[SEP] に集中",
    "all_special.says": (
        "教科書：🔴 ほかのトークンを無視している。過学習か、入力文の多様性不足の可能性がある。"
    ),
    "near.name": "1. はじめの層：対角構造",
    "near.says": "教科書：自分と近くのトークンを見る。局所的な構文の理解。",
    "collecting.name": "2. 中間の層：単語が [CLS] を見る",
    "collecting.says": "教科書：情報を集約する層。",
    "reading.name": "3. 終わりの層：[CLS] が単語を見る",
    "reading.says": "教科書：文全体の出力を準備する層。",
    # found or not
    "in short": "「{name}」{said}",
    "found.yes": "見られます：{inside}（教科書の言う範囲は{region}）。",
    "found.too": "ほかに{outside}でも見られます。",
    "found.all": "見られます。",
    "short.one": "ただし短い文なので、モデルについてはほとんど何も言えません。",
    "short.all": "ただし {texts} 文とも短いので、モデルについてはほとんど何も言えません。",
    "short.some": (
        "ただし {texts} 文のうち {short} 文は短く、モデルについてはほとんど何も言えません。"
    ),
    "found.elsewhere": "{region}には見られませんが、{outside}に見られます。",
    "found.little": "見られるとは言えません：{inside}だけです（教科書の言う範囲は{region}）。",
    "found.no": "{region}には見られません。",
    "found.not all": "見られません：特殊トークンが大半を占めるのは{inside}だけです。",
    "found.not heads": (
        "見られません：どの層でも平均では特殊トークンが大半を占めますが、"
        "ほぼすべてのヘッドがそうだとは言えません。"
    ),
    "found.none": "見られません：特殊トークンが大半を占める層はありません。",
    "found.unjudged": "判定できません：{why}。",
    "why.no_cls": "この文には [CLS] がありません",
    "why.no_sep": "この文には [SEP] がありません",
    "why.no_special": "この文には特殊トークンがありません",
    "why.some_layers": "記録にない層があり、下層と中層を決められません",
    "why.too_shallow": "層が少なく、その部分を分けられません",
    "why.cross": "クエリとキーが別の文です",
    "why.short": "短すぎます。短い文では健康なモデルでも特殊トークンが注意の大半を占めます",
    "why.first_cls": "デコーダでは、先頭のトークン（ここでは [CLS]）は自分しか見られません",
    "measured.lower_cls": (
        "[CLS] への注意は、均等を 0、すべてを 1 とする道のりで（層順）：{values}。"
        "基準は {needed} 以上。"
    ),
    "measured.middle_sep": (
        "[SEP] への注意は、均等を 0、すべてを 1 とする道のりで（層順）：{values}。"
        "基準は {needed} 以上。"
    ),
    "measured.collecting": (
        "[CLS] への注意は、均等を 0、すべてを 1 とする道のりで（層順）：{values}。"
        "基準は {needed} 以上。"
    ),
    "measured.all_special": ("特殊トークンの割合（層順）：{values}（均等なら {even}）。"),
    "measured.heads": "全ヘッドの {crowded} で {needed} 以上を占めます。",
    "measured.near": (
        "対角型のヘッドの割合（層順）：{values}。基準は {needed} 以上。対角型とは、"
        "自分と隣の単語に向ける割合が、均等に見た場合よりはっきり大きいものです"
        "（均等なら {even}）。"
    ),
    "measured.reading": (
        "[CLS] が単語に向ける割合（層順）：{values}（均等なら {even}）。基準は {needed} 以上で、"
        "しかも下の層よりはっきり大きいこと。"
    ),
    "measured.reading less": "そこで単語に開きますが、それでも均等な注意より少ない割合です。",
    "head.spread": "第 {layer} 層・ヘッド {head}（{share}、範囲 {low} 〜 {high}）",
    "strongest": "特に強いヘッド：{heads}。",
    "strongest.near": "自分と隣を特によく見るヘッド：{heads}。",
    "head": "第 {layer} 層・ヘッド {head}（{share}）",
    # evidence
    "weight.name": "どれだけ見られるか",
    "weight": (
        "単語の注意の {share} が特殊トークンに向いています。この長さの文で均等に見れば {even} "
        "です。均等からすべてまでの道のりの {excess} に当たります（超過）。"
    ),
    "weight.less": (
        "単語の注意の {share} が特殊トークンに向いています。この長さの文で均等に見た場合の {even} "
        "より少ない割合です（超過 {excess}）。"
    ),
    "weight.none": (
        "特殊トークンはありません。先頭の位置には {first} が向いています（均等なら {even}）。"
    ),
    "lengths.name": "文の長さ別",
    "lengths": "トークン数ごとの特殊トークンの割合と、均等に見た場合の割合：{each}。",
    "length.one": "{tokens} トークンは {special}（均等なら {even}、{texts}）",
    "short.name": "短い文",
    "short": (
        "{tokens} トークン未満の文が {count} 文あります。短い文では、"
        "健康なモデルでも注意の大半が特殊トークンに向きます（all-MiniLM-L6-v2 での測定では、1 "
        "語の文で .90）。健康かどうかは判定しません。"
    ),
    "message.name": "どれだけ届くか",
    "message": (
        "層の全ヘッドが渡すベクトルを足し合わせ、その長さで見ると、特殊トークンから来るのは "
        "{message} です（Kobayashi ほか 2020、arXiv 2004.10102）{vector}。"
        "届く量の図はヘッドごとなので、数値は異なります。"
    ),
    "message.residual": (
        "。残差結合まで入れた、正規化前の新しいベクトルの中では {share} です（Kobayashi ほか 2021、"
        "arXiv 2109.07152）"
    ),
    "message.vector": (
        "。残差結合と正規化まで入れた新しいベクトルの中では {share} です（Kobayashi ほか 2021、"
        "arXiv 2109.07152）"
    ),
    "message.missing": "測れなかったものがあります：{reason}。",
    "message.none": (
        "測っていません。太い線でも、運ぶ中身は細いことがあります。記録の代わりに "
        "runner.contributions(text) を渡してください。"
    ),
    "message.none.card": (
        "測っていません。太い線でも、運ぶ中身は細いことがあります。モデルがあれば、"
        "「そこから何が届くかを測る」で測れます。"
    ),
    "message.corpus": (
        "プロファイルには残りません。太い線でも、運ぶ中身は細いことがあります。一部の文で "
        "runner.diagnose(texts) を使ってください。"
    ),
    "drain.name": "声の大きさ",
    "drain.cls": "[CLS] のメッセージの長さは、単語を 1 として（層順、ヘッドの平均）：{values}。",
    "drain.sep": "[SEP] は：{values}。",
    "slope.name": "出力への影響",
    "slope.cls": (
        "[CLS] への注意についての出力の勾配は、単語への注意を 1 として（層順）：{values}。"
    ),
    "slope.sep": "[SEP] への注意では：{values}。",
    "slope": (
        "1 よりずっと小さければ no-op のしるしです（Clark ほか 2019、arXiv 1906.04341、3.2 節）。"
    ),
    "arrow.name": "矢印の向き",
    "arrow": (
        "層順に、単語が [CLS] に向ける割合は {inward}。[CLS] が自分に向ける割合は {itself}、"
        "単語に向ける割合は {content}。見られることと、読み取ることは別です。"
    ),
    "lower_cls.kind": "[CLS] への集中の中身",
    "middle_sep.kind": "[SEP] への集中の中身",
    "all_special.kind": "特殊トークンだけを見る層の中身",
    "cls.no-op": (
        "{layers}では多くのトークンが [CLS] を見ますが、[CLS] はほとんど何も渡さず、"
        "自分を見ています。要約ではなく、注意の置き場（no-op）です。"
    ),
    "cls.reader": "{layers}では、[CLS] 自身が単語を読んでいます。",
    "cls.broadcast": (
        "{layers}では [CLS] のメッセージは小さくなく、"
        "見ているトークンすべてに同じ内容が届きます（一斉放送、broadcast）。"
        "メッセージの長さによる見分け方は Fesser 2026（arXiv 2606.08105）。"
    ),
    "cls.unclear": "{layers}では、no-op とも、読み手とも、一斉放送ともはっきり言えません。",
    "cls.not measured": "{layers}では、重みだけからは要約と no-op を見分けられません。",
    "sep.no-op": (
        "{layers}では [SEP] は見られていても、結果をほとんど変えません（no-op）。BERT についての "
        "Clark ほか 2019（arXiv 1906.04341、3.2 節）の読み方と同じです。"
    ),
    "sep.boundary": (
        "{layers}では注意が [SEP] に集中し、[SEP] を遮断すると、2 "
        "文のうち自分の文にとどまる割合が変わります。ここでは文境界と関係があります。"
    ),
    "sep.unclear": "{layers}では、[SEP] が文境界の目印だとも、no-op だとも言えません。",
    "sep.not measured": "{layers}では、重みだけからは文境界の目印と no-op を見分けられません。",
    "all.no-op": (
        "{layers}では、見られている側がほとんど何も渡しません。トークンどうしで届くものが少なく、"
        "それぞれ孤立します。"
    ),
    "all.broadcast": (
        "{layers}では、見られている側のメッセージは小さくありません。"
        "全トークンが同じ内容を受け取り、互いに似ていくおそれがあります。見た目は同じでも、"
        "孤立とは逆の問題です。"
    ),
    "all.unclear": "{layers}では、見られている側は沈黙とも、単語なみの大きさとも言えません。",
    "all.not measured": "{layers}では、重みだけからは沈黙と一斉放送を見分けられません。",
    "sink.name": "ヘッドのシンク",
    "sink": (
        "最も多くのヘッドが集まる位置は、測れる長さの文の {share} で先頭です。全ヘッドの {heads} "
        "が、その位置に注意の 0.3 を超えて向けています。均等に見れば {even} です（指標は Gu ほか "
        "2025、arXiv 2410.10781）。"
    ),
    "sink.short": (
        "この指標には文が短すぎます。均等に見るだけでも、一つの位置に注意の約 0.3 以上が向きます"
        "（指標は Gu ほか 2025、arXiv 2410.10781）。"
    ),
    "sink.none": (
        "シンクのヘッドはありません。どのヘッドも、一つの位置に注意の 0.3 を超えて向けることは"
        "ありません（指標は Gu ほか 2025、arXiv 2410.10781）。"
    ),
    "sink.corpus": (
        "先頭の位置が注意の {first} を受け取ります（均等なら {even}）。"
        "文ごとにいくつのヘッドがそこに集まるかは、"
        "プロファイルには残りません。"
    ),
    "sink.decoder": (
        "デコーダでは正常です。先頭のトークンは意味によらず注意を集めます（Xiao ほか 2023、arXiv "
        "2309.17453）。健康な LLaMA2-7B と Mistral-7B では、ヘッドの 92.5 % と 97.5 % "
        "が先頭に集まります（Gu ほか、表 1）。"
    ),
    "segment.name": "自分の文",
    "segment": (
        "2 文の入力で、注意が自分の文にとどまる割合は、均等な場合より（層順）{beyond} "
        "多くなっています。近くを見るヘッドは、それだけで自分の文にとどまります。"
    ),
    "change.name": "変えてみると",
    "change.mute": (
        "ミュート（今までどおり見られるが、何も渡さない）したとき、"
        "文のベクトルの変更前とのコサイン：{each}。"
    ),
    "change.block": "遮断（ほかのトークンから見られず、重みは別の場所へ移る）したとき：{each}。",
    "change.one": "{target} {cosine}",
    "change.control": "単語は比較用です（{texts}で測定）。",
    "change.place": (
        "{target} は、ミュートしてもほとんど変わらないのに、遮断するともっと変わります。"
        "大事なのは渡す中身ではなく、重みの置き場があることです。ただし、"
        "そのような注意はモデルが学習中に見ていないので、変化の一部はそのせいかもしれません。"
    ),
    "change.none": (
        "何も変えていません。文のベクトルがあるモデルなら、runner.diagnose(texts) "
        "がミュートと遮断を試します。"
    ),
    "change.none.card": "何も変えていません。「もしも…？」でミュートと遮断を試せます。",
    "change.own_segment": "[SEP] を遮断すると、2 文で自分の文にとどまる割合が {moved} 動きました。",
    "target.cls": "[CLS]",
    "target.sep": "[SEP]",
    "target.first": "先頭の位置",
    "target.word": "単語 1 つ",
    # the table
    "column.layer": "層",
    "column.special": "注意",
    "column.special_excess": "超過",
    "column.message_share": "渡す量",
    "column.vector_share": "ベクトル",
    "column.cls": "[CLS]",
    "column.sep": "[SEP]",
    "column.local": "近傍",
    "column.context": "文脈",
    "means.special": "注意：単語の注意のうち、特殊トークンに向く割合。",
    "means.special_excess": "超過：均等（0）からすべて（1）までの道のりのどこか。",
    "means.message_share": (
        "渡す量：層の全ヘッドが渡すものを足し合わせたうち、特殊トークンから来る割合。"
    ),
    "means.vector_share": "ベクトル：新しいベクトルのうち、特殊トークンから来る割合。",
    "means.cls": "[CLS]、[SEP]：単語の注意のうち、それぞれに向く割合。",
    "means.local": "近傍：自分と隣の単語に向く割合。",
    "means.context": "文脈：新しいベクトルのうち、ほかの単語から来る割合。",
    # clogged
    "hint.name": "目安",
    "hint.yes": (
        "疑いがあります：{layers}では注意が特殊トークンに集まり、"
        "ほかの単語からほとんど何も届きません。これは調べるべき症状で、診断の確定ではありません。"
    ),
    "hint.no": "疑いはありません。詰まっている層：{layers}（{needed}以上で疑いとします）。",
    "hint.silent": "この規則では何も言えません。{reasons}。",
    "silent.few_texts": (
        "{tokens} トークン以上の異なる文が {needed} 文必要ですが、{texts} 文しかありません"
    ),
    "silent.no_messages": "流れを知るには contributions が必要です",
    "silent.no_messages.card": "何が届くかを測っていないので、流れが分かりません",
    "silent.other_norm": "基準は正規化のあとの流れで決めたもので、このモデルではそこを測れません",
    "silent.profile": (
        "プロファイルには流れが残りません。一部の文で runner.diagnose(texts) を使ってください"
    ),
    "silent.decoder": "健康なデコーダは先頭のトークンに注意を集めます。この規則はエンコーダ用です",
    "silent.no_special": "特殊トークンがありません",
    "quadrants.name": "飽和 × 流れ",
    "quadrants": "{each}。超過 {saturated} 以上が飽和、文脈 {starved} 以下が流れの不足です。",
    "quadrants.rough": (
        "この規則では何も言えないので、大まかな目安です。線は、層のあとで正規化するエンコーダ一つを、"
        "{needed} 文以上で測って引いたものです。"
    ),
    "quadrant.open": "通じている（単語から単語へ届く）",
    "quadrant.not mixing": "混ざっていない（特殊トークンのせいではなく、ほかの単語から届かない）",
    "quadrant.saturated, flowing": "飽和しているが流れている",
    "quadrant.clogged": "詰まっている",
    "quadrant": "{layers}は{quadrant}",
    "known.name": "この規則の信頼度",
    "known": (
        "all-MiniLM-L6-v2 での実験では、文ベクトルが崩壊したチェックポイント {collapsed} 個のうち "
        "{flagged} 個を検出し、{missed} 個を見逃しました。崩壊していない {sound} 個のうち "
        "{false_flags} 個にも反応しました。健康なモデルでの誤報は、普通の入力 {healthy} 件で "
        "{healthy_flags} 件、1 語を繰り返す入力 18 件で 1 件です。3 番目に試した規則で、"
        "結果を見たあとに選んだものなので、これらの数値は楽観的です。"
    ),
    "output.name": "出力テスト",
    "output.none": (
        "行っていません。これなしに規則を読まないでください。"
        "図に何も現れないまま崩壊することもあります。異なる文のベクトルを渡すか、"
        "runner.diagnose(texts) を使ってください。"
    ),
    "output.none.card": (
        "行っていません。異なる文がいくつも必要ですが、ここにあるのは 1 文です。"
        "これなしに規則を読まないでください。図に何も現れないまま崩壊することもあります。"
    ),
    "output.corpus": (
        "行っていません。プロファイルには文ベクトルが残りません。"
        "図に何も現れないまま崩壊することもあります。一部の文で runner.diagnose(texts) "
        "を使ってください。"
    ),
    "output": "異なる {texts} 文のベクトルの平均コサインは {similarity} です（{pooling}）。",
    "output.bare": (
        "比べる健康時の値がありません。健康なときの値もモデルごとに違うので、"
        "この値だけでは何も言えません。同じモデルの以前の値を reference に渡してください。"
    ),
    "pooling.cls": "[CLS] のベクトル",
    "pooling.mean": "全トークンの平均",
    "output.well": (
        "崩壊していません：健康時は {reference} で、そこから 1 までの隔たりの {used} だけ 1 "
        "に近づいています（{line} 以上を崩壊とみなします）。"
    ),
    "output.collapsed": (
        "崩壊しています：健康時は {reference} で、そこから 1 までの隔たりの {used} だけ 1 "
        "に近づいています。異なる文が、ほとんど同じベクトルになります。"
    ),
    "output.other texts": "健康時の値は別の文で測ったものなので、おおよその目安です。",
    # a healthy profile
    "profile.name": "記録",
    "profile": "{model}、{texts}（長さ {lengths} トークン）。",
    "profile.lengths": (
        "文の長さが違います。割合は文が長いほど下がるので、差はそれだけかもしれません。"
    ),
    "profile.model": "別の名前のモデルの記録です：{model}。",
    "measure.special": "注意",
    "measure.special_excess": "超過",
    "measure.message_share": "渡す量",
    "measure.context": "文脈",
    "profile.within": "すべての層が、健康時の文の 9 割が入る範囲にあります。",
    "profile.above": "{layers}はそれより上です。",
    "profile.below": "{layers}はそれより下です。",
    # what cannot be concluded
    "unknown.weights.name": "何が使われたか",
    "unknown.weights": (
        "重みだけからは、モデルが何を使ったかは言えません。重みはどこを見たかを示し、"
        "何を受け取ったかは示しません（Kobayashi ほか 2020、arXiv 2004.10102）。"
        "注意はそれだけでは説明になりません（Jain & Wallace 2019、Wiegreffe & Pinter 2019）。"
    ),
    "unknown.cause.name": "原因",
    "unknown.cause": (
        "過学習とも、入力文の多様性不足とも言えません。言語モデルのシンクは学習データが少ないと消え"
        "、過学習とは関係しません（Gu ほか 2025、arXiv 2410.10781）。1 "
        "つのモデルでの小さな実験では、多様な文を高い学習率で学習しても、同じ 1 "
        "文を繰り返したときと同じ図になり、1 文だけでゼロから学習した別の小さなモデルには集中がまっ"
        "たく現れませんでした。"
    ),
    "unknown.length.name": "文どうしの比較",
    "unknown.length": (
        "長さの違う文を比べて、見られ方が違うとは言えません。特殊トークンの割合は、"
        "調べた要因の中では長さに最も左右されます（340 個の入力で ln T との相関 r = -.965、"
        "all-MiniLM-L6-v2）。"
    ),
    "unknown.summary.name": "文の代表",
    "unknown.summary": (
        "[CLS] に集まる層の [CLS] がよい文ベクトルだとは言えません。7 つの類似度データで、BERT の "
        "[CLS] は 29.19、全トークンの平均は 54.81 でした（Reimers & Gurevych 2019、表 1）。"
    ),
    "unknown.boundary.name": "文境界",
    "unknown.boundary": (
        "[SEP] への注意が文境界を意識しているとは言えません。BERT では [SEP] の注意の 90 % 以上が "
        "[SEP] に向き、第 5 層（1 から数えて）からは [SEP] "
        "への注意を変えても損失がほとんど変わりません（Clark ほか 2019、arXiv 1906.04341、3.2 節）"
        "。"
    ),
    "unknown.lines.name": "基準の値",
    "unknown.lines": (
        "これらの基準があなたのモデルに合うとは言えません。6 層のエンコーダ 1 つに合わせたか、"
        "私たちが決めた値です（Thresholds を参照）。自分のモデルの健康時の記録を残し、"
        "それと比べてください。"
    ),
}
"""Every sentence, by its key; both languages have the same keys and the same places to fill."""


def layers(numbers: Sequence[int]) -> str:
    """Name layers."""
    return f"第 {ranges(numbers, '-').replace(', ', '、')} 層" if numbers else "なし"


def counted(number: int) -> str:
    """Count layers."""
    return f"{number} 層"


def texts(count: int, different: int) -> str:
    """Say how many texts."""
    return f"{count} 文" if different == count else f"{count} 文（うち異なるもの {different} 文）"


def lengths(least: int, most: int) -> str:
    """Say how long."""
    return f"{least}" if least == most else f"{least}-{most}"
