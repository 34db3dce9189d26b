"""Masks split by what decides: the distance, the key within some distance, or anything else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from attn_widgets.masks.errors import MaskError

if TYPE_CHECKING:
    from attn_widgets.masks.expr import Mask


@dataclass(frozen=True, slots=True)
class Split:
    """A union of three kinds of masks.

    Parameters
    ----------
    diagonal : Mask or None
        What the distance alone keeps.
    stripes, others : tuple of (Mask, Mask or None)
        Masks of which all rows are alike, and any other; each with the mask by distance that it is
        cut by, if there is one. No two are cut by the same.
    rest : Mask or None
        All `others` as one mask.
    """

    diagonal: Mask | None
    stripes: tuple[tuple[Mask, Mask | None], ...]
    others: tuple[tuple[Mask, Mask | None], ...]
    rest: Mask | None

    @classmethod
    def of(cls, mask: Mask) -> Split:
        """Split a mask; all of it is one of the others where its parts written out are too many."""
        try:
            return cls._of(mask)
        except MaskError:
            return cls(None, (), ((mask, None),), mask)

    @classmethod
    def _of(cls, mask: Mask) -> Split:
        diagonal: list[Mask] = []
        found: tuple[dict[Mask | None, list[Mask]], ...] = (defaultdict(list), defaultdict(list))
        for way in mask.ways(_whole):
            within = _both([part for part in way if part.diagonal])
            rest = [part for part in way if not part.diagonal]
            if within is not None and not rest:
                diagonal.append(within)
            else:
                kept = reduce(and_, rest)
                found[bool(kept.grain)][within].append(kept)
        stripes, others = (
            tuple((reduce(or_, masks), within) for within, masks in part.items()) for part in found
        )
        cut = [rest if within is None else rest & within for rest, within in others]
        return cls(_either(diagonal), stripes, others, _either(cut))


def _whole(mask: Mask) -> bool:
    return mask.diagonal or mask.grain != 1


def _either(masks: list[Mask]) -> Mask | None:
    return reduce(or_, masks) if masks else None


def _both(masks: list[Mask]) -> Mask | None:
    return reduce(and_, masks) if masks else None
