"""Shares and ratios of contributions: how much comes from special tokens, words, oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.reading import Queries, Reading, need_aligned, read
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

    After Kobayashi et al. 2020 (arXiv 2004.10102), section 3. It equals the share of the weights
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
    return _by_role(reading, _head_columns(made, reading, queries))


def head_norm_share_of(made: Contributions, keys: Bools, queries: Queries = "content") -> Floats64:
    """Measure as :func:`head_norm_shares` the share of any set of keys, as of the first alone.

    Parameters
    ----------
    made, queries
        As there.
    keys
        The set K, bool, shape ``(keys,)``; padding in it does not count.

    Returns
    -------
    ndarray of float64, shape (layers, heads)
        In [0, 1]; NaN where nothing is handed on.

    Raises
    ------
    ValueError
        If the choice has the wrong shape or type, or no query is left.
    """
    reading = read(made.record)
    chosen = _chosen(reading, keys)
    share: Floats64 = _head_columns(made, reading, queries)[..., chosen].sum(axis=-1)
    return share


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
    columns = np.stack([_shares(sizes[rows]) for sizes in stage_sizes(made, reading, stage)])
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
    return {role: _drain(made, reading, keys) for role, keys in _roles(reading).items()}


def value_drain_of(made: Contributions, keys: Bools) -> Floats64:
    """Compare as :func:`value_drain` the messages of any set of keys, as of the first alone.

    Parameters
    ----------
    made
        What was measured.
    keys
        The set K, bool, shape ``(keys,)``; padding in it does not count.

    Returns
    -------
    ndarray of float64, shape (layers, heads)
        From 0 up. The text it is compared with is without K.

    Raises
    ------
    ValueError
        If the choice has the wrong shape or type, is empty, or leaves no text to compare with.
    """
    reading = read(made.record)
    return _drain(made, reading, _chosen(reading, keys), apart=True)


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
        why = made.absent.get("residual", "what others give together was not measured")
        msg = f"the mixing ratio is not defined here: {why}"
        raise ValueError(msg)
    ratios = np.full(own.shape, np.nan)
    ratios[:, reading.queries] = ratio(others, others + own)[:, reading.queries]
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
    for sizes in stage_sizes(made, reading, stage):
        total = sizes.sum(axis=1)
        mine = np.where(words[own], sizes[np.arange(len(own)), own], 0.0)
        others = sizes[:, words].sum(axis=1) - mine
        shares.append(_mean(ratio(others, total)[rows]))
    return np.array(shares)


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


def stage_sizes(made: Contributions, reading: Reading, stage: Stage | None) -> list[Floats64]:
    """Give each layer's sizes at a stage without padding, ``(queries, keys)``."""
    places = np.ix_(reading.queries, reading.keys)
    return [sizes[places] for sizes in made.at(stage)]


def _head_columns(made: Contributions, reading: Reading, queries: Queries) -> Floats64:
    """Give each key's share of what each head hands on, ``(layers, heads, keys)``."""
    rows = reading.queries[reading.rows(queries)]
    layers, heads, _, _ = made.record.shape
    columns = np.empty((layers, heads, len(reading.keys)))
    for place in np.ndindex(layers, heads):
        weights = made.record.weights[place][np.ix_(rows, reading.keys)]
        columns[place] = _shares(weights * made.values[place][reading.keys])
    return columns


def _drain(made: Contributions, reading: Reading, keys: Bools, *, apart: bool = False) -> Floats64:
    values, text = made.values[..., reading.keys], ~reading.special()
    if apart:
        text &= ~keys
    if not text.any():
        msg = "there is no text among the other keys to compare these values with"
        raise ValueError(msg)
    return ratio(values[..., keys].mean(axis=-1), values[..., text].mean(axis=-1))


def _chosen(reading: Reading, keys: Bools) -> Bools:
    """Take a set of the record's keys, and leave padding out."""
    count = len(reading.record.key_tokens)
    if keys.shape != (count,) or keys.dtype != np.bool_ or not keys[reading.keys].any():
        msg = (
            f"keys are {keys.dtype} of shape {keys.shape}, {int(keys.sum())} of them chosen: "
            f"expected bool of shape ({count},), with one at least that is not padding"
        )
        raise ValueError(msg)
    chosen: Bools = keys[reading.keys]
    return chosen


def _roles(reading: Reading) -> dict[TokenRole, Bools]:
    roles = np.array([token.role.value for token in reading.key_tokens])
    return {role: roles == role.value for role in TokenRole if role.value in roles}


def _by_role(reading: Reading, columns: Floats64) -> Mapping[TokenRole, Floats64]:
    return {role: columns[..., keys].sum(axis=-1) for role, keys in _roles(reading).items()}


def _shares(sizes: Floats64) -> Floats64:
    """Give each column's share of every row, the mean over rows: ``(keys,)``."""
    return _mean(ratio(sizes, sizes.sum(axis=1, keepdims=True)))


def _mean(rows: Floats64) -> Floats64:
    """Average over the first axis what is defined; NaN where nothing is."""
    defined = np.isfinite(rows)
    count = defined.sum(axis=0)
    total = np.where(defined, rows, 0.0).sum(axis=0)
    mean: Floats64 = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def ratio(part: Floats64, whole: Floats64) -> Floats64:
    """Divide; NaN where the whole is nothing."""
    room = np.broadcast_to(whole, part.shape)
    ratio: Floats64 = np.divide(part, room, out=np.full(part.shape, np.nan), where=room > 0)
    return ratio
