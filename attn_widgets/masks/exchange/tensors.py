"""The same mask for torch: flex attention, an additive bias, a boolean 4-D mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.exchange.mask_mods import static_test
from attn_widgets.masks.limits import MAX_TOKENS
from attn_widgets.masks.operators import And, Not, Or
from attn_widgets.masks.patterns.anchors import Global, GlobalCols, GlobalRows, Sink
from attn_widgets.masks.patterns.windows import Causal, Dilated, Full, Local

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame

    MaskMod: TypeAlias = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    PairTest: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def to_mask_mod(bound: BoundMask, device: str | torch.device = "cpu") -> MaskMod:
    """Return the mask as a function for torch's flex attention.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text.
    device : str or torch.device
        Where attention will run; tables of global tokens are kept there.

    Returns
    -------
    callable
        ``mask_mod(batch, head, query, key) -> bool``, the same for every batch and head, for
        `create_block_mask` and `create_mask`. No matrix of pairs is built, but for kinds that
        follow no formula here, such as those decided by data, which become a table.
    """
    test = _test(bound.mask, bound.frame, device)

    def mask_mod(_batch: Tensor, _head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return test(query, key)

    return mask_mod


def to_bool_4d(bound: BoundMask) -> Tensor:
    """Return the mask as a bool tensor ``(1, 1, queries, keys)``, True where attention may go."""
    import torch  # noqa: PLC0415 - the masks room must import without torch

    return torch.from_numpy(bound.to_dense())[None, None]


def to_additive(bound: BoundMask, dtype: torch.dtype | None = None) -> Tensor:
    """Return the mask as a bias to add to attention scores.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text.
    dtype : torch.dtype, optional
        The dtype of the scores; float32 when left out.

    Returns
    -------
    torch.Tensor
        ``(1, 1, queries, keys)``: 0 where attention may go, the dtype's lowest number elsewhere.

    Raises
    ------
    MaskBindError
        If a query keeps nothing: a softmax over equal biases would spread over every key.
    """
    import torch  # noqa: PLC0415 - the masks room must import without torch

    empty = bound.empty_rows()
    if len(empty):
        msg = (
            f"queries keep nothing: {len(empty)} of them, the first {empty[0]}; "
            "add `| local(0)` to the mask so that each keeps itself"
        )
        raise MaskBindError(msg)
    wanted = torch.float32 if dtype is None else dtype
    lowest = torch.finfo(wanted).min
    return torch.zeros(1, 1, bound.n_queries, bound.n_keys, dtype=wanted).masked_fill_(
        ~to_bool_4d(bound), lowest
    )


def _test(mask: Mask, frame: Frame, device: str | torch.device) -> PairTest:  # noqa: PLR0911 - one return per kind
    offset = frame.q_offset
    match mask:
        case Full():
            return lambda query, key: (query >= 0) & (key >= 0)
        case Causal():
            return lambda query, key: key <= query + offset
        case Local(left, right):
            return lambda query, key: (
                (query + offset - key <= left) & (key - query - offset <= right)
            )
        case Dilated(window, dilation):
            reach = min(window * dilation, 2 * MAX_TOKENS)
            return lambda query, key: (
                ((query + offset - key) % dilation == 0) & ((query + offset - key).abs() <= reach)
            )
        case Sink(k):
            return lambda query, key: (query >= 0) & (key < k)
        case Global() | GlobalRows() | GlobalCols():
            return _anchored(mask, frame, device)
        case Not(of):
            inner = _test(of, frame, device)
            return lambda query, key: ~inner(query, key)
        case Or(of):
            return _folded([_test(part, frame, device) for part in of], lambda a, b: a | b)
        case And(of):
            return _folded([_test(part, frame, device) for part in of], lambda a, b: a & b)
    return static_test(mask, frame, _to(device)) or _tabled(mask, frame, device)


def _folded(tests: list[PairTest], join: Callable[[Tensor, Tensor], Tensor]) -> PairTest:
    first, *others = tests

    def test(query: Tensor, key: Tensor) -> Tensor:
        kept = first(query, key)
        for other in others:
            kept = join(kept, other(query, key))
        return kept

    return test


def _to(device: str | torch.device) -> Callable[[NDArray[np.generic]], Tensor]:
    import torch  # noqa: PLC0415 - the masks room must import without torch

    return lambda array: torch.from_numpy(array).to(device)


def _tabled(mask: Mask, frame: Frame, device: str | torch.device) -> PairTest:
    import torch  # noqa: PLC0415 - the masks room must import without torch

    table = torch.from_numpy(BoundMask(mask, frame).to_dense()).to(device)
    return lambda query, key: table[query, key]


def _anchored(
    mask: Global | GlobalRows | GlobalCols, frame: Frame, device: str | torch.device
) -> PairTest:
    import torch  # noqa: PLC0415 - the masks room must import without torch

    places = frame.locate(mask.tokens)
    positions = frame.positions(0, frame.n_queries)
    row = torch.from_numpy(np.isin(positions, places)).to(device)
    column = torch.from_numpy(np.isin(np.arange(frame.n_keys), places)).to(device)
    if isinstance(mask, GlobalRows):
        return lambda query, key: row[query] & (key >= 0)
    if isinstance(mask, GlobalCols):
        return lambda query, key: column[key] & (query >= 0)
    return lambda query, key: row[query] | column[key]
