"""The model runner: a transformer's own attention, captured while it runs, and trained gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attn_widgets.models.errors import (
    ModelLoadError,
    TextFailedError,
    TextFailedWarning,
    TruncationWarning,
    UnsupportedModelError,
)

if TYPE_CHECKING:
    from attn_widgets.models.feeding import run_inputs
    from attn_widgets.models.gates import FittedGate, fit_gate
    from attn_widgets.models.profiling import profile
    from attn_widgets.models.runner import ModelRunner
    from attn_widgets.models.using import (
        SentenceVectors,
        TrainingCallback,
        finetune_lab,
        freeze_layers,
        reinitialize_layers,
        remedy,
        train_watched,
    )

__all__ = [
    "FittedGate",
    "ModelLoadError",
    "ModelRunner",
    "SentenceVectors",
    "TextFailedError",
    "TextFailedWarning",
    "TrainingCallback",
    "TruncationWarning",
    "UnsupportedModelError",
    "finetune_lab",
    "fit_gate",
    "freeze_layers",
    "profile",
    "reinitialize_layers",
    "remedy",
    "run_inputs",
    "train_watched",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    """Import what needs torch when it is first asked for."""
    if name == "ModelRunner":
        from attn_widgets.models.runner import ModelRunner  # noqa: PLC0415 - torch loads only here

        return ModelRunner
    if name == "run_inputs":
        from attn_widgets.models.feeding import run_inputs  # noqa: PLC0415 - torch loads only here

        return run_inputs
    if name == "profile":
        from attn_widgets.models.profiling import profile  # noqa: PLC0415 - torch loads only here

        return profile
    if name in {"FittedGate", "fit_gate"}:
        from attn_widgets.models import gates  # noqa: PLC0415 - torch loads only here

        return getattr(gates, name)
    if name in __all__:
        from attn_widgets.models import using  # noqa: PLC0415 - torch loads only here

        return getattr(using, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
