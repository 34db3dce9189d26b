"""What one special token reads: the other direction of the arrow."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.heads import Floats64, Head, over_heads
from attn_widgets.analysis.reading import Reading, read
from attn_widgets.analysis.values import ReadOnlyArrays, mean_of
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.heads import Kernel
    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutRow(ReadOnlyArrays):
    """Where one query's own attention goes; each array has shape ``(layers, heads)``.

    Attributes
    ----------
    role
        The query's role.
    query
        Its position in the record.
    to_self
        Share on itself; NaN in a cross record, where it is not among the keys.
    to_special, to_content
        Share on special tokens, itself included, and on text.
    uniform
        What `to_special` would be if it looked at every key it can see alike, in [0, 1].
    entropy
        In nats.
    normalised_entropy
        Entropy over the log of the number of keys it sees, in [0, 1]; NaN where that is one.
    """

    role: TokenRole
    query: int
    to_self: Floats64
    to_special: Floats64
    to_content: Floats64
    uniform: float
    entropy: Floats64
    normalised_entropy: Floats64

    def __repr__(self) -> str:
        """Say the means."""
        return (
            f"OutRow({self.role.value} at {self.query}: {mean_of(self.to_self)} to itself, "
            f"{mean_of(self.to_special)} to special tokens, {mean_of(self.to_content)} to text, "
            f"normalised entropy {mean_of(self.normalised_entropy)}; "
            f"mean of {self.entropy.size} heads)"
        )


def out_row(record: AttentionRecord, role: TokenRole = TokenRole.CLS) -> OutRow:
    r"""Measure what the first query of a role looks at, per layer and head.

    .. math::

        A_{cc}, \quad \sum_{j \in S} A_{cj}, \quad \sum_{j \in C} A_{cj}, \quad
        H_c = -\sum_j A_{cj} \ln A_{cj}, \quad H_c / \ln T

    This is the token's *reading*; what others send to it is :func:`role_shares`. The entropy of
    the [CLS] row is that of Clark et al. 2019 (arXiv 1906.04341), figure 4, who mix a little of
    the uniform distribution in before.

    Raises
    ------
    ValueError
        If no query that is not padding has the role.
    """
    reading = read(record)
    place = find_query(reading, role)
    if place is None:
        have = ", ".join(sorted({token.role.value for token in reading.query_tokens}))
        msg = f"no query of this record is a {role.value!r} token: it has {have}"
        raise ValueError(msg)
    (row,) = over_heads(reading, one_row(place))
    return from_row(reading, place, row)


def out_rows(record: AttentionRecord) -> Mapping[TokenRole, OutRow]:
    """Measure as :func:`out_row` the first query of every special role, padding apart.

    Raises
    ------
    ValueError
        If all is padding.
    """
    reading = read(record)
    found = {role: find_query(reading, role) for role in TokenRole if role.is_special}
    places = {role: place for role, place in found.items() if place is not None}
    rows = over_heads(reading, *(one_row(place) for place in places.values()))
    return {
        role: from_row(reading, place, row)
        for (role, place), row in zip(places.items(), rows, strict=True)
    }


def find_query(reading: Reading, role: TokenRole) -> int | None:
    """Find the first query of a role, or None."""
    places = [i for i, token in enumerate(reading.query_tokens) if token.role is role]
    return places[0] if places else None


def one_row(place: int) -> Kernel:
    """Prepare one query's weights, shape ``(keys,)``."""

    def kernel(head: Head) -> Floats64:
        row: Floats64 = head.weights[place].astype(np.float64)
        return row

    return kernel


def from_row(reading: Reading, place: int, row: Floats64) -> OutRow:
    """Make the measures of one query of its weights, shape ``(layers, heads, keys)``."""
    special = reading.special()
    logs = np.log(row, out=np.zeros_like(row), where=row > 0)
    entropy = -(row * logs).sum(axis=-1)
    seen = int(reading.visible[place])
    own = reading.lead + place
    return OutRow(
        role=reading.query_tokens[place].role,
        query=int(reading.queries[place]),
        to_self=row[..., own].copy() if reading.aligned else np.full_like(entropy, np.nan),
        to_special=row[..., special].sum(axis=-1),
        to_content=row[..., ~special].sum(axis=-1),
        uniform=float(reading.seen(special)[place]) / seen,
        entropy=entropy,
        normalised_entropy=entropy / np.log(seen) if seen > 1 else np.full_like(entropy, np.nan),
    )
