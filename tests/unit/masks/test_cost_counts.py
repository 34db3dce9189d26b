"""What a mask costs: every count against the written-out matrix."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import Mask, MaskError, causal, dilated, full, global_, local, sink, top_k
from attn_widgets.masks.measures.cost import cost

ROLES = ["cls", *["word"] * 7, "sep", *["word"] * 4, "sep", "pad", "pad", "pad"]
TOKENS = [SimpleNamespace(role=role) for role in ROLES]
N = len(ROLES)

MASKS = [
    full(),
    causal(),
    local(2) | global_("cls"),
    (dilated(2, 3) | sink(1)) & causal(),
    sink(2) - causal(),
    ~global_("pad"),
]


@pytest.mark.parametrize("mask", MASKS, ids=repr)
@pytest.mark.parametrize(("n_queries", "offset"), [(N, 0), (5, N - 5), (6, 2)])
def test_every_count_is_that_of_the_matrix(mask: Mask, n_queries: int, offset: int) -> None:
    bound = mask.bind(n_queries, N, TOKENS, offset)
    dense = bound.to_dense()
    query, key = np.arange(n_queries)[:, None] + offset, np.arange(N)
    real = np.array([role != "pad" for role in ROLES])
    unpadded = real[query] & real[key]
    before = key <= query
    counted = cost(bound, head_dim=32, itemsize=2, blocks=(4,))
    assert counted.nnz == dense.sum()
    assert (counted.causal_nnz, counted.causal_pairs) == ((dense & before).sum(), before.sum())
    assert (counted.unpadded_nnz, counted.unpadded_pairs) == (
        (dense & unpadded).sum(),
        unpadded.sum(),
    )
    degrees = dense.sum(axis=1)
    assert (counted.min_degree, counted.max_degree) == (degrees.min(), degrees.max())
    assert counted.mean_degree == pytest.approx(degrees.mean())
    assert counted.empty_rows == (degrees == 0).sum()
    assert counted.flops == 4 * 32 * dense.sum()
    assert counted.dense_flops == 4 * 32 * dense.size
    assert counted.score_bytes == 2 * dense.sum()
    assert counted.density == dense.mean()


@settings(max_examples=40)
@given(st.integers(1, 300), st.integers(1, 9))
def test_dense_attention_costs_itself(n: int, block: int) -> None:
    counted = cost(full().bind(n), blocks=[block])
    assert counted.flops == counted.dense_flops
    assert counted.tiles[0].density == 1
    assert counted.tiles[0].pairs >= counted.nnz
    assert counted.flops_of(counted.tiles[0].pairs) >= counted.flops


def test_without_tokens_padding_is_not_known() -> None:
    counted = cost(local(1).bind(6))
    assert counted.unpadded_nnz is None
    assert counted.unpadded_density is None
    assert cost(local(1).bind(N, tokens=TOKENS)).unpadded_density is not None


def test_a_text_without_padding_counts_all_pairs_as_unpadded() -> None:
    counted = cost(local(1).bind(3, tokens=TOKENS[:3]))
    assert (counted.unpadded_nnz, counted.unpadded_pairs) == (7, 9)


def test_a_cost_becomes_json_and_reads_as_words() -> None:
    counted = cost((sink(1) - causal()).bind(N, tokens=TOKENS), blocks=(16,))
    values = json.loads(json.dumps(counted.to_dict()))
    assert values["density"] == {"pairs": 0, "causal": 0, "unpadded": 0}
    assert values["empty_rows"] == N
    assert values["tiles"] == [
        {
            "block": 16,
            "touched": 0,
            "total": 4,
            "density": 0,
            "fill": 0,
            "flops": 0,
            "score_bytes": 0,
        }
    ]
    assert f"{N} rows keep nothing" in repr(counted)
    assert "0 of all 289 pairs (0.0000%), 0.0000% of the causal pairs" in repr(counted)


def test_costs_are_values() -> None:
    assert cost(local(2).bind(30)) == cost(local(2).bind(30))
    assert hash(cost(local(2).bind(30))) == hash(cost(local(2).bind(30)))
    assert cost(local(2).bind(30)) != cost(local(2).bind(30), head_dim=32)


@pytest.mark.parametrize("sizes", [{"head_dim": 0}, {"itemsize": 0}, {"head_dim": 1.5}])
def test_sizes_that_no_head_has_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(MaskError):
        cost(local(1).bind(4), **sizes)


def test_a_mask_that_the_data_decided_is_counted_alike() -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(N), size=N)
    bound = (top_k(4) & causal()).bind_data(weights=weights, tokens=TOKENS)
    dense = bound.to_dense()
    counted = cost(bound, blocks=(4,))
    assert counted.nnz == counted.causal_nnz == dense.sum()
    tiles = np.pad(dense, ((0, 3), (0, 3))).reshape(5, 4, 5, 4).any(axis=(1, 3))
    assert counted.tiles[0].touched == tiles.sum()
