"""What kind of map a head has, by a rule whose thresholds are in the open."""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Floats64


class HeadClass(enum.StrEnum):
    """The kinds of map, named after Kovaleva et al. 2019 (arXiv 1908.08593), section 4.1.

    ``BROAD`` is not among theirs; there such heads are heterogeneous.
    """

    VERTICAL = "vertical"
    DIAGONAL = "diagonal"
    VERTICAL_DIAGONAL = "vertical+diagonal"
    BLOCK = "block"
    BROAD = "broad"
    HETEROGENEOUS = "heterogeneous"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """Our rule for head classes; each threshold is a number from 0 to 1 that must be reached.

    It is a rule of thumb of ours, not the classifier of Kovaleva et al. 2019, a network trained on
    hand-labelled maps that were not published; no labels exist to check it against. A head's class
    changes with the length of the text: give the share of texts on which it has one.

    A head is **vertical** if special tokens take `special` of its attention, or its stripe V
    reaches `stripe` and its confidence `peak`; **diagonal** if its local share reaches `local`, or
    its diagonality D `diagonality`, and the local share goes `beyond` of the way from what evenly
    spread attention gives to everything, as nearly all of a short text is near;
    **vertical+diagonal** if both, or if special tokens and such a local share each take `each`.
    Else **block** if its own-segment share is `block` beyond the expected; else **broad** if its
    normalised entropy reaches `broad`; else **heterogeneous**. What is undefined for a record
    reaches nothing.

    Raises
    ------
    ValueError
        If a threshold is not a number from 0 to 1.
    """

    special: float = 0.5
    stripe: float = 0.6
    peak: float = 0.3
    local: float = 0.5
    diagonality: float = 0.6
    beyond: float = 0.25
    each: float = 0.25
    block: float = 0.25
    broad: float = 0.9

    def __post_init__(self) -> None:
        """Check the thresholds."""
        for name, value in dataclasses.asdict(self).items():
            if not 0 <= value <= 1:
                msg = f"threshold {name} is {value}: expected a number from 0 to 1"
                raise ValueError(msg)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What the rule looks at, each of shape ``(layers, heads)``, or None where undefined.

    `local_excess` is the local share beyond the even one, as :attr:`Neighbours.excess` gives it.
    """

    special: Floats64
    stripe: Floats64
    confidence: Floats64
    entropy: Floats64
    local: Floats64 | None
    local_excess: Floats64 | None
    diagonality: Floats64 | None
    block: Floats64 | None


def classify(evidence: Evidence, rule: ClassRule) -> NDArray[np.str_]:
    """Name each head's class, shape ``(layers, heads)``; see :class:`ClassRule`."""
    vertical = (evidence.special >= rule.special) | (
        (evidence.stripe >= rule.stripe) & (evidence.confidence >= rule.peak)
    )
    like, excess = evidence.special, evidence.local_excess
    diagonal = is_diagonal(like, evidence.local, excess, evidence.diagonality, rule)
    near = _reach(like, evidence.local, rule.each) & _reach(like, excess, rule.beyond)
    each = (evidence.special >= rule.each) & near
    return np.select(
        [
            (vertical & diagonal) | each,
            vertical,
            diagonal,
            _reach(evidence.special, evidence.block, rule.block),
            evidence.entropy >= rule.broad,
        ],
        [
            HeadClass.VERTICAL_DIAGONAL.value,
            HeadClass.VERTICAL.value,
            HeadClass.DIAGONAL.value,
            HeadClass.BLOCK.value,
            HeadClass.BROAD.value,
        ],
        default=HeadClass.HETEROGENEOUS.value,
    )


def is_diagonal(
    like: Floats64,
    local: Floats64 | None,
    excess: Floats64 | None,
    diagonality: Floats64 | None,
    rule: ClassRule,
) -> NDArray[np.bool_]:
    """Say which heads are diagonal: by local share or diagonality, and clearly beyond even.

    Parameters
    ----------
    like
        Of the shape that is wanted, ``(layers, heads)``.
    local, excess, diagonality
        Of that shape, or None where undefined.
    rule
        What they must reach.
    """
    shape = _reach(like, local, rule.local) | _reach(like, diagonality, rule.diagonality)
    return shape & _reach(like, excess, rule.beyond)


def _reach(like: Floats64, values: Floats64 | None, threshold: float) -> NDArray[np.bool_]:
    if values is None:
        return np.zeros(like.shape, dtype=bool)
    return values >= threshold
