"""How alike heads are, and a map on which like heads stand together."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.reading import Queries, Reading, read
from attn_widgets.analysis.values import ReadOnlyArrays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.record import AttentionRecord


def head_divergences(
    record: AttentionRecord, queries: Queries = "content", smoothing: float = 0.0
) -> Floats64:
    r"""Measure how far each head's rows are from each other head's.

    .. math::

        \frac{1}{|Q|} \sum_{i \in Q} JS(A_i^a, A_i^b), \qquad
        JS(p, q) = H\left(\tfrac{p + q}{2}\right) - \tfrac{H(p) + H(q)}{2}

    Clark et al. 2019 (arXiv 1906.04341), section 6, who sum over all queries where this takes the
    mean. The square root of JS is a distance, as scipy's ``jensenshannon`` gives it. Rows are made
    to sum to 1 first.

    Parameters
    ----------
    record
        Where the weights are.
    queries
        As in :func:`share_of`.
    smoothing
        The part of the uniform distribution over keys that is mixed into each row, from 0 to 1;
        their published script takes .001.

    Returns
    -------
    ndarray of float64, shape (layers * heads, layers * heads)
        In nats, from 0 to ln 2, accurate to 1e-12; head ``h`` of layer ``l``, by position in the
        record, is ``l * heads + h``. Symmetric, with a diagonal of 0. It takes an entropy per
        pair of heads, so its time grows with the square of their number: ten seconds or more for
        144 heads and 512 tokens.

    Raises
    ------
    ValueError
        If `smoothing` is out of range, or no query is left.
    """
    if not 0 <= smoothing <= 1:
        msg = f"smoothing is {smoothing}: expected a share from 0 to 1; Clark et al. use 0.001"
        raise ValueError(msg)
    reading = read(record)
    rows = np.flatnonzero(reading.rows(queries))
    count = record.shape[0] * record.shape[1]
    sums = np.zeros((count, count))
    for block in _blocks(reading, rows, smoothing):
        single = _entropies(block)
        for head in range(count - 1):
            middle = (block[head] + block[head + 1 :]) / 2
            apart = _entropies(middle) - (single[head] + single[head + 1 :]) / 2
            sums[head, head + 1 :] += apart.sum(axis=1)
    return np.maximum(sums + sums.T, 0) / len(rows)


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class HeadMap(ReadOnlyArrays):
    """Heads as points in a plane.

    Attributes
    ----------
    points
        Shape ``(heads, 2)``, in the unit of the distances; its axes mean nothing by themselves.
    kept
        The share of the spread that the plane shows, in [0, 1]: the rest is flattened away.
    """

    points: Floats64
    kept: float

    def __repr__(self) -> str:
        """Say how many heads, and how much of their spread is shown."""
        return f"HeadMap({len(self.points)} heads, {self.kept:.0%} of their spread shown)"


def head_map(divergences: Floats64) -> HeadMap:
    r"""Lay heads out in a plane so that near ones are alike: classical scaling.

    .. math:: B = -\tfrac12 J \, \mathrm{JS} \, J, \qquad J = I - \tfrac1n 1 1^T

    The points are the two leading eigenvectors of B, times the roots of their eigenvalues: the
    distances are the square roots of the divergences. Clark et al. 2019 scale the divergences
    themselves, by an iterative method with a random start; this one has a single answer, with signs
    chosen so that the largest coordinate of each axis is positive.

    Parameters
    ----------
    divergences
        Symmetric, with a diagonal of 0, shape ``(heads, heads)``: of :func:`head_divergences`.

    Raises
    ------
    ValueError
        If the matrix is not square and symmetric, with zeros on the diagonal.
    """
    square = divergences.ndim == 2 and divergences.shape[0] == divergences.shape[1]  # noqa: PLR2004 - a matrix
    if not (square and np.allclose(divergences, divergences.T) and not np.diag(divergences).any()):
        msg = (
            f"divergences have shape {divergences.shape}: expected a symmetric matrix with zeros "
            "on its diagonal, as head_divergences gives"
        )
        raise ValueError(msg)
    count = len(divergences)
    centring = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(-centring @ divergences @ centring / 2)
    values = np.maximum(values[::-1], 0)
    vectors = vectors[:, ::-1]
    points = np.zeros((count, 2))
    axes = vectors[:, :2] * np.sqrt(values[:2])
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])])
    points[:, : axes.shape[1]] = axes * signs
    spread = values.sum()
    return HeadMap(points=points, kept=float(values[:2].sum() / spread) if spread > 0 else 1.0)


def _blocks(reading: Reading, rows: np.ndarray, smoothing: float) -> Iterator[Floats64]:
    """Give all heads' rows, some queries at a time, shape ``(heads, queries, keys)``."""
    n_keys = len(reading.keys)
    weights = reading.record.weights
    at_once = max(1, _CELLS // n_keys)
    for start in range(0, len(rows), at_once):
        chosen = reading.queries[rows[start : start + at_once]]
        block = weights[:, :, chosen][..., reading.keys].astype(np.float64)
        block = block.reshape(-1, len(chosen), n_keys)
        totals = block.sum(axis=2, keepdims=True)
        np.divide(block, totals, out=block, where=totals > 0)
        yield (1 - smoothing) * block + smoothing / n_keys


def _entropies(rows: Floats64) -> Floats64:
    entropies: Floats64 = -np.einsum("hij,hij->hi", rows, np.log(np.maximum(rows, _TINY)))
    return entropies


_CELLS = 1024
_TINY = np.finfo(np.float64).tiny
