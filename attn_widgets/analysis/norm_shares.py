"""Shares and ratios of contributions: how much comes from special tokens, words, oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.reading import Queries, Reading, need_aligned, read
from attn_widgets.analysis.rollout import need_chain
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.contributions import Contributions, Stage
    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.reading import Bools


def head_norm_shares(
    made: Contributions, queries: Queries = "content"
) -> Mapping[TokenRole, Floats64]:
    r"""Measure the share of what each head hands on that comes from keys of each role.

    .. math::

        n_K = \frac{1}{|Q|} \sum_{i \in Q}
        \frac{\sum_{j \in K} \alpha_{ij} \lVert f(x_j) \rVert}
        {\sum_j \alpha_{ij} \lVert f(x_j) \rVert}

    After Kobayashi et al. 2020 (arXiv 2004.10102). It equals the share of the weights
    where all messages are as long as each other.

    Parameters
    ----------
    made
        What was measured.
    queries
        The set Q, as in :func:`share_of`.

    Returns
    -------
    dict
        Role to ``(layers, heads)``, in [0, 1]; the roles sum to 1. NaN where nothing is handed on.

    Raises
    ------
    ValueError
        If no query is left.
    """
    reading = read(made.record)
    rows = reading.queries[reading.rows(queries)]
    layers, heads, _, _ = made.record.shape
    columns = np.empty((layers, heads, len(reading.keys)))
    for place in np.ndindex(layers, heads):
        weights = made.record.weights[place][np.ix_(rows, reading.keys)]
        columns[place] = _shares(weights * made.values[place][reading.keys])
    return _by_role(reading, columns)


def norm_shares(
    made: Contributions, stage: Stage | None = None, queries: Queries = "content"
) -> Mapping[TokenRole, Floats64]:
    r"""Measure the share of each layer's contributions that comes from keys of each role.

    .. math::

        n_K = \frac{1}{|Q|} \sum_{i \in Q} \frac{\sum_{j \in K} N_{ij}}{\sum_j N_{ij}}

    with N the sizes at a stage: Kobayashi et al. 2020 (arXiv 2004.10102) for ``"summed"``, 2021
    (arXiv 2109.07152) for the other two.

    Parameters
    ----------
    made
        What was measured.
    stage
        ``"summed"``, ``"residual"`` or ``"normed"``; by default the last that is defined.
    queries
        As in :func:`share_of`.

    Returns
    -------
    dict
        Role to ``(layers,)``, in [0, 1]; the roles sum to 1.

    Raises
    ------
    ValueError
        If the stage is not defined, or no query is left.
    """
    reading = read(made.record)
    rows = reading.rows(queries)
    columns = np.stack([_shares(sizes[rows]) for sizes in _read(made, reading, stage)])
    return _by_role(reading, columns)


def special_sum(shares: Mapping[TokenRole, Floats64]) -> Floats64:
    """Add up the shares of all special tokens; 0 where there are none."""
    zero = np.zeros_like(next(iter(shares.values())))
    return sum((share for role, share in shares.items() if role.is_special), start=zero)


def value_drain(made: Contributions) -> Mapping[TokenRole, Floats64]:
    r"""Compare how long the messages of each role are with those of the text.

    .. math::

        d_K = \frac{\mathrm{mean}_{j \in K} \lVert f(x_j) \rVert}
        {\mathrm{mean}_{j \in C} \lVert f(x_j) \rVert}

    with C all keys that are no special tokens. Far below 1, attention to K is a place to put
    weight and says little; near 1 or above, K speaks as text does.

    Returns
    -------
    dict
        Role to ``(layers, heads)``, from 0 up, padding apart.

    Raises
    ------
    ValueError
        If there is no text to compare with.
    """
    reading = read(made.record)
    values, text = made.values[..., reading.keys], ~reading.special()
    if not text.any():
        msg = "there are only special tokens among the keys: no text to compare their values with"
        raise ValueError(msg)
    usual = values[..., text].mean(axis=-1)
    return {
        role: np.divide(
            values[..., keys].mean(axis=-1), usual, out=np.full_like(usual, np.nan), where=usual > 0
        )
        for role, keys in _roles(reading).items()
    }


def mixing_ratio(made: Contributions, stage: Stage | None = None) -> Floats64:
    r"""Measure how much of each token's vector is mixed in from others.

    .. math::

        r_i = \frac{\lVert \sum_{j \ne i} z_{ij} \rVert}
        {\lVert \sum_{j \ne i} z_{ij} \rVert + \lVert z_{ii} \rVert}

    with z the vectors at a stage: Kobayashi et al. 2021 (arXiv 2109.07152).

    Parameters
    ----------
    made, stage
        As in :func:`norm_shares`.

    Returns
    -------
    ndarray of float64, shape (layers, queries)
        In [0, 1]: 0 keeps all, 1 is made of others alone. NaN in padding.

    Raises
    ------
    ValueError
        If the stage is not defined, or queries and keys are different texts.
    """
    reading = read(made.record)
    need_aligned(reading, "the mixing ratio")
    own = np.diagonal(made.at(stage), axis1=1, axis2=2)
    others = made.mixed_normed if (stage or made.last) == "normed" else made.mixed
    if others is None:
        msg = "what others give together was not measured, so there is no mixing ratio"
        raise ValueError(msg)
    ratios = np.full(own.shape, np.nan)
    ratios[:, reading.queries] = _ratio(others, others + own)[:, reading.queries]
    return ratios


def context_share(
    made: Contributions, stage: Stage | None = None, queries: Queries = "content"
) -> Floats64:
    r"""Measure how much of a token's new vector comes from other words: the flow meter.

    .. math::

        c = \frac{1}{|Q|} \sum_{i \in Q} \frac{\sum_{j \in C, j \ne i} N_{ij}}{\sum_j N_{ij}}

    with C all keys that are no special tokens, and N the sizes at a stage. This share is ours; N
    after the normalisation is of Kobayashi et al. 2021 (arXiv 2109.07152).

    Parameters
    ----------
    made, stage, queries
        As in :func:`norm_shares`; ``"summed"`` leaves the residual out, which is not a measure of
        the whole vector.

    Returns
    -------
    ndarray of float64, shape (layers,)
        In [0, 1].

    Raises
    ------
    ValueError
        If the stage is not defined, no query is left, or queries and keys are different texts.
    """
    reading = read(made.record)
    need_aligned(reading, "the context share")
    rows, words = reading.rows(queries), ~reading.special()
    own = np.arange(len(reading.queries)) + reading.lead
    shares = []
    for sizes in _read(made, reading, stage):
        total = sizes.sum(axis=1)
        mine = np.where(words[own], sizes[np.arange(len(own)), own], 0.0)
        others = sizes[:, words].sum(axis=1) - mine
        shares.append(_mean(_ratio(others, total)[rows]))
    return np.array(shares)


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
    for layer, sizes in enumerate(_read(made, reading, stage)):
        step = _ratio(sizes, sizes.sum(axis=1, keepdims=True)) @ step
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


def effective_shares(
    made: Contributions, queries: Queries = "content"
) -> Mapping[TokenRole, Floats64]:
    r"""Measure the effective attention that goes to keys of each role.

    .. math:: m^\perp_K = \frac{1}{|Q|} \sum_{i \in Q} \sum_{j \in K} A^\perp_{ij}

    Brunner et al. 2020 (arXiv 1908.04211). As the rows of effective attention do not sum to 1,
    neither do these over all roles, and one may be below 0.

    Returns
    -------
    dict
        Role to ``(layers, heads)``.

    Raises
    ------
    ValueError
        If effective attention was not measured, or no query is left.
    """
    if made.effective is None:
        msg = "effective attention was not measured: ask for it by effective=True"
        raise ValueError(msg)
    reading = read(made.record)
    rows = reading.queries[reading.rows(queries)]
    columns = [
        [weights[np.ix_(rows, reading.keys)].mean(axis=0, dtype=np.float64) for weights in layer]
        for layer in made.effective
    ]
    return _by_role(reading, np.array(columns))


def _read(made: Contributions, reading: Reading, stage: Stage | None) -> list[Floats64]:
    """Give each layer's sizes without padding."""
    places = np.ix_(reading.queries, reading.keys)
    return [sizes[places] for sizes in made.at(stage)]


def _roles(reading: Reading) -> dict[TokenRole, Bools]:
    roles = np.array([token.role.value for token in reading.key_tokens])
    return {role: roles == role.value for role in TokenRole if role.value in roles}


def _by_role(reading: Reading, columns: Floats64) -> Mapping[TokenRole, Floats64]:
    return {role: columns[..., keys].sum(axis=-1) for role, keys in _roles(reading).items()}


def _shares(sizes: Floats64) -> Floats64:
    """Give each column's share of every row, the mean over rows: ``(keys,)``."""
    return _mean(_ratio(sizes, sizes.sum(axis=1, keepdims=True)))


def _mean(rows: Floats64) -> Floats64:
    """Average over the first axis what is defined; NaN where nothing is."""
    defined = np.isfinite(rows)
    count = defined.sum(axis=0)
    total = np.where(defined, rows, 0.0).sum(axis=0)
    mean: Floats64 = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def _ratio(part: Floats64, whole: Floats64) -> Floats64:
    """Divide; NaN where the whole is nothing."""
    room = np.broadcast_to(whole, part.shape)
    ratio: Floats64 = np.divide(part, room, out=np.full(part.shape, np.nan), where=room > 0)
    return ratio
