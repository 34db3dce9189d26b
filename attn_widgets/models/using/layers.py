"""Freeze layers of a model or start them anew, and take it back."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import torch
import transformers

from attn_widgets.models.errors import UnsupportedModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from attn_widgets.models.runner import ModelRunner

Model: TypeAlias = "torch.nn.Module | ModelRunner"
"""A ``transformers`` model, or the runner of one."""

_FLAG = "_is_hf_initialized"
_NAMED = 6


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class LayerChange:
    """What was changed in a model, and the way back: ``undo()``, or the end of a ``with`` block.

    Attributes
    ----------
    action
        ``"frozen"`` or ``"reinitialized"``.
    layers
        Which, counted from 0.
    parameters
        The names of the parameters that were changed.
    numbers
        How many numbers these hold.
    beside
        Which of the parameters belong to none of the layers.
    """

    action: Literal["frozen", "reinitialized"]
    layers: tuple[int, ...]
    parameters: tuple[str, ...]
    numbers: int
    beside: tuple[str, ...]
    _model: torch.nn.Module
    _before: Mapping[str, Any]

    def undo(self) -> None:
        """Put back what was there before: who is trained, or the former values, bit for bit."""
        own = dict(self._model.named_parameters()) | dict(self._model.named_buffers())
        for name, before in self._before.items():
            if isinstance(before, bool):
                own[name].requires_grad_(before)
            else:
                with torch.no_grad():
                    own[name].copy_(before)

    def __enter__(self) -> Self:
        """Keep the change for a block of code."""
        return self

    def __exit__(self, *_: object) -> None:
        """Undo it."""
        self.undo()

    def __repr__(self) -> str:
        """Say what was changed."""
        layers = ", ".join(map(str, self.layers)) or "none"
        more = len(self.beside) - _NAMED
        beside = ", ".join(self.beside[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        with_it = f", and beside them {beside}" if beside else ""
        return (
            f"LayerChange({self.action}: layers {layers}{with_it}; "
            f"{len(self.parameters)} parameters, {self.numbers:,} numbers; undo() takes it back)"
        )


def freeze_layers(
    model: Model,
    bottom: int | None = None,
    *,
    layers: Iterable[int] | None = None,
    embeddings: bool = True,
    stack: Literal["encoder", "decoder"] | None = None,
) -> LayerChange:
    """Keep layers from being trained.

    In our runs on one 6-layer encoder freezing the lower layers prevented a collapse at too high a
    learning rate; nothing shows that it mends one that has happened.

    Parameters
    ----------
    model
        A ``transformers`` model, or a runner.
    bottom
        The lowest so many layers.
    layers
        Or which, counted from 0.
    embeddings
        Whether what comes before the first layer is frozen, too: of an encoder-decoder model, what
        comes there in the chosen stack, with its word embeddings, but nothing of the other stack.
        Whatever shares the weights of the word embeddings is frozen with them: most often the
        head, and those of the other stack. `beside` of the change names it all.
    stack
        For an encoder-decoder model, which.

    Raises
    ------
    ValueError
        If not exactly one of `bottom` and `layers` is given, or there are no such layers.
    UnsupportedModelError
        If layers cannot be told, or share their weights.
    """
    body, name, blocks = _blocks(model, stack)
    chosen = _chosen(bottom, layers, len(blocks), "bottom")
    inside = {id(own) for layer in chosen for own in blocks[layer].parameters()}
    wanted = inside | {id(own) for own in (_before_layers(body, name) if embeddings else ())}
    whole = _module(model)
    found = {key: own for key, own in whole.named_parameters() if id(own) in wanted}
    beside = tuple(key for key, own in found.items() if id(own) not in inside)
    before = {key: own.requires_grad for key, own in found.items()}
    for own in found.values():
        own.requires_grad_(requires_grad=False)
    return LayerChange("frozen", chosen, tuple(found), _count(found), beside, whole, before)


def reinitialize_layers(
    model: Model,
    top: int | None = None,
    *,
    layers: Iterable[int] | None = None,
    seed: int = 0,
    stack: Literal["encoder", "decoder"] | None = None,
) -> LayerChange:
    """Start layers anew, as their family does before any training.

    Zhang et al. 2021 (arXiv 2006.05987), section 5, start the top 1 to 6 layers of BERT anew before
    fine-tuning on few examples. Attention to special tokens was not their criterion.

    Parameters
    ----------
    model, stack
        As in :func:`freeze_layers`.
    top
        The highest so many layers.
    layers
        Or which, counted from 0.
    seed
        Of the numbers drawn; those of the program around are left alone.

    Raises
    ------
    ValueError, UnsupportedModelError
        As :func:`freeze_layers`.
    """
    _, _, blocks = _blocks(model, stack)
    chosen = _chosen(top, layers, len(blocks), "top")
    whole = _module(model)
    tensors = dict(whole.named_parameters()) | dict(whole.named_buffers())
    wanted = {
        id(own)
        for layer in chosen
        for own in (*blocks[layer].parameters(), *blocks[layer].buffers())
    }
    found = {key: own for key, own in tensors.items() if id(own) in wanted}
    before = {key: own.detach().clone() for key, own in found.items()}
    with _seeded(seed, found.values()), torch.no_grad():
        for layer in chosen:
            family = _family(whole, blocks[layer])
            with _unmarked(blocks[layer]):
                for module in reversed(list(blocks[layer].modules())):
                    family._init_weights(module)  # noqa: SLF001 - the family's own initialisation has no public name
    return LayerChange("reinitialized", chosen, tuple(found), _count(found), (), whole, before)


def _module(model: Model) -> torch.nn.Module:
    found = model if isinstance(model, torch.nn.Module) else model.model
    if not isinstance(found, transformers.PreTrainedModel):
        msg = f"expected a transformers model or a ModelRunner, not {type(found).__name__}"
        raise TypeError(msg)
    return found


def _blocks(model: Model, stack: str | None) -> tuple[torch.nn.Module, str, list[torch.nn.Module]]:
    """Find the list of layers: the one as long as the model is deep, and in no other list."""
    body: torch.nn.Module = _module(model).base_model
    config = body.config.get_text_config()
    lists = {
        name: list(module)
        for name, module in body.named_modules()
        if isinstance(module, torch.nn.ModuleList)
    }
    outer = {
        name: blocks
        for name, blocks in lists.items()
        if not any(name.startswith(f"{other}.") for other in lists)
    }
    kinds = ("num_hidden_layers", "num_decoder_layers", "decoder_layers")
    depths = {getattr(config, kind, None) for kind in kinds}
    fit = {
        name: blocks
        for name, blocks in outer.items()
        if len(blocks) in depths and (stack is None or name.split(".")[0] == stack)
    }
    if len(fit) != 1:
        have = ", ".join(f"{name!r} ({len(blocks)})" for name, blocks in outer.items()) or "none"
        msg = (
            f"layers of {type(body).__name__} cannot be told: expected one list of "
            f"{config.num_hidden_layers} modules, and its lists are {have}; "
            "for an encoder-decoder model give stack='encoder' or 'decoder'"
        )
        raise UnsupportedModelError(msg)
    name, blocks = next(iter(fit.items()))
    return body, name, blocks


def _before_layers(body: torch.nn.Module, name: str) -> list[torch.nn.Parameter]:
    """Give what is registered before the first layer: of two stacks, only in that layer's own.

    There, a norm of embeddings is registered after the layers that it comes before.
    """
    two = getattr(body.config, "is_encoder_decoder", False)
    if two:
        stack, _, name = name.partition(".")
        body = body.get_submodule(stack)
    keys = [key for key, _ in body.named_parameters()]
    first = next(place for place, key in enumerate(keys) if key.startswith(f"{name}."))
    return [
        own
        for place, (key, own) in enumerate(body.named_parameters())
        if place < first or (two and key.startswith("layernorm_embedding."))
    ]


def _chosen(
    count: int | None, layers: Iterable[int] | None, depth: int, name: Literal["bottom", "top"]
) -> tuple[int, ...]:
    if (count is None) == (layers is None):
        msg = f"give either {name}=, a number of layers, or layers=, which: exactly one of them"
        raise ValueError(msg)
    if layers is None:
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= depth:
            msg = f"{name} is {count!r}: expected a number of layers from 0 to {depth}"
            raise ValueError(msg)
        return tuple(range(count) if name == "bottom" else range(depth - count, depth))
    given = sorted(set(layers))
    if not all(number in range(depth) for number in given):
        msg = f"layers are {given}: expected whole numbers from 0 to {depth - 1}"
        raise ValueError(msg)
    return tuple(int(number) for number in given)


def _family(whole: torch.nn.Module, block: torch.nn.Module) -> Any:  # noqa: ANN401 - a class of the library's
    """Find the innermost model that holds a block: a part may be of another family."""
    holders = [
        module
        for module in whole.modules()
        if isinstance(module, transformers.PreTrainedModel)
        and any(own is block for own in module.modules())
    ]
    return min(holders, key=lambda module: len(list(module.modules())))


@contextlib.contextmanager
def _unmarked(block: torch.nn.Module) -> Iterator[None]:
    """Take away the library's marks of what is loaded, which its initialisation leaves alone."""
    marked = [own for own in (*block.parameters(), *block.buffers()) if getattr(own, _FLAG, False)]
    for own in marked:
        delattr(own, _FLAG)
    try:
        yield
    finally:
        for own in marked:
            setattr(own, _FLAG, True)


@contextlib.contextmanager
def _seeded(seed: int, tensors: Iterable[torch.Tensor]) -> Iterator[None]:
    devices = {own.device for own in tensors if own.device.type == "cuda"}
    with torch.random.fork_rng(devices=[device.index for device in devices]):
        torch.manual_seed(seed)
        yield


def _count(found: Mapping[str, torch.Tensor]) -> int:
    return sum(own.numel() for own in found.values())
