"""Pictures of heads too long to be sent whole, made anew where what they are made of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from attn_widgets.widgets import mask_effect, payload
from attn_widgets.widgets.answering import Answering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.widgets.hiding import Hiding


class Pooled(Answering):
    """A widget whose grid may hold heads pooled, and then one of them, or a mean, in full."""

    _pooled_for = t.Dict().tag(sync=True)
    _focus = t.Bytes().tag(sync=True)
    _focus_place: t.List[int] = t.List().tag(sync=True)
    _focus_mask = t.Bytes().tag(sync=True)

    def _repool(self, _change: object = None) -> None:
        """Send pooled pictures anew where what they were made without is another now."""
        pooled = tuple(self._cells_shape) != self._shown.shape
        hiding = self._hiding(self._shown, self.shown)
        made = self._made_for(hiding) if pooled else {}
        if made == self._pooled_for:
            return
        with self.hold_sync():
            self._pooled_for = made
            if not pooled:
                return
            self._cells = payload.grid(self._shown, hiding).levels
            if self._other is not None:
                _, _, n_queries, n_keys = self._cells_shape
                self._second_cells = self._other.cells((n_queries, n_keys), hiding)
            self._refocus()

    def _made_for(self, hiding: Hiding | None) -> dict[str, Any]:
        if hiding is None:
            return {}
        return {"rescales": hiding.rescales, "roles": list(self.special_roles)}

    def _refocus(self, change: Mapping[str, Any] | None = None) -> None:
        """Send the focused head whole where the grid holds it only pooled."""
        if tuple(self._cells_shape[2:]) == self._shown.shape[2:]:
            self._focus, self._focus_place, self._focus_mask = b"", [], b""
            self._refocus_second()
            return
        record, mean = self._shown, self._mean()
        hiding = self._hiding(record, self.shown)
        apart = ("head",) if self.averaged_over == "layer" else ("layer", "head")
        if mean is not None and change is not None and change["name"] in apart:
            return  # it runs over the same heads as before
        if mean is None:
            picture = payload.focus(record, self.layer, self.head, hiding)
            place = [self.layer, self.head, *picture.shape]
        else:
            picture = payload.mean_focus(record, mean, hiding)
            place = [mean.layers[0], mean.layers[-1], *picture.shape, *mean.heads]
        with self.hold_sync():
            self._focus, self._focus_place = picture.levels, place
            self._focus_mask = b""
            if self._laid is not None and not self._laid.shared and mean is None:
                own = self._laid.at(self.layer, self.head)
                self._focus_mask = mask_effect.bits(own, (picture.shape[0], picture.shape[1]))
            self._refocus_second()

    def _refocus_mean(self, _change: object = None) -> None:
        """Send the mean anew where it runs over other heads."""
        if self.averaged:
            self._refocus()
