"""The library's own eager attention, changed from outside, call by call: a second way to edit."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attn_widgets.models import ModelRunner

    Attend = Callable[..., tuple[torch.Tensor, torch.Tensor]]
    Change = Callable[[int, Attend, "Arguments"], tuple[torch.Tensor, torch.Tensor]]

LOWEST = torch.finfo(torch.float32).min


class Arguments:
    """What one call of eager attention is given."""

    def __init__(self, module: torch.nn.Module, given: tuple[Any, ...], named: dict[str, Any]):
        self.module = module
        self.query, self.key, self.value, self.mask = given
        self.named = named


@contextlib.contextmanager
def eager(runner: ModelRunner, kind: str, change: Change) -> Iterator[list[torch.Tensor]]:
    """Let `change` stand between each attention module of a stack and eager attention.

    Yields a list that fills with the weights of the stack, layer by layer.
    """
    model = runner.model
    stack = runner.stacks[kind]
    names = {id(module): name for name, module in model.base_model.named_modules()}
    named = dict(model.base_model.named_modules())
    files = {type(named[name]).__module__ for name in stack.names}
    before = model.config._attn_implementation
    seen: list[torch.Tensor] = []

    def wrap(own: Attend) -> Attend:
        def attend(
            module: torch.nn.Module, *given: Any, **more: Any
        ) -> tuple[torch.Tensor, torch.Tensor]:
            place = len(seen) % len(stack.names)
            if names[id(module)] not in stack.names:
                return own(module, *given, **more)
            assert names[id(module)] == stack.names[place]
            output, weights = change(place, own, Arguments(module, given, more))
            seen.append(weights)
            return output, weights

        return attend

    owns = {file: sys.modules[file].eager_attention_forward for file in files}
    try:
        for file, own in owns.items():
            sys.modules[file].eager_attention_forward = wrap(own)
        model.set_attn_implementation("eager")
        with torch.no_grad():
            yield seen
    finally:
        model.set_attn_implementation(before)
        for file, own in owns.items():
            sys.modules[file].eager_attention_forward = own


def plain(own: Attend, given: Arguments) -> tuple[torch.Tensor, torch.Tensor]:
    """Attend as the library does."""
    return own(given.module, given.query, given.key, given.value, given.mask, **given.named)


def adding(added: Callable[[int, torch.Size], torch.Tensor]) -> Change:
    """Add floats ``(batch, heads, queries, keys)`` to the mask of each layer."""

    def change(layer: int, own: Attend, given: Arguments) -> tuple[torch.Tensor, torch.Tensor]:
        query, key = given.query, given.key
        more = added(layer, torch.Size((*query.shape[:3], key.shape[2])))
        given.mask = more if given.mask is None else (given.mask + more).clamp(min=LOWEST)
        return plain(own, given)

    return change


def forbidding(
    keep: Callable[[int, int, int, int], bool], lengths: list[tuple[int, int]]
) -> Change:
    """Forbid pairs: ``keep(layer, head, query, key)`` says which stay; padding stays as it is."""

    def added(layer: int, shape: torch.Size) -> torch.Tensor:
        floats = torch.zeros(shape)
        for text, (queries, keys) in enumerate(lengths):
            for head in range(shape[1]):
                for query in range(queries):
                    for key in range(keys):
                        if not keep(layer, head, query, key):
                            floats[text, head, query, key] = LOWEST
        return floats

    return adding(added)
