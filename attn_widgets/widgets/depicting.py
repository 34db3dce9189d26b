"""What a widget shows, in the form that pictures are drawn from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.analysis.token_groups import key_groups, query_groups
from attn_widgets.export import levels
from attn_widgets.export.on_show import Head, OnShow
from attn_widgets.export.overlay import Overlay
from attn_widgets.export.shading import Shaded, shade, shade_difference
from attn_widgets.export.visible import isolated, line, visible
from attn_widgets.export.words import WORDS, role_name
from attn_widgets.widgets.hiding import Hiding
from attn_widgets.widgets.sourced import Sourced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord, Token
    from attn_widgets.widgets.mask_effect import Laid
    from attn_widgets.widgets.means import Mean


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of one record or two.

    Parameters
    ----------
    cells
        Levels: of the grid, ``(layers, heads, rows, columns)``; of one head, ``(rows, columns)``.
    minus
        Levels that are taken off them, in the same shape; None where one record is drawn.
    lone_queries, lone_keys
        Which tokens have no counterpart and stay blank, ``(queries,)`` and ``(keys,)``.
    """

    cells: NDArray[np.uint8]
    minus: NDArray[np.uint8] | None = None
    lone_queries: NDArray[np.bool_] | None = None
    lone_keys: NDArray[np.bool_] | None = None


class Depicted(Sourced):
    """A widget whose choices say what is drawn of a record, or of two."""

    def _on_show(self, theme: str) -> OnShow:
        """Give all that a figure shows."""
        record, words = self._shown, WORDS[self._language()]
        grid = self._drawn()
        overlay = self._overlay(grid)
        first, last = self.layers
        layers = [layer for layer in record.layers if first <= layer <= last]
        signed = grid.minus is not None
        _, marks = self._marks()
        marked = overlay.marked and not signed
        n_layers, n_heads, n_queries, n_keys = record.shape
        own = record.key_tokens == record.tokens
        size = words["size"].format(
            layers=n_layers,
            heads=n_heads,
            tokens=n_queries if own else f"{n_queries} x {n_keys}",
            kind=words[f"kind.{record.kind}"],
        )
        model = record.provenance.model
        return OnShow(
            title=line(" / ".join(record.text)) or "Attention",
            about=f"{line(model)} · {size}" if model else size,
            layers=layers,
            heads=self.heads,
            grid={
                (layer, head): self._shaded(
                    grid.cells[at := (record.layer_index(layer), record.head_index(head))],
                    None if grid.minus is None else grid.minus[at],
                    overlay,
                    (layer, head),
                    theme,
                )
                for layer in layers
                for head in self.heads
            },
            marks=marks if marked else None,
            focused=None if self._mean() is not None else (self.layer, self.head),
            head=self._head(theme, marked=marked),
            scale=self.scale,
            colors=self.colors,
            signed=signed,
            legend=self._legend(marks if marked else [], grid),
            remarks=[words["threshold"].format(weight=f"{self.threshold:.3g}")]
            if self.threshold > 0 and not signed
            else [],
            sources=self._sources(),
            data=self._data(),
            theme=theme,
            lang=self._language(),
        )

    def _head(self, theme: str, *, marked: bool) -> Head:
        """Give what is drawn in full, or the window of it that is."""
        record, words, mean = self._shown, WORDS[self._language()], self._mean()
        drawn = self._in_full()
        place = None if mean is not None else (self.layer, self.head)
        shaded = self._shaded(drawn.cells, drawn.minus, self._overlay(drawn), place, theme)
        queries, keys = self._marks() if marked else ([None] * n for n in record.shape[2:])
        _, _, n_queries, n_keys = record.shape
        window = self.zoom or (0, n_queries, 0, n_keys)
        rows, columns = slice(*window[:2]), slice(*window[2:])
        if mean is None:
            title = words["one"].format(layer=self.layer, head=self.head)
        else:
            several = "mean" if len(mean.layers) > 1 else "mean.one"
            title = words[several].format(
                count=len(mean.layers) * len(mean.heads), first=mean.layers[0], last=mean.layers[-1]
            )
        said = []
        if self.zoom is not None:
            first, end, left, right = self.zoom
            said.append(
                words["window"].format(
                    first, end - 1, left, right - 1, queries=n_queries, keys=n_keys
                )
            )
        return Head(
            shaded=shaded.part(self.zoom),
            title=title,
            queries=[token.display for token in record.tokens[rows]],
            keys=[token.display for token in record.key_tokens[columns]],
            query_marks=queries[rows],
            key_marks=keys[columns],
            query_parts=_parts(record.tokens[rows]),
            key_parts=_parts(record.key_tokens[columns]),
            picked=(_within(self.query, rows), _within(self.key, columns)),
            said=[*said, *self._reading()],
        )

    def _reading(self) -> list[str]:
        """Say the picked weight as the record holds it, where it is not drawn rescaled."""
        rescaled = self.special_mode == "hide_renormalise" or (
            self.mask_reading == "renormalised" and self._laid is not None and self.mask_shown
        )
        if self.query is None or self.key is None or rescaled or self.shown != "first":
            return []
        weight = float(self._weights_of(self._shown.weights)[self.query, self.key])
        said = WORDS[self._language()]["cell"].format(
            query=isolated(visible(self._shown.tokens[self.query].display)),
            key=isolated(visible(self._shown.key_tokens[self.key].display)),
            weight=f"{weight:.3g}",
        )
        return [said]

    def _legend(self, marks: Sequence[str | None], drawn: Drawn) -> list[tuple[str, str]]:
        words = WORDS[self._language()]
        groups = dict.fromkeys(mark for mark in marks if mark is not None)
        signs = [(group, words["marked"].format(role=role_name(group, words))) for group in groups]
        if drawn.minus is None and self._laid is not None and self.mask_shown:
            signs.append(("veil", words["veil"]))
        if self.special_mode.startswith("hide") and any(map(any, self._marks())):
            signs.append(("hidden", words["hidden"]))
        lone = (drawn.lone_queries, drawn.lone_keys)
        if any(flags is not None and flags.any() for flags in lone):
            signs.append(("lone", words["lone"]))
        return signs

    def _shaded(
        self,
        cells: NDArray[np.uint8],
        minus: NDArray[np.uint8] | None,
        overlay: Overlay,
        place: tuple[int, int] | None,
        theme: str,
    ) -> Shaded:
        """Colour one head, or a mean, which no mask of a head's own lies over."""
        if minus is not None:
            return shade_difference(minus, cells, overlay, theme)
        allowed = None
        if overlay.allowed is not None and (place is not None or self._laid_alike()):
            allowed = overlay.allowed(*(place or (self.layer, self.head)))
        return shade(cells, allowed, overlay, theme)

    def _laid_alike(self) -> bool:
        return self._laid is not None and self._laid.shared

    def _overlay(self, drawn: Drawn) -> Overlay:
        """Say what lies over what is drawn."""
        laid = self._laid if self.mask_shown else None
        hides = self.special_mode.startswith("hide")
        queries, keys = self._marks()
        pooled = drawn.cells.shape[-2:] != self._shown.shape[2:]  # then Python has rescaled already
        return Overlay(
            allowed=None if laid is None else _dense(laid),
            hidden_queries=_either(_some(queries) if hides else None, drawn.lone_queries),
            hidden_keys=_either(_some(keys) if hides else None, drawn.lone_keys),
            within=self.mask_reading == "renormalised",
            without_hidden=self.special_mode == "hide_renormalise" and not pooled,
            threshold=self.threshold,
            scale=self.scale,
            colors=self.colors,
            marked=self.special_mode == "mark",
            marks=keys,
        )

    def _hiding(self, record: AttentionRecord, shown: str) -> Hiding | None:
        """Say what pooled pictures are made without."""
        if not self.special_mode.startswith("hide"):
            return None
        rescales = self.special_mode == "hide_renormalise" and shown != "difference"
        return Hiding.of(record, self.special_roles, rescales=rescales)

    def _marks(self) -> tuple[list[str | None], list[str | None]]:
        """Give the group of each query and key, where it counts as special."""
        queries, keys = (
            [group if group in self.special_roles else None for group in groups]
            for groups in (query_groups(self._shown), key_groups(self._shown))
        )
        return queries, keys

    def _drawn(self) -> Drawn:
        """Give the cells that are drawn in the grid."""
        return Drawn(np.frombuffer(self._cells, np.uint8).reshape(self._cells_shape))

    def _in_full(self) -> Drawn:
        """Give the cells of the head or mean that is drawn in full, every one."""
        return Drawn(levels.encode(self._weights_of(self._shown.weights)))

    def _weights_of(self, weights: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Pick what is drawn in full out of weights, ``(layers, heads, queries, keys)``."""
        record, mean = self._shown, self._mean()
        if mean is not None:
            return mean.of(weights, record)
        own: NDArray[np.floating[Any]] = weights[
            record.layer_index(self.layer), record.head_index(self.head)
        ]
        return own

    def _mean(self) -> Mean | None:
        """Say which heads are drawn as one; None where one head is."""
        return None


def _parts(tokens: Sequence[Token]) -> list[int]:
    """Find where one text of a pair ends and the next begins."""
    starts, before = [], None
    for i, token in enumerate(tokens):
        if token.segment is not None:
            if before is not None and token.segment != before:
                starts.append(i)
            before = token.segment
    return starts


def _within(at: int | None, span: slice) -> int | None:
    return at - span.start if at is not None and span.start <= at < span.stop else None


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
