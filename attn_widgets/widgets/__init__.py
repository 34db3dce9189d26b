"""Widget classes: they check, synchronise, and leave the work to other rooms."""

from attn_widgets.widgets.explorer import AttentionExplorer
from attn_widgets.widgets.mask_lab import MaskLab
from attn_widgets.widgets.protocol import Runner
from attn_widgets.widgets.settings import Selection
from attn_widgets.widgets.special_report import SpecialTokenReport

__all__ = ["AttentionExplorer", "MaskLab", "Runner", "Selection", "SpecialTokenReport"]
