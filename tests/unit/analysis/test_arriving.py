"""What arrives, shared out row by row: of the lengths handed on, and of nothing else."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from attn_widgets import AttentionExplorer, ModelRunner
from attn_widgets.analysis.arriving import arriving

TEXT = "The dog chased the cat."


@pytest.fixture(scope="module")
def runner():
    return ModelRunner.from_pretrained("demo", device="cpu")


@pytest.fixture(scope="module")
def made(runner):
    return runner.contributions(TEXT)


def test_rows_are_the_sizes_divided_by_their_sum(runner, made):
    record = runner.run(TEXT, layers=[1, 4], heads=[0, 7, 11])
    found = arriving(made, record)
    assert (found.layers, found.heads) == (record.layers, record.heads)
    for layer in record.layers:
        for head in record.heads:
            sizes = made.weighed(layer, head)
            np.testing.assert_allclose(
                found[layer, head], sizes / sizes.sum(-1, keepdims=True), rtol=1e-6
            )
    np.testing.assert_allclose(found.weights.sum(-1), 1, rtol=1e-5)


def test_where_all_vectors_are_equally_long_what_arrives_is_where_it_looks(runner, made):
    even = dataclasses.replace(made, values=np.full_like(made.values, 3.0))
    record = runner.run(TEXT, dtype="float32")
    np.testing.assert_allclose(arriving(even, record).weights, record.weights, atol=1e-6)


def test_a_row_to_which_nothing_is_handed_on_stays_empty(runner, made):
    nothing = dataclasses.replace(made, values=np.zeros_like(made.values))
    found = arriving(nothing, runner.run(TEXT))
    assert found.sink
    assert not found.weights.any()


def test_another_text_is_refused(runner, made):
    with pytest.raises(ValueError, match="not of the same tokens"):
        arriving(made, runner.run("Birds sing."))


def test_an_explorer_draws_it_beside_the_attention(runner, made):
    record = runner.run(TEXT, dtype="float32")
    view = AttentionExplorer(record, runner=runner)
    shown = view.show_norms()
    assert view.shown == "second"
    assert view._second["kind"] == "norms"
    np.testing.assert_allclose(shown.weights, arriving(made, record).weights, rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="no model"):
        AttentionExplorer(record).show_norms()
