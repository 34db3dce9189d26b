"""Our attention function inside ``transformers``: registered once, switched on for one run."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, Protocol

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask

from attn_widgets.models import attention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.models.capture import Call

NAME = "attn_widgets"


class Observer(Protocol):
    """What follows a run: it is told of each layer's attention as it happens."""

    def enter(self, module: torch.nn.Module, inputs: attention.Inputs) -> Call | None:
        """Name the place of a call, or None if the module is none of the observed model's.

        The model attends by the inputs of the answer, which may hold another mask than it gave.
        """

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Take the weights of that call, shape ``(batch, heads, queries, keys)``."""


_local = threading.local()

# A model keeps the name of its implementation in its configurations, which models may share:
# two runs at a time in one process would restore each other's names.
_switching = threading.RLock()

# What configurations said before each block that goes on, the outermost first.
_open: list[dict[int, str]] = []


class Switch:
    """Switch a model's attention implementation, and back.

    A model keeps the name of its implementation in its configurations; the library's own setter
    walks all modules, so what it decides is remembered.

    Parameters
    ----------
    model
        A ``transformers`` model.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self._model = model
        self._configs = _configs(model)
        self._decided: dict[str, list[str]] = {}

    @contextlib.contextmanager
    def to(self, implementation: str, *, forced: bool = False) -> Iterator[None]:
        """Use an implementation in a block; the former one comes back however the block ends.

        Where blocks overlap, the last one to end brings it back.

        Parameters
        ----------
        implementation
            Its name.
        forced
            Whether to write the name without asking the model, which may stay with its own without
            a word (Falcon) or refuse the name for a part of it.
        """
        with _switching:
            before = dict(zip(map(id, self._configs), self._names(), strict=True))
            _open.append(before)
            try:
                if forced:
                    self._set([implementation] * len(self._configs))
                elif implementation in self._decided:
                    self._set(self._decided[implementation])
                else:
                    self._model.set_attn_implementation(implementation)
                    self._decided[implementation] = self._names()
                yield
            finally:
                self._close(before)

    @contextlib.contextmanager
    def observed(self, observer: Observer) -> Iterator[None]:
        """Use our attention function in a block, with `observer` told of every call.

        The observer is seen by this thread only. Blocks may be nested: a call whose module the
        inner observer does not know goes to the outer one, which may follow another model.
        """
        with self.to(NAME):
            entry = (observer,)
            _local.entries = (entry, *_entries())
            try:
                yield
            finally:
                _local.entries = tuple(one for one in _entries() if one is not entry)

    def _close(self, before: dict[int, str]) -> None:
        """Put names back, or leave that to the next block that began after and still goes on."""
        place = next(number for number, one in enumerate(_open) if one is before)
        del _open[place]
        for config in self._configs:
            number, name = id(config), before[id(config)]
            later = next((one for one in _open[place:] if number in one), None)
            if later is None:
                config._attn_implementation_internal = name  # noqa: SLF001 - as below
            else:
                later[number] = name

    def _names(self) -> list[str]:
        return [config._attn_implementation_internal for config in self._configs]  # noqa: SLF001 - the public setter also writes every sub-configuration

    def _set(self, names: list[str]) -> None:
        for config, name in zip(self._configs, names, strict=True):
            config._attn_implementation_internal = name  # noqa: SLF001 - as above


def _configs(model: torch.nn.Module) -> list[Any]:
    found: dict[int, Any] = {}
    queue = [module.config for module in model.modules() if hasattr(module, "config")]
    while queue:
        config = queue.pop()
        if id(config) not in found and hasattr(config, "_attn_implementation_internal"):
            found[id(config)] = config
            queue += [getattr(config, name, None) for name in config.sub_configs]
    return list(found.values())


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **extra: Any,  # noqa: ANN401 - each family passes its own keywords
) -> tuple[torch.Tensor, torch.Tensor | None]:
    inputs = attention.read_inputs(query, key, value, attention_mask, scaling, extra)
    observer, place = _entered(module, inputs)
    inputs = inputs if place is None else place.inputs
    weights = attention.weights(attention.scores(inputs), inputs.sinks)
    if inputs.silent is not None:
        weights = weights.masked_fill(inputs.silent, 0.0)
    if observer is not None and place is not None:
        observer.record(place, weights)
    if module.training and dropout:
        weights = torch.nn.functional.dropout(weights, p=dropout)
    mixed = attention.output(weights, inputs.value, query.dtype)
    return mixed, weights.to(query.dtype) if place is None or place.returned else None


def _entered(
    module: torch.nn.Module, inputs: attention.Inputs
) -> tuple[Observer, Call] | tuple[None, None]:
    """Ask the observers of this thread, the innermost first, which one knows the module."""
    for (observer,) in _entries():
        place = observer.enter(module, inputs)
        if place is not None:
            return observer, place
    return None, None


def _entries() -> tuple[tuple[Observer], ...]:
    found: tuple[tuple[Observer], ...] = getattr(_local, "entries", ())
    return found


def _bool_mask(*args: Any, **kwargs: Any) -> torch.Tensor:  # noqa: ANN401 - the library's own arguments
    """Build the model's mask as bools (batch, 1, queries, keys), never skipped.

    The library leaves a mask out where its own kernels can do without: a function of ours would
    then look at padding and into the future. The mask remembers the positions it was built for,
    which its shape does not tell where a cache has a fixed size or lets old keys go.
    """
    skips = {"allow_is_causal_skip": False, "allow_is_bidirectional_skip": False}
    mask = sdpa_mask(*args, **{**kwargs, **skips})
    span = (int(kwargs.get("q_offset", 0)), int(kwargs.get("kv_offset", 0)))
    setattr(mask, attention.SPAN, span)
    return mask


AttentionInterface.register(NAME, _attend)
AttentionMaskInterface.register(NAME, _bool_mask)
