"""From text to a model's inputs, with nothing lost unsaid."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch

from attn_widgets.record.pieces import Pieces, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedTokenizerBase

    from attn_widgets.record import Token


@dataclasses.dataclass(frozen=True, slots=True)
class Encoding:
    """One tokenised input.

    Parameters
    ----------
    tokens
        What a reader sees.
    ids, types
        ``input_ids`` and ``token_type_ids`` (None where the tokenizer has none).
    lost
        Tokens that were cut off to fit.
    """

    tokens: tuple[Token, ...]
    ids: tuple[int, ...]
    types: tuple[int, ...] | None
    lost: int


class Encoder:
    """Tokenise texts for one model.

    Parameters
    ----------
    tokenizer
        Any ``transformers`` tokenizer.
    limit
        The longest input the model takes, or None.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, limit: int | None) -> None:
        self._tokenizer = tokenizer
        self._reader = Reader(tokenizer)
        self.limit = limit

    def encode(self, text: str, pair: str | None, max_length: int | None) -> Encoding:
        """Tokenise a text, or a pair, and cut it to `max_length` tokens (the limit by default).

        Raises
        ------
        TypeError
            If `text` or `pair` is not a str.
        ValueError
            If there is no text in it, or `max_length` is out of range.
        """
        check_text("text", text)
        if pair is not None:
            check_text("pair", pair)
        given = self._call(text, pair)
        longest = self._longest(max_length, paired=pair is not None)
        lost = max(0, len(given["input_ids"]) - longest) if longest is not None else 0
        if lost:
            given = self._call(text, pair, truncation=True, max_length=longest)
        return self._encoding((text,) if pair is None else (text, pair), given, lost)

    def encode_target(self, text: str, max_length: int | None) -> Encoding:
        """Tokenise what a decoder is to write."""
        check_text("pair", text)
        given = self._call(None, None, text_target=text)
        longest = self._longest(max_length, paired=False)
        lost = max(0, len(given["input_ids"]) - longest) if longest is not None else 0
        if lost:
            given = self._call(None, None, text_target=text, truncation=True, max_length=longest)
        return self._encoding((text,), given, lost)

    def token(self, number: int) -> Token:
        """Read one special token by its id."""
        return self._reader.read(Pieces([number], [1], [None], [None], ("",)))[0]

    def _call(self, text: str | None, pair: str | None, **options: Any) -> Any:  # noqa: ANN401 - the tokenizer's own options and output
        return self._tokenizer(
            text,
            pair,
            return_special_tokens_mask=True,
            return_offsets_mapping=self._tokenizer.is_fast,
            verbose=False,
            **options,
        )

    def _longest(self, max_length: int | None, *, paired: bool) -> int | None:
        if max_length is None:
            return self.limit
        least = self._tokenizer.num_special_tokens_to_add(pair=paired) + 1
        most = self.limit
        if max_length < least or (most is not None and max_length > most):
            allowed = f"at least {least}" if most is None else f"{least} to {most}"
            msg = f"max_length is {max_length}: this model and tokenizer allow {allowed} tokens"
            raise ValueError(msg)
        return max_length

    def _encoding(self, texts: tuple[str, ...], given: Any, lost: int) -> Encoding:  # noqa: ANN401 - as above
        ids, special = given["input_ids"], given["special_tokens_mask"]
        if all(special):
            msg = (
                f"the text {texts[0]!r} gives no tokens (only {len(ids)} special ones): "
                "give a text with at least one visible character"
            )
            raise ValueError(msg)
        types = given.get("token_type_ids")
        spans: list[tuple[int, int] | None] = [None] * len(ids)
        if "offset_mapping" in given:
            spans = [
                None if added else (int(start), int(end))
                for added, (start, end) in zip(special, given["offset_mapping"], strict=True)
            ]
        segments = _segments(given, types) if len(texts) > 1 else [None] * len(ids)
        tokens = self._reader.read(Pieces(ids, special, segments, spans, texts))
        return Encoding(tokens, tuple(ids), None if types is None else tuple(types), lost)


def check_text(name: str, text: object) -> None:
    """Refuse what is not a text with something in it.

    Raises
    ------
    TypeError
        If it is not a str.
    ValueError
        If it is empty or blank, or holds half of a surrogate pair.
    """
    if not isinstance(text, str):
        msg = f"{name} must be a str, not {type(text).__name__}: {text!r}"
        raise TypeError(msg)
    if not text.strip():
        mend = "give at least one word" + (", or leave it out" if name == "pair" else "")
        msg = f"{name} is empty: {mend}"
        raise ValueError(msg)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        msg = (
            f"{name} holds half a character, {text[error.start]!r} at {error.start}: "
            "decode the text again, or replace it, text.encode('utf-8', 'replace').decode()"
        )
        raise ValueError(msg) from error


def _segments(given: Any, types: Sequence[int] | None) -> list[int | None]:  # noqa: ANN401 - as above
    """First or second text: from the tokenizer's sequences, special tokens from their type."""
    by_type: list[int | None] = list(types) if types and any(types) else []
    if not given.is_fast:
        return by_type or [None] * len(given["input_ids"])
    by_sequence: list[int | None] = given.sequence_ids(0)
    if not by_type:
        return by_sequence
    return [b if a is None else a for a, b in zip(by_sequence, by_type, strict=True)]


def batch(
    rows: Sequence[Sequence[int]], fill: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad rows on the right; give the values and the mask, each ``(batch, longest)``."""
    longest = max(len(row) for row in rows)
    values = torch.full((len(rows), longest), fill, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for place, row in enumerate(rows):
        values[place, : len(row)] = torch.tensor(row, dtype=torch.long)
        mask[place, : len(row)] = 1
    return values.to(device), mask.to(device)
