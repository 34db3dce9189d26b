"""The further static families through torch's and transformers' own mask builders."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn.attention.flex_attention import create_mask
from transformers.masking_utils import (
    packed_sequence_mask_function,
    sdpa_mask,
    sliding_window_bidirectional_mask_function,
    sliding_window_causal_mask_function,
)

from attn_widgets.masks import (
    Mask,
    bigbird,
    block_pairs,
    blocks,
    causal,
    documents,
    fixed,
    from_hf_bidirectional,
    from_hf_window,
    global_blocks,
    random,
    random_blocks,
    residue,
    segments,
    shifted,
    strided,
    summary,
)
from attn_widgets.masks.exchange.tensors import to_mask_mod

FAMILIES: list[Mask] = [
    shifted(5),
    shifted(4),
    shifted(3, 4),
    shifted(99, 2),
    blocks(4),
    blocks(4, left=1, right=2),
    global_blocks(4, 0, -1),
    random_blocks(3, 2, seed=5),
    random_blocks(3, 99, seed=5),
    block_pairs(4, 0, 2, 1, 1, 1, 3),
    documents(3, 10, 12),
    segments(),
    residue(4),
    summary(5, 2),
    random(p=0.3, seed=9),
    random(p=1, seed=9),
    random(r=4, seed=9),
    strided(5),
    fixed(5, 2),
    bigbird(3, 2, seed=1) & causal(),
    ~(shifted(3, 2) | random(p=0.5)) & segments(),
]
N = 25
TOKENS = [SimpleNamespace(role="word", segment=(None, 0, 1, 1, 2)[i // 5]) for i in range(N)]


@pytest.mark.parametrize("mask", FAMILIES, ids=repr)
@pytest.mark.parametrize(("n_queries", "offset"), [(N, 0), (4, 21), (9, 3), (7, 22)])
def test_our_function_gives_torch_the_same_pairs(mask: Mask, n_queries: int, offset: int) -> None:
    bound = mask.bind(n_queries, N, TOKENS, offset)
    theirs = create_mask(to_mask_mod(bound), None, None, n_queries, N, device="cpu")[0, 0]
    assert np.array_equal(theirs.numpy(), bound.to_dense())


@pytest.mark.parametrize("mask", FAMILIES, ids=repr)
def test_our_function_gives_transformers_the_same_pairs(mask: Mask) -> None:
    bound = mask.bind(N, tokens=TOKENS)
    theirs = sdpa_mask(
        batch_size=1,
        q_length=N,
        kv_length=N,
        mask_function=to_mask_mod(bound),
        allow_is_causal_skip=False,
    )
    assert np.array_equal(theirs[0, 0].numpy(), bound.to_dense())


def hf(function: object) -> np.ndarray:
    return sdpa_mask(
        batch_size=1, q_length=N, kv_length=N, mask_function=function, allow_is_causal_skip=False
    )[0, 0].numpy()


@pytest.mark.parametrize("size", [1, 2, 7])
def test_windows_of_transformers_are_translated(size: int) -> None:
    assert np.array_equal(
        from_hf_window(size).bind(N).to_dense(), hf(sliding_window_causal_mask_function(size))
    )
    assert np.array_equal(
        from_hf_bidirectional(size).bind(N).to_dense(),
        hf(sliding_window_bidirectional_mask_function(size)),
    )


def test_packed_documents_are_those_of_transformers() -> None:
    lengths = [3, 10, 12]
    owner = torch.repeat_interleave(torch.arange(3), torch.tensor(lengths))[None]
    assert np.array_equal(
        documents(lengths).bind(N).to_dense(), hf(packed_sequence_mask_function(owner))
    )
