"""What a reader chooses in an explorer: two-way traits, checked against the record on show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets as t

from attn_widgets.analysis.token_groups import GROUPS, SPECIAL_GROUPS
from attn_widgets.widgets import mask_effect
from attn_widgets.widgets.traits import Choice, EditsTrait, MaskTrait, one_of, spoken, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.masks import Assignment, Mask
    from attn_widgets.record import AttentionRecord

SPECIAL_MODES = ("off", "mark", "hide", "hide_renormalise")
MASK_READINGS = ("outside", "renormalised")
RECORDS_SHOWN = ("first", "second", "difference")
LANGUAGES = ("auto", "en", "ja")
VIEWS = ("matrix", "lines", "text", "neuron", "layers", "table")
BADGES = ("special", "entropy", "kept", "class", "importance")
ORDERS = ("model", "high", "low", "group")
SCALES = ("sqrt", "linear", "log", "row", "head")
COLORS = ("magma", "viridis", "cividis")
DENSITIES = ("notebook", "projector")
LINKS = ("all", "aa", "ab", "ba", "bb")
LOOKS = ("at", "by")
AVERAGES = ("shown", "layer")
MOST_COMPARED = 8


class Selection(NamedTuple):
    """What is picked: a head by the model's own numbers, and a query and key by position."""

    layer: int
    head: int
    query: int | None
    key: int | None


class Settings(t.HasTraits):
    """The choices of one explorer; see :class:`attn_widgets.AttentionExplorer` for each."""

    # What these may be depends on the record, so the checks below say all of it.
    layers = Choice(default_value=(0, 0)).tag(sync=True)
    heads = Choice(default_value=()).tag(sync=True)
    layer = Choice(default_value=0).tag(sync=True)
    head = Choice(default_value=0).tag(sync=True)
    query = Choice(default_value=None).tag(sync=True)
    key = Choice(default_value=None).tag(sync=True)
    # The pointer drives these two: an echo of an older value would pull the slider back.
    threshold = t.Float(0.0).tag(sync=True, echo_update=False)
    mask = MaskTrait().tag(echo_update=False)
    special_mode = t.Enum(SPECIAL_MODES, default_value="mark").tag(sync=True)
    special_roles = Choice(default_value=SPECIAL_GROUPS).tag(sync=True)
    special_from = t.Enum((None, *SPECIAL_GROUPS), default_value=None, allow_none=True).tag(
        sync=True
    )
    mask_shown = t.Bool(default_value=True).tag(sync=True)
    mask_reading = t.Enum(MASK_READINGS, default_value="outside").tag(sync=True)
    edits = EditsTrait()
    shown = t.Enum(RECORDS_SHOWN, default_value="first").tag(sync=True)
    view = t.Enum(VIEWS, default_value="matrix").tag(sync=True)
    averaged = t.Bool(default_value=False).tag(sync=True)
    averaged_over = t.Enum(AVERAGES, default_value="shown").tag(sync=True)
    compared = Choice(default_value=()).tag(sync=True)
    zoom = Choice(default_value=None).tag(sync=True, echo_update=False)
    looks = t.Enum(LOOKS, default_value="at").tag(sync=True)
    links = t.Enum(LINKS, default_value="all").tag(sync=True)
    top = t.Float(1.0).tag(sync=True, echo_update=False)
    rollout = t.Bool(default_value=False).tag(sync=True)
    badge = t.Enum(BADGES, default_value="special").tag(sync=True)
    order = t.Enum(ORDERS, default_value="model").tag(sync=True)
    badge_range = Choice(default_value=(0.0, 1.0)).tag(sync=True, echo_update=False)
    scale = t.Enum(SCALES, default_value="sqrt").tag(sync=True)
    colors = t.Enum(COLORS, default_value="magma").tag(sync=True)
    density = t.Enum(DENSITIES, default_value="notebook").tag(sync=True)
    lang = t.Enum(LANGUAGES, default_value="auto").tag(sync=True)

    _mask_effect = t.Dict().tag(sync=True)
    _mask_cells = t.Bytes().tag(sync=True)
    _cells = t.Bytes().tag(sync=True)
    _cells_shape: t.List[int] = t.List().tag(sync=True)

    _shown: AttentionRecord
    _laid: mask_effect.Laid | None = None

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
        value = proposal["value"]
        have = self._shown.layers
        pair = whole_numbers(value)
        if pair is None or len(pair) != 2 or not set(pair) <= set(have) or pair[0] > pair[1]:  # noqa: PLR2004 - first and last
            msg = (
                f"layers={value!r}: expected (first, last) with first <= last, "
                f"both among this record's layers, {spoken(have)}"
            )
            raise t.TraitError(msg)
        return pair[0], pair[1]

    @t.validate("heads")
    def _check_heads(self, proposal: Mapping[str, Any]) -> tuple[int, ...]:
        value = proposal["value"]
        have = self._shown.heads
        heads = whole_numbers(value)
        if not heads or not set(heads) <= set(have):
            msg = f"heads={value!r}: expected one or more of this record's heads, {spoken(have)}"
            raise t.TraitError(msg)
        return tuple(sorted(set(heads)))

    @t.validate("compared")
    def _check_compared(self, proposal: Mapping[str, Any]) -> tuple[int, ...]:
        value = proposal["value"]
        have = self._shown.heads
        heads = whole_numbers(value)
        if heads is None or not set(heads) <= set(have) or len(set(heads)) > MOST_COMPARED:
            msg = (
                f"compared={value!r:.80}: expected at most {MOST_COMPARED} of this record's heads, "
                f"{spoken(have)}, or none"
            )
            raise t.TraitError(msg)
        return tuple(sorted(set(heads)))

    @t.validate("layer")
    def _check_layer(self, proposal: Mapping[str, Any]) -> int:
        return one_of("layer", proposal["value"], self._shown.layers, "layers")

    @t.validate("head")
    def _check_head(self, proposal: Mapping[str, Any]) -> int:
        return one_of("head", proposal["value"], self._shown.heads, "heads")

    @t.validate("query")
    def _check_query(self, proposal: Mapping[str, Any]) -> int | None:
        value = proposal["value"]
        return one_of("query", value, range(self._shown.shape[2]), "queries", or_none=True)

    @t.validate("key")
    def _check_key(self, proposal: Mapping[str, Any]) -> int | None:
        value = proposal["value"]
        return one_of("key", value, range(self._shown.shape[3]), "keys", or_none=True)

    @t.validate("special_roles")
    def _check_special_roles(self, proposal: Mapping[str, Any]) -> tuple[str, ...]:
        value = proposal["value"]
        names = None if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
        if names is None or not all(name in GROUPS for name in names):
            msg = f"special_roles={value!r:.80}: expected some of {', '.join(map(repr, GROUPS))}"
            raise t.TraitError(msg)
        return tuple(name for name in GROUPS if name in names)

    @t.validate("threshold")
    def _check_threshold(self, proposal: Mapping[str, Any]) -> float:
        value = float(proposal["value"])
        if not 0 <= value <= 1:
            msg = f"threshold={value!r}: expected a weight from 0 to 1"
            raise t.TraitError(msg)
        return value

    @t.validate("zoom")
    def _check_zoom(self, proposal: Mapping[str, Any]) -> tuple[int, ...] | None:
        value = proposal["value"]
        if value is None:
            return None
        _, _, queries, keys = self._shown.shape
        window = whole_numbers(value)
        if (
            window is None
            or len(window) != 4  # noqa: PLR2004 - two ends of two axes
            or not 0 <= window[0] < window[1] <= queries
            or not 0 <= window[2] < window[3] <= keys
        ):
            msg = (
                f"zoom={value!r}: expected (first query, query end, first key, key end) within "
                f"{queries} queries and {keys} keys, or None for all of them"
            )
            raise t.TraitError(msg)
        return window

    @t.validate("top")
    def _check_top(self, proposal: Mapping[str, Any]) -> float:
        value = float(proposal["value"])
        if not 0 < value <= 1:
            msg = f"top={value!r}: expected a share of each row's keys above 0 and up to 1"
            raise t.TraitError(msg)
        return value

    @t.validate("badge_range")
    def _check_badge_range(self, proposal: Mapping[str, Any]) -> tuple[float, float]:
        value = proposal["value"]
        try:
            low, high = (float(end) for end in value)
        except (TypeError, ValueError):
            low, high = 1.0, 0.0
        if not 0 <= low <= high <= 1:
            msg = f"badge_range={value!r}: expected (low, high) with 0 <= low <= high <= 1"
            raise t.TraitError(msg)
        return low, high

    @t.validate("mask")
    def _check_mask(self, proposal: Mapping[str, Any]) -> Mask | Assignment | None:
        mask: Mask | Assignment | None = proposal["value"]
        try:
            laid = None if mask is None else mask_effect.lay(mask, self._shown)
            effect = mask_effect.describe(laid)
        except (ValueError, IndexError) as error:
            raise t.TraitError(str(error)) from error
        _, _, n_queries, n_keys = self._cells_shape
        self._laid = laid
        self._mask_effect = effect
        self._mask_cells = mask_effect.cells(laid, (n_queries, n_keys))
        return mask
