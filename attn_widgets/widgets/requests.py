"""Questions a browser may ask, checked before they are believed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.record import AttentionRecord

MAX_TEXT = 200_000


@dataclasses.dataclass(frozen=True, slots=True)
class RowRequest:
    """Ask for one row of weights at full precision."""

    layer: int
    head: int
    query: int


@dataclasses.dataclass(frozen=True, slots=True)
class RunRequest:
    """Ask for the model to be run on a text."""

    text: str
    pair: str | None


def parse(message: Mapping[str, object]) -> RowRequest | RunRequest:
    """Read a message from the browser.

    Raises
    ------
    ValueError
        If the message asks for something unknown, or a part is missing or of the wrong type.
    """
    ask = message.get("ask")
    if ask == "row":
        return RowRequest(*(_integer(message, name) for name in ("layer", "head", "query")))
    if ask == "run":
        text, pair = message.get("text"), message.get("pair")
        if not isinstance(text, str) or not (pair is None or isinstance(pair, str)):
            msg = "a run request names text as a string and pair as a string or null"
            raise ValueError(msg)
        if len(text) + len(pair or "") > MAX_TEXT:
            msg = f"the text has {len(text) + len(pair or '')} characters: at most {MAX_TEXT}"
            raise ValueError(msg)
        return RunRequest(text, pair or None)
    msg = f"unknown request {ask!r}: expected 'row' or 'run'"
    raise ValueError(msg)


def _integer(message: Mapping[str, object], name: str) -> int:
    value = message.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"a row request names {name} as an integer, not {value!r}"
        raise ValueError(msg)  # noqa: TRY004 - a bad message, not a programmer's slip
    return value


def answer_row(request: RowRequest, record: AttentionRecord) -> bytes:
    """Give one row as little-endian float32, exactly as the record holds it.

    Raises
    ------
    IndexError
        If the layer, head or query is not in the record.
    """
    weights = record[request.layer, request.head]
    if not 0 <= request.query < len(record.tokens):
        msg = f"no query {request.query}: the record has queries 0 to {len(record.tokens) - 1}"
        raise IndexError(msg)
    return np.ascontiguousarray(weights[request.query], dtype="<f4").tobytes()
