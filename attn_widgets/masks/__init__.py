"""Sparse attention masks: written as expressions, laid over a text, counted without N² memory."""

from attn_widgets.masks.anchors import global_, global_cols, global_rows, sink
from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.errors import MaskBindError, MaskError, MaskParseError, MaskSpecError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.interop import to_additive, to_bool_4d, to_mask_mod
from attn_widgets.masks.readings import kept, outside, renormalised
from attn_widgets.masks.text import parse
from attn_widgets.masks.windows import causal, dilated, full, local

__all__ = [
    "BoundMask",
    "Mask",
    "MaskBindError",
    "MaskError",
    "MaskParseError",
    "MaskSpecError",
    "causal",
    "dilated",
    "full",
    "global_",
    "global_cols",
    "global_rows",
    "kept",
    "local",
    "outside",
    "parse",
    "renormalised",
    "sink",
    "to_additive",
    "to_bool_4d",
    "to_mask_mod",
]
