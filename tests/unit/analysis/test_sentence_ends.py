"""Ends of sentences by spelling: what is one, what is none, and what the rule is known to miss."""

from __future__ import annotations

import re

import numpy as np
import pytest

from attn_widgets.analysis.boundaries import boundaries
from attn_widgets.analysis.sentence_ends import ABBREVIATIONS, ends_before
from attn_widgets.record import AttentionRecord, Token, TokenRole

PIECES = ["Dr", ".", "Smith", "paid", "3", ".", "50", "dollars", "."]
PIECES += ["Mrs", ".", "Jones", "left", "."]


def first_words(text):
    """List the words before which a sentence ends."""
    words = list(re.finditer(r"\w+", text))[1:]
    return [word.group() for word in words if ends_before(text, word.start())]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Dr. Smith paid 3.50 dollars to e.g. Mrs. Jones yesterday", []),
        (
            "The dog barked. It rained! Why? Nobody knew… But they left.",
            ["It", "Why", "Nobody", "But"],
        ),
        ('He said "No." Then he left. (She stayed.) We slept.', ["Then", "She", "We"]),
        ("J. R. Smith lives in the U.S. Army base.", []),
        ("So did I. They left at 5 p.m. exactly.", ["They"]),
        ("It cost 3. Nobody paid.", ["Nobody"]),
        ("Él se fue. Ángela se quedó.", ["Ángela"]),
        ("그는 갔다. 그녀는 남았다.", ["그녀는"]),
        ("it rained. nobody left. 3 dogs came.", []),
        ("Version 2.0 Beta and example.com Pages", []),
    ],
)
def test_a_sentence_ends_at_a_mark_before_white_space_and_a_capital(text, first):
    assert first_words(text) == first


def test_wide_marks_end_a_sentence_without_white_space_but_not_inside_quotes():
    text = "雨が降った。誰も来ない！なぜ？「行く。」と言った。"  # noqa: RUF001 - Japanese
    assert first_words("雨が降った。誰も来ない。") == ["誰も来ない"]
    letters = [i for i, sign in enumerate(text) if sign.isalpha()]
    assert "".join(text[i] for i in letters if ends_before(text, i)) == "誰な行"


def test_white_space_within_a_token_is_passed_over():
    text = "It rained. Nobody left."
    assert ends_before(text, text.index(" Nobody"))
    assert ends_before(text, text.index("Nobody"))


@pytest.mark.parametrize("word", sorted(ABBREVIATIONS))
def test_no_sentence_ends_after_an_abbreviation(word):
    text = f"We met {word.title()}. Miller there"
    assert not ends_before(text, text.index("Miller"))


def spelled(text, pieces, *, spans=True):
    """Make a record of a text in pieces, with where these stand in it or without."""
    tokens, at = [Token("[CLS]", "[CLS]", role=TokenRole.CLS)], 0
    for piece in pieces:
        start = text.index(piece, at)
        at = start + len(piece)
        role = TokenRole.PUNCTUATION if piece in set(".!?") else TokenRole.WORD
        tokens.append(Token(piece, piece, role=role, span=(start, at) if spans else None))
    tokens.append(Token("[SEP]", "[SEP]", role=TokenRole.SEP))
    size = len(tokens)
    even = np.full((1, 1, size, size), 1 / size, np.float32)
    return AttentionRecord.from_arrays(even, tokens, text=text)


def test_the_spelling_of_the_text_decides_where_it_is_known():
    text = "Dr. Smith paid 3.50 dollars. Mrs. Jones left."
    found = boundaries(spelled(text, PIECES))
    assert found.rule == "spelling"
    assert [str(spelled(text, PIECES).tokens[i]) for i in found.true] == ["Mrs"]
    assert "abbreviations such as Dr." in found.report("en")
    assert "略語" in found.html("ja")
    assert found.html("ja").startswith('<div lang="ja">')


def test_a_record_without_its_text_says_that_every_mark_counts():
    text = "Dr. Smith paid 3.50 dollars. Mrs. Jones left."
    found = boundaries(spelled(text, PIECES, spans=False))
    assert found.rule == "marks"
    assert len(found.true) == 4
    assert "also that of Dr. or 3.50" in found.report("en")
    assert "本文がない" in found.report("ja")


def test_given_boundaries_have_no_rule_to_tell():
    record = spelled("one two three", ["one", "two", "three"])
    given = boundaries(record, truth=[2])
    assert given.rule is None
    assert "by spelling" not in given.report("en")
