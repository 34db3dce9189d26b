"""What can go wrong with a model, by name."""

from __future__ import annotations


class ModelLoadError(OSError):
    """A model or its tokenizer could not be found or read."""


class UnsupportedModelError(ValueError):
    """A model whose attention cannot be captured truthfully.

    Parameters
    ----------
    message
        What cannot be done, why, and what else can.
    reason
        The why alone, in a few words; empty where the message has no more than that.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message


class DifferentError(UnsupportedModelError):
    """A model that computes otherwise under our attention function than by itself."""


class TruncationWarning(UserWarning):
    """A text was longer than the model's limit and lost tokens at its end."""


class TextFailedError(ValueError):
    """A text of a corpus could not be run."""


class TextFailedWarning(UserWarning):
    """Texts of a corpus could not be run, and were left out of its profile."""


class RunStoppedError(RuntimeError):
    """A run was given up because nobody waits for it any more."""


class ModelMemoryError(MemoryError):
    """A run needed more memory than there is; what it held is free again.

    Parameters
    ----------
    message
        How much was needed, and what would need less.
    reason
        What torch or Python said of it.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


OF_A_TEXT = (ArithmeticError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""What one text can be the cause of: it cannot be read, or the model cannot run on it."""
