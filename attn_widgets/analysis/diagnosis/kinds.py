"""Which kind of gathering a layer shows: what the weights alone cannot tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.diagnosis.interventions import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.diagnosis.findings import Gathering
    from attn_widgets.analysis.diagnosis.interventions import Intervention
    from attn_widgets.analysis.diagnosis.numbers import Numbers
    from attn_widgets.analysis.diagnosis.thresholds import Thresholds


def kinds_of_cls(
    numbers: Numbers, place: int, _changes: Sequence[Intervention], lines: Thresholds
) -> tuple[Gathering, ...]:
    """Tell what [CLS] does in a layer where words gather on it.

    A no-op if its message is silent, it is closed, and where gradients were measured, little hangs
    on attention to it; a reader if it is open to the text, see :func:`opened`; a broadcast if its
    message is spoken.

    Parameters
    ----------
    numbers
        Means over texts.
    place
        The layer's place in them.
    lines
        `drained`, `flat`, `spoken`, `keeps_itself`, `reads` and `opens` of it are used.
    """
    drain = float(numbers.cls_drain[place])
    closed = numbers.layer("cls_to_itself")[place] >= lines.keeps_itself
    found: list[Gathering] = []
    if drain <= lines.drained and closed and _flat(numbers.cls_slope[place], lines):
        found.append("no-op")
    if opened(numbers, lines)[place]:
        found.append("reader")
    if drain >= lines.spoken:
        found.append("broadcast")
    return tuple(found) or (_open(drain),)


def kinds_of_sep(
    numbers: Numbers, place: int, changes: Sequence[Intervention], lines: Thresholds
) -> tuple[Gathering, ...]:
    """Tell what [SEP] does in a layer where words gather on it.

    A no-op if its message is silent, or if muting it changes little, and where gradients were
    measured, little hangs on attention to it; a boundary only if blocking it changes how far
    attention stays in its own text of a pair.
    """
    drain = float(numbers.sep_drain[place])
    muted, blocked = find(changes, "sep", "mute"), find(changes, "sep", "block")
    found: list[Gathering] = []
    silent = drain <= lines.drained or (muted is not None and muted.cosine >= lines.still)
    if silent and _flat(numbers.sep_slope[place], lines):
        found.append("no-op")
    own = None if blocked is None else blocked.own_segment
    if own is not None and abs(own) >= lines.boundary:
        found.append("boundary")
    return tuple(found) or (_open(drain if muted is None else 0.0),)


def kinds_of_crowd(numbers: Numbers, place: int, lines: Thresholds) -> tuple[Gathering, ...]:
    """Tell what a layer hears that looks at special tokens only: nothing, or one thing for all.

    By the message of the role that takes more of its attention.
    """
    cls, sep = numbers.layer("cls")[place], numbers.layer("sep")[place]
    drain = float((numbers.sep_drain if sep > cls else numbers.cls_drain)[place])
    if drain <= lines.drained:
        return ("no-op",)
    return ("broadcast",) if drain >= lines.spoken else (_open(drain),)


def opened(numbers: Numbers, lines: Thresholds) -> NDArray[np.bool_]:
    """Say in which layers [CLS] looks at the text, more than in the layers below.

    In the lowest layer, more than its row would if spread evenly. What an even share is depends on
    length alone, and is nearly 1 in a long text: whoever reaches it need not read.

    Returns
    -------
    ndarray of bool, shape (layers,)
    """
    share = numbers.layer("cls_to_content")
    before = np.concatenate([[float(numbers.cls_to_content_even)], share[:-1]])
    below = np.cumsum(before) - before[0]
    below[1:] /= np.arange(1, len(share))
    below[0] = before[0]
    found: NDArray[np.bool_] = (share >= lines.reads) & (share - below >= lines.opens)
    return found


def _flat(slope: float, lines: Thresholds) -> bool:
    """Say whether the output hangs little on attention to a token, or this was not measured."""
    return not slope > lines.flat


def _open(drain: float) -> Gathering:
    return "unclear" if drain == drain else "not measured"  # noqa: PLR0124 - NaN is not itself
