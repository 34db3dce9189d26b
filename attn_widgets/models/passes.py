"""Number the calls of any number of forward passes that are not ours."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from attn_widgets.models.capture import Call, Walk
from attn_widgets.models.hooks import OwnHooks
from attn_widgets.models.stacks import is_seq2seq

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import torch

    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.stacks import Site, Stack
    from attn_widgets.record import Kind


class Passes(Walk):
    """Number the calls of any number of forward passes, and keep nothing of them.

    Parameters
    ----------
    sites
        The model's modules.
    stacks
        Its stacks.
    """

    def __init__(self, sites: Mapping[int, Site], stacks: Mapping[Kind, Stack]) -> None:
        super().__init__(sites)
        self._layers = {
            kind: {name: _places(stack.names, name) for name in stack.names}
            for kind, stack in stacks.items()
        }
        self._calls: dict[str, int] = {}

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Give a call its layer: by its module, and where layers share one by their order."""
        site = self._sites.get(id(module))
        layers = None if site is None else self._layers.get(site.kind, {}).get(site.name)
        if site is None or layers is None:
            return None
        calls = self._calls.get(site.name, 0)
        self._calls[site.name] = calls + 1
        layer = layers[calls % len(layers)]
        return Call(site.kind, layer, self.placed(site.kind, inputs), returned=True)

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Let the weights go."""

    @contextlib.contextmanager
    def counted_afresh(self, body: torch.nn.Module) -> Iterator[None]:
        """Begin with the first layer at each pass of this thread in a block.

        A pass that was broken off would shift the next one where layers share a module.
        """

        def begin(*_: object) -> None:
            self._calls.clear()

        with OwnHooks() as hooks:
            for module in [body, body.get_encoder()] if is_seq2seq(body) else [body]:
                hooks.before(module, begin)
            yield


def _places(names: tuple[str, ...], name: str) -> tuple[int, ...]:
    return tuple(place for place, other in enumerate(names) if other == name)
