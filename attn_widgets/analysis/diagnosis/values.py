"""A diagnosis as plain JSON values."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.diagnosis.numbers import NAMES

if TYPE_CHECKING:
    from attn_widgets.analysis.diagnosis.diagnosis import Diagnosis


def plain(diagnosis: Diagnosis) -> dict[str, Any]:
    """Give every number by its name; what is undefined is None."""
    numbers = diagnosis.numbers
    output, comparison = diagnosis.output, diagnosis.comparison
    whole: dict[str, Any] = {
        name: getattr(diagnosis, name)
        for name in (
            "model",
            "kind",
            "layers",
            "heads",
            "lengths",
            "different",
            "changed",
            "missing",
        )
    } | {
        "skipped": [dataclasses.asdict(one) for one in diagnosis.skipped],
        "states": [one.to_dict() for one in diagnosis.states],
        "story": [one.to_dict() for one in diagnosis.story],
        "numbers": {name: getattr(numbers, name) for name in NAMES},
        "hint": diagnosis.hint.to_dict(),
        "output": None if output is None else output.to_dict(),
        "interventions": [one.to_dict() for one in diagnosis.interventions],
        "comparison": None if comparison is None else comparison.to_dict(),
        "corpus": None if diagnosis.corpus is None else diagnosis.corpus.to_dict(),
        "thresholds": dataclasses.asdict(diagnosis.thresholds),
    }
    made: dict[str, Any] = _plain(whole)
    return made


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
