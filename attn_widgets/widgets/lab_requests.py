"""What a mask laboratory in a browser may ask of Python."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from attn_widgets.masks import MaskBindError, reach
from attn_widgets.record import Token, TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.masks import BoundMask, Mask

Wish: TypeAlias = Literal["page", "reach", "growth"]

LAYERS = 64
"""Layers that are followed, as many as the browser follows for short texts."""

LENGTHS: Final = tuple(2**power for power in range(6, 21))
"""Lengths at which a mask is counted."""
VECTORS_MOST, SCORES_MOST = 4096, 2048
"""The longest texts of vectors drawn by lot, without and with all their scores."""
SECONDS = 10.0
"""No further length is begun after so long."""


def wish(message: Mapping[str, object]) -> Wish:
    """Read what a message asks for.

    Raises
    ------
    ValueError
        If it is neither the page nor the reach nor the growth.
    """
    wishes: dict[object, Wish] = {"page": "page", "reach": "reach", "growth": "growth"}
    ask = message.get("ask")
    if isinstance(ask, str) and ask in wishes:
        return wishes[ask]
    msg = f"unknown request {ask!r:.60}: expected 'page', 'reach' or 'growth'"
    raise ValueError(msg)


def stand_ins(n: int) -> list[Token]:
    """Give tokens of which the first plays ``[CLS]`` and the last one ``[SEP]``."""
    roles = [TokenRole.CLS, *[TokenRole.WORD] * (n - 2), TokenRole.SEP]
    return [Token("", "", role=role) for role in roles]


def answer_growth(mask: Mask, head_dim: int, place: tuple[int, int]) -> dict[str, object]:
    """Count a mask's pairs at one length after the other, as plain JSON values.

    Parameters
    ----------
    mask : Mask
        One head's mask. Where it follows data, normal vectors of a fixed seed stand in for a
        text's queries and keys.
    head_dim : int
        Numbers in such a vector.
    place : (int, int)
        The layer and the head whose gate decides, where one does.

    Returns
    -------
    dict
        ``points``, pairs of a length and a count; ``vectors``, whether such vectors stood in.

    Raises
    ------
    ValueError
        If the mask fits fewer than two of the lengths.
    """
    most = LENGTHS[-1]
    if mask.needs:
        most = SCORES_MOST if "weights" in mask.needs else VECTORS_MOST
    points: list[tuple[int, int]] = []
    start = time.monotonic()
    for n in LENGTHS:
        if n > most or time.monotonic() - start > SECONDS:
            break
        try:
            points.append((n, _at(mask, n, head_dim, place).nnz()))
        except MaskBindError:
            continue
    if len(points) < 2:  # noqa: PLR2004 - a curve needs two points
        msg = f"{mask!r:.200} fits one length alone: its growth cannot be counted"
        raise ValueError(msg)
    return {"result": "growth", "points": points, "vectors": bool(mask.needs)}


def _at(mask: Mask, n: int, head_dim: int, place: tuple[int, int]) -> BoundMask:
    tokens = stand_ins(n)
    if not mask.needs:
        return mask.bind(n, tokens=tokens)
    q, k = np.random.default_rng(0).standard_normal((2, n, head_dim))
    scores = q @ k.T / np.sqrt(head_dim) if "weights" in mask.needs else None
    return mask.bind_data(q=q, k=k, scores=scores, tokens=tokens, place=place)


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
