"""Any static mask as one kind of table, so that flex attention compiles once for all of them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch._dynamo import mark_static
from torch.nn.attention.flex_attention import BlockMask

from attn_widgets.masks import MaskBindError, to_block_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.masks import BoundMask

BLOCK: Final = 128
"""Side of a block, in tokens."""

LEAST: Final = 2 * BLOCK
"""Shortest length that is run: for a single block torch would compile anew."""

MOST_HEADS: Final = 256

_SPANS: Final = 4
_ROOMS: Final = tuple(2**power for power in (18, 22, 26))
_WORD: Final = 32
_STRIP: Final = 1024


@functools.lru_cache(maxsize=8)
def block_mask(bounds: tuple[BoundMask, ...], device: torch.device) -> BlockMask:
    """Give the block mask of one layer: its blocks in closed form, and a table inside them.

    Parameters
    ----------
    bounds
        One mask per head, all of the same lengths.
    device
        Where attention will run.

    Returns
    -------
    torch.nn.attention.flex_attention.BlockMask
        Of one text and ``len(bounds)`` heads, at least `LEAST` tokens a side; what is added keeps
        nothing.

    Raises
    ------
    MaskBindError
        If the table would be too large.

    Notes
    -----
    torch compiles anew for every new `mask_mod`. Here it is always one of two: up to four intervals
    of keys per row (windows, global tokens), or a bit per pair. The tables have one of three sizes:
    the CPU's compiler does not take sizes that it does not know.
    """
    distinct = list(dict.fromkeys(bounds))
    number = [distinct.index(bound) for bound in bounds]
    parts = [to_block_mask(bound, BLOCK, device) for bound in distinct]
    names = ("kv_num_blocks", "kv_indices", "full_kv_num_blocks", "full_kv_indices")
    tables = (
        _grown(torch.cat([getattr(part, name)[0] for part in parts])[number], name)
        for name in names
    )
    queries, keys = (max(length, LEAST) for length in parts[0].seq_lengths)
    return BlockMask.from_kv_blocks(
        *tables,
        BLOCK_SIZE=BLOCK,
        mask_mod=_test(distinct, number, device),
        seq_lengths=(queries, keys),
        compute_q_blocks=False,
    )


def flat(values: torch.Tensor) -> torch.Tensor:
    """Put values into a table of a size that was compiled for, the rest of it zero.

    Raises
    ------
    MaskBindError
        If there are too many.
    """
    rooms = [room for room in _ROOMS if room >= values.numel()]
    if not rooms:
        msg = f"a table of {values.numel():,} entries is too large: at most {_ROOMS[-1]:,}"
        raise MaskBindError(msg)
    table = torch.zeros(rooms[0], dtype=values.dtype, device=values.device)
    table[: values.numel()] = values.reshape(-1)
    mark_static(table)
    return table


def starts(step: int, count: int, device: torch.device, room: int = _ROOMS[0]) -> torch.Tensor:
    """Give where each of so many rows of `step` entries starts in a table."""
    table = torch.zeros(room, dtype=torch.int32)
    table[:count] = torch.arange(count, dtype=torch.int32) * step
    table = table.to(device)
    mark_static(table)
    return table


def _grown(blocks: torch.Tensor, name: str) -> torch.Tensor:
    """Add rows, and entries of rows, up to the least length; the first axis becomes batch."""
    least = LEAST // BLOCK
    rows = max(least - blocks.shape[1], 0)
    columns = max(least - blocks.shape[2], 0) if name.endswith("indices") else 0
    added = (0, columns, 0, rows) if name.endswith("indices") else (0, rows)
    return torch.nn.functional.pad(blocks, added)[None].contiguous()


def _test(
    distinct: Sequence[BoundMask], number: Sequence[int], device: torch.device
) -> Callable[..., torch.Tensor]:
    spans = [_spans(bound) for bound in distinct]
    if all(one is not None for one in spans):
        table = torch.from_numpy(np.stack([one for one in spans if one is not None]))
    else:
        table = torch.from_numpy(np.stack([_bits(bound) for bound in distinct]))
    first = torch.zeros(MOST_HEADS, dtype=torch.int32)
    first[: len(number)] = torch.tensor(number) * table[0].numel()
    first = first.to(device)
    mark_static(first)
    kept = flat(table.to(device))
    if table.ndim == 4:  # noqa: PLR2004 - masks, rows, spans, and the two ends of each
        return _in_spans(kept, first)
    return _in_bits(kept, first, starts(table.shape[-1], table.shape[1], device))


def _in_spans(ends: torch.Tensor, first: torch.Tensor) -> Callable[..., torch.Tensor]:
    def test(_batch: torch.Tensor, head: torch.Tensor, query: torch.Tensor, key: torch.Tensor):  # type: ignore[no-untyped-def]  # noqa: ANN202 - torch traces it
        at = first[head] + query * (2 * _SPANS)
        kept = (key >= ends[at]) & (key < ends[at + 1])
        for span in range(1, _SPANS):
            kept = kept | ((key >= ends[at + 2 * span]) & (key < ends[at + 2 * span + 1]))
        return kept

    return test


def _in_bits(
    words: torch.Tensor, first: torch.Tensor, rows: torch.Tensor
) -> Callable[..., torch.Tensor]:
    def test(_batch: torch.Tensor, head: torch.Tensor, query: torch.Tensor, key: torch.Tensor):  # type: ignore[no-untyped-def]  # noqa: ANN202 - torch traces it
        word = words[first[head] + rows[query] + (key >> 5)]
        return ((word >> (key & 31)) & 1) == 1

    return test


def _spans(bound: BoundMask) -> NDArray[np.int32] | None:
    """Give up to four intervals per row, ``(rows, 4, 2)``; None where some row has more."""
    lo, hi = bound.rows()
    filled = lo < hi
    widest = int(filled.sum(axis=1).max())
    if widest > _SPANS:
        return None
    order = np.argsort(~filled, axis=1, kind="stable")[:, :widest]
    rows = max(bound.n_queries, LEAST)
    table = np.zeros((rows, _SPANS, 2), dtype=np.int32)
    for side, ends in enumerate((lo, hi)):
        table[: len(ends), :widest, side] = np.take_along_axis(
            np.where(filled, ends, 0), order, axis=1
        )
    return table


def _bits(bound: BoundMask) -> NDArray[np.int32]:
    """Give one bit per pair, 32 to a word: ``(rows, words)``."""
    rows = max(bound.n_queries, LEAST)
    width = -(-max(bound.n_keys, LEAST) // _WORD)
    if rows * width > _ROOMS[-1]:
        msg = (
            f"{bound.mask!r:.60} over {bound.n_queries} x {bound.n_keys} tokens keeps more than "
            f"{_SPANS} runs of keys in a row, and a table of its pairs is too large"
        )
        raise MaskBindError(msg)
    table = np.zeros((rows, width * 4), dtype=np.uint8)
    for start in range(0, bound.n_queries, _STRIP):
        stop = min(start + _STRIP, bound.n_queries)
        packed = np.packbits(bound.tile(start, stop, 0, bound.n_keys), axis=1, bitorder="little")
        table[start:stop, : packed.shape[1]] = packed
    return table.view("<i4")
