"""How one score comes about: what the browser needs to work it out again, step by step."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.reading import query_rows
from attn_widgets.record import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from attn_widgets.record import AttentionRecord

_LEFT_OUT = ("q and k are left out", "own output_attentions")
"""What a record's provenance says where no run of the model gives its queries and keys."""
_DEMO = "all-MiniLM-L6-v2"
"""The embedded model, which is loaded by another name."""

_SHORT = 200
"""Characters of a text that is written out in a line of Python."""


@dataclasses.dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Ask how the score of a pair comes about.

    Without a `query` it is that of the first word; without a `key`, of the key with most weight.
    """

    layer: int
    head: int
    query: int | None
    key: int | None


def parse_score(message: Mapping[str, object], layer: int, head: int) -> ScoreRequest:
    """Read which pair a request names.

    Raises
    ------
    ValueError
        If a part is no position and not null.
    """
    return ScoreRequest(layer, head, *(position(message, name) for name in ("query", "key")))


def position(message: Mapping[str, object], name: str) -> int | None:
    """Read a position that may be left open.

    Raises
    ------
    ValueError
        If it is something else.
    """
    value = message.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    msg = f"a request names {name} as a position or null, not {value!r:.40}"
    raise ValueError(msg)  # a bad message, not a programmer's slip


def score(record: AttentionRecord, request: ScoreRequest) -> dict[str, Any]:
    r"""Give the parts of a score, and those of the keys that compete with it.

    With :math:`s_j = c \tanh(\lambda \, q \cdot k_j / c) + b_j`, or without the soft-cap
    :math:`s_j = \lambda \, q \cdot k_j + b_j`, the weight is :math:`e^{s_j} / \sum e^{s}` over the
    keys that the model's mask allows.

    Returns
    -------
    dict
        ``asked``, the request; and either ``absent``, the line of Python that gives a record with
        queries and keys (empty if none does), or: ``layer``, ``head``, ``query`` and ``key``;
        ``scaling`` and ``softcap``; ``sink`` and whether the model was ``changed``; as
        little-endian float32 ``q`` and ``k``, ``(head_dim,)``, and of all keys of the row ``dots``,
        ``bias`` (None without one) and ``weights``, ``(keys,)``.

    Raises
    ------
    IndexError
        If the layer, head, query or key is not in the record.
    """
    row, column = record.layer_index(request.layer), record.head_index(request.head)
    _, _, n_queries, n_keys = record.shape
    query = first_query(record) if request.query is None else request.query
    _check("query", query, n_queries)
    weights = record.weights[row, column, query]
    key = int(weights.argmax()) if request.key is None else request.key
    _check("key", key, n_keys)
    asked = [request.layer, request.head, request.query, request.key]
    held = record.k is not None and request.head // record.kv_groups < record.k.shape[1]
    if record.q is None or record.k is None or record.scaling is None or not held:
        return {"asked": asked, "absent": _line(record)}
    q = record.q[row, column, query].astype(np.float64)
    k = record.k[row, request.head // record.kv_groups].astype(np.float64)
    bias = record.bias
    return {
        "asked": asked,
        "layer": request.layer,
        "head": request.head,
        "query": query,
        "key": key,
        "scaling": float(record.scaling[row]),
        "softcap": None if record.softcap is None else float(record.softcap[row]),
        "sink": record.sink,
        "changed": record.provenance.mask is not None,
        "q": _bytes(q),
        "k": _bytes(k[key]),
        "dots": _bytes(k @ q),
        "bias": None
        if bias is None
        else _bytes(bias[row, column if bias.shape[1] > 1 else 0, query]),
        "weights": _bytes(weights),
    }


def first_query(record: AttentionRecord) -> int:
    """Name the query that is shown where none is picked: the first word."""
    return int(query_rows(record).argmax())


def _check(name: str, at: int, count: int) -> None:
    if not 0 <= at < count:
        msg = f"no {name} {at}: the record has {name} positions 0 to {count - 1}"
        raise IndexError(msg)


def _bytes(values: ArrayLike) -> bytes:
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


def _line(record: AttentionRecord) -> str:
    source = record.provenance
    if any(why in f"{source.note} {source.implementation}" for why in _LEFT_OUT):
        return ""
    demo = source.model == _DEMO
    name = _quoted("demo" if demo else source.model) if source.model else "model"
    short = record.text and sum(map(len, record.text)) <= _SHORT
    texts = ", ".join(map(_quoted, record.text)) if short else "text"
    return f"view.record = ModelRunner.from_pretrained({name}).run({texts})"


def _quoted(text: str) -> str:
    return json.dumps(whole(text), ensure_ascii=False)
