"""Numbers over depth, and where a token's information comes from through all layers below."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import traitlets as t

from attn_widgets.analysis import context_share, measure
from attn_widgets.analysis.norm_shares import norm_shares, ratio, special_sum, stage_sizes
from attn_widgets.analysis.reading import read
from attn_widgets.analysis.rollout import RESIDUAL, is_chain, with_residual
from attn_widgets.widgets import payload
from attn_widgets.widgets.neuron import ScoreRequest, first_query, position, score
from attn_widgets.widgets.stills import Stills

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.analysis import Contributions
    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.reading import Reading
    from attn_widgets.record import AttentionRecord

_DIGITS = 6


@dataclasses.dataclass(frozen=True, slots=True)
class DepthRequest:
    """Ask for the numbers of every layer."""


@dataclasses.dataclass(frozen=True, slots=True)
class DiagnosisRequest:
    """Ask for the diagnosis of the text on show."""


@dataclasses.dataclass(frozen=True, slots=True)
class RolloutRequest:
    """Ask where a token comes from; without a `query`, the first word, after `layer`."""

    layer: int
    query: int | None


Told: TypeAlias = ScoreRequest | DepthRequest | DiagnosisRequest | RolloutRequest
"""What is answered in a trait."""


class Deep(Stills):
    """A widget that tells of one score, and of all layers, when it is asked to.

    ``_depth`` holds what :func:`profiles` gives, ``_rollout`` what :func:`rollouts` gives for the
    last token that was asked for, ``_score`` what :func:`score` gives for the last pair, and
    ``_diagnosis`` what :func:`attn_widgets.widgets.payload.cards` gives; all are empty before the
    first question.
    """

    _score = t.Dict().tag(sync=True)
    _depth = t.Dict().tag(sync=True)
    _rollout = t.Dict().tag(sync=True)
    _diagnosis = t.Dict().tag(sync=True)

    _sizes: Contributions | None = None
    """The sizes of the same run, where they were measured."""

    def _tell(self, request: Told) -> None:
        if isinstance(request, ScoreRequest):
            self._score = score(self._shown, request)
        elif isinstance(request, DepthRequest):
            self._depth = profiles(self._shown, self._sizes)
        elif isinstance(request, DiagnosisRequest):
            self._diagnosis = payload.cards(self._shown)
        else:
            self._rollout = rollouts(self._shown, request, self._sizes)

    def _take_sizes(self, sizes: Contributions) -> None:
        """Take the sizes of the run on show; what was told without them is out of date."""
        self._sizes = sizes
        self._depth, self._rollout = {}, {}

    def _complete(self) -> None:
        super()._complete()
        if not self._depth:
            self._tell(DepthRequest())
        if not self._diagnosis:
            self._tell(DiagnosisRequest())
        self._tell(RolloutRequest(self.layer, self.query))
        self._tell(ScoreRequest(self.layer, self.head, self.query, self.key))


def parse_rollout(message: Mapping[str, object], layer: int) -> RolloutRequest:
    """Read which token a request names.

    Raises
    ------
    ValueError
        If it is no position and not null.
    """
    return RolloutRequest(layer, position(message, "query"))


def profiles(record: AttentionRecord, sizes: Contributions | None = None) -> dict[str, Any]:
    """Measure what is drawn over depth beside the shares of special tokens.

    Returns
    -------
    dict
        ``heads``, a table ``(layers, heads)`` by name: ``itself``, ``previous``, ``next`` and
        ``local`` (of text alone), as in :func:`neighbour_shares`, and ``entropy``, normalised; None
        where it is not defined. ``even``, what each would be if every query looked at all it sees
        alike. ``layers``, a number per layer, of the last stage of norms that is known:
        ``special``, what special tokens contribute, and ``context``, what other words do.
    """
    made = measure(record)
    near = made.neighbours
    tables: dict[str, Floats64] = {"entropy": made.entropy}
    even: dict[str, float] = {"entropy": 1.0}
    if near is not None:
        sides = ("itself", "previous", "next", "local")
        tables = {name: getattr(near, name) for name in sides} | tables
        even |= _even(read(record), near.reach)
    return {
        "heads": {name: _plain(table) for name, table in tables.items()},
        "even": {name: round(value, _DIGITS) for name, value in even.items()},
        "layers": {} if sizes is None else _of_norms(sizes, record.layers),
    }


def rollouts(
    record: AttentionRecord, request: RolloutRequest, sizes: Contributions | None = None
) -> dict[str, Any]:
    r"""Follow one token down through the layers, by attention and, where known, by norms.

    .. math:: v_{l} = v_{l+1} \tilde A_{l}, \qquad v_{L+1} = e_i

    so that the last row is row i of :func:`attention_rollout` after layer L, or of
    :func:`norm_rollout`.

    Returns
    -------
    dict
        ``asked``, the request; and either ``absent``: ``"cross"``, ``"gap"`` (layers are missing)
        or ``"part"`` (of a text); or ``layer``, ``query`` and, as little-endian float32 of shape
        ``(steps + 1, keys)``, ``raw`` and ``norms`` (None where not known): first the token alone,
        then what it is made up of before each layer, from `layer` down.

    Raises
    ------
    IndexError
        If the layer or query is not in the record.
    """
    last = record.layer_index(request.layer)
    query = first_query(record) if request.query is None else request.query
    if not 0 <= query < record.shape[2]:
        msg = f"no query {query}: the record has query positions 0 to {record.shape[2] - 1}"
        raise IndexError(msg)
    asked = [request.layer, request.query]
    reading = read(record)
    if not is_chain(reading):
        whole = len(reading.queries) == len(reading.keys)
        why = "cross" if not reading.aligned else "gap" if whole else "part"
        return {"asked": asked, "absent": why}
    norms = None
    if sizes is not None and sizes.record.layers == record.layers:
        stages = stage_sizes(sizes, reading, None)[: last + 1]
        norms = [ratio(stage, stage.sum(axis=1, keepdims=True)) for stage in stages]
    mixed = with_residual(reading, RESIDUAL)[: last + 1]
    return {
        "asked": asked,
        "layer": request.layer,
        "query": query,
        "raw": _down(reading, mixed, query),
        "norms": None if norms is None else _down(reading, norms, query),
    }


def _down(reading: Reading, steps: Sequence[Floats64], query: int) -> bytes:
    shares = np.zeros((len(steps) + 1, len(reading.record.key_tokens)), "<f4")
    at = (reading.queries == query).astype(np.float64)  # of padding nothing is known: all 0
    shares[0, reading.keys] = at
    for number, step in enumerate(reversed(steps), 1):
        at = at @ step
        shares[number, reading.keys] = at
    return shares.tobytes()


def _even(reading: Reading, reach: int) -> dict[str, float]:
    """Say what a look at all that can be seen alike would give, the mean over the same queries."""
    rows = reading.rows("content")
    own = (np.arange(len(reading.queries)) + reading.lead)[rows]
    visible = reading.visible[rows]
    text = np.concatenate([[0], np.cumsum(~reading.special())])
    near = text[np.minimum(own + reach + 1, visible)] - text[np.maximum(own - reach, 0)]
    shares = {"itself": 1 / visible, "local": near / visible}
    for name, step in (("previous", -1), ("next", 1)):
        there = (own + step >= 0) & (own + step < visible)
        shares[name] = 1 / visible[there]
    return {name: float(share.mean()) for name, share in shares.items() if len(share)}


def _of_norms(sizes: Contributions, layers: Sequence[int]) -> dict[str, list[float | None]]:
    rows = [sizes.record.layer_index(layer) for layer in layers]
    made = {"special": special_sum(norm_shares(sizes))}
    if read(sizes.record).aligned:
        made["context"] = context_share(sizes)
    return {name: _plain(shares[rows]) for name, shares in made.items()}


def _plain(values: Floats64) -> list[Any]:
    rounded = values.round(_DIGITS).astype(object)
    rounded[np.isnan(values)] = None
    plain: list[Any] = rounded.tolist()
    return plain
