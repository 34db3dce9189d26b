"""How much a loss depends on attention weights: the test of a no-op."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.values import ReadOnlyArrays
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.record import Token


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Slopes(ReadOnlyArrays):
    r"""Gradients of a loss by the attention weights, as sums over queries.

    .. math:: \text{total}_{hj} = \sum_i \Bigl| \frac{\partial L}{\partial \alpha^h_{ij}} \Bigr|

    A token that takes much weight at a small gradient is a no-op: more or less attention to it
    would change little (Clark et al. 2019, arXiv 1906.04341, section 3.2).

    Attributes
    ----------
    tokens
        The keys.
    total
        Sums over the queries that may attend to a key, in units of L, ``(layers, heads, keys)``.
    pairs
        How many queries may, same shape.
    loss
        What L is, in words.
    """

    tokens: tuple[Token, ...]
    total: Floats64
    pairs: Floats64
    loss: str

    def by_role(self) -> Mapping[TokenRole, Floats64]:
        """Give the mean ``|dL/da|`` over all pairs with a key of each role, padding apart.

        Returns
        -------
        dict
            Role to ``(layers, heads)``, in units of L; NaN where no query sees such a key.
        """
        roles = np.array([token.role.value for token in self.tokens])
        return {
            role: self._mean(roles == role.value)
            for role in TokenRole
            if role.value in roles and role is not TokenRole.PAD
        }

    def _mean(self, keys: np.ndarray) -> Floats64:
        pairs = self.pairs[..., keys].sum(axis=-1)
        total = self.total[..., keys].sum(axis=-1)
        mean: Floats64 = np.divide(total, pairs, out=np.full_like(total, np.nan), where=pairs > 0)
        return mean

    def __repr__(self) -> str:
        """Say what L is, and the means."""
        means = ", ".join(f"{role} {mean.mean():.3g}" for role, mean in self.by_role().items())
        return f"Slopes(mean |dL/da|: {means}; L is {self.loss})"
