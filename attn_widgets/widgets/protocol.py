"""What a widget asks of a model runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable

    from attn_widgets.analysis import Contributions
    from attn_widgets.interventions import Changes, Effect
    from attn_widgets.record import AttentionRecord, Kind


@runtime_checkable
class Runner(Protocol):
    """Anything that turns a text, or a pair of texts, into a record."""

    def run(self, text: str, pair: str | None = None) -> AttentionRecord:
        """Run the model once and return what it looked at."""
        ...


@runtime_checkable
class Comparer(Protocol):
    """Anything that runs a record's text again under a change, and measures what is different."""

    def compare(
        self, source: AttentionRecord, mask: Changes, *, stop: Callable[[], bool] | None = None
    ) -> Effect:
        """Run it plainly and under the change; give up as soon as `stop` says so."""
        ...


@runtime_checkable
class Weigher(Protocol):
    """Anything that measures the vectors that a model's heads hand on."""

    def contributions(
        self,
        text: str,
        pair: str | None = None,
        *,
        stack: Kind | None = None,
        mask: Changes | None = None,
    ) -> Contributions:
        """Run the text, and say how long the vectors are."""
        ...
