"""The numbers a profile keeps of each text: their names and ranges."""

from __future__ import annotations

from typing import Final

from attn_widgets.record import TokenRole

_ROLES = tuple(role for role in TokenRole if role not in {TokenRole.PAD, TokenRole.SPECIAL})

TARGETS: Final = ("special", "first", *(role.value for role in _ROLES))
"""What a share is of: all special tokens together, the first position, or the tokens of a role."""

SHAPES: Final = ("entropy", "confidence", "itself", "previous", "next", "local")
"""Normalised entropy, the mean largest weight, and the shares on the query and beside it; the last
is of these together, text keys alone."""

CLS_ROW: Final = ("cls_to_itself", "cls_to_content")
"""What the first [CLS] looks at."""

METRICS: Final = (
    *(f"{kind}:{target}" for target in TARGETS for kind in ("share", "excess")),
    *SHAPES,
    *CLS_ROW,
)
"""Every metric by name: ``share:cls``, ``excess:cls`` and so on, then the others."""


def span_of(metric: str) -> tuple[float, float]:
    """Give the range that a metric's histogram divides."""
    return (-1.0, 1.0) if metric.startswith("excess:") else (0.0, 1.0)
