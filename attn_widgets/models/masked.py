"""Run a model under a mask or a gate of ours, inside its own attention call."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Protocol

import torch

from attn_widgets.interventions import InterventionError
from attn_widgets.models import interface
from attn_widgets.models.passes import Passes
from attn_widgets.models.stacks import sites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from attn_widgets.interventions.changes import Empty
    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.capture import Call
    from attn_widgets.models.runner import ModelRunner
    from attn_widgets.record import Kind

# Families that give their mask as floats forbid a pair by -1e4 or a number far below it.
_FORBIDDEN = -9_999.0


class Rule(Protocol):
    """What decides, call by call, which pairs a layer keeps."""

    def __call__(self, call: Call) -> torch.Tensor | None:
        """Decide one layer.

        Returns
        -------
        torch.Tensor or None
            Broadcastable to ``(batch, heads, queries, keys)``: bool (True keeps the pair), or
            floats to add to the scores (the log of a soft gate, differentiable); None keeps all.
        """


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    """A rule that is known before the run.

    Parameters
    ----------
    keep
        Per layer a tensor as :class:`Rule` returns it; a layer that is missing keeps all.
    """

    keep: Mapping[int, torch.Tensor]

    def __call__(self, call: Call) -> torch.Tensor | None:
        """Give the layer's tensor."""
        kept = self.keep.get(call.layer)
        return None if kept is None else kept.to(call.inputs.query.device)


class Masked:
    """An observer that puts a rule on the calls of one stack and passes them on.

    Parameters
    ----------
    inner
        Another observer, which numbers the calls and takes the weights under the rule.
    kind
        The stack the rule is for; the others run as they are.
    rule
        What decides.
    """

    def __init__(self, inner: interface.Observer, kind: Kind, rule: Rule) -> None:
        self._inner = inner
        self._kind = kind
        self._rule = rule

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Fold the rule into the mask of a call.

        Raises
        ------
        InterventionError
            If the rule does not fit the scores, or leaves a query of a cross-attention nothing.
        """
        call = self._inner.enter(module, inputs)
        if call is None or call.kind != self._kind:
            return call
        decided = self._rule(call)
        return call if decided is None else dataclasses.replace(call, inputs=fold(call, decided))

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Pass the weights on."""
        self._inner.record(place, weights)


@contextlib.contextmanager
def masked(
    runner: ModelRunner,
    rule: Rule,
    *,
    stack: Kind | None = None,
    inner: interface.Observer | None = None,
) -> Iterator[None]:
    """Put a rule on all that ``runner.model`` computes in a block, in this thread.

    The order is padding, then causality, both the model's own, then the rule. A query always keeps
    itself, so no row of a text is emptied. The model answers as before afterwards, bit for bit,
    also after an error.

    Parameters
    ----------
    runner
        The runner of the model.
    rule
        What decides, see :class:`Rule`.
    stack
        The stack it is for; by default the model's first.
    inner
        An observer of the weights under the rule.

    Raises
    ------
    ValueError
        If the model has no such stack.
    InterventionError
        Inside the block, if the rule does not fit.
    """
    kind = stack_of(runner, stack)
    body = runner.model.base_model
    passes = Passes(sites(body, next(iter(runner.stacks))), runner.stacks)
    observer = Masked(inner or passes, kind, rule)
    with passes.counted_afresh(body), interface.Switch(runner.model).observed(observer):
        yield


def stack_of(runner: ModelRunner, wanted: Kind | None) -> Kind:
    """Give a stack's kind, the model's first by default.

    Raises
    ------
    ValueError
        If the model has no such stack.
    UnsupportedModelError
        If the model is only shown, and cannot be changed.
    """
    runner.refuse_shown()
    first: Kind = next(iter(runner.stacks))
    if wanted is not None and wanted not in runner.stacks:
        msg = f"stack is {wanted!r}: this model has {', '.join(map(repr, runner.stacks))}"
        raise ValueError(msg)
    return wanted or first


def fold(call: Call, decided: torch.Tensor) -> Inputs:
    """Put what a rule decided on top of the model's own mask; a query keeps itself.

    Parameters
    ----------
    call
        The call and what went into it.
    decided
        As :class:`Rule` returns it.

    Raises
    ------
    InterventionError
        If `decided` does not fit the scores, or a query of a cross-attention keeps nothing.
    """
    inputs = call.inputs
    _check_shape(call, decided)
    own = own_pairs(call)
    if decided.dtype != torch.bool:
        soft = torch.where(own, 0.0, decided).to(inputs.query.dtype)
        return dataclasses.replace(inputs, mask=_sum(inputs.mask, soft))
    keep = decided | own
    return restrict(call, keep[(None,) * (4 - keep.dim())], hidden_queries(call), "self")


def restrict(
    call: Call,
    keep: torch.Tensor,
    padding: torch.Tensor,
    empty: Empty,
    names: Sequence[str] = (),
) -> Inputs:
    """Put pairs on top of the model's own mask.

    A row of padding that is left no key stays as the model has it: nothing reads it, and an empty
    row would turn to NaN.

    Parameters
    ----------
    call
        The call and what went into it.
    keep
        The pairs that are kept: bool, broadcastable to ``(batch, heads, queries, keys)``.
    padding
        The queries that are padding: bool, broadcastable to ``(batch, 1, queries, 1)``.
    empty
        What becomes of another query that is left no key: ``"error"``, ``"self"`` (it looks at its
        own key) or ``"zero"`` (it gets nothing).
    names
        What the texts of the batch are called in messages; none where nobody knows.

    Raises
    ------
    InterventionError
        If there is one, and `empty` is ``"error"``, or ``"self"`` where no key is its own.
    """
    inputs = call.inputs
    allowed = legal(inputs)
    both = keep if allowed is None else keep & allowed
    bare = ~both.any(dim=-1, keepdim=True)
    silent = inputs.silent
    if bool(bare.any()):
        theirs = torch.ones_like(both) if allowed is None else allowed.expand_as(both)
        both = torch.where(bare & padding, theirs, both)
        bare = bare & ~padding
        if empty == "self":
            both = both | (bare & own_pairs(call) & theirs)
            bare = bare & ~both.any(dim=-1, keepdim=True)
        if bool(bare.any()):
            if empty != "zero":
                raise InterventionError(_sentence(call, bare, empty, names))
            # the softmax needs something to share out; what these rows get is thrown away
            both = torch.where(bare, theirs, both)
            silent = bare if silent is None else silent | bare
    return dataclasses.replace(inputs, mask=_joined(inputs.mask, both), silent=silent)


def hidden_queries(call: Call) -> torch.Tensor:
    """Take for padding each query whose own key the model hides: bool ``(batch, 1, queries, 1)``.

    In cross-attention no key is a query's own, and none is taken for padding.
    """
    allowed = legal(call.inputs)
    if allowed is None or call.kind == "cross":
        return torch.zeros((1, 1, 1, 1), dtype=torch.bool, device=call.inputs.query.device)
    return ~(allowed & own_pairs(call)).any(dim=-1, keepdim=True).any(dim=1, keepdim=True)


def own_pairs(call: Call) -> torch.Tensor:
    """Mark each query's own key: bool ``(queries, keys)``, none in cross-attention.

    With a cache there are more keys than queries, and the queries are not the first of them.
    """
    inputs = call.inputs
    queries, keys, device = inputs.query.shape[2], inputs.key.shape[2], inputs.query.device
    if call.kind == "cross":
        return torch.zeros((queries, keys), dtype=torch.bool, device=device)
    rows = torch.arange(queries, device=device) + (inputs.start - inputs.dropped)
    return rows[:, None] == torch.arange(keys, device=device)


def legal(inputs: Inputs) -> torch.Tensor | None:
    """Say which pairs the model's own mask allows, or None where it allows all."""
    if inputs.mask is None or inputs.mask.dtype == torch.bool:
        return inputs.mask
    return inputs.mask > _FORBIDDEN


def _sum(mask: torch.Tensor | None, soft: torch.Tensor) -> torch.Tensor:
    if mask is None:
        return soft
    if mask.dtype == torch.bool:
        return torch.where(mask, soft, torch.finfo(soft.dtype).min)
    return mask + soft


def _joined(mask: torch.Tensor | None, both: torch.Tensor) -> torch.Tensor:
    """Put pairs on a mask; one of floats keeps its numbers where it is not forbidden."""
    if mask is None or mask.dtype == torch.bool:
        return both
    full = mask.expand(torch.broadcast_shapes(mask.shape, both.shape))
    return full.masked_fill(~both, torch.finfo(mask.dtype).min)


def _sentence(call: Call, bare: torch.Tensor, empty: Empty, names: Sequence[str]) -> str:
    places = bare.nonzero().tolist()
    text, head, query, _ = places[0]
    which = [f"layer {call.layer}"]
    if bare.shape[0] > 1:
        name = names[text] if len(names) > 1 else ""
        which.append(f"the text {name}" if name else f"text {text} of the batch")
    which += [f"head {head}"] if bare.shape[1] > 1 else []
    mends = ["let the mask keep a key for every query", 'give Changes((mask,), empty="zero")']
    why = ""
    if call.kind == "cross":
        why = ", and in cross-attention no key is its own" if empty == "self" else ""
    elif empty == "error":
        mends = ["add | local(0) to the mask", 'give Changes((mask,), empty="self") or "zero"']
    return (
        f"{', '.join(which)}: query {query} would keep no key that the model allows{why} "
        f"({len(places)} such rows in this layer): {', or '.join(mends)}"
    )


def _check_shape(call: Call, decided: torch.Tensor) -> None:
    query, key = call.inputs.query, call.inputs.key
    wanted = (*query.shape[:3], key.shape[2])
    given = tuple(decided.shape)
    fits = len(given) <= len(wanted) and all(
        size in (1, want) for size, want in zip(given[::-1], wanted[::-1], strict=False)
    )
    if not fits:
        msg = (
            f"layer {call.layer}: a mask of shape {given} does not fit "
            f"(batch, heads, queries, keys) = {wanted}"
        )
        raise InterventionError(msg)
