"""Patterns known by name that are built of other patterns: the function returns the expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.masks.limits import whole
from attn_widgets.masks.patterns.anchors import global_, sink
from attn_widgets.masks.patterns.block_plans import random_blocks
from attn_widgets.masks.patterns.blocks import blocks, global_blocks
from attn_widgets.masks.patterns.stride import residue, summary
from attn_widgets.masks.patterns.windows import causal, local

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.tokens import TokenRef


def prefix_lm(k: int) -> Mask:
    """Let the first `k` tokens see one another, and the rest look back: ``causal() | sink(k)``.

    Row ``i`` has ``max(i + 1, k)`` keys. The prefix language model of T5 (Raffel et al. 2020,
    section 3.2.1) and UniLM.

    Raises
    ------
    MaskError
        If `k` is not a whole number from 1 up.
    """
    return causal() | sink(whole("the prefix", k, 1))


def streaming(sinks: int, window: int) -> Mask:
    """Keep the first `sinks` keys and the last `window`: `StreamingLLM`'s picture.

    ``(sink(sinks) | local(left=window - 1, right=0)) & causal()``: row ``i`` has
    ``min(i + 1, sinks + window)`` keys, the query among the `window`. Xiao et al. (2023, section
    3.2); the original also renumbers positions inside its cache, which no mask does.

    Raises
    ------
    MaskError
        If either number is not whole, or below 1.
    """
    last = whole("the window", window, 1)
    return (sink(sinks) | local(left=last - 1, right=0)) & causal()


def longformer(window: int, *tokens: TokenRef | Iterable[TokenRef]) -> Mask:
    """Give each query `window` keys on **each** side, and make tokens global.

    ``local(window) | global_(*tokens)``: ``2 window + 1`` keys and the global ones per row.
    Longformer (Beltagy, Peters & Cohan 2020, section 3.1), whose own window counts both sides: see
    `from_longformer_hf`.
    """
    return local(window) | global_(*tokens)


def strided(length: int) -> Mask:
    """Keep the last `length` keys, and every one a multiple of `length` back.

    The two heads of the strided pattern of the Sparse Transformer (Child et al. 2019, section 4.3),
    `strided_local` and `strided_column`, in one: row ``i`` has about ``length + i / length`` keys;
    every earlier token is two layers away.
    """
    return strided_local(length) | strided_column(length)


def strided_local(length: int) -> Mask:
    """Keep ``i - length < j <= i``: `length` keys, the query among them; see `strided`."""
    return local(left=whole("the stride", length, 1) - 1, right=0)


def strided_column(length: int) -> Mask:
    """Keep ``(i - j) % length == 0, j <= i``: ``i // length + 1`` keys; see `strided`."""
    return residue(length) & causal()


def fixed(length: int, keys: int) -> Mask:
    """Look back within blocks of `length`, and to the last `keys` keys of each block before.

    The two heads of the fixed pattern of the Sparse Transformer (Child et al. 2019, section 4.3),
    `fixed_block` and `fixed_summary`, in one: row ``i`` has about ``length / 2 + keys i / length``
    keys; every earlier token is two layers away.
    """
    return fixed_block(length) | fixed_summary(length, keys)


def fixed_block(length: int) -> Mask:
    """Keep ``j // length == i // length, j <= i``: ``i % length + 1`` keys; see `fixed`."""
    return blocks(length) & causal()


def fixed_summary(length: int, keys: int) -> Mask:
    """Keep ``j % length >= length - keys, j <= i``: about ``keys i / length``; see `fixed`."""
    return summary(length, keys) & causal()


def bigbird(block: int, random: int, seed: int = 0) -> Mask:
    """Keep the blocks next to a query's, the first and the last block, and random ones.

    Parameters
    ----------
    block : int
        Tokens in a block.
    random : int
        Random blocks per row of blocks; 0 for none.
    seed : int
        Which ones; see `random_blocks`. The draw is ours, not that of BigBird's code, for which see
        `from_bigbird_hf`.

    Returns
    -------
    Mask
        ``blocks(block, left=1, right=1) | global_blocks(block, 0, -1) | random_blocks(...)``:
        ``(5 + random) block`` keys in a middle row, ``(7 nb - 12 + random (nb - 2)) block²`` pairs
        in nb >= 5 + random full blocks.

    Notes
    -----
    Zaheer et al. (2020, appendix D), with a window of three blocks and two global ones, as all its
    implementations fix them. Texts too short for its pattern are not treated apart: there the
    mask covers everything by itself.
    """
    kept = blocks(block, left=1, right=1) | global_blocks(block, 0, -1)
    return kept | random_blocks(block, random, seed) if whole("random", random, 0) else kept
