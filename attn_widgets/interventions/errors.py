"""What goes wrong when a model is to be changed."""

from __future__ import annotations


class InterventionError(ValueError):
    """A change that cannot be made; the message says why and what would work.

    What is wrong with a mask itself, or with the name of a token, is a `MaskError`. Both are
    ValueErrors.
    """
