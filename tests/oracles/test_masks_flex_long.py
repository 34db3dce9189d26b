"""Block masks from counted blocks: as torch finds them pair by pair, and over a million tokens."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch.nn.attention.flex_attention import create_block_mask, create_mask, flex_attention

from attn_widgets.masks import (
    BoundMask,
    Mask,
    causal,
    dilated,
    full,
    global_,
    global_cols,
    global_rows,
    local,
    sink,
    top_k,
)
from attn_widgets.masks.exchange.flex import to_block_mask
from attn_widgets.masks.measures.tiles import count_tiles

if TYPE_CHECKING:
    from torch.nn.attention.flex_attention import BlockMask

N = 150
TOKENS = [SimpleNamespace(role="cls"), *[SimpleNamespace(role="word")] * (N - 2)]
TOKENS.append(SimpleNamespace(role="sep"))

MASKS = [
    full(),
    causal(),
    local(5),
    local(40),
    local(left=33, right=2),
    ~local(20),
    dilated(3, 7),
    sink(17) & causal(),
    global_rows(40, 41, 90),
    global_cols("sep") - local(30),
    local(4) | global_("cls", "sep", 77),
    (local(25) | global_(3, 60)) & causal(),
    sink(1) - causal(),
]


def listed(blocks: BlockMask) -> list[tuple[set[int], set[int]]]:
    pairs = [
        (blocks.kv_num_blocks, blocks.kv_indices),
        (blocks.full_kv_num_blocks, blocks.full_kv_indices),
    ]
    rows = range(blocks.kv_num_blocks.shape[-1])
    return [
        tuple(set(index[0, 0, row, : int(count[0, 0, row])].tolist()) for count, index in pairs)
        for row in rows
    ]


def attended(bound: BoundMask, heads: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    query = torch.randn(1, heads, bound.n_queries, 16, generator=generator)
    key, value = torch.randn(2, 1, heads, bound.n_keys, 16, generator=generator)
    ours = flex_attention(query, key, value, block_mask=to_block_mask(bound, block=16))
    scores = query @ key.transpose(-1, -2) / 4
    scores = scores.masked_fill(~torch.from_numpy(bound.to_dense()), -torch.inf)
    return ours, torch.softmax(scores, dim=-1).nan_to_num(0) @ value


@pytest.mark.parametrize("mask", MASKS, ids=repr)
@pytest.mark.parametrize("size", [(N, 0), (128, N - 128), (37, 61)])
@pytest.mark.parametrize("block", [16, 32])
def test_the_blocks_are_those_torch_finds_pair_by_pair(
    mask: Mask, size: tuple[int, int], block: int
) -> None:
    n_queries, q_offset = size
    bound = mask.bind(n_queries, N, TOKENS, q_offset)
    ours = to_block_mask(bound, block)
    theirs = create_block_mask(
        ours.mask_mod, None, None, n_queries, N, device="cpu", BLOCK_SIZE=block
    )
    assert listed(ours) == listed(theirs)
    (tiles,) = count_tiles(bound, [block])
    assert tiles.touched == theirs.to_dense().sum()


@pytest.mark.parametrize("mask", MASKS, ids=repr)
def test_a_block_mask_still_holds_every_pair(mask: Mask) -> None:
    bound = mask.bind(N, tokens=TOKENS)
    blocks = to_block_mask(bound, 16)
    back = create_mask(blocks.mask_mod, None, None, *blocks.seq_lengths, device="cpu")[0, 0]
    assert np.array_equal(back.numpy(), bound.to_dense())


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_a_mask_that_the_data_decided_runs_in_blocks_too() -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(N), size=N)
    ours, plain = attended((top_k(5) | local(1)).bind_data(weights=weights))
    assert torch.allclose(ours, plain, atol=1e-5)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("mask", MASKS, ids=repr)
def test_flex_attention_under_the_blocks_is_the_masked_softmax(mask: Mask) -> None:
    ours, plain = attended(mask.bind(N, tokens=TOKENS))
    assert torch.allclose(ours, plain, atol=1e-5)


@pytest.mark.parametrize("n", [65_536, 1_048_576])
def test_a_window_over_a_million_tokens_really_runs(n: int) -> None:
    bound = local(128).bind(n)
    generator = torch.Generator().manual_seed(0)
    query, key, value = torch.randn(3, 1, 1, n, 64, generator=generator)
    out = torch.compile(flex_attention)(query, key, value, block_mask=to_block_mask(bound))
    for row in (0, n // 2, n - 1):
        lo, hi = (int(side[0, 0]) for side in bound.rows(row, row + 1))
        scores = query[0, 0, row] @ key[0, 0, lo:hi].T / 8
        plain = torch.softmax(scores, dim=-1) @ value[0, 0, lo:hi]
        assert torch.allclose(out[0, 0, row], plain, atol=2e-6)


def test_a_narrow_table_is_shown_wide_without_taking_the_room() -> None:
    n = 2**20
    blocks = to_block_mask(local(128).bind(n))
    assert blocks.kv_indices.shape == (1, 1, n // 128, n // 128)
    for table in (blocks.kv_indices, blocks.full_kv_indices):
        assert table.untyped_storage().nbytes() < 2**18


def test_the_share_of_tiles_stays_a_share_where_torch_goes_below_zero() -> None:
    bound = local(4).bind(16)
    (tiles,) = count_tiles(bound, [128])
    assert to_block_mask(bound).sparsity() < 0
    assert tiles.density == 1
