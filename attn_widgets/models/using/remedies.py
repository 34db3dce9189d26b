"""What may help a model that a diagnosis finds ill: proposals with reasons, and code."""

from __future__ import annotations

import dataclasses
import html
from typing import TYPE_CHECKING, Literal, TypeAlias

from attn_widgets.models.using.remedies_words import CODE, TITLES, WHY

if TYPE_CHECKING:
    from attn_widgets.analysis.diagnosis import Diagnosis

Name: TypeAlias = Literal[
    "nothing", "measure", "reference", "objective", "untrained", "slower", "freeze", "reinitialize"
]
Language: TypeAlias = Literal["en", "ja"]


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to try.

    Parameters
    ----------
    name
        ``"slower"`` (a smaller learning rate), ``"freeze"``, ``"reinitialize"``, ``"objective"``
        (look at head and objective), ``"untrained"`` (load weights), ``"measure"`` or
        ``"reference"`` (first know more), or ``"nothing"``.
    why
        The reason, by language.
    code
        Python to run; empty where there is none to give. `model` in it is the model as it was
        before fine-tuning, `runner` a runner.
    """

    name: Name
    why: tuple[tuple[Language, str], ...]
    code: str

    def reason(self, lang: Language = "en") -> str:
        """Give the reason in English or in Japanese."""
        return dict(self.why)[lang]


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Remedy:
    """Proposals, the most likely first.

    Parameters
    ----------
    proposals
        What to try.
    """

    proposals: tuple[Proposal, ...]

    @property
    def names(self) -> tuple[Name, ...]:
        """Name the proposals."""
        return tuple(one.name for one in self.proposals)

    @property
    def code(self) -> str:
        """Give the code of all proposals, one after another, each under its name."""
        return "\n".join(f"# {TITLES['en'][one.name]}\n{one.code}" for one in self._with_code())

    def report(self, lang: Language = "en") -> str:
        """Write it as plain text, in English or in Japanese."""
        lines = []
        for number, one in enumerate(self.proposals, 1):
            lines.append(f"{number}. {TITLES[lang][one.name]}: {one.reason(lang)}")
            lines += [f"       {line}" for line in one.code.splitlines()]
        return "\n".join(lines)

    def html(self, lang: Language = "en") -> str:
        """Write it as HTML; whatever comes from a model is escaped."""
        items = "".join(
            f"<li><b>{html.escape(TITLES[lang][one.name])}</b>: {html.escape(one.reason(lang))}"
            + (f"<pre>{html.escape(one.code)}</pre>" if one.code else "")
            + "</li>"
            for one in self.proposals
        )
        return f"<ol>{items}</ol>"

    def __repr__(self) -> str:
        """Return the report in English."""
        return self.report()

    def _repr_html_(self) -> str:
        """Return the report in English for a notebook."""
        return self.html()

    def _with_code(self) -> list[Proposal]:
        return [one for one in self.proposals if one.code]


def remedy(diagnosis: Diagnosis) -> Remedy:
    """Propose what may help, from the clogged rule and the output test together.

    Nothing is proposed on a map alone: a healthy model may look only at special tokens. Where the
    model is ill, a smaller learning rate from the former checkpoint comes first, as in our runs the
    illness followed it; freezing lower layers and starting top layers anew before fine-tuning are
    preventions with little evidence behind them, which each proposal says.

    Parameters
    ----------
    diagnosis
        Of :meth:`ModelRunner.diagnose`, best with a reference from before.
    """
    hint, output = diagnosis.hint, diagnosis.output
    collapsed = None if output is None else output.collapsed(diagnosis.thresholds.collapsed)
    similarity = "-" if output is None else f"{output.similarity:.2f}"
    clogged = hint.warns is True
    depth = len(diagnosis.layers)
    facts = {
        "layers": ", ".join(map(str, hint.layers)) or "-",
        "bottom": str(max(1, round(depth * 2 / 3))),
        "top": str(max(1, round(depth / 3))),
        "texts": str(diagnosis.thresholds.texts),
        "tokens": str(diagnosis.thresholds.tokens),
        "similarity": similarity,
        "before": "-" if output is None or output.reference is None else f"{output.reference:.2f}",
    }
    idle = sum(one == "not mixing" for one in hint.quadrants)
    names: list[Name] = []
    if clogged or collapsed:
        names = (
            ["slower", "freeze", "reinitialize"] if clogged else ["slower", "objective", "freeze"]
        )
        if collapsed is None:
            names.insert(0, "reference")
    elif hint.quadrants and idle > depth / 2:
        names = ["untrained"]
    elif collapsed is None or hint.warns is None:
        names = ["measure"] if hint.warns is None else ["reference"]
    else:
        names = ["nothing"]
    return Remedy(tuple(_proposal(name, facts) for name in names))


def _proposal(name: Name, facts: dict[str, str]) -> Proposal:
    why: tuple[tuple[Language, str], ...] = (
        ("en", WHY["en"][name].format(**facts)),
        ("ja", WHY["ja"][name].format(**facts)),
    )
    return Proposal(name, why, CODE.get(name, "").format(**facts))
