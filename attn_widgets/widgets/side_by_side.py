"""Two explorers next to each other that follow one selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets as t

if TYPE_CHECKING:
    from attn_widgets.analysis.counterpart import Counterpart
    from attn_widgets.widgets.explorer import AttentionExplorer

FOLLOWED = ("layers", "heads", "layer", "head", "threshold", "special_mode", "lang")
"""Settings that mean the same in both."""


def side_by_side(
    first: AttentionExplorer, second: AttentionExplorer, other: Counterpart
) -> ipywidgets.Box:
    """Put two explorers into one row; what is picked in one is picked in the other.

    Parameters
    ----------
    first, second
        The explorers.
    other
        The second one's record laid over the first one's: which token is which.
    """
    for name in FOLLOWED:
        t.link((first, name), (second, name))
    for name, places in (("query", other.queries.tolist()), ("key", other.keys.tolist())):
        back = {there: here for here, there in enumerate(places) if there >= 0}
        t.link(
            (first, name),
            (second, name),
            transform=(
                lambda here, places=places: None if here is None else _found(places[here]),
                lambda there, back=back: back.get(there),
            ),
        )
    half = {"flex": "1 1 0", "min_width": "0"}
    for view in (first, second):
        view.layout = ipywidgets.Layout(**half)
    return ipywidgets.Box(
        [first, second],
        layout=ipywidgets.Layout(display="flex", flex_flow="row wrap", width="100%"),
    )


def _found(place: int) -> int | None:
    return place if place >= 0 else None
