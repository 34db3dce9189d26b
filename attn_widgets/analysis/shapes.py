"""The shape of a head's map: how spread its rows are, and whether columns or diagonals rule it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.heads import Floats64, Head, over_heads, sum_rows
from attn_widgets.analysis.reading import Bools, Queries, Reading, need_aligned, read

if TYPE_CHECKING:
    from attn_widgets.analysis.heads import Kernel
    from attn_widgets.record import AttentionRecord


def normalised_entropy(record: AttentionRecord, queries: Queries = "content") -> Floats64:
    r"""Measure how spread each head's rows are.

    .. math:: \frac{1}{|Q|} \sum_{i \in Q} \frac{-\sum_j A_{ij} \ln A_{ij}}{\ln |\mathrm{seen}(i)|}

    The entropy is that of Clark et al. 2019 (arXiv 1906.04341), section 3.3, in nats, here over
    its largest value. Queries that see one key only are left out. What a learned sink takes is not
    counted.

    Returns
    -------
    ndarray of float64, shape (layers, heads)
        0 is one key per query, 1 is even attention; accurate to 1e-5, beside which half-precision
        rows that do not sum to 1 may carry it past 1 by 1e-3. NaN where no query sees two keys.

    Raises
    ------
    ValueError
        If no query is left.
    """
    reading = read(record)
    rows = reading.rows(queries)
    (entropies,) = over_heads(reading, row_entropies)
    return from_entropies(reading, rows, entropies)


def row_entropies(head: Head) -> Floats64:
    """Give each row's entropy in nats, shape ``(queries,)``."""
    logs = np.maximum(head.weights, _TINY, out=head.spare)
    np.log(logs, out=logs)
    entropies: Floats64 = -np.einsum("ij,ij->i", logs, head.weights).astype(np.float64)
    return entropies


def from_entropies(reading: Reading, rows: Bools, entropies: Floats64) -> Floats64:
    """Normalise and average row entropies, shape ``(layers, heads, queries)``."""
    counted = rows & (reading.visible > 1)
    if not counted.any():
        return np.full(entropies.shape[:2], np.nan)
    means: Floats64 = (entropies[..., counted] / np.log(reading.visible[counted])).mean(axis=-1)
    return np.maximum(means, 0)


def confidence(
    record: AttentionRecord, queries: Queries = "content", *, special: bool = True
) -> Floats64:
    r"""Measure how much each query gives the one key it looks at most.

    .. math:: \frac{1}{|Q|} \sum_{i \in Q} \max_j A_{ij}

    After Voita et al. 2019 (arXiv 1905.09418).

    Parameters
    ----------
    record
        Where the weights are.
    queries
        As in :func:`share_of`.
    special
        Whether special tokens may be that key; without them the number says how sure a head is
        about text (0 where there is none).

    Returns
    -------
    ndarray of float64, shape (layers, heads)
        In [0, 1], exact for the weights as they are stored.

    Raises
    ------
    ValueError
        If no query is left.
    """
    reading = read(record)
    rows = reading.rows(queries)
    (peaks,) = over_heads(reading, row_peaks if special else text_peaks(reading))
    means: Floats64 = peaks[..., rows].mean(axis=-1)
    return means


def row_peaks(head: Head) -> Floats64:
    """Give each row's largest weight, shape ``(queries,)``."""
    peaks: Floats64 = head.weights.max(axis=1).astype(np.float64)
    return peaks


def text_peaks(reading: Reading) -> Kernel:
    """Prepare each row's largest weight on a text key, shape ``(queries,)``."""
    content = (~reading.special()).astype(np.float32)

    def kernel(head: Head) -> Floats64:
        on_text = np.multiply(head.weights, content, out=head.spare)
        peaks: Floats64 = on_text.max(axis=1).astype(np.float64)
        return peaks

    return kernel


def stripe(record: AttentionRecord, queries: Queries = "all") -> Floats64:
    r"""Measure how alike a head's rows are: the share of its variance that columns explain.

    .. math::

        V = \frac{\sum_j n_j (\bar a_j - \bar a)^2}{\sum_{ij} (A_{ij} - \bar a)^2}

    over the pairs that can be seen: the eta squared of a one-way analysis of variance, whose groups
    are the columns, with :math:`n_j` queries each and mean :math:`\bar a_j`. Where every query
    sees all T keys, the mean :math:`\bar a` of all is 1 / T.

    Parameters
    ----------
    record
        Where the weights are.
    queries
        As in :func:`share_of`; all by default, as it is a property of the whole map.

    Returns
    -------
    ndarray of float64, shape (layers, heads)
        In [0, 1]; 1 where every query looks at the same keys alike. NaN where all weights are the
        same but for their rounding, so that there is nothing to explain.

    Raises
    ------
    ValueError
        If no query is left.
    """
    reading = read(record)
    rows = reading.rows(queries)
    (sums,) = over_heads(reading, variations(reading, rows))
    return stripe_from(reading, rows, sums)


def diagonality(record: AttentionRecord, queries: Queries = "all") -> Floats64:
    r"""Measure how far a head looks by distance: the share of its variance that diagonals explain.

    As :func:`stripe`, with one group per offset :math:`j - i` in place of one per column: 1 where
    the weight depends on the distance alone. A head that looks at the previous token stays below 1,
    as the first query has none.

    Raises
    ------
    ValueError
        If queries and keys are of different texts, or no query is left.
    """
    reading = read(record)
    need_aligned(reading, "diagonality")
    rows = reading.rows(queries)
    (sums,) = over_heads(reading, variations(reading, rows))
    return diagonality_from(reading, rows, sums)


def variations(reading: Reading, rows: Bools) -> Kernel:
    """Prepare sums over `rows` of deviations: by column, by diagonal, and squared.

    The result has shape ``(keys + (queries + keys) + 1,)``.
    """
    middle = _middle(reading)
    selector = rows.astype(np.float32)[None]

    def kernel(head: Head) -> Floats64:
        moved = np.subtract(head.weights, middle, out=head.sheared)
        squares = np.einsum("ij,ij->i", moved, moved)
        by_column, by_diagonal = sum_rows(selector, moved)[0], sum_rows(selector, head.slanted)[0]
        return np.concatenate([by_column, by_diagonal, [squares[rows].sum(dtype=np.float64)]])

    return kernel


def stripe_from(reading: Reading, rows: Bools, sums: Floats64) -> Floats64:
    """Make V of what :func:`variations` summed."""
    n_keys = len(reading.keys)
    counts = (reading.visible[rows][:, None] > np.arange(n_keys)).sum(axis=0)
    return _explained(reading, sums[..., :n_keys], counts, sums[..., -1])


def diagonality_from(reading: Reading, rows: Bools, sums: Floats64) -> Floats64:
    """Make D of what :func:`variations` summed."""
    n_queries, n_keys = len(reading.queries), len(reading.keys)
    places = np.flatnonzero(rows)
    starts = n_queries - places
    edges = np.zeros(n_queries + n_keys + 1)
    np.add.at(edges, starts, 1)
    np.add.at(edges, starts + reading.visible[places], -1)
    counts = np.cumsum(edges)[:-1]
    return _explained(reading, sums[..., n_keys:-1], counts, sums[..., -1])


def _middle(reading: Reading) -> np.float32:
    """Give what is taken off each weight so that little is lost to rounding; no sum depends on it.

    Keys that a query cannot see hold 0, and must stay 0.
    """
    whole = bool((reading.visible == len(reading.keys)).all())
    return np.float32(1 / len(reading.keys) if whole else 0)


def _explained(reading: Reading, sums: Floats64, counts: np.ndarray, squares: Floats64) -> Floats64:
    seen = counts > 0
    number = counts.sum()
    shared = sums.sum(axis=-1) ** 2 / number
    between = (sums[..., seen] ** 2 / counts[seen]).sum(axis=-1) - shared
    total = squares - shared
    rounding = float(np.finfo(reading.record.weights.dtype).eps) / len(reading.keys)
    share = np.full(total.shape, np.nan)
    np.divide(between, total, out=share, where=total > number * rounding**2)
    return np.clip(share, 0, 1)


_TINY = np.finfo(np.float32).tiny
