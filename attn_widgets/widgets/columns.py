"""How much each token looks at one, at full precision."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.widgets.means import Mean, parse_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.analysis.counterpart import Counterpart
    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True)
class ColumnRequest:
    """Ask for one column of weights, of one head or of a mean over several.

    ``rescaled`` asks for it as the rows are read on show: without what is hidden, or outside the
    mask, and the rest of each row scaled up to 1.
    """

    layer: int
    head: int
    key: int
    of: str = "first"
    mean: Mean | None = None
    rescaled: bool = False


def parse_column(
    message: Mapping[str, object], layer: int, head: int, key: int, of: str
) -> ColumnRequest:
    """Read the column that a request names.

    Raises
    ------
    ValueError
        If it names only a part of a mean.
    """
    mean = parse_mean(message, "a column")
    return ColumnRequest(layer, head, key, of, mean, message.get("rescaled") is True)


def answer_column(
    request: ColumnRequest,
    record: AttentionRecord,
    second: Counterpart | None = None,
    kept: NDArray[np.bool_] | None = None,
) -> bytes:
    """Give one column as little-endian float32, a number for each query.

    Parameters
    ----------
    request
        What is asked.
    record, second
        What is on show; a second record in the first one's frame.
    kept
        Which pairs each row is scaled up to, shape ``(queries, keys)`` or one that broadcasts to
        it; None for the weights as they are.

    Raises
    ------
    IndexError
        If the layer, head or key is not in the record.
    ValueError
        If there is no second record.
    """
    if request.of == "second" and second is None:
        msg = "there is no second record any more"
        raise ValueError(msg)
    n_keys = len(record.key_tokens)
    if not 0 <= request.key < n_keys:
        msg = f"no key {request.key}: the record has keys 0 to {n_keys - 1}"
        raise IndexError(msg)
    weights = record.weights if second is None or request.of == "first" else second.weights
    mean = request.mean or Mean((request.layer,), (request.head,))
    column: NDArray[np.floating[Any]]
    if kept is None:
        column = mean.of(weights, record, keys=slice(request.key, request.key + 1))[:, 0]
    else:
        column = rescaled(mean.of(weights, record), kept)[:, request.key]
    return np.ascontiguousarray(column, dtype="<f4").tobytes()


def rescaled(
    weights: NDArray[np.floating[Any]], kept: NDArray[np.bool_]
) -> NDArray[np.floating[Any]]:
    """Scale what is kept of each row up to 1, shape ``(..., queries, keys)``; the rest is 0."""
    left = np.where(kept, weights, 0)
    sums = left.sum(axis=-1, keepdims=True, dtype=np.float64)
    scaled: NDArray[np.floating[Any]] = left / np.where(sums > 0, sums, 1).astype(left.dtype)
    return scaled
