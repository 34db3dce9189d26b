"""Every number that attention weights alone give of each head, together."""

from __future__ import annotations

import dataclasses
import types
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis import shapes
from attn_widgets.analysis.head_classes import ClassRule, Evidence, classify
from attn_widgets.analysis.heads import Floats64, over_heads
from attn_widgets.analysis.neighbours import Neighbours, from_near, near
from attn_widgets.analysis.reading import Queries, read
from attn_widgets.analysis.rollout import is_chain, rolled_to_special
from attn_widgets.analysis.segments import OwnSegment, by_segment, find_pair, from_segments
from attn_widgets.analysis.shares import Share, column_sums, from_columns, roles_from_columns
from attn_widgets.analysis.sinks import Sinks, sinks_from_columns
from attn_widgets.analysis.special_row import OutRow, find_query, from_row, one_row
from attn_widgets.analysis.values import ReadOnlyArrays, mean_of
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Kernel
    from attn_widgets.record import AttentionRecord, Kind


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class HeadMeasures(ReadOnlyArrays):
    """What the weights say of each head; arrays are ``(layers, heads)`` float64, and read-only.

    What a record cannot say is None as a whole (the own segment without a pair) or NaN per head.

    Attributes
    ----------
    kind, layers, heads
        Of the record: the model's own numbers.
    n_queries, n_keys
        Tokens beside padding.
    n_means
        How many queries the means run over.
    special, first
        The share of all special tokens, and of the first position.
    roles
        The share of each role that a key has.
    cls_row
        What the first [CLS] looks at; None without one. One that begins a decoder sees only itself.
    neighbours
        The query itself, what stands beside it, and the local share within 1; None for a cross
        record.
    own_segment
        Block structure; None where there is no pair.
    entropy, confidence, text_confidence
        Normalised entropy, the mean largest weight, and the largest on text.
    stripe, diagonality
        V and D, over all queries; D is None for a cross record.
    sinks
        Every position, scanned.
    rollout
        The share of the rollout that leads to special tokens after each layer, shape
        ``(layers,)``; None for a cross record, missing layers, or part of a text.
    """

    kind: Kind
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    n_queries: int
    n_keys: int
    n_means: int
    special: Share
    first: Share
    roles: Mapping[TokenRole, Share]
    cls_row: OutRow | None
    neighbours: Neighbours | None
    own_segment: OwnSegment | None
    entropy: Floats64
    confidence: Floats64
    text_confidence: Floats64
    stripe: Floats64
    diagonality: Floats64 | None
    sinks: Sinks
    rollout: Floats64 | None

    def classes(self, rule: ClassRule | None = None) -> NDArray[np.str_]:
        """Name each head's class by our rule, with its defaults or others.

        Returns
        -------
        ndarray of str, shape (layers, heads)
            Values of :class:`HeadClass`.
        """
        near, own = self.neighbours, self.own_segment
        evidence = Evidence(
            special=self.special.share,
            stripe=self.stripe,
            confidence=self.confidence,
            entropy=self.entropy,
            local=None if near is None else near.local,
            local_excess=None if near is None else near.excess,
            diagonality=self.diagonality,
            block=None if own is None else own.beyond,
        )
        return classify(evidence, rule or ClassRule())

    def __repr__(self) -> str:
        """Say the special share, and how many heads are of which class."""
        names, counts = np.unique(self.classes(), return_counts=True)
        kinds = ", ".join(f"{n} {name}" for name, n in zip(names, counts, strict=True))
        return (
            f"HeadMeasures({len(self.layers)} layers x {len(self.heads)} heads, {self.kind}, "
            f"{self.n_means} of {self.n_queries} queries: {mean_of(self.special.share)} on special "
            f"tokens, uniform {self.special.uniform:.3f}; {kinds})"
        )


def measure(
    record: AttentionRecord,
    queries: Queries = "content",
    epsilon: float = 0.3,
) -> HeadMeasures:
    """Measure all that weights alone say of each head, in one pass over them.

    Each number is what the function of its own gives: :func:`special_share`, :func:`share_of`,
    :func:`role_shares`, :func:`out_row`, :func:`neighbour_shares`, :func:`own_segment`,
    :func:`normalised_entropy`, :func:`confidence`, :func:`stripe`, :func:`diagonality`,
    :func:`find_sinks`, :func:`rollout_to_special`.

    Parameters
    ----------
    record
        Any record: encoder, decoder or cross, a pair or one text, with padding or special tokens
        or without.
    queries
        Which queries the means of shares, neighbours, entropy, confidence and rollout run over, as
        in :func:`share_of`.
    epsilon
        The threshold of :func:`find_sinks`.

    Raises
    ------
    ValueError
        If all is padding, no query is left, or `epsilon` is out of range.
    """
    reading = read(record)
    rows = reading.rows(queries)
    everyone = np.ones(len(reading.queries), dtype=bool)
    cls, pair = find_query(reading, TokenRole.CLS), find_pair(reading)
    kernels: dict[str, Kernel] = {
        "columns": column_sums(rows, everyone),
        "entropies": shapes.row_entropies,
        "peaks": shapes.row_peaks,
        "text_peaks": shapes.text_peaks(reading),
        "variations": shapes.variations(reading, everyone),
    }
    if cls is not None:
        kernels["cls"] = one_row(cls)
    if pair is not None:
        kernels["segments"] = by_segment(pair)
    if reading.aligned:
        kernels["near"] = near(reading, rows, _REACH)
    sums = dict(zip(kernels, over_heads(reading, *kernels.values()), strict=True))

    special = reading.special()
    first = np.arange(len(special)) == 0
    means = sums["columns"][:, :, 0]
    return HeadMeasures(
        kind=record.kind,
        layers=record.layers,
        heads=record.heads,
        n_queries=len(reading.queries),
        n_keys=len(reading.keys),
        n_means=int(rows.sum()),
        special=from_columns(reading, rows, means, special),
        first=from_columns(reading, rows, means, first),
        roles=types.MappingProxyType(dict(roles_from_columns(reading, rows, means))),
        cls_row=None if cls is None else from_row(reading, cls, sums["cls"]),
        neighbours=from_near(reading, rows, sums["near"], _REACH) if reading.aligned else None,
        own_segment=None if pair is None else from_segments(pair, reading, sums["segments"]),
        entropy=shapes.from_entropies(reading, rows, sums["entropies"]),
        confidence=sums["peaks"][..., rows].mean(axis=-1),
        text_confidence=sums["text_peaks"][..., rows].mean(axis=-1),
        stripe=shapes.stripe_from(reading, everyone, sums["variations"]),
        diagonality=shapes.diagonality_from(reading, everyone, sums["variations"])
        if reading.aligned
        else None,
        sinks=sinks_from_columns(reading, sums["columns"][:, :, 1], epsilon),
        rollout=rolled_to_special(reading, rows) if is_chain(reading) else None,
    )


_REACH = 1
