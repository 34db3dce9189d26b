"""Where a finding shows best: what to look at, or to put on show."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.diagnosis.numbers import Numbers
    from attn_widgets.analysis.diagnosis.regions import Layers
    from attn_widgets.analysis.heads import Floats64

View: TypeAlias = Literal["weights", "norms"]
"""What is drawn: attention weights, or what the tokens hand on, each head by itself."""

About: TypeAlias = Literal["cls", "sep", "special"]
"""Whose attention a place is about; ``"special"`` where it is neither [CLS] nor [SEP]."""

MOST_PLACES = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One head to look at, and what in it.

    Parameters
    ----------
    layer, head
        By the model's own numbers.
    value
        The head's own number, by the weights: share of [CLS], [SEP] or all special tokens, beyond
        the even share where the finding is about that; share near the word; or what [CLS] gives the
        words.
    seen
        Whether the layer is one in which the finding is seen; where it is not, this is what comes
        nearest to it.
    query
        The row to look at, a position of the record; None for all rows.
    key
        The column, likewise; None for all columns, and wherever several texts were measured.
    role
        Whose column or row it is, which a picture of another text can look up; None where the
        finding is about no special token.
    view
        What shows it.
    """

    layer: int
    head: int
    value: float
    seen: bool
    query: int | None = None
    key: int | None = None
    role: About | None = None
    view: View = "weights"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scene:
    """What is needed to point into a record.

    Attributes
    ----------
    layers, heads
        The model's own numbers.
    numbers
        Means over texts.
    columns
        Of the only text: for [CLS], [SEP] and all special tokens, the position of the one that
        each head gives most, shape ``(layers, heads)``. Empty for several texts.
    cls_query
        Of the only text: the position of [CLS] among the queries.
    """

    layers: Layers
    heads: Layers
    numbers: Numbers
    columns: Mapping[About, NDArray[np.intp]]
    cls_query: int | None


def pointed(
    scene: Scene,
    by_head: Floats64,
    seen: Sequence[int],
    region: Sequence[int],
    about: Literal["column", "row", "near"],
    role: About | None,
) -> tuple[Place, ...]:
    """List the heads that show a finding best, best first.

    They are looked for in the layers where it is seen, first in those it is about; where it is seen
    nowhere, only the nearest in those it is about is given.

    Parameters
    ----------
    scene
        Where to point.
    by_head
        The number of each head, shape ``(layers, heads)``.
    seen, region
        Layers in which the finding is seen, and which it is about.
    about
        A ``"column"``, all that look at a token; the ``"row"`` of [CLS]; or what is ``"near"``.
    role
        Whose; ``"special"`` takes [CLS] or [SEP], whichever gets more.
    """
    inside = [layer for layer in seen if layer in region]
    layers = inside or list(seen) or list(region) or list(scene.layers)
    allowed = np.isin(scene.layers, layers)[:, None] & np.isfinite(by_head)
    ranks = np.where(allowed, by_head, -np.inf)
    most = min(MOST_PLACES if seen else 1, int(allowed.sum()))
    order = np.argsort(-ranks, axis=None, kind="stable")[:most]
    made = []
    for flat in order.tolist():
        i, j = divmod(flat, by_head.shape[1])
        whose = _larger(scene.numbers, i, j) if role == "special" else role
        column = scene.columns.get(whose) if about == "column" and whose else None
        made.append(
            Place(
                layer=scene.layers[i],
                head=scene.heads[j],
                value=float(by_head[i, j]),
                seen=scene.layers[i] in seen,
                query=scene.cls_query if about == "row" else None,
                key=None if column is None else int(column[i, j]),
                role=whose,
            )
        )
    return tuple(made)


def in_norms(places: Sequence[Place]) -> tuple[Place, ...]:
    """Point at what is handed on there, in place of the weights."""
    return tuple(dataclasses.replace(place, view="norms") for place in places)


def columns_of(
    alpha: Floats64, positions: NDArray[np.intp], members: Mapping[About, NDArray[np.bool_]]
) -> Mapping[About, NDArray[np.intp]]:
    """Find, for each kind of token that is there, the one that each head gives most.

    Parameters
    ----------
    alpha
        What each position gets, shape ``(layers, heads, positions)``.
    positions
        Where in the record each is.
    members
        Kind to which positions are of it.
    """
    return {
        about: positions[np.where(own, alpha, -1.0).argmax(axis=-1)]
        for about, own in members.items()
        if own.any()
    }


def _larger(numbers: Numbers, layer: int, head: int) -> About:
    """Say which of [CLS] and [SEP] a head gives more, if it is most of what special tokens get."""
    cls, sep = (np.nan_to_num(own[layer, head]) for own in (numbers.cls, numbers.sep))
    if max(cls, sep) * 2 < np.nan_to_num(numbers.special[layer, head]) or max(cls, sep) == 0:
        return "special"
    return "sep" if sep > cls else "cls"
