"""Attention by torch's compiled flex kernel: fast under sparse masks, and without weights."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

import torch
from torch._dynamo import config as compiler
from torch._dynamo import mark_static
from torch._dynamo.exc import FailOnRecompileLimitHit, TorchDynamoException
from torch._dynamo.utils import counters
from torch.nn.attention.flex_attention import flex_attention
from transformers import AttentionInterface, AttentionMaskInterface

from attn_widgets.interventions import InterventionError
from attn_widgets.masks import MaskBindError, causal, full, global_rows, local
from attn_widgets.models import attention
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.tables import LEAST, MOST_HEADS, block_mask, flat, starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from attn_widgets.interventions import Changes
    from attn_widgets.masks import Assignment, BoundMask, Mask
    from attn_widgets.models.capture import Call
    from attn_widgets.models.laying import Text
    from attn_widgets.models.passes import Passes
    from attn_widgets.record import Kind

    ScoreTest = Callable[..., torch.Tensor]

NAME: Final = "attn_widgets_flex"

_INSTEAD: Final = 'use engine="recorded"'
_DEVICES: Final = ("cpu", "cuda")
_LOOKED_AT: Final = 256
_MOST_BARE: Final = 1000
_COMPILES: Final = 64

_local = threading.local()


@dataclasses.dataclass(frozen=True, slots=True)
class Own:
    """The model's own mask, as an expression, in place of the tensor that it would be.

    Parameters
    ----------
    mask
        Causality, or a window.
    n_queries, n_keys
        Its lengths.
    """

    mask: Mask
    n_queries: int
    n_keys: int


class Flexed:
    """One run of one text through the flex kernel.

    Parameters
    ----------
    walk
        What numbers the calls.
    changes
        By stack, what it is run under.
    texts
        By stack, its text.

    Attributes
    ----------
    compile_seconds
        Time spent in calls that had to compile.

    Raises
    ------
    InterventionError
        If a change needs weights, or queries and keys of the run.
    """

    def __init__(
        self,
        walk: Passes,
        changes: Mapping[Kind, Changes],
        texts: Mapping[Kind, Text],
    ) -> None:
        self._walk = walk
        self._changes = changes
        self._texts = texts
        self._bias: tuple[torch.Tensor, ScoreTest] | None = None
        self._bounds: dict[tuple[Kind, Own, Mask], BoundMask] = {}
        self.compile_seconds = 0.0
        for change in changes.values():
            _refuse_changes(change)

    def attend(self, module: torch.nn.Module, inputs: attention.Inputs, own: Own) -> torch.Tensor:
        """Attend in one layer: ``(batch, queries, heads, dim)``.

        Raises
        ------
        UnsupportedModelError
            If the kernel cannot compute this layer.
        InterventionError, MaskBindError
            If a mask does not fit the text, or leaves a query nothing and may not.
        """
        call = self._walk.enter(module, inputs)
        if call is None:
            _refuse(f"{type(module).__name__} is no layer of the model that is run")
        _refuse_inputs(inputs)
        heads = inputs.query.shape[1]
        bounds = tuple(self._bound(call, own, head) for head in range(heads))
        try:
            blocks = block_mask(bounds, inputs.query.device)
            scored = self._scored(inputs)
        except MaskBindError as error:
            _refuse(str(error), error)
        before, start = _compiled_so_far(), time.perf_counter()
        mixed = kernel(inputs, blocks, scored)
        if _compiled_so_far() != before:
            self.compile_seconds += time.perf_counter() - start
        return mixed.transpose(1, 2).contiguous()

    def _bound(self, call: Call, own: Own, head: int) -> BoundMask:
        changes = self._changes.get(call.kind)
        mask = full()
        if changes is not None and changes.mask is not None:
            mask = _of_head(changes.mask, call.layer, head)
        place = (call.kind, own, mask)
        if place not in self._bounds:
            self._bounds[place] = self._filled(call, own, mask, head)
        return self._bounds[place]

    def _filled(self, call: Call, own: Own, mask: Mask, head: int) -> BoundMask:
        """Join a mask with the model's own, and do by the rows it empties as was said."""
        changes, text = self._changes.get(call.kind), self._texts[call.kind]
        lengths = (own.n_queries, own.n_keys)
        if lengths != (text.n_queries, len(text.key_tokens)):
            _refuse(f"the model lays {lengths} queries and keys over a text of other lengths")
        bound = (own.mask & mask).bind(*lengths, tokens=text.key_tokens)
        bare = [int(row) for row in bound.empty_rows()]
        if not bare or changes is None or changes.empty == "zero":
            return bound
        if changes.empty == "error" or call.kind == "cross":
            mends = "empty='zero'" if call.kind == "cross" else "empty='self' or empty='zero'"
            msg = (
                f"layer {call.layer}, head {head}, query {bare[0]} keeps no key that the model "
                f"allows ({len(bare)} such rows in this head): use {mends}"
            )
            raise InterventionError(msg)
        if len(bare) > _MOST_BARE:
            msg = f"{len(bare)} queries keep only themselves, at most {_MOST_BARE} can: {_INSTEAD}"
            raise InterventionError(msg)
        themselves = mask | (global_rows(*bare) & local(0))
        return (own.mask & themselves).bind(*lengths, tokens=text.key_tokens)

    def _scored(self, inputs: attention.Inputs) -> ScoreTest | None:
        if inputs.softcap is not None and inputs.bias is not None:
            _refuse("a soft-cap and a bias in one layer")
        if inputs.softcap is not None:
            return _capped(inputs.softcap, inputs.query.device)
        if inputs.bias is None:
            return None
        if self._bias is None or self._bias[0] is not inputs.bias:
            self._bias = (inputs.bias, _biased(inputs.bias))
        return self._bias[1]


@contextlib.contextmanager
def flexed(run: Flexed) -> Iterator[None]:
    """Let a run decide how models whose implementation is `NAME` attend in a block."""
    before = getattr(_local, "run", None)
    _local.run = run
    try:
        yield
    finally:
        _local.run = before


def refuse_device(device: torch.device) -> None:
    """Refuse a device that torch has no flex kernel for.

    Raises
    ------
    UnsupportedModelError
        If it has none.
    """
    if device.type not in _DEVICES:
        _refuse(f"the model is on {device.type!r}, and the kernel runs on {' and '.join(_DEVICES)}")


def _refuse(reason: str, cause: Exception | None = None) -> NoReturn:
    msg = f'engine="flex" cannot run this: {reason}; {_INSTEAD}'
    raise UnsupportedModelError(msg) from cause


def _refuse_changes(changes: Changes) -> None:
    if changes.edits:
        msg = f'engine="flex" runs masks, not edits ({changes.edits[0]!r}): {_INSTEAD}'
        raise InterventionError(msg)
    if changes.mask is not None and changes.mask.needs:
        needs = ", ".join(sorted(changes.mask.needs))
        msg = (
            f'{changes.mask!r:.60} is decided by data ({needs}) and engine="flex" runs masks that '
            f"are known before: {_INSTEAD}"
        )
        raise InterventionError(msg)


def _refuse_inputs(inputs: attention.Inputs) -> None:
    batch, heads = inputs.query.shape[:2]
    if inputs.sinks is not None:
        _refuse("attention sinks (a learned logit in the softmax), which torch's kernel lacks")
    if batch != 1:
        _refuse(f"a batch of {batch} texts, it takes one at a time")
    if heads > MOST_HEADS:
        _refuse(f"{heads} heads, it takes up to {MOST_HEADS}")


def _of_head(mask: Mask | Assignment, layer: int, head: int) -> Mask:
    return mask.for_head(layer, head) if hasattr(mask, "for_head") else mask


def _compiled_so_far() -> int:
    return int(counters["stats"]["unique_graphs"])


@functools.cache
def _compiled() -> Callable[..., torch.Tensor]:
    compiled: Callable[..., torch.Tensor] = torch.compile(
        flex_attention, dynamic=True, fullgraph=True
    )
    return compiled


def kernel(inputs: attention.Inputs, blocks: object, scored: ScoreTest | None) -> torch.Tensor:
    """Attend, ``(batch, heads, queries, dim)``; tokens are added up to the least length."""
    queries = inputs.query.shape[2]
    # past its limit torch would go on without compiling, which takes N^2 memory: here it raises
    with compiler.patch(recompile_limit=_COMPILES, accumulated_recompile_limit=4 * _COMPILES):
        try:
            mixed = _compiled()(
                _grown(inputs.query),
                _grown(inputs.key),
                _grown(inputs.value),
                score_mod=scored,
                block_mask=blocks,
                scale=inputs.scaling,
                enable_gqa=inputs.groups > 1,
            )
        except (TorchDynamoException, FailOnRecompileLimitHit, NotImplementedError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            _refuse(f"torch could not compile its kernel here ({reason})", error)
    return mixed[:, :, :queries]


def _grown(rows: torch.Tensor) -> torch.Tensor:
    more = max(LEAST - rows.shape[2], 0)
    return (
        torch.nn.functional.pad(rows, (0, 0, 0, more)).contiguous() if more else rows.contiguous()
    )


def _capped(softcap: float, device: torch.device) -> ScoreTest:
    cap = torch.full((1,), softcap, device=device)
    mark_static(cap)

    def score(
        value: torch.Tensor, _b: torch.Tensor, _h: torch.Tensor, _q: torch.Tensor, _k: torch.Tensor
    ) -> torch.Tensor:
        return torch.tanh(value / cap[0]) * cap[0]

    return score


def _biased(bias: torch.Tensor) -> ScoreTest:
    _, heads, queries, keys = bias.shape
    more = (0, max(LEAST - keys, 0), 0, max(LEAST - queries, 0))
    values = torch.nn.functional.pad(bias[0], more)
    device = bias.device
    table = flat(values)
    first = starts(values[0].numel() if heads > 1 else 0, MOST_HEADS, device, MOST_HEADS)
    rows = starts(values.shape[2], values.shape[1], device)

    def score(
        value: torch.Tensor,
        _b: torch.Tensor,
        head: torch.Tensor,
        query: torch.Tensor,
        key: torch.Tensor,
    ) -> torch.Tensor:
        return value + table[first[head] + rows[query] + key]

    return score


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Own | torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,  # noqa: ARG001 - a model in training mode is refused before
    **extra: Any,  # noqa: ANN401 - each family passes its own keywords
) -> tuple[torch.Tensor, None]:
    run: Flexed | None = getattr(_local, "run", None)
    if run is None:
        _refuse("the model was called outside a run of a ModelRunner")
    if isinstance(attention_mask, torch.Tensor) or extra.get("indices") is not None:
        _refuse("the model makes a mask of its own, by numbers or by data")
    inputs = attention.read_inputs(query, key, value, None, scaling, extra)
    own = attention_mask or Own(full(), query.shape[2], key.shape[2])
    return run.attend(module, inputs, own), None


def _own_mask(  # noqa: PLR0913 - the library's own arguments
    *,
    batch_size: int,
    q_length: int,
    kv_length: int,
    q_offset: int = 0,
    kv_offset: int = 0,
    mask_function: Callable[..., torch.Tensor],
    attention_mask: torch.Tensor | None = None,
    local_size: int | None = None,
    use_vmap: bool = False,
    **_rest: object,
) -> Own:
    """Recognise the model's own mask as one of those that have a closed form."""
    padded = attention_mask is not None and not bool(attention_mask.all())
    if padded or batch_size != 1:
        _refuse("a padded batch, it takes one text at a time")
    if q_offset or kv_offset:
        _refuse("a run that goes on from a cache")
    if use_vmap:
        _refuse("the model adds to its mask a test that is not known here")
    candidates = [causal(), full()]
    if local_size is not None:
        candidates = [local(left=local_size - 1, right=0), local(local_size)]
    rows = torch.linspace(0, q_length - 1, min(q_length, _LOOKED_AT)).round().long()
    zero = torch.zeros((1, 1, 1, 1), dtype=torch.long)
    query, key = rows.reshape(1, 1, -1, 1), torch.arange(kv_length).reshape(1, 1, 1, -1)
    theirs = mask_function(zero, zero, query, key).expand(1, 1, len(rows), kv_length)[0, 0]
    for candidate in candidates:
        bound = candidate.bind(q_length, kv_length)
        ours = torch.cat(
            [torch.from_numpy(bound.tile(r, r + 1, 0, kv_length)) for r in rows.tolist()]
        )
        if torch.equal(ours, theirs.cpu()):
            return Own(candidate, q_length, kv_length)
    return _refuse("the model's own mask is neither causal, nor a window, nor full")


AttentionInterface.register(NAME, _attend)
AttentionMaskInterface.register(NAME, _own_mask)
