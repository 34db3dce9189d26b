"""What a token shows, and the part it plays, for each kind of tokenizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import transformers
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.models.encoding import Encoder
from attn_widgets.record.pieces import Pieces, Reader

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

    from attn_widgets.models import ModelRunner
    from attn_widgets.record import Token


def read(
    tokenizer: PreTrainedTokenizerBase, text: str, pair: str | None = None
) -> tuple[Token, ...]:
    return Encoder(tokenizer, None).encode(text, pair, None).tokens


def test_roles_come_from_ids_and_unicode(demo: ModelRunner) -> None:
    tokens = read(demo.tokenizer, "Hello, [MASK] world …")
    assert [(token.display, token.role.value) for token in tokens] == [
        ("[CLS]", "cls"),
        ("hello", "word"),
        (",", "punctuation"),
        ("[MASK]", "mask"),
        ("world", "word"),
        ("…", "punctuation"),
        ("[SEP]", "sep"),
    ]


def test_a_piece_that_only_spells_a_special_token_is_a_word(
    piece_tokenizer: PreTrainedTokenizerFast,
) -> None:
    tokens = read(piece_tokenizer, "[SEP]")
    assert {token.role.value for token in tokens} <= {"word", "unk", "punctuation", "eos"}
    assert tokens[-1].role == "eos"


def test_spans_cut_each_token_out_of_its_own_text(demo: ModelRunner) -> None:
    texts = ("The unbelievable dog's café.", "It ran!")
    tokens = read(demo.tokenizer, *texts)
    for token in tokens:
        if token.span is None:
            assert token.role.is_special
            continue
        assert token.segment is not None
        part = texts[token.segment][slice(*token.span)]
        assert token.text.removeprefix("##") == part.lower().replace("é", "e")


def test_a_pair_has_segments_and_a_single_text_has_none(
    demo: ModelRunner, piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    assert [t.segment for t in read(demo.tokenizer, "a b", "c")] == [0, 0, 0, 0, 1, 1]
    assert {t.segment for t in read(demo.tokenizer, "a b")} == {None}
    untyped = read(piece_tokenizer, "the dog", "run")
    assert [t.segment for t in untyped] == [0, 0, None, 1, None]


def test_word_piece_and_sentence_piece_marks_are_kept(
    demo: ModelRunner, piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    assert [str(t) for t in read(demo.tokenizer, "embeddings")][1:-1] == [
        "em",
        "##bed",
        "##ding",
        "##s",
    ]
    assert [str(t) for t in read(piece_tokenizer, "the dogs.")] == [
        "▁the",
        "▁dog",
        "s",
        ".",
        "</s>",
    ]


def test_a_mark_before_punctuation_does_not_make_it_a_word(
    byte_tokenizer: PreTrainedTokenizerFast,
) -> None:
    tokens = read(byte_tokenizer, "a !")
    assert [t.role.value for t in tokens if "!" in t.display] == ["punctuation"]


def test_byte_level_pieces_are_decoded_and_keep_the_mark_of_a_space(
    byte_tokenizer: PreTrainedTokenizerFast,
) -> None:
    tokens = read(byte_tokenizer, "the café\n")
    assert [token.display for token in tokens] == ["the", "Ġcafé", "Ċ"]
    assert tokens[1].text == "ĠcafÃ©"


def test_a_part_of_a_character_is_shown_as_its_bytes(
    byte_tokenizer: PreTrainedTokenizerFast,
) -> None:
    tokens = read(byte_tokenizer, "日")
    assert [token.display for token in tokens] == ["<0xE6>", "<0x97>", "<0xA5>"]
    assert {token.span for token in tokens} == {(0, 1)}


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_byte_level_displays_hold_the_whole_text(
    byte_tokenizer: PreTrainedTokenizerFast, text: str
) -> None:
    whole = b""
    for token in read(byte_tokenizer, text):
        shown = token.display
        for byte in range(256):
            shown = shown.replace(f"<0x{byte:02X}>", chr(0xDC00 + byte)) if byte > 127 else shown
        whole += "".join(
            chr(ord(c) - 0x100) if 0x100 <= ord(c) <= 0x120 else c for c in shown
        ).encode("utf-8", "surrogateescape")
    controls = [c for c in text if 0x7F <= ord(c) <= 0xA0 or 0x100 <= ord(c) <= 0x143]
    if not controls and "<0x" not in text:
        assert whole.decode() == text


def test_where_one_id_begins_and_ends_the_first_begins(
    byte_tokenizer: PreTrainedTokenizerFast,
) -> None:
    tokens = read(byte_tokenizer, "<|endoftext|>the<|endoftext|>")
    assert [token.role.value for token in tokens] == ["bos", "word", "eos"]
    assert tokens[0].display == "<|endoftext|>"


def test_special_tokens_without_a_name_are_special(
    piece_tokenizer: PreTrainedTokenizerFast,
) -> None:
    number = piece_tokenizer.convert_tokens_to_ids("▁run")
    (token,) = Reader(piece_tokenizer).read(Pieces([number], [1], [None], [None], ("",)))
    assert token.role == "special"


@pytest.mark.parametrize("pair", [None, "cd"])
def test_a_slow_tokenizer_without_offsets_works(pair: str | None) -> None:
    canine = transformers.CanineTokenizer()
    canine.token_type_ids_pattern = "bert_style"  # noqa: S105 - no password
    assert not canine.is_fast
    tokens = read(canine, "ab,", pair)
    roles = ["cls", "word", "word", "punctuation", "sep"]
    segments: list[int | None] = [None] * 5
    if pair:
        roles += ["word", "word", "sep"]
        segments = [0, 0, 0, 0, 0, 1, 1, 1]
    assert [token.role.value for token in tokens] == roles
    assert [token.segment for token in tokens] == segments
    assert {token.span for token in tokens} == {None}


def test_an_unknown_word_is_text(demo: ModelRunner) -> None:
    token = read(demo.tokenizer, "☃☃☃")[1]
    assert token.role == "unk"
    assert not token.role.is_special
    assert token.span == (0, 3)
