"""Widgets take whatever holds attention; the grids of one run follow each other."""

from __future__ import annotations

import types

import numpy as np
import pytest
import traitlets as t

from attn_widgets import AttentionExplorer, AttentionRecord, MaskLab, attention_record

SOURCE, TARGET = list("abcde"), list("wxyz")


def rows(*shape):
    scores = np.random.default_rng(sum(shape)).gamma(1.0, size=shape).astype(np.float32)
    return scores / scores.sum(-1, keepdims=True)


@pytest.fixture
def outputs():
    return types.SimpleNamespace(
        encoder_attentions=[rows(2, 5, 5)] * 3,
        decoder_attentions=[rows(3, 4, 4)] * 2,
        cross_attentions=[rows(3, 4, 5)] * 2,
    )


@pytest.fixture
def views(outputs):
    records = attention_record(outputs, encoder_tokens=SOURCE, decoder_tokens=TARGET)
    return dict(zip(records, AttentionExplorer.linked(records).children, strict=True))


def test_an_explorer_takes_what_makes_one_record():
    weights = rows(3, 2, 5, 5)
    expected = AttentionRecord.from_arrays(weights, SOURCE)
    outputs = types.SimpleNamespace(attentions=tuple(layer[None] for layer in weights))
    for given in (list(weights), outputs, {"attentions": outputs.attentions}):
        view = AttentionExplorer(given, tokens=SOURCE)
        assert np.array_equal(view.record.weights, weights)
        assert view.record.tokens == expected.tokens
    view.record = rows(2, 2, 3, 3)
    assert view.record.shape == (2, 2, 3, 3)
    assert AttentionExplorer.compare(weights, weights[:, ::-1].copy()).second is not None


def test_a_lab_takes_what_makes_one_record():
    lab = MaskLab([rows(2, 5, 5)], mask="local(1)")
    assert lab.n == 5


def test_what_holds_no_attention_is_refused_with_its_mend():
    with pytest.raises(ValueError, match=r"attentions is \(\).*set_attn_implementation\('eager'\)"):
        AttentionExplorer(types.SimpleNamespace(attentions=()))
    with pytest.raises(TypeError, match="knows its tokens already"):
        AttentionExplorer(AttentionRecord.from_arrays(rows(1, 2, 5, 5), SOURCE), tokens=SOURCE)


def test_a_runner_runs_a_text_and_what_lacks_its_weights():
    record = AttentionRecord.from_arrays(rows(1, 2, 5, 5), SOURCE)

    class Runner:
        def run(self, text, pair=None):
            assert (text, pair) == ("a b c d e", None)
            return record

    assert AttentionExplorer("a b c d e", runner=Runner()).record is record


def test_several_records_need_several_grids(outputs):
    with pytest.raises(TypeError, match=r"encoder; decoder; cross: AttentionExplorer.linked"):
        AttentionExplorer(outputs)
    with pytest.raises(TypeError, match="there are 3 records"):
        MaskLab(outputs)


def test_a_token_is_picked_everywhere_at_once(views):
    views["cross"].query, views["cross"].key = 2, 4
    assert views["decoder"].query == 2
    assert views["encoder"].query == 4
    views["encoder"].query, views["decoder"].query = 1, None
    assert (views["cross"].query, views["cross"].key) == (None, 1)
    views["encoder"].key = 3
    views["decoder"].key = 3
    assert views["cross"].key == 1


def test_settings_are_shared_and_heads_are_not(views):
    for name, value in (("threshold", 0.25), ("special_mode", "hide"), ("lang", "ja")):
        setattr(views["encoder"], name, value)
        assert [getattr(view, name) for view in views.values()] == [value] * 3
    views["decoder"].layer, views["decoder"].head = 1, 2
    assert [view.layer for view in views.values()] == [0, 1, 1]
    assert [view.head for view in views.values()] == [0, 2, 0]
    views["encoder"].layer = 2
    assert [view.layer for view in views.values()] == [2, 1, 1]


def test_settings_are_given_to_every_grid(outputs):
    box = AttentionExplorer.linked(outputs, {"encoder": SOURCE, "decoder": TARGET}, lang="ja")
    assert [view.lang for view in box.children] == ["ja"] * 3
    with pytest.raises(t.TraitError):
        AttentionExplorer.linked(outputs, threshold=2)


def test_layers_of_unequal_heads_are_grids_of_their_own():
    box = AttentionExplorer.linked([rows(2, 5, 5), rows(4, 5, 5), rows(2, 5, 5)], SOURCE)
    assert [view.record.layers for view in box.children] == [(0, 2), (1,)]
    assert [len(view.record.heads) for view in box.children] == [2, 4]
    assert len(AttentionExplorer.linked(rows(2, 5, 5)).children) == 1
