"""Leaving out of a saved page what would make it too large."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from attn_widgets.export import levels
from attn_widgets.widgets import mask_effect, payload
from attn_widgets.widgets.hiding import pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attn_widgets.record import AttentionRecord
    from attn_widgets.widgets.hiding import Hiding
    from attn_widgets.widgets.mask_effect import Laid

PARTS: Final[Mapping[str, Mapping[str, object]]] = {
    "second": {"_second": {}, "_second_cells": b"", "_second_focus": b"", "shown": "first"},
    "depth": {"_depth": {}, "_rollout": {}, "_score": {}},
    "diagnosis": {"_diagnosis": {}},
    "effect": {"_effect": {}},
}
"""What is left out first, and the traits that stand for its absence."""

_NO_CELLS: Final[dict[str, Any]] = {
    "_cells": b"",
    "_mask_cells": b"",
    "_focus": b"",
    "_focus_mask": b"",
    "_focus_place": [],
}

_BASE64 = 4 / 3
_SPARE = 64


def fitted(
    state: dict[str, Any],
    most: int,
    size: Callable[[dict[str, Any], list[str]], int],
    record: AttentionRecord,
    laid: Laid | None,
    hiding: Hiding | None,
) -> tuple[dict[str, Any], list[str]]:
    """Make a page's state small enough.

    Parameters
    ----------
    state
        The traits of an explorer by name.
    most
        Bytes that the page may take.
    size
        Gives the bytes of the page of a state and of the names of what was left out.
    record, laid, hiding
        What is on show, the mask over it, and what is left out of pooled pictures.

    Returns
    -------
    state
        The traits that are kept.
    left_out
        Names of :data:`PARTS`; ``"pooled"`` where weights were pooled further, and ``"sharp"``
        where even the head in focus is.

    Raises
    ------
    ValueError
        If not even the smallest page fits.
    """
    left: list[str] = []
    for name, without in PARTS.items():
        if size(state, left) <= most:
            return state, left
        first = next(iter(without))
        if state.get(first):
            state = state | dict(without)
            left.append(name)
    if size(state, left) <= most:
        return state, left
    left = [*left, "pooled"]
    heads = record.shape[0] * record.shape[1]
    need = 0
    for sharp in (True, False):
        names = left if sharp else [*left, "sharp"]
        made = {"_pooled_for": _made_for(state, hiding)}
        own = _focus(state, record, laid, hiding) if sharp else {}
        frame = state | _NO_CELLS | made | own
        need = size(frame, names) + _SPARE
        # a mask that each head has of its own takes a bit more for each cell
        share = 1.0 if laid is None or laid.shared else 9 / 8
        room = math.floor((most - need) / _BASE64 / share)
        if room >= heads * (_WORTH if sharp else 1):
            return frame | _pooled(record, laid, hiding, levels.fit(record.shape, room)), names
    msg = (
        f"max_bytes={most}: no page is that small; this one takes {need + 4 * heads} bytes at "
        "least, most of them for the program that draws it"
    )
    raise ValueError(msg)


_WORTH = 64
"""Cells per head below which the head in focus makes room for the others."""


def _made_for(state: Mapping[str, Any], hiding: Hiding | None) -> dict[str, Any]:
    if hiding is None:
        return {}
    return {"rescales": hiding.rescales, "roles": list(state["special_roles"])}


def _focus(
    state: dict[str, Any], record: AttentionRecord, laid: Laid | None, hiding: Hiding | None
) -> dict[str, Any]:
    """Give the head in focus in full, unless it is there already."""
    if state["_focus_place"] and state["_pooled_for"] == _made_for(state, hiding):
        return {name: state[name] for name in ("_focus", "_focus_place", "_focus_mask")}
    layer, head = state["layer"], state["head"]
    picture = payload.focus(record, layer, head, hiding)
    shape = (picture.shape[0], picture.shape[1])
    own = b""
    if laid is not None and not laid.shared:
        own = mask_effect.bits(laid.at(layer, head), shape)
    return {
        "_focus": picture.levels,
        "_focus_place": [layer, head, *picture.shape],
        "_focus_mask": own,
    }


def _pooled(
    record: AttentionRecord, laid: Laid | None, hiding: Hiding | None, cells: tuple[int, int]
) -> dict[str, Any]:
    return {
        "_cells": pictures(record.weights, cells, hiding),
        "_cells_shape": [*record.shape[:2], *cells],
        "_mask_cells": mask_effect.cells(laid, cells),
    }
