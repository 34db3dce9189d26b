"""Pure functions from a record to numbers."""

from attn_widgets.analysis.adviser import Advice, advise
from attn_widgets.analysis.boundaries import Boundaries, boundaries
from attn_widgets.analysis.contributions import Contributions
from attn_widgets.analysis.diagnosis import Diagnosis, HealthyProfile, Thresholds, diagnose
from attn_widgets.analysis.flow import attention_flow
from attn_widgets.analysis.head_classes import ClassRule, HeadClass
from attn_widgets.analysis.language import set_language
from attn_widgets.analysis.mask_fit import MaskFit, fit_mask
from attn_widgets.analysis.measures import HeadMeasures, measure
from attn_widgets.analysis.neighbours import Neighbours, neighbour_shares
from attn_widgets.analysis.norm_rollout import norm_rollout, norm_rollout_to_special
from attn_widgets.analysis.norm_shares import (
    context_share,
    effective_shares,
    head_norm_share_of,
    head_norm_shares,
    mixing_ratio,
    norm_shares,
    special_sum,
    value_drain,
    value_drain_of,
)
from attn_widgets.analysis.profile import Profile, merge
from attn_widgets.analysis.ranks import spearman
from attn_widgets.analysis.reading import query_rows
from attn_widgets.analysis.rollout import attention_rollout, rollout_to_special
from attn_widgets.analysis.segments import OwnSegment, own_segment
from attn_widgets.analysis.shapes import confidence, diagonality, normalised_entropy, stripe
from attn_widgets.analysis.shares import Share, role_shares, share_of, special_share
from attn_widgets.analysis.similarity import HeadMap, head_divergences, head_map
from attn_widgets.analysis.sinks import Sinks, find_sinks
from attn_widgets.analysis.slopes import Slopes
from attn_widgets.analysis.special_row import OutRow, out_row

__all__ = [
    "Advice",
    "Boundaries",
    "ClassRule",
    "Contributions",
    "Diagnosis",
    "HeadClass",
    "HeadMap",
    "HeadMeasures",
    "HealthyProfile",
    "MaskFit",
    "Neighbours",
    "OutRow",
    "OwnSegment",
    "Profile",
    "Share",
    "Sinks",
    "Slopes",
    "Thresholds",
    "advise",
    "attention_flow",
    "attention_rollout",
    "boundaries",
    "confidence",
    "context_share",
    "diagnose",
    "diagonality",
    "effective_shares",
    "find_sinks",
    "fit_mask",
    "head_divergences",
    "head_map",
    "head_norm_share_of",
    "head_norm_shares",
    "measure",
    "merge",
    "mixing_ratio",
    "neighbour_shares",
    "norm_rollout",
    "norm_rollout_to_special",
    "norm_shares",
    "normalised_entropy",
    "out_row",
    "own_segment",
    "query_rows",
    "role_shares",
    "rollout_to_special",
    "set_language",
    "share_of",
    "spearman",
    "special_share",
    "special_sum",
    "stripe",
    "value_drain",
    "value_drain_of",
]
