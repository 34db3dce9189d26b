"""What proposals are called and why they are made, in English and Japanese, and their code."""

from __future__ import annotations

from typing import Final

TITLES: Final = {
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

WHY: Final = {
    "en": {
        "nothing": "vectors of texts stay apart and messages flow; much attention on special "
        "tokens alone is no illness.",
        "measure": "there is no verdict yet: it takes {texts} different texts of {tokens} tokens "
        "or more, and the same texts in the model before.",
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
        "measure": "まだ判定できません。{tokens} トークン以上の異なる文が {texts} 個と、学"
        "習前の同じモデルでの測定が必要です。",
        "reference": "出力がつぶれたかどうかは、学習前の同じモデルと比べて初めて分かります。"
        "注意だけでは、つぶれた 13 例のうち 5 例を見逃しました。",
        "objective": "マップは開いて見えるのに、異なる文のベクトルが似てきました(コサイン "
        "{similarity}、学習前 {before})。出力層や目的関数によるつぶれは注意に現れないことが"
        "あります。ラベルが一種類だけでないか確かめてください。",
        "untrained": "ほとんどの層が混ぜておらず、集中もしていません。ランダムな重みのモデル"
        "のようです。凍結してもそのままです。",
        "slower": "学習前のチェックポイントから、学習率を 10 分の 1 にしてやり直します。6"
        " 層のモデル一つでの実験では、文が一つでも多くても、症状は学習率に従い"
        "ました。論文で確立した治療ではありません。",
        "freeze": "学習前のチェックポイントから始めます。6 層のうち 1〜4 層を凍結すると、"
        "言い換え検索は .25 に落ちず .83 に留まりました(1 回の実験)。予防であり"
        "、治ることは示されていません。",
        "reinitialize": "層 {layers} が詰まっています。少数例の学習前に上の層を再初期化すると良"
        "いことがあります(Zhang ら 2021、arXiv 2006.05987)。ただし注意は基準で"
        "はなく、私たちの実験では .58 で、凍結の .83 に及びませんでした。",
    },
}

CODE: Final = {
    "measure": """\
before = runner_before.diagnose(texts).as_profile()
runner.diagnose(texts, reference=before)
""",
    "reference": """\
before = runner_before.diagnose(texts).as_profile()
runner.diagnose(texts, reference=before)
""",
    "slower": """\
optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate / 10)
""",
    "freeze": """\
from attn_widgets.models import freeze_layers
change = freeze_layers(model, bottom={bottom})  # change.undo() takes it back
""",
    "reinitialize": """\
from attn_widgets.models import reinitialize_layers
change = reinitialize_layers(model, top={top})  # change.undo() takes it back
""",
}
"""`model` is the model before fine-tuning, `runner` a runner of the one after."""
