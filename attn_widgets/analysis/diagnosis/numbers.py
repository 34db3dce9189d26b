"""The numbers that a diagnosis keeps of a text, and their means over texts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.head_classes import is_diagonal
from attn_widgets.analysis.values import ReadOnlyArrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis.head_classes import ClassRule
    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.measures import HeadMeasures
    from attn_widgets.analysis.shares import Share
    from attn_widgets.analysis.sinks import Sinks


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Numbers(ReadOnlyArrays):
    """What was measured, of one text or on average over texts; NaN where it is undefined.

    Shapes are ``(layers, heads)`` unless said otherwise; all are shares from 0 to 1, over text
    queries, but for what is named.

    Attributes
    ----------
    special, cls, sep, first
        Share of attention that all special tokens, [CLS], [SEP] and the first position take.
    special_excess, cls_excess, sep_excess
        The same beyond the even share; see :class:`Share`.
    special_even, cls_even, sep_even
        The even shares, shape ``()``.
    first_even
        The even share of the first position, shape ``()``.
    cls_to_itself, cls_to_content
        What [CLS] looks at.
    cls_to_content_even
        What its row would give text if it looked at all that it sees alike, shape ``()``; 0 where
        it begins a decoder, and sees only itself.
    local
        Share on the word itself and the words beside it.
    local_even
        The even one, shape ``()``.
    diagonal
        1 for a head whose local share or diagonality, and local share beyond the even one, reach
        what the class rule asks of a diagonal head; on average, the share of texts.
    own_segment
        Share of the attention on text that stays in the own text of a pair, less the expected one.
    message_share
        Share of special tokens in what the heads of a layer hand on together, shape ``(layers,)``.
    vector_share
        The same of the token's new vector, after residual and normalisation, ``(layers,)``.
    cls_drain, sep_drain
        Length of the message of [CLS], [SEP] over that of a word, from 0 up, ``(layers,)``.
    cls_slope, sep_slope
        Mean size of the loss's gradient by attention to [CLS], [SEP] over that by attention to a
        word, from 0 up, ``(layers,)``.
    context
        Share of a token's new vector that comes from other words, ``(layers,)``.
    sink_heads
        Share of heads that give more than 0.3 of their attention to one and the same position: that
        in which most heads sink, ``()``. NaN where evenly spread attention would give about as
        much: a text too short for the measure.
    sink_first
        1 where that position is the first, ``()``; NaN where no head sinks; on average, the share
        of texts in which one does.
    sink_even
        What evenly spread attention would give that position, ``()``; NaN as `sink_first`.
    """

    special: Floats64
    special_excess: Floats64
    special_even: Floats64
    cls: Floats64
    cls_excess: Floats64
    cls_even: Floats64
    sep: Floats64
    sep_excess: Floats64
    sep_even: Floats64
    first: Floats64
    first_even: Floats64
    cls_to_itself: Floats64
    cls_to_content: Floats64
    cls_to_content_even: Floats64
    local: Floats64
    local_even: Floats64
    diagonal: Floats64
    own_segment: Floats64
    message_share: Floats64
    vector_share: Floats64
    cls_drain: Floats64
    sep_drain: Floats64
    cls_slope: Floats64
    sep_slope: Floats64
    context: Floats64
    sink_heads: Floats64
    sink_first: Floats64
    sink_even: Floats64

    def layer(self, name: str) -> Floats64:
        """Give one of them per layer, the mean over heads, shape ``(layers,)``."""
        values: Floats64 = getattr(self, name)
        return values.mean(axis=1) if values.ndim == 2 else values  # noqa: PLR2004 - layers, heads

    def has(self, name: str) -> bool:
        """Say whether one of them is defined anywhere."""
        return bool(np.isfinite(getattr(self, name)).any())


NAMES = tuple(field.name for field in dataclasses.fields(Numbers))


def mean_of(parts: Sequence[Numbers]) -> Numbers:
    """Average each number over the texts for which it is defined."""
    return Numbers(**{name: _mean([getattr(one, name) for one in parts]) for name in NAMES})


def from_measures(measures: HeadMeasures, rule: ClassRule) -> dict[str, Floats64]:
    """Give the numbers that weights alone decide, by name."""
    blank = np.full_like(measures.special.share, np.nan)
    cls, sep = (_of_role(measures, role) for role in ("cls", "sep"))
    row, near, own = measures.cls_row, measures.neighbours, measures.own_segment
    return {
        **_share("special", measures.special, blank),
        **_share("cls", cls, blank),
        **_share("sep", sep, blank),
        "first": measures.first.share.copy(),
        "first_even": np.array(measures.first.uniform),
        "cls_to_itself": blank if row is None else row.to_self.copy(),
        "cls_to_content": blank if row is None else row.to_content.copy(),
        "cls_to_content_even": np.array(np.nan if row is None else 1 - row.uniform),
        "local": blank if near is None else near.local.copy(),
        "local_even": np.array(np.nan if near is None else near.uniform),
        "diagonal": _diagonal(measures, rule),
        "own_segment": blank if own is None else own.beyond,
        **_sinks(measures.sinks),
    }


def _sinks(sinks: Sinks) -> dict[str, Floats64]:
    k = sinks.strongest
    some = sinks.tells and sinks.share[k] > 0
    return {
        "sink_heads": np.array(sinks.share[k] if sinks.tells else np.nan),
        "sink_first": np.array(float(k == 0) if some else np.nan),
        "sink_even": np.array(sinks.even[k] if some else np.nan),
    }


def _diagonal(measures: HeadMeasures, rule: ClassRule) -> Floats64:
    like, near, diagonality = measures.special.share, measures.neighbours, measures.diagonality
    if near is None or diagonality is None:
        return np.full_like(like, np.nan)
    return is_diagonal(like, near.local, near.excess, diagonality, rule).astype(np.float64)


def _of_role(measures: HeadMeasures, name: str) -> Share | None:
    return next((share for role, share in measures.roles.items() if role == name), None)


def _share(name: str, share: Share | None, blank: Floats64) -> dict[str, Floats64]:
    return {
        name: blank if share is None else share.share.copy(),
        f"{name}_excess": blank if share is None else share.excess,
        f"{name}_even": np.array(np.nan if share is None else share.uniform),
    }


def _mean(values: Sequence[Floats64]) -> Floats64:
    stacked = np.stack(values)
    known = np.isfinite(stacked)
    counts = known.sum(axis=0)
    sums = np.where(known, stacked, 0.0).sum(axis=0)
    return np.asarray(np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0))
