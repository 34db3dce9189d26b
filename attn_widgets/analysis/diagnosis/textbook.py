"""The textbook's reading of a map: its three states and its layer story, found here or not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, Literal

from attn_widgets.analysis.diagnosis.findings import (
    Finding,
    LayerSeen,
    State,
    Step,
    Unjudged,
    enough,
    strongest,
)
from attn_widgets.analysis.diagnosis.kinds import (
    kinds_of_cls,
    kinds_of_crowd,
    kinds_of_sep,
    opened,
)
from attn_widgets.analysis.diagnosis.places import Scene, pointed
from attn_widgets.analysis.diagnosis.regions import Regions, regions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.analysis.diagnosis.findings import Gathering
    from attn_widgets.analysis.diagnosis.interventions import Intervention
    from attn_widgets.analysis.diagnosis.numbers import Numbers
    from attn_widgets.analysis.diagnosis.places import About, Place
    from attn_widgets.analysis.diagnosis.regions import Layers
    from attn_widgets.analysis.diagnosis.thresholds import Thresholds
    from attn_widgets.analysis.heads import Floats64

    Kinds = Callable[[int], tuple[Gathering, ...]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is read: the numbers, and by which lines.

    Attributes
    ----------
    layers, heads
        The model's own numbers.
    numbers
        Means over texts.
    interventions
        What was changed.
    lines
        What is compared with.
    columns, cls_query
        Of the only text; see :class:`Scene`.
    texts, short
        How many texts there are, and how many of them are too short for a verdict.
    spread
        Of a corpus: by name of a number, where nine texts in ten begin and end, each of shape
        ``(layers, heads)``.
    """

    layers: Layers
    heads: Layers
    numbers: Numbers
    interventions: Sequence[Intervention]
    lines: Thresholds
    columns: Mapping[About, NDArray[np.intp]] = dataclasses.field(default_factory=dict)
    cls_query: int | None = None
    texts: int = 1
    short: int = 0
    spread: Mapping[str, tuple[Floats64, Floats64]] = dataclasses.field(default_factory=dict)

    @property
    def too_short(self) -> bool:
        """Say whether every text is too short for a state of the textbook to be a verdict."""
        return self.short == self.texts

    @property
    def scene(self) -> Scene:
        """Give what is needed to point into a record."""
        return Scene(
            layers=self.layers,
            heads=self.heads,
            numbers=self.numbers,
            columns=self.columns,
            cls_query=self.cls_query,
        )


def states(case: Case) -> tuple[Finding, ...]:
    """Read the three states.

    The lower (middle) layers gather on [CLS] ([SEP]) if in `most` of them its mean excess reaches
    `collects` and it takes more than the other; everything is on special tokens if every layer's
    mean share reaches `crowded` and its mean excess `collects`, and the share of `nearly_all` heads
    reaches `crowded`. That last is the textbook's reading: short texts pass it in a healthy model.
    Where all texts are short, a state that would be found cannot be judged.
    """
    parts = regions(case.layers)
    return (
        _gathering("lower_cls", case, parts, parts.lower if parts else ()),
        _gathering("middle_sep", case, parts, parts.middle if parts else ()),
        _crowd(case),
    )


def story(case: Case) -> tuple[Finding, ...]:
    """Read the layer story: each step is found if it is seen in `most` layers of its region.

    A layer is diagonal if `most` of its heads are, clearly beyond what evenly spread attention
    gives; words gather on [CLS] as in :func:`states`;
    [CLS] looks at words if it is :func:`opened` there: their share is larger than below, not only
    large, which an even share is, too.
    """
    parts = regions(case.layers)
    return (
        _near(case, parts),
        _gathering("collecting", case, parts, parts.collecting if parts else ()),
        _reading(case, parts),
    )


def _gathering(name: State | Step, case: Case, parts: Regions | None, region: Layers) -> Finding:
    role, other = ("sep", "cls") if name == "middle_sep" else ("cls", "sep")
    numbers, lines = case.numbers, case.lines
    excess, share, rival = (numbers.layer(key) for key in (f"{role}_excess", role, other))
    passed = (excess >= lines.collects) & ~(rival >= share)
    absent: Unjudged = "no_sep" if role == "sep" else "no_cls"
    kinds = kinds_of_sep if role == "sep" else kinds_of_cls
    return _located(
        Finding(name=name, found=None, region=region, needed=lines.collects),
        case,
        parts,
        excess,
        passed,
        f"{role}_excess",
        absent,
        lambda i: kinds(numbers, i, case.interventions, lines),
    )


def _near(case: Case, parts: Regions | None) -> Finding:
    numbers, lines = case.numbers, case.lines
    share = numbers.layer("diagonal")
    return _located(
        Finding(name="near", found=None, region=parts.near if parts else (), needed=lines.most),
        case,
        parts,
        share,
        share >= lines.most,
        "local",
        "cross",
    )


def _reading(case: Case, parts: Regions | None) -> Finding:
    numbers, lines = case.numbers, case.lines
    region = parts.reading if parts else ()
    share = numbers.layer("cls_to_content")
    start = Finding(name="reading", found=None, region=region, needed=lines.reads)
    if float(numbers.cls_to_content_even) <= 0:
        return dataclasses.replace(start, why_not="first_cls")
    return _located(
        start,
        case,
        parts,
        share,
        opened(numbers, lines),
        "cls_to_content",
        "no_cls",
    )


def _located(
    start: Finding,
    case: Case,
    parts: Regions | None,
    measured: Floats64,
    passed: NDArray[np.bool_],
    by_head: str,
    absent: Unjudged,
    kinds: Kinds = lambda _: (),
) -> Finding:
    """Complete a finding whose claim is about a part of the layers."""
    values = tuple(measured.tolist())
    if measured.size and (measured != measured).all():  # noqa: PLR0124 - NaN is not itself
        return dataclasses.replace(start, why_not=absent, measured=values)
    seen = _seen(case, measured, passed, by_head, kinds)
    places = _places(case, start, seen, by_head)
    made = dataclasses.replace(
        start, measured=values, seen=seen, places=places, short=(case.short, case.texts)
    )
    if parts is None:
        return dataclasses.replace(made, why_not="some_layers")
    if not start.region:
        return dataclasses.replace(made, why_not="too_shallow")
    found = enough(made.inside, start.region, case.lines.most)
    if found and case.too_short and start.name in _STATES:
        return dataclasses.replace(made, why_not="short")
    return dataclasses.replace(made, found=found)


def _crowd(case: Case) -> Finding:
    numbers, lines = case.numbers, case.lines
    share = numbers.layer("special")
    start = Finding(
        name="all_special",
        found=None,
        region=case.layers,
        measured=tuple(share.tolist()),
        needed=lines.crowded,
    )
    if not float(numbers.special_even) > 0:
        return dataclasses.replace(start, why_not="no_special")
    if regions(case.layers) is None:
        return dataclasses.replace(start, why_not="some_layers")
    crowded = float((numbers.special >= lines.crowded).mean())
    beyond = numbers.layer("special_excess") >= lines.collects
    passed = (share >= lines.crowded) & beyond
    seen = _seen(case, share, passed, "special", lambda i: kinds_of_crowd(numbers, i, lines))
    found = bool(passed.all()) and crowded >= lines.nearly_all
    short = found and case.too_short
    return dataclasses.replace(
        start,
        found=None if short else found,
        why_not="short" if short else None,
        seen=seen,
        heads_share=crowded,
        short=(case.short, case.texts),
        places=_places(case, start, seen, "special"),
    )


_STATES: Final = frozenset({"lower_cls", "middle_sep", "all_special"})

_ABOUT: Final[dict[State | Step, tuple[Literal["column", "row", "near"], About | None]]] = {
    "lower_cls": ("column", "cls"),
    "middle_sep": ("column", "sep"),
    "all_special": ("column", "special"),
    "near": ("near", None),
    "collecting": ("column", "cls"),
    "reading": ("row", "cls"),
}


def _places(
    case: Case, finding: Finding, seen: Sequence[LayerSeen], by_head: str
) -> tuple[Place, ...]:
    about, role = _ABOUT[finding.name]
    layers = [one.layer for one in seen]
    own: Floats64 = getattr(case.numbers, by_head)
    return pointed(case.scene, own, layers, finding.region, about, role)


def _seen(
    case: Case, measured: Floats64, passed: NDArray[np.bool_], by_head: str, kinds: Kinds
) -> tuple[LayerSeen, ...]:
    own: Floats64 = getattr(case.numbers, by_head)
    spread = case.spread.get(by_head)
    return tuple(
        LayerSeen(
            layer=case.layers[i],
            value=float(measured[i]),
            heads=strongest(
                case.layers[i],
                case.heads,
                own[i],
                None if spread is None else (spread[0][i], spread[1][i]),
            ),
            kinds=kinds(i),
        )
        for i in passed.nonzero()[0].tolist()
    )
