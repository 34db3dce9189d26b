"""How much each head matters, by several measures side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.language import Spoken
from attn_widgets.analysis.ranks import spearman
from attn_widgets.interventions import quiet_table
from attn_widgets.interventions.effect import freeze
from attn_widgets.interventions.speech import among, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.analysis.language import Language


@dataclass(frozen=True, slots=True)
class HeadScore:
    """How much one head matters by one measure."""

    layer: int
    head: int
    score: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HeadImportance(Spoken):
    """How much each head matters, the mean over texts; each measure asks another question.

    Parameters
    ----------
    model
        Name of the model.
    kind
        Its stack.
    texts
        How many texts were run.
    loss
        What the gradients are of, and what an ablation is measured by, in words.
    scores
        Measure to ``(layers, heads)``, from 0 up. ``"gradient"``: the mean of
        ``|Att_h(x)^T dL/dAtt_h(x)|``, by how much the loss changes at first when the head is turned
        down. ``"ablation"``: what changes when the head writes nothing. ``"uniform"``: what changes
        when it puts the same weight on every key.

    loss_ja
        The words of `loss` in Japanese; empty where there are none.

    References
    ----------
    Michel, Levy & Neubig 2019, "Are Sixteen Heads Really Better than One?", arXiv:1905.10650,
    section 4.1. Kovaleva et al. 2019, arXiv:1908.08593, section 4.6 (uniform).
    """

    model: str
    kind: str
    texts: int
    loss: str
    scores: Mapping[str, NDArray[np.float64]]
    loss_ja: str = ""

    def __post_init__(self) -> None:
        """Let nobody write into it."""
        freeze(*self.scores.values())

    def normalised(self) -> dict[str, NDArray[np.float64]]:
        """Divide each layer's scores by their Euclidean length, as Michel et al. do.

        Heads can then be compared within a layer, not across layers. A layer of zeros stays.
        """
        return {
            name: scores / np.where(length > 0, length, 1.0)
            for name, scores in self.scores.items()
            for length in [np.linalg.norm(scores, axis=1, keepdims=True)]
        }

    def top(self, measure: str, n: int = 5) -> tuple[HeadScore, ...]:
        """List the heads that matter most by one measure.

        Raises
        ------
        ValueError
            If it was not measured.
        """
        if measure not in self.scores:
            msg = f"{measure!r} was not measured: {', '.join(self.scores)} were"
            raise ValueError(msg)
        scores = self.scores[measure]
        order = (-scores).argsort(axis=None, kind="stable")[: max(n, 0)]
        heads = scores.shape[1]
        return tuple(
            HeadScore(place // heads, place % heads, float(scores.flat[place]))
            for place in order.tolist()
        )

    def spearman(self) -> dict[tuple[str, str], float]:
        """Give the rank correlation of each two measures over all heads; see :func:`spearman`."""
        return {
            (one, other): spearman(self.scores[one], self.scores[other])
            for one, other in combinations(self.scores, 2)
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values; an undefined correlation as None."""
        return {
            "reading": "re-run",
            "model": self.model,
            "kind": self.kind,
            "texts": self.texts,
            "loss": self.loss,
            "scores": {name: scores.tolist() for name, scores in self.scores.items()},
            "normalised": {name: scores.tolist() for name, scores in self.normalised().items()},
            "spearman": [
                {"measures": list(pair), "rho": None if np.isnan(rho) else rho}
                for pair, rho in self.spearman().items()
            ],
        }

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        return quiet_table.plain(self._title(lang), self._rows(lang))

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        return quiet_table.page(self._title(lang), self._rows(lang), language=lang)

    def _title(self, language: Language) -> str:
        layers, heads = next(iter(self.scores.values())).shape
        return say(
            language,
            "importance.title",
            layers=layers,
            heads=heads,
            model=self.model,
            kind=say(language, self.kind),
            texts=self.texts,
        )

    def _rows(self, language: Language) -> list[tuple[str, str]]:
        names = {name: say(language, f"measure.{name}") for name in self.scores}
        loss = self.loss_ja if language == "ja" and self.loss_ja else self.loss
        rows = [(say(language, "measured.name"), loss)]
        for name in self.scores:
            best = (
                say(language, "head", layer=one.layer, head=one.head, share=f"{one.score:.3g}")
                for one in self.top(name)
            )
            rows.append((names[name], among(language, best)))
        return rows + [
            (
                say(language, "agreement.name"),
                say(
                    language,
                    "agreement",
                    rho=f"{rho:+.2f}",
                    one=names[one],
                    other=names[other],
                ),
            )
            for (one, other), rho in self.spearman().items()
        ]
