"""From a tokenizer's output to tokens: what each one shows, and the part it plays."""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import TYPE_CHECKING, Any, Protocol

from attn_widgets.record.tokens import Token, TokenRole, is_punctuation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WORD_MARKS = ("##", "▁", "Ġ")

# Where one id has several parts (RoBERTa's <s> is cls and bos), the first listed is its part.
_ROLES = (
    (TokenRole.MASK, "mask_token_id"),
    (TokenRole.CLS, "cls_token_id"),
    (TokenRole.SEP, "sep_token_id"),
    (TokenRole.BOS, "bos_token_id"),
    (TokenRole.EOS, "eos_token_id"),
    (TokenRole.PAD, "pad_token_id"),
    (TokenRole.UNK, "unk_token_id"),
)


class Tokenizer(Protocol):
    """What is asked of a tokenizer of ``transformers``."""

    is_fast: bool
    added_tokens_decoder: Mapping[int, Any]
    all_special_ids: Iterable[int]
    bos_token_id: int | None
    eos_token_id: int | None

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str | None]:
        """Give the pieces that ids stand for; None for an id that is not known."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Pieces:
    """One tokenised input, as the tokenizer gave it.

    Parameters
    ----------
    ids
        Token numbers.
    special
        The tokenizer's ``special_tokens_mask``: 1 where it added a token itself.
    segments
        0 or 1 per token for a pair, else None.
    spans
        Characters ``[start, end)`` per token, else None.
    texts
        The text that each segment's spans count in.
    """

    ids: Sequence[int]
    special: Sequence[int]
    segments: Sequence[int | None]
    spans: Sequence[tuple[int, int] | None]
    texts: Sequence[str]


class Reader:
    """Turn a tokenizer's ids into :class:`Token` values.

    Parameters
    ----------
    tokenizer
        Any ``transformers`` tokenizer, fast or slow.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._bytes = _byte_alphabet() if _is_byte_level(tokenizer) else {}
        self._marks = {value: mark for mark, value in self._bytes.items()}
        self._added = set(tokenizer.added_tokens_decoder)
        self._special = set(tokenizer.all_special_ids)
        self._roles: dict[int, TokenRole] = {}
        for role, name in _ROLES:
            number = getattr(tokenizer, name, None)
            if number is not None:
                self._roles.setdefault(number, role)
        bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
        self._begins_and_ends = bos if bos == eos else None

    def read(self, pieces: Pieces) -> tuple[Token, ...]:
        """Make tokens, in order.

        Raises
        ------
        ValueError
            If an id is none of the tokenizer's.

        A token's role comes from its id and the special mask. Only where one id both begins and
        ends a text (GPT-2) does it take a look around: the first token begins, any other ends.
        """
        texts = self._texts(list(pieces.ids))
        made = []
        for place, (number, text) in enumerate(zip(pieces.ids, texts, strict=True)):
            span, segment = pieces.spans[place], pieces.segments[place]
            surface = _unmarked(text) if span is None else _cut(pieces.texts, segment, span)
            made.append(
                Token(
                    text=text,
                    display=self._display(number, text),
                    id=int(number),
                    role=self._role(
                        number, surface, first=place == 0, added=bool(pieces.special[place])
                    ),
                    segment=segment,
                    span=span,
                )
            )
        return tuple(made)

    def _texts(self, ids: list[int]) -> list[str]:
        below = sorted({number for number in ids if number < 0})
        if below:
            msg = (
                f"ids hold {below[0]}, which is no token: labels have -100 where there is nothing "
                "to learn; give the input_ids, or leave these out"
            )
            raise ValueError(msg)
        kind = type(self._tokenizer).__name__
        try:
            texts = self._tokenizer.convert_ids_to_tokens(ids)
        except (IndexError, OverflowError) as error:
            msg = f"ids up to {max(ids)} are not all known to the {kind}: give the model's own"
            raise ValueError(msg) from error
        strange = [number for number, text in zip(ids, texts, strict=True) if text is None]
        if strange:
            msg = (
                f"ids hold {strange[0]}, which the {kind} does not know: give the model's own "
                "tokenizer"
            )
            raise ValueError(msg)
        return [text for text in texts if text is not None]

    def _role(self, number: int, surface: str, *, first: bool, added: bool) -> TokenRole:
        role = self._roles.get(number)
        if role in (TokenRole.BOS, TokenRole.EOS) and number == self._begins_and_ends:
            return TokenRole.BOS if first else TokenRole.EOS
        if role is not None:
            return role
        if added or number in self._special:
            return TokenRole.SPECIAL
        return TokenRole.PUNCTUATION if is_punctuation(surface) else TokenRole.WORD

    def _display(self, number: int, text: str) -> str:
        """Decode a byte-level piece; leave every other piece as it is.

        White space keeps the mark that its tokenizer writes for it, or it could not be seen; bytes
        that are only a part of a character are given as numbers, like ``<0xE6>``.
        """
        if number in self._added or any(mark not in self._bytes for mark in text):
            return text
        content = bytes(self._bytes[mark] for mark in text)
        shown = content.decode("utf-8", errors="surrogateescape")
        return "".join(_visible(character, self._marks) for character in shown)


def _visible(character: str, marks: Mapping[int, str]) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - where surrogateescape puts undecodable bytes
        return f"<0x{code - 0xDC00:02X}>"
    if character == " " or unicodedata.category(character) == "Cc":
        return "".join(marks[byte] for byte in character.encode())
    return character


def _cut(texts: Sequence[str], segment: int | None, span: tuple[int, int]) -> str:
    return texts[segment or 0][slice(*span)].strip()


def _unmarked(text: str) -> str:
    for mark in _WORD_MARKS:
        if text.startswith(mark) and text != mark:
            return text.removeprefix(mark)
    return text


def _is_byte_level(tokenizer: Tokenizer) -> bool:
    if not tokenizer.is_fast:
        return hasattr(tokenizer, "byte_decoder")
    backend = tokenizer.backend_tokenizer  # type: ignore[attr-defined]
    parts = [part for part in (backend.decoder, backend.pre_tokenizer) if part is not None]
    return any(b'"ByteLevel"' in part.__getstate__() for part in parts)


def _byte_alphabet() -> dict[str, int]:
    """Give the byte that each character of a byte-level piece stands for.

    Printable Latin-1 characters stand for themselves, the other bytes for characters from U+0100 up
    (Radford et al. 2019, the GPT-2 encoder).
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(0x100) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(0x100 + place): byte for place, byte in enumerate(rest)
    }
