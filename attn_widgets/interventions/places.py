"""The heads that a change is made in: all of them, whole layers, or single heads."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final, TypeAlias

from attn_widgets.interventions.errors import InterventionError

Place: TypeAlias = tuple[int, int | None]
"""A layer and a head, both counted from 0; None stands for every head of the layer."""

Places: TypeAlias = tuple[Place, ...] | None
"""Where a change is made; None stands for everywhere."""

_MOST: Final = 100_000


def places(heads: object, layers: object) -> Places:
    """Put heads and whole layers into one written order, each once.

    Parameters
    ----------
    heads
        One pair ``(layer, head)``, or several; None for no single head.
    layers
        One layer, or several, that are meant with all their heads; None for no whole layer.

    Returns
    -------
    tuple of (int, int or None), or None
        None where neither was given: everywhere.

    Raises
    ------
    InterventionError
        If something is not a pair of whole numbers from 0 up, or nothing is named.
    """
    if heads is None and layers is None:
        return None
    whole: set[Place] = {(_number("a layer", n), None) for n in _several(layers, "layers")}
    single = {_pair(pair) for pair in _pairs(heads)}
    found = whole | {(layer, head) for layer, head in single if (layer, None) not in whole}
    if not found:
        msg = "no head is named: give heads=[(layer, head), ...], layers=[...], or leave both out"
        raise InterventionError(msg)
    return tuple(sorted(found, key=lambda place: (place[0], -1 if place[1] is None else place[1])))


def heads_of(where: Places, layer: int, heads: int) -> list[int]:
    """List the heads of one layer that are meant, of a layer with so many."""
    if where is None or (layer, None) in where:
        return list(range(heads))
    return [head for at, head in where if at == layer and head is not None]


def require(where: Places, layers: int, heads: int, who: str) -> None:
    """Check that a model has every head that is named.

    Raises
    ------
    InterventionError
        If it has not; the message names one and what there is.
    """
    for layer, head in where or ():
        if layer >= layers or (head is not None and head >= heads):
            named = f"layer {layer}" if head is None else f"layer {layer}, head {head}"
            msg = (
                f"{who} names {named}, but the model has layers 0 to {layers - 1} "
                f"and heads 0 to {heads - 1}"
            )
            raise InterventionError(msg)


def written(where: Places) -> str:
    """Write places as the arguments that make them."""
    if where is None:
        return ""
    single = [place for place in where if place[1] is not None]
    whole = [layer for layer, head in where if head is None]
    parts = [f"heads={single}"] if single else []
    return ", ".join([*parts, *([f"layers={whole}"] if whole else [])])


def _several(given: object, name: str) -> list[object]:
    if given is None:
        return []
    if isinstance(given, Iterable) and not isinstance(given, str | bytes):
        several = list(islice(given, _MOST + 1))
        if len(several) <= _MOST:
            return several
    elif hasattr(given, "__index__"):
        return [given]
    msg = f"{name}={given!r:.60}: expected a number or a list of at most {_MOST:,}"
    raise InterventionError(msg)


def _pairs(heads: object) -> list[object]:
    several = _several(heads, "heads")
    # heads=(2, 7) is one head; heads=[2, 7] could mean two, so a list must hold pairs.
    alone = isinstance(heads, tuple) and len(heads) == 2  # noqa: PLR2004 - layer and head
    if alone and not any(isinstance(part, Iterable) for part in several):
        return [heads]
    return several


def _pair(given: object) -> Place:
    if not isinstance(given, tuple | list) or len(given) != 2:  # noqa: PLR2004 - layer and head
        msg = f"a head is a pair (layer, head), both counted from 0, not {given!r:.60}"
        raise InterventionError(msg)
    return _number("a layer", given[0]), _number("a head", given[1])


def _number(name: str, given: object) -> int:
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        msg = f"{name} is a whole number counted from 0, not {given!r:.60}"
        raise InterventionError(msg)
    number = int(given.__index__())
    if number < 0:
        msg = f"{name} is counted from 0, so it cannot be {number}"
        raise InterventionError(msg)
    return number
