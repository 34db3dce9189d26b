"""See attention: layer x head grids with special-token and sparse-mask overlays."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from attn_widgets.adapters import AttentionRecords, attention_record
    from attn_widgets.analysis import diagnose, set_language
    from attn_widgets.bertviz import from_bertviz, to_bertviz
    from attn_widgets.interventions import (
        Changes,
        Effect,
        ablate,
        bias,
        knock_out,
        mute,
        sink_logit,
        uniform,
    )
    from attn_widgets.masks import (
        Mask,
        causal,
        dilated,
        full,
        global_,
        global_cols,
        global_rows,
        local,
        sink,
    )
    from attn_widgets.models import ModelRunner, profile
    from attn_widgets.record import AttentionRecord, Token, TokenRole
    from attn_widgets.widgets import AttentionExplorer, MaskLab, SpecialTokenReport

__version__ = "0.1.0"

__all__ = [
    "AttentionExplorer",
    "AttentionRecord",
    "AttentionRecords",
    "Changes",
    "Effect",
    "Mask",
    "MaskLab",
    "ModelRunner",
    "SpecialTokenReport",
    "Token",
    "TokenRole",
    "ablate",
    "attention_record",
    "bias",
    "causal",
    "diagnose",
    "dilated",
    "from_bertviz",
    "full",
    "global_",
    "global_cols",
    "global_rows",
    "knock_out",
    "local",
    "mute",
    "profile",
    "set_language",
    "sink",
    "sink_logit",
    "to_bertviz",
    "uniform",
]


_ROOMS: Final = {
    "adapters": ("AttentionRecords", "attention_record"),
    "analysis": ("diagnose", "set_language"),
    "bertviz": ("from_bertviz", "to_bertviz"),
    "interventions": (
        "Changes",
        "Effect",
        "ablate",
        "bias",
        "knock_out",
        "mute",
        "sink_logit",
        "uniform",
    ),
    "masks": (
        "Mask",
        "causal",
        "dilated",
        "full",
        "global_",
        "global_cols",
        "global_rows",
        "local",
        "sink",
    ),
    "models": ("ModelRunner", "profile"),
    "record": ("AttentionRecord", "Token", "TokenRole"),
    "widgets": ("AttentionExplorer", "MaskLab", "SpecialTokenReport"),
}
_ROOM_OF: Final = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    """Import a room when something of it is first asked for: torch only when a model is."""
    if name in {*_ROOMS, "export", "samples"}:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _ROOM_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Name what can be had of the package, loaded or not."""
    return sorted({*globals(), *__all__})
