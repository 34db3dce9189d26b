"""How much of what a head looks at a mask finds."""

from __future__ import annotations

import numpy as np
import pytest

from attn_widgets import samples
from attn_widgets.masks import (
    MaskBindError,
    full,
    kept,
    local,
    lsh,
    lsh_retrieval,
    retrieval,
    top_k,
    top_k_recall,
)

RECORD = samples.load("sentence")


def random_weights(*shape: int) -> np.ndarray:
    powers = np.exp(np.random.default_rng(0).normal(size=shape))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("k", [1, 3, 50])
def test_recall_is_the_share_of_the_largest_keys_inside(k: int) -> None:
    weights, bound = random_weights(2, 3, 9, 12), local(2).bind(9, 12)
    inside = bound.to_dense()
    ours = top_k_recall(weights, bound, k)
    assert ours.shape == (2, 3)
    for head in np.ndindex(2, 3):
        tops = [sorted(range(12), key=lambda j, row=row: -row[j])[:k] for row in weights[head]]
        shares = [inside[i, top].mean() for i, top in enumerate(tops)]
        assert ours[head] == pytest.approx(np.mean(shares))
    rows = np.arange(9) < 4
    some = top_k_recall(weights[:, :, :4], local(2).bind(4, 12), k)
    assert np.allclose(top_k_recall(weights, bound, k, rows), some)


def test_everything_finds_all_and_the_top_keys_find_themselves() -> None:
    weights = random_weights(9, 9)
    assert top_k_recall(weights, full().bind(9), 4) == 1
    assert top_k_recall(weights, top_k(4).bind_data(weights=weights), 4) == 1
    assert top_k_recall(weights, (~full()).bind(9), 4) == 0


def test_a_row_that_attends_to_fewer_keys_is_measured_by_those() -> None:
    weights = np.tril(random_weights(6, 6))
    assert top_k_recall(weights, local(left=5, right=0).bind(6), 4) == 1


def test_what_cannot_be_measured_is_refused() -> None:
    weights, bound = random_weights(4, 4), local(1).bind(4)
    with pytest.raises(MaskBindError, match="bound to 4 queries x 4 keys"):
        top_k_recall(random_weights(5, 5), bound, 2)
    with pytest.raises(MaskBindError, match="4 booleans"):
        top_k_recall(weights, bound, 2, np.zeros(4, dtype=bool))
    with pytest.raises(MaskBindError, match="query 2 attends to nothing"):
        top_k_recall(weights * (np.arange(4) != 2)[:, None], bound, 2)


def test_a_record_is_measured_head_by_head() -> None:
    found = retrieval(local(1), RECORD, 3)
    bound = local(1).bind(8)
    assert np.allclose(found.recall, top_k_recall(RECORD.weights, bound, 3))
    assert np.allclose(found.mass, kept(RECORD.weights, bound).mean(axis=-1), atol=1e-6)
    assert np.allclose(found.density, bound.density())
    assert (retrieval(top_k(3), RECORD, 3).recall == 1).all()
    assert str(found).startswith("local(1): ")


def test_hashing_finds_more_with_more_rounds_and_keeps_more_with_fewer_buckets() -> None:
    found = lsh_retrieval(RECORD, buckets=(4, 8), rounds=(1, 2, 4), k=3)
    assert list(found) == [(4, 1), (4, 2), (4, 4), (8, 1), (8, 2), (8, 4)]
    for buckets in (4, 8):
        one, two, four = (found[buckets, rounds] for rounds in (1, 2, 4))
        assert (one.recall <= two.recall).all()
        assert (two.recall <= four.recall).all()
        assert one.mass.mean() < two.mass.mean() < four.mass.mean()
        assert one.recall.mean() < four.recall.mean()
    assert found[4, 1].density.mean() > found[8, 1].density.mean()


def test_hashing_finds_the_top_keys_more_often_than_chance() -> None:
    rng = np.random.default_rng(0)
    k = rng.normal(size=(200, 16))
    q = k[rng.permutation(200)] * 3 + 0.5 * rng.normal(size=(200, 16))
    scores = q @ k.T
    bound = lsh(16, 2, same_bucket=True).bind_data(q=q, k=k)
    share = top_k_recall(np.exp(scores - scores.max()), bound, 1)
    assert share > 3 * bound.density()
