"""Forms of weights that are refused: missing, of other kinds, of other shapes."""

from __future__ import annotations

import types

import numpy as np
from given_attention import (
    BATCH,
    FOUR,
    HEADS,
    SEQ2SEQ,
    WORDS,
    Cache,
    Proxy,
    Stubborn,
    Table,
    Tokenizer,
    narrow,
    outputs,
    weights,
)

ROWS = Table()
refuses = ROWS.refuses

EAGER = "model.set_attn_implementation('eager'); outputs = model(**inputs, output_attentions=True)"
GENERATE = "return_dict_in_generate=True, output_attentions=True"
RUNNER = "ModelRunner.from_pretrained(model, tokenizer).run(text)"
IDS = np.arange(16).reshape(2, 8)
refuses("nothing", None, parts=["attention is None", EAGER, RUNNER])
refuses("an empty tuple", (), parts=["attention is ()", EAGER, RUNNER])
refuses("an empty list", [], parts=["attention is []", EAGER])
refuses("attentions that are ()", outputs(attentions=()), parts=["outputs.attentions is ()", EAGER])
refuses(
    "attentions that are None",
    outputs(attentions=None, logits=BATCH[0]),
    parts=["outputs has no attentions", EAGER],
)
refuses(
    "a dict of outputs without attentions",
    {"last_hidden_state": BATCH[0]},
    parts=["only last_hidden_state", EAGER],
)
refuses(
    "layers that are None", (HEADS[0], None, HEADS[2]), parts=["entries [1] of 3 are None", EAGER]
)
refuses("layers that are all None", (None, None), parts=["entries [0, 1] of 2 are None", EAGER])
refuses(
    "an output with a layer that is None",
    outputs(attentions=(HEADS[0], None)),
    parts=["outputs.attentions: entries [1] of 2 are None", EAGER],
)
refuses(
    "an encoder-decoder with ()",
    outputs(**(SEQ2SEQ | {"cross_attentions": ()})),
    parts=["outputs.cross_attentions is ()", EAGER],
)
refuses("a tuple output with ()", (weights(1, 4, 8), ()), parts=["attention[1] is ()", EAGER])
refuses(
    "generate() without attentions",
    outputs(sequences=IDS, attentions=None),
    parts=["outputs has no attentions", GENERATE],
)
refuses(
    "generate() with empty steps",
    outputs(sequences=IDS, attentions=((), ())),
    parts=["steps 0, 1 of 2 hold () or None", GENERATE],
)
refuses(
    "generate() with steps of None",
    outputs(sequences=IDS, attentions=((None,), (HEADS[0],))),
    parts=["steps 0 of 2", GENERATE],
)
refuses("a proxy without its value", Proxy(None), parts=["nnsight", "attention.save()"])
refuses("an empty dict", {}, parts=["empty dict", EAGER])
refuses("a dict with a layer of None", {0: HEADS[0], 1: None}, parts=["layers [1] are None", EAGER])
refuses(
    "a cache without patterns",
    Cache({"blocks.0.hook_resid_post": weights(1, 4, 8)}),
    parts=["blocks.0.hook_resid_post", "hook_pattern"],
)
refuses(
    "a picture's output with ()",
    outputs(vision_model_output=outputs(attentions=())),
    parts=["outputs.vision_model_output.attentions is ()", EAGER],
)
refuses("BertViz's argument as ()", encoder_attention=(), parts=["encoder_attention is ()", EAGER])

refuses("a text without a runner", "The dog.", error=TypeError, parts=["a text", "runner="])
refuses(
    "a model",
    types.SimpleNamespace(forward=len),
    error=TypeError,
    parts=["a model, not what it returned", EAGER],
)
refuses("a tokenizer", Tokenizer(), error=TypeError, parts=["a tokenizer", "tokenizer="])
refuses("a generator", (h for h in HEADS), error=TypeError, parts=["only once", "list(...)"])
refuses("a number", 3, error=TypeError, parts=["attention is a int", "one array per layer"])
refuses("tokens alone", list(FOUR), parts=["a list of 4 texts", "as tokens="])
refuses("token ids", IDS, parts=["shape (2, 8)", "token ids", "tokens="])
refuses("a mask", np.tri(4, dtype=bool), parts=["shape (4, 4)", "mask"])
refuses("letters", np.full((2, 4, 4), "a"), parts=["shape (2, 4, 4)", "expected floats"])
refuses("complex numbers", np.ones((2, 4, 4), complex), parts=["holds complex128", "floats"])
refuses(
    "an array numpy cannot read",
    Stubborn(HEADS[0]),
    error=TypeError,
    parts=["Stubborn", "numpy.asarray"],
)
refuses(
    "lists of unequal lengths", [[0.5, 0.5], [1.0]], error=TypeError, parts=["numpy", "cannot read"]
)
refuses(
    "the inputs of a model",
    {"input_ids": IDS, "attention_mask": IDS},
    parts=["the inputs of a model", "'input_ids'", EAGER],
)

refuses("one axis", np.ones(4), parts=["shape (4,)", "(heads, queries, keys)"])
refuses("six axes", np.ones((1,) * 6), parts=["shape (1, 1, 1, 1, 1, 1)", "(layers, batch"])
refuses(
    "a list of two-dimensional arrays",
    list(HEADS[0]),
    parts=["(4, 4)", "heads or layers", "numpy.stack(list)", "[array[None] for array in list]"],
)
refuses(
    "a layer of another number of axes",
    [HEADS[0], weights(1, 1, 2, 4, 4)],
    parts=["attention[1] has shape (1, 1, 2, 4, 4)", "(batch, heads, queries, keys)"],
)
refuses(
    "an output in a layout that is not known",
    outputs(attentions=[weights(1, 2, 2, 4, 8)]),
    parts=["outputs.attentions[0] has shape (1, 2, 2, 4, 8)", "a layout of its own"],
)
refuses(
    "heads of unequal shapes in a layer",
    [[weights(4, 4), weights(3, 3)]],
    parts=["(4, 4), (3, 3)", "one (queries, keys) array per head"],
)
refuses(
    "layers of unequal queries",
    [*HEADS, weights(2, 6, 6)],
    FOUR,
    parts=["layers [0, 1, 2]: (4, 4)", "layers [3]: (6, 6)", "include_layers=[0, 1, 2]"],
)
refuses("no heads at all", np.ones((0, 4, 4)), FOUR, parts=["shape (1, 0, 4, 4)", "at least 1"])
refuses("no keys at all", np.ones((2, 4, 0)), parts=["shape (2, 4, 0)", "at least one"])
refuses(
    "hidden states as attention",
    np.random.default_rng(0).normal(size=(1, 4, 8)),
    parts=["shape (1, 4, 8)", "hidden states, logits or scores", "after the softmax"],
)
refuses(
    "more keys than queries", weights(2, 4, 6), parts=["4 queries and 6 keys", "encoder_tokens="]
)
refuses(
    "more queries than keys", weights(2, 6, 4), parts=["6 queries and 4 keys", "encoder_tokens="]
)
refuses(
    "a narrow layout without a word about it",
    [narrow(9, 1, [])[0]],
    WORDS[:9],
    parts=["9 queries and 3 keys", "global_attentions="],
)
refuses(
    "a tuple output with two candidates",
    (weights(1, 4, 8), tuple(BATCH), tuple(BATCH)),
    parts=["2 of them may be the attentions", "return_dict=True"],
)
refuses(
    "a tuple output with none",
    (weights(1, 4, 8), "logits"),
    parts=["none of them is the attentions", "output_attentions=True"],
)
refuses(
    "a dict of names without numbers",
    {"first": HEADS[0]},
    parts=["'first'", "names with one number"],
)
refuses(
    "a dict that names a layer twice",
    {"a.1": HEADS[0], "b.1": HEADS[1]},
    parts=["'b.1'", "one layer"],
)
refuses(
    "layers that are not there",
    HEADS,
    FOUR,
    include_layers=[0, 5],
    parts=["include_layers=[0, 5]", "0 to 2"],
)
refuses("no layers", HEADS, FOUR, include_layers=[], parts=["include_layers=[]", "0 to 2"])
