"""Matrix products that BLAS computes without its threads, which cost more than they bring here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from attn_widgets.analysis.heads import Floats64

ALONE = 2**18
"""OpenBLAS starts its threads above so many multiplications.

Where cores are busy, as they are while a model runs, it then waits for them many times as long as
it computes.
"""


def product(one: Floats64, other: Floats64) -> Floats64:
    """Multiply two matrices, ``(n, k) @ (k, m)``, a few rows at a time."""
    rows, inner, columns = *one.shape, other.shape[1]
    step = max(1, min(rows, ALONE // max(1, other.size)))
    whole = rows - rows % step
    made = np.empty((rows, columns))
    cut = one[:whole].reshape(whole // step, step, inner)
    np.matmul(cut, other, out=made[:whole].reshape(whole // step, step, columns))
    np.matmul(one[whole:], other, out=made[whole:])
    return made
