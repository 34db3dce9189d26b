"""An explorer's second record: which of the two is drawn, or how they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from attn_widgets.export import levels
from attn_widgets.widgets.means import Mean, between
from attn_widgets.widgets.second import Second
from attn_widgets.widgets.stills import Drawn, Stills

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.record import AttentionRecord
    from attn_widgets.widgets.second import Kind


class Comparing(Stills):
    """A widget that may hold a second record, laid over the one on show."""

    _second = t.Dict().tag(sync=True)
    _second_cells = t.Bytes().tag(sync=True)
    _second_focus = t.Bytes().tag(sync=True)

    _other: Second | None = None

    @property
    def second(self) -> AttentionRecord | None:
        """The second record; assigning one lays it over the first, None takes it away.

        Assigning raises a :class:`ValueError` where the two have not the same layers and heads, or
        no word in common.
        """
        return None if self._other is None else self._other.other.record

    @second.setter
    def second(self, record: AttentionRecord | None) -> None:
        if record is None:
            self._take_second(None)
        else:
            self._take_second(self._lay_second(record, "record", " / ".join(record.text)))
            self.shown = "difference"

    @property
    def alike(self) -> bool:
        """Whether there is a second record, whose tokens are all those of the first."""
        return self._other is not None and self._other.other.whole

    def moved_most(self) -> tuple[int, int]:
        """Name the layer and head that differ most between the two records, of those shown.

        Raises
        ------
        ValueError
            If there is no second record.
        """
        if self._other is None:
            msg = "there is no second record to have moved to"
            raise ValueError(msg)
        first, last = self.layers
        table = self._second["moved"]
        layers = [layer for layer in self._shown.layers if first <= layer <= last]
        return max(
            ((layer, head) for layer in layers for head in self.heads),
            key=lambda at: table[self._shown.layer_index(at[0])][self._shown.head_index(at[1])],
        )

    def _drawn(self) -> Drawn:
        first = super()._drawn()
        if self._other is None or self.shown == "first":
            return first
        other = np.frombuffer(self._second_cells, np.uint8).reshape(first.cells.shape)
        return Drawn(
            other,
            first.cells if self.shown == "difference" else None,
            self._other.other.queries < 0,
            self._other.other.keys < 0,
        )

    def _in_full(self) -> Drawn:
        first = super()._in_full()
        if self._other is None or self.shown == "first":
            return first
        return Drawn(
            levels.encode(self._weights_of(self._other.other.weights)),
            first.cells if self.shown == "difference" else None,
            self._other.other.queries < 0,
            self._other.other.keys < 0,
        )

    def _second_name(self) -> str:
        return "" if self._other is None else self._other.name or self._other.kind

    def _mean(self) -> Mean | None:
        """Say which heads are drawn as one; None where one head is."""
        if not self.averaged:
            return None
        alone = self.averaged_over == "layer"
        layers = (self.layer,) if alone else between(self._shown.layers, *self.layers)
        return Mean(layers, tuple(self.heads))

    def _lay_second(self, record: AttentionRecord, kind: Kind, name: str) -> Second:
        return Second.lay(self._shown, record, kind, name)

    def _take_second(self, other: Second | None) -> None:
        with self.hold_sync():
            self._other = other
            if other is None:
                self.shown = "first"
                self._second, self._second_cells, self._second_focus = {}, b"", b""
                return
            _, _, n_queries, n_keys = self._cells_shape
            self._second = other.describe(self._shown)
            hiding = self._hiding(self._shown, self.shown)
            self._second_cells = other.cells((n_queries, n_keys), hiding)
            self._refocus_second()

    def _refocus_second(self) -> None:
        """Send the second record's head whole where that of the first is sent whole."""
        if self._other is None or not self._focus_place:
            self._second_focus = b""
            return
        layer, head, n_queries, n_keys, *heads = self._focus_place
        size, hiding = (n_queries, n_keys), self._hiding(self._shown, self.shown)
        if heads:
            mean = Mean(between(self._shown.layers, layer, head), tuple(heads))
            self._second_focus = self._other.mean(mean, self._shown, size, hiding)
            return
        row, column = self._shown.layer_index(layer), self._shown.head_index(head)
        self._second_focus = self._other.focus(row, column, size, hiding)

    @t.validate("shown")
    def _check_shown(self, proposal: Mapping[str, Any]) -> str:
        value: str = proposal["value"]
        if value != "first" and self._other is None:
            msg = (
                f"shown={value!r}: there is no second record; assign one to .second, or run the "
                "model under a change with .apply()"
            )
            raise t.TraitError(msg)
        return value
