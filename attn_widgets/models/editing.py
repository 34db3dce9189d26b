"""Carry out masks and edits inside a model's own attention, layer by layer."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import torch

from attn_widgets.interventions import (
    Ablate,
    Bias,
    InterventionError,
    Mute,
    SinkLogit,
    Uniform,
)
from attn_widgets.interventions.edits import columns
from attn_widgets.interventions.places import heads_of
from attn_widgets.models import attention
from attn_widgets.models.errors import RunStoppedError
from attn_widgets.models.laying import Laying
from attn_widgets.models.masked import legal, restrict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attn_widgets.interventions import Changes
    from attn_widgets.interventions.edits import Edit, TokenRef
    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.capture import Call
    from attn_widgets.models.interface import Observer
    from attn_widgets.models.laying import Text
    from attn_widgets.record import Kind


class Editing:
    """An observer that changes the calls of one stack before the model attends by them.

    Order: biases join the scores; the model's own mask (padding, causality), then ours; then heads
    and tokens are levelled and silenced. A query of padding is left as the model has it: nothing
    reads it.

    Parameters
    ----------
    inner
        Another observer, which numbers the calls and takes the weights under the change.
    kind
        The stack that is changed; the others run as they are.
    changes
        What is changed; already checked against the model's layers and heads.
    texts
        One per text of the batch, or none where nothing is known of them.
    growing
        Whether the tokens of the only text go on, as with a cache.
    stop
        Asked before every layer; the run ends when it says True.
    """

    def __init__(
        self,
        inner: Observer,
        kind: Kind,
        changes: Changes,
        texts: Sequence[Text] = (),
        *,
        growing: bool = False,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self._inner = inner
        self._kind = kind
        self._edits = changes.edits
        self._empty = changes.empty
        self._texts = texts
        self._stop = stop
        mask = changes.mask
        self._laying = None if mask is None else Laying(mask, texts, growing=growing)

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Change what a call attends by.

        Raises
        ------
        InterventionError
            If a mask leaves a query nothing and may not, or tokens are named and none are known.
        MaskBindError
            If a mask does not fit a text, or a text lacks a token that is named.
        RunStoppedError
            If the run is to end.
        """
        call = self._inner.enter(module, inputs)
        if call is None:
            return call
        if self._stop is not None and self._stop():
            msg = f"stopped before layer {call.layer} of the {call.kind}"
            raise RunStoppedError(msg)
        if call.kind != self._kind:
            return call
        changed = self._biased(call)
        if self._laying is not None:
            keep, padding = self._laying.keep(changed), self._laying.padding(changed)
            names = [text.name for text in self._texts]
            folded = restrict(changed, keep, padding, self._empty, names)
            changed = dataclasses.replace(changed, inputs=folded)
        for edit in self._edits:
            changed = self._edited(changed, edit)
        return changed

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Pass the weights on."""
        self._inner.record(place, weights)

    def _biased(self, call: Call) -> Call:
        """Add the biases to the model's own: both come after a soft-cap, and before the mask."""
        inputs = call.inputs
        total: torch.Tensor | None = inputs.bias
        for edit in self._edits:
            if isinstance(edit, Bias) and (heads := _heads(call, edit)):
                query, more = inputs.query, self._columns(call, edit.keys) * edit.by
                own = torch.zeros((1, query.shape[1], 1, 1), device=query.device)
                own[:, heads] = 1.0
                more = (own * more).expand(-1, -1, query.shape[2], -1)
                total = more if total is None else total + more
        return _with(call, bias=total)

    def _edited(self, call: Call, edit: Edit) -> Call:
        heads = _heads(call, edit)
        if not heads or isinstance(edit, Bias):
            return call
        if isinstance(edit, Uniform):
            return _levelled(call, heads)
        if isinstance(edit, SinkLogit):
            return _spared(call, heads, edit.logit)
        if isinstance(edit, Mute):
            gone = self._columns(call, edit.keys).transpose(2, 3) > 0
        elif isinstance(edit, Ablate):
            gone = torch.ones((1, 1, 1, 1), dtype=torch.bool, device=call.inputs.query.device)
        else:
            msg = f"{edit!r} is not known to the model runner"
            raise TypeError(msg)
        value = call.inputs.value
        value = attention.repeat(value, call.inputs.query.shape[1] // value.shape[1]).clone()
        value[:, heads] = value[:, heads].masked_fill(gone, 0.0)
        return _with(call, value=value)

    def _columns(self, call: Call, keys: Sequence[TokenRef]) -> torch.Tensor:
        """Mark the named keys by 1.0: ``(batch, 1, 1, keys)``."""
        n_keys, inputs = call.inputs.key.shape[2], call.inputs
        if not self._texts:
            msg = f"{keys!r} are named, but no tokens are known: give tokens="
            raise InterventionError(msg)
        marks = torch.zeros((len(self._texts), 1, 1, n_keys), device=inputs.query.device)
        for number, text in enumerate(self._texts):
            with text.named():
                found = columns(keys, text.key_tokens)
            named = torch.from_numpy(found)[inputs.dropped :][:n_keys]
            marks[number, 0, 0, : len(named)] = named.to(marks)
        return marks


def _heads(call: Call, edit: Edit) -> list[int]:
    return heads_of(edit.at, call.layer, call.inputs.query.shape[1])


def _levelled(call: Call, heads: list[int]) -> Call:
    """Give all keys that are allowed the same score, and a learned sink none."""
    inputs = call.inputs
    query = inputs.query.clone()
    query[:, heads] = 0.0
    allowed, mask, bias, sinks = legal(inputs), inputs.mask, inputs.bias, inputs.sinks
    if mask is not None and allowed is not None and mask.dtype != torch.bool:
        mask = mask.expand(-1, query.shape[1], -1, -1).clone()
        lowest = torch.finfo(mask.dtype).min
        flat = torch.where(allowed, 0.0, lowest).to(mask.dtype).expand_as(mask)
        mask[:, heads] = flat[:, heads]
    if bias is not None:
        bias = bias.expand(-1, query.shape[1], -1, -1).clone()
        bias[:, heads] = 0.0
    if sinks is not None:
        sinks = sinks.clone()
        sinks[heads] = torch.finfo(sinks.dtype).min
    return _with(call, query=query, mask=mask, bias=bias, sinks=sinks)


def _spared(call: Call, heads: list[int], logit: float) -> Call:
    """Put a score that belongs to no key in the softmax, beside a learned one if there is one."""
    query, sinks = call.inputs.query, call.inputs.sinks
    spent = torch.full((query.shape[1],), -math.inf, device=query.device)
    spent[heads] = logit
    return _with(call, sinks=spent if sinks is None else torch.logaddexp(sinks.float(), spent))


def _with(call: Call, **parts: object) -> Call:
    return dataclasses.replace(call, inputs=dataclasses.replace(call.inputs, **parts))  # type: ignore[arg-type]
