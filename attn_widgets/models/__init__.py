"""The model runner: a transformer's own attention, captured while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attn_widgets.models.errors import ModelLoadError, TruncationWarning, UnsupportedModelError

if TYPE_CHECKING:
    from attn_widgets.models.runner import ModelRunner

__all__ = ["ModelLoadError", "ModelRunner", "TruncationWarning", "UnsupportedModelError"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    """Import the runner, and with it torch, when it is first asked for."""
    if name == "ModelRunner":
        from attn_widgets.models.runner import ModelRunner  # noqa: PLC0415 - torch loads only here

        return ModelRunner
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
