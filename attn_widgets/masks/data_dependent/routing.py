"""Routing by clusters: queries see the keys that gather around the same directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, cast

import numpy as np

from attn_widgets.masks.data_dependent.lsh_hash import raw_uniforms
from attn_widgets.masks.data_dependent.select import strongest
from attn_widgets.masks.data_dependent.settled import DataMask
from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.limits import whole
from attn_widgets.masks.rows.runs import Runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.head_data import HeadData

MAX_CLUSTERS: Final = 4096
SWEEPS: Final = 50
"""Most sweeps of the clustering; it mostly settles in fewer than ten."""


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale vectors ``(n, dim)`` to length 1; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def centroids(points: NDArray[np.float64], clusters: int, seed: int) -> NDArray[np.float64]:
    """Return the unit centroids ``(clusters, dim)`` of a spherical k-means.

    It starts from points chosen by the seed, moves each centroid to the direction of the points
    nearest to it (the leftmost of equally near ones), and ends when none changes its centroid, or
    after `SWEEPS`. A centroid without points stays where it is.

    Parameters
    ----------
    points : numpy.ndarray
        ``(n, dim)``, of unit length, at least `clusters` of them.
    clusters, seed : int
        How many, and from which points to start.
    """
    first = np.argsort(raw_uniforms(seed, len(points)), kind="stable")[:clusters]
    centers = points[first]
    nearest = np.full(len(points), -1)
    for _ in range(SWEEPS):
        again = np.argmax(points @ centers.T, axis=1)
        if np.array_equal(again, nearest):
            break
        nearest = again
        total = np.zeros_like(centers)
        np.add.at(total, nearest, points)
        moved = unit(total)
        centers = np.where((moved != 0).any(axis=1)[:, None], moved, centers)
    return centers


@dataclass(frozen=True, slots=True, repr=False)
class Routing(DataMask):
    """Keys gathered by the same centroids as the query; made by `routing`."""

    kind: ClassVar[str] = "routing"
    wants: ClassVar[frozenset[str]] = frozenset({"q", "k"})
    clusters: int
    window: int
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse no clusters and empty ones."""
        clusters = whole("the number of clusters", self.clusters, 1, MAX_CLUSTERS)
        object.__setattr__(self, "clusters", clusters)
        object.__setattr__(self, "window", whole("the cluster's size", self.window, 1))
        object.__setattr__(self, "seed", whole("the seed", self.seed, 0))

    def runs(self, data: HeadData, frame: Frame) -> Runs:
        """Cluster, let each centroid take its share, and keep who was taken together."""
        query = unit(cast("NDArray[np.float64]", data.q))
        key = unit(cast("NDArray[np.float64]", data.k))
        points = np.concatenate([query, key])
        if self.clusters > len(points):
            msg = f"{self.clusters} clusters are more than the {len(points)} queries and keys"
            raise MaskBindError(msg)
        centers = centroids(points, self.clusters, self.seed)
        takes_query = strongest(centers @ query.T, self.window)
        takes_key = strongest(centers @ key.T, self.window)
        kept = (takes_query.T.astype(np.float32) @ takes_key.astype(np.float32)) > 0
        own = data.own_keys(frame)
        rows = np.flatnonzero(own >= 0)
        kept[rows, own[rows]] = True
        return Runs.from_dense(kept)

    def scores_computed(self, n_queries: int, n_keys: int) -> int:
        """Return ``clusters * window²``, a window no larger than the text."""
        return self.clusters * min(self.window, n_queries) * min(self.window, n_keys)

    def sort_steps(self, n_queries: int, n_keys: int) -> int:
        """Return ``clusters * (n_queries + n_keys)``, the similarities that are ranked."""
        return self.clusters * (n_queries + n_keys)

    def __repr__(self) -> str:
        """Return the call that makes it."""
        seed = f", seed={self.seed}" if self.seed else ""
        return f"routing({self.clusters}, {self.window}{seed})"

    def __str__(self) -> str:
        """Say it in words."""
        return (
            f"keys in the same of {self.clusters} clusters, each of {self.window} queries and "
            f"{self.window} keys, and itself"
        )


def routing(clusters: int, window: int, seed: int = 0) -> Mask:
    """Let queries see the keys that gather around the same centroids: `bind_data` it.

    Queries and keys are scaled to unit length and clustered together by a spherical k-means. Each
    centroid then takes the `window` queries and the `window` keys nearest to it, so that clusters
    are balanced, and all of these meet: the mask is the union over clusters of taken queries times
    taken keys. A token may be in several clusters or in none. Each query keeps its own key, so that
    no row is empty; the original leaves queries of no cluster without attention.

    Parameters
    ----------
    clusters : int
        Number of centroids, 1 to 4096; about ``sqrt(N)`` costs least.
    window : int
        Queries, and keys, that each centroid takes; ``N / clusters`` on the average.
    seed : int
        Which points the clustering starts from.

    Raises
    ------
    MaskError
        If a value is out of range.

    Notes
    -----
    Roy, Saffar, Vaswani & Grangier 2020, "Routing Transformer", section 4. There the centroids are
    learned over the whole of training; here they are fitted to the one text. Write
    ``routing(...) & causal()`` for a decoder. Cost: ``clusters window²`` scores and
    ``clusters 2N d`` products for the similarities of each sweep, ``O(N sqrt(N))`` where clusters
    and window grow as ``sqrt(N)``. At most ``clusters window² + N`` pairs.
    """
    return Routing(clusters, window, seed)
