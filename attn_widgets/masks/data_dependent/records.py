"""Masks laid over one head of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from attn_widgets.masks.errors import MaskBindError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.masks.bound import BoundMask
    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.tokens import HasRole


class HasHeads(Protocol):
    """The parts of a record that masks are decided by; `AttentionRecord` has them."""

    @property
    def key_tokens(self) -> Sequence[HasRole]:
        """One token per key."""

    @property
    def weights(self) -> NDArray[np.floating[Any]]:
        """``(layers, heads, queries, keys)``."""

    @property
    def q(self) -> NDArray[np.floating[Any]] | None:
        """``(layers, heads, queries, head_dim)``."""

    @property
    def k(self) -> NDArray[np.floating[Any]] | None:
        """``(layers, key heads, keys, head_dim)``."""

    @property
    def kv_groups(self) -> int:
        """Query heads that share a key head."""

    @property
    def kind(self) -> str:
        """``"cross"`` where queries and keys are two texts."""

    def layer_index(self, layer: int) -> int:
        """Position of one of the model's layers on the first axis."""

    def head_index(self, head: int) -> int:
        """Position of one of the model's heads on the second axis."""


def bind_record(mask: Mask, record: HasHeads, layer: int, head: int) -> BoundMask:
    """Lay a mask over one head of a record, with all the data the record holds of it.

    Parameters
    ----------
    mask : Mask
        Any mask; one that needs no data is bound to the record's tokens.
    record : AttentionRecord
        What was captured; anything with its attributes will do.
    layer, head : int
        The model's own numbers, as in ``record[layer, head]``. Of grouped keys, those of the
        head's own group are taken.

    Raises
    ------
    MaskBindError
        If the mask needs what the record lacks, or a token the text lacks.
    IndexError
        If the layer or head was not captured.
    """
    row, column = record.layer_index(layer), record.head_index(head)
    take_q, take_k = (part in mask.needs for part in ("q", "k"))
    return mask.bind_data(
        q=record.q[row, column] if take_q and record.q is not None else None,
        k=record.k[row, _key_head(record, head)] if take_k and record.k is not None else None,
        weights=record.weights[row, column],
        tokens=record.key_tokens,
        cross=record.kind == "cross",
        place=(layer, head),
    )


def _key_head(record: HasHeads, head: int) -> int:
    number = head // record.kv_groups
    held = 0 if record.k is None else record.k.shape[1]
    if number >= held:
        msg = (
            f"head {head} of groups of {record.kv_groups} looks at key head {number}, "
            f"but the record holds {held} key heads; capture it with all its key heads"
        )
        raise MaskBindError(msg)
    return number
