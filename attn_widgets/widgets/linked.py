"""Explorers of one run's stacks, next to each other where there is room, that follow each other."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import ipywidgets
import traitlets as t

from attn_widgets.widgets.side_by_side import FOLLOWED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.widgets.explorer import AttentionExplorer

_LOOKS = tuple(name for name in FOLLOWED if name not in {"layers", "heads", "layer", "head"})


def linked(views: Mapping[str, AttentionExplorer]) -> ipywidgets.Box:
    """Put the explorers of an encoder-decoder model, or of any other records of one run, together.

    Settings are shared. A decoder's layer is that of its cross-attention. A token is picked
    everywhere at once: the query of the decoder is that of the cross-attention, whose key is a
    query of the encoder. Heads are each stack's own, and so are the keys of encoder and decoder.

    Parameters
    ----------
    views
        Explorers by the names of their records.

    Returns
    -------
    ipywidgets.Box
        The explorers: in one row where there is room, else one under the other.
    """
    for (_, first), (_, second) in itertools.pairwise(views.items()):
        for name in _LOOKS:
            t.link((first, name), (second, name))
    for side, chosen in (("decoder", "query"), ("encoder", "key")):
        cross, own = views.get("cross"), views.get(side)
        if cross is not None and own is not None:
            t.link((cross, chosen), (own, "query"))
    cross, decoder = views.get("cross"), views.get("decoder")
    if cross is not None and decoder is not None and cross.record.layers == decoder.record.layers:
        for name in ("layers", "layer"):
            t.link((decoder, name), (cross, name))
    for view in views.values():
        view.layout = ipywidgets.Layout(flex="1 1 22em", min_width="0")
    return ipywidgets.Box(
        list(views.values()),
        layout=ipywidgets.Layout(display="flex", flex_flow="row wrap", width="100%"),
    )
