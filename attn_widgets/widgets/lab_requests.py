"""What a mask laboratory in a browser may ask of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attn_widgets.masks import reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.masks import BoundMask

LAYERS = 64
"""Layers that are followed, as many as the browser follows for short texts."""


def wish(message: Mapping[str, object]) -> Literal["page", "reach"]:
    """Read what a message asks for.

    Raises
    ------
    ValueError
        If it is neither the page nor the reach.
    """
    ask = message.get("ask")
    if ask == "page":
        return "page"
    if ask == "reach":
        return "reach"
    msg = f"unknown request {ask!r:.60}: expected 'page' or 'reach'"
    raise ValueError(msg)


def answer_reach(bound: BoundMask) -> dict[str, object]:
    """Follow a mask through its layers, as plain JSON values.

    Returns
    -------
    dict
        ``shares``, ``of``, ``full_after`` and ``settled`` as :class:`attn_widgets.masks.Reach` has
        them; ``sources``, how many queries were followed, or None where it was all of them.

    Raises
    ------
    MaskBindError
        If queries and keys are not the same text.
    """
    found = reach(bound, LAYERS)
    return {
        "result": "reach",
        "shares": list(found.shares),
        "of": found.of,
        "full_after": found.full_after,
        "settled": found.settled,
        "sources": None if found.exact else found.sources,
    }
