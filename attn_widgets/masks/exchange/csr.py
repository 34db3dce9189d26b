"""The same mask as a sparse matrix of scipy, which is needed for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.rows.wide import repeat

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]  # scipy has no types

    from attn_widgets.masks.bound import BoundMask

CSR_LIMIT: Final = 2**27
"""Most kept pairs `to_csr` lists unless told otherwise: 640 MiB."""

_CELLS = 2**19


def to_csr(bound: BoundMask, limit: int | None = CSR_LIMIT) -> csr_array:
    """Return the mask as booleans in compressed rows; every kept pair is listed.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text.
    limit : int or None
        Most kept pairs to list, 5 bytes each; None for no limit.

    Returns
    -------
    scipy.sparse.csr_array
        bool, ``(queries, keys)``, with sorted indices.

    Raises
    ------
    MaskBindError
        If the mask keeps more pairs than `limit`.
    ImportError
        If scipy is not installed.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - scipy is optional

    starts = np.concatenate([[0], np.cumsum(bound.degrees())])
    nnz = int(starts[-1])
    if limit is not None and nnz > limit:
        msg = (
            f"the mask keeps {nnz:,} pairs, {nnz * 5 / 2**20:,.0f} MiB as a list; read rows with "
            f"rows(r0, r1), or raise limit (now {limit:,})"
        )
        raise MaskBindError(msg)
    keys = np.empty(nnz, dtype=np.int32)
    step = max(_CELLS // bound.mask.slots(bound.frame), 1)
    for first in range(0, bound.n_queries, step):
        last = min(first + step, bound.n_queries)
        lo, hi = bound.rows(first, last)
        length = (hi - lo).ravel()
        offset = repeat(lo.ravel() - (np.cumsum(length) - length), length)
        keys[starts[first] : starts[last]] = np.arange(len(offset)) + offset
    size = np.int32 if nnz < 2**31 else np.int64
    shape = (bound.n_queries, bound.n_keys)
    return csr_array((np.ones(nnz, dtype=np.bool_), keys, starts.astype(size)), shape=shape)
