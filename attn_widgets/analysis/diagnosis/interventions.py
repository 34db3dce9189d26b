"""What changing the model says, where a runner could: the vectors before and after."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

Target: TypeAlias = Literal["cls", "sep", "first", "word"]
Action: TypeAlias = Literal["mute", "block"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """What one change in all layers did to the vectors of texts.

    Parameters
    ----------
    target
        The tokens: ``"cls"``, ``"sep"``, the ``"first"`` position, or one ``"word"`` of the text
        as a control.
    action
        ``"mute"``: they are looked at as before, and say nothing. ``"block"``: nobody else may look
        at them, and the weight goes to the other tokens.
    cosine
        Between a text's vector before and after, -1 to 1, the mean over texts.
    texts
        How many.
    own_segment
        How the own-segment share of pairs changed, the mean over heads and pairs, -1 to 1; None
        where there were no pairs or it was not looked at.

    Raises
    ------
    ValueError
        If a name is not one of these, or a number out of range.
    """

    target: Target
    action: Action
    cosine: float
    texts: int
    own_segment: float | None = None

    def __post_init__(self) -> None:
        """Check names and ranges."""
        for name, known in (("target", Target), ("action", Action)):
            if getattr(self, name) not in get_args(known):
                msg = f"{name} is {getattr(self, name)!r}: one of {', '.join(get_args(known))}"
                raise ValueError(msg)
        for name in ("cosine", "own_segment"):
            value = getattr(self, name)
            if value is not None and not -1 <= value <= 1:
                msg = f"{name} is {value!r}: expected a number from -1 to 1"
                raise ValueError(msg)
        if self.texts < 1:
            msg = f"texts is {self.texts!r}: expected the number of texts, from 1 up"
            raise ValueError(msg)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return dataclasses.asdict(self)


def find(
    interventions: Iterable[Intervention], target: Target, action: Action
) -> Intervention | None:
    """Find what one change did, or None."""
    for one in interventions:
        if (one.target, one.action) == (target, action):
            return one
    return None
