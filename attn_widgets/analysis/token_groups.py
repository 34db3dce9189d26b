"""Groups of tokens that shares of attention are counted by: no token is in two of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from attn_widgets.analysis.heads import over_heads
from attn_widgets.analysis.reading import query_rows, read
from attn_widgets.analysis.shares import Share, column_sums, from_columns
from attn_widgets.analysis.special_row import find_query, one_row
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.reading import Bools, Reading
    from attn_widgets.record import AttentionRecord, Token

SPECIAL_GROUPS: Final = tuple(role.value for role in TokenRole if role.is_special)
"""What the tokenizer has put there, padding among it; a group for each role."""

FIRST: Final = "first"
PUNCTUATION: Final = TokenRole.PUNCTUATION.value

GROUPS: Final = (*SPECIAL_GROUPS, FIRST, PUNCTUATION)
"""Every group, in the order in which they are shown."""


def query_groups(record: AttentionRecord) -> tuple[str | None, ...]:
    """Name the group of each query, or None; see :func:`key_groups`.

    Where queries and keys are one text, a token is in the same group as both.
    """
    if record.kind == "decoder":  # its first queries may be left out, and the last keys are they
        return key_groups(record)[-len(record.tokens) :]
    return _groups(record.tokens)


def key_groups(record: AttentionRecord) -> tuple[str | None, ...]:
    """Name the group of each key, or None for the rest of the text.

    A special token is in the group of its role. Of the text, the token in the first position that
    is not padding is :data:`FIRST`: where a special token stands there, nothing is. Other tokens of
    punctuation and symbols alone (Unicode categories P and S) are :data:`PUNCTUATION`.
    """
    return _groups(record.key_tokens)


def group_shares(record: AttentionRecord) -> Mapping[str, Share]:
    """Measure the share that each group of keys takes, as :func:`share_of` does of one.

    As no token is in two groups, shares and uniform shares of several can be added up. Padding is
    no key that could be looked at: its uniform share is 0, and what it takes all the same is
    counted on top.

    Returns
    -------
    dict
        Group to share, in the order of :data:`GROUPS`; groups without a key are absent.

    Raises
    ------
    ValueError
        If all is padding.
    """
    reading = read(record)
    rows = reading.rows("content")
    (columns,) = over_heads(reading, column_sums(rows))
    groups = key_groups(record)
    own = np.array([groups[key] for key in reading.keys])
    shares = {}
    for group in GROUPS:
        if group not in groups:
            continue
        if group == TokenRole.PAD:
            shares[group] = _padding(record, np.array([one == group for one in groups]))
        else:
            shares[group] = from_columns(reading, rows, columns[:, :, 0], own == group)
    return shares


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class RowByGroup:
    """Where one query's own attention goes, by group; each table has shape ``(layers, heads)``.

    Attributes
    ----------
    query
        Its position in the record.
    itself
        Share on itself, and what that would be if it looked at all it sees alike; 0 in a cross
        record, where it is not among the keys.
    groups
        The same of the keys of each group, itself left out; a group without other keys is absent.
    words
        Share on keys of no group.
    """

    query: int
    itself: Share
    groups: Mapping[str, Share]
    words: Floats64


def rows_by_group(record: AttentionRecord) -> Mapping[str, RowByGroup]:
    """Measure where the first query of each special role looks, padding apart.

    Returns
    -------
    dict
        Role to row.

    Raises
    ------
    ValueError
        If all is padding.
    """
    reading = read(record)
    roles = [role for role in TokenRole if role.is_special]
    found = [(role.value, find_query(reading, role)) for role in roles]
    places = {role: place for role, place in found if place is not None}
    rows = over_heads(reading, *(one_row(place) for place in places.values()))
    return {
        role: _by_group(reading, place, row)
        for (role, place), row in zip(places.items(), rows, strict=True)
    }


def _by_group(reading: Reading, place: int, row: Floats64) -> RowByGroup:
    named = key_groups(reading.record)
    own = np.array([named[key] or "" for key in reading.keys])
    itself = np.zeros(len(own), dtype=bool)
    if reading.aligned:
        itself[reading.lead + place] = True

    def part(keys: Bools) -> Share:
        even = float(reading.seen(keys)[place]) / int(reading.visible[place])
        return Share(share=row[..., keys].sum(axis=-1), uniform=even)

    others = {group: (own == group) & ~itself for group in GROUPS}
    return RowByGroup(
        query=int(reading.queries[place]),
        itself=part(itself),
        groups={group: part(keys) for group, keys in others.items() if keys.any()},
        words=row[..., own == ""].sum(axis=-1),
    )


def _padding(record: AttentionRecord, keys: Bools) -> Share:
    places = np.ix_(query_rows(record), keys)
    share = [
        [weights[places].sum(axis=1, dtype=np.float64).mean() for weights in layer]
        for layer in record.weights
    ]
    return Share(share=np.array(share), uniform=0.0)


def _groups(tokens: tuple[Token, ...]) -> tuple[str | None, ...]:
    real = [i for i, token in enumerate(tokens) if token.role is not TokenRole.PAD]
    first = real[0] if real else None
    return tuple(_group(token, first=i == first) for i, token in enumerate(tokens))


def _group(token: Token, *, first: bool) -> str | None:
    if token.role.is_special:
        return token.role.value
    if first:
        return FIRST
    return PUNCTUATION if token.role is TokenRole.PUNCTUATION else None
