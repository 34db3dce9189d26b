"""Pictures and pages of what a widget shows, for where the widget cannot run."""

from __future__ import annotations

import pathlib
import warnings
from typing import TYPE_CHECKING, Any, Literal

import traitlets as t

from attn_widgets.export import draw_grid, lay_out, page, png, rasterised, svg
from attn_widgets.export.lettering import pen
from attn_widgets.export.visible import line
from attn_widgets.export.words import WORDS
from attn_widgets.widgets import fitting
from attn_widgets.widgets.depicting import Depicted, Drawn
from attn_widgets.widgets.snapshot import Snapshot

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.export import Figure

__all__ = ["Drawn", "Stills"]

_NEEDS_KERNEL = ("_can_run", "_can_apply", "_can_weigh", "_can_save")

Theme = Literal["light", "dark"]
What = Literal["grid", "head", "both"]


class Stills(Depicted):
    """A widget that can also be drawn without a browser and saved without a kernel."""

    _can_save = t.Bool(default_value=True).tag(sync=True)

    _script = "explorer.js"
    """The module that draws it on a page of its own."""

    def picture(self, theme: Theme = "light") -> NDArray[np.uint8]:
        """Draw the grid, layers by heads, without a browser, shape ``(height, width, 3)``."""
        first, last = self.layers
        drawn = self._drawn()
        return draw_grid(
            self._shown,
            drawn.cells,
            minus=drawn.minus,
            layers=[layer for layer in self._shown.layers if first <= layer <= last],
            heads=self.heads,
            overlay=self._overlay(drawn),
            theme=theme,
        )

    def figure(self, theme: Theme = "light", what: What = "both") -> Figure:
        """Lay out what is on show: title, grid and head in full, legend, and where it is from.

        The grid is layers by heads, without the numbers under them, and the head is a matrix. A
        warning names another ``view``, ``order`` or ``badge_range``: those are drawn by the
        explorer's own Save menu.

        Parameters
        ----------
        theme
            ``"light"`` or ``"dark"``.
        what
            ``"grid"``, ``"head"`` (the one in focus, or the mean that is drawn), or ``"both"``.
        """
        figure = self._figure(theme, what)
        self._warn_of_undrawn(what)
        return figure

    def save_png(
        self,
        path: str | os.PathLike[str],
        *,
        theme: Theme = "light",
        what: What = "both",
        scale: float = 2,
    ) -> None:
        """Write what is on show to a PNG file, without a browser: what :meth:`figure` lays out.

        Letters are drawn with Pillow (``pip install 'attn_widgets[figures]'``) and the system's
        fonts. What cannot be written is left out, and a warning says so: use :meth:`save_svg`,
        whose labels are text.

        Parameters
        ----------
        path
            Where to.
        theme, what
            As for :meth:`figure`.
        scale
            Pixels per CSS pixel: 1 is 96 dpi, 2 is 192 dpi.
        """
        figure = self._figure(theme, what)
        data, left = _png_of(figure, scale, self._caption())
        self._warn_of_undrawn(what)
        if left:
            warnings.warn(_unwritten(left), stacklevel=2)
        pathlib.Path(path).write_bytes(data)

    def save_svg(
        self, path: str | os.PathLike[str], *, theme: Theme = "light", what: What = "both"
    ) -> None:
        """Write what is on show to an SVG file: labels as text, a pixel or more for each cell.

        It holds what :meth:`figure` lays out. The grid's cells are those on show (pooled where the
        text is long), the head's are all.

        Parameters
        ----------
        path
            Where to.
        theme, what
            As for :meth:`figure`.
        """
        text = svg(self._figure(theme, what))
        self._warn_of_undrawn(what)
        pathlib.Path(path).write_text(text, encoding="utf-8")

    def save_html(self, path: str | os.PathLike[str], *, max_bytes: int | None = None) -> None:
        """Write one HTML file that draws and reacts from ``file://``, with no kernel or request.

        What needs a kernel (exact values beyond the 256 levels, a new text, a mask that follows a
        head's data) says so there.

        Parameters
        ----------
        path
            Where to.
        max_bytes
            The most bytes the file may have. To keep to it, a second record, numbers over depth,
            the diagnosis and single weights are left out, in this order; the page and a warning
            say what was.

        Raises
        ------
        ValueError
            If no page is that small.
        """
        text, left = self._fitted(max_bytes)
        if left:
            warnings.warn(left, stacklevel=2)
        pathlib.Path(path).write_text(text, encoding="utf-8")

    def snapshot(
        self, *, theme: Theme = "light", what: What = "both", scale: float = 2
    ) -> Snapshot:
        """Give a still picture of what is on show, for the end of a cell or ``display(...)``.

        It is what :meth:`figure` lays out, and stays as it is, in the notebook and wherever that is
        published; its text for readers who cannot see it says what it shows.

        Parameters
        ----------
        theme, what, scale
            As for :meth:`save_png`.
        """
        figure = self._figure(theme, what)
        data, left = _png_of(figure, scale, self._caption())
        self._warn_of_undrawn(what)
        if left:
            warnings.warn(_unwritten(left), stacklevel=2)
        return Snapshot(
            data, f"{line(figure.title)}. {figure.about}", (figure.width, figure.height)
        )

    def _figure(self, theme: Theme = "light", what: What = "both") -> Figure:
        if theme not in {"light", "dark"}:
            msg = f"theme={theme!r}: expected 'light' or 'dark'"
            raise ValueError(msg)
        return lay_out(self._on_show(theme), what)

    def _warn_of_undrawn(self, what: What) -> None:
        """Name what is on show and not in a figure, to whoever called for one."""
        choices = {
            "view": (what != "grid", "matrix"),
            "order": (what != "head", "model"),
            "badge_range": (what != "head", (0.0, 1.0)),
        }
        left = [
            f"{name}={getattr(self, name)!r}"
            for name, (matters, drawn) in choices.items()
            if matters and getattr(self, name) != drawn
        ]
        if left:
            warnings.warn(
                f"{', '.join(left)}: not drawn without a browser, where heads stand layer by head "
                "and the one in full is a matrix; the explorer's own Save draws what it shows",
                stacklevel=3,
            )

    def _fitted(self, most: int | None) -> tuple[str, str]:
        """Write a page of at most so many bytes, and say what was left out."""
        state, left = self._whole_state(), ""
        text = self._page(state)
        if most is None or len(text.encode()) <= most:
            return text, left
        kept, names = fitting.fitted(
            state,
            most,
            lambda state, names: len(self._page(state, self._said(names)).encode()),
            self._shown,
            self._laid,
            self._hiding(self._shown, "first"),  # the second is left out before
        )
        left = self._said(names, kept)
        return self._page(kept, left), left

    def _said(self, names: Sequence[str], state: dict[str, Any] | None = None) -> str:
        """Say what was left out of a page, in the language of the interface."""
        words = WORDS[self._language()]
        _, _, rows, columns = self._cells_shape if state is None else state["_cells_shape"]
        _, _, n_queries, n_keys = self._shown.shape
        most = -(-n_queries // rows) * -(-n_keys // columns)
        parts = [
            words[f"left.{name}"].format(n=most, layer=self.layer, head=self.head) for name in names
        ]
        return words["left"].format(parts="; ".join(parts)) if parts else ""

    def _page(self, state: dict[str, Any], left: str = "") -> str:
        return page(
            state | dict.fromkeys(_NEEDS_KERNEL, False),
            self._script,
            title=line(" / ".join(self._shown.text)) or "Attention",
            note=self._caption(),
            left=left,
            data=self._data(),
            lang=self._language(),
        )

    def _png(self) -> bytes:
        if pen() is None:
            return png(self.picture(), {"Description": self._caption()})
        return _png_of(self._figure(), 1, self._caption())[0]


def _png_of(figure: Figure, scale: float, caption: str) -> tuple[bytes, list[str]]:
    if not 0 < scale <= _MOST_SCALE:
        msg = f"scale={scale!r}: expected pixels per CSS pixel, above 0 and up to {_MOST_SCALE}"
        raise ValueError(msg)
    pixels, left = rasterised(figure, scale)
    return png(pixels, {"Title": figure.title, "Description": caption}), left


_MOST_SCALE = 10


def _unwritten(labels: Sequence[str]) -> str:
    """Say which labels a PNG lacks, and what to do about it."""
    if pen() is None:
        return (
            "the PNG has no words, as Pillow is not installed: pip install "
            "'attn_widgets[figures]', or save_svg, whose labels are text"
        )
    some = ", ".join(map(repr, labels[:3])) + (", ..." if len(labels) > 3 else "")  # noqa: PLR2004
    return (
        f"{len(labels)} labels of the PNG are left out, as no font here has their letters: {some}; "
        "save_svg writes every label as text"
    )
