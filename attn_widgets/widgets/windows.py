"""A part of a head, whole where the picture of all of it is pooled."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.export import levels
from attn_widgets.widgets.columns import rescaled
from attn_widgets.widgets.means import Mean, parse_mean
from attn_widgets.widgets.payload import FOCUS_BUDGET
from attn_widgets.widgets.traits import whole_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.counterpart import Counterpart
    from attn_widgets.record import AttentionRecord
    from attn_widgets.widgets.hiding import Hiding


@dataclasses.dataclass(frozen=True, slots=True)
class WindowRequest:
    """Ask for the cells of a window, one per pair of tokens.

    ``window`` is ``(first query, query end, first key, key end)``; ``of`` is ``"first"`` or
    ``"second"``, the record; without a `mean` it is of one head. ``rescaled`` asks for rows that
    are scaled up to 1 without hidden tokens, where those are hidden so.
    """

    layer: int
    head: int
    window: tuple[int, int, int, int]
    of: str
    mean: Mean | None
    rescaled: bool = False


def parse_window(message: Mapping[str, object], layer: int, head: int, of: str) -> WindowRequest:
    """Read the window that a request names.

    Raises
    ------
    ValueError
        If it names none.
    """
    window = whole_numbers(message.get("window"))
    if window is None or len(window) != 4:  # noqa: PLR2004 - two ends of two axes
        msg = (
            "a window request names its window as (first query, query end, first key, key end), "
            f"not {message.get('window')!r:.60}"
        )
        raise ValueError(msg)
    q0, q1, k0, k1 = window
    mean = parse_mean(message, "a window")
    scaled = message.get("rescaled") is True
    return WindowRequest(layer, head, (q0, q1, k0, k1), of, mean, scaled)


def answer_window(
    request: WindowRequest,
    record: AttentionRecord,
    second: Counterpart | None = None,
    hiding: Hiding | None = None,
) -> bytes:
    """Give a window's levels, one per weight, row by row; rescaled without what is hidden, if so.

    Raises
    ------
    IndexError
        If the layer, head or window is not in the record.
    ValueError
        If the window is larger than what a picture may hold, or there is no second record.
    """
    _, _, n_queries, n_keys = record.shape
    q0, q1, k0, k1 = request.window
    if not (0 <= q0 < q1 <= n_queries and 0 <= k0 < k1 <= n_keys):
        msg = f"window {request.window}: the record has {n_queries} queries and {n_keys} keys"
        raise IndexError(msg)
    if (q1 - q0) * (k1 - k0) > FOCUS_BUDGET:
        msg = f"window {request.window} has over {FOCUS_BUDGET} weights: ask for a smaller one"
        raise ValueError(msg)
    if request.of == "second" and second is None:
        msg = "there is no second record any more"
        raise ValueError(msg)
    weights = record.weights if second is None or request.of == "first" else second.weights
    mean = request.mean or Mean((request.layer,), (request.head,))
    if hiding is not None and hiding.rescales and request.rescaled:
        rows = rescaled(mean.of(weights, record, slice(q0, q1)), ~hiding.keys[np.newaxis])
        return levels.encode(rows[:, k0:k1]).tobytes()
    return levels.encode(mean.of(weights, record, slice(q0, q1), slice(k0, k1))).tobytes()
