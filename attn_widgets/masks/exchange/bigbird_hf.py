"""BigBird as transformers computes it: its own random plan, and what evaluation does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.limits import MAX_TOKENS, whole
from attn_widgets.masks.patterns.block_plans import block_pairs
from attn_widgets.masks.patterns.composites import bigbird
from attn_widgets.masks.patterns.windows import full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask

    Plan: TypeAlias = Sequence[Sequence[int]] | NDArray[np.integer]


def from_bigbird_hf(
    length: int,
    block_size: int,
    num_random_blocks: int,
    plan: Plan | None = None,
) -> Mask:
    """Return the mask of one head of transformers' block-sparse BigBird.

    Parameters
    ----------
    length : int
        Tokens in the text, padded to whole blocks or not.
    block_size, num_random_blocks : int
        As in its configuration: b and r.
    plan : sequence, optional
        The random blocks the head drew while training, one row of r for each block of queries but
        the first and the last. None for a model in evaluation mode, which draws none.

    Returns
    -------
    Mask
        `full` for texts of at most ``(5 + 2 r) b`` tokens, where the model gives up the pattern for
        good; else ``bigbird(b, random=0)``, ``5 b`` keys in a middle row, with the plan's blocks:
        ``(5 + r) b``.

    Raises
    ------
    MaskError
        If a number is not whole or out of range, or the plan has not one row per inner block.

    Notes
    -----
    In evaluation mode the model's plan is all zeros, so that block 0, global already, is counted
    ``1 + r`` times in the softmax (transformers issue 23056): no mask says that, see
    `bigbird_hf_multiplicity`. Its training plan favours early blocks (issue 16566), and for 1024,
    3072 and 4096 tokens it may name the last block, global already, too.
    """
    n = whole("length", length, 1, MAX_TOKENS)
    size = whole("block_size", block_size, 1)
    drawn = whole("num_random_blocks", num_random_blocks, 0)
    if n <= (5 + 2 * drawn) * size:
        return full()
    kept = bigbird(size, random=0)
    if plan is None:
        return kept
    inner = -(-n // size) - 2
    if len(plan) != inner:
        msg = f"the plan has {len(plan)} rows; give one for each of the {inner} inner blocks"
        raise MaskError(msg)
    pairs = [(row, int(block)) for row, blocks in enumerate(plan, 1) for block in blocks]
    return kept | block_pairs(size, *pairs) if pairs else kept


def bigbird_hf_multiplicity(
    length: int, block_size: int, num_random_blocks: int, plan: Plan | None = None
) -> NDArray[np.int64]:
    """Return how often transformers' BigBird counts each pair in its softmax.

    Parameters
    ----------
    length, block_size, num_random_blocks, plan
        As in `from_bigbird_hf`.

    Returns
    -------
    numpy.ndarray
        int64, ``(length, length)``: 0 outside the mask, 1 inside, and one more each time the plan
        names a block that is in the window or global already. In evaluation mode that is ``1 + r``
        at the keys of block 0 for the queries of every block but the first and the last. The
        model's attention is ``softmax(scores + log(multiplicity))``.

    Raises
    ------
    MaskError
        As `from_bigbird_hf` does.
    """
    if from_bigbird_hf(length, block_size, num_random_blocks, plan) == full():
        return np.ones((length, length), dtype=np.int64)
    inner = -(-length // block_size) - 2
    drawn = np.zeros((inner, num_random_blocks), dtype=np.int64) if plan is None else plan
    times = bigbird(block_size, random=0).bind(length).to_dense().astype(np.int64)
    for row, blocks in enumerate(drawn, 1):
        for block in blocks:
            queries, keys = (slice(at * block_size, (at + 1) * block_size) for at in (row, block))
            times[queries, keys] += 1
    return times
