"""What a reader chooses in an explorer: two-way traits, checked against the record on show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets as t

from attn_widgets.widgets import mask_effect
from attn_widgets.widgets.traits import MaskTrait, one_of, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.masks import BoundMask, Mask
    from attn_widgets.record import AttentionRecord

SPECIAL_MODES = ("off", "mark", "hide", "hide_renormalise")
MASK_READINGS = ("outside", "renormalised")
LANGUAGES = ("auto", "en", "ja")


class Selection(NamedTuple):
    """What is picked: a head by the model's own numbers, and a query and key by position."""

    layer: int
    head: int
    query: int | None
    key: int | None


class Settings(t.HasTraits):
    """The choices of one explorer; see :class:`attn_widgets.AttentionExplorer` for each."""

    layers = t.Tuple(t.Int(), t.Int(), default_value=(0, 0)).tag(sync=True)
    heads = t.Tuple().tag(sync=True)
    layer = t.Int().tag(sync=True)
    head = t.Int().tag(sync=True)
    query = t.Int(default_value=None, allow_none=True).tag(sync=True)
    key = t.Int(default_value=None, allow_none=True).tag(sync=True)
    # The pointer drives these two: an echo of an older value would pull the slider back.
    threshold = t.Float(0.0).tag(sync=True, echo_update=False)
    mask = MaskTrait().tag(echo_update=False)
    special_mode = t.Enum(SPECIAL_MODES, default_value="mark").tag(sync=True)
    mask_shown = t.Bool(default_value=True).tag(sync=True)
    mask_reading = t.Enum(MASK_READINGS, default_value="outside").tag(sync=True)
    lang = t.Enum(LANGUAGES, default_value="auto").tag(sync=True)

    _mask_effect = t.Dict().tag(sync=True)

    _shown: AttentionRecord
    _bound: BoundMask | None = None

    @classmethod
    def names(cls) -> list[str]:
        """Name the settings, in the order above."""
        synced = Settings.class_own_traits(sync=True)
        return [name for name in vars(Settings) if name in synced and not name.startswith("_")]

    @property
    def selected(self) -> Selection:
        """What the reader has picked."""
        return Selection(self.layer, self.head, self.query, self.key)

    @t.validate("layers")
    def _check_layers(self, proposal: Mapping[str, Any]) -> tuple[int, int]:
        first, last = proposal["value"]
        have = self._shown.layers
        if first not in have or last not in have or first > last:
            msg = (
                f"layers={(first, last)!r}: expected (first, last) with first <= last, "
                f"both among this record's layers, {spoken(have)}"
            )
            raise t.TraitError(msg)
        return first, last

    @t.validate("heads")
    def _check_heads(self, proposal: Mapping[str, Any]) -> tuple[int, ...]:
        heads: Sequence[Any] = proposal["value"]
        have = self._shown.heads
        if not heads or any(isinstance(head, bool) or head not in have for head in heads):
            msg = (
                f"heads={tuple(heads)!r}: expected at least one of this record's heads, "
                f"{spoken(have)}"
            )
            raise t.TraitError(msg)
        return tuple(sorted(set(heads)))

    @t.validate("layer")
    def _check_layer(self, proposal: Mapping[str, Any]) -> int | None:
        return one_of("layer", proposal["value"], self._shown.layers, "layers")

    @t.validate("head")
    def _check_head(self, proposal: Mapping[str, Any]) -> int | None:
        return one_of("head", proposal["value"], self._shown.heads, "heads")

    @t.validate("query")
    def _check_query(self, proposal: Mapping[str, Any]) -> int | None:
        return one_of("query", proposal["value"], range(self._shown.shape[2]), "queries")

    @t.validate("key")
    def _check_key(self, proposal: Mapping[str, Any]) -> int | None:
        return one_of("key", proposal["value"], range(self._shown.shape[3]), "keys")

    @t.validate("threshold")
    def _check_threshold(self, proposal: Mapping[str, Any]) -> float:
        value = float(proposal["value"])
        if not 0 <= value <= 1:
            msg = f"threshold={value!r}: expected a weight from 0 to 1"
            raise t.TraitError(msg)
        return value

    @t.validate("mask")
    def _check_mask(self, proposal: Mapping[str, Any]) -> Mask | None:
        mask: Mask | None = proposal["value"]
        try:
            bound = None if mask is None else mask_effect.bind(mask, self._shown)
            effect = mask_effect.describe(bound, self._shown)
        except ValueError as error:
            raise t.TraitError(str(error)) from error
        self._bound, self._mask_effect = bound, effect
        return mask
