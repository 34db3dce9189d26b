"""Items, steps, tokens, padding and values that are refused."""

from __future__ import annotations

import numpy as np
from given_attention import (
    BATCH,
    ENCODER,
    FOUR,
    HEADS,
    SEQ2SEQ,
    SOURCE,
    TARGET,
    WORDS,
    Table,
    by_step,
    causal,
    layers,
    narrow,
    outputs,
    steps,
    weights,
)

from attn_widgets import AttentionRecord, AttentionRecords

ROWS = Table()
refuses = ROWS.refuses

IDS = np.arange(16).reshape(2, 8)
GROWN = [g[None] for g in layers(3, 2, 7, 7, make=causal)]
refuses(
    "a batch without a choice",
    BATCH,
    FOUR,
    parts=["shape (2, 2, 4, 4), a batch of 2", "batch=0 to batch=1"],
)
refuses("an empty batch", [np.ones((0, 2, 4, 4))], FOUR, parts=["(0, 2, 4, 4), an empty batch"])
refuses("an item that is not there", BATCH, FOUR, batch=2, parts=["batch=2", "expected 0 to 1"])
refuses("an item below 0", BATCH, FOUR, batch=-1, parts=["batch=-1", "expected 0 to 1"])
refuses(
    "an item where there is no batch", HEADS, FOUR, batch=1, parts=["batch=1", "without a batch"]
)
refuses(
    "tokens of a batch without a choice",
    HEADS,
    [list(FOUR), list(FOUR)],
    parts=["tokens holds 2 items", "batch=0"],
)
refuses(
    "several beams without a choice",
    outputs(sequences=IDS, attentions=((weights(3, 2, 1, 1),),), beam_indices=np.zeros((2, 1))),
    parts=["2 sequences came back", "batch=0 to batch=1"],
)
refuses(
    "a beam that is not there",
    outputs(sequences=IDS, attentions=((weights(3, 2, 1, 1),),), beam_indices=np.zeros((2, 1))),
    batch=2,
    parts=["batch=2", "expected 0 to 1"],
)

refuses(
    "steps that lack the first",
    by_step([steps(g, 4)[1:] for g in GROWN]),
    parts=["step 0 has shape (2, 1, 5)", "from its first on"],
)
refuses(
    "steps of unequal depths",
    ((GROWN[0], GROWN[1]), (GROWN[0],)),
    parts=["steps of 2, 1 layers", "every step"],
)
refuses(
    "steps of unequal heads",
    ((GROWN[0][:, :, :1, :1],), (GROWN[0][:, :1, :1, :2],)),
    parts=["steps of [1, 2] heads"],
)
refuses(
    "a step that does not go on",
    ((GROWN[0],), (GROWN[0],)),
    parts=["step 1 has shape (2, 7, 7) after 7 rows", "no cache"],
)
refuses(
    "weight on keys that are not there yet",
    ((weights(1, 2, 2, 5),),),
    parts=["weight on keys from 2 on", "from its first on"],
)
refuses(
    "cross-attention to keys that change",
    outputs(
        sequences=IDS[:1],
        decoder_attentions=((GROWN[0][:, :, :1, :1],), (GROWN[0][:, :, 1:2, :2],)),
        cross_attentions=((weights(1, 2, 1, 4),), (weights(1, 2, 1, 5),)),
    ),
    parts=["steps of [4, 5] keys", "always the same"],
)

refuses(
    "too few tokens",
    HEADS,
    WORDS[:2],
    parts=["2 tokens for 4 positions", "[CLS] and [SEP]", "attention_mask="],
)
refuses("too many tokens", HEADS, WORDS[:6], parts=["6 tokens for 4 positions", "expected 4"])
refuses(
    "tokens as one text",
    HEADS,
    "a b c d",
    error=TypeError,
    parts=["one str", "convert_ids_to_tokens"],
)
refuses(
    "tokens that are numbers with a part",
    HEADS,
    [0.5] * 4,
    error=TypeError,
    parts=["a token must be a str"],
)
refuses(
    "tokens of another kind", HEADS, 5, error=TypeError, parts=["tokens is a int", "list of str"]
)
refuses("ids without a tokenizer", HEADS, [1, 3, 4, 2], parts=["4 token ids", "tokenizer="])
refuses(
    "a dict of ids without a tokenizer",
    HEADS,
    {"input_ids": [[1, 3, 4, 2]]},
    parts=["4 token ids", "tokenizer="],
)
refuses(
    "tokens for two sides without a word",
    outputs(**SEQ2SEQ),
    SOURCE,
    error=TypeError,
    parts=["encoder_tokens= and decoder_tokens="],
)
refuses(
    "tokens of the encoder, too few",
    outputs(**SEQ2SEQ),
    encoder_tokens=SOURCE[:3],
    decoder_tokens=TARGET,
    parts=["encoder_tokens holds 3 tokens for 5 positions"],
)
refuses(
    "tokens of a side that is not there",
    HEADS,
    decoder_tokens=FOUR,
    error=TypeError,
    parts=["decoder_tokens", "give tokens="],
)
refuses(
    "tokens by names that are not there",
    outputs(**SEQ2SEQ),
    {"source": SOURCE},
    error=TypeError,
    parts=["['source']", "decoder, encoder"],
)
refuses(
    "a second text that begins outside",
    HEADS,
    FOUR,
    sentence_b_start=9,
    parts=["sentence_b_start=9 for 4 tokens", "1 to 3"],
)
refuses(
    "stacks of two runs",
    outputs(**(SEQ2SEQ | {"cross_attentions": [weights(2, 4, 6)]})),
    parts=["5 positions", "6 in another", "one run"],
)

FULL = [np.pad(h, [(0, 0), (0, 2), (0, 2)]) for h in HEADS]
refuses(
    "attention on padding",
    weights(2, 6, 6),
    WORDS[:6],
    attention_mask=[1, 1, 1, 1, 0, 0],
    parts=["on the 2 padding tokens", "attention_mask", "padding='show'"],
)
refuses(
    "a mask of another length",
    FULL,
    WORDS[:6],
    attention_mask=[1, 1, 1, 0],
    parts=["4 places for 6 positions"],
)
refuses(
    "a mask of other numbers",
    FULL,
    WORDS[:6],
    attention_mask=[0, 0, 0, 0, -9, -9],
    parts=["1 for text, 0 for padding"],
)
refuses("a mask of nothing", FULL, WORDS[:6], attention_mask=[0] * 6, parts=["0 everywhere"])
refuses(
    "a mask of four axes",
    FULL,
    WORDS[:6],
    attention_mask=np.ones((1, 1, 1, 6)),
    parts=["shape (1, 1, 1, 6)", "(batch, keys)"],
)
refuses(
    "padding of another word", HEADS, FOUR, padding="drop", parts=["'drop'", "'trim' or 'show'"]
)
refuses(
    "empty rows of padding that are to be shown",
    FULL,
    WORDS[:6],
    padding="show",
    attention_mask=[1, 1, 1, 1, 0, 0],
    parts=["sums to 0", "query 4"],
)

LOCAL, OWN, _ = narrow(9, 2, [0, 5])
refuses(
    "a narrow layout that does not tell its globals",
    {"attentions": [np.pad(LOCAL[:, :8], [(0, 0), (0, 1), (0, 0)])], "global_attentions": [OWN]},
    parts=["shape (2, 9, 7)", "global_attention_mask=", "attention_mask="],
)
refuses(
    "a window of even width",
    [LOCAL[..., 1:]],
    global_attentions=[OWN],
    parts=["(2, 9, 6)", "globals + window + 1", "even"],
)
refuses(
    "global tokens elsewhere",
    [LOCAL],
    global_attentions=[OWN],
    global_attention_mask=[0, 1, 0, 0, 0, 1, 0, 0, 0],
    parts=["[1, 5]", "do not fit the layout"],
)
refuses(
    "global rows for some layers",
    [LOCAL, LOCAL],
    global_attentions=[OWN],
    parts=["1 layers", "none for [1]"],
)
refuses(
    "global rows of one layer as an array",
    [LOCAL],
    global_attentions=OWN,
    parts=["shape (2, 9, 2)", "per layer"],
)
refuses(
    "patches that are too few",
    layers(1, 2, 9, 9),
    patches=(2, 3),
    parts=["(2, 3) are 6 patches", "9 positions", "prefix=['cls'"],
)
refuses(
    "patches that are too many",
    layers(1, 2, 4, 4),
    patches=(3, 3),
    parts=["9 patches", "4 positions"],
)
refuses(
    "a prefix of another length",
    layers(1, 2, 7, 7),
    patches=(2, 3),
    prefix=["cls", "register"],
    parts=["prefix=['cls', 'register']", "name the 1 positions"],
)
refuses("patches of no rows", HEADS, patches=(0, 4), parts=["patches=(0, 4)", "at least 1"])
refuses("a prefix without patches", HEADS, prefix=["cls"], error=TypeError, parts=["patches=(rows"])
refuses(
    "patches and frames",
    HEADS,
    patches=(2, 2),
    frames=0.02,
    error=TypeError,
    parts=["give one of them"],
)
refuses(
    "patches and tokens",
    HEADS,
    FOUR,
    patches=(2, 2),
    error=TypeError,
    parts=["both tokens and patches="],
)
refuses("frames of no length", HEADS, frames=0.0, parts=["frames=0.0", "above 0"])

refuses(
    "rows that do not sum to 1",
    [h * 0.9 for h in HEADS],
    FOUR,
    parts=["attention: row at layer 0", "sums to 0.9", "must sum to 1", "sink=True"],
)
refuses("weights that are NaN", np.full((2, 4, 4), np.nan), FOUR, parts=["is nan", "mask no row"])
refuses("infinite weights", np.full((2, 4, 4), np.inf), FOUR, parts=["is inf", "after the softmax"])
refuses(
    "negative weights",
    np.stack([1 - HEADS[0] * 2] * 2),
    FOUR,
    parts=["down to -", "after the softmax"],
)
refuses("weights above 1", [h * 3 for h in HEADS], FOUR, parts=["sums to 3", "must sum to 1"])

refuses(
    "attention given twice",
    HEADS,
    FOUR,
    cross_attention=HEADS,
    error=TypeError,
    parts=["cross_attention", "give it once"],
)
refuses(
    "a kind that does not exist",
    HEADS,
    FOUR,
    kind="self",
    parts=["kind='self'", "encoder, decoder"],
)
refuses(
    "a kind that is not there",
    outputs(encoder_attentions=ENCODER),
    kind="cross",
    parts=["kind='cross'", "outputs.encoder_attentions"],
)
refuses(
    "a record and tokens",
    AttentionRecord.from_arrays(HEADS, FOUR),
    FOUR,
    error=TypeError,
    parts=["knows its tokens already", "without tokens"],
)
refuses(
    "several records and tokens",
    AttentionRecords({"a": AttentionRecord.from_arrays(HEADS, FOUR)}),
    FOUR,
    error=TypeError,
    parts=["knows its tokens already"],
)
