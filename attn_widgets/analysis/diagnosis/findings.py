"""What a diagnosis finds: a claim of the textbook, and where it holds."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attn_widgets.analysis.diagnosis import say_textbook
from attn_widgets.analysis.diagnosis.language import tongue
from attn_widgets.analysis.language import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis.diagnosis.places import Place
    from attn_widgets.analysis.diagnosis.regions import Layers
    from attn_widgets.analysis.heads import Floats64

State: TypeAlias = Literal["lower_cls", "middle_sep", "all_special"]
"""The textbook's states: lower layers gather on [CLS], middle ones on [SEP], all on both."""

Step: TypeAlias = Literal["near", "collecting", "reading"]
"""Its layer story: first the diagonal, then words look at [CLS], then [CLS] looks at words."""

Gathering: TypeAlias = Literal[
    "no-op", "reader", "broadcast", "boundary", "unclear", "not measured"
]
"""Which kind of gathering: a claim that needs more than the weights."""

Unjudged: TypeAlias = Literal[
    "no_cls", "no_sep", "no_special", "some_layers", "too_shallow", "cross", "short", "first_cls"
]
"""Why a claim cannot be judged here."""

MOST_HEADS = 3


@dataclasses.dataclass(frozen=True, slots=True)
class HeadShare:
    """One head, by the model's own numbers, and its share.

    Parameters
    ----------
    layer, head
        Which.
    share
        The mean over texts.
    low, high
        Of a corpus: between which nine texts in ten lie, off by 1/64 (an excess, 1/32); else None.
    """

    layer: int
    head: int
    share: float
    low: float | None = None
    high: float | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LayerSeen:
    """A layer in which what a claim says is seen.

    Parameters
    ----------
    layer
        By the model's own number.
    value
        The number that decides; see `Finding.measured`.
    heads
        The heads that do most of it, most first, with the share that decides.
    kinds
        Which kinds of gathering it is: none, one or several.
    """

    layer: int
    value: float
    heads: tuple[HeadShare, ...]
    kinds: tuple[Gathering, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim of the textbook, and whether it is seen here.

    Parameters
    ----------
    name
        The claim.
    found
        Whether it is seen; None where it cannot be judged, and `why_not` says why.
    region
        The layers that it is about.
    measured
        The number that decides, per layer: the mean excess of [CLS] or [SEP], the share of special
        tokens, the share of diagonal heads, or the share of [CLS]'s own attention that goes to
        text.
    needed
        What the number must reach.
    seen
        The layers in which it does, in the region or not.
    heads_share
        For ``"all_special"``: the share of heads for whom special tokens take most.
    short
        How many texts are too short for a verdict, as special tokens take most of the attention
        there in a healthy model, too, and of how many; (0, 0) where the claim cannot be measured.
    places
        The heads that show it best, best first; where it is not seen, the one that comes nearest
        to it. Empty where nothing was measured that could show it.
    """

    name: State | Step
    found: bool | None
    why_not: Unjudged | None = None
    region: Layers = ()
    measured: tuple[float, ...] = ()
    needed: float = 0.0
    seen: tuple[LayerSeen, ...] = ()
    heads_share: float | None = None
    short: tuple[int, int] = (0, 0)
    places: tuple[Place, ...] = ()

    @property
    def where(self) -> Place | None:
        """Give the one place that shows it best, or None; see `Place.seen`."""
        return self.places[0] if self.places else None

    @property
    def inside(self) -> Layers:
        """Give the layers of the region in which it is seen."""
        return tuple(one.layer for one in self.seen if one.layer in self.region)

    @property
    def outside(self) -> Layers:
        """Give the other layers in which it is seen."""
        return tuple(one.layer for one in self.seen if one.layer not in self.region)

    @property
    def heads(self) -> tuple[HeadShare, ...]:
        """Give the heads that do most of it, where it is seen, most first."""
        every = [head for one in self.seen for head in one.heads]
        return tuple(sorted(every, key=lambda one: -one.share)[:MOST_HEADS])

    def of_kind(self, kind: Gathering) -> Layers:
        """Give the layers in which it is of one kind."""
        return tuple(one.layer for one in self.seen if kind in one.kinds)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        """Say what it is about, whether it is seen, and where, in the language that was set."""
        return say_textbook.in_short(self, tongue(spoken()))


def strongest(
    layer: int,
    heads: Layers,
    shares: Floats64,
    spread: tuple[Floats64, Floats64] | None = None,
) -> tuple[HeadShare, ...]:
    """List the heads of a layer with the largest shares, largest first.

    Parameters
    ----------
    layer
        Its number.
    heads
        Their numbers.
    shares
        Shape ``(heads,)``.
    spread
        Where nine texts in ten begin and end, each of that shape; None if unknown.
    """
    order = (-shares).argsort(kind="stable")[:MOST_HEADS].tolist()
    if spread is None:
        return tuple(HeadShare(layer, heads[i], float(shares[i])) for i in order)
    low, high = spread
    return tuple(
        HeadShare(layer, heads[i], float(shares[i]), float(low[i]), float(high[i])) for i in order
    )


def enough(inside: Sequence[int], region: Sequence[int], most: float) -> bool:
    """Say whether a claim that is seen in some layers of a region is seen in the region."""
    return bool(inside) and len(inside) >= most * len(region)
