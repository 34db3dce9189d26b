"""What the laboratory of fine-tuning found, as a table."""

from __future__ import annotations

import dataclasses
import html
import math
from typing import TYPE_CHECKING

from attn_widgets.analysis.diagnosis import Thresholds
from attn_widgets.analysis.language import Spoken
from attn_widgets.models.using.course import chart, mean
from attn_widgets.models.using.table import as_html, as_text, listed, number

if TYPE_CHECKING:
    from attn_widgets.analysis.language import Language
    from attn_widgets.models.using.course import Course
    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class LabRun:
    """One condition of the laboratory.

    Attributes
    ----------
    label
        The condition.
    course
        What was seen before, during and after.
    top1
        Share of paraphrases found after it, by the mean of the last layer's tokens.
    before, after
        Attention on the probe text: ``AttentionExplorer.compare(run.before, run.after)``.
    seconds
        How long it took.
    """

    label: str
    course: Course
    top1: float
    before: AttentionRecord
    after: AttentionRecord
    seconds: float

    @property
    def clogged(self) -> bool | None:
        """Say whether the clogged rule gives a hint at the end."""
        return self.course.last.warns

    @property
    def collapsed(self) -> bool | None:
        """Say whether vectors of different texts have collapsed, relative to before."""
        return self.course.last.collapsed

    def __repr__(self) -> str:
        """Say the outcome, and the course."""
        return f"{self.label}: paraphrase top-1 {self.top1:.2f}\n{self.course!r}"

    def html(self, lang: Language | None = None) -> str:
        """Draw the course, under the condition, as HTML that stands alone."""
        return f"<p>{html.escape(self.label)}</p>{self.course.html(lang)}"

    def _repr_html_(self) -> str:
        """Draw the course for a notebook."""
        return self.html()


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Lab(Spoken):
    """All conditions, side by side.

    Attributes
    ----------
    model
        Its name.
    steps, seed
        Of each run.
    before
        Share of paraphrases found before training.
    runs
        In the order of the conditions.
    """

    model: str
    steps: int
    seed: int
    before: float
    runs: tuple[LabRun, ...]

    def __getitem__(self, label: str | int) -> LabRun:
        """Give a run by its label or number.

        Raises
        ------
        KeyError
            If there is none.
        """
        for place, one in enumerate(self.runs):
            if label in (one.label, place):
                return one
        msg = f"no run is called {label!r}: there are {', '.join(one.label for one in self.runs)}"
        raise KeyError(msg)

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        table = as_text(_NAMES[lang], self._rows(lang))
        return "\n".join([self._title(lang), "", *table, "", _reading(lang), _LIMIT[lang]])

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        drawn = "".join(
            f"<details><summary>{html.escape(one.label)}</summary>{chart(one.course, lang)}"
            "</details>"
            for one in self.runs
        )
        table = as_html(self._title(lang), _NAMES[lang], self._rows(lang))
        said = f"<p>{_reading(lang)}</p><p>{_LIMIT[lang]}</p>"
        return f'<div lang="{lang}">{table}{drawn}{said}</div>'

    def _title(self, lang: Language) -> str:
        if lang == "ja":
            return (
                f"{self.model}、各 {self.steps} ステップ、シード {self.seed}。"
                f"学習前の言い換え検索 {self.before:.2f}"
            )
        return (
            f"{self.model}, {self.steps} steps each, seed {self.seed}; paraphrases found before "
            f"training: {self.before:.2f}"
        )

    def _rows(self, lang: Language) -> list[tuple[str, ...]]:
        return [
            (
                one.label,
                f"{one.course.last.loss:.2f}",
                f"{mean(one.course.first.special):.2f} > {mean(one.course.last.special):.2f}",
                f"{mean(one.course.first.context):.2f} > {mean(one.course.last.context):.2f}",
                f"{one.course.first.similarity:.2f} > {one.course.last.similarity:.2f}",
                f"{one.top1:.2f}",
                _layers(one, _SAID[lang][one.clogged], lang),
                _used(one),
                _SAID[lang][one.collapsed],
            )
            for one in self.runs
        ]


def _layers(run: LabRun, said: str, lang: Language) -> str:
    """Add the layers the rule names, also where they are too few for a hint."""
    named = listed(run.course.last.clogged, lang)
    return f"{said} ({named})" if named else said


def _used(run: LabRun) -> str:
    """Give what is used up at the end, and the most at any look where that is another number."""
    last = number(run.course.last.used_up)
    known = [look.used_up for look in run.course.snapshots if math.isfinite(look.used_up)]
    most = number(max(known, default=math.nan))
    return last if most == last else f"{last} ({most})"


def _reading(lang: Language) -> str:
    """Say how the last columns are read, and what their lines are."""
    rule = Thresholds()
    facts = {
        "saturated": f"{rule.saturated:.2f}",
        "starved": f"{rule.starved:.2f}",
        "layers": rule.clogged_layers,
        "line": f"{rule.collapsed:.2f}",
    }
    return _READING[lang].format(**facts)


_NAMES = {
    "en": (
        "condition",
        "loss",
        "special",
        "context",
        "similarity",
        "top-1",
        "clogs",
        "used",
        "collapses",
    ),
    "ja": ("条件", "損失", "特殊", "文脈", "類似度", "検索", "詰まる", "消費", "つぶれる"),
}
_SAID = {
    "en": {True: "yes", False: "no", None: "?"},
    "ja": {True: "はい", False: "いいえ", None: "?"},
}
_READING = {
    "en": "Clogs: a layer is named if its excess reaches {saturated} with a context share of "
    "{starved} or less; yes from {layers} layers on. Used: the part of the room between the "
    "similarity before and 1 that is gone at the end (in brackets: the most at any look); "
    "collapses says yes from {line} on. These lines were drawn by us, after some runs: a number "
    "just below one is no different from a number just above. Read the numbers, and top-1.",
    "ja": "「詰まる」の番号は、超過が {saturated} 以上で文脈の割合が {starved} 以下の層です。"
    "{layers} 層以上で「はい」になります。「消費」は、学習前の類似度から 1 までの余地のうち、"
    "終わりに失われていた割合で、括弧の中は途中の最大です。{line} 以上で「つぶれる」が「はい」に"
    "なります。どの線も、何度か実験した後に私たちが引いたものです。線のすぐ下とすぐ上に違いは"
    "ありません。「はい」「いいえ」でなく、数値と検索の結果を読んでください。",
}
_LIMIT = {
    "en": "One model, one seed, few steps, an objective the model was not made for. Compare one "
    "with many at the same rate before naming a cause.",
    "ja": "モデル一つ、シード一つ、短い学習、元と違う目的関数での結果です。"
    "原因を言う前に、同じ学習率で一文と多文を比べてください。",
}
