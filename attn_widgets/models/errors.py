"""What can go wrong with a model, by name."""

from __future__ import annotations


class ModelLoadError(OSError):
    """A model or its tokenizer could not be found or read."""


class UnsupportedModelError(ValueError):
    """A model whose attention cannot be captured truthfully."""


class TruncationWarning(UserWarning):
    """A text was longer than the model's limit and lost tokens at its end."""


class RunStoppedError(RuntimeError):
    """A run was given up because nobody waits for it any more."""


class ModelMemoryError(MemoryError):
    """A run needed more memory than there is; what it held is free again."""
