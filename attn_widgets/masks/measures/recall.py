"""How well a mask finds what a head really looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from attn_widgets.masks.data_dependent.lsh import lsh
from attn_widgets.masks.data_dependent.records import HasHeads, bind_record
from attn_widgets.masks.data_dependent.select import strongest
from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.limits import whole
from attn_widgets.masks.measures.readings import kept

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from attn_widgets.masks.bound import BoundMask
    from attn_widgets.masks.expr import Mask


class HasGrid(HasHeads, Protocol):
    """A record that numbers its layers and heads."""

    @property
    def layers(self) -> tuple[int, ...]:
        """The model's own numbers of the layers."""

    @property
    def heads(self) -> tuple[int, ...]:
        """The model's own numbers of the heads."""


@dataclass(frozen=True, slots=True, eq=False)
class Retrieval:
    """What a mask finds in each head of a record; every array is float64, ``(layers, heads)``.

    Parameters
    ----------
    mask : Mask
        The mask, decided anew for each head.
    recall : numpy.ndarray
        Share of the top keys that it keeps, see `top_k_recall`.
    mass : numpy.ndarray
        Share of the attention that it keeps, the mean over queries, see `kept`.
    density : numpy.ndarray
        Share of all pairs that it keeps.
    """

    mask: Mask
    recall: NDArray[np.float64]
    mass: NDArray[np.float64]
    density: NDArray[np.float64]

    def __str__(self) -> str:
        """Give the means over heads."""
        return (
            f"{self.mask!r}: {self.recall.mean():.1%} of the top keys, "
            f"{self.mass.mean():.1%} of the attention, in {self.density.mean():.1%} of the pairs"
        )


def top_k_recall(
    weights: NDArray[np.floating],
    bound: BoundMask,
    k: int,
    rows: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return the share of each head's top keys that a mask keeps, the mean over queries.

    Parameters
    ----------
    weights : numpy.ndarray
        ``(..., queries, keys)``: one head, or ``(layers, heads, queries, keys)``.
    bound : BoundMask
        A mask bound to these queries and keys.
    k : int
        How many keys of each row count as its top: ``|top-k(P_i) ∩ M_i| / k``. A row that attends
        to fewer than `k` keys at all is divided by as many as those; of equal weights those further
        left come first.
    rows : numpy.ndarray, optional
        bool, ``(queries,)``: the queries to average over; all when left out. Leave padding out.

    Returns
    -------
    numpy.ndarray
        float64, ``(...)``.

    Raises
    ------
    MaskBindError
        If the mask was bound to other lengths, `rows` is not a boolean per query or chooses none,
        or a query attends to nothing.
    """
    number = whole("the number of top keys", k, 1)
    source = np.asarray(weights)
    bound.require(*source.shape[-2:])
    chosen = np.ones(bound.n_queries, dtype=np.bool_) if rows is None else np.asarray(rows)
    if chosen.dtype != np.bool_ or chosen.shape != (bound.n_queries,) or not chosen.any():
        msg = (
            f"rows must be {bound.n_queries} booleans, one per query, one true at least; "
            f"not {chosen.dtype} {chosen.shape}"
        )
        raise MaskBindError(msg)
    inside = bound.to_dense()[chosen]
    recall = np.empty(source.shape[:-2], dtype=np.float64)
    for head in np.ndindex(recall.shape):
        part = source[head][chosen]
        top = strongest(part, number) & (part > 0)
        wanted = top.sum(axis=-1)
        if not wanted.all():
            msg = f"query {np.flatnonzero(chosen)[wanted == 0][0]} attends to nothing; leave it out"
            raise MaskBindError(msg)
        recall[head] = ((top & inside).sum(axis=-1) / wanted).mean()
    return recall


def retrieval(mask: Mask, record: HasGrid, k: int = 8) -> Retrieval:
    """Decide a mask for every head of a record and say what it finds there.

    Parameters
    ----------
    mask : Mask
        Any mask; one that follows no data is the same for every head.
    record : AttentionRecord
        What was captured.
    k : int
        How many keys of a row count as its top.

    Raises
    ------
    MaskBindError
        If the mask needs what the record lacks.
    """
    grid = [
        [_one(mask, record, layer, head, k) for head in record.heads] for layer in record.layers
    ]
    recall, mass, density = np.moveaxis(np.array(grid), -1, 0)
    return Retrieval(mask, recall, mass, density)


def lsh_retrieval(
    record: HasGrid,
    buckets: Iterable[int] = (4, 8, 16),
    rounds: Iterable[int] = (1, 2, 4, 8),
    k: int = 8,
    *,
    chunk: int | None = None,
    seed: int = 0,
) -> dict[tuple[int, int], Retrieval]:
    """Return what LSH finds in a record, by ``(buckets, rounds)``: more rounds find more, for more.

    Parameters
    ----------
    record : AttentionRecord
        What was captured, with q and k.
    buckets, rounds : iterables of int
        What to try, every one with every other.
    k : int
        How many keys of a row count as its top.
    chunk, seed : int
        As in `lsh`.

    Raises
    ------
    MaskBindError
        If the record has no q and k.
    """
    times = tuple(rounds)
    return {
        (count, often): retrieval(lsh(count, often, chunk, seed=seed), record, k)
        for count in buckets
        for often in times
    }


def _one(mask: Mask, record: HasGrid, layer: int, head: int, k: int) -> tuple[float, float, float]:
    bound = bind_record(mask, record, layer, head)
    weights = record.weights[record.layer_index(layer), record.head_index(head)]
    recall = float(top_k_recall(weights, bound, k))
    return recall, float(kept(weights, bound).mean(dtype=np.float64)), bound.density()
