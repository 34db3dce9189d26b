"""Masks written as a union of simpler ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attn_widgets.masks.measures.bands import band_of
from attn_widgets.masks.operators import And, Or, combine
from attn_widgets.masks.patterns.anchors import Global, GlobalCols, GlobalRows

if TYPE_CHECKING:
    from attn_widgets.masks.expr import Mask

_MOST = 64


def alternatives(mask: Mask) -> list[Mask]:
    """Split a mask into masks whose union it is, intersections distributed."""
    if _count(mask) > _MOST:
        return [mask]
    match mask:
        case Or() | Global():
            halves = _halves(mask)
            return (
                [last for half in halves for last in alternatives(half)] if halves[1:] else [mask]
            )
        case And(of):
            for index, part in enumerate(of):
                halves = _halves(part)
                if len(halves) > 1:
                    others = of[:index] + of[index + 1 :]
                    pieces = [combine(And, (half, *others)) for half in halves]
                    return [last for piece in pieces for last in alternatives(piece)]
    return [mask]


def _halves(mask: Mask) -> tuple[Mask, ...]:
    match mask:
        case Or(of) if band_of(mask) is None:
            return of
        case Global(tokens):
            return GlobalRows(tokens), GlobalCols(tokens)
    return (mask,)


def _count(mask: Mask) -> int:
    match mask:
        case Or(of):
            return sum(map(_count, of))
        case And(of):
            return math.prod(map(_count, of))
        case Global():
            return 2
    return 1
