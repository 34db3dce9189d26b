"""A widget that leaves a picture and a page behind for where it cannot run."""

from __future__ import annotations

import base64
import pathlib
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import anywidget

from attn_widgets.widgets.guard import Guarded

if TYPE_CHECKING:
    import os

_HOST_TRAITS = {*anywidget.AnyWidget.class_traits(), "_anywidget_id", "_esm", "_css"}


class Portable(Guarded):
    """What a widget says of itself in one picture and one page."""

    @abstractmethod
    def _png(self) -> bytes:
        """Draw what is on show; a ValueError says why that cannot be."""

    @abstractmethod
    def _page(self, state: dict[str, Any]) -> str:
        """Write a page that draws a state."""

    def _has_picture(self) -> bool:
        """Say whether there is something to draw."""
        return True

    def _complete(self) -> None:
        """Make ready what a page could only ask a kernel for."""

    def _whole_state(self) -> dict[str, Any]:
        """Give all that a page needs of the widget, complete."""
        self._complete()
        state: dict[str, Any] = self.get_state(
            [name for name in self.keys if name not in _HOST_TRAITS]
        )
        return state

    def save_png(self, path: str | os.PathLike[str]) -> None:
        """Write what is on show to a PNG file."""
        pathlib.Path(path).write_bytes(self._png())

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Write one HTML file that draws and reacts from ``file://``, with no kernel or request.

        What needs a kernel (exact values beyond the 256 levels, a new text, a mask that follows a
        head's data) says so there.
        """
        pathlib.Path(path).write_text(self._page(self._whole_state()), encoding="utf-8")

    def _repr_mimebundle_(
        self,
        **kwargs: Any,  # noqa: ANN401 - IPython's own signature
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Add a still picture, which shows where the widget cannot run."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None or not self._has_picture():
            return bundle
        data, metadata = bundle
        return {**data, "image/png": base64.b64encode(self._png()).decode("ascii")}, metadata
