"""What a diagnosis keeps of one text: a few numbers per head, not the weights."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.analysis.contributions import Contributions
from attn_widgets.analysis.diagnosis.numbers import Numbers, from_measures
from attn_widgets.analysis.diagnosis.places import columns_of
from attn_widgets.analysis.head_classes import ClassRule
from attn_widgets.analysis.measures import measure
from attn_widgets.analysis.norm_shares import context_share, norm_shares, special_sum, value_drain
from attn_widgets.record import AttentionRecord, TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.analysis.contributions import Stage
    from attn_widgets.analysis.diagnosis.places import About
    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.measures import HeadMeasures
    from attn_widgets.record import Kind

Source: TypeAlias = "AttentionRecord | Contributions | Observation"
"""One text: its attention, what its tokens hand on beside that, or what was already kept of it."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Observation:
    """The numbers of one text, beside what is needed to know which text it was.

    Attributes
    ----------
    model, kind, layers, heads
        Of the record.
    words
        The tokens, without padding.
    changed
        Whether the model ran under a mask or an edit.
    stage
        How far the messages were followed; None where they were not measured.
    missing
        Why something of them could not be measured, or nothing.
    numbers
        What was measured.
    columns
        For [CLS], [SEP] and all special tokens: the position in the record of the one that each
        head gives most, shape ``(layers, heads)``.
    cls_query
        The position of the first [CLS] among the queries, or None.
    """

    model: str
    kind: Kind
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    words: tuple[str, ...]
    changed: bool
    stage: Stage | None
    missing: str
    numbers: Numbers
    columns: Mapping[About, NDArray[np.intp]]
    cls_query: int | None

    @property
    def tokens(self) -> int:
        """Give the number of tokens, special ones included."""
        return len(self.words)

    def __repr__(self) -> str:
        """Say of what."""
        return f"Observation({self.tokens} tokens of {self.model or 'a model'}, {self.kind})"


def observe(source: Source, rule: ClassRule | None = None) -> Observation:
    """Measure one text for a diagnosis.

    Parameters
    ----------
    source
        A record; or the contributions of one, which say more; an observation comes back as it is.
    rule
        What makes a head diagonal.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If there is nothing to judge: only padding, only special tokens, a single token, weights
        that are NaN, or queries and keys of different texts.
    """
    if isinstance(source, Observation):
        return source
    made = source if isinstance(source, Contributions) else None
    record = made.record if made is not None else source
    if not isinstance(record, AttentionRecord):
        msg = (
            f"a diagnosis is made of records, contributions or observations, not of "
            f"{type(source).__name__}: run the text first, or use runner.diagnose(texts)"
        )
        raise TypeError(msg)
    _refuse(record)
    measures = measure(record)
    if not np.isfinite(measures.sinks.alpha).all():
        msg = "some weights are NaN or infinite: run the text again, with no row masked completely"
        raise ValueError(msg)
    return Observation(
        model=record.provenance.model,
        kind=record.kind,
        layers=record.layers,
        heads=record.heads,
        words=tuple(str(token) for token in record.key_tokens if token.role is not TokenRole.PAD),
        changed=record.provenance.mask is not None,
        stage=None if made is None else made.last,
        missing="" if made is None else next(iter(made.absent.values()), ""),
        numbers=Numbers(
            **from_measures(measures, rule or ClassRule()),
            **_handed_on(made, len(record.layers)),
        ),
        columns=_columns(record, measures),
        cls_query=None if measures.cls_row is None else measures.cls_row.query,
    )


def _columns(record: AttentionRecord, measures: HeadMeasures) -> Mapping[About, NDArray[np.intp]]:
    positions = measures.sinks.positions
    roles = [record.key_tokens[i].role for i in positions.tolist()]
    members: dict[About, NDArray[np.bool_]] = {
        "cls": np.array([role is TokenRole.CLS for role in roles]),
        "sep": np.array([role is TokenRole.SEP for role in roles]),
        "special": np.array([role.is_special for role in roles]),
    }
    return columns_of(measures.sinks.alpha, positions, members)


def _refuse(record: AttentionRecord) -> None:
    real = [token for token in record.key_tokens if token.role is not TokenRole.PAD]
    if record.kind == "cross":
        msg = (
            "a cross record has queries and keys of different texts: diagnose the encoder or the "
            "decoder"
        )
    elif not real:
        msg = "every token of the record is padding: there is nothing to judge"
    elif all(token.role.is_special for token in real):
        msg = f"the text has no words beside {len(real)} special tokens: there is nothing to judge"
    elif len(real) == 1:
        msg = "the text is a single token, which can look at nothing but itself"
    else:
        return
    raise ValueError(msg)


def _handed_on(made: Contributions | None, layers: int) -> dict[str, Floats64]:
    """Give the numbers that need messages, by name."""
    blank = np.full(layers, np.nan)
    if made is None:
        return dict.fromkeys(HANDED_ON, blank)
    drains = value_drain(made)
    whole = made.last != "summed"
    return {
        "message_share": special_sum(norm_shares(made, "summed")),
        "vector_share": special_sum(norm_shares(made)) if whole else blank,
        "cls_drain": _drain(drains.get(TokenRole.CLS), blank),
        "sep_drain": _drain(drains.get(TokenRole.SEP), blank),
        "cls_slope": _slope(made, TokenRole.CLS, blank),
        "sep_slope": _slope(made, TokenRole.SEP, blank),
        "context": context_share(made) if whole else blank,
    }


HANDED_ON = (
    "message_share",
    "vector_share",
    "cls_drain",
    "sep_drain",
    "cls_slope",
    "sep_slope",
    "context",
)
"""What only messages tell of a layer; blank where there are none."""


def _slope(made: Contributions, role: TokenRole, blank: Floats64) -> Floats64:
    means = {} if made.slopes is None else made.slopes.by_role()
    if role not in means or TokenRole.WORD not in means:
        return blank
    own, word = (np.nanmean(means[key], axis=1) for key in (role, TokenRole.WORD))
    ratio: Floats64 = np.divide(own, word, out=blank.copy(), where=word > 0)
    return ratio


def _drain(drain: Floats64 | None, blank: Floats64) -> Floats64:
    return blank if drain is None else drain.mean(axis=1)
