"""Putting attention to use: vectors of texts, cures for a clogged model, fine-tuning watched."""

from attn_widgets.models.using.check import LayerChoice, VectorCheck
from attn_widgets.models.using.course import Course, Snapshot
from attn_widgets.models.using.lab import Condition, finetune_lab
from attn_widgets.models.using.lab_report import Lab, LabRun
from attn_widgets.models.using.layers import LayerChange, freeze_layers, reinitialize_layers
from attn_widgets.models.using.remedies import Remedy, remedy
from attn_widgets.models.using.transformer import SentenceVectors
from attn_widgets.models.using.vectoring import Vectoring
from attn_widgets.models.using.watching import (
    TrainingCallback,
    Watcher,
    draw_live,
    train_watched,
)

__all__ = [
    "Condition",
    "Course",
    "Lab",
    "LabRun",
    "LayerChange",
    "LayerChoice",
    "Remedy",
    "SentenceVectors",
    "Snapshot",
    "TrainingCallback",
    "VectorCheck",
    "Vectoring",
    "Watcher",
    "draw_live",
    "finetune_lab",
    "freeze_layers",
    "reinitialize_layers",
    "remedy",
    "train_watched",
]
