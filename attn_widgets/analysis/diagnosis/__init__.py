"""Why do the tokens look only at [CLS] and [SEP]? The textbook's answer, and the evidence."""

from attn_widgets.analysis.diagnosis.card import (
    Card,
    CardFinding,
    CardHint,
    CardItem,
    CardPlace,
)
from attn_widgets.analysis.diagnosis.conclude import conclude, diagnose
from attn_widgets.analysis.diagnosis.corpus import Corpus, LengthShare
from attn_widgets.analysis.diagnosis.diagnosis import Diagnosis, Skipped
from attn_widgets.analysis.diagnosis.findings import Finding, HeadShare, LayerSeen
from attn_widgets.analysis.diagnosis.flow import CloggedHint, TrackRecord
from attn_widgets.analysis.diagnosis.interventions import Intervention
from attn_widgets.analysis.diagnosis.numbers import Numbers
from attn_widgets.analysis.diagnosis.observation import Observation, observe
from attn_widgets.analysis.diagnosis.outputs import OutputTest
from attn_widgets.analysis.diagnosis.places import Place
from attn_widgets.analysis.diagnosis.profile import Comparison, HealthyProfile, Range
from attn_widgets.analysis.diagnosis.thresholds import Thresholds

__all__ = [
    "Card",
    "CardFinding",
    "CardHint",
    "CardItem",
    "CardPlace",
    "CloggedHint",
    "Comparison",
    "Corpus",
    "Diagnosis",
    "Finding",
    "HeadShare",
    "HealthyProfile",
    "Intervention",
    "LayerSeen",
    "LengthShare",
    "Numbers",
    "Observation",
    "OutputTest",
    "Place",
    "Range",
    "Skipped",
    "Thresholds",
    "TrackRecord",
    "conclude",
    "diagnose",
    "observe",
]
