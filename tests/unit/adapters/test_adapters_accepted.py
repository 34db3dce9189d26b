"""Every form that is taken, each compared value by value with what was put in."""

from __future__ import annotations

import accepted_labels
import accepted_options
import accepted_outputs
import accepted_weights
import numpy as np
import pytest

from attn_widgets import AttentionRecord, attention_record

ROWS = [
    *accepted_weights.ROWS,
    *accepted_outputs.ROWS,
    *accepted_labels.ROWS,
    *accepted_options.ROWS,
]


def test_the_table_is_long_enough_and_names_no_form_twice():
    names = [row.name for row in ROWS]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_form_is_taken_with_every_weight_as_it_was(row):
    made = attention_record(*row.given, **row.options)
    if not isinstance(row.expected, dict):
        assert isinstance(made, AttentionRecord)
        made, expected = {"": made}, {"": row.expected}
    else:
        expected = row.expected
    assert list(made) == list(expected)
    for name, stack in expected.items():
        assert made[name].weights.shape == np.shape(stack)
        assert np.array_equal(made[name].weights, np.asarray(stack, made[name].weights.dtype))
    for fact, value in row.facts.items():
        CHECKS[fact](next(iter(made.values())), value)


def spelled(tokens):
    return [token.display for token in tokens]


def is_alike(got, expected):
    assert list(got) == list(expected)


def has_note(record, part):
    assert part in record.provenance.note


CHECKS = {
    "kind": lambda record, kind: is_alike([record.kind], [kind]),
    "key_texts": lambda record, texts: is_alike(spelled(record.key_tokens), texts),
    "layers": lambda record, layers: is_alike(record.layers, layers),
    "note": has_note,
    "roles": lambda record, roles: is_alike([t.role.value for t in record.tokens], roles),
    "segments": lambda record, segments: is_alike([t.segment for t in record.tokens], segments),
    "text": lambda record, text: is_alike(record.text, text),
    "texts": lambda record, texts: is_alike(spelled(record.tokens), texts),
}
