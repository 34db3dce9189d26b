"""Pictures and pages of what a widget shows, for where the widget cannot run."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from attn_widgets.analysis.token_groups import key_groups, query_groups
from attn_widgets.export import draw_grid, page, png
from attn_widgets.export.overlay import Overlay
from attn_widgets.widgets.portable import Portable
from attn_widgets.widgets.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.widgets.mask_effect import Laid


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of one record or two.

    Parameters
    ----------
    cells
        Levels per head, ``(layers, heads, rows, columns)``.
    minus
        Levels that are taken off them, in the same shape; None where one record is drawn.
    lone_queries, lone_keys
        Which tokens have no counterpart and stay blank, ``(queries,)`` and ``(keys,)``.
    """

    cells: NDArray[np.uint8]
    minus: NDArray[np.uint8] | None = None
    lone_queries: NDArray[np.bool_] | None = None
    lone_keys: NDArray[np.bool_] | None = None


class Stills(Portable, Settings):
    """A widget that can also be drawn without a browser and saved without a kernel."""

    _script = "explorer.js"
    """The module that draws it on a page of its own."""

    def picture(self, theme: Literal["light", "dark"] = "light") -> NDArray[np.uint8]:
        """Draw the grid as it is on show, without a browser, shape ``(height, width, 3)``."""
        first, last = self.layers
        laid = self._laid if self.mask_shown else None
        hides = self.special_mode.startswith("hide")
        record = self._shown
        drawn = self._drawn()
        queries, keys = (
            [group if group in self.special_roles else None for group in groups]
            for groups in (query_groups(record), key_groups(record))
        )
        return draw_grid(
            record,
            drawn.cells,
            minus=drawn.minus,
            layers=[layer for layer in record.layers if first <= layer <= last],
            heads=self.heads,
            overlay=Overlay(
                allowed=None if laid is None else _dense(laid),
                hidden_queries=_either(_some(queries) if hides else None, drawn.lone_queries),
                hidden_keys=_either(_some(keys) if hides else None, drawn.lone_keys),
                within=self.mask_reading == "renormalised",
                without_hidden=self.special_mode == "hide_renormalise",
                threshold=self.threshold,
                scale=self.scale,
                colors=self.colors,
                marked=self.special_mode == "mark",
                marks=keys,
            ),
            theme=theme,
        )

    def _drawn(self) -> Drawn:
        """Give the cells that are drawn."""
        return Drawn(np.frombuffer(self._cells, np.uint8).reshape(self._cells_shape))

    def _page(self, state: dict[str, Any]) -> str:
        return page(
            state | {"_can_run": False, "_can_apply": False, "_can_weigh": False},
            self._script,
            title=" / ".join(self._shown.text) or "Attention",
            note=self._caption(),
            lang="ja" if self.lang == "ja" else "en",
        )

    def _caption(self) -> str:
        source = self._shown.provenance
        versions = ", ".join(f"{name} {number}" for name, number in source.versions.items())
        parts = [repr(self._shown), source.dtype, versions, source.note]
        return " · ".join(part for part in parts if part)

    def _png(self) -> bytes:
        return png(self.picture(), {"Description": self._caption()})


def _some(groups: Sequence[str | None]) -> NDArray[np.bool_]:
    return np.array([group is not None for group in groups], dtype=bool)


def _either(
    one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _dense(laid: Laid) -> Callable[[int, int], NDArray[np.bool_]]:
    """Say where each head may look, worked out once where all look alike."""
    if not laid.shared:
        return lambda layer, head: laid.at(layer, head).to_dense()
    same = laid.first.to_dense()
    return lambda _layer, _head: same
