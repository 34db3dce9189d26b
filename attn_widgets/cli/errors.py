"""What a command tells its caller instead of a result."""

from __future__ import annotations


class CommandError(Exception):
    """A command could not be carried out; its text is all that the reader needs."""


class UsageError(Exception):
    """Words of a command that do not go together."""
