"""What may help a model that a diagnosis finds ill: proposals with reasons, and code."""

from __future__ import annotations

import dataclasses
import html
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attn_widgets.analysis.language import Spoken, spoken
from attn_widgets.models.using.remedies_words import (
    ALTERNATIVES,
    BEYOND,
    CODE,
    COMMENTS,
    TITLES,
    WHY,
)
from attn_widgets.models.using.table import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.analysis.diagnosis import Diagnosis
    from attn_widgets.analysis.language import Language

Name: TypeAlias = Literal[
    "nothing", "measure", "reference", "objective", "untrained", "slower", "freeze", "reinitialize"
]


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
    codes
        By language of the comments, Python that runs as it stands where `runner` is the runner that
        was diagnosed; empty where there is none to give. It loads the demo model where the name of
        another is to be put.
    """

    name: Name
    why: tuple[tuple[Language, str], ...]
    codes: tuple[tuple[Language, str], ...]

    @property
    def code(self) -> str:
        """Give the Python, with comments in the language that :func:`set_language` says."""
        return self.python()

    def reason(self, lang: Language | None = None) -> str:
        """Give the reason in English or in Japanese, by default as :func:`set_language` says."""
        return dict(self.why)[spoken(lang)]

    def python(self, lang: Language | None = None) -> str:
        """Give the Python with comments in English or in Japanese."""
        return dict(self.codes)[spoken(lang)]


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Remedy(Spoken):
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
        """Give the code of all proposals, each under its number and name: alternatives.

        Comments are in the language that :func:`set_language` says.
        """
        own = spoken()
        blocks = [
            f"# {number}. {TITLES[own][one.name]}\n{one.python(own)}"
            for number, one in enumerate(self.proposals, 1)
            if one.code
        ]
        if len(blocks) > 1:
            blocks.insert(0, f"# {ALTERNATIVES[own]}\n")
        return "\n".join(blocks)

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        lines = [ALTERNATIVES[lang]] if len(self.proposals) > 1 else []
        for number, one in enumerate(self.proposals, 1):
            lines.append(f"{number}. {TITLES[lang][one.name]}: {one.reason(lang)}")
            lines += [f"       {line}" for line in one.python(lang).splitlines()]
        return "\n".join(lines)

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        items = "".join(
            f"<li><b>{html.escape(TITLES[lang][one.name])}</b>: {html.escape(one.reason(lang))}"
            + (f"<pre>{html.escape(one.python(lang))}</pre>" if one.code else "")
            + "</li>"
            for one in self.proposals
        )
        lead = f"<p>{ALTERNATIVES[lang]}</p>" if len(self.proposals) > 1 else ""
        return f'<div lang="{lang}">{lead}<ol>{items}</ol></div>'


def remedy(diagnosis: Diagnosis) -> Remedy:
    """Propose what may help, from the clogged rule and the output test together.

    Nothing is proposed on a map alone: a healthy model may look only at special tokens. Where the
    model is ill, a smaller learning rate from the former checkpoint comes first, as in our runs the
    illness followed it; freezing lower layers and starting top layers anew before fine-tuning are
    preventions with little evidence behind them, which each proposal says. Where the rule is not
    made for the model, as for decoders, more texts would change nothing: the output test decides.

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
    elif hint.warns is not None and idle > depth / 2:
        names = ["untrained"]
    elif hint.warns is None and not _beyond(diagnosis):
        names = ["measure"]
    else:
        names = ["reference"] if collapsed is None else ["nothing"]
    reasons = BEYOND if names == ["nothing"] and hint.warns is None else WHY
    return Remedy(tuple(_proposal(name, facts, hint.layers, reasons) for name in names))


def _beyond(diagnosis: Diagnosis) -> bool:
    """Say whether the rule would say nothing of this model whatever was measured."""
    silent = diagnosis.hint.silent
    return bool(_NEVER & set(silent)) or ("no_messages" in silent and bool(diagnosis.missing))


def _proposal(
    name: Name,
    facts: dict[str, str],
    layers: Sequence[int],
    reasons: Mapping[Language, Mapping[str, str]],
) -> Proposal:
    languages: tuple[Language, ...] = ("en", "ja")
    why = tuple(
        (one, reasons[one][name].format(**facts, layers=listed(layers, one) or "-"))
        for one in languages
    )
    codes = tuple((one, _code(name, facts, one)) for one in languages)
    return Proposal(name, why, codes)


def _code(name: Name, facts: dict[str, str], language: Language) -> str:
    said = {key: words.format(**facts) for key, words in COMMENTS[language].items()}
    return CODE.get(name, "").format(**facts, **said)


_NEVER: Final = frozenset({"decoder", "no_special", "other_norm"})
"""Reasons of the rule to be silent that lie in the model."""
