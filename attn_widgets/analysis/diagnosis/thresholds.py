"""Where a diagnosis draws its lines, and where each line comes from."""

from __future__ import annotations

import dataclasses

from attn_widgets.analysis.head_classes import ClassRule


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The numbers that a diagnosis compares with; they are ours, and none is a law.

    All but `texts`, `tokens` and `clogged_layers` are shares from 0 to 1. "Fitted" below means:
    chosen on runs of one healthy 6-layer encoder, all-MiniLM-L6-v2, and damaged copies of it. For
    another model measure healthy texts first, and compare: `HealthyProfile`.

    Parameters
    ----------
    collects
        A layer gathers on a role if the mean excess of its heads reaches this. Fitted. An excess
        is a share of the way from the even share to everything, see :attr:`Share.excess`.
    drained
        A message is called silent if it is at most this share of a word's in length. Fitted; the
        idea of telling no-op from broadcast by value norms: Fesser 2026 (arXiv 2606.08105).
    flat
        Where gradients were measured, a no-op needs one of at most this share of a word's, too
        (the sign by Clark et al. 2019, arXiv 1906.04341, section 3.2; the line is ours).
    spoken
        It is called spoken, and gathering on it a broadcast, from this share up: ours. Between the
        two lines nothing is said.
    keeps_itself
        [CLS] is called closed if it gives itself this share of its own attention. Fitted.
    reads, opens
        [CLS] is called a reader in a layer if it gives text the share `reads` of its own attention
        (fitted), and `opens` more than in the layers below on average, or in the lowest layer, than
        evenly spread attention would (ours). Without the second, attention that is spread evenly,
        as in a model with random weights, would pass for reading.
    crowded
        A head, or a layer's mean, looks at little else if special tokens take this share: ours. Of
        a layer, the mean excess must reach `collects`, too.
    nearly_all
        "All heads" of the textbook: this share of them: ours.
    most
        A part of the model shows something if this share of its layers does; a layer is diagonal
        if this share of its heads is: ours.
    saturated, starved, clogged_layers
        A layer is clogged if its mean excess reaches `saturated` and its context share is
        `starved` or less; a hint is given if so many layers are. Fitted; the third rule tried.
    texts, tokens
        The clogged rule is silent with fewer different texts, of at least so many tokens each:
        below, healthy models look clogged. Fitted.
    still
        A change is called small if vectors keep at least this cosine: ours.
    boundary
        [SEP] is called a boundary only if blocking it changes the own-segment share by this: ours.
    collapsed
        Vectors are called collapsed if similarity has used up this share of the room between the
        healthy one and 1. Ours: a pair cosine of .90 where the healthy model has .10.
    like_length
        Mean lengths whose ratio is at most this (1 or more) are compared without a warning: ours.
    classes
        What makes a head diagonal; see :class:`ClassRule`.

    Raises
    ------
    ValueError
        If a share is not from 0 to 1, or a count not a whole number from 1 up (`texts`: from 2).
    """

    collects: float = 0.25
    drained: float = 0.25
    flat: float = 0.25
    spoken: float = 0.5
    keeps_itself: float = 0.7
    reads: float = 0.4
    opens: float = 0.25
    crowded: float = 0.5
    nearly_all: float = 0.9
    most: float = 0.5
    saturated: float = 0.7
    starved: float = 0.25
    clogged_layers: int = 2
    texts: int = 12
    tokens: int = 10
    still: float = 0.99
    boundary: float = 0.05
    collapsed: float = 0.89
    like_length: float = 1.5
    classes: ClassRule = dataclasses.field(default_factory=ClassRule)

    def __post_init__(self) -> None:
        """Check every number."""
        least = {"clogged_layers": 1, "texts": 2, "tokens": 1}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name in least:
                low = least[field.name]
                if isinstance(value, bool) or not isinstance(value, int) or value < low:
                    msg = f"threshold {field.name} is {value!r}: expected a whole number from {low}"
                    raise ValueError(msg)
            elif field.name == "like_length":
                if not 1 <= value < float("inf"):
                    msg = f"threshold like_length is {value!r}: expected a ratio from 1 up"
                    raise ValueError(msg)
            elif field.name != "classes" and not 0 <= value <= 1:
                msg = f"threshold {field.name} is {value!r}: expected a share from 0 to 1"
                raise ValueError(msg)
