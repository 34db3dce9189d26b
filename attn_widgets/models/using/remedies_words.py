"""What proposals are called and why they are made, in English and Japanese, and their code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.language import Language

TITLES: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "nothing": "Change nothing",
        "measure": "Measure more",
        "reference": "Compare with the model before",
        "objective": "Look at the objective",
        "untrained": "Load trained weights",
        "slower": "Train again, more slowly",
        "freeze": "Freeze lower layers",
        "reinitialize": "Start top layers anew",
    },
    "ja": {
        "nothing": "何も変えない",
        "measure": "もっと測る",
        "reference": "学習前のモデルと比べる",
        "objective": "学習の目的を見直す",
        "untrained": "学習済みの重みを読み込む",
        "slower": "学習率を下げてやり直す",
        "freeze": "下の層を凍結する",
        "reinitialize": "上の層を再初期化する",
    },
}

ALTERNATIVES: Final[Mapping[Language, str]] = {
    "en": "Alternatives, in the order to try them: one at a time, and measure before the next.",
    "ja": "次は互いに代わりとなる案です。上から一つずつ試し、次の案の前に測り直してください。",
}

BEYOND: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "nothing": "the clogged rule is not made for this model (the diagnosis says why), and the "
        "output test says well: vectors of different texts stay apart (cosine {similarity}, before "
        "{before}).",
    },
    "ja": {
        "nothing": "詰まりの規則はこのモデルには使えません（理由は診断にあります）。出力の"
        "検査は良好で、異なる文のベクトルは離れたままです（コサイン {similarity}、学習前 "
        "{before})。",
    },
}
"""Why nothing is proposed where the output test alone can be asked."""

WHY: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "nothing": "vectors of texts stay apart and messages flow; much attention on special "
        "tokens alone is no illness.",
        "measure": "there is no verdict yet: it takes {texts} different texts of {tokens} tokens "
        "or more, run by runner.diagnose (a record or a profile alone does not hold what tokens "
        "hand on), and the same texts in the model before.",
        "reference": "whether outputs collapsed is known only beside the same model before "
        "training; attention alone misses 5 of 13 collapses in our runs.",
        "objective": "vectors of different texts have become alike (cosine {similarity}, before "
        "{before}) while the maps look open: a collapse that the head or the objective drives need "
        "not show in attention. See whether labels are all one and the loss rewards one vector.",
        "untrained": "most layers mix little and gather nowhere, as in a model with random "
        "weights: freezing would keep them so.",
        "slower": "start from the checkpoint before, at a tenth of the learning rate: in our runs "
        "on one 6-layer encoder the illness followed the learning rate, for one sentence and for "
        "many alike. This is our finding, not a published cure.",
        "freeze": "from the checkpoint before: with layers 1-4 of 6 frozen, finding paraphrases "
        "stayed at .83 where it fell to .25 without (one run). It prevents; that it mends is not "
        "shown.",
        "reinitialize": "layers {layers} are clogged. Starting top layers anew before fine-tuning "
        "helps on few examples (Zhang et al. 2021, arXiv 2006.05987), but attention was not their "
        "criterion; in our run it left .58 where freezing left .83.",
    },
    "ja": {
        "nothing": "文のベクトルは互いに離れていて、情報も流れています。特殊トークンに注意"
        "が多いこと自体は病気ではありません。",
        "measure": "まだ判定できません。{tokens} トークン以上の異なる文 {texts} 個を "
        "runner.diagnose で測り（記録やプロファイルだけでは、トークンが渡すものが分かりません）、"
        "学習前の同じモデルでも同じ文を測る必要があります。",
        "reference": "出力がつぶれたかどうかは、学習前の同じモデルと比べて初めて分かります。"
        "注意だけでは、つぶれた 13 例のうち 5 例を見逃しました。",
        "objective": "マップは開いて見えるのに、異なる文のベクトルが似てきました（コサイン "
        "{similarity}、学習前 {before}）。出力層や目的関数によるつぶれは注意に現れないことが"
        "あります。ラベルが一種類だけでないか確かめてください。",
        "untrained": "ほとんどの層が混ぜておらず、集中もしていません。ランダムな重みのモデル"
        "のようです。凍結してもそのままです。",
        "slower": "学習前のチェックポイントから、学習率を 10 分の 1 にしてやり直します。6"
        " 層のモデル一つでの実験では、文が一つでも多くても、症状は学習率に従い"
        "ました。論文で確立した治療ではありません。",
        "freeze": "学習前のチェックポイントから始めます。6 層のうち 1〜4 層を凍結すると、"
        "言い換え検索は .25 に落ちず .83 に留まりました（1 回の実験）。予防であり"
        "、治ることは示されていません。",
        "reinitialize": "層 {layers} が詰まっています。少数例の学習前に上の層を再初期化すると良"
        "いことがあります（Zhang ら 2021、arXiv 2006.05987）。ただし注意は基準で"
        "はなく、私たちの実験では .58 で、凍結の .83 に及びませんでした。",
    },
}

_BEFORE = """\
from attn_widgets import ModelRunner
# {say_model}
runner_before = ModelRunner.from_pretrained("demo")
"""

_COMPARE = (
    _BEFORE
    + """\
from attn_widgets.models.using.sentences import WATCHED
# {say_texts}
texts = list(WATCHED)
before = runner_before.diagnose(texts).as_profile()
# {say_now}
runner.diagnose(texts, reference=before)
"""
)

CODE: Final[Mapping[str, str]] = {
    "measure": _COMPARE,
    "reference": _COMPARE,
    "slower": _BEFORE
    + """\
import torch
model = runner_before.model
# {say_rate}
learning_rate = 2e-5
optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate / 10)
""",
    "freeze": _BEFORE
    + """\
from attn_widgets.models import freeze_layers
model = runner_before.model
change = freeze_layers(model, bottom={bottom})  # {say_undo}
""",
    "reinitialize": _BEFORE
    + """\
from attn_widgets.models import reinitialize_layers
model = runner_before.model
change = reinitialize_layers(model, top={top})  # {say_undo}
""",
}
"""Runs as it stands where `runner` is the runner that was diagnosed; comments are filled in."""

COMMENTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "say_model": 'the model before fine-tuning: put its name or folder in place of "demo"',
        "say_texts": "{texts} different texts or more, of {tokens} tokens or more: put your own in "
        "place of these",
        "say_now": "the runner of the model as it is now",
        "say_rate": "the learning rate that you trained with",
        "say_undo": "change.undo() takes it back",
    },
    "ja": {
        "say_model": "ファインチューニング前のモデル。"
        '"demo" をその名前かフォルダに置き換えてください',
        "say_texts": "{tokens} トークン以上の異なる文を {texts} 文以上。"
        "自分の文に置き換えてください",
        "say_now": "今のモデルの runner",
        "say_rate": "学習に使った学習率",
        "say_undo": "change.undo() で元に戻ります",
    },
}
