"""What can go wrong with a model, by name."""

from __future__ import annotations


class ModelLoadError(OSError):
    """A model or its tokenizer could not be found or read."""


class UnsupportedModelError(ValueError):
    """A model whose attention cannot be captured truthfully."""


class TruncationWarning(UserWarning):
    """A text was longer than the model's limit and lost tokens at its end."""
