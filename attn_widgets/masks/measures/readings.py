"""What a mask would keep of attention already seen; nothing is run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from attn_widgets.masks.errors import MaskBindError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from attn_widgets.masks.bound import BoundMask

_CELLS = 2**20
_HALF_INFINITY = 0x7C00


def kept(weights: NDArray[np.floating], bound: BoundMask) -> NDArray[np.float32]:
    """Return the attention each query keeps: the sum of its weights inside the mask.

    Parameters
    ----------
    weights : numpy.ndarray
        ``(..., queries, keys)``, usually ``(layers, heads, queries, keys)``; float16 or wider.
    bound : BoundMask
        A mask bound to these queries and keys.

    Returns
    -------
    numpy.ndarray
        float32, ``(..., queries)``. Of attention renormalised under the mask,
        ``KL(P_masked || P) = -log(kept)`` per row, exactly: masking and renormalising multiplies
        what stays by ``1 / kept``.

    Raises
    ------
    MaskBindError
        If the mask was bound to other lengths, or the weights hold NaN or infinity.
    """
    return _mass(weights, bound, inside=True)


def outside(
    weights: NDArray[np.floating], bound: BoundMask, rows: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Return the share of attention that falls outside the mask, the mean over queries.

    Parameters
    ----------
    weights : numpy.ndarray
        ``(..., queries, keys)``, usually ``(layers, heads, queries, keys)``; float16 or wider.
    bound : BoundMask
        A mask bound to these queries and keys.
    rows : numpy.ndarray, optional
        bool, ``(queries,)``: the queries to average over; all when left out. Leave padding out.

    Returns
    -------
    numpy.ndarray
        float64, ``(...)``, one share per layer and head. It is 1 - the mean of `kept` where rows of
        attention sum to 1. The model is not run under the mask.

    Raises
    ------
    MaskBindError
        If the mask was bound to other lengths, `rows` is not a boolean per query or chooses none,
        or the weights hold NaN or infinity.
    """
    chosen = np.ones(bound.n_queries, dtype=np.bool_) if rows is None else np.asarray(rows)
    if chosen.dtype != np.bool_ or chosen.shape != (bound.n_queries,) or not chosen.any():
        msg = (
            f"rows must be {bound.n_queries} booleans, one per query, one true at least; "
            f"not {chosen.dtype} {chosen.shape}"
        )
        raise MaskBindError(msg)
    share: NDArray[np.float64] = _mass(weights, bound, inside=False)[..., chosen].mean(
        axis=-1, dtype=np.float64
    )
    return share


def renormalised(
    weights: NDArray[np.floating],
    bound: BoundMask,
    empty: Literal["error", "self", "zero"] = "error",
) -> NDArray[np.float32]:
    """Return the weights inside the mask, each row scaled to sum to 1, and 0 outside.

    This equals the softmax of the same scores under the mask: one layer's own effect, with nothing
    run again. Per row ``KL(P_masked || P) = -log(kept)``, see `kept`.

    Parameters
    ----------
    weights : numpy.ndarray
        ``(..., queries, keys)``, usually ``(layers, heads, queries, keys)``; float16 or wider.
    bound : BoundMask
        A mask bound to these queries and keys.
    empty : "error", "self" or "zero"
        What to do with a row that has nothing inside the mask: refuse, give all weight to the
        query itself, or leave the row zero.

    Returns
    -------
    numpy.ndarray
        float32, the shape of `weights`.

    Raises
    ------
    MaskBindError
        If the mask was bound to other lengths, the weights hold NaN or infinity, or a row has
        nothing inside the mask and `empty` cannot mend it.
    ValueError
        If `empty` is another word.
    """
    if empty not in {"error", "self", "zero"}:
        msg = f"empty is 'error', 'self' or 'zero', not {empty!r}"
        raise ValueError(msg)
    source = _checked(weights, bound)
    out = np.zeros(source.shape, dtype=np.float32)
    bare = np.zeros(bound.n_queries, dtype=np.bool_)
    for first, last, tile in _tiles(bound):
        for head in np.ndindex(source.shape[:-2]):
            part = _single(source[head][first:last]) * tile
            mass = _finite(part.sum(axis=-1))
            nothing = mass == 0
            bare[first:last] |= nothing
            out[head][first:last] = part / np.where(nothing, 1, mass)[:, None]
            if empty == "self" and nothing.any():
                lost = np.flatnonzero(nothing) + first
                own = lost + bound.q_offset
                inside = own < bound.n_keys
                out[head][lost[inside], own[inside]] = 1
    own_key = np.arange(bound.n_queries) + bound.q_offset < bound.n_keys
    failed = {"error": bare, "self": bare & ~own_key, "zero": np.zeros_like(bare)}[empty]
    if failed.any():
        raise MaskBindError(_bare_rows(np.flatnonzero(failed), empty))
    return out


def _bare_rows(rows: NDArray[np.intp], empty: str) -> str:
    names = ", ".join(map(str, rows[:8])) + (", ..." if len(rows) > 8 else "")  # noqa: PLR2004 - enough to find them
    if empty == "self":
        return f"queries {names} keep nothing and have no key of their own; use empty='zero'"
    return (
        f"queries {names} have no attention inside the mask, so there is nothing to renormalise; "
        "add `| local(0)` to the mask, or choose empty='self' or empty='zero'"
    )


def _mass(weights: NDArray[np.floating], bound: BoundMask, *, inside: bool) -> NDArray[np.float32]:
    source = _checked(weights, bound)
    mass = np.empty(source.shape[:-1], dtype=np.float32)
    for first, last, tile in _tiles(bound):
        wanted = tile if inside else ~tile
        for head in np.ndindex(source.shape[:-2]):
            part = _single(source[head][first:last]) * wanted
            mass[head][first:last] = part.sum(axis=-1)
    return _finite(mass)


def _tiles(bound: BoundMask) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    step = max(_CELLS // bound.n_keys, 1)
    for first in range(0, bound.n_queries, step):
        last = min(first + step, bound.n_queries)
        yield first, last, bound.tile(first, last, 0, bound.n_keys)


def _single(part: NDArray[np.floating]) -> NDArray[np.float32]:
    """Give numbers as float32.

    numpy widens float16 one number at a time. Moved left by 13, the bits of one that is neither
    negative nor infinite are those of a float32 that is 2 ** 112 times smaller.
    """
    if part.dtype != np.float16:
        return part.astype(np.float32, copy=False)
    bits = np.ascontiguousarray(part).view(np.uint16)
    if int(bits.max()) >= _HALF_INFINITY:
        return part.astype(np.float32)
    wide: NDArray[np.float32] = (bits.astype(np.uint32) << np.uint32(13)).view(np.float32)
    wide *= np.float32(2.0**112)
    return wide


def _checked(weights: NDArray[np.floating], bound: BoundMask) -> NDArray[np.floating]:
    source = np.asarray(weights)
    if source.ndim < 2 or not np.issubdtype(source.dtype, np.floating):  # noqa: PLR2004 - queries and keys
        msg = (
            "weights must be real numbers of shape (..., queries, keys), "
            f"not {source.dtype} {source.shape}"
        )
        raise MaskBindError(msg)
    bound.require(*source.shape[-2:])
    return source


def _finite(mass: NDArray[np.float32]) -> NDArray[np.float32]:
    if not np.isfinite(mass).all():
        msg = "the attention weights hold NaN or infinity; capture them again before masking"
        raise MaskBindError(msg)
    return mass
