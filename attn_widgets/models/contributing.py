"""Measure the sizes of what a model's attention hands on, layer by layer as it runs."""

from __future__ import annotations

import dataclasses
import types
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis import messages
from attn_widgets.analysis.contributions import Contributions
from attn_widgets.models import memory
from attn_widgets.models.capture import Capture
from attn_widgets.models.parts import Reader
from attn_widgets.models.slopes import slopes
from attn_widgets.models.values import Following

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.messages import Layer, Sizes
    from attn_widgets.interventions import Changes
    from attn_widgets.models.capture import Selection
    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.slopes import Loss
    from attn_widgets.models.values import Written
    from attn_widgets.record import AttentionRecord


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What is measured beside the sizes.

    Parameters
    ----------
    effective
        Whether to measure effective attention.
    gradient
        Whether to measure gradients of the weights.
    loss
        Of what: ``"vector"``, ``"answers"``, or None for answers where there are any.
    """

    effective: bool = False
    gradient: bool = False
    loss: Loss | None = None


class _Text:
    """What is measured of one text, a layer at a time."""

    def __init__(self, shape: tuple[int, int, int, int] | None) -> None:
        self.effective = None if shape is None else np.empty(shape, np.float32)
        self.difference: list[float] = []
        self._sizes: list[Sizes] = []

    def add(self, layer: Layer, difference: float) -> None:
        """Measure one layer."""
        if self.effective is not None:
            self.effective[len(self._sizes)] = messages.effective_attention(layer)
        self._sizes.append(messages.sizes(layer))
        self.difference.append(difference)

    def every(self, name: str) -> NDArray[np.float64] | None:
        """Stack one part of all layers; None where a layer lacks it."""
        parts = [getattr(one, name) for one in self._sizes]
        return None if any(part is None for part in parts) else np.stack(parts)


def contributions(
    core: Core,
    prepared: Sequence[Prepared],
    changes: Changes,
    asked: Asked,
    stop: Callable[[], bool] | None = None,
) -> list[Contributions]:
    """Run a batch of texts, and measure each; see `ModelRunner.contributions`."""
    selection = core.select(prepared)
    mend = "Give a shorter text or max_length=" + (", or leave effective out" * asked.effective)
    with memory.named(selection, mend):
        return _contributions(core, prepared, selection, changes, asked, stop)


def _contributions(
    core: Core,
    prepared: Sequence[Prepared],
    selection: Selection,
    changes: Changes,
    asked: Asked,
    stop: Callable[[], bool] | None,
) -> list[Contributions]:
    stack, family = selection.stack, core.source.family
    if asked.effective and stack.kind == "decoder":
        msg = (
            "effective attention is not defined here for a decoder: what is taken from a row would "
            "fall on keys that its query cannot see; leave effective out"
        )
        raise ValueError(msg)
    shape = len(stack.names), stack.heads
    texts = [_Text((*shape, *own) if asked.effective else None) for own in selection.lengths]
    reader = Reader(stack.kind, family, selection.lengths)

    def take(number: int, wrote: Written) -> None:
        for text, (layer, difference) in zip(texts, reader.read(number, wrote), strict=True):
            text.add(layer, difference)

    capture = Capture(core.sites, selection)
    following = Following(capture, core.model.base_model, stack, family, take)
    with following.hooked():
        core.run(prepared, selection, changes, following, stop=stop)
    records = core.records(prepared, selection, changes, capture)
    absent = types.MappingProxyType(reader.absent)
    made = [_made(record, text, absent) for record, text in zip(records, texts, strict=True)]
    if not asked.gradient:
        return made
    return [
        dataclasses.replace(own, slopes=slopes(core, one, changes, asked.loss, stop))
        for own, one in zip(made, prepared, strict=True)
    ]


def _made(
    record: AttentionRecord, text: _Text, absent: types.MappingProxyType[str, str]
) -> Contributions:
    values, summed = text.every("values"), text.every("summed")
    return Contributions(
        record=record,
        values=np.empty(0) if values is None else values,
        summed=np.empty(0) if summed is None else summed,
        residual=text.every("residual"),
        normed=text.every("normed"),
        mixed=text.every("mixed"),
        mixed_normed=text.every("mixed_normed"),
        absent=absent,
        difference=np.array(text.difference),
        effective=text.effective,
    )
