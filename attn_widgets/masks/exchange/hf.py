"""Masks in the form transformers takes them, one per type of layer, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.exchange.tensors import to_additive, to_bool_4d

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from attn_widgets.masks.bound import BoundMask


def to_hf_masks(
    bounds: Mapping[str, BoundMask], dtype: torch.dtype | None = None
) -> dict[str, Tensor]:
    """Return one 4-D mask per type of layer, for models that mix several.

    Parameters
    ----------
    bounds : Mapping[str, BoundMask]
        A mask over one text per name in ``config.layer_types``, such as ``"full_attention"`` and
        ``"sliding_attention"``.
    dtype : torch.dtype, optional
        The dtype of the scores, for models with eager attention, which add the mask; left out, the
        masks are boolean, as ``sdpa`` takes them.

    Returns
    -------
    dict
        The same names to tensors ``(1, 1, queries, keys)``, to be passed as ``attention_mask``.
        Models whose layers are all alike take one of the tensors instead.

    Raises
    ------
    MaskBindError
        If a query keeps nothing and masks are to be added.
    """
    return {
        name: to_bool_4d(bound) if dtype is None else to_additive(bound, dtype)
        for name, bound in bounds.items()
    }


def from_hf_mask(mask: Tensor) -> NDArray[np.bool_]:
    """Read the pairs of a 4-D mask of transformers as an array of booleans, not as a `Mask`.

    The other importers take a library's parameters and return a `Mask`, a rule for any length. A
    written-out mask holds no rule, only which keys each query of one text may attend to.

    Parameters
    ----------
    mask : torch.Tensor
        ``(1, 1, queries, keys)``: boolean, or a bias of 0 where attention may go and the dtype's
        lowest number, or ``-inf``, elsewhere.

    Returns
    -------
    numpy.ndarray
        bool, ``(queries, keys)``.

    Raises
    ------
    MaskBindError
        If the mask is of several texts or heads, or holds other numbers.
    """
    import torch  # noqa: PLC0415 - the masks room must import without torch

    expected = 4
    if mask.dim() != expected or mask.shape[:2] != (1, 1):
        msg = (
            f"the mask has shape {tuple(mask.shape)}: expected (1, 1, queries, keys); "
            "read one text and head at a time: mask[i : i + 1, h : h + 1]"
        )
        raise MaskBindError(msg)
    pairs = mask[0, 0].detach().cpu()
    if pairs.dtype == torch.bool:
        return np.array(pairs.numpy())
    if not pairs.dtype.is_floating_point:
        msg = f"the mask holds {pairs.dtype}: expected booleans or a bias to add"
        raise MaskBindError(msg)
    open_, shut = pairs == 0, pairs <= torch.finfo(pairs.dtype).min
    if not bool((open_ | shut).all()):
        other = float(pairs[~(open_ | shut)][0])
        msg = f"the mask holds {other}: expected 0, or {torch.finfo(pairs.dtype).min} or less"
        raise MaskBindError(msg)
    return np.array(open_.numpy())
