"""Where contributions lead to over several layers, by multiplying them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.norm_shares import ratio, stage_sizes
from attn_widgets.analysis.reading import Queries, read
from attn_widgets.analysis.rollout import need_chain

if TYPE_CHECKING:
    from attn_widgets.analysis.contributions import Contributions, Stage
    from attn_widgets.analysis.heads import Floats64


def norm_rollout(made: Contributions, stage: Stage | None = None) -> Floats64:
    r"""Multiply the layers' contributions, as rollout multiplies their weights.

    .. math::

        \tilde N_{l,ij} = \frac{N_{l,ij}}{\sum_k N_{l,ik}}, \qquad
        R_l = \tilde N_l R_{l-1}, \qquad R_0 = I

    The product is that of Abnar & Zuidema 2020 (arXiv 2005.00928), section 3, of the sizes of
    Kobayashi et al. 2021 (arXiv 2109.07152) in place of weights mixed with the identity: those
    hold the residual connection already. The feed-forward layers are not in it.

    Parameters
    ----------
    made, stage
        As in :func:`norm_shares`.

    Returns
    -------
    ndarray of float64, shape (layers, queries, keys)
        As :func:`attention_rollout`. Rows sum to 1, in padding to 0.

    Raises
    ------
    ValueError
        If the stage is not defined, layers are missing, or queries and keys are not one whole text.
    """
    reading = read(made.record)
    need_chain(reading, "rollout")
    layers, _, n_queries, n_keys = made.record.shape
    rolled = np.zeros((layers, n_queries, n_keys))
    places = np.ix_(reading.queries, reading.keys)
    step = np.eye(len(reading.keys))
    for layer, sizes in enumerate(stage_sizes(made, reading, stage)):
        step = ratio(sizes, sizes.sum(axis=1, keepdims=True)) @ step
        rolled[layer][places] = step
    return rolled


def norm_rollout_to_special(
    made: Contributions, stage: Stage | None = None, queries: Queries = "content"
) -> Floats64:
    """Measure the share of :func:`norm_rollout` that leads to special tokens, ``(layers,)``."""
    reading = read(made.record)
    rows = reading.queries[reading.rows(queries)]
    towards = norm_rollout(made, stage)[:, rows][..., made.record.special()]
    shares: Floats64 = towards.sum(axis=-1).mean(axis=-1)
    return shares
