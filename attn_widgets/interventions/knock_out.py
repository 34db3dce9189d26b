"""Forbid looking at tokens, as a mask: it can be drawn, measured and run like any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from attn_widgets.interventions.places import places
from attn_widgets.masks import Mask, full, global_cols, global_rows, local, per_head, per_layer

if TYPE_CHECKING:
    from attn_widgets.masks import Assignment

Refs: TypeAlias = str | int | Iterable[str | int]


def knock_out(
    keys: Refs,
    queries: Refs | None = None,
    *,
    heads: object = None,
    layers: object = None,
    keep_own: bool = True,
) -> Mask | Assignment:
    """Let nobody look at some tokens; what is left of each row is scaled up to 1 again.

    ``knock_out("special")`` is attention renormalised without special tokens.

    Parameters
    ----------
    keys
        The tokens nobody may look at: a name (``"cls"``, ``"sep"``, ``"special"``, ...), an index,
        or several.
    queries
        Only these may not; by default every token.
    heads, layers
        Where: pairs ``(layer, head)``, and layers with all their heads; everywhere by default.
    keep_own
        Whether a token may still look at itself, so that no row of a text is emptied. In
        cross-attention no key is a query's own: say False there.

    Returns
    -------
    Mask or Assignment
        ``~global_cols(keys) | local(0)``, or per layer and head.

    Raises
    ------
    MaskError
        If a token's name is unknown or none is named.
    InterventionError
        If a head or layer is no whole number from 0 up.
    """
    column: Mask = global_cols(*_several(keys))
    pairs = column if queries is None else column & global_rows(*_several(queries))
    mask = ~pairs | local(0) if keep_own else ~pairs
    where = places(heads, layers)
    if where is None:
        return mask
    single: dict[int, dict[int | Iterable[int], Mask]] = {}
    given: dict[int | Iterable[int], Mask | Assignment] = {}
    for layer, head in where:
        if head is None:
            given[layer] = mask
        else:
            single.setdefault(layer, {})[head] = mask
    given |= {layer: per_head(own) for layer, own in single.items()}
    return per_layer(given, default=full())


def _several(refs: Refs) -> list[str | int]:
    return list(refs) if isinstance(refs, Iterable) and not isinstance(refs, str) else [refs]
