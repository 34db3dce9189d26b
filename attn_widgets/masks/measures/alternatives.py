"""Masks written as a union of simpler ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.masks.measures.bands import band_of
from attn_widgets.masks.operators import And, combine

if TYPE_CHECKING:
    from attn_widgets.masks.expr import Mask


def alternatives(mask: Mask) -> list[Mask]:
    """Split a mask into masks whose union it is, each a band or an intersection."""
    return [combine(And, way) for way in mask.ways(lambda part: band_of(part) is not None)]
