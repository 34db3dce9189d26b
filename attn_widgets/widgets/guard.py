"""What the browser sends, taken only as far as it holds."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

import anywidget
import traitlets as t

_LOG = logging.getLogger(__name__)


class Guarded(anywidget.AnyWidget):
    """A widget that checks what the browser chose, and says in the widget what it refuses."""

    _python_writes: ClassVar[frozenset[str]] = frozenset()
    """Traits that the browser may not set."""

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser chose; what does not hold is refused, said there, and put back.

        What only Python writes is not taken from the browser at all.
        """
        chosen = {name: v for name, v in sync_data.items() if name not in self._python_writes}
        try:
            super().set_state(chosen)
        except Exception as error:
            _LOG.warning("refused from the browser: %s", error)
            self.send({"refused": sentence(error)})
            self.send_state([name for name in sync_data if name in self.keys])
            if not isinstance(error, t.TraitError | ValueError):
                raise


def sentence(error: Exception) -> str:
    """Say what went wrong; an error that was not meant for a reader is named, too."""
    text = str(error) or type(error).__name__
    plain = isinstance(error, t.TraitError | ValueError | IndexError)
    return text if plain else f"{type(error).__name__}: {text}"
