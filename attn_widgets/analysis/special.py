"""How much attention goes to special tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord


def query_rows(record: AttentionRecord) -> NDArray[np.bool_]:
    """Choose the rows that a mean runs over: text queries, or all if there are none.

    Returns
    -------
    ndarray of bool, shape (queries,)
        Padding is never among them.
    """
    content = record.content()
    if content.any():
        return content
    return np.array([token.role is not TokenRole.PAD for token in record.tokens], dtype=bool)


def key_mass(
    record: AttentionRecord, keys: NDArray[np.bool_], rows: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    r"""Measure the share of attention that a set of keys takes, per layer and head.

    .. math:: m_K = \frac{1}{|Q|} \sum_{i \in Q} \sum_{j \in K} A_{ij}

    Parameters
    ----------
    record
        Where the weights are.
    keys
        Which keys form the set K, shape ``(keys,)``.
    rows
        Which queries form Q, shape ``(queries,)``; :func:`query_rows` by default. Clark et al.
        2019 (arXiv 1906.04341) count all queries: pass all True for their figures.

    Returns
    -------
    ndarray of float32, shape (layers, heads)
        Shares in [0, 1].

    Raises
    ------
    ValueError
        If a selection has the wrong length, or no query is selected.
    """
    rows = query_rows(record) if rows is None else np.asarray(rows)
    keys = np.asarray(keys)
    _, _, n_queries, n_keys = record.shape
    if (
        {rows.dtype, keys.dtype} != {np.dtype(bool)}
        or rows.shape != (n_queries,)
        or keys.shape != (n_keys,)
    ):
        msg = (
            f"rows are {rows.dtype} {rows.shape} and keys {keys.dtype} {keys.shape}: expected "
            f"one bool for each query, ({n_queries},), and for each key, ({n_keys},)"
        )
        raise ValueError(msg)
    if not rows.any():
        msg = "no query is selected: a mean needs at least one row"
        raise ValueError(msg)
    shares = [
        layer[:, :, keys][:, rows].sum(axis=-1, dtype=np.float32).mean(axis=-1)
        for layer in record.weights
    ]
    return np.stack(shares).astype(np.float32)


def uniform_mass(
    record: AttentionRecord, keys: NDArray[np.bool_], rows: NDArray[np.bool_] | None = None
) -> float:
    """Measure the share the same keys would take if every query looked at all it can see alike.

    ``|K| / T`` where every query sees all T keys; in a decoder query ``i`` sees the first ``i + 1``
    keys (counted back from the last, where there are more keys than queries), and the mean over the
    selected queries is given. That takes everything (in a decoder, everything earlier) for visible,
    as a record does not say which layers see less: where a layer sees only a sliding window, even
    attention in it gives another share than this one.

    Returns
    -------
    float
        The baseline that :func:`key_mass` is to be read against.
    """
    rows = query_rows(record) if rows is None else rows
    _, _, n_queries, n_keys = record.shape
    if record.kind != "decoder":
        return float(keys.mean())
    visible = np.arange(n_queries) + 1 + (n_keys - n_queries)
    seen = np.cumsum(keys)[visible - 1]
    return float((seen / visible)[rows].mean())


def mass_by_role(record: AttentionRecord) -> Mapping[TokenRole, dict[str, Any]]:
    """Give, for each special role the keys have, its share per head and the uniform share.

    Returns
    -------
    dict
        Role to ``{"share": (layers, heads) float32, "uniform": float}``; roles that no key has are
        absent.
    """
    roles = [token.role for token in record.key_tokens]
    found = [role for role in TokenRole if role.is_special and role in roles]
    masses = {}
    for role in found:
        keys = np.array([r is role for r in roles], dtype=bool)
        masses[role] = {"share": key_mass(record, keys), "uniform": uniform_mass(record, keys)}
    return masses
