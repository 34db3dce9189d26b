"""What a widget asks of a model runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord


@runtime_checkable
class Runner(Protocol):
    """Anything that turns a text, or a pair of texts, into a record."""

    def run(self, text: str, pair: str | None = None) -> AttentionRecord:
        """Run the model once and return what it looked at."""
        ...
