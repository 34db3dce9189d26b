"""Questions a browser may ask, checked before they are believed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from attn_widgets.widgets.columns import ColumnRequest, parse_column
from attn_widgets.widgets.depth import (
    DepthRequest,
    DiagnosisRequest,
    RolloutRequest,
    parse_rollout,
)
from attn_widgets.widgets.means import Mean, parse_mean
from attn_widgets.widgets.neuron import ScoreRequest, parse_score
from attn_widgets.widgets.windows import WindowRequest, parse_window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attn_widgets.analysis.counterpart import Counterpart
    from attn_widgets.record import AttentionRecord

MAX_TEXT = 200_000


@dataclasses.dataclass(frozen=True, slots=True)
class RowRequest:
    """Ask for one row of weights at full precision, of one head or of a mean over several."""

    layer: int
    head: int
    query: int
    of: str = "first"
    mean: Mean | None = None


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


@dataclasses.dataclass(frozen=True, slots=True)
class PageRequest:
    """Ask for the page that lives without a kernel."""


Request: TypeAlias = (
    RowRequest
    | ColumnRequest
    | WindowRequest
    | ScoreRequest
    | DepthRequest
    | DiagnosisRequest
    | RolloutRequest
    | RunRequest
    | ApplyRequest
    | CancelRequest
    | NormsRequest
    | PageRequest
)

_PLAIN: Final[Mapping[str, Callable[[], Request]]] = {
    "apply": ApplyRequest,
    "cancel": CancelRequest,
    "depth": DepthRequest,
    "diagnosis": DiagnosisRequest,
    "norms": NormsRequest,
    "page": PageRequest,
}
"""Questions that name nothing else."""


def parse(message: Mapping[str, object]) -> Request:
    """Read a message from the browser.

    Raises
    ------
    ValueError
        If the message asks for something unknown, or a part is missing or of the wrong type.
    """
    ask = message.get("ask")
    if ask in ("row", "column", "window"):
        return _parse_weights(message, str(ask))
    if ask == "score":
        return parse_score(message, _integer(message, "layer"), _integer(message, "head"))
    if ask == "rollout":
        return parse_rollout(message, _integer(message, "layer"))
    if isinstance(ask, str) and ask in _PLAIN:
        return _PLAIN[ask]()
    if ask == "run":
        text, pair = message.get("text"), message.get("pair")
        if not isinstance(text, str) or not (pair is None or isinstance(pair, str)):
            msg = "a run request names text as a string and pair as a string or null"
            raise ValueError(msg)
        if len(text) + len(pair or "") > MAX_TEXT:
            msg = f"the text has {len(text) + len(pair or '')} characters: at most {MAX_TEXT}"
            raise ValueError(msg)
        return RunRequest(text, pair or None)
    named = ("row", "column", "window", "score", "rollout", "run")
    known = ", ".join(map(repr, (*named, *_PLAIN)))
    msg = f"unknown request {ask!r:.40}: expected one of {known}"
    raise ValueError(msg)


def _parse_weights(
    message: Mapping[str, object], ask: str
) -> RowRequest | ColumnRequest | WindowRequest:
    of = message.get("of", "first")
    if of not in {"first", "second"}:
        msg = f"a {ask} is of the 'first' or the 'second' record, not of {of!r:.40}"
        raise ValueError(msg)
    layer, head = (_integer(message, name) for name in ("layer", "head"))
    if ask == "window":
        return parse_window(message, layer, head, str(of))
    if ask == "column":
        return parse_column(message, layer, head, _integer(message, "key"), str(of))
    mean = parse_mean(message, "a row")
    return RowRequest(layer, head, _integer(message, "query"), str(of), mean)


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
    if request.of == "second" and second is None:
        msg = "there is no second record any more"
        raise ValueError(msg)
    weights = record.weights if second is None or request.of == "first" else second.weights
    if not 0 <= request.query < len(record.tokens):
        msg = f"no query {request.query}: the record has queries 0 to {len(record.tokens) - 1}"
        raise IndexError(msg)
    mean = request.mean or Mean((request.layer,), (request.head,))
    row = mean.of(weights, record, request.query)
    return np.ascontiguousarray(row, dtype="<f4").tobytes()
