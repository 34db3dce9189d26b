"""Where attention suggests that one sentence or text ends, and how often it is right."""

from __future__ import annotations

import dataclasses
import html
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from attn_widgets.analysis.boundaries_words import (
    KINDS,
    LIMIT,
    METHODS,
    RULES,
    SCORE_JA,
    VERDICTS,
)
from attn_widgets.analysis.boundary_score import Score
from attn_widgets.analysis.language import Spoken
from attn_widgets.analysis.reading import need_aligned, read
from attn_widgets.analysis.sentence_ends import ABBREVIATIONS, ends_before
from attn_widgets.analysis.values import ReadOnlyArrays
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.language import Language
    from attn_widgets.analysis.reading import Reading
    from attn_widgets.record import AttentionRecord, Token

Method: TypeAlias = Literal["blocks", "separators"]
Kind: TypeAlias = Literal["segment", "sentence", "given"]
Rule: TypeAlias = Literal["spelling", "marks"]
Places: TypeAlias = "NDArray[np.intp]"


@dataclasses.dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Proposal(ReadOnlyArrays):
    """Boundaries that one way of reading attention proposes.

    Attributes
    ----------
    method
        How they were read.
    scores
        One per gap between words, shape ``(gaps,)``; larger is more of a boundary.
    proposed
        Places in the record's tokens of the first words after them.
    score
        Against the true ones.
    """

    method: Method
    scores: Floats64
    proposed: tuple[int, ...]
    score: Score


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Boundaries(Spoken):
    """What attention proposes as boundaries, beside the true ones.

    Attributes
    ----------
    kind
        What is true: where the ``"segment"`` changes in a pair, a ``"sentence"`` ends by its
        punctuation, or what was ``"given"``.
    starts
        Places in the record's tokens of the words after each gap, in the order of the scores.
    true
        The places that follow a true boundary.
    blocks, separators
        Proposals; see :func:`boundaries`. `separators` is None without a [SEP].
    heads
        The [SEP]-heavy heads ``(layer, head)`` of `separators`.
    words
        What stands there, for the report.
    rule
        How the ends of sentences were told: by ``"spelling"``, or where the record does not hold
        its text and the spans of its tokens, by punctuation ``"marks"`` alone; None for other
        boundaries.
    """

    kind: Kind
    starts: tuple[int, ...]
    true: tuple[int, ...]
    blocks: Proposal
    separators: Proposal | None
    heads: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    rule: Rule | None = None

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        return "\n".join([KINDS[lang][self.kind], *self._lines(lang), *self._limits(lang)])

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in self._lines(lang))
        limits = "".join(f"<p>{html.escape(line)}</p>" for line in self._limits(lang))
        return f'<div lang="{lang}"><p>{KINDS[lang][self.kind]}</p><ul>{lines}</ul>{limits}</div>'

    def _lines(self, lang: Language) -> list[str]:
        mark = {"true": set(self.true)}
        names = {"true": METHODS[lang]["true"]}
        for one in (self.blocks, self.separators):
            if one is not None:
                mark[one.method] = set(one.proposed)
                names[one.method] = METHODS[lang][one.method]
        lines = [f"{names[key]}: {self._split(places)}" for key, places in mark.items()]
        lines += [
            f"{names[one.method]}: {_said(one.score, lang)}"
            for one in (self.blocks, self.separators)
            if one is not None
        ]
        return lines

    def _limits(self, lang: Language) -> list[str]:
        if self.rule is None:
            return [LIMIT[lang]]
        return [RULES[lang][self.rule].format(count=len(ABBREVIATIONS)), LIMIT[lang]]

    def _split(self, places: set[int]) -> str:
        said = [self.words[0]]
        for start, word in zip(self.starts, self.words[1:], strict=True):
            said += ["|", word] if start in places else [word]
        return " ".join(said)


def boundaries(
    record: AttentionRecord,
    *,
    truth: Literal["auto", "segment", "sentence"] | Iterable[int] = "auto",
    count: int | None = None,
    window: int = 5,
    layers: Sequence[int] | None = None,
) -> Boundaries:
    r"""Propose boundaries between words from attention, and score them against the true ones.

    Two readings, on the words alone (special tokens and punctuation would give it away):

    ``blocks``: words attend less across a boundary than within a block. With B the mean attention
    of heads between words, made symmetric, and :math:`E_d` its mean at a distance of d tokens,

    .. math:: s_g = - \operatorname{mean}_{i \le g < j,\ j - i \le w} \log (B_{ij} / E_{j-i})

    so that looking near does not count as block structure. Tokens are counted, not words: a full
    stop or [SEP] between two words puts them further apart, which would give it away again.

    ``separators``: the textbook's reading, in the tenth of heads that give [SEP] most,

    .. math:: s_g = \sum_{k \in [SEP]} | a_{g+1,k} - a_{g,k} |

    how much attention to each [SEP] changes from one word to the next.

    Parameters
    ----------
    record
        Of one text or a pair; queries and keys the same.
    truth
        What is true: ``"segment"`` of a pair; ``"sentence"``, where one ends by its spelling, see
        :func:`sentence_ends.ends_before`; ``"auto"``, the first for a pair, the second else; or
        places in the record's tokens of the first words after boundaries.
    count
        How many to propose; by default peaks above the mean by one standard deviation.
    window
        w: how many tokens apart words are compared.
    layers
        The model's own numbers; all by default.

    Raises
    ------
    ValueError
        If there are fewer than 3 words, no such layer, no pair for ``"segment"``, or an argument
        is out of range.
    """
    reading = read(record)
    need_aligned(reading, "a proposal of boundaries")
    tokens = reading.query_tokens
    words = np.array([i for i, t in enumerate(tokens) if t.role in _WORDS])
    if len(words) < _LEAST:
        msg = f"the text has {len(words)} words: boundaries need at least {_LEAST}"
        raise ValueError(msg)
    if window < 1 or (count is not None and not 0 <= count < len(words)):
        msg = (
            f"window is {window} and count {count}: expected a window from 1 up and a count "
            f"from 0 to {len(words) - 1}, the gaps between words"
        )
        raise ValueError(msg)
    starts = tuple(int(reading.queries[i]) for i in words[1:])
    kind, true = _truth(truth, reading, words, starts)
    chosen = [record.layer_index(n) for n in (record.layers if layers is None else layers)]
    if not chosen:
        msg = "layers is empty: name at least one"
        raise ValueError(msg)
    weights = _weights(reading, chosen)
    keys = words + reading.lead

    def proposal(method: Method, scores: Floats64) -> Proposal:
        known = np.where(np.isfinite(scores), scores, -np.inf)
        order = np.argsort(-known, kind="stable")
        picked = _peaks(known) if count is None else np.sort(order[:count])
        proposed = tuple(starts[gap] for gap in picked)
        trial = (len(starts), len(true), len(proposed))
        score = Score(len(set(proposed) & set(true)), (trial,))
        return Proposal(method=method, scores=scores, proposed=proposed, score=score)

    seps = [j for j, t in enumerate(reading.key_tokens) if t.role is TokenRole.SEP]
    separators, heavy = None, np.empty((0, 2), int)
    if seps:
        given = weights[:, :, words][..., seps]
        share = given.sum(axis=-1).mean(axis=-1)
        enough = max(1, round(share.size / 10))
        heavy = np.argwhere(share >= np.sort(share, axis=None)[-enough])
        steps = np.abs(np.diff(given[tuple(heavy.T)].mean(axis=0), axis=0)).sum(axis=-1)
        separators = proposal("separators", steps)
    between = weights[:, :, words][..., keys].mean(axis=(0, 1))
    return Boundaries(
        kind=kind,
        starts=starts,
        true=true,
        blocks=proposal("blocks", block_scores(between, words, window)),
        separators=separators,
        heads=tuple((record.layers[chosen[a]], record.heads[b]) for a, b in heavy),
        words=tuple(str(tokens[i]) for i in words),
        rule=_rule(reading) if kind == "sentence" else None,
    )


def block_scores(between: Floats64, places: Places, window: int) -> Floats64:
    """Score each gap by how little is attended across it; see :func:`boundaries`.

    Parameters
    ----------
    between
        Attention between words, shape ``(words, words)``.
    places
        Where the words stand among all tokens, ascending, shape ``(words,)``.
    window
        How far apart tokens are compared.

    Returns
    -------
    ndarray of float64, shape (words - 1,)
        NaN where no pair of words across a gap is near enough.
    """
    both = (between + between.T) / 2
    far = places[None] - places[:, None]
    ratio = np.full_like(both, np.nan)
    for distance in range(1, window + 1):
        apart = far == distance
        if apart.any():
            mean = both[apart].mean()
            ratio[apart] = np.log((both[apart] + _TINY) / (mean + _TINY))
    scores = np.full(len(both) - 1, np.nan)
    for gap in range(len(scores)):
        across = ratio[: gap + 1, gap + 1 :]
        known = across[np.isfinite(across)]
        if known.size:
            scores[gap] = -known.mean()
    return scores


def _weights(reading: Reading, layers: list[int]) -> Floats64:
    weights = reading.record.weights[layers]
    cut: Floats64 = weights[:, :, reading.queries][..., reading.keys].astype(np.float64)
    return cut


def _peaks(scores: Floats64) -> Places:
    """Find peaks above the mean by one standard deviation of what is known, not -inf."""
    known = scores[np.isfinite(scores)]
    if not known.size:
        return np.empty(0, np.intp)
    padded = np.concatenate([[-np.inf], scores, [-np.inf]])
    peak = (scores >= padded[:-2]) & (scores >= padded[2:])
    return np.flatnonzero(peak & (scores > known.mean() + max(known.std(), _EVEN)))


def _truth(
    truth: object,
    reading: Reading,
    words: Places,
    starts: tuple[int, ...],
) -> tuple[Kind, tuple[int, ...]]:
    tokens = reading.query_tokens
    gaps = list(zip(words[:-1], words[1:], starts, strict=True))
    changes = tuple(at for a, b, at in gaps if tokens[a].segment != tokens[b].segment)
    if truth == "auto":
        truth = "segment" if changes else "sentence"
    if truth == "segment":
        if not changes:
            msg = "truth='segment' needs a pair of texts, and this record has one: run a pair"
            raise ValueError(msg)
        return "segment", changes
    if truth == "sentence":
        spelled = _rule(reading) == "spelling"
        ends = (
            at
            for a, b, at in gaps
            if at in changes
            or (_spelled(reading, tokens[b]) if spelled else _marked(tokens[a + 1 : b]))
        )
        return "sentence", tuple(ends)
    if isinstance(truth, str):
        msg = f"truth is {truth!r}: 'auto', 'segment', 'sentence', or places of tokens"
        raise ValueError(msg)  # noqa: TRY004 - a wrong word is a wrong value
    given = tuple(sorted(set(truth)))  # type: ignore[call-overload]
    if not set(given) <= set(starts):
        msg = (
            f"true boundaries {given} are not all among the words after the first: expected some "
            f"of {starts}"
        )
        raise ValueError(msg)
    return "given", given


def _rule(reading: Reading) -> Rule:
    """Say how the ends of sentences can be told."""
    known = len(reading.record.text)
    told = all(
        token.span is not None and (token.segment or 0) < known
        for token in reading.query_tokens
        if token.role in _WORDS
    )
    return "spelling" if known and told else "marks"


def _spelled(reading: Reading, token: Token) -> bool:
    text = reading.record.text[token.segment or 0]
    return token.span is not None and ends_before(text, token.span[0])


def _marked(between: Iterable[Token]) -> bool:
    return any(set(token.text) & _ENDS for token in between)


def _said(score: Score, lang: Language) -> str:
    if lang == "en":
        return str(score)
    return SCORE_JA.format(
        proposed=score.proposed,
        hits=score.hits,
        true=score.true,
        f1=score.f1,
        chance=score.chance,
        luck=score.luck,
        verdict=VERDICTS[score.verdict],
    )


_WORDS = frozenset({TokenRole.WORD, TokenRole.UNK})
_ENDS = frozenset(".!?…。\uff01\uff1f")
_LEAST = 3
_TINY = 1e-9
_EVEN = 1e-5
