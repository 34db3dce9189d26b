"""Masks beside a definition that decides pair by pair, and the matrices both are held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from hypothesis import strategies as st

from attn_widgets.masks import BoundMask, Mask

Pair: TypeAlias = Callable[[int, int], bool]
Model: TypeAlias = tuple[Mask, Pair]


def joined(one: Model, other: Model, sign: str) -> Model:
    (a, p), (b, q) = one, other
    return {
        "|": (a | b, lambda i, j: p(i, j) or q(i, j)),
        "&": (a & b, lambda i, j: p(i, j) and q(i, j)),
        "-": (a - b, lambda i, j: p(i, j) and not q(i, j)),
    }[sign]


def opposite(one: Model) -> Model:
    mask, pair = one
    return ~mask, lambda i, j: not pair(i, j)


def combined(patterns: st.SearchStrategy[Model]) -> st.SearchStrategy[Model]:
    return st.recursive(
        patterns,
        lambda inner: (
            st.builds(joined, inner, inner, st.sampled_from("|&-")) | st.builds(opposite, inner)
        ),
        max_leaves=8,
    )


def pair_by_pair(pair: Pair, n_queries: int, n_keys: int, offset: int = 0) -> np.ndarray:
    rows = range(offset, offset + n_queries)
    return np.array([[bool(pair(i, j)) for j in range(n_keys)] for i in rows])


def check_cut(bound: BoundMask, expected: np.ndarray, data: st.DataObject) -> None:
    """Draw a rectangle and hold its tile and its rows against the matrix."""
    side = st.integers(0, len(expected))
    r0, r1 = sorted(data.draw(st.tuples(side, side), label="rows"))
    c0, c1 = sorted(data.draw(st.tuples(side, side), label="columns"))
    assert np.array_equal(bound.tile(r0, r1, c0, c1), expected[r0:r1, c0:c1])
    lo, hi = bound.rows(r0, r1)
    assert lo.dtype == hi.dtype == np.int64
    assert lo.shape == hi.shape == (r1 - r0, lo.shape[1])
    assert (lo <= hi).all()
    assert (hi[:, :-1] <= lo[:, 1:]).all()
    keys = np.arange(expected.shape[1])
    kept = ((keys >= lo[..., None]) & (keys < hi[..., None])).any(axis=1)
    assert np.array_equal(kept, expected[r0:r1])


def tiled(dense: np.ndarray, block: int) -> np.ndarray:
    """Cut a matrix into tiles, ``(rows of tiles, block, columns of tiles, block)``."""
    rows, columns = (-size % block for size in dense.shape)
    wide = np.pad(dense, ((0, rows), (0, columns)))
    return wide.reshape(wide.shape[0] // block, block, -1, block)
