"""Forms of weights that are taken: arrays, lists, caches, other viewers' arguments."""

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
    HEADS,
    SECOND,
    SOURCE,
    THREE,
    TOKENS,
    Cache,
    Cupyish,
    Dlpackish,
    Jaxish,
    Proxy,
    Table,
    Tensorflowish,
    weights,
)

from attn_widgets import AttentionRecord, AttentionRecords

ROWS = Table()
takes = ROWS.takes

takes("queries x keys", HEADS[0][0], FOUR, expected=[HEADS[0][:1]])
takes("heads x queries x keys", HEADS[0], FOUR, expected=HEADS[:1])
takes("layers x heads x queries x keys", np.stack(HEADS), FOUR, expected=HEADS)
takes("layers x batch x ...", np.stack(BATCH), FOUR, batch=1, expected=SECOND)
takes("nested lists of numbers", HEADS[0].tolist(), FOUR, expected=HEADS[:1])
takes(
    "one query and one key",
    np.ones((1, 1, 1)),
    ["a"],
    expected=[np.ones((1, 1, 1))],
    facts={"kind": "encoder"},
)
takes(
    "half precision",
    [h.astype(np.float16) for h in HEADS],
    FOUR,
    expected=[h.astype(np.float16) for h in HEADS],
)
ROUNDED = [(h.view(np.uint32) & 0xFFFF0000).view(np.float32) for h in HEADS]
takes("bfloat16 that came as float32", ROUNDED, FOUR, expected=ROUNDED)
HALVES = [h.astype(np.float16).astype(np.float32) for h in HEADS]
takes("half precision that came as float32", HALVES, FOUR, expected=HALVES)
takes("double precision", [h.astype(np.float64) for h in HEADS], FOUR, expected=HEADS)
takes(
    "whole numbers that are weights", np.eye(4, dtype=int)[None], FOUR, expected=[np.eye(4)[None]]
)
takes("an array in columns, not rows", np.asfortranarray(np.stack(HEADS)), FOUR, expected=HEADS)

takes("a list of layers", HEADS, FOUR, expected=HEADS)
takes("a tuple of layers", tuple(HEADS), FOUR, expected=HEADS)
takes("a batch of one per layer", [h[None] for h in HEADS], FOUR, expected=HEADS)
takes("an item of a batch", BATCH, FOUR, batch=1, expected=SECOND)
takes("batch=0 without a batch", HEADS, FOUR, batch=0, expected=HEADS)
takes("layers as lists of heads", [list(h) for h in HEADS], FOUR, expected=HEADS)
takes(
    "layers and heads as nested lists of arrays, two layers only",
    [[HEADS[0][0], HEADS[0][1]], [HEADS[1][0], HEADS[1][1]]],
    FOUR,
    expected=HEADS[:2],
)
takes(
    "some layers", HEADS, FOUR, include_layers=[0, 2], expected=HEADS[::2], facts={"layers": (0, 2)}
)
takes(
    "some layers of a batch",
    BATCH,
    FOUR,
    include_layers=[1],
    batch=1,
    expected=SECOND[1:2],
    facts={"layers": (1,)},
)
takes(
    "layers of unequal heads",
    [HEADS[0], weights(3, 4, 4), HEADS[2]],
    FOUR,
    expected={"2 heads": HEADS[::2], "3 heads": [weights(3, 4, 4)]},
)
takes(
    "layers of unequal heads, those of one number",
    [HEADS[0], weights(3, 4, 4)],
    FOUR,
    include_layers=[1],
    expected=[weights(3, 4, 4)],
    facts={"layers": (1,)},
)
takes(
    "layers of one size among others",
    [*HEADS, weights(2, 6, 6)],
    FOUR,
    include_layers=[0, 1, 2],
    expected=HEADS,
)

takes("arrays that speak numpy()", [Tensorflowish(h) for h in HEADS], FOUR, expected=HEADS)
takes("arrays that speak __array__", [Jaxish(h) for h in HEADS], FOUR, expected=HEADS)
takes("arrays that speak dlpack", [Dlpackish(h) for h in HEADS], FOUR, expected=HEADS)
takes("arrays on a device that give themselves by get", Cupyish(HEADS[0]), FOUR, expected=HEADS[:1])
takes("a proxy after its trace", Proxy(HEADS[0]), FOUR, expected=HEADS[:1])
takes("a list of proxies", [Proxy(h[None]) for h in HEADS], FOUR, expected=HEADS)
takes("a proxy of a tuple", Proxy(tuple(HEADS)), FOUR, expected=HEADS)

takes(
    "a TransformerLens cache",
    Cache(
        {"hook_embed": weights(1, 5, 8)}
        | {f"blocks.{n}.attn.hook_pattern": c[None] for n, c in enumerate(CAUSAL)}
    ),
    SOURCE,
    expected=CAUSAL,
    facts={"kind": "decoder"},
)
takes(
    "a cache of some layers, without a batch",
    Cache({"blocks.10.attn.hook_pattern": CAUSAL[1], "blocks.3.attn.hook_pattern": CAUSAL[0]}),
    SOURCE,
    expected=CAUSAL[:2],
    facts={"layers": (3, 10)},
)
takes(
    "a cache of an encoder-decoder",
    Cache(
        {f"encoder.{n}.attn.hook_pattern": e for n, e in enumerate(ENCODER)}
        | {f"decoder.{n}.attn.hook_pattern": d for n, d in enumerate(DECODER)}
        | {f"decoder.{n}.cross_attn.hook_pattern": c for n, c in enumerate(CROSS)}
    ),
    **TOKENS,
    expected=THREE,
)
takes(
    "a dict by layer numbers",
    {7: HEADS[1], 2: HEADS[0]},
    FOUR,
    expected=HEADS[:2],
    facts={"layers": (2, 7)},
)
takes(
    "a dict by module names",
    {f"bert.encoder.layer.{n}.attention.self": h[None] for n, h in enumerate(HEADS)},
    FOUR,
    expected=HEADS,
)

takes(
    "BertViz: attention, tokens, sentence_b_start",
    tuple(h[None] for h in HEADS),
    list(FOUR),
    sentence_b_start=2,
    expected=HEADS,
    facts={"segments": (0, 0, 1, 1)},
)
takes(
    "BertViz: three attentions by name",
    encoder_attention=BATCHED["encoder"],
    decoder_attention=BATCHED["decoder"],
    cross_attention=BATCHED["cross"],
    **TOKENS,
    expected=THREE,
)
takes(
    "BertViz: include_layers",
    tuple(h[None] for h in HEADS),
    list(FOUR),
    include_layers=[1],
    expected=HEADS[1:2],
)
takes("BertViz: cross_attention alone", cross_attention=BATCHED["cross"], **TOKENS, expected=CROSS)
takes("CircuitsVis: tokens first, one layer", list(FOUR), HEADS[0], expected=HEADS[:1])
takes("CircuitsVis: tokens first, a list of layers", list(FOUR), HEADS, expected=HEADS)

RECORD = AttentionRecord.from_arrays(HEADS, FOUR)
takes("a record", RECORD, expected=HEADS)
takes(
    "several records",
    AttentionRecords({"one": RECORD, "two": RECORD}),
    expected={"one": HEADS, "two": HEADS},
)
