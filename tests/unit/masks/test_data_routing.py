"""Routing by clusters, against its definition written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import MaskBindError, routing
from attn_widgets.masks.data_dependent.routing import Routing, centroids, unit


@settings(max_examples=80, deadline=None)
@given(
    n_queries=st.integers(1, 16),
    n_keys=st.integers(1, 16),
    clusters=st.integers(1, 5),
    window=st.integers(1, 9),
    seed=st.integers(0, 999),
)
def test_a_pair_is_kept_where_some_centroid_takes_both(
    n_queries: int, n_keys: int, clusters: int, window: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    q, k = rng.normal(size=(n_queries, 5)), rng.normal(size=(n_keys, 5))
    if clusters > n_queries + n_keys:
        with pytest.raises(MaskBindError, match="more than the"):
            routing(clusters, window).bind_data(q=q, k=k)
        return
    bound = routing(clusters, window, seed).bind_data(q=q, k=k)
    centers = centroids(unit(np.concatenate([q, k])), clusters, seed)
    expected = np.zeros((n_queries, n_keys), dtype=bool)
    for center in centers:
        near = [
            sorted(range(len(x)), key=lambda i, x=x: (-(x[i] @ center), i))[:window]
            for x in (unit(q), unit(k))
        ]
        for i in near[0]:
            expected[i, near[1]] = True
    for i in range(min(n_queries, n_keys)):
        expected[i, i] = True
    assert np.array_equal(bound.to_dense(), expected)
    assert bound.nnz() <= clusters * window**2 + n_queries


def test_a_centroid_points_where_its_points_point() -> None:
    rng = np.random.default_rng(0)
    corners = np.eye(4)[:, :4]
    points = unit(np.repeat(corners, 10, axis=0) + 0.1 * rng.normal(size=(40, 4)))
    centers = centroids(points, 4, seed=2)
    assert np.allclose(np.linalg.norm(centers, axis=1), 1)
    nearest = np.argmax(points @ centers.T, axis=1)
    for cluster in set(nearest.tolist()):
        mine = points[nearest == cluster].sum(axis=0)
        assert np.allclose(centers[cluster], mine / np.linalg.norm(mine))


def test_lengths_do_not_matter_and_the_seed_decides() -> None:
    rng = np.random.default_rng(1)
    q, k = rng.normal(size=(2, 40, 8))
    bound = routing(6, 8).bind_data(q=q, k=k)
    longer = routing(6, 8).bind_data(q=q * rng.uniform(1, 9, (40, 1)), k=k * 3)
    assert np.array_equal(bound.to_dense(), longer.to_dense())
    assert bound.packed_digest() == routing(6, 8).bind_data(q=q, k=k).packed_digest()
    assert bound.packed_digest() != routing(6, 8, seed=1).bind_data(q=q, k=k).packed_digest()


def test_vectors_of_zero_are_no_trouble() -> None:
    q = np.zeros((5, 3))
    assert routing(2, 2).bind_data(q=q, k=q).nnz() >= 5


def test_root_n_clusters_of_root_n_tokens_cost_n_root_n() -> None:
    costs = [Routing(side, side).scores_computed(side**2, side**2) for side in (16, 32, 64)]
    assert costs == [16**3, 32**3, 64**3]
    assert Routing(4, 100).scores_computed(10, 20) == 4 * 10 * 20
    assert Routing(4, 100).sort_steps(10, 20) == 4 * 30
