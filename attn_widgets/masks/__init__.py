"""Sparse attention masks: written as expressions, laid over a text, counted without N² memory."""

from attn_widgets.masks.assignment import Assignment, BoundAssignment, per_head, per_layer
from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.data_dependent.entmax import entmax_support
from attn_widgets.masks.data_dependent.gates import Gate, LowRankGate, ThresholdGate
from attn_widgets.masks.data_dependent.learned import gate_named, learned
from attn_widgets.masks.data_dependent.lsh import lsh
from attn_widgets.masks.data_dependent.records import bind_record
from attn_widgets.masks.data_dependent.routing import routing
from attn_widgets.masks.data_dependent.select import cumulative_mass, threshold, top_k
from attn_widgets.masks.errors import MaskBindError, MaskError, MaskParseError, MaskSpecError
from attn_widgets.masks.exchange.bigbird_hf import bigbird_hf_multiplicity, from_bigbird_hf
from attn_widgets.masks.exchange.conventions import (
    from_attention_gym_dilated,
    from_attention_gym_window,
    from_hf_bidirectional,
    from_hf_window,
    from_local_attention,
    from_longformer_allenai,
    from_longformer_hf,
    from_modernbert,
    from_natten,
    from_sparse_transformer,
    from_splash,
    from_xformers_causal,
    from_xformers_local,
)
from attn_widgets.masks.exchange.csr import to_csr
from attn_widgets.masks.exchange.flex import to_block_mask
from attn_widgets.masks.exchange.hf import from_hf_mask, to_hf_masks
from attn_widgets.masks.exchange.tensors import to_additive, to_bool_4d, to_mask_mod
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.measures.cost import Cost, cost
from attn_widgets.masks.measures.growth import Growth, grow
from attn_widgets.masks.measures.multiplicity import to_multiplicity
from attn_widgets.masks.measures.reach import Reach, reach
from attn_widgets.masks.measures.readings import kept, outside, renormalised
from attn_widgets.masks.measures.recall import Retrieval, lsh_retrieval, retrieval, top_k_recall
from attn_widgets.masks.measures.tiles import Tiles, count_tiles
from attn_widgets.masks.patterns.anchors import global_, global_cols, global_rows, sink
from attn_widgets.masks.patterns.block_plans import block_pairs, random_blocks
from attn_widgets.masks.patterns.blocks import blocks, global_blocks
from attn_widgets.masks.patterns.composites import (
    bigbird,
    fixed,
    fixed_block,
    fixed_summary,
    longformer,
    prefix_lm,
    streaming,
    strided,
    strided_column,
    strided_local,
)
from attn_widgets.masks.patterns.documents import documents, segments
from attn_widgets.masks.patterns.seeded import random
from attn_widgets.masks.patterns.shifted import shifted
from attn_widgets.masks.patterns.stride import residue, summary
from attn_widgets.masks.patterns.windows import causal, dilated, full, local
from attn_widgets.masks.text import parse

__all__ = [
    "Assignment",
    "BoundAssignment",
    "BoundMask",
    "Cost",
    "Gate",
    "Growth",
    "LowRankGate",
    "Mask",
    "MaskBindError",
    "MaskError",
    "MaskParseError",
    "MaskSpecError",
    "Reach",
    "Retrieval",
    "ThresholdGate",
    "Tiles",
    "bigbird",
    "bigbird_hf_multiplicity",
    "bind_record",
    "block_pairs",
    "blocks",
    "causal",
    "cost",
    "count_tiles",
    "cumulative_mass",
    "dilated",
    "documents",
    "entmax_support",
    "fixed",
    "fixed_block",
    "fixed_summary",
    "from_attention_gym_dilated",
    "from_attention_gym_window",
    "from_bigbird_hf",
    "from_hf_bidirectional",
    "from_hf_mask",
    "from_hf_window",
    "from_local_attention",
    "from_longformer_allenai",
    "from_longformer_hf",
    "from_modernbert",
    "from_natten",
    "from_sparse_transformer",
    "from_splash",
    "from_xformers_causal",
    "from_xformers_local",
    "full",
    "gate_named",
    "global_",
    "global_blocks",
    "global_cols",
    "global_rows",
    "grow",
    "kept",
    "learned",
    "local",
    "longformer",
    "lsh",
    "lsh_retrieval",
    "outside",
    "parse",
    "per_head",
    "per_layer",
    "prefix_lm",
    "random",
    "random_blocks",
    "reach",
    "renormalised",
    "residue",
    "retrieval",
    "routing",
    "segments",
    "shifted",
    "sink",
    "streaming",
    "strided",
    "strided_column",
    "strided_local",
    "summary",
    "threshold",
    "to_additive",
    "to_block_mask",
    "to_bool_4d",
    "to_csr",
    "to_hf_masks",
    "to_mask_mod",
    "to_multiplicity",
    "top_k",
    "top_k_recall",
]
