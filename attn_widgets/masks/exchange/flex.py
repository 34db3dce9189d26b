"""Block masks for torch's flex attention, from counted blocks: no matrix of pairs is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.masks.exchange.tensors import to_mask_mod
from attn_widgets.masks.measures.tiles import block_rows, full_block_rows
from attn_widgets.masks.rows.intervals import complement, intersection

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import Tensor
    from torch.nn.attention.flex_attention import BlockMask

    from attn_widgets.masks.bound import BoundMask
    from attn_widgets.masks.rows.intervals import Intervals


def to_block_mask(
    bound: BoundMask, block: int = 128, device: str | torch.device = "cpu"
) -> BlockMask:
    """Return the mask as a `BlockMask`, for ``flex_attention(..., block_mask=)``.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text.
    block : int
        Side of the blocks, in tokens; a GPU wants 128 or another power of two.
    device : str or torch.device
        Where attention will run.

    Returns
    -------
    torch.nn.attention.flex_attention.BlockMask
        For every batch and head alike (both axes are 1). Blocks that are whole are told apart from
        those in which `mask_mod` is asked pair by pair. It serves the forward pass; the tables that
        only a backward pass reads are left out.

    Raises
    ------
    MaskBindError
        If part of the mask has no form for torch.

    Notes
    -----
    Each table has one row per block of queries, as long as the longest row needs. The CPU wants the
    table's last axis to span all blocks of keys, so that is the shape it is shown: rows overlap in
    memory, and counts end each row before its neighbour's entries. A mask with one row that sees
    every key therefore costs ``(queries / block) * (keys / block)`` entries of 4 bytes.

    `BlockMask.sparsity` divides by the true lengths rather than by whole blocks and goes far below
    zero for short texts; `BlockMask.to_dense` is the grid of blocks. Read `count_tiles` and
    `BoundMask.to_dense` instead.
    """
    from torch.nn.attention.flex_attention import BlockMask  # noqa: PLC0415 - torch stays optional

    width = -(-bound.n_keys // block)
    touched = block_rows(bound, block)
    whole = full_block_rows(bound, block)
    partial = intersection(touched, complement(whole, width), width)
    count, indices = _table(partial, width, device)
    whole_count, whole_indices = _table(whole, width, device)
    return BlockMask.from_kv_blocks(
        count,
        indices,
        whole_count,
        whole_indices,
        BLOCK_SIZE=block,
        mask_mod=to_mask_mod(bound, device),
        seq_lengths=(bound.n_queries, bound.n_keys),
        compute_q_blocks=False,
    )


def _table(blocks: Intervals, width: int, device: str | torch.device) -> tuple[Tensor, Tensor]:
    import torch  # noqa: PLC0415 - the masks room must import without torch

    count, entries, longest = _entries(blocks)
    rows = len(count)
    buffer = np.zeros(rows * longest + width, dtype=np.int32)
    row = np.repeat(np.arange(rows), count)
    place = np.arange(len(entries)) - np.repeat(np.cumsum(count) - count, count)
    buffer[row * longest + place] = entries
    table = torch.from_numpy(buffer).to(device)
    counts = torch.from_numpy(count.astype(np.int32)).to(device)
    shape = (1, 1, rows, width)
    return counts[None, None], table.as_strided(shape, (rows * longest, rows * longest, longest, 1))


def _entries(blocks: Intervals) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    lo, hi = blocks
    length = (hi - lo).ravel()
    count = (hi - lo).sum(axis=1)
    before = np.cumsum(length) - length
    entries = np.arange(int(count.sum())) + np.repeat(lo.ravel() - before, length)
    return count, entries, max(int(count.max()), 1)
