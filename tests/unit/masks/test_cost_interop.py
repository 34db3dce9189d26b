"""Masks handed to scipy and to transformers, and read back."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from attn_widgets.masks import Mask, MaskBindError, causal, dilated, full, global_, local, sink
from attn_widgets.masks.exchange.csr import to_csr
from attn_widgets.masks.exchange.hf import from_hf_mask, to_hf_masks
from attn_widgets.masks.exchange.tensors import to_additive, to_bool_4d
from attn_widgets.masks.rows.runs import Runs

MASKS = [
    full(),
    causal(),
    local(2) | global_(0, 7),
    (dilated(2, 3) | sink(1)) & causal(),
    ~local(3),
    sink(2) - causal(),
]
SIZES = [(19, 19, 0), (5, 19, 14), (7, 11, 2)]


@pytest.mark.parametrize("mask", MASKS, ids=repr)
@pytest.mark.parametrize("size", SIZES)
def test_a_mask_comes_back_from_compressed_rows(mask: Mask, size: tuple[int, int, int]) -> None:
    n_queries, n_keys, offset = size
    bound = mask.bind(n_queries, n_keys, q_offset=offset)
    matrix = to_csr(bound)
    assert matrix.dtype == bool
    assert matrix.has_canonical_format
    assert np.array_equal(matrix.toarray(), bound.to_dense())
    rows, keys = matrix.nonzero()
    runs = Runs.from_codes(rows.astype(np.int64) * n_keys + keys, (n_queries, n_keys))
    lo, hi = runs.block(0, n_queries)
    assert (hi - lo).sum() == bound.nnz()


def test_rows_are_compressed_over_long_texts() -> None:
    n = 2**17
    bound = (local(2) | global_(5)).bind(n)
    matrix = to_csr(bound)
    assert matrix.nnz == bound.nnz()
    for row in (0, 5, n - 1):
        keys = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        assert np.array_equal(keys, np.flatnonzero(bound.tile(row, row + 1, 0, n)[0]))


def test_far_too_many_pairs_are_refused() -> None:
    bound = full().bind(100)
    with pytest.raises(MaskBindError, match=r"10,000 pairs.*now 9,999"):
        to_csr(bound, limit=9_999)
    assert to_csr(bound, limit=None).nnz == 10_000


@pytest.mark.parametrize("mask", MASKS[:-1], ids=repr)
@pytest.mark.parametrize("size", SIZES)
def test_a_mask_comes_back_from_a_four_dimensional_one(
    mask: Mask, size: tuple[int, int, int]
) -> None:
    n_queries, n_keys, offset = size
    bound = (mask | sink(1)).bind(n_queries, n_keys, q_offset=offset)
    dense = bound.to_dense()
    assert np.array_equal(from_hf_mask(to_bool_4d(bound)), dense)
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        assert np.array_equal(from_hf_mask(to_additive(bound, dtype)), dense)
    infinite = torch.zeros(1, 1, n_queries, n_keys)
    infinite[~to_bool_4d(bound)] = -torch.inf
    assert np.array_equal(from_hf_mask(infinite), dense)


@pytest.mark.parametrize("mask", MASKS, ids=repr)
def test_a_mask_comes_back_from_json(mask: Mask) -> None:
    assert Mask.from_spec(json.loads(json.dumps(mask.to_spec()))) == mask


def test_one_mask_per_type_of_layer() -> None:
    bounds = {
        "full_attention": causal().bind(9),
        "sliding_attention": local(left=2, right=0).bind(9),
    }
    masks = to_hf_masks(bounds, torch.float32)
    assert set(masks) == set(bounds)
    for name, bound in bounds.items():
        assert np.array_equal(from_hf_mask(masks[name]), bound.to_dense())
    assert to_hf_masks(bounds)["full_attention"].dtype == torch.bool


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (torch.ones(3, 3, dtype=torch.bool), "expected \\(1, 1"),
        (torch.ones(2, 1, 3, 3, dtype=torch.bool), "one text and head"),
        (torch.ones(1, 1, 3, 3, dtype=torch.int64), "int64"),
        (torch.full((1, 1, 3, 3), -1e4), "-10000"),
        (torch.full((1, 1, 3, 3), torch.nan), "nan"),
    ],
)
def test_other_tensors_are_refused(mask: torch.Tensor, words: str) -> None:
    with pytest.raises(MaskBindError, match=words):
        from_hf_mask(mask)
