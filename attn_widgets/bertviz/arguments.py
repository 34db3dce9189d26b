"""Records in the form that BertViz takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.record import AttentionRecord, Token

LESS = "\ue000"
"""Stands for ``<`` until the page is written: BertViz puts tokens into a script as they are."""


def weights(records: Mapping[str, AttentionRecord]) -> dict[str, Any]:
    """Give the arguments of ``head_view`` and ``model_view``.

    Raises
    ------
    ValueError
        If the records have not the same layers, or heads of different counts, which BertViz cannot
        draw together.
    """
    kinds = {record.kind: record for record in records.values()}
    if len(kinds) != len(records):
        listed = ", ".join(map(repr, records))
        msg = f"BertViz draws layers of one head count: give one of {listed}, as records[name]"
        raise ValueError(msg)
    if len(kinds) == 1 and "cross" not in kinds:
        ((_, record),) = kinds.items()
        start = second_text(record.tokens)
        return {
            "attention": _layers(record),
            "tokens": named(record.tokens),
            "include_layers": list(record.layers),
            **({} if start is None else {"sentence_b_start": start}),
        }
    own: dict[str, Any] = {f"{kind}_attention": _layers(record) for kind, record in kinds.items()}
    counts = {kind: len(record.heads) for kind, record in kinds.items()}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
        msg = (
            f"BertViz draws encoder, decoder and cross attention of one head count, not {listed}: "
            "give one of them, as records['decoder']"
        )
        raise ValueError(msg)
    layers = {record.layers for record in kinds.values()}
    if len(layers) > 1:
        listed = "; ".join(f"{kind}: {list(record.layers)}" for kind, record in kinds.items())
        msg = (
            f"BertViz draws encoder, decoder and cross attention of the same layers, not {listed}: "
            "give one of them, as records['decoder']"
        )
        raise ValueError(msg)
    own["include_layers"] = list(layers.pop())
    for kind, record in kinds.items():
        own["encoder_tokens" if kind == "encoder" else "decoder_tokens"] = named(record.tokens)
        if kind == "cross":
            own["encoder_tokens"] = named(record.key_tokens)
    return own


def neuron(records: Mapping[str, AttentionRecord]) -> dict[str, Any]:
    """Give what BertViz's neuron view draws, per filter: weights, queries, keys and tokens.

    Raises
    ------
    ValueError
        If there is more than one record, it is of cross attention, or it holds no queries and keys.
    """
    if len(records) > 1:
        msg = f"the neuron view shows one record: give one of {', '.join(map(repr, records))}"
        raise ValueError(msg)
    (record,) = records.values()
    if record.kind == "cross":
        msg = "the neuron view shows a text that looks at itself, not cross attention"
        raise ValueError(msg)
    if record.q is None or record.k is None:
        msg = (
            "this record holds no queries and keys: record them with "
            "ModelRunner.from_pretrained(model).run(text)"
        )
        raise ValueError(msg)
    keys = np.repeat(record.k, record.q.shape[1] // record.k.shape[1], axis=1)
    ends = {"a": slice(0, None), "b": slice(0, 0)}
    start = second_text(record.tokens)
    parts = {"all": (slice(None), slice(None))}
    if start is not None:
        ends = {"a": slice(0, start), "b": slice(start, None)}
        parts |= {left + right: (ends[left], ends[right]) for left in "ab" for right in "ab"}
    tokens = named(record.tokens)
    return {
        name: {
            "attn": record.weights[:, :, rows, columns].tolist(),
            "queries": record.q[:, :, rows].tolist(),
            "keys": keys[:, :, columns].tolist(),
            "left_text": tokens[rows],
            "right_text": tokens[columns],
        }
        for name, (rows, columns) in parts.items()
    }


def second_text(tokens: Sequence[Token]) -> int | None:
    """Find the second text's first token; None where there is one text."""
    return next((at for at, token in enumerate(tokens) if token.segment == 1), None)


def named(tokens: Sequence[Token]) -> list[str]:
    """Give the tokens' texts, none of which can end a script."""
    return [token.display.replace("<", LESS) for token in tokens]


def _layers(record: AttentionRecord) -> dict[int, Any]:
    """Give each layer as a tensor ``(1, heads, queries, keys)`` under its own number."""
    import torch  # noqa: PLC0415 - BertViz needs it, this package's import must not

    own = {
        layer: torch.from_numpy(np.array(weights, np.float32)[None])
        for layer, weights in zip(record.layers, record.weights, strict=True)
    }
    # BertViz counts the heads of the layer numbered 0, whether it is to be drawn or not.
    return {0: own[record.layers[0]], **own}
