"""What the laboratory of fine-tuning found, as a table."""

from __future__ import annotations

import dataclasses
import html
from typing import TYPE_CHECKING

from attn_widgets.models.using.course import chart, mean
from attn_widgets.models.using.table import as_html, as_text

if TYPE_CHECKING:
    from attn_widgets.models.using.course import Course, Language
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

    def _repr_html_(self) -> str:
        """Draw the course for a notebook."""
        return f"<p>{html.escape(self.label)}</p>{self.course.html()}"


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Lab:
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
        for number, one in enumerate(self.runs):
            if label in (one.label, number):
                return one
        msg = f"no run is called {label!r}: there are {', '.join(one.label for one in self.runs)}"
        raise KeyError(msg)

    def report(self, lang: Language = "en") -> str:
        """Write it as a table, in English or in Japanese."""
        table = as_text(_NAMES[lang], self._rows(lang))
        return "\n".join([self._title(lang), "", *table, "", _LIMIT[lang]])

    def html(self, lang: Language = "en") -> str:
        """Write it as HTML that stands alone, with a drawing of each run."""
        drawn = "".join(
            f"<details><summary>{html.escape(one.label)}</summary>{chart(one.course, lang)}"
            "</details>"
            for one in self.runs
        )
        table = as_html(self._title(lang), _NAMES[lang], self._rows(lang))
        return f"{table}{drawn}<p>{_LIMIT[lang]}</p>"

    def __repr__(self) -> str:
        """Return the table in English."""
        return self.report()

    def _repr_html_(self) -> str:
        """Return it for a notebook."""
        return self.html()

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
                _SAID[lang][one.clogged]
                + (f" ({', '.join(map(str, one.course.last.clogged))})" if one.clogged else ""),
                _SAID[lang][one.collapsed],
            )
            for one in self.runs
        ]


_NAMES = {
    "en": ("condition", "loss", "special", "context", "similarity", "top-1", "clogs", "collapses"),
    "ja": ("条件", "損失", "特殊", "文脈", "類似度", "検索", "詰まる", "つぶれる"),
}
_SAID = {
    "en": {True: "yes", False: "no", None: "?"},
    "ja": {True: "はい", False: "いいえ", None: "?"},
}
_LIMIT = {
    "en": "One model, one seed, few steps, an objective the model was not made for. Compare one "
    "with many at the same rate before naming a cause.",
    "ja": "モデル一つ、シード一つ、短い学習、元と違う目的関数での結果です。"
    "原因を言う前に、同じ学習率で一文と多文を比べてください。",
}
