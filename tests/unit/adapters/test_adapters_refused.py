"""Every form that is refused: the message names what came, and what mends it."""

from __future__ import annotations

import re

import pytest
import refused_labels
import refused_options
import refused_weights
from given_attention import FOUR, HEADS, Encoding, Inputs

from attn_widgets import attention_record

ROWS = [*refused_weights.ROWS, *refused_labels.ROWS, *refused_options.ROWS]


def test_the_table_is_long_enough_and_names_no_form_twice():
    names = [row.name for row in ROWS]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_form_is_refused_with_its_shape_and_its_mend(row):
    with pytest.raises(row.expected) as caught:
        attention_record(*row.given, **row.options)
    assert type(caught.value).__module__ != "numpy"
    for part in row.facts:
        assert part in str(caught.value)


def test_a_word_that_is_not_known_is_refused():
    with pytest.raises(TypeError, match=re.escape("'heads'")):
        attention_record(HEADS, FOUR, heads=[0])


def test_an_encoding_alone_is_no_attention():
    with pytest.raises(ValueError, match="the inputs of a model"):
        attention_record(Inputs([Encoding("ab", [0, 0])]))
