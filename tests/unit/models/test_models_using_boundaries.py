"""Boundaries of sentences in the embedded model: blocks show them, [SEP]-heavy heads do not."""

from __future__ import annotations

import functools
import operator

import pytest

from attn_widgets.analysis.boundaries import boundaries

TEXTS = [
    "The dog chased the cat. It rained all night. Nobody wanted to leave the house.",
    "Prices rose again last month. Bread is expensive now. The government promised help.",
    "Bees tell each other by dancing where flowers can be found. They live in large groups.",
    "The program crashed at noon. A list was changed while it was read. We fixed it.",
    "Our teacher explained how a bill becomes a law. We took notes. Then the bell rang.",
]


@pytest.fixture(scope="module")
def scores(demo):
    found = [boundaries(demo.run(text)) for text in TEXTS]
    return {
        name: functools.reduce(operator.add, [getattr(one, name).score for one in found])
        for name in ("blocks", "separators")
    }


def test_blocks_find_most_sentences(scores):
    assert scores["blocks"].true == 9
    assert scores["blocks"].verdict == "found"
    assert scores["blocks"].f1 > 0.6


def test_separator_heavy_heads_are_said_to_fail(scores):
    assert scores["separators"].verdict == "failed"
    assert scores["separators"].f1 < scores["blocks"].f1
