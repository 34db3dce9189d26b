"""What was captured: tokens, their roles, and attention weights."""

from attn_widgets.record.patches import Patches
from attn_widgets.record.provenance import Provenance
from attn_widgets.record.record import AttentionRecord, Kind
from attn_widgets.record.tokens import Token, TokenRole, as_tokens, is_punctuation, whole

__all__ = [
    "AttentionRecord",
    "Kind",
    "Patches",
    "Provenance",
    "Token",
    "TokenRole",
    "as_tokens",
    "is_punctuation",
    "whole",
]
