"""BigBird, whose maps get lost when it changes its mode of attention."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from attn_widgets.models.hooks import OwnHooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch


@contextlib.contextmanager
def caught(body: torch.nn.Module, length: int) -> Iterator[list[torch.Tensor] | None]:
    """Catch the maps of a BigBird as its layers give them; any other model is let be.

    On a text too short for its pattern it puts other modules in the place of its sparse ones while
    it runs. The library hangs its hooks for ``output_attentions`` on those that are there when it
    is first asked, and on no others ever after; so it must not be asked here. A BigBird is left in
    the mode that it ran in.

    Parameters
    ----------
    body
        Any model.
    length
        Tokens of the text.

    Yields
    ------
    list or None
        The maps, one layer each, once the model has run; None for any other model.
    """
    config: Any = body.config
    if config.model_type != "big_bird":
        yield None
        return
    if length <= (5 + 2 * config.num_random_blocks) * config.block_size:
        body.set_attention_type("original_full")
    maps: list[torch.Tensor] = []

    def keep(_module: torch.nn.Module, _given: object, gave: tuple[torch.Tensor, ...]) -> None:
        maps.append(gave[1])

    with OwnHooks() as hooks:
        for layer in body.encoder.layer:
            hooks.after(layer.attention.self, keep)
        yield maps
