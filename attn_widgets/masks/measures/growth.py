"""How the work of a family of masks grows with the length of the text, fitted to counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.expr import Mask

if TYPE_CHECKING:
    from collections.abc import Sequence

Work: TypeAlias = Mask | int | Mapping[str, int]
"""A mask, whose pairs are counted; a count; or several counts by name, that add up."""

Family: TypeAlias = Callable[[int], Work]
"""The work at a length."""

LENGTHS: Final = (2**10, 2**12, 2**14, 2**16)
"""Lengths that are measured unless others are asked for."""

LAWS: Final[Mapping[str, Callable[[float], float]]] = {
    "N": lambda n: n,
    "N log N": lambda n: n * math.log2(n),
    "N√N": lambda n: n * math.sqrt(n),
    "N²": lambda n: n * n,
}
"""Laws that counts are compared with, the slowest growth first."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The measured growth of some work.

    Parameters
    ----------
    lengths, counts : tuple of int
        What was counted, at which lengths.
    exponent : float
        Slope of ``log count`` over ``log length``, by least squares.
    law : str
        Of `LAWS`: the one to which the counts stay most nearly proportional. Of work in several
        terms, the law of the term that grows fastest, which wins in the end.
    terms : tuple of (str, Growth)
        The growth of each term, where the work has several.
    """

    lengths: tuple[int, ...]
    counts: tuple[int, ...]
    exponent: float
    law: str
    terms: tuple[tuple[str, Growth], ...] = ()

    def __str__(self) -> str:
        """Say law and exponent, and those of each term."""
        parts = ", ".join(f"{name} {growth.law}" for name, growth in self.terms)
        return f"O({self.law}), fitted N^{self.exponent:.2f}{f' ({parts})' if parts else ''}"


def grow(family: Family, lengths: Sequence[int] = LENGTHS) -> Growth:
    """Measure how a family of masks grows.

    Parameters
    ----------
    family : callable
        From a length to a mask, a count, or counts by name: ``lambda n: local(64)``,
        ``lambda n: local(math.isqrt(n))``, ``lambda n: {"scores": ..., "sort": ...}``.
    lengths : sequence of int
        Lengths to count at, two different ones at least, each 2 or more.

    Returns
    -------
    Growth
        Exponent and law as the counts show them; nothing is known of the family beforehand.

    Raises
    ------
    MaskError
        If there are fewer than two lengths, or the family keeps nothing at one.
    """
    if len(set(lengths)) < 2 or min(lengths) < 2:  # noqa: PLR2004 - a slope needs two points, log2(1) is 0
        msg = f"growth needs two different lengths of 2 or more, not {tuple(lengths)}"
        raise MaskError(msg)
    works = [_counted(family(n), n) for n in lengths]
    names = list(works[0])
    if len(names) == 1:
        return _fitted(lengths, [work[names[0]] for work in works])
    terms = tuple((name, _fitted(lengths, [work[name] for work in works])) for name in names)
    total = _fitted(lengths, [sum(work.values()) for work in works])
    order = list(LAWS)
    law = max((growth.law for _, growth in terms), key=order.index)
    return Growth(total.lengths, total.counts, total.exponent, law, terms)


def _counted(work: Work, n: int) -> Mapping[str, int]:
    if isinstance(work, Mapping):
        return work
    return {"pairs": work.bind(n).nnz() if isinstance(work, Mask) else work}


def _fitted(lengths: Sequence[int], counts: list[int]) -> Growth:
    if min(counts) < 1:
        msg = f"growth has no exponent where nothing is counted: {counts} at {tuple(lengths)}"
        raise MaskError(msg)
    logs = np.log(np.array(counts, dtype=np.float64))
    exponent = float(np.polyfit(np.log(lengths), logs, 1)[0])
    spread = {
        name: float(np.std(logs - np.log([law(n) for n in lengths]))) for name, law in LAWS.items()
    }
    return Growth(tuple(lengths), tuple(counts), exponent, min(spread, key=spread.__getitem__))
