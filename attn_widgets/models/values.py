"""Follow what attention writes: values, the output weight, the residual stream, its norm."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from transformers.pytorch_utils import Conv1D

from attn_widgets.models import attention
from attn_widgets.models.drift import blocks
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.hooks import OwnHooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.capture import Call
    from attn_widgets.models.interface import Observer
    from attn_widgets.models.stacks import Stack

_ROUNDINGS = 4


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The weight and the bias of a module, each None where it has none.

    Those of a linear module are ``(in, out)`` and ``(out,)``.
    """

    weight: torch.Tensor | None
    bias: torch.Tensor | None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What one attention layer of a batch wrote, and what became of it.

    Attributes
    ----------
    weights, value
        ``(batch, heads, queries, keys)`` and ``(batch, key heads, keys, value_dim)``.
    output
        The numbers of the linear module that takes all heads' outputs side by side.
    result
        What it gave, ``(batch, queries, hidden)``.
    stream
        The residual stream after that: `result` and `carried` added up; None where no such sum is
        handed to any module of the layer.
    carried
        What the residual connection carried.
    own_norm
        Whether `result` goes through a norm of its own before it is added.
    norm, normed
        The norm that `stream` is given to, and what that gave.
    scaling
        The numbers of that norm; None where `normed` is.
    closed
        Whether the layer ends with a norm, so that `norm` is on the residual stream (post-LN).
    """

    weights: torch.Tensor
    value: torch.Tensor
    output: Numbers
    result: torch.Tensor
    stream: torch.Tensor | None
    carried: torch.Tensor | None
    own_norm: bool
    norm: torch.nn.Module | None
    normed: torch.Tensor | None
    scaling: Numbers | None
    closed: bool


@dataclasses.dataclass(slots=True)
class _Block:
    """What is known of a layer so far.

    A residual connection may carry any of `states`: what the block was given, and what its norms
    were given and gave before the attention.
    """

    states: list[torch.Tensor] = dataclasses.field(default_factory=list)
    weights: torch.Tensor | None = None
    value: torch.Tensor | None = None
    heads: torch.Tensor | None = None
    output: torch.nn.Module | None = None
    numbers: Numbers | None = None
    result: torch.Tensor | None = None
    stream: torch.Tensor | None = None
    carried: torch.Tensor | None = None
    own_norm: bool = False
    norm: torch.nn.Module | None = None
    normed: torch.Tensor | None = None
    scaling: Numbers | None = None
    last: torch.Tensor | None = None


class Following:
    """An observer that, with its hooks, follows what every layer of one stack writes.

    The output weight is that of the first linear module that is called with the heads' outputs side
    by side; what cannot be recognised by its numbers is not taken.

    Parameters
    ----------
    inner
        Another observer, which numbers the calls.
    body
        The model below its head.
    stack
        The stack that is followed.
    family
        The model's ``model_type``, for messages.
    take
        Given the number of each layer and what it wrote, at the end of its block.

    Raises
    ------
    UnsupportedModelError
        If the stack's layers are in no list.
    """

    def __init__(
        self,
        inner: Observer,
        body: torch.nn.Module,
        stack: Stack,
        family: str,
        take: Callable[[int, Written], None],
    ) -> None:
        self._inner = inner
        self._body = body
        self._stack = stack
        self._family = family
        self._take = take
        self._blocks = blocks(body, stack)
        self._now: _Block | None = None
        self._taken = 0

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Pass the call on."""
        return self._inner.enter(module, inputs)

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Keep what the heads of a layer are about to write, and pass the weights on."""
        self._inner.record(place, weights)
        if place.kind != self._stack.kind:
            return
        now = self._now
        if now is None or now.weights is not None:
            self._refuse(f"its attention call {place.layer + 1} is not alone in its layer")
        value = place.inputs.value
        now.weights, now.value = weights, value
        now.heads = attention.output(weights, value, place.inputs.query.dtype).flatten(2)

    @contextlib.contextmanager
    def hooked(self) -> Iterator[None]:
        """Follow what this thread runs in a block of code; no hook is left behind.

        Raises
        ------
        UnsupportedModelError
            If the output weight of a layer is not found.
        """
        with OwnHooks() as hooks:
            for block in dict.fromkeys(self._blocks):
                hooks.before(block, self._begin)
            for module in self._body.modules():
                if _is_linear(module) or _is_norm(module):
                    hooks.before(module, self._given)
                    hooks.after(module, self._gave)
            for block in dict.fromkeys(self._blocks):
                hooks.after(block, self._end)
            yield

    def _begin(
        self, module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if self._taken >= len(self._blocks) or self._blocks[self._taken] is not module:
            self._refuse(f"its layers are not called one after the other, from layer {self._taken}")
        self._now = _Block()
        self._now.states += [
            given
            for given in (*args, *kwargs.values())
            if isinstance(given, torch.Tensor) and given.is_floating_point()
        ][:1]

    def _given(self, module: torch.nn.Module, args: tuple[Any, ...], _kwargs: object) -> None:
        now = self._now
        if now is None or not args or not isinstance(args[0], torch.Tensor):
            return
        if now.heads is None:
            if _is_norm(module):
                now.states.append(args[0])
        elif now.output is None:
            if _is_linear(module) and _same(args[0], now.heads):
                now.output, now.heads = module, args[0]
        elif args[0].data_ptr() == now.heads.data_ptr():
            self._refuse("the heads' outputs go through two modules side by side")
        elif now.stream is None:
            self._look_for_sum(now, module, args[0])

    def _look_for_sum(self, now: _Block, module: torch.nn.Module, given: torch.Tensor) -> None:
        """See whether a module was given what the layer wrote, added to what was carried."""
        result = now.result
        if result is None or given.numel() != result.numel():
            return
        given = given.reshape(result.shape)
        if _is_norm(module) and not now.own_norm and _same(given, result):
            now.own_norm = True
            return
        for state in reversed(now.states):
            if state.numel() == given.numel() and _same(result + state.reshape(given.shape), given):
                now.stream, now.carried = given, state.reshape(given.shape)
                now.norm = module if _is_norm(module) else None
                return

    def _gave(self, module: torch.nn.Module, args: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401, ARG002 - torch calls it with all three
        now = self._now
        if now is None or not isinstance(output, torch.Tensor):
            return
        if module is now.output and now.result is None:
            now.result, now.numbers = output, self._numbers(module)
        if not _is_norm(module):
            return
        now.last = output
        if now.heads is None:
            now.states.append(output)
        elif module is now.norm and now.normed is None and now.stream is not None:
            now.normed = output.reshape(now.stream.shape)
            now.scaling = self._numbers(module)

    def _end(self, module: torch.nn.Module, args: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401, ARG002 - torch calls it with all three
        now, self._now = self._now, None
        if (
            now is None
            or now.weights is None
            or now.value is None
            or now.numbers is None
            or now.result is None
        ):
            self._refuse(
                f"no linear module was given the heads' outputs of layer {self._taken} as they are"
            )
        left = output[0] if isinstance(output, tuple) else output
        wrote = Written(
            weights=now.weights,
            value=now.value,
            output=now.numbers,
            result=now.result,
            stream=now.stream,
            carried=now.carried,
            own_norm=now.own_norm,
            norm=now.norm,
            normed=now.normed,
            scaling=now.scaling,
            closed=now.last is not None and _same(left, now.last),
        )
        self._take(self._taken, wrote)
        self._taken += 1

    def _numbers(self, module: torch.nn.Module) -> Numbers:
        """Take a module's weight and bias, if need be from where ``accelerate`` keeps them."""
        weight: Any = None
        bias: Any = None
        with _in_memory(module):
            weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
        if any(part is not None and part.is_meta for part in (weight, bias)):
            self._refuse(f"the numbers of its {type(module).__name__} are not in memory")
        if isinstance(module, torch.nn.Linear):
            weight = weight.T
        return Numbers(weight, bias)

    def _refuse(self, what: str) -> NoReturn:
        msg = (
            f"{self._family!r}: {what}, so how its {self._stack.kind} turns values into its output "
            "is not known, and contributions cannot be measured; weights can: use run()"
        )
        raise UnsupportedModelError(msg)


def roundings(dtype: torch.dtype) -> float:
    """Give how far two results of the same sum may be apart, as a share of the largest number."""
    return _ROUNDINGS * float(torch.finfo(dtype).eps)


@contextlib.contextmanager
def _in_memory(module: torch.nn.Module) -> Iterator[None]:
    """Have a module's numbers in memory, as ``accelerate`` has them while the module computes."""
    if not any(own.is_meta for own in module.parameters(recurse=False)):
        yield
        return
    from accelerate.utils import align_module_device  # noqa: PLC0415 - only where it put them away

    with align_module_device(module):
        yield


def _is_linear(module: torch.nn.Module) -> bool:
    return isinstance(module, torch.nn.Linear | Conv1D)


def _is_norm(module: torch.nn.Module) -> bool:
    return "norm" in type(module).__name__.lower() and not any(True for _ in module.children())


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Say whether two tensors are equal to rounding, whatever their shapes."""
    if one.numel() != other.numel():
        return False
    apart = (one.reshape(other.shape) - other).abs().max()
    return bool(apart <= roundings(other.dtype) * other.abs().max())
