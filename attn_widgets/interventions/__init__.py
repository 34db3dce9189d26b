"""What can be changed in a model's attention, and what the change does: values, no model."""

from attn_widgets.interventions.changes import Change, Changes
from attn_widgets.interventions.edits import (
    Ablate,
    Bias,
    Edit,
    Mute,
    SinkLogit,
    Uniform,
    ablate,
    bias,
    mute,
    sink_logit,
    uniform,
)
from attn_widgets.interventions.effect import (
    Drift,
    Effect,
    Guess,
    HeadMoved,
    LabelChange,
    Prediction,
    VectorChange,
)
from attn_widgets.interventions.errors import InterventionError
from attn_widgets.interventions.importance import HeadImportance, HeadScore
from attn_widgets.interventions.knock_out import knock_out
from attn_widgets.interventions.sweep import Sweep, SweepPoint, SweepRow, grid

__all__ = [
    "Ablate",
    "Bias",
    "Change",
    "Changes",
    "Drift",
    "Edit",
    "Effect",
    "Guess",
    "HeadImportance",
    "HeadMoved",
    "HeadScore",
    "InterventionError",
    "LabelChange",
    "Mute",
    "Prediction",
    "SinkLogit",
    "Sweep",
    "SweepPoint",
    "SweepRow",
    "Uniform",
    "VectorChange",
    "ablate",
    "bias",
    "grid",
    "knock_out",
    "mute",
    "sink_logit",
    "uniform",
]
