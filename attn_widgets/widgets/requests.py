"""Questions a browser may ask, checked before they are believed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.counterpart import Counterpart
    from attn_widgets.record import AttentionRecord

MAX_TEXT = 200_000


@dataclasses.dataclass(frozen=True, slots=True)
class RowRequest:
    """Ask for one row of weights at full precision."""

    layer: int
    head: int
    query: int
    of: str = "first"


@dataclasses.dataclass(frozen=True, slots=True)
class RunRequest:
    """Ask for the model to be run on a text."""

    text: str
    pair: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class ApplyRequest:
    """Ask for the model to be run under the change that is chosen."""


@dataclasses.dataclass(frozen=True, slots=True)
class CancelRequest:
    """Ask for that run to be given up."""


@dataclasses.dataclass(frozen=True, slots=True)
class NormsRequest:
    """Ask for what arrives, as a second record."""


Request: TypeAlias = RowRequest | RunRequest | ApplyRequest | CancelRequest | NormsRequest


def parse(message: Mapping[str, object]) -> Request:
    """Read a message from the browser.

    Raises
    ------
    ValueError
        If the message asks for something unknown, or a part is missing or of the wrong type.
    """
    ask = message.get("ask")
    if ask == "row":
        of = message.get("of", "first")
        if of not in {"first", "second"}:
            msg = f"a row is of the 'first' or the 'second' record, not of {of!r:.40}"
            raise ValueError(msg)
        layer, head, query = (_integer(message, name) for name in ("layer", "head", "query"))
        return RowRequest(layer, head, query, str(of))
    if ask == "apply":
        return ApplyRequest()
    if ask == "cancel":
        return CancelRequest()
    if ask == "norms":
        return NormsRequest()
    if ask == "run":
        text, pair = message.get("text"), message.get("pair")
        if not isinstance(text, str) or not (pair is None or isinstance(pair, str)):
            msg = "a run request names text as a string and pair as a string or null"
            raise ValueError(msg)
        if len(text) + len(pair or "") > MAX_TEXT:
            msg = f"the text has {len(text) + len(pair or '')} characters: at most {MAX_TEXT}"
            raise ValueError(msg)
        return RunRequest(text, pair or None)
    msg = f"unknown request {ask!r:.40}: expected 'row', 'run', 'apply', 'cancel' or 'norms'"
    raise ValueError(msg)


def _integer(message: Mapping[str, object], name: str) -> int:
    value = message.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"a row request names {name} as an integer, not {value!r}"
        raise ValueError(msg)  # noqa: TRY004 - a bad message, not a programmer's slip
    return value


def answer_row(
    request: RowRequest, record: AttentionRecord, second: Counterpart | None = None
) -> bytes:
    """Give one row as little-endian float32, exactly as the record holds it.

    A row of a second record is given for the first one's keys.

    Raises
    ------
    IndexError
        If the layer, head or query is not in the record.
    ValueError
        If there is no second record.
    """
    weights = record[request.layer, request.head]
    if request.of == "second":
        if second is None:
            msg = "there is no second record any more"
            raise ValueError(msg)
        row, column = record.layer_index(request.layer), record.head_index(request.head)
        weights = second.weights[row, column]
    if not 0 <= request.query < len(record.tokens):
        msg = f"no query {request.query}: the record has queries 0 to {len(record.tokens) - 1}"
        raise IndexError(msg)
    return np.ascontiguousarray(weights[request.query], dtype="<f4").tobytes()
