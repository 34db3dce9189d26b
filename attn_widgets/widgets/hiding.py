"""Leaving special tokens out of weights before these are pooled: a pool cannot be undone."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.token_groups import key_groups, query_groups
from attn_widgets.export import levels
from attn_widgets.widgets.columns import rescaled

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Hiding:
    """What is left out of each head: queries ``(queries,)`` and keys ``(keys,)``.

    ``rescales`` says whether the rest of each row is scaled up to 1.
    """

    queries: NDArray[np.bool_]
    keys: NDArray[np.bool_]
    rescales: bool

    @classmethod
    def of(cls, record: AttentionRecord, roles: Collection[str], *, rescales: bool) -> Hiding:
        """Leave out the tokens of a record that count as special."""
        queries, keys = (
            np.array([group in roles for group in groups], dtype=bool)
            for groups in (query_groups(record), key_groups(record))
        )
        return cls(queries, keys, rescales)

    def apply(self, weights: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Give one head's weights without them, shape ``(queries, keys)``."""
        kept = np.broadcast_to(~self.keys, weights.shape)
        left = weights
        if self.rescales:
            wide = weights.astype(np.promote_types(weights.dtype, np.float32), copy=False)
            left = rescaled(wide, kept)
        plain: NDArray[np.floating[Any]] = np.where(kept & ~self.queries[:, np.newaxis], left, 0)
        return plain.astype(left.dtype, copy=False)


def picture(
    weights: NDArray[np.floating[Any]], size: tuple[int, int], hiding: Hiding | None
) -> bytes:
    """Code one head; where it is pooled, without what is hidden.

    A picture that holds every weight is left as it is: what it shows of it is the browser's choice.
    """
    if hiding is not None and size != weights.shape:
        weights = hiding.apply(weights)
    return levels.picture(weights, *size).tobytes()


def pictures(
    weights: NDArray[np.floating[Any]], size: tuple[int, int], hiding: Hiding | None
) -> bytes:
    """Code all heads, ``(layers, heads, queries, keys)``, as :func:`picture` does each."""
    if hiding is None or size == weights.shape[2:]:
        return b"".join(levels.picture(layer, *size).tobytes() for layer in weights)
    return b"".join(picture(head, size, hiding) for layer in weights for head in layer)
