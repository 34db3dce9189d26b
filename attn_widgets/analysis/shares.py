"""How much attention goes to each kind of token, and how much would if all keys were alike."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.heads import Floats64, Head, over_heads, sum_rows
from attn_widgets.analysis.reading import Bools, Queries, Reading, read
from attn_widgets.analysis.values import ReadOnlyArrays, mean_of
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.heads import Kernel
    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Share(ReadOnlyArrays):
    """The share of attention that a set of keys takes.

    Attributes
    ----------
    share
        Mean share per head, in [0, 1], shape ``(layers, heads)``.
    uniform
        The share if every query looked at every key it can see alike, in [0, 1].
    """

    share: Floats64
    uniform: float

    @property
    def excess(self) -> Floats64:
        r"""Give the share beyond the uniform one, shape ``(layers, heads)``.

        .. math:: e = \frac{m - b}{1 - b}

        0 is even attention, 1 is everything, below 0 is less than even; NaN where the keys are all
        there is to see. It still falls as texts grow longer: compare texts of like length.
        """
        room = 1 - self.uniform
        if room <= 0:
            return np.full_like(self.share, np.nan)
        return (self.share - self.uniform) / room

    def __repr__(self) -> str:
        """Say the means."""
        return (
            f"Share({mean_of(self.share)} of attention, uniform {self.uniform:.3f}, "
            f"excess {mean_of(self.excess)}; mean of {self.share.size} heads)"
        )


def share_of(record: AttentionRecord, keys: Bools, queries: Queries = "content") -> Share:
    r"""Measure the share of attention that a set of keys takes, per layer and head.

    .. math::

        m_K = \frac{1}{|Q|} \sum_{i \in Q} \sum_{j \in K} A_{ij}, \qquad
        b = \frac{1}{|Q|} \sum_{i \in Q} \frac{|K \cap \mathrm{seen}(i)|}{|\mathrm{seen}(i)|}

    where every query sees all T keys, b is :math:`|K| / T`.

    Parameters
    ----------
    record
        Where the weights are.
    keys
        The set K, bool, shape ``(keys,)``; padding in it does not count.
    queries
        The set Q: ``"content"``, text queries, or all where there is no text; ``"all"``, as in
        Clark et al. 2019 (arXiv 1906.04341), section 3.2; or one bool per query. Padding is never
        among them.

    Returns
    -------
    Share
        Accurate to 1e-6; half-precision weights are added up in float32.

    Raises
    ------
    ValueError
        If a choice has the wrong shape or type, or no query is left.
    """
    if keys.shape != (len(record.key_tokens),) or keys.dtype != np.bool_:
        msg = (
            f"keys are {keys.dtype} of shape {keys.shape}: "
            f"expected bool of shape ({len(record.key_tokens)},)"
        )
        raise ValueError(msg)
    reading = read(record)
    rows = reading.rows(queries)
    (columns,) = over_heads(reading, column_sums(rows))
    return from_columns(reading, rows, columns[:, :, 0], keys[reading.keys])


def special_share(record: AttentionRecord, queries: Queries = "content") -> Share:
    """Measure the share that all special tokens take together; see :func:`share_of`."""
    return share_of(record, record.special(), queries)


def role_shares(record: AttentionRecord, queries: Queries = "content") -> Mapping[TokenRole, Share]:
    """Measure the share of each role that a key has, padding apart; see :func:`share_of`.

    The shares of all roles sum to 1, save what padding or a learned sink takes.
    """
    reading = read(record)
    rows = reading.rows(queries)
    (columns,) = over_heads(reading, column_sums(rows))
    return roles_from_columns(reading, rows, columns[:, :, 0])


def column_sums(*choices: Bools) -> Kernel:
    """Prepare the sum of each column over each choice of rows, shape ``(choices, keys)``."""
    selectors = np.stack(choices).astype(np.float32)

    def kernel(head: Head) -> Floats64:
        return sum_rows(selectors, head.weights)

    return kernel


def from_columns(reading: Reading, rows: Bools, columns: Floats64, keys: Bools) -> Share:
    """Make a share of column sums over `rows`, shape ``(layers, heads, keys without padding)``."""
    return Share(
        share=columns[..., keys].sum(axis=-1) / rows.sum(),
        uniform=float((reading.seen(keys) / reading.visible)[rows].mean()),
    )


def roles_from_columns(
    reading: Reading, rows: Bools, columns: Floats64
) -> Mapping[TokenRole, Share]:
    """Make the shares of all roles of column sums, as :func:`from_columns` does of one."""
    roles = np.array([token.role.value for token in reading.key_tokens])
    return {
        role: from_columns(reading, rows, columns, roles == role.value)
        for role in TokenRole
        if role.value in roles
    }
