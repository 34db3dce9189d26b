"""Which attention modules a model has, by name, and the stack each one belongs to."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from attn_widgets.record import Kind

# A decoder's two attentions can be one class (T5) with one layer number: only the path tells.
_CROSS = re.compile(r"encoder_attn|encdecattention|cross_?att", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """An attention module of a model: its path and its stack."""

    name: str
    kind: Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Stack:
    """The attention layers of one stack, as one dense run called them.

    Parameters
    ----------
    kind
        Which stack.
    names
        Module path per layer, in the order of the calls; a shared module (ALBERT) appears once per
        layer.
    heads, key_heads
        Query heads and key heads of every layer; the most key heads where layers differ.
    head_dim
        Size of a query, or None where layers differ in it or in key heads.
    """

    kind: Kind
    names: tuple[str, ...]
    heads: int
    key_heads: int
    head_dim: int | None


def takes(module: torch.nn.Module, name: str) -> bool:
    """Say whether a module's forward names an argument."""
    return name in _parameters(type(module).forward)


@functools.cache
def _parameters(forward: Callable[..., object]) -> frozenset[str]:
    return frozenset(inspect.signature(forward).parameters)


def is_seq2seq(model: torch.nn.Module) -> bool:
    """Say whether a model reads a source and a target."""
    return takes(model, "decoder_input_ids")


def sites(model: torch.nn.Module, own: Kind) -> dict[int, Site]:
    """List a model's modules by identity.

    Layer numbers in the modules are missing or restart per stack in many families; identity and
    path do not.

    Parameters
    ----------
    model
        A ``transformers`` model.
    own
        The kind of the only stack, for a model that is not an encoder-decoder.

    Returns
    -------
    dict
        ``id(module)`` to :class:`Site`.
    """
    seq2seq = is_seq2seq(model)
    encoder = {id(module) for module in model.get_encoder().modules()} if seq2seq else set()
    found: dict[int, Site] = {}
    for name, module in model.named_modules():
        kind = own
        if _CROSS.search(name):
            kind = "cross"
        elif seq2seq:
            kind = "encoder" if id(module) in encoder else "decoder"
        found[id(module)] = Site(name, kind)
    return found
