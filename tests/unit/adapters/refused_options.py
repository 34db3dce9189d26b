"""Options that would have no effect, and values that are of no use, refused by name."""

from __future__ import annotations

import numpy as np
from given_attention import (
    BATCH,
    FOUR,
    HEADS,
    WORDS,
    Table,
    Tokenizer,
    by_step,
    causal,
    narrow,
    outputs,
    weights,
)

from attn_widgets import AttentionRecord

ROWS = Table()
refuses = ROWS.refuses

TOKENIZER = Tokenizer()
RECORD = AttentionRecord.from_arrays(HEADS, FOUR)
RUNNER = "ModelRunner.from_pretrained(model, tokenizer).run(text)"
OPTIONS = {
    "include_layers": [1],
    "kind": "encoder",
    "batch": 0,
    "sink": True,
    "padding": "show",
    "global_attentions": (),
    "global_attention_mask": [1, 0, 0, 0],
    "text": "a b c d",
}
for option, value in OPTIONS.items():
    refuses(
        f"a record and {option}",
        RECORD,
        error=TypeError,
        parts=["is a record", f"without {option}"],
        **{option: value},
    )


class Runner:
    """Is never asked to run."""

    tokenizer = TOKENIZER

    def run(self, *_):
        raise AssertionError


class Knows(Tokenizer):
    """Gives None for what it does not know, as fast tokenizers do."""

    def convert_ids_to_tokens(self, ids):
        return [self.words[number] if number < len(self.words) else None for number in ids]


class Nested:
    """Has no one shape, as a nested tensor."""

    is_nested = True


class Float8:
    """Cannot be brought to numpy, as a tensor of 8 bits."""

    dtype, shape = "torch.float8_e4m3fn", (2, 4, 4)

    def __array__(self, dtype=None, copy=None):
        msg = "Got unsupported ScalarType"
        raise TypeError(msg)


refuses(
    "a text, and what is said of weights",
    "a b",
    ["x"],
    runner=Runner(),
    batch=5,
    sentence_b_start=9,
    error=TypeError,
    parts=["the runner reads the text itself", "tokens, sentence_b_start, batch"],
)
refuses(
    "two texts to run",
    "a b",
    runner=Runner(),
    text="c d",
    error=TypeError,
    parts=["the runner reads the text itself", "without text"],
)
refuses(
    "missing weights, and what is said of them",
    (),
    list(FOUR),
    runner=Runner(),
    sentence_b_start=2,
    sink=True,
    error=TypeError,
    parts=["the weights are missing", "sentence_b_start, sink"],
)
refuses(
    "a mask of a decoder that is not there",
    HEADS,
    FOUR,
    decoder_attention_mask=[1, 1, 1, 0],
    error=TypeError,
    parts=["no decoder here", "attention_mask="],
)
refuses(
    "global tokens of weights that have none",
    HEADS,
    FOUR,
    global_attention_mask=[1, 0, 0, 0],
    error=TypeError,
    parts=["global_attention_mask=", "global_attentions="],
)
refuses(
    "a kind of two towers",
    outputs(
        text_model_output=outputs(attentions=tuple(BATCH)),
        vision_model_output=outputs(attentions=tuple(BATCH)),
    ),
    batch=0,
    kind="encoder",
    parts=["kind='encoder'", "text and vision", "records['text']"],
)
refuses(
    "windows of a picture as a batch",
    [weights(16, 2, 4, 4), weights(4, 2, 4, 4)],
    batch=0,
    parts=["batches of 16 and 4", "Swin"],
)
refuses(
    "an item of an array that was read as layers",
    np.stack(HEADS),
    FOUR,
    batch=1,
    parts=["batch=1", "(layers, heads, queries, keys)", "give [array]"],
)
for wrong in (1.0, "1", True, [0, 1]):
    refuses(
        f"batch={wrong!r}", BATCH, FOUR, batch=wrong, error=TypeError, parts=[f"batch={wrong!r}"]
    )
refuses(
    "one number for layers",
    HEADS,
    FOUR,
    include_layers=1,
    error=TypeError,
    parts=["include_layers=1", "[1]"],
)
refuses("patches of floats", HEADS, patches=(2.0, 2.0), parts=["(2.0, 2.0)", "whole numbers"])
refuses("frames of text", HEADS, frames="0.02", parts=["frames='0.02'", "seconds"])
refuses(
    "ids beyond the tokenizer", HEADS, [3, 4, 5, 999], tokenizer=Knows(), parts=["999", "Knows"]
)
refuses(
    "ids beyond a slow tokenizer",
    HEADS,
    [3, 4, 5, 999],
    tokenizer=TOKENIZER,
    parts=["999", "the model's own"],
)
refuses("ids of labels", HEADS, [3, 4, 5, -100], tokenizer=TOKENIZER, parts=["-100", "input_ids"])
refuses("a nested tensor", Nested(), parts=["nested tensor", "unbind()"])
refuses("weights of 8 bits", Float8(), error=TypeError, parts=[".float()"])
refuses(
    "a masked array",
    np.ma.masked_array(HEADS[0], mask=np.triu(np.ones((2, 4, 4)), 1)),
    parts=["masked array", ".filled(0)"],
)
BELOW = np.array([[[1 + 1e-7, -1e-7], [0.5, 0.5]]], np.float32)
refuses("a share a little below 0", BELOW, parts=["rounding", "numpy.clip"])
refuses(
    "rows of blocks",
    [h * 0.9 for h in HEADS],
    FOUR,
    parts=["BigBird", RUNNER, "only for such a one say sink=True"],
)
refuses(
    "windows of two widths without a word about it",
    [narrow(9, 1, [])[0], narrow(9, 2, [])[0]],
    WORDS[:9],
    parts=["unequal queries and keys", "global_attentions=()"],
)
refuses(
    "a row that does not tell which key is its query",
    by_step(
        [[causal(1, 2, 3, 3), np.concatenate([weights(1, 2, 1, 3), np.zeros((1, 2, 1, 1))], -1)]]
    ),
    parts=["step 1 has shape (2, 1, 4)", "assisted generation", "model(outputs.sequences"],
)
