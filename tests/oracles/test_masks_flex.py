"""Our masks as torch's flex attention evaluates them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn.attention.flex_attention import (
    and_masks,
    create_block_mask,
    create_mask,
    flex_attention,
    or_masks,
)

from attn_widgets.masks import (
    Mask,
    causal,
    dilated,
    full,
    global_,
    global_cols,
    global_rows,
    local,
    parse,
    sink,
)
from attn_widgets.masks.exchange.tensors import to_bool_4d, to_mask_mod

ROLES = ["cls", *["word"] * 8, "sep", *["word"] * 9, "sep", "pad", "pad"]
N = len(ROLES)
TOKENS = [SimpleNamespace(role=role) for role in ROLES]

MASKS = [
    full(),
    causal(),
    local(3),
    local(left=4, right=1),
    local(2**31 - 1),
    dilated(2, 3),
    dilated(2**31 - 1, 2),
    dilated(2**31 - 1, 2**31 - 1),
    sink(3),
    global_("cls", "sep"),
    global_rows("special"),
    global_cols(-1, 4),
    ~causal(),
    local(2) | global_("cls"),
    (local(2) | sink(1)) & causal(),
    parse(
        "~(local(1) | ~(causal() & ~(sink(2) | ~local(4)))) | global_rows('sep') & dilated(4, 2)"
    ),
]


@pytest.mark.parametrize("mask", MASKS, ids=repr)
@pytest.mark.parametrize("size", [(N, 0), (5, 0), (5, N - 5), (1, N - 1)])
def test_create_mask_writes_out_the_same_pairs(mask: Mask, size: tuple[int, int]) -> None:
    n_queries, q_offset = size
    bound = mask.bind(n_queries, N, TOKENS, q_offset)
    theirs = create_mask(to_mask_mod(bound), None, None, n_queries, N, device="cpu")[0, 0]
    assert np.array_equal(theirs.numpy(), bound.to_dense())


def test_masks_written_by_hand_for_torch_keep_the_same_pairs() -> None:
    def window(_batch: int, _head: int, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        return (query - key).abs() <= 2

    def first(_batch: int, _head: int, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        return (query == 0) | (key == 0)

    def before(_batch: int, _head: int, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        return query >= key

    by_hand = and_masks(or_masks(window, first), before)
    theirs = create_mask(by_hand, None, None, 40, 40, device="cpu")[0, 0]
    ours = (local(2) | global_(0)) & causal()
    assert np.array_equal(theirs.numpy(), ours.bind(40).to_dense())


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_flex_attention_runs_under_the_mask() -> None:
    bound = (local(2) | global_("cls")).bind(N, tokens=TOKENS)
    blocks = create_block_mask(to_mask_mod(bound), None, None, N, N, device="cpu", BLOCK_SIZE=16)
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 1, 2, N, 16)
    ours = flex_attention(query, key, value, block_mask=blocks)
    plain = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=to_bool_4d(bound)
    )
    assert torch.allclose(ours, plain, atol=1e-5)
