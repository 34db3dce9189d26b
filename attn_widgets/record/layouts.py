"""Sparse layouts of attention weights, expanded to one column per key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Weights = NDArray[Any]


def global_places(
    local: Weights, n_columns: int, kept: NDArray[np.bool_] | None = None
) -> tuple[int, ...] | None:
    """Find the global positions of Longformer's layout: the rows it leaves empty.

    Rows of padding are empty, too; so where there are more empty rows than global keys, the weights
    alone do not tell.

    Parameters
    ----------
    local
        ``(heads, queries, globals + window + 1)``.
    n_columns
        How many columns are of global keys; those beyond this item's own are empty.
    kept
        ``(queries,)``: which are no padding, where that is known.

    Returns
    -------
    tuple of int or None
        The positions in order; None where the weights do not tell.
    """
    n_globals = int(local[..., :n_columns].any(axis=(0, 1)).sum())
    empty = ~local.any(axis=(0, 2))
    places = np.flatnonzero(empty if kept is None else empty & kept)
    return tuple(map(int, places)) if len(places) == n_globals else None


def expand_longformer(
    local: Weights, own_rows: Weights | None = None, places: Sequence[int] = ()
) -> Weights:
    """Expand Longformer's layout of a layer to queries by keys.

    A row holds the weights of the global keys first, then those of a window around the query (the
    query itself in its middle). The rows of global queries are kept apart.
    Source: Beltagy et al. 2020, as transformers returns it (``LongformerBaseModelOutput``).

    Parameters
    ----------
    local
        ``(heads, queries, globals + window + 1)``, with ``window`` even; ``globals`` is the largest
        number of global tokens in the batch.
    own_rows
        ``(heads, keys or more, globals)``: what each global query looks at.
    places
        The positions of the global tokens.

    Returns
    -------
    array
        ``(heads, queries, queries)``, each weight where its key is.

    Raises
    ------
    ValueError
        If shapes do not fit, or a weight would be lost.
    """
    n_heads, n, n_columns = local.shape
    n_globals = 0 if own_rows is None else own_rows.shape[2]
    width = n_columns - n_globals
    if width < 1 or width % 2 == 0 or len(places) > n_globals:
        msg = (
            f"weights have shape {local.shape} with {n_globals} columns of global keys for "
            f"{len(places)} global tokens: expected (heads, queries, globals + window + 1) with an "
            "even window, and one column for each global token"
        )
        raise ValueError(msg)
    if own_rows is not None and (own_rows.shape[0] != n_heads or own_rows.shape[1] < n):
        msg = f"global rows have shape {own_rows.shape}: expected ({n_heads}, {n}, {n_globals})"
        raise ValueError(msg)
    whole = np.zeros((n_heads, n, n), local.dtype)
    lost = local[..., len(places) : n_globals].any()
    for column in range(width):
        ahead = column - width // 2
        queries = np.arange(max(0, -ahead), min(n, n - ahead))
        weights = local[..., n_globals + column]
        whole[:, queries, queries + ahead] = weights[:, queries]
        lost |= bool(np.delete(weights, queries, axis=1).any())
    if places and own_rows is not None:
        keys = list(places)
        lost |= bool((whole[:, :, keys] * local[..., : len(keys)]).any())
        whole[:, :, keys] += local[..., : len(keys)]
        whole[:, keys, :] = own_rows[:, :n, : len(keys)].transpose(0, 2, 1)
        lost |= bool(own_rows[:, n:, : len(keys)].any())
    if lost:
        msg = (
            f"weights of shape {local.shape} do not fit the layout for global tokens at "
            f"{list(places)}: there is weight beyond the text, or on a key twice"
        )
        raise ValueError(msg)
    return whole


def expand_chunks(weights: Weights, before: int, after: int, n: int) -> Weights:
    """Expand attention in chunks, each on itself and its neighbours in a ring.

    Source: Kitaev et al. 2020, the local attention of Reformer as transformers returns it.

    Parameters
    ----------
    weights
        ``(heads, chunks, length, (before + 1 + after) length)``.
    before, after
        Chunks before and after a query's own that are keys; before the first comes the last.
    n
        Tokens of the text; what follows them is padding.

    Returns
    -------
    array
        ``(heads, n, n)``, each weight where its key is.

    Raises
    ------
    ValueError
        If shapes do not fit, or a weight would be lost.
    """
    n_heads, n_chunks, length, n_columns = weights.shape
    around = range(-before, after + 1)
    if n_columns != len(around) * length or n > n_chunks * length:
        msg = (
            f"weights have shape {weights.shape} for {n} tokens: expected (heads, chunks, length, "
            f"{len(around)} x length), and no more tokens than the chunks hold"
        )
        raise ValueError(msg)
    whole = np.zeros((n_heads, n_chunks, length, n_chunks, length), weights.dtype)
    for place, ahead in enumerate(around):
        part = weights[..., place * length : (place + 1) * length]
        for chunk in range(n_chunks):
            whole[:, chunk, :, (chunk + ahead) % n_chunks] += part[:, chunk]
    return _cut(whole.reshape(n_heads, n_chunks * length, n_chunks * length), 0, n)


def expand_blocks(weights: Weights, around: int, n: int, start: int = 0) -> Weights:
    """Expand attention in blocks, each on itself and so many blocks on each side.

    Source: Guo et al. 2022, the local attention of LongT5, and Phang et al. 2022, PEGASUS-X, as
    transformers returns them.

    Parameters
    ----------
    weights
        ``(heads, blocks, length, (2 around + 1) length)``.
    around
        Blocks on each side of a query's own that are keys; there are none beyond the text.
    n
        Tokens of the text; what follows them is padding.
    start
        Places of padding before the first token.

    Returns
    -------
    array
        ``(heads, n, n)``, each weight where its key is.

    Raises
    ------
    ValueError
        If shapes do not fit, or a weight would be lost.
    """
    n_heads, n_blocks, length, n_columns = weights.shape
    if n_columns != (2 * around + 1) * length or start + n > n_blocks * length:
        msg = (
            f"weights have shape {weights.shape} for {n} tokens from place {start}: expected "
            f"(heads, blocks, length, {2 * around + 1} x length), and no more than the blocks hold"
        )
        raise ValueError(msg)
    wide = np.zeros((n_heads, n_blocks, length, n_blocks + 2 * around, length), weights.dtype)
    for block in range(n_blocks):
        rows = weights[:, block].reshape(n_heads, length, 2 * around + 1, length)
        wide[:, block, :, block : block + 2 * around + 1] = rows
    size = n_blocks * length
    whole = wide.reshape(n_heads, size, size + 2 * around * length)
    return _cut(whole, around * length, n, start)


def _cut(whole: Weights, margin: int, n: int, start: int = 0) -> Weights:
    """Cut the text out of rows of padding and keys of padding, which have no weight."""
    queries = slice(start, start + n)
    keys = slice(margin + start, margin + start + n)
    inside = np.ascontiguousarray(whole[:, queries, keys])
    if np.count_nonzero(whole[:, queries]) != np.count_nonzero(inside):
        msg = f"weights of {n} tokens would be lost: some of it is on padding"
        raise ValueError(msg)
    return inside
