"""Where attention leads to over several layers, by multiplying them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.heads import Floats64, layer_means
from attn_widgets.analysis.reading import Bools, Queries, Reading, need_aligned, read

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord

RESIDUAL = 0.5


def attention_rollout(record: AttentionRecord, residual: float = RESIDUAL) -> Floats64:
    r"""Multiply the layers' attention, the residual connection counted in.

    .. math::

        \tilde A_l = (1 - r) A_l + r I, \qquad R_l = \tilde A_l R_{l-1}, \qquad R_0 = I

    with :math:`A_l` the mean over heads and the rows of :math:`\tilde A_l` made to sum to 1: Abnar
    & Zuidema 2020 (arXiv 2005.00928), section 3, where r = 1/2. It is of weights alone: a token
    that looks at itself, as [CLS] often does, swallows ever more of it, whatever its message. On
    some tasks it hardly agrees with what matters to the model (their table 3: at most .14).

    Parameters
    ----------
    record
        Where the weights are: of one text, of layers that follow each other. Of a record of some
        heads only, the mean is of those; of one that starts higher up, the rollout starts there.
    residual
        r, the weight of the residual connection, from 0 to 1.

    Returns
    -------
    ndarray of float64, shape (layers, queries, keys)
        ``[l, i, j]``: the share of position ``i`` after layer ``l`` that leads to the input at
        ``j``. Rows sum to 1, in padding to 0.

    Raises
    ------
    ValueError
        If layers are missing in between, queries and keys are not one whole text, or `residual` is
        out of range.
    """
    reading = read(record)
    need_chain(reading, "rollout")
    steps = _rolled(reading, residual)
    if not reading.padded:
        return np.stack(steps)
    n_layers, _, n_queries, n_keys = record.shape
    whole = np.zeros((n_layers, n_queries, n_keys))
    whole[:, reading.queries[:, None], reading.keys] = steps
    return whole


def rollout_to_special(
    record: AttentionRecord, queries: Queries = "content", residual: float = RESIDUAL
) -> Floats64:
    """Measure the share of the rollout that leads to special tokens, after each layer.

    Parameters
    ----------
    record, residual
        As in :func:`attention_rollout`.
    queries
        As in :func:`share_of`.

    Returns
    -------
    ndarray of float64, shape (layers,)
        Means over the queries, in [0, 1].

    Raises
    ------
    ValueError
        As :func:`attention_rollout`, or if no query is left.
    """
    reading = read(record)
    need_chain(reading, "rollout")
    return rolled_to_special(reading, reading.rows(queries), residual)


def rolled_to_special(reading: Reading, rows: Bools, residual: float = RESIDUAL) -> Floats64:
    """Measure as :func:`rollout_to_special`, of a reading that is a chain."""
    towards = reading.special().astype(np.float64)
    shares = []
    for layer in with_residual(reading, residual):
        towards = layer @ towards
        shares.append(towards[rows].mean())
    return np.array(shares)


def is_chain(reading: Reading) -> bool:
    """Say whether the layers follow each other and queries and keys are one whole text."""
    layers = reading.record.layers
    whole = reading.aligned and len(reading.queries) == len(reading.keys)
    return whole and layers == tuple(range(layers[0], layers[-1] + 1))


def need_chain(reading: Reading, what: str) -> None:
    """Refuse layers that cannot be put one after another.

    Raises
    ------
    ValueError
        If they cannot.
    """
    need_aligned(reading, what)
    if is_chain(reading):
        return
    layers = reading.record.layers
    if layers != tuple(range(layers[0], layers[-1] + 1)):
        msg = (
            f"{what} needs layers that follow each other; this record holds layers "
            f"{', '.join(map(str, layers))}: capture those in between"
        )
    else:
        msg = (
            f"{what} needs every position as query and as key; this record has "
            f"{len(reading.queries)} queries and {len(reading.keys)} keys: run the whole text at "
            "once"
        )
    raise ValueError(msg)


def with_residual(reading: Reading, residual: float) -> list[Floats64]:
    """Give each layer's mean attention with the residual connection in, rows summing to 1.

    Raises
    ------
    ValueError
        If `residual` is out of range.
    """
    if not 0 <= residual <= 1:
        msg = f"residual is {residual}: expected a share from 0 to 1; Abnar & Zuidema use 0.5"
        raise ValueError(msg)
    mixed = list(layer_means(reading))
    for layer in mixed:
        np.multiply(layer, 1 - residual, out=layer)
        layer[np.diag_indices(len(layer))] += residual
        np.divide(layer, layer.sum(axis=1, keepdims=True), out=layer)
    return mixed


def _rolled(reading: Reading, residual: float) -> list[Floats64]:
    steps: list[Floats64] = []
    for layer in with_residual(reading, residual):
        steps.append(layer @ steps[-1] if steps else layer)
    return steps
