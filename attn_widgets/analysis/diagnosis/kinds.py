"""Which kind of gathering a layer shows: what the weights alone cannot tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.analysis.diagnosis.interventions import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis.diagnosis.findings import Gathering
    from attn_widgets.analysis.diagnosis.interventions import Intervention
    from attn_widgets.analysis.diagnosis.numbers import Numbers
    from attn_widgets.analysis.diagnosis.thresholds import Thresholds


def kinds_of_cls(
    numbers: Numbers, place: int, _changes: Sequence[Intervention], lines: Thresholds
) -> tuple[Gathering, ...]:
    """Tell what [CLS] does in a layer where words gather on it.

    A no-op if its message is silent and it is closed; a reader if it looks at the text itself; a
    broadcast if its message is spoken.

    Parameters
    ----------
    numbers
        Means over texts.
    place
        The layer's place in them.
    lines
        `drained`, `spoken`, `keeps_itself` and `reads` of it are used.
    """
    drain = float(numbers.cls_drain[place])
    found: list[Gathering] = []
    if drain <= lines.drained and numbers.layer("cls_to_itself")[place] >= lines.keeps_itself:
        found.append("no-op")
    if numbers.layer("cls_to_content")[place] >= lines.reads:
        found.append("reader")
    if drain >= lines.spoken:
        found.append("broadcast")
    return tuple(found) or (_open(drain),)


def kinds_of_sep(
    numbers: Numbers, place: int, changes: Sequence[Intervention], lines: Thresholds
) -> tuple[Gathering, ...]:
    """Tell what [SEP] does in a layer where words gather on it.

    A no-op if its message is silent, or if muting it changes little; a boundary only if blocking it
    changes how far attention stays in its own text of a pair.
    """
    drain = float(numbers.sep_drain[place])
    muted, blocked = find(changes, "sep", "mute"), find(changes, "sep", "block")
    found: list[Gathering] = []
    if drain <= lines.drained or (muted is not None and muted.cosine >= lines.still):
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


def _open(drain: float) -> Gathering:
    return "unclear" if drain == drain else "not measured"  # noqa: PLR0124 - NaN is not itself
