"""Options, tokens and batches of other kinds that are taken as they are meant."""

from __future__ import annotations

import types

import numpy as np
from given_attention import (
    BATCH,
    FOUR,
    HEADS,
    SECOND,
    Table,
    Tokenizer,
    layers,
    outputs,
    weights,
)

ROWS = Table()
takes = ROWS.takes

TOKENIZER = Tokenizer()
PADDED = np.zeros((2, 5, 5), np.float32)
PADDED[:, :, 2:] = weights(2, 5, 3)
PICTURE = layers(1, 1, 2, 4, 4)


class Column:
    """Has keys and a dtype, as a column of pandas."""

    dtype = types.SimpleNamespace(kind="O")

    def __init__(self, values):
        self._values, self.shape = list(values), (len(values),)

    def keys(self):
        return range(len(self._values))

    def tolist(self):
        return self._values


takes(
    "a second text behind padding that the tokens leave out",
    [PADDED],
    ["x", "y", "z"],
    attention_mask=[0, 0, 1, 1, 1],
    sentence_b_start=2,
    expected=[PADDED[:, 2:, 2:]],
    facts={"texts": ("x", "y", "z"), "segments": (0, 0, 1)},
)
takes(
    "pieces as text, with their tokenizer",
    HEADS,
    ["[CLS]", "a", "other", "[SEP]"],
    tokenizer=TOKENIZER,
    expected=HEADS,
    facts={"roles": ("cls", "word", "word", "sep"), "texts": ("[CLS]", "a", "other", "[SEP]")},
)
takes("tokens in a column", HEADS, Column(FOUR), expected=HEADS, facts={"texts": FOUR})
takes(
    "an array of four axes",
    np.stack(HEADS),
    FOUR,
    expected=HEADS,
    facts={"note": "read as (layers, heads, queries, keys)"},
)
takes(
    "attentions as nested lists",
    {"attentions": [layer.tolist() for layer in HEADS]},
    FOUR,
    expected=HEADS,
)
takes("a dict of nested lists", {"0": HEADS[0].tolist()}, FOUR, expected=HEADS[:1])
takes("an item by a number of numpy", BATCH, FOUR, batch=np.int64(1), expected=SECOND)
takes(
    "several texts and one picture",
    outputs(
        text_model_output=outputs(attentions=tuple(BATCH)),
        vision_model_output=outputs(attentions=tuple(PICTURE)),
    ),
    batch=1,
    expected={"text": SECOND, "vision": [PICTURE[0][0]]},
)
ROUNDED = (weights(2, 40, 40).view(np.uint32) & 0xFFFF0000).view(np.float32)
MIXED = [ROUNDED, weights(2, 40, 40, seed=1)]
takes("layers of two number formats", MIXED, expected=MIXED)
