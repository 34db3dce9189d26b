"""See attention: layer x head grids with special-token and sparse-mask overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from attn_widgets.record import AttentionRecord, Token, TokenRole
from attn_widgets.widgets import AttentionExplorer, MaskLab, SpecialTokenReport

if TYPE_CHECKING:
    from attn_widgets.models import ModelRunner, profile

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


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    """Bring torch and transformers in only when a model is asked for."""
    if name == "ModelRunner":
        from attn_widgets.models import ModelRunner  # noqa: PLC0415

        return ModelRunner
    if name == "profile":
        from attn_widgets.models import profile  # noqa: PLC0415

        return profile
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
