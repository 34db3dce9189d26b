"""Further static kinds as tests on tensors of queries and keys, for torch's flex attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from attn_widgets.masks.patterns.block_plans import BlockPairs, RandomBlocks
from attn_widgets.masks.patterns.blocks import Blocks, GlobalBlocks
from attn_widgets.masks.patterns.documents import Documents, Segments
from attn_widgets.masks.patterns.hashing import row_words
from attn_widgets.masks.patterns.seeded import RandomKeys, RandomPairs
from attn_widgets.masks.patterns.shifted import Shifted
from attn_widgets.masks.patterns.stride import Residue, Summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame

    # a torch tensor, in a module that must be read without torch
    Tensor: TypeAlias = Any
    PairTest: TypeAlias = Callable[[Tensor, Tensor], Tensor]
    ToTensor: TypeAlias = Callable[[NDArray[np.generic]], Tensor]

_LOW = 2**32 - 1


def static_test(mask: Mask, frame: Frame, tensor: ToTensor) -> PairTest | None:  # noqa: PLR0911 - one return per kind
    """Return whether a query (a row) may attend to a key, as a function on tensors of both.

    Parameters
    ----------
    mask : Mask
        A mask of one of this module's kinds.
    frame : Frame
        What it is bound to.
    tensor : callable
        Makes a tensor of an array, where attention will run.

    Returns
    -------
    callable or None
        None for masks of other kinds. Tables grow with the text's length, never with its square.
    """
    offset, n_keys = frame.q_offset, frame.n_keys
    match mask:
        case Blocks(size, left, right):
            return lambda query, key: (
                ((query + offset) // size - key // size <= left)
                & (key // size - (query + offset) // size <= right)
            )
        case GlobalBlocks(size):
            count = max(-(-n_keys // size), frame.positions(0, frame.n_queries)[-1] // size + 1)
            chosen = tensor(np.isin(np.arange(count), mask.locate(frame)))
            return lambda query, key: chosen[(query + offset) // size] | chosen[key // size]
        case RandomBlocks(size):
            last = int(frame.positions(0, frame.n_queries)[-1]) // size + 1
            return _listed(tensor(mask.plan(frame, 0, last)), size, offset)
        case BlockPairs(size):
            plan = mask.plan(frame)
            rows = np.minimum(frame.positions(0, frame.n_queries) // size, len(plan) - 1)
            return _listed(tensor(plan[rows]), size, None)
        case RandomKeys():
            return _listed(tensor(mask.intervals(frame, 0, frame.n_queries)[0]), 1, None)
        case RandomPairs(p, seed):
            one, two = row_words(seed, frame.positions(0, frame.n_queries))
            words = tensor(np.stack([one, two]).astype(np.int64))
            limit = int(p * (_LOW + 1))
            return lambda query, key: (
                _mixed((_mixed(words[0][query] ^ key) + words[1][query]) & _LOW) < limit
            )
        case Documents() | Segments() | Shifted():
            return _spanned(mask, frame, tensor)
        case Residue(step):
            return lambda query, key: (query + offset - key) % step == 0
        case Summary(size, keys):
            return lambda query, key: (key % size >= size - keys) & (query >= 0)
        case _:
            return None


def _listed(plan: Tensor, size: int, offset: int | None) -> PairTest:
    """Look the key's block up in the row of the query, or of the query's block."""

    def test(query: Tensor, key: Tensor) -> Tensor:
        row = query if offset is None else (query + offset) // size
        found: Tensor = (plan[row] == (key // size)[..., None]).any(-1)
        return found

    return test


def _spanned(mask: Documents | Segments | Shifted, frame: Frame, tensor: ToTensor) -> PairTest:
    """Compare the key with the runs, or the taps, of the query's row."""
    if isinstance(mask, Shifted) and mask.dilation > 1:
        step, offset = mask.dilation, frame.q_offset
        cuts = tensor(mask.ends(frame, 0, frame.n_queries))
        return lambda query, key: (
            (key >= cuts[query][..., 0])
            & (key < cuts[query][..., 1])
            & ((query + offset - key) % step == 0)
        )
    lo, hi = (tensor(side) for side in mask.intervals(frame, 0, frame.n_queries))
    return lambda query, key: ((key[..., None] >= lo[query]) & (key[..., None] < hi[query])).any(-1)


def _mixed(words: Tensor) -> Tensor:
    """Mix as `attn_widgets.masks.patterns.hashing` does, in 64-bit integers that never overflow."""
    words = _times(words ^ (words >> 16), 0x85EBCA6B)
    words = _times(words ^ (words >> 13), 0xC2B2AE35)
    return words ^ (words >> 16)


def _times(words: Tensor, factor: int) -> Tensor:
    high = ((words >> 16) * factor) & 0xFFFF
    return ((words & 0xFFFF) * factor + (high << 16)) & _LOW
