"""What positions are: tokens, patches of a picture, frames of sound, or plain numbers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.adapters.arrays import is_array, whole_numbers
from attn_widgets.record import Patches, Token, TokenRole, as_tokens
from attn_widgets.record.pieces import Pieces, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Tokens of one sequence, as far as they are known before its length is.

    Parameters
    ----------
    tokens
        One per position.
    kept
        Which positions are no padding; None where all are.
    note
        What a reader of the record should know.
    patches
        The picture that they are patches of.
    """

    tokens: tuple[Token, ...]
    kept: NDArray[np.bool_] | None = None
    note: str = ""
    patches: Patches | None = None


def numbered(count: int) -> Labels:
    """Call positions by their numbers."""
    texts = [str(place) for place in range(count)]
    tokens = tuple(Token(text, text) for text in texts)
    return Labels(tokens, note="No tokens were given: positions are numbered from 0.")


def read(value: Any, tokenizer: Any, row: int | None, name: str) -> Labels:  # noqa: ANN401 - whatever a caller has
    """Read tokens in any of their forms.

    Parameters
    ----------
    value
        Strings or :class:`Token`; a list of such lists; a ``BatchEncoding`` or a dict with
        ``input_ids``; an encoding of the library tokenizers; ids; or ``(tokenizer, ids)``.
    tokenizer
        Reads ids, and tells special tokens; None where there is none.
    row
        Which item of a batch.
    name
        What errors call the value.

    Raises
    ------
    ValueError
        If ids come without a tokenizer, or a batch without a choice.
    TypeError
        If it is none of these forms.
    """
    if isinstance(value, str):
        msg = (
            f"{name} is one str, {value[:40]!r}: expected one token per position, for example "
            "tokenizer.convert_ids_to_tokens(inputs['input_ids'][0])"
        )
        raise TypeError(msg)
    if isinstance(value, tuple) and len(value) == 2 and hasattr(value[0], "convert_ids_to_tokens"):  # noqa: PLR2004 - tokenizer and ids
        tokenizer, value = value
    if hasattr(value, "keys") and "input_ids" in value.keys():  # noqa: SIM118 - encodings iterate over values
        return _of_encoding(value, tokenizer, row, name)
    if hasattr(value, "special_tokens_mask") and hasattr(value, "ids"):
        return _of_pieces(value)
    if getattr(getattr(value, "dtype", None), "kind", "") in ("U", "O", "T"):
        value = value.tolist()
    if is_array(value) or _is_ids(value):
        return Labels(_of_ids(_row(value, row, name), tokenizer, name))
    if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple):
        value = value[_place(len(value), row, name)]
        if _is_ids(value):
            return Labels(_of_ids(whole_numbers(value, name), tokenizer, name))
    if not isinstance(value, list | tuple):
        msg = (
            f"{name} is a {type(value).__name__}: expected a list of str, what a tokenizer "
            "returned, or ids with tokenizer="
        )
        raise TypeError(msg)
    return Labels(_of_pieces_as_text(value, tokenizer))


def _of_pieces_as_text(value: Sequence[Any], tokenizer: Any) -> tuple[Token, ...]:  # noqa: ANN401 - by duck type
    """Read strings; those that are pieces of the tokenizer's as it knows them."""
    plain = as_tokens(value)
    if not hasattr(tokenizer, "convert_tokens_to_ids"):
        return plain
    unknown = getattr(tokenizer, "unk_token_id", None) or 0
    ids = [
        tokenizer.convert_tokens_to_ids(piece) if isinstance(piece, str) else unknown
        for piece in value
    ]
    known = _of_ids(np.array([unknown if n is None else n for n in ids]), tokenizer, "tokens")
    return tuple(
        token if token.text == piece else other
        for token, piece, other in zip(known, value, plain, strict=True)
    )


def mask(value: Any, row: int | None, name: str) -> NDArray[np.bool_]:  # noqa: ANN401 - whatever a caller has
    """Read an attention mask of one item: True where there is no padding.

    Raises
    ------
    ValueError
        If it holds other numbers than 0 and 1, has more than two axes, or keeps nothing.
    """
    given = whole_numbers(value, name)
    if given.ndim not in (1, 2):
        msg = f"{name} has shape {given.shape}: expected (batch, keys) or (keys,)"
        raise ValueError(msg)
    numbers = _row(value, row, name)
    if not np.isin(numbers, (0, 1)).all():
        msg = (
            f"{name} holds {sorted(set(numbers.tolist()))[:5]}: expected 1 for text, 0 for padding"
        )
        raise ValueError(msg)
    if not numbers.any():
        msg = f"{name} is 0 everywhere: expected 1 for at least one token"
        raise ValueError(msg)
    return numbers.astype(bool)


def after_end(ids: Sequence[int | None], tokenizer: Any) -> int:  # noqa: ANN401 - by duck type
    """Count the padding that follows an end of text, in a batch of which others went on."""
    pad, end = getattr(tokenizer, "pad_token_id", None), tokenizer.eos_token_id
    if pad is None or end is None:
        return 0
    last = len(ids)
    while last and ids[last - 1] == pad:
        last -= 1
    if pad == end:
        last = min(last + 1, len(ids))
    return len(ids) - last if last and ids[last - 1] == end else 0


def _is_ids(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(number, int | np.integer) for number in value)
    )


def _place(size: int, row: int | None, name: str) -> int:
    if row is None and size != 1:
        msg = f"{name} holds {size} items: choose one, batch=0 to batch={size - 1}"
        raise ValueError(msg)
    if not 0 <= (row or 0) < size:
        msg = f"batch={row}, but {name} holds {size} items: expected 0 to {size - 1}"
        raise ValueError(msg)
    return row or 0


def _row(value: Any, row: int | None, name: str) -> NDArray[Any]:  # noqa: ANN401 - whatever a caller has
    numbers = whole_numbers(value, name)
    if numbers.ndim > 2:  # noqa: PLR2004 - a batch of rows
        msg = f"{name} has shape {numbers.shape}: expected (batch, tokens) or (tokens,)"
        raise ValueError(msg)
    return numbers if numbers.ndim == 1 else numbers[_place(len(numbers), row, name)]


def _of_ids(
    ids: NDArray[Any],
    tokenizer: Any,  # noqa: ANN401 - a tokenizer by duck type
    name: str,
    segments: Sequence[int | None] | None = None,
) -> tuple[Token, ...]:
    if tokenizer is None:
        msg = (
            f"{name} holds {len(ids)} token ids and no tokenizer to read them: add tokenizer=, or "
            "give tokenizer.convert_ids_to_tokens(ids)"
        )
        raise ValueError(msg)
    none = [None] * len(ids)
    return Reader(tokenizer).read(
        Pieces(ids.tolist(), [0] * len(ids), segments or none, none, ("",))
    )


def _of_encoding(value: Any, tokenizer: Any, row: int | None, name: str) -> Labels:  # noqa: ANN401 - by duck type
    ids = _row(value["input_ids"], row, f"{name}['input_ids']")
    given = whole_numbers(value["input_ids"], name)
    place = 0 if given.ndim == 1 else _place(len(given), row, name)
    kept = None
    if "attention_mask" in value.keys():  # noqa: SIM118 - as above
        kept = mask(value["attention_mask"], row, f"{name}['attention_mask']")
    pieces = getattr(value, "encodings", None)
    if tokenizer is None and pieces:
        labels = _of_pieces(pieces[place])
        return dataclasses.replace(labels, kept=kept)
    segments = None
    if "token_type_ids" in value.keys():  # noqa: SIM118 - as above
        types = _row(value["token_type_ids"], row, f"{name}['token_type_ids']").tolist()
        segments = types if any(types) else None
    elif pieces:
        segments = _segments(pieces[place])
    return Labels(_of_ids(ids, tokenizer, name, segments), kept)


def _segments(piece: Any) -> list[int | None] | None:  # noqa: ANN401 - by duck type
    sequences = list(piece.sequence_ids)
    return sequences if 1 in sequences else None


def _of_pieces(piece: Any) -> Labels:  # noqa: ANN401 - an encoding of the library tokenizers
    """Read tokens where the special ones are known, but not which is which."""
    segments = _segments(piece) or [None] * len(piece.ids)
    special = list(piece.special_tokens_mask)
    kept = np.array(list(piece.attention_mask), bool)
    made = []
    for place, token in enumerate(as_tokens(piece.tokens)):
        role = token.role
        if special[place]:
            role = TokenRole.SPECIAL if kept[place] else TokenRole.PAD
        made.append(
            dataclasses.replace(token, id=int(piece.ids[place]), role=role, segment=segments[place])
        )
    return Labels(tuple(made), None if kept.all() else kept)


def with_second(tokens: Sequence[Token], start: int) -> tuple[Token, ...]:
    """Say where the second text of a pair begins.

    Raises
    ------
    ValueError
        If it begins outside.
    """
    if not 0 < start < len(tokens):
        msg = f"sentence_b_start={start} for {len(tokens)} tokens: expected 1 to {len(tokens) - 1}"
        raise ValueError(msg)
    return tuple(
        dataclasses.replace(token, segment=int(place >= start))
        for place, token in enumerate(tokens)
    )
