"""Tokens as a reader sees them, and the part each one plays."""

from __future__ import annotations

import dataclasses
import enum
import unicodedata
from typing import TYPE_CHECKING, Any

from attn_widgets.record.fields import field, field_or_none, fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class TokenRole(enum.StrEnum):
    """What a token is for, as its tokenizer defines it.

    Special roles come from token ids, never from a token's spelling or position: a word-piece
    that happens to read ``[SEP]`` is a word unless its id is the tokenizer's ``sep_token_id``.
    """

    CLS = "cls"
    SEP = "sep"
    BOS = "bos"
    EOS = "eos"
    PAD = "pad"
    MASK = "mask"
    SPECIAL = "special"
    UNK = "unk"
    PUNCTUATION = "punctuation"
    WORD = "word"

    @property
    def is_special(self) -> bool:
        """Whether the tokenizer, not the text, put the token there (an unknown word is text)."""
        return self not in _TEXT_ROLES


_TEXT_ROLES = frozenset({TokenRole.UNK, TokenRole.PUNCTUATION, TokenRole.WORD})


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """One position of a sequence.

    Parameters
    ----------
    text
        The tokenizer's own piece, for example ``##ing`` or ``Ġdog``.
    display
        What a reader should see: bytes decoded, word-piece marks kept.
    id
        The token's number in the vocabulary; None where there is no vocabulary.
    role
        What the token is for.
    segment
        0 or 1 for the first or second text of a pair; None where undefined.
    span
        Characters ``[start, end)`` of its text; None for tokens that are not in the text.
    """

    text: str
    display: str
    id: int | None = None
    role: TokenRole = TokenRole.WORD
    segment: int | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Give the display form."""
        return self.display

    def to_json(self) -> dict[str, Any]:
        """Give the token as plain JSON values."""
        return {
            "text": self.text,
            "display": self.display,
            "id": self.id,
            "role": self.role.value,
            "segment": self.segment,
            "span": None if self.span is None else list(self.span),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Token:
        """Rebuild a token from :meth:`to_json`.

        Raises
        ------
        KeyError, TypeError, ValueError
            If a part is missing, of another type, or out of range.
        """
        span = value["span"]
        start, end = (0, 0) if span is None else fields("token span", span, int)
        return cls(
            text=field("token text", value["text"], str),
            display=field("token display", value["display"], str),
            id=field_or_none("token id", value["id"], int),
            role=TokenRole(value["role"]),
            segment=field_or_none("token segment", value["segment"], int),
            span=None if span is None else (start, end),
        )


def whole(text: str) -> str:
    """Put U+FFFD for each half of a character, which neither files nor messages can hold."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_punctuation(text: str) -> bool:
    """Say whether every character is punctuation or a symbol (Unicode categories P and S)."""
    return bool(text) and all(unicodedata.category(c)[0] in "PS" for c in text)


def as_tokens(
    tokens: Iterable[object], roles: Iterable[str | TokenRole] | None = None
) -> tuple[Token, ...]:
    """Make tokens of plain strings; without a tokenizer no string is taken for a special token.

    Parameters
    ----------
    tokens
        Strings or :class:`Token` values.
    roles
        One role per token; None reads punctuation from Unicode and calls the rest words.

    Raises
    ------
    ValueError
        If `roles` has another length than `tokens`, or names a role that does not exist.
    TypeError
        If a token is neither a string nor a :class:`Token`.
    """
    made = []
    for token in tokens:
        if isinstance(token, Token):
            made.append(token)
        elif isinstance(token, str):
            role = TokenRole.PUNCTUATION if is_punctuation(token) else TokenRole.WORD
            made.append(Token(text=token, display=token, role=role))
        else:
            msg = f"a token must be a str or a Token, not {type(token).__name__}: {token!r}"
            raise TypeError(msg)
    if roles is None:
        return tuple(made)
    named = list(roles)
    if len(named) != len(made):
        msg = f"{len(named)} roles for {len(made)} tokens: give one role per token"
        raise ValueError(msg)
    known = [role.value for role in TokenRole]
    for name in named:
        if name not in known:
            msg = f"unknown token role {name!r}: one of {', '.join(known)}"
            raise ValueError(msg)
    return tuple(
        dataclasses.replace(token, role=TokenRole(role))
        for token, role in zip(made, named, strict=True)
    )
