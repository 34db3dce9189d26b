"""What the masks room raises: one family of errors, each a ValueError."""

from __future__ import annotations


class MaskError(ValueError):
    """A mask was asked for that cannot exist."""


class MaskSpecError(MaskError):
    """A JSON specification was refused; the message says where in it."""


class MaskBindError(MaskError):
    """A mask does not fit the text, the lengths or the array it was put to."""


class MaskParseError(MaskError):
    """A text form was refused.

    Attributes
    ----------
    at : int
        The 0-based character of the text where reading stopped.
    """

    def __init__(self, reason: str, text: str, at: int) -> None:
        start = max(at - 40, 0)
        excerpt = text[start : at + 40].replace("\n", " ").replace("\t", " ")
        super().__init__(f"{reason}, at character {at}:\n  {excerpt}\n  {' ' * (at - start)}^")
        self.at = at
