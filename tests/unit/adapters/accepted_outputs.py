"""Outputs that are taken: of models, of encoder-decoders, of generate()."""

from __future__ import annotations

import numpy as np
from given_attention import (
    BATCH,
    BATCHED,
    CAUSAL,
    CROSS,
    DECODER,
    ENCODER,
    FOUR,
    SECOND,
    SEQ2SEQ,
    SOURCE,
    TARGET,
    THREE,
    TOKENS,
    WORDS,
    Proxy,
    Table,
    Tokenizer,
    by_step,
    causal,
    layers,
    outputs,
    steps,
    weights,
)

ROWS = Table()
takes = ROWS.takes

TOKENIZER = Tokenizer()
takes("an output's attentions", outputs(attentions=tuple(BATCH)), FOUR, batch=1, expected=SECOND)
takes(
    "a dict of outputs",
    {"attentions": tuple(BATCH)},
    FOUR,
    batch=0,
    expected=[layer[0] for layer in BATCH],
)
takes(
    "an output of a proxy", outputs(attentions=Proxy(tuple(BATCH))), FOUR, batch=1, expected=SECOND
)
takes(
    "attentions as one array", outputs(attentions=np.stack(BATCH)), FOUR, batch=1, expected=SECOND
)
takes(
    "a tuple with the attentions in it",
    (weights(2, 4, 8), weights(2, 8), tuple(BATCH)),
    FOUR,
    batch=1,
    expected=SECOND,
)
takes(
    "a tuple with hidden states, too",
    (weights(2, 4, 8), (weights(2, 4, 8), weights(2, 4, 8)), tuple(BATCH)),
    FOUR,
    batch=1,
    expected=SECOND,
)
takes(
    "an empty cross-attention of a model without an encoder",
    outputs(attentions=tuple(BATCH), cross_attentions=()),
    FOUR,
    batch=1,
    expected=SECOND,
)
takes(
    "a decoder's output is known by its triangle",
    outputs(attentions=CAUSAL),
    SOURCE,
    expected=CAUSAL,
    facts={"kind": "decoder"},
)
takes("kind is as said", CAUSAL, SOURCE, kind="encoder", expected=CAUSAL, facts={"kind": "encoder"})
takes(
    "text and picture",
    outputs(
        text_model_output=outputs(attentions=CAUSAL),
        vision_model_output=outputs(attentions=ENCODER),
    ),
    SOURCE,
    patches=(2, 2),
    expected={"text": CAUSAL, "vision": ENCODER},
)

takes("an encoder-decoder of unequal depths", outputs(**SEQ2SEQ), **TOKENS, expected=THREE)
takes(
    "tokens as a dict of sides",
    outputs(**SEQ2SEQ),
    {"encoder": SOURCE, "decoder": TARGET},
    expected=THREE,
)
takes(
    "tokens of the decoder, the encoder's by name",
    outputs(**SEQ2SEQ),
    TARGET,
    encoder_tokens=SOURCE,
    expected=THREE,
)
takes("a dict of an encoder-decoder", SEQ2SEQ, **TOKENS, expected=THREE)
takes(
    "a tuple of an encoder-decoder",
    (weights(1, 4, 9), BATCHED["decoder"], BATCHED["cross"], weights(1, 5, 8), BATCHED["encoder"]),
    **TOKENS,
    expected=THREE,
)
takes(
    "the cross-attention of three",
    outputs(**SEQ2SEQ),
    kind="cross",
    **TOKENS,
    expected=CROSS,
    facts={"kind": "cross", "texts": TARGET, "key_texts": SOURCE},
)
takes(
    "an encoder that was run before",
    outputs(**(SEQ2SEQ | {"encoder_attentions": None})),
    **TOKENS,
    expected={"decoder": DECODER, "cross": CROSS},
)
takes(
    "a decoder with cross-attention",
    outputs(attentions=BATCHED["decoder"], cross_attentions=BATCHED["cross"]),
    **TOKENS,
    expected={"decoder": DECODER, "cross": CROSS},
)
takes(
    "cross-attention alone, as an array",
    np.stack(CROSS),
    TARGET,
    encoder_tokens=SOURCE,
    expected=CROSS,
    facts={"kind": "cross", "key_texts": SOURCE},
)
takes(
    "cross-attention alone, without tokens",
    CROSS,
    kind="cross",
    expected=CROSS,
    facts={"kind": "cross", "key_texts": "01234"},
)
takes(
    "unequal heads in one of three stacks",
    outputs(**(SEQ2SEQ | {"encoder_attentions": [ENCODER[0], weights(3, 5, 5)]})),
    **TOKENS,
    expected={
        "encoder, 2 heads": ENCODER[:1],
        "encoder, 3 heads": [weights(3, 5, 5)],
        "decoder": DECODER,
        "cross": CROSS,
    },
)

GROWN = layers(3, 2, 2, 7, 7, make=causal)
LAST = [layer[1] for layer in GROWN]
IDS = np.arange(16).reshape(2, 8) + 3
WRITTEN = {"kind": "decoder", "texts": WORDS[8:15]}
takes(
    "steps with a cache",
    outputs(sequences=IDS, attentions=by_step([steps(g, 4) for g in GROWN])),
    tokenizer=TOKENIZER,
    batch=1,
    expected=LAST,
    facts=WRITTEN,
)
takes(
    "steps without a cache",
    outputs(sequences=IDS, attentions=by_step([steps(g, 4, cache=False) for g in GROWN])),
    tokenizer=TOKENIZER,
    batch=1,
    expected=LAST,
    facts=WRITTEN,
)
takes(
    "steps with a cache of fixed size",
    outputs(sequences=IDS, attentions=by_step([steps(g, 4, room=9) for g in GROWN])),
    tokenizer=TOKENIZER,
    batch=1,
    expected=LAST,
    facts=WRITTEN,
)
takes(
    "steps alone",
    by_step([steps(g, 4) for g in GROWN]),
    WORDS[:7],
    batch=0,
    expected=[layer[0] for layer in GROWN],
    facts={"note": "4 steps of generation"},
)
takes(
    "steps from a prompt of one token",
    by_step([steps(g, 1) for g in GROWN]),
    WORDS[:7],
    batch=1,
    expected=LAST,
)
takes(
    "steps of several words with a cache",
    by_step([[g[:, :, :3, :3], g[:, :, 3:5, :5], g[:, :, 5:7]] for g in GROWN]),
    WORDS[:7],
    batch=1,
    expected=LAST,
)
takes(
    "steps of several words without a cache",
    by_step([[g[:, :, :3, :3], g[:, :, :5, :5], g] for g in GROWN]),
    WORDS[:7],
    batch=1,
    expected=LAST,
)
takes("one step", by_step([steps(g, 7) for g in GROWN]), WORDS[:7], batch=1, expected=LAST)
takes(
    "one word more than rows",
    outputs(sequences=IDS, attentions=by_step([steps(g, 4) for g in GROWN])),
    WORDS[:8],
    batch=1,
    expected=LAST,
    facts={"texts": WORDS[:7], "note": "has no row"},
)
BANDED = np.triu(GROWN[0], -2) / np.triu(GROWN[0], -2).sum(-1, keepdims=True, dtype=np.float32)
takes(
    "a cache that a window has shortened",
    by_step([[part[..., -3:] if part.shape[2] == 1 else part for part in steps(BANDED, 4)]]),
    WORDS[:7],
    batch=1,
    expected=[BANDED[1]],
)


def assisted(whole, prompt, window):
    """Cut steps as assisted generation does, three candidates read at once, two of them taken."""
    parts, start = [whole[:, :, :prompt, :prompt]], prompt
    while start < whole.shape[2]:
        first, read = max(0, start - window + 1), min(3, whole.shape[2] - start)
        for place in range(min(2, read)):
            row = np.zeros((*whole.shape[:2], 1, start + read - first), whole.dtype)
            row[..., : start + place + 1 - first] = whole[
                :, :, start + place : start + place + 1, first : start + place + 1
            ]
            parts.append(row[..., : start + place + 1])
        start += min(2, read)
    return parts


takes(
    "candidates read at once, and a window",
    by_step([assisted(BANDED, 4, 3)]),
    WORDS[:7],
    batch=1,
    expected=[BANDED[1]],
)
takes(
    "candidates read at once, and a window as long as the text so far",
    by_step([assisted(BANDED, 3, 3)]),
    WORDS[:7],
    batch=1,
    expected=[BANDED[1]],
)
BEAMS = np.array([[0, 2, 1, 0], [1, 1, 0, -1]])


def beamed(row):
    """Let each step's row come from another beam, as the indices say."""
    parts = [[weights(3, 2, 1, 1, seed=s)] for s in range(4)]
    for step in range(1, 4):
        parts[step] = [weights(3, 2, 1, step + 1, seed=step)]
    whole = np.zeros((2, sum(BEAMS[row] >= 0), sum(BEAMS[row] >= 0)), np.float32)
    for step, beam in enumerate(BEAMS[row][BEAMS[row] >= 0]):
        whole[:, step, : step + 1] = parts[step][0][beam, :, 0]
    return outputs(sequences=IDS[:, :5], attentions=parts, beam_indices=BEAMS), whole


takes(
    "the first of two beams",
    beamed(0)[0],
    tokenizer=TOKENIZER,
    batch=0,
    expected=[beamed(0)[1]],
    facts={"texts": WORDS[:4]},
)
takes(
    "a beam that ended early",
    beamed(1)[0],
    batch=1,
    expected=[beamed(1)[1]],
    facts={"texts": "012"},
)
takes(
    "an encoder-decoder that wrote",
    outputs(
        sequences=IDS[:, :5],
        encoder_attentions=[np.stack([e, e[::-1]]) for e in ENCODER],
        decoder_attentions=by_step([steps(np.stack([d, d[::-1]]), 1) for d in DECODER]),
        cross_attentions=by_step(
            [[np.stack([c, c[::-1]])[:, :, q : q + 1] for q in range(4)] for c in CROSS]
        ),
    ),
    tokenizer=TOKENIZER,
    encoder_tokens=SOURCE,
    batch=1,
    expected={name: [layer[::-1] for layer in stack] for name, stack in THREE.items()},
)
takes(
    "rows of a decoder's last queries",
    [c[:, -1:] for c in CAUSAL],
    SOURCE,
    expected=[c[:, -1:] for c in CAUSAL],
    facts={"kind": "decoder", "texts": SOURCE[-1:]},
)
