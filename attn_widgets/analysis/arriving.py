"""What arrives at each query, as a record: weights times the lengths of what keys hand on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    from attn_widgets.analysis.contributions import Contributions


_NOTE: Final = "not attention: each row is shared out by the lengths of what its keys hand on"


def arriving(made: Contributions, record: AttentionRecord) -> AttentionRecord:
    r"""Share out each row by what its keys hand on, in place of by where it looks.

    .. math:: B^h_{ij} = \frac{\alpha^h_{ij} \lVert f^h(x_j) \rVert}
                              {\sum_k \alpha^h_{ik} \lVert f^h(x_k) \rVert}

    Parameters
    ----------
    made
        The contributions of the same text.
    record
        Whose layers and heads are wanted.

    Returns
    -------
    AttentionRecord
        Weights ``(layers, heads, queries, keys)``, float32, each row summing to 1. Two heads or two
        queries, may receive vectors of very different length; a row says only how one of them is
        made up.

    Raises
    ------
    ValueError
        If the contributions are of other tokens, or lack a layer or head.

    Notes
    -----
    ``alpha ||f(x)||`` is from Kobayashi et al. 2020 (arXiv 2004.10102, section 3); dividing a row
    by its sum, so that it can be drawn beside attention, is ours.
    """
    given = made.record
    if (given.tokens, given.key_tokens) != (record.tokens, record.key_tokens):
        msg = (
            f"the contributions are of {given!r}, not of the same tokens as {record!r}: "
            "measure the text of the record"
        )
        raise ValueError(msg)
    missing = set(record.layers) - set(given.layers) | set(record.heads) - set(given.heads)
    if missing:
        msg = f"the contributions lack layers or heads {sorted(missing)} of the record"
        raise ValueError(msg)
    rows = np.empty(record.shape, np.float32)
    nothing = False
    for row, layer in enumerate(record.layers):
        for column, head in enumerate(record.heads):
            sizes = made.weighed(layer, head)
            total = sizes.sum(axis=-1, keepdims=True)
            nothing = nothing or bool((total <= 0).any())
            rows[row, column] = np.divide(sizes, total, out=np.zeros_like(sizes), where=total > 0)
    return AttentionRecord(
        weights=rows,
        tokens=record.tokens,
        key_tokens=record.key_tokens,
        patches=record.patches,
        kind=record.kind,
        layers=record.layers,
        heads=record.heads,
        sink=nothing,  # a row that gets nothing sums to 0
        provenance=dataclasses.replace(given.provenance, note=_NOTE),
        text=record.text,
    )
