"""Write masks.json, the answers that the Python and the TypeScript evaluator must both give.

Each pair is decided here by its definition alone, from the specification, so the file does not
depend on the evaluators it judges. Run it as ``python tests/vectors/make_masks.py``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.masks import parse

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
SPECIAL = {"cls", "sep", "bos", "eos", "pad", "mask", "special"}


def bert(n: int, second: int | None = None, pads: int = 0) -> list[str]:
    """Return the roles of ``[CLS] words [SEP]``, perhaps with a second [SEP] and padding."""
    roles = ["cls", *["word"] * (n - pads - 2), "sep", *["pad"] * pads]
    if second is not None:
        roles[second] = "sep"
    return roles


GPT = ["bos", *["word"] * 6, "punctuation"]
T5 = ["word", "mask", "unk", "word", "special", "word", "eos", "pad", "pad"]

# a case that names segments gives them in the place of roles
SEGMENTS = [None, 0, 0, 0, None, 1, 1, 0, 2, 2, None, None]

CASES: list[tuple[str, int, int, list[Any] | None, int]] = [
    # every pattern alone
    ("full()", 1, 1, None, 0),
    ("full()", 7, 7, None, 0),
    ("full()", 3, 9, None, 0),
    ("causal()", 1, 1, None, 0),
    ("causal()", 8, 8, None, 0),
    ("causal()", 513, 513, None, 0),
    ("local(0)", 5, 5, None, 0),
    ("local(1)", 1, 1, None, 0),
    ("local(2)", 12, 12, None, 0),
    ("local(2)", 513, 513, None, 0),
    ("local(64)", 513, 513, None, 0),
    ("local(2147483647)", 9, 9, None, 0),
    ("local(left=3, right=0)", 10, 10, None, 0),
    ("local(left=0, right=3)", 10, 10, None, 0),
    ("local(left=5, right=1)", 31, 31, None, 0),
    ("dilated(0, 3)", 6, 6, None, 0),
    ("dilated(2, 1)", 12, 12, None, 0),
    ("dilated(2, 2)", 12, 12, None, 0),
    ("dilated(3, 5)", 40, 40, None, 0),
    ("dilated(100, 7)", 65, 65, None, 0),
    ("dilated(2147483647, 2147483647)", 17, 17, None, 0),
    ("dilated(2147483647, 2)", 33, 33, None, 0),
    ("dilated(16, 3)", 513, 513, None, 0),
    ("sink(1)", 6, 6, None, 0),
    ("sink(4)", 6, 6, None, 0),
    ("sink(4)", 3, 3, None, 0),
    ("global_(0)", 1, 1, None, 0),
    ("global_(0)", 9, 9, None, 0),
    ("global_(-1, 0, 4)", 9, 9, None, 0),
    ("global_('cls')", 12, 12, bert(12), 0),
    ("global_('cls', 'sep')", 16, 16, bert(16, second=7), 0),
    ("global_('special')", 16, 16, bert(16, second=7, pads=3), 0),
    ("global_('special')", 9, 9, T5, 0),
    ("global_('pad')", 16, 16, bert(16, pads=5), 0),
    ("global_('eos', 'mask', 'unk')", 9, 9, T5, 0),
    ("global_('bos', 3)", 8, 8, GPT, 0),
    ("global_rows('cls')", 12, 12, bert(12), 0),
    ("global_rows(2, 3, 4)", 9, 9, None, 0),
    ("global_cols('sep')", 12, 12, bert(12, second=5), 0),
    ("global_cols(2, 3, 4, 8)", 9, 9, None, 0),
    # combinations
    ("local(2) | global_('cls')", 12, 12, bert(12), 0),
    ("local(2) | global_('cls')", 512, 512, bert(512), 0),
    ("local(32) | global_('cls', 'sep')", 513, 513, bert(513, second=200), 0),
    ("local(3) & causal()", 20, 20, None, 0),
    ("(local(2) | sink(4)) & causal()", 40, 40, None, 0),
    ("dilated(3, 2) & causal()", 40, 40, None, 0),
    ("dilated(3, 2) | dilated(2, 5)", 40, 40, None, 0),
    ("dilated(9, 2) & dilated(9, 3)", 60, 60, None, 0),
    ("~causal()", 9, 9, None, 0),
    ("~full()", 6, 6, None, 0),
    ("~local(1)", 1, 1, None, 0),
    ("~dilated(2, 2)", 14, 14, None, 0),
    ("~global_('cls', 'sep')", 12, 12, bert(12), 0),
    ("full() & ~sink(3)", 10, 10, None, 0),
    ("causal() & ~local(2)", 12, 12, None, 0),
    ("local(4) & ~dilated(2, 2)", 19, 19, None, 0),
    ("local(1) & ~local(0) & ~global_cols(3)", 11, 11, None, 0),
    ("local(2) | global_('cls') & ~causal()", 12, 12, bert(12), 0),
    ("(local(2) | global_('cls')) & ~causal()", 12, 12, bert(12), 0),
    ("~(local(1) | ~(causal() & ~(sink(2) | ~local(4))))", 23, 23, None, 0),
    ("(causal() | global_rows(-1)) & (local(3) | global_cols(0, 6)) & ~(sink(2) & ~local(1))",
     21, 21, None, 0),
    ("local(1) & sink(2) | ~local(8) & global_cols('special') | dilated(1, 6)",
     29, 29, bert(29, second=11), 0),
    ("sink(2) & ~sink(2)", 7, 7, None, 0),
    # further families
    ("shifted(3)", 1, 1, None, 0),
    ("shifted(3)", 10, 10, None, 0),
    ("shifted(4)", 10, 10, None, 0),
    ("shifted(7)", 5, 5, None, 0),
    ("shifted(3, 2)", 11, 11, None, 0),
    ("shifted(5, 4)", 23, 23, None, 0),
    ("shifted(4, 30)", 23, 23, None, 0),
    ("shifted(2147483647, 2)", 9, 9, None, 0),
    ("shifted(13, 3)", 513, 513, None, 0),
    ("blocks(1)", 4, 4, None, 0),
    ("blocks(4)", 14, 14, None, 0),
    ("blocks(4, left=1, right=0)", 14, 14, None, 0),
    ("blocks(3, left=1, right=2)", 20, 20, None, 0),
    ("blocks(2147483647, left=2147483647, right=2147483647)", 6, 6, None, 0),
    ("global_blocks(4, 0)", 14, 14, None, 0),
    ("global_blocks(4, -1, 0)", 14, 14, None, 0),
    ("global_blocks(3, 1, 2)", 14, 14, None, 0),
    ("random_blocks(4, 2, seed=0)", 40, 40, None, 0),
    ("random_blocks(4, 2, seed=7)", 39, 39, None, 0),
    ("random_blocks(3, 100, seed=7)", 40, 40, None, 0),
    ("random_blocks(4, 1, seed=3)", 9, 9, None, 0),
    ("random_blocks(16, 3, seed=2147483647)", 513, 513, None, 0),
    ("block_pairs(4, 0, 2, 1, 0, 1, 3, 3, 3)", 14, 14, None, 0),
    ("documents(5)", 5, 5, None, 0),
    ("documents(3, 1, 5)", 9, 9, None, 0),
    ("segments()", 12, 12, SEGMENTS, 0),
    ("segments()", 12, 12, [1, *[2] * 10, None], 0),
    ("residue(1)", 5, 5, None, 0),
    ("residue(3)", 14, 14, None, 0),
    ("residue(40)", 14, 14, None, 0),
    ("summary(4, 1)", 14, 14, None, 0),
    ("summary(5, 3)", 14, 14, None, 0),
    ("summary(40, 30)", 14, 14, None, 0),
    ("random(p=0, seed=0)", 9, 9, None, 0),
    ("random(p=1, seed=0)", 9, 9, None, 0),
    ("random(p=0.5, seed=1)", 40, 40, None, 0),
    ("random(p=0.00001, seed=5)", 513, 513, None, 0),
    ("random(p=0.3333333333333333, seed=2147483647)", 61, 61, None, 0),
    ("random(r=1, seed=0)", 9, 9, None, 0),
    ("random(r=3, seed=1)", 40, 40, None, 0),
    ("random(r=64, seed=12)", 513, 513, None, 0),
    ("random(r=9, seed=1)", 9, 9, None, 0),
    ("causal() | sink(3)", 14, 14, None, 0),
    ("local(left=3, right=0) | residue(4) & causal()", 21, 21, None, 0),
    ("blocks(5) & causal() | summary(5, 2) & causal()", 23, 23, None, 0),
    ("blocks(4, left=1, right=1) | global_blocks(4, -1, 0) | random_blocks(4, 2, seed=1)",
     48, 48, None, 0),
    ("~(shifted(3, 2) | documents(9, 12)) & ~random(p=0.25, seed=3)", 21, 21, None, 0),
    ("segments() & ~residue(2) | random(r=2, seed=4)", 12, 12, SEGMENTS, 0),
    # rectangles and caches
    ("shifted(3)", 4, 12, None, 8),
    ("shifted(3, 2)", 6, 9, None, 5),
    ("blocks(4, left=1, right=0)", 4, 12, None, 7),
    ("global_blocks(5, -1)", 6, 12, None, 8),
    ("random_blocks(4, 2, seed=5)", 9, 30, None, 13),
    ("block_pairs(4, 0, 1, 2, 2)", 7, 12, None, 7),
    ("documents(3, 6)", 6, 9, None, 5),
    ("segments()", 6, 12, SEGMENTS, 8),
    ("residue(3)", 5, 12, None, 10),
    ("summary(4, 2)", 5, 13, None, 3),
    ("random(p=0.5, seed=1)", 4, 12, None, 8),
    ("random(r=3, seed=1)", 4, 12, None, 8),
    ("local(2)", 4, 12, None, 0),
    ("local(2)", 12, 4, None, 0),
    ("local(2)", 4, 12, None, 8),
    ("local(2)", 1, 12, None, 11),
    ("local(left=2, right=1)", 5, 6, None, 3),
    ("local(2)", 3, 4, None, 100),
    ("causal()", 4, 12, None, 8),
    ("causal()", 3, 12, None, 2),
    ("causal()", 6, 4, None, 3),
    ("dilated(2, 3)", 4, 20, None, 10),
    ("dilated(5, 2)", 6, 9, None, 6),
    ("dilated(4, 3)", 5, 8, None, 40),
    ("global_('cls', -1)", 4, 12, bert(12), 8),
    ("global_(2, 9)", 4, 12, None, 7),
    ("global_rows(1)", 12, 3, None, 0),
    ("(local(3) | global_('cls')) & causal()", 5, 17, bert(17), 12),
    ("~(causal() & local(2))", 3, 11, None, 6),
    ("(local(16) | sink(4)) & causal()", 1, 513, None, 512),
]  # fmt: skip

LOOSE: list[tuple[str, Any]] = [
    ("local(left=2,right=2)", {"kind": "local", "left": 2, "right": 2}),
    ("  local ( w = 2 )\n", {"kind": "local", "left": 2, "right": 2}),
    ("dilated(d=3, w=2)", {"kind": "dilated", "window": 2, "dilation": 3}),
    ("sink(k=4)", {"kind": "sink", "k": 4}),
    ("local(007)", {"kind": "local", "left": 7, "right": 7}),
    ('global_("sep", 5, \'cls\', -1, 5)', {"kind": "global", "tokens": ["cls", "sep", -1, 5]}),
    ("global_(-0)", {"kind": "global", "tokens": [0]}),
    ("~~causal()", {"kind": "causal"}),
    ("((full()))", {"kind": "full"}),
    ("sink(1) | sink(1)", {"kind": "sink", "k": 1}),
    ("sink(1) | sink(2) | sink(1)",
     {"kind": "or", "of": [{"kind": "sink", "k": 1}, {"kind": "sink", "k": 2}]}),
    ("full() | (causal() | sink(1))",
     {"kind": "or", "of": [{"kind": "full"}, {"kind": "causal"}, {"kind": "sink", "k": 1}]}),
    ("full() - causal()",
     {"kind": "and", "of": [{"kind": "full"}, {"kind": "not", "of": {"kind": "causal"}}]}),
    ("full() - ~causal()", {"kind": "and", "of": [{"kind": "full"}, {"kind": "causal"}]}),
    ("full() & causal() - sink(1)",
     {"kind": "and",
      "of": [{"kind": "full"}, {"kind": "causal"},
             {"kind": "not", "of": {"kind": "sink", "k": 1}}]}),
    ("full() | causal() & sink(1)",
     {"kind": "or",
      "of": [{"kind": "full"},
             {"kind": "and", "of": [{"kind": "causal"}, {"kind": "sink", "k": 1}]}]}),
    ("full() - causal() - sink(1)",
     {"kind": "and",
      "of": [{"kind": "full"}, {"kind": "not", "of": {"kind": "causal"}},
             {"kind": "not", "of": {"kind": "sink", "k": 1}}]}),
    ("shifted(kernel=5, dilation=1)", {"kind": "shifted", "kernel": 5, "dilation": 1}),
    ("blocks(size=4, right=2)", {"kind": "blocks", "size": 4, "left": 0, "right": 2}),
    ("global_blocks(4, 0, -1, 0)", {"kind": "global_blocks", "size": 4, "blocks": [-1, 0]}),
    ("random_blocks(r=2, size=4)", {"kind": "random_blocks", "size": 4, "r": 2, "seed": 0}),
    ("block_pairs(4, 2, 1, 0, 3, 2, 1)",
     {"kind": "block_pairs", "size": 4, "pairs": [[0, 3], [2, 1]]}),
    ("random(p=0.50, seed=1)", {"kind": "random", "p": 0.5, "seed": 1}),
    ("random(p=1)", {"kind": "random", "p": 1, "seed": 0}),
    ("random(p=-0.0)", {"kind": "random", "p": 0, "seed": 0}),
    ("random(seed=3, r=2)", {"kind": "random_keys", "r": 2, "seed": 3}),
    ("prefix_lm(3)", {"kind": "or", "of": [{"kind": "causal"}, {"kind": "sink", "k": 3}]}),
    ("streaming(4, window=3)",
     {"kind": "and",
      "of": [{"kind": "or",
              "of": [{"kind": "sink", "k": 4}, {"kind": "local", "left": 2, "right": 0}]},
             {"kind": "causal"}]}),
    ("longformer(2, 'cls', 0)",
     {"kind": "or",
      "of": [{"kind": "local", "left": 2, "right": 2},
             {"kind": "global", "tokens": ["cls", 0]}]}),
    ("strided(4)",
     {"kind": "or",
      "of": [{"kind": "local", "left": 3, "right": 0},
             {"kind": "and", "of": [{"kind": "residue", "step": 4}, {"kind": "causal"}]}]}),
    ("strided_local(4)", {"kind": "local", "left": 3, "right": 0}),
    ("strided_column(length=4)",
     {"kind": "and", "of": [{"kind": "residue", "step": 4}, {"kind": "causal"}]}),
    ("fixed(4, keys=1)",
     {"kind": "or",
      "of": [{"kind": "and",
              "of": [{"kind": "blocks", "size": 4, "left": 0, "right": 0}, {"kind": "causal"}]},
             {"kind": "and",
              "of": [{"kind": "summary", "size": 4, "keys": 1}, {"kind": "causal"}]}]}),
    ("fixed_block(4)",
     {"kind": "and",
      "of": [{"kind": "blocks", "size": 4, "left": 0, "right": 0}, {"kind": "causal"}]}),
    ("fixed_summary(4, 1)",
     {"kind": "and", "of": [{"kind": "summary", "size": 4, "keys": 1}, {"kind": "causal"}]}),
    ("bigbird(4, 2)",
     {"kind": "or",
      "of": [{"kind": "blocks", "size": 4, "left": 1, "right": 1},
             {"kind": "global_blocks", "size": 4, "blocks": [-1, 0]},
             {"kind": "random_blocks", "size": 4, "r": 2, "seed": 0}]}),
    ("bigbird(4, random=0)",
     {"kind": "or",
      "of": [{"kind": "blocks", "size": 4, "left": 1, "right": 1},
             {"kind": "global_blocks", "size": 4, "blocks": [-1, 0]}]}),
    ("full() - (causal() | sink(1))",
     {"kind": "and",
      "of": [{"kind": "full"},
             {"kind": "not",
              "of": {"kind": "or", "of": [{"kind": "causal"}, {"kind": "sink", "k": 1}]}}]}),
]  # fmt: skip

BAD_SPECS: list[Any] = [
    None,
    True,
    7,
    "local",
    [],
    {},
    {"kind": None},
    {"kind": 3},
    {"kind": "locale"},
    {"kind": "__proto__"},
    {"kind": "constructor"},
    {"kind": "toString"},
    {"kind": ""},
    {"kind": ["local"]},
    {"kind": "full", "extra": 1},
    {"kind": "full", "__proto__": {}},
    {"kind": "local"},
    {"kind": "local", "left": 2},
    {"kind": "local", "left": 2, "right": 2, "w": 2},
    {"kind": "local", "left": -1, "right": 2},
    {"kind": "local", "left": 2, "right": True},
    {"kind": "local", "left": 2, "right": False},
    {"kind": "local", "left": 2, "right": None},
    {"kind": "local", "left": 2.5, "right": 2},
    {"kind": "local", "left": "2", "right": 2},
    {"kind": "local", "left": [2], "right": 2},
    {"kind": "local", "left": 2147483648, "right": 2},
    {"kind": "dilated", "window": 2, "dilation": 0},
    {"kind": "dilated", "window": 2, "dilation": -1},
    {"kind": "dilated", "window": -2, "dilation": 1},
    {"kind": "dilated", "window": 2},
    {"kind": "sink", "k": 0},
    {"kind": "sink", "k": -3},
    {"kind": "sink", "k": "1"},
    {"kind": "global", "tokens": []},
    {"kind": "global", "tokens": "cls"},
    {"kind": "global", "tokens": {"0": "cls"}},
    {"kind": "global", "tokens": ["CLS"]},
    {"kind": "global", "tokens": ["[CLS]"]},
    {"kind": "global", "tokens": ["word"]},
    {"kind": "global", "tokens": [True]},
    {"kind": "global", "tokens": [0.5]},
    {"kind": "global", "tokens": [None]},
    {"kind": "global", "tokens": [["cls"]]},
    {"kind": "global", "tokens": [2147483648]},
    {"kind": "global", "tokens": [-2147483648]},
    {"kind": "global_rows"},
    {"kind": "shifted", "kernel": 3},
    {"kind": "shifted", "kernel": 0, "dilation": 1},
    {"kind": "shifted", "kernel": 3, "dilation": 0},
    {"kind": "blocks", "size": 4},
    {"kind": "blocks", "size": 0, "left": 0, "right": 0},
    {"kind": "blocks", "size": 4, "left": -1, "right": 0},
    {"kind": "global_blocks", "size": 4, "blocks": []},
    {"kind": "global_blocks", "size": 4, "blocks": 0},
    {"kind": "global_blocks", "size": 4, "blocks": ["0"]},
    {"kind": "global_blocks", "size": 4, "blocks": [0.5]},
    {"kind": "random_blocks", "size": 4, "r": 0, "seed": 0},
    {"kind": "random_blocks", "size": 4, "r": 2},
    {"kind": "random_blocks", "size": 4, "r": 2, "seed": -1},
    {"kind": "random_blocks", "size": 4, "r": 2, "seed": 2147483648},
    {"kind": "block_pairs", "size": 4, "pairs": []},
    {"kind": "block_pairs", "size": 4, "pairs": [0, 1]},
    {"kind": "block_pairs", "size": 4, "pairs": [[0]]},
    {"kind": "block_pairs", "size": 4, "pairs": [[0, 1, 2]]},
    {"kind": "block_pairs", "size": 4, "pairs": [[0, -1]]},
    {"kind": "block_pairs", "size": 4, "pairs": [[0, True]]},
    {"kind": "documents", "lengths": []},
    {"kind": "documents", "lengths": 5},
    {"kind": "documents", "lengths": [3, 0]},
    {"kind": "documents", "lengths": [3, 2.5]},
    {"kind": "documents", "lengths": [16777217]},
    {"kind": "segments", "of": []},
    {"kind": "residue", "step": 0},
    {"kind": "summary", "size": 4, "keys": 0},
    {"kind": "summary", "size": 4, "keys": 5},
    {"kind": "random", "p": 0.5},
    {"kind": "random", "p": -0.1, "seed": 0},
    {"kind": "random", "p": 1.5, "seed": 0},
    {"kind": "random", "p": "0.5", "seed": 0},
    {"kind": "random", "p": True, "seed": 0},
    {"kind": "random", "p": None, "seed": 0},
    {"kind": "random", "p": 1e-300, "seed": 0},
    {"kind": "random", "p": 0.5, "r": 2, "seed": 0},
    {"kind": "random_keys", "r": 0, "seed": 0},
    {"kind": "random_keys", "r": 2.5, "seed": 0},
    {"kind": "prefix_lm", "k": 2},
    {"kind": "or", "of": []},
    {"kind": "or", "of": [{"kind": "full"}]},
    {"kind": "or", "of": {"kind": "full"}},
    {"kind": "or", "of": [{"kind": "full"}, None]},
    {"kind": "and", "of": [{"kind": "full"}, {"kind": "nope"}]},
    {"kind": "and", "of": "ab"},
    {"kind": "not", "of": [{"kind": "full"}]},
    {"kind": "not"},
    {"kind": "not", "of": {"kind": "not", "of": {"kind": "local", "left": 1}}},
]


def deep(levels: int) -> Any:
    """Return a specification nested `levels` deep that flattening cannot help."""
    spec: Any = {"kind": "full"}
    for level in range(levels - 1):
        kind = "or" if level % 2 else "and"
        spec = {"kind": kind, "of": [{"kind": "sink", "k": level + 1}, spec]}
    return spec


BAD_TEXTS: list[tuple[str, int]] = [
    ("", 0),
    ("   ", 3),
    ("local", 5),
    ("local(", 6),
    ("local(2", 7),
    ("local(2))", 8),
    ("local(2) local(3)", 9),
    ("local()", 0),
    ("local(2, 3)", 0),
    ("local(left=2)", 0),
    ("local(2, left=1, right=1)", 0),
    ("local(2, w=3)", 0),
    ("local(left=1, left=2, right=3)", 14),
    ("local(left=1, 2)", 14),
    ("local(width=2)", 0),
    ("local(2.5)", 0),
    ("local(2.)", 6),
    ("local(2.5.1)", 6),
    ("local(2x)", 6),
    ("local(0x10)", 6),
    ("local(1e3)", 6),
    ("local(-1)", 0),
    ("local(--1)", 7),
    ("local(True)", 10),
    ("local('2')", 0),
    ("local(99999999999999999999)", 6),
    ("local(2147483648)", 0),
    ("local(\u0662)", 6),
    ("local(2) | | full()", 11),
    ("local(2) |", 10),
    ("local(2) || full()", 10),
    ("local(2) and full()", 9),
    ("not full()", 0),
    ("~", 1),
    ("-full()", 0),
    ("(full()", 7),
    ("()", 1),
    ("full(1)", 0),
    ("causal(1)", 0),
    ("dilated(2)", 0),
    ("dilated(2, 0)", 0),
    ("full() & dilated(-2, 1)", 9),
    ("sink(0)", 0),
    ("sink(,)", 5),
    ("sink(4,)", 7),
    ("global(0)", 0),
    ("global_()", 0),
    ("global_(cls)", 11),
    ("global_('CLS')", 0),
    ("global_('cls)", 8),
    ("global_(tokens='cls')", 0),
    ("global_(['cls'])", 8),
    ("Local(2)", 0),
    ("shifted()", 0),
    ("shifted(0)", 0),
    ("shifted(3, 0)", 0),
    ("shifted(3, 1, 1)", 0),
    ("blocks(0)", 0),
    ("blocks(4, 1)", 0),
    ("blocks(4, left=-1)", 0),
    ("global_blocks()", 0),
    ("global_blocks(4)", 0),
    ("global_blocks(4, '0')", 0),
    ("global_blocks(size=4)", 0),
    ("random_blocks(4)", 0),
    ("random_blocks(4, 0)", 0),
    ("block_pairs(4)", 0),
    ("block_pairs(4, 1)", 0),
    ("block_pairs(4, 1, -1)", 0),
    ("documents()", 0),
    ("documents(0)", 0),
    ("documents('cls')", 0),
    ("documents(segments=3)", 0),
    ("documents(segments='aab')", 0),
    ("segments(1)", 0),
    ("residue()", 0),
    ("residue(0)", 0),
    ("summary(4)", 0),
    ("summary(4, 5)", 0),
    ("random()", 0),
    ("random(0.5)", 0),
    ("random(p=2)", 0),
    ("random(p=0.5, r=2)", 0),
    ("random(p=0.0000000000000000001)", 0),
    ("random(p=.5)", 9),
    ("random(p=1e-3)", 9),
    ("random(r=2.5)", 0),
    ("prefix_lm(0)", 0),
    ("streaming(4, 0)", 0),
    ("longformer(2)", 0),
    ("longformer()", 0),
    ("full() | strided(0)", 9),
    ("fixed(4, 5)", 0),
    ("bigbird(4)", 0),
    ("bigbird(4, -1)", 0),
    ("__import__('os')", 0),
    ("full().__class__", 6),
    ("local(2); full()", 8),
    ("local(2) ^ full()", 9),
    ("lambda: 0", 0),
    ("full() \u00a0", 7),
    ("(" * 65 + "full()" + ")" * 65, 64),
    ("~" * 65 + "full()", 64),
]

BAD_BINDS: list[tuple[str, Any, Any, list[str] | None, Any]] = [
    ("full()", 0, 4, None, 0),
    ("full()", 4, 0, None, 0),
    ("full()", -4, 4, None, 0),
    ("full()", 4, 4, None, -1),
    ("full()", 1000000000, 4, None, 0),
    ("full()", 4, 1000000000, None, 0),
    ("full()", 4.5, 4, None, 0),
    ("full()", 4, 5, bert(4), 0),
    ("global_('cls')", 4, 4, None, 0),
    ("global_('cls')", 4, 4, ["word"] * 4, 0),
    ("local(1) | ~global_cols('bos')", 4, 4, bert(4), 0),
    ("global_('special')", 3, 3, ["word", "unk", "word"], 0),
    ("global_(4)", 4, 4, None, 0),
    ("global_(-5)", 4, 4, None, 0),
    ("global_rows(0, 9)", 20, 4, None, 0),
    ("global_blocks(4, 3)", 12, 12, None, 0),
    ("global_blocks(4, -4)", 12, 12, None, 0),
    ("block_pairs(4, 3, 0)", 12, 12, None, 0),
    ("block_pairs(4, 0, 3)", 12, 12, None, 0),
    ("documents(4, 4)", 9, 9, None, 0),
    ("documents(4, 4)", 7, 7, None, 0),
    ("segments()", 4, 4, None, 0),
    ("segments()", 4, 4, ["word"] * 4, 0),
]


def dense(
    spec: Any,
    queries: np.ndarray[Any, Any],
    keys: np.ndarray[Any, Any],
    roles: list[str] | None,
) -> np.ndarray[Any, Any]:
    """Decide every pair from the definition of the specification."""
    kind, away = spec["kind"], queries - keys
    everywhere = (queries >= 0) & (keys >= 0)
    if kind == "not":
        return ~dense(spec["of"], queries, keys, roles)
    if kind in {"or", "and"}:
        parts = [dense(part, queries, keys, roles) for part in spec["of"]]
        return np.any(parts, axis=0) if kind == "or" else np.all(parts, axis=0)
    if "tokens" in spec:
        chosen = anchors(spec["tokens"], keys.size, roles)
        row, column = np.isin(queries, chosen), np.isin(keys, chosen)
        sides = {"global": row | column, "global_rows": row, "global_cols": column}
        return sides[kind] & everywhere
    blocks = -(-keys.size // spec.get("size", 1))
    block, key_block = queries // spec.get("size", 1), keys // spec.get("size", 1)
    tests: dict[str, Callable[[], np.ndarray[Any, Any]]] = {
        "full": lambda: everywhere,
        "causal": lambda: away >= 0,
        "local": lambda: (away <= spec["left"]) & (-away <= spec["right"]),
        "dilated": lambda: (
            (abs(away) <= spec["window"] * spec["dilation"]) & (away % spec["dilation"] == 0)
        ),
        "sink": lambda: (keys < spec["k"]) & everywhere,
        "shifted": lambda: shifted(spec["kernel"], spec["dilation"], queries, keys),
        "blocks": lambda: (
            (block - key_block <= spec["left"]) & (key_block - block <= spec["right"])
        ),
        "global_blocks": lambda: (
            np.isin(block, [range(blocks)[b] for b in spec["blocks"]])
            | np.isin(key_block, [range(blocks)[b] for b in spec["blocks"]])
        ),
        "random_blocks": lambda: listed(
            block, key_block, lambda row: random_blocks(row, blocks, spec["r"], spec["seed"])
        ),
        "block_pairs": lambda: listed(
            block, key_block, lambda row: [j for i, j in spec["pairs"] if i == row]
        ),
        "documents": lambda: same(
            np.repeat(np.arange(len(spec["lengths"])), spec["lengths"]).tolist(), queries, keys
        ),
        "segments": lambda: same(roles or [], queries, keys),
        "residue": lambda: away % spec["step"] == 0,
        "summary": lambda: (keys % spec["size"] >= spec["size"] - spec["keys"]) & everywhere,
        "random": lambda: listed(
            queries,
            keys,
            lambda row: [
                key for key in keys if word(row, int(key), spec["seed"]) < spec["p"] * WORDS // 1
            ],
        ),
        "random_keys": lambda: listed(
            queries,
            keys,
            lambda row: draws(row, min(spec["r"], keys.size), keys.size, spec["seed"]),
        ),
    }
    return tests[kind]()


def shifted(
    kernel: int, dilation: int, queries: np.ndarray[Any, Any], keys: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Keep, in each query's residue class, the kernel's keys nearest to having it in the middle."""

    def row(query: int) -> list[int]:
        members = [key for key in keys.tolist() if key % dilation == query % dilation]
        start = min(query // dilation - kernel // 2, len(members) - kernel)
        return members[max(start, 0) : max(start, 0) + kernel]

    return listed(queries, keys, row)


def listed(
    rows: np.ndarray[Any, Any],
    columns: np.ndarray[Any, Any],
    plan: Callable[[int], list[int]],
) -> np.ndarray[Any, Any]:
    """Keep, in each row, the columns that a plan lists for it."""
    return np.array([np.isin(columns, plan(int(row))) for row in rows.ravel()])


def same(
    labels: list[Any], queries: np.ndarray[Any, Any], keys: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Keep the pairs within the text whose labels are equal."""
    return np.array(
        [
            [query < len(labels) and labels[query] == labels[key] for key in keys.tolist()]
            for query in queries.ravel().tolist()
        ]
    )


WORDS = 2**32


def mix(x: int) -> int:
    """Return the finaliser of MurmurHash3."""
    x = (x ^ x >> 16) * 0x85EBCA6B % WORDS
    x = (x ^ x >> 13) * 0xC2B2AE35 % WORDS
    return x ^ x >> 16


def word(row: int, counter: int, seed: int) -> int:
    """Return a row's random word for a counter."""
    one = mix(seed ^ mix((row + 0x9E3779B9) % WORDS))
    return mix((mix(one ^ counter) + mix((one + 0x9E3779B9) % WORDS)) % WORDS)


def draws(row: int, count: int, size: int, seed: int) -> list[int]:
    """Return the first places of a row's random order of ``0..size``."""
    half = next(h for h in range(1, 32) if 4**h >= size)
    found: list[int] = []
    for start in range(count):
        place = start
        while True:
            left, right = divmod(place, 2**half)
            for turn in range(4):
                left, right = right, left ^ word(row, right + (turn << 16), seed) % 2**half
            place = left * 2**half + right
            if place < size:
                break
        found.append(place)
    return found


def random_blocks(row: int, blocks: int, r: int, seed: int) -> list[int]:
    """Return the blocks an inner row of blocks draws, away from its window and both ends."""
    free = [block for block in range(1, blocks - 1) if abs(block - row) > 1]
    if not 0 < row < blocks - 1:
        return []
    return free if len(free) <= r else [free[k] for k in draws(row, r, len(free), seed)]


def anchors(refs: list[str | int], n_keys: int, roles: list[str] | None) -> list[int]:
    """Return the keys that tokens are, by index or by role."""
    chosen: list[int] = []
    for ref in refs:
        if isinstance(ref, int):
            chosen.append(range(n_keys)[ref])
        else:
            wanted = SPECIAL if ref == "special" else {ref}
            chosen.extend(index for index, role in enumerate(roles or ()) if role in wanted)
    return chosen


def case(
    text: str, n_queries: int, n_keys: int, roles: list[str] | None, q_offset: int
) -> dict[str, Any]:
    """Return one mask over one text with its count and its digest."""
    spec = parse(text).to_spec()
    bits = dense(spec, np.arange(n_queries)[:, None] + q_offset, np.arange(n_keys), roles)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    return {
        "text": text,
        "spec": spec,
        "n_queries": n_queries,
        "n_keys": n_keys,
        "roles": None if "segments" in text else roles,
        "segments": roles if "segments" in text else None,
        "q_offset": q_offset,
        "nnz": int(bits.sum()),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }


def document() -> str:
    """Return the whole file, one entry a line."""
    sections = {
        "cases": [case(*row) for row in CASES],
        "loose_texts": [{"text": text, "spec": spec} for text, spec in LOOSE],
        "bad_specs": [*BAD_SPECS, deep(33)],
        "deepest_spec": [deep(32)],
        "bad_texts": [{"text": text, "at": at} for text, at in BAD_TEXTS],
        "bad_binds": [
            dict(zip(("text", "n_queries", "n_keys", "roles", "q_offset"), row, strict=True))
            for row in BAD_BINDS
        ],
    }
    bodies = (
        f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, entries)) + "\n]"
        for name, entries in sections.items()
    )
    return "{\n" + ",\n".join(bodies) + "\n}\n"


if __name__ == "__main__":
    (HERE / "masks.json").write_text(document(), encoding="utf-8")
