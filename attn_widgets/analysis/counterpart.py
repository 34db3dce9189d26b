"""Lay one record over another: the same heads, the same tokens, and how much has moved."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.reading import query_rows
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.record import Token


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Counterpart:
    """A second record in the frame of a first one.

    Parameters
    ----------
    record
        The second record, as it is.
    weights
        Its weights for the first record's tokens, ``(layers, heads, queries, keys)`` of the first
        record's shape; 0 where a token has no counterpart.
    queries, keys
        For each query and key of the first record the index of its counterpart in the second, or
        -1: int64, ``(queries,)`` and ``(keys,)``.
    """

    record: AttentionRecord
    weights: NDArray[np.floating[Any]]
    queries: NDArray[np.int64]
    keys: NDArray[np.int64]

    @property
    def whole(self) -> bool:
        """Whether every token of either record has its counterpart."""
        sizes = (len(self.record.tokens), len(self.record.key_tokens))
        found = (int((self.queries >= 0).sum()), int((self.keys >= 0).sum()))
        return found == (len(self.queries), len(self.keys)) == sizes


def counterpart(first: AttentionRecord, second: AttentionRecord) -> Counterpart:
    """Find the heads and tokens of one record in another.

    Tokens are matched by text and role, in order, as the longest matching blocks
    (Ratcliff & Obershelp 1988, in Python's ``difflib``).

    Raises
    ------
    ValueError
        If the records hold other stacks, layers or heads, or have no word in common; the message
        says which.
    """
    for name in ("kind", "layers", "heads"):
        mine, theirs = getattr(first, name), getattr(second, name)
        if mine != theirs:
            msg = (
                f"the records cannot be laid over each other: the first has {name} {mine!r:.80}, "
                f"the second {theirs!r:.80}; capture the same {name} in both"
            )
            raise ValueError(msg)
    queries = _matches(first.tokens, second.tokens)
    keys = queries if _own(first, second) else _matches(first.key_tokens, second.key_tokens)
    _refuse_strangers(first, queries)
    weights = second.weights
    for axis, found in ((2, queries), (3, keys)):
        if not np.array_equal(found, np.arange(weights.shape[axis])):
            shape = [len(found) if a == axis else 1 for a in range(4)]
            weights = np.take(weights, np.maximum(found, 0), axis=axis)
            weights = np.where((found >= 0).reshape(shape), weights, 0).astype(weights.dtype)
    return Counterpart(second, weights, queries, keys)


def only(record: AttentionRecord, layers: Sequence[int], heads: Sequence[int]) -> AttentionRecord:
    """Give a record of some of the layers and heads, by the model's own numbers, without q and k.

    Raises
    ------
    IndexError
        If one of them is not in the record.
    """
    if (record.layers, record.heads) == (tuple(layers), tuple(heads)):
        return record
    rows = [record.layer_index(layer) for layer in layers]
    columns = [record.head_index(head) for head in heads]
    return AttentionRecord(
        weights=record.weights[np.ix_(rows, columns)],
        tokens=record.tokens,
        key_tokens=record.key_tokens,
        patches=record.patches,
        kind=record.kind,
        layers=layers,
        heads=heads,
        kv_groups=record.kv_groups,
        sink=record.sink,
        provenance=record.provenance,
        text=record.text,
        checked=True,
    )


def moved(first: AttentionRecord, other: Counterpart) -> NDArray[np.float64]:
    r"""Measure how much of its attention each head puts elsewhere in a second record.

    .. math:: \frac{1}{|Q|} \sum_{i \in Q} \frac{1}{2} \sum_j |B_{ij} - A_{ij}|

    The total variation distance between the two rows, the mean over queries that are text and have
    a counterpart. A token that only one of the records has counts as weight 0 in the other, and
    what a row keeps back (a learned sink) as one more place.

    Returns
    -------
    ndarray of float64, shape (layers, heads)
        From 0 (the same) to 1 (nothing in common).

    Raises
    ------
    ValueError
        If no query has a counterpart.
    """
    rows = query_rows(first) & (other.queries >= 0)
    if not rows.any():
        msg = "no text token has a counterpart in the other record: there is nothing to compare"
        raise ValueError(msg)
    lone = _lone_weight(other, rows)
    result = np.empty(first.shape[:2])
    for number, (mine, theirs) in enumerate(zip(first.weights, other.weights, strict=True)):
        difference = theirs[:, rows].astype(np.float32) - mine[:, rows].astype(np.float32)
        total = np.abs(difference).sum(axis=-1, dtype=np.float64) + lone[number]
        total += np.abs(difference.sum(axis=-1, dtype=np.float64) + lone[number])
        result[number] = total.mean(axis=-1) / 2
    return result


def _lone_weight(other: Counterpart, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weight in the second record on keys that the first lacks: ``(layers, heads, rows)``."""
    strange = np.setdiff1d(np.arange(len(other.record.key_tokens)), other.keys)
    part = other.record.weights[:, :, other.queries[rows]][..., strange]
    total: NDArray[np.float64] = part.sum(axis=-1, dtype=np.float64)
    return total


def _own(first: AttentionRecord, second: AttentionRecord) -> bool:
    return first.key_tokens == first.tokens and second.key_tokens == second.tokens


def _matches(first: Sequence[Token], second: Sequence[Token]) -> NDArray[np.int64]:
    mine = [(token.text, token.role) for token in first]
    theirs = [(token.text, token.role) for token in second]
    found = np.full(len(mine), -1, dtype=np.int64)
    for block in difflib.SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks():
        found[block.a : block.a + block.size] = np.arange(block.b, block.b + block.size)
    return found


def _refuse_strangers(first: AttentionRecord, queries: NDArray[np.int64]) -> None:
    text = first.content() if first.content().any() else np.ones(len(first.tokens), dtype=bool)
    if not (queries[text] >= 0).any():
        msg = (
            "the records have no word in common, so no token of one has a counterpart in the "
            "other: compare texts that share words, or make an explorer of each"
        )
        raise ValueError(msg)
