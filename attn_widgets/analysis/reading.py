"""A record as metrics read it: padding left out, positions counted, queries chosen."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord, Token

Bools = NDArray[np.bool_]
Queries = Literal["content", "all"] | Bools


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The rows and columns of a record that are not padding.

    Attributes
    ----------
    record
        What is read.
    queries, keys
        Positions in the record of the tokens that are not padding.
    visible
        How many of those keys each of those queries can see: all of them, or in a decoder itself
        and what came before. A record does not say which layers see less, for example a window.
    aligned
        Whether the queries are the last of the keys, so that "itself" and "previous" mean
        something; not so in a cross record.
    """

    record: AttentionRecord
    queries: NDArray[np.intp]
    keys: NDArray[np.intp]
    visible: NDArray[np.intp]
    aligned: bool

    @property
    def query_tokens(self) -> tuple[Token, ...]:
        """Give the query tokens without padding."""
        return tuple(self.record.tokens[i] for i in self.queries)

    @property
    def key_tokens(self) -> tuple[Token, ...]:
        """Give the key tokens without padding."""
        return tuple(self.record.key_tokens[j] for j in self.keys)

    @property
    def padded(self) -> bool:
        """Whether anything was left out."""
        return (len(self.queries), len(self.keys)) != self.record.shape[2:]

    @property
    def lead(self) -> int:
        """Give the number of keys before the first query's own."""
        return len(self.keys) - len(self.queries)

    def special(self) -> Bools:
        """Say which of the keys are special tokens."""
        return self.record.special()[self.keys]

    def rows(self, queries: Queries) -> Bools:
        """Say which of the queries a mean runs over.

        Parameters
        ----------
        queries
            ``"content"``: text, or every query where there is no text; ``"all"``; or a choice of
            the record's queries, shape ``(queries,)``. Padding is never among them.

        Raises
        ------
        ValueError
            If the choice is of another shape or another word, or chooses no query.
        """
        chosen = self._chosen(queries)
        if not chosen.any():
            msg = "no query is selected: a mean needs at least one row that is not padding"
            raise ValueError(msg)
        return chosen

    def _chosen(self, queries: object) -> Bools:
        if isinstance(queries, np.ndarray):
            if queries.shape != (len(self.record.tokens),) or queries.dtype != np.bool_:
                msg = (
                    f"queries are {queries.dtype} of shape {queries.shape}: "
                    f"expected bool of shape ({len(self.record.tokens)},)"
                )
                raise ValueError(msg)
            chosen: Bools = queries[self.queries]
            return chosen
        if queries not in ("content", "all"):
            msg = f"queries is {queries!r}: 'content', 'all' or one bool per query"
            raise ValueError(msg)
        if queries == "all":
            return np.ones(len(self.queries), dtype=bool)
        content: Bools = query_rows(self.record)[self.queries]
        return content

    def seen(self, keys: Bools) -> NDArray[np.intp]:
        """Count the keys of a set that each query can see, shape ``(queries without padding,)``."""
        before = np.concatenate([[0], np.cumsum(keys)])
        return before[self.visible]


def query_rows(record: AttentionRecord) -> Bools:
    """Choose the rows that a mean runs over: text queries, or all if there are none.

    Returns
    -------
    ndarray of bool, shape (queries,)
        Padding is never among them.
    """
    content = record.content()
    return content if content.any() else _text_of(record.tokens)


def read(record: AttentionRecord) -> Reading:
    """Leave padding out of a record, and count what each query can see.

    Raises
    ------
    ValueError
        If there is nothing but padding among the queries or the keys.
    """
    _, _, n_queries, n_keys = record.shape
    keys = _text_of(record.key_tokens)
    queries = _text_of(record.tokens)
    own = np.arange(n_queries) + n_keys - n_queries
    if record.kind == "decoder":
        queries &= keys[own]
    for name, kept in (("query", queries), ("key", keys)):
        if not kept.any():
            msg = f"every {name} of the record is padding: there is nothing to measure"
            raise ValueError(msg)
    places = np.flatnonzero(queries)
    visible = np.full(len(places), int(keys.sum()))
    if record.kind == "decoder":
        visible = np.cumsum(keys)[own[places]]
    return Reading(
        record=record,
        queries=places,
        keys=np.flatnonzero(keys),
        visible=visible,
        aligned=record.kind == "decoder" or record.tokens == record.key_tokens,
    )


def need_aligned(reading: Reading, what: str) -> None:
    """Refuse what needs queries and keys to be the same text.

    Raises
    ------
    ValueError
        If they are not.
    """
    if not reading.aligned:
        msg = (
            f"{what} needs queries and keys of one text; this {reading.record.kind} record has "
            f"{len(reading.queries)} queries and {len(reading.keys)} keys of different texts"
        )
        raise ValueError(msg)


def _text_of(tokens: tuple[Token, ...]) -> Bools:
    return np.array([token.role is not TokenRole.PAD for token in tokens], dtype=bool)
