"""How attention, flow and outputs of a model went while it was trained."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from attn_widgets.analysis.language import Spoken
from attn_widgets.models.using.table import as_html, as_text, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis.diagnosis import Diagnosis
    from attn_widgets.analysis.language import Language


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One look at a model in training; shares per layer are means of heads and texts.

    Attributes
    ----------
    step
        Optimiser steps before.
    loss
        The last training loss; NaN where none is known yet.
    special
        Share of attention on special tokens, per layer.
    excess
        The same beyond the even share.
    context
        Share of a token's new vector that comes from other words, per layer; NaN if unknown.
    clogged
        Layers that the clogged rule names.
    warns
        Whether it gives a hint; None where it does not apply.
    similarity
        Mean cosine of vectors of different texts.
    used_up
        The share of the room between the first look's similarity and 1 that is gone.
    collapsed
        Whether that reaches the threshold; None where undefined.
    """

    step: int
    loss: float
    special: tuple[float, ...]
    excess: tuple[float, ...]
    context: tuple[float, ...]
    clogged: tuple[int, ...]
    warns: bool | None
    similarity: float
    used_up: float
    collapsed: bool | None

    @classmethod
    def of(cls, step: int, loss: float, seen: Diagnosis) -> Snapshot:
        """Keep what a diagnosis with an output test says."""
        output = seen.output
        used = None if output is None else output.used_up
        return cls(
            step=step,
            loss=loss,
            special=tuple(seen.numbers.layer("special").tolist()),
            excess=tuple(seen.numbers.layer("special_excess").tolist()),
            context=tuple(seen.numbers.layer("context").tolist()),
            clogged=seen.hint.layers,
            warns=seen.hint.warns,
            similarity=math.nan if output is None else output.similarity,
            used_up=math.nan if used is None else used,
            collapsed=None if output is None else output.collapsed(seen.thresholds.collapsed),
        )


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Course(Spoken):
    """Looks at a model in training, in the order of steps.

    Parameters
    ----------
    snapshots
        The looks; none before training has begun.
    """

    snapshots: tuple[Snapshot, ...] = ()

    @property
    def first(self) -> Snapshot:
        """Give the look before training.

        Raises
        ------
        ValueError
            If there is none yet.
        """
        return self._at(0)

    @property
    def last(self) -> Snapshot:
        """Give the latest look.

        Raises
        ------
        ValueError
            If there is none yet.
        """
        return self._at(-1)

    def also(self, one: Snapshot) -> Course:
        """Give a course with one more look."""
        return Course((*self.snapshots, one))

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        if not self.snapshots:
            return f'<p lang="{lang}">{_NOTHING[lang]}</p>'
        title, *names = _NAMES[lang]
        table = as_html(title, names, self._rows())
        return f'<div lang="{lang}">{chart(self, lang)}{table}</div>'

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        if not self.snapshots:
            return _NOTHING[lang]
        title, *names = _NAMES[lang]
        return "\n".join([title, "", *as_text(names, self._rows())])

    def _at(self, place: int) -> Snapshot:
        if not self.snapshots:
            msg = "nothing was recorded yet: train with the callback or train_watched first"
            raise ValueError(msg)
        return self.snapshots[place]

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                str(one.step),
                number(one.loss),
                number(mean(one.special)),
                number(max(one.excess)),
                number(mean(one.context)),
                ", ".join(map(str, one.clogged)) or "-",
                number(one.similarity),
                number(one.used_up),
            )
            for one in self.snapshots
        ]


def chart(course: Course, lang: Language = "en") -> str:
    """Draw the means over layers, and the similarity, against steps, as SVG from 0 to 1."""
    last = max(course.last.step, 1)
    lines = []
    for place, (name, dash) in enumerate(zip(_LINES[lang], _DASHES, strict=True)):
        values = [
            (one.step, (mean(one.special), mean(one.context), one.similarity)[place])
            for one in course.snapshots
        ]
        points = " ".join(
            f"{40 + 300 * step / last:.1f},{110 - 100 * min(1, max(0, value)):.1f}"
            for step, value in values
            if math.isfinite(value)
        )
        style = f'fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="{dash}"'
        lines.append(f'<polyline points="{points}" {style}/>')
        height = 20 + 16 * place
        lines.append(f'<line x1="352" x2="382" y1="{height}" y2="{height}" {style}/>')
        lines.append(f'<text x="388" y="{height + 4}">{name}</text>')
    axes = '<path d="M40 10V110H340" fill="none" stroke="currentColor"/>'
    ends = (
        '<text x="28" y="14">1</text><text x="28" y="112">0</text>'
        f'<text x="330" y="124">{course.last.step}</text>'
    )
    return (
        '<svg viewBox="0 0 560 128" width="560" height="128" font-size="11" fill="currentColor" '
        f'role="img" aria-label="{", ".join(_LINES[lang])}">{axes}{ends}{"".join(lines)}</svg>'
    )


def mean(values: Sequence[float]) -> float:
    """Average what is finite; NaN if nothing is."""
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


_DASHES = ("none", "6 3", "2 2")
_LINES = {
    "en": ("special-token share", "context share", "similarity of texts"),
    "ja": ("特殊トークンの割合", "文脈の割合", "文どうしの類似度"),
}
_NAMES = {
    "en": (
        "While it was trained (means of layers; the output test is relative to the first look)",
        "step",
        "loss",
        "special",
        "top excess",
        "context",
        "clogged",
        "similarity",
        "used up",
    ),
    "ja": (
        "学習の経過（層の平均。出力テストは最初の測定との比較）",  # noqa: RUF001 - Japanese
        "ステップ",
        "損失",
        "特殊",
        "最大超過",
        "文脈",
        "詰まった層",
        "類似度",
        "消費",
    ),
}
_NOTHING = {"en": "Nothing was recorded yet.", "ja": "まだ記録がありません。"}
