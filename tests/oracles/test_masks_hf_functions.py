"""Our masks against the mask functions of transformers, its conventions translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from transformers.masking_utils import (
    and_masks,
    bidirectional_mask_function,
    causal_mask_function,
    or_masks,
    sdpa_mask,
    sliding_window_bidirectional_mask_function,
    sliding_window_causal_mask_function,
)

from attn_widgets.masks import (
    Mask,
    causal,
    dilated,
    full,
    global_,
    local,
    sink,
)
from attn_widgets.masks.exchange.tensors import to_bool_4d, to_mask_mod

if TYPE_CHECKING:
    from collections.abc import Callable


def theirs(function: Callable, n_queries: int, n_keys: int, q_offset: int = 0) -> np.ndarray:
    return sdpa_mask(
        batch_size=1,
        q_length=n_queries,
        kv_length=n_keys,
        q_offset=q_offset,
        mask_function=function,
        allow_is_causal_skip=False,
    ).numpy()


PAIRS: list[tuple[Mask, Callable]] = [
    (full(), bidirectional_mask_function),
    (causal(), causal_mask_function),
    # a causal sliding window of s counts the query itself
    *((local(left=s - 1, right=0), sliding_window_causal_mask_function(s)) for s in (1, 2, 4, 128)),
    # a bidirectional one of s is a radius
    *((local(s), sliding_window_bidirectional_mask_function(s)) for s in (1, 3, 128)),
    (
        causal() & local(2) | sink(1) & full(),
        or_masks(
            and_masks(causal_mask_function, sliding_window_causal_mask_function(3)),
            lambda _b, _h, query, key: (key < 1) & (query >= 0),
        ),
    ),
]


@pytest.mark.parametrize(("mask", "function"), PAIRS, ids=[repr(mask) for mask, _ in PAIRS])
@pytest.mark.parametrize("size", [(1, 1, 0), (9, 9, 0), (64, 64, 0), (3, 9, 6), (1, 33, 32)])
def test_the_same_pairs_are_kept(
    mask: Mask, function: Callable, size: tuple[int, int, int]
) -> None:
    n_queries, n_keys, q_offset = size
    bound = mask.bind(n_queries, n_keys, q_offset=q_offset)
    assert np.array_equal(to_bool_4d(bound).numpy(), theirs(function, *size))


@pytest.mark.parametrize(
    "mask", [local(2) | global_(0, -1), dilated(2, 3) & causal(), ~(sink(2) | local(1))], ids=repr
)
def test_our_function_is_read_by_their_builder(mask: Mask) -> None:
    bound = mask.bind(12)
    assert np.array_equal(theirs(to_mask_mod(bound), 12, 12)[0, 0], bound.to_dense())
