"""Saturation beside flow: four quadrants, and the hint that a model is clogged."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import numpy as np

from attn_widgets.analysis.diagnosis.numbers import mean_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis.diagnosis.observation import Observation
    from attn_widgets.analysis.diagnosis.places import Place
    from attn_widgets.analysis.diagnosis.regions import Layers
    from attn_widgets.analysis.diagnosis.thresholds import Thresholds

Quadrant: TypeAlias = Literal["open", "not mixing", "saturated, flowing", "clogged"]

Silent: TypeAlias = Literal[
    "few_texts", "no_messages", "other_norm", "decoder", "no_special", "profile"
]
"""Why the rule says nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class TrackRecord:
    """How a rule did where the truth was known.

    Parameters
    ----------
    flagged, collapsed
        It gave a hint for so many of so many checkpoints whose vectors had collapsed.
    false_flags, sound
        And for so many of so many that had not.
    healthy_flags, healthy
        And for so many of so many texts in the healthy model.
    """

    flagged: int = 8
    collapsed: int = 13
    false_flags: int = 1
    sound: int = 13
    healthy_flags: int = 0
    healthy: int = 62


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CloggedHint:
    """Whether the rule for a clogged model gives a hint: a symptom, never a verdict.

    Rule: in `clogged_layers` layers or more, over enough different texts that are long enough, the
    mean excess reaches `saturated` while the context share is `starved` or less. It was chosen
    after seeing trained checkpoints of one 6-layer model, as the third rule that was tried, so
    `known` is optimistic.

    Parameters
    ----------
    warns
        Whether there is a hint; None where the rule does not apply, for the reasons in `silent`.
    silent
        Why it says nothing; empty where it speaks.
    texts
        How many different texts counted.
    layers
        The clogged layers; empty where the rule does not apply.
    quadrants
        Per layer, wherever there are special tokens and both numbers were measured; where the rule
        does not apply, no more than a rough guide.
    places
        Heads of the clogged layers that show it best; empty where there are none.
    excess, context
        The means over the texts that counted, or over all if none did, per layer; NaN where
        unknown.
    """

    warns: bool | None
    silent: tuple[Silent, ...]
    texts: int
    layers: Layers
    quadrants: tuple[Quadrant, ...]
    excess: tuple[float, ...]
    context: tuple[float, ...]
    places: tuple[Place, ...] = ()

    known: ClassVar[TrackRecord] = TrackRecord()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, what is known of the rule among them."""
        return dataclasses.asdict(self) | {"known": dataclasses.asdict(self.known)}


def hint(texts: Sequence[Observation], lines: Thresholds) -> CloggedHint:
    """Apply the rule.

    Parameters
    ----------
    texts
        All that were measured; the rule counts each once, and none that is too short.
    lines
        What is compared with.
    """
    counted = _counted(texts, lines)
    reasons = _reasons(texts, len(counted), lines)
    means = mean_of([one.numbers for one in counted or texts])
    excess, context = means.layer("special_excess").tolist(), means.context.tolist()
    quadrants: tuple[Quadrant, ...] = ()
    clogged: Layers = ()
    if "no_special" not in reasons and np.isfinite([*excess, *context]).all():
        quadrants = tuple(_quadrant(e, c, lines) for e, c in zip(excess, context, strict=True))
    if not reasons:
        clogged = tuple(
            layer
            for layer, quadrant in zip(texts[0].layers, quadrants, strict=True)
            if quadrant == "clogged"
        )
    return CloggedHint(
        warns=None if reasons else len(clogged) >= lines.clogged_layers,
        silent=reasons,
        texts=len(counted),
        layers=clogged,
        quadrants=quadrants,
        excess=tuple(excess),
        context=tuple(context),
    )


def _counted(texts: Sequence[Observation], lines: Thresholds) -> list[Observation]:
    """Keep the texts that the rule counts: each once, and none that is too short."""
    kept: dict[tuple[str, ...], Observation] = {}
    for one in texts:
        if one.tokens >= lines.tokens:
            kept.setdefault(one.words, one)
    return list(kept.values())


def _reasons(texts: Sequence[Observation], counted: int, lines: Thresholds) -> tuple[Silent, ...]:
    found: list[Silent] = []
    if counted < lines.texts:
        found.append("few_texts")
    if texts[0].kind == "decoder":
        found.append("decoder")
    if not any(float(one.numbers.special_even) > 0 for one in texts):
        found.append("no_special")
    if any(one.stage is None for one in texts):
        found.append("no_messages")
    elif any(one.stage != "normed" for one in texts):
        found.append("other_norm")
    return tuple(found)


def _quadrant(excess: float, context: float, lines: Thresholds) -> Quadrant:
    if excess >= lines.saturated:
        return "clogged" if context <= lines.starved else "saturated, flowing"
    return "not mixing" if context <= lines.starved else "open"
