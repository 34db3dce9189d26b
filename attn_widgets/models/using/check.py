"""A small retrieval check of vectors of texts, layer by layer."""

from __future__ import annotations

import dataclasses
import html
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from attn_widgets.analysis.language import Spoken, spoken
from attn_widgets.analysis.shares import role_shares
from attn_widgets.analysis.values import ReadOnlyArrays
from attn_widgets.interventions import Changes
from attn_widgets.models import vectors
from attn_widgets.models.using import pooling as pools
from attn_widgets.models.using.check_words import COLUMNS, WORDS
from attn_widgets.models.using.table import as_html, as_text, listed
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.language import Language
    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LayerChoice:
    """A layer, and why it was taken.

    Attributes
    ----------
    layer
        Counted from 0.
    pooling
        How vectors were made.
    rank, margin
        The evidence; see :class:`VectorCheck`.
    pairs
        On so many pairs.
    rivals
        Layers whose mean reciprocal rank is within one pair's worth (1 / pairs): the check does
        not tell them apart.
    """

    layer: int
    pooling: str
    rank: float
    margin: float
    pairs: int
    rivals: tuple[int, ...]

    def why(self, lang: Language | None = None) -> str:
        """Say it in a sentence, in English or in Japanese; else as :func:`set_language` says."""
        own = spoken(lang)
        words, rivals = WORDS[own], listed(self.rivals, own)
        return words["choice"].format(
            layer=self.layer,
            pooling=self.pooling,
            pairs=self.pairs,
            rank=self.rank,
            margin=self.margin,
            near=words["near"].format(rivals=rivals) if rivals else "",
            weak="" if self.margin >= _WIDE else words["weak"],
        )


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class VectorCheck(ReadOnlyArrays, Spoken):
    r"""How well vectors of each layer find the paraphrase of a text among others.

    Each text of n pairs looks for its partner among the n texts of the other side, by cosine, in
    both directions. A tie counts as the middle of the places that are tied. Arrays are
    ``(poolings, layers)``.

    Attributes
    ----------
    model
        Its name.
    poolings
        How vectors were made.
    pairs
        n.
    top1
        Share of texts whose partner comes first, in [0, 1]; by chance 1/n.
    rank
        Mean reciprocal rank, in (0, 1].
    margin
        (mean cosine of partners - mean cosine of others) / standard deviation of the others'.
    alike
        Mean cosine of texts that are no partners: near 1, every text has one vector.
    cls_share
        Attention that text gives [CLS], mean of heads and texts, ``(layers,)``; NaN without one.
    words_top1
        What counting shared tokens alone reaches: more than this is more than spelling.
    """

    model: str
    poolings: tuple[str, ...]
    pairs: int
    top1: Floats
    rank: Floats
    margin: Floats
    alike: Floats
    cls_share: Floats
    words_top1: float

    def choose(self, pooling: str) -> LayerChoice:
        """Take the layer with the highest mean reciprocal rank; of equals, the widest margin.

        Raises
        ------
        ValueError
            If vectors made so were not checked.
        """
        row = self._row(pooling)
        order = sorted(
            range(self.rank.shape[1]),
            key=lambda layer: (round(self.rank[row, layer], 9), self.margin[row, layer]),
        )
        best = order[-1]
        near = self.rank[row] >= self.rank[row, best] - 1 / self.pairs - 1e-9
        return LayerChoice(
            layer=best,
            pooling=pooling,
            rank=float(self.rank[row, best]),
            margin=float(self.margin[row, best]),
            pairs=self.pairs,
            rivals=tuple(int(n) for n in np.flatnonzero(near) if n != best),
        )

    def poor(self, attention: float = 0.25, behind: float = 0.2) -> tuple[int, ...]:
        """Name layers that gather on [CLS] while its vector is a poor one.

        Parameters
        ----------
        attention
            A layer gathers on [CLS] if that takes this share.
        behind
            The vector is poor if its `top1` is lower by this than that of ``"mean"``.

        Raises
        ------
        ValueError
            If ``"cls"`` and ``"mean"`` were not both checked.
        """
        cls, mean = self._row("cls"), self._row("mean")
        lost = self.top1[mean] - self.top1[cls]
        return tuple(np.flatnonzero((self.cls_share >= attention) & (lost >= behind)).tolist())

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        names, rows = self._table(lang)
        return "\n".join([self._title(lang), "", *as_text(names, rows), "", *self._says(lang)])

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        said = "".join(f"<p>{html.escape(line)}</p>" for line in self._says(lang))
        table = as_html(self._title(lang), *self._table(lang))
        return f'<div lang="{lang}">{table}{said}</div>'

    def _row(self, pooling: str) -> int:
        if pooling not in self.poolings:
            have = ", ".join(map(repr, self.poolings))
            msg = f"pooling {pooling!r} was not checked, only {have}: check it, too"
            raise ValueError(msg)
        return self.poolings.index(pooling)

    def _title(self, lang: Language) -> str:
        chance = 1 / self.pairs
        return WORDS[lang]["title"].format(model=self.model, pairs=self.pairs, chance=chance)

    def _table(self, lang: Language) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        layer, share, top, alike = COLUMNS[lang]
        names = (layer, share, *(f"{word} {way}" for way in self.poolings for word in (top, alike)))
        rows = [
            (
                str(number),
                f"{self.cls_share[number]:.2f}",
                *(
                    f"{values[row, number]:.{places}f}"
                    for row in range(len(self.poolings))
                    for values, places in ((self.top1, 2), (self.alike, 3))
                ),
            )
            for number in range(self.top1.shape[1])
        ]
        return names, rows

    def _says(self, lang: Language) -> list[str]:
        lines = [self.choose(way).why(lang) for way in self.poolings]
        if {"cls", "mean"} <= set(self.poolings):
            lines.append(self._poor(lang))
        return [*lines, WORDS[lang]["limit"].format(words=self.words_top1)]

    def _poor(self, lang: Language) -> str:
        layers = listed(self.poor(), lang)
        return WORDS[lang]["poor" if layers else "none poor"].format(layers=layers)


_WIDE = 1.0
"""Below this margin partners are no nearer than others often are: our line."""


def check(
    core: Core,
    pairs: Sequence[tuple[str, str]],
    poolings: Sequence[str],
    stop: Callable[[], bool] | None = None,
    *,
    progress: bool = True,
) -> VectorCheck:
    """Run both sides of all pairs, and let each text look for its partner."""
    texts = [one for one, _ in pairs] + [other for _, other in pairs]
    ready = pools.prepared(core, texts)
    with tqdm(total=2 * len(ready), unit="text", disable=not progress) as bar:
        states = pools.every_layer(core, ready, poolings, stop, bar.update)
        for place, one in enumerate(ready):
            vectors.finite(states[:, :, place], one.texts)
        share = _cls_share(core, ready, stop, bar.update)
    layers = states.shape[1]
    numbers = [
        [
            found(states[row, layer, : len(pairs)], states[row, layer, len(pairs) :])
            for layer in range(layers)
        ]
        for row in range(len(poolings))
    ]
    top1, rank, margin, alike = np.moveaxis(np.array(numbers), 2, 0)
    return VectorCheck(
        model=core.source.model,
        poolings=tuple(poolings),
        pairs=len(pairs),
        top1=top1.copy(),
        rank=rank.copy(),
        margin=margin.copy(),
        alike=alike.copy(),
        cls_share=share,
        words_top1=_words(ready),
    )


def found(
    one: NDArray[np.floating], other: NDArray[np.floating]
) -> tuple[float, float, float, float]:
    """Measure retrieval of partners: top-1, mean reciprocal rank, margin, mean cosine of others.

    Parameters
    ----------
    one, other
        Vectors of both sides, shape ``(pairs, hidden)``.
    """
    likeness = pools.cosines(one, other)
    ranks = np.concatenate([_ranks(likeness), _ranks(likeness.T)])
    apart = likeness[~np.eye(len(likeness), dtype=bool)]
    spread = float(apart.std())
    gap = float(np.diag(likeness).mean() - apart.mean())
    margin = gap / spread if spread > 0 else 0.0
    return float((ranks == 1).mean()), float((1 / ranks).mean()), margin, float(apart.mean())


def _ranks(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    own = np.diag(likeness)[:, None]
    ranks: NDArray[np.float64] = (
        1.0 + (likeness > own).sum(axis=1) + ((likeness == own).sum(axis=1) - 1) / 2
    )
    return ranks


def _words(ready: Sequence[Prepared]) -> float:
    """Retrieve by the share of tokens in common (Jaccard), the first to beat."""
    sets = [{t.text for t in one.tokens if not t.role.is_special} for one in ready]
    half = len(sets) // 2
    likeness = np.array([[len(a & b) / len(a | b) for b in sets[half:]] for a in sets[:half]])
    return float((np.concatenate([_ranks(likeness), _ranks(likeness.T)]) == 1).mean())


def _cls_share(
    core: Core,
    ready: Sequence[Prepared],
    stop: Callable[[], bool] | None,
    moved: Callable[[int], object],
) -> NDArray[np.float64]:
    rows = []
    for one in ready:
        record = core.captured(one, Changes(), stop)
        shares = {str(role): own.share for role, own in role_shares(record).items()}
        blank = np.full(record.shape[:2], np.nan)
        rows.append(shares.get(TokenRole.CLS, blank).mean(axis=1))
        moved(1)
    mean: NDArray[np.float64] = np.mean(rows, axis=0)
    return mean
