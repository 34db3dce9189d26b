"""Forms of tokens, padding, layouts, pictures and sound that are taken."""

from __future__ import annotations

import numpy as np
from given_attention import (
    BATCH,
    CROSS,
    DECODER,
    ENCODER,
    FOUR,
    HEADS,
    SECOND,
    SEQ2SEQ,
    TARGET,
    THREE,
    TOKENS,
    WORDS,
    Encoding,
    Inputs,
    Table,
    Tokenizer,
    by_step,
    causal,
    layers,
    narrow,
    outputs,
    steps,
)

from attn_widgets import Token

ROWS = Table()
takes = ROWS.takes

TOKENIZER = Tokenizer()
CLS_IDS = [1, 3, 4, 2]
TOLD = {"texts": ("[CLS]", "a", "b", "[SEP]"), "roles": ("cls", "word", "word", "sep")}
takes("no tokens are numbered", HEADS, expected=HEADS, facts={"texts": "0123", "note": "numbered"})
takes("Token values", HEADS, [Token(w, w) for w in FOUR], expected=HEADS)
takes("ids and a tokenizer", HEADS, CLS_IDS, tokenizer=TOKENIZER, expected=HEADS, facts=TOLD)
takes("a tokenizer and ids as one", HEADS, (TOKENIZER, [CLS_IDS]), expected=HEADS, facts=TOLD)
takes("an array of texts", HEADS, np.array(FOUR), expected=HEADS, facts={"texts": FOUR})
takes(
    "ids of a batch",
    HEADS,
    np.array([[3, 3, 3, 3], CLS_IDS])[1:],
    tokenizer=TOKENIZER,
    expected=HEADS,
    facts=TOLD,
)
takes(
    "a dict with ids",
    HEADS,
    {"input_ids": [CLS_IDS]},
    tokenizer=TOKENIZER,
    expected=HEADS,
    facts=TOLD,
)
takes(
    "types of tokens are segments",
    HEADS,
    {"input_ids": [CLS_IDS], "token_type_ids": [[0, 0, 1, 1]]},
    tokenizer=TOKENIZER,
    expected=HEADS,
    facts={"segments": (0, 0, 1, 1)},
)
takes(
    "encodings without a tokenizer",
    HEADS,
    Inputs([Encoding(["[CLS]", "a", ".", "[SEP]"], [1, 0, 0, 1])]),
    expected=HEADS,
    facts={"roles": ("special", "word", "punctuation", "special")},
)
takes(
    "one encoding of the library tokenizers",
    HEADS,
    Encoding("abcd", [0] * 4, sequences=[0, 0, 1, 1]),
    expected=HEADS,
    facts={"segments": (0, 0, 1, 1)},
)
takes(
    "lists of tokens of a batch",
    BATCH,
    [list("wxyz"), list(FOUR)],
    batch=1,
    expected=SECOND,
    facts={"texts": FOUR},
)
takes(
    "inputs of an encoder-decoder",
    outputs(**SEQ2SEQ),
    {"input_ids": [[3, 4, 5, 6, 2]], "decoder_input_ids": [[0, 3, 4, 5]]},
    tokenizer=TOKENIZER,
    expected=THREE,
)

PADDED = [np.pad(h, [(0, 0), (0, 2), (0, 2)]) for h in HEADS]
FULL = [p + np.pad(np.full((2, 2, 6), 1 / 6, np.float32), [(0, 0), (4, 0), (0, 0)]) for p in PADDED]
MASK = [[1, 1, 1, 1, 0, 0]]
CUT = {"texts": FOUR, "note": "2 padding tokens were left out"}
takes("padding is trimmed", FULL, WORDS[:6], attention_mask=MASK, expected=HEADS, facts=CUT)
takes("padding without weights, trimmed", PADDED, WORDS[:6], attention_mask=MASK, expected=HEADS)
takes("padding and tokens without it", FULL, FOUR, attention_mask=MASK, expected=HEADS, facts=CUT)
takes(
    "padding is shown",
    FULL,
    FOUR,
    attention_mask=MASK,
    padding="show",
    expected=FULL,
    facts={"roles": ("word",) * 4 + ("pad",) * 2},
)
takes(
    "padding on the left",
    [np.roll(f, (2, 2), (1, 2)) for f in FULL],
    WORDS[10:16],
    attention_mask=[0, 0, 1, 1, 1, 1],
    expected=HEADS,
    facts={"texts": WORDS[12:16]},
)
takes(
    "padding said by the tokenizer's output",
    FULL,
    {"input_ids": [[*CLS_IDS, 0, 0]], "attention_mask": MASK},
    tokenizer=TOKENIZER,
    expected=HEADS,
    facts=TOLD,
)
takes(
    "padding of both sides",
    outputs(
        encoder_attentions=[np.pad(e, [(0, 0), (0, 2), (0, 2)]) for e in ENCODER],
        decoder_attentions=[np.pad(d, [(0, 0), (0, 1), (0, 1)]) for d in DECODER],
        cross_attentions=[np.pad(c, [(0, 0), (0, 1), (0, 2)]) for c in CROSS],
    ),
    **TOKENS,
    attention_mask=[1] * 5 + [0, 0],
    decoder_attention_mask=[1] * 4 + [0],
    expected=THREE,
)
WRITTEN = layers(3, 2, 5, 5, make=causal)


class Ending(Tokenizer):
    """Ends a text by [SEP]."""

    eos_token_id = 2


ENDED = outputs(
    sequences=np.array([[3, 4, 5, 6, 2, 0, 0, 0]]),
    attentions=by_step([steps(w[None], 3) for w in layers(3, 2, 7, 7, make=causal)]),
)
takes(
    "what follows the end of a written text is padding",
    ENDED,
    tokenizer=Ending(),
    expected=[w[:, :5, :5] for w in layers(3, 2, 7, 7, make=causal)],
    facts={"texts": [*FOUR, "[SEP]"], "note": "2 padding tokens were left out"},
)
takes(
    "what follows the end of a written text, shown",
    ENDED,
    tokenizer=Ending(),
    padding="show",
    expected=layers(3, 2, 7, 7, make=causal),
    facts={"roles": ["word"] * 4 + ["sep"] + ["pad"] * 2},
)
for mask in ({"attention_mask": [[0, 0, 1, 1]]}, {"tokens": {"input_ids": [[0, 0, 4, 5]]}}):
    if "tokens" in mask:
        mask["tokens"]["attention_mask"] = [[0, 0, 1, 1]]
    takes(
        f"the third of three that were written on from one padded prompt, {next(iter(mask))} given",
        outputs(
            sequences=np.arange(24).reshape(3, 8) % 16 + 3,
            attentions=by_step(
                [steps(np.stack([np.pad(w, [(0, 0), (2, 0), (2, 0)])] * 3), 4) for w in WRITTEN]
            ),
        ),
        tokenizer=TOKENIZER,
        batch=2,
        expected=WRITTEN,
        facts={"texts": WORDS[2:7]},
        **mask,
    )
takes(
    "a prompt padded on the left, and what was written",
    outputs(
        sequences=np.arange(8)[None] + 11,
        attentions=by_step([steps(np.pad(w, [(0, 0), (2, 0), (2, 0)])[None], 4) for w in WRITTEN]),
    ),
    tokenizer=TOKENIZER,
    attention_mask=[[0, 0, 1, 1]],
    expected=WRITTEN,
    facts={"texts": WORDS[10:15]},
)

NARROW = [narrow(9, 2, [0, 5], seed=s) for s in range(2)]
LONG = {
    "attentions": tuple(n[0][None] for n in NARROW),
    "global_attentions": tuple(n[1][None] for n in NARROW),
}
WIDE = [n[2] for n in NARROW]
takes(
    "a window and global tokens",
    outputs(**LONG),
    WORDS[:9],
    expected=WIDE,
    facts={"kind": "encoder"},
)
takes(
    "global tokens that are said",
    LONG,
    WORDS[:9],
    global_attention_mask=[[1, 0, 0, 0, 0, 1, 0, 0, 0]],
    expected=WIDE,
)
takes(
    "global rows that are padded",
    LONG
    | {
        "global_attentions": tuple(
            np.pad(n[1][None], [(0, 0), (0, 0), (0, 3), (0, 0)]) for n in NARROW
        )
    },
    WORDS[:9],
    expected=WIDE,
)
takes(
    "a window, given as arrays",
    [n[0] for n in NARROW],
    WORDS[:9],
    global_attentions=[n[1] for n in NARROW],
    expected=WIDE,
)
takes(
    "a window without global tokens",
    [narrow(7, 1, [])[0]],
    WORDS[:7],
    global_attentions=(),
    expected=[narrow(7, 1, [])[2]],
)
takes(
    "windows of unequal widths",
    [narrow(9, 1, [0])[0], narrow(9, 3, [0])[0]],
    WORDS[:9],
    global_attentions=[narrow(9, 1, [0])[1], narrow(9, 3, [0])[1]],
    expected=[narrow(9, 1, [0])[2], narrow(9, 3, [0])[2]],
)
takes(
    "patches of a picture",
    layers(2, 2, 6, 6),
    patches=(2, 3),
    expected=layers(2, 2, 6, 6),
    facts={"texts": ("0,0", "0,1", "0,2", "1,0", "1,1", "1,2")},
)
takes(
    "patches after [CLS]",
    layers(2, 2, 7, 7),
    patches=(2, 3),
    expected=layers(2, 2, 7, 7),
    facts={"roles": ("cls", *["word"] * 6)},
)
takes(
    "patches after registers",
    layers(2, 2, 9, 9),
    patches=(2, 3),
    prefix=["cls", "register", "register"],
    expected=layers(2, 2, 9, 9),
    facts={"roles": ("cls", "special", "special", *["word"] * 6)},
)
takes(
    "patches of an encoder, words of its decoder",
    outputs(**SEQ2SEQ),
    decoder_tokens=TARGET,
    patches=(2, 2),
    expected=THREE,
)
takes(
    "frames of sound",
    layers(2, 2, 3, 3),
    frames=0.02,
    expected=layers(2, 2, 3, 3),
    facts={"texts": ("0.00s", "0.02s", "0.04s")},
)
takes(
    "frames of an encoder, words of its decoder",
    outputs(**SEQ2SEQ),
    decoder_tokens=TARGET,
    frames=0.5,
    kind="cross",
    expected=CROSS,
    facts={"key_texts": ("0.0s", "0.5s", "1.0s", "1.5s", "2.0s"), "texts": TARGET},
)
takes(
    "rows that leave a part to a learned sink",
    [h / 2 for h in HEADS],
    FOUR,
    sink=True,
    expected=[h / 2 for h in HEADS],
)
takes(
    "the text that was read",
    HEADS,
    FOUR,
    text="a b c d",
    expected=HEADS,
    facts={"text": ("a b c d",)},
)
