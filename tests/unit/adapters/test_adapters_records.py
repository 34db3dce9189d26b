"""Several records by name, and what is done with weights on their way."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from given_attention import HEADS, SEQ2SEQ, TOKENS, outputs, weights

from attn_widgets import AttentionRecord, AttentionRecords, attention_record


@pytest.fixture
def records():
    return attention_record(outputs(**SEQ2SEQ), **TOKENS)


def test_records_are_a_mapping_by_name(records):
    assert dict(records) == {
        "encoder": records.encoder,
        "decoder": records.decoder,
        "cross": records.cross,
    }
    assert repr(records) == "AttentionRecords(encoder, decoder, cross)"
    assert records == AttentionRecords(dict(records))
    with pytest.raises(KeyError, match="no record 'vision': there are encoder, decoder, cross"):
        records["vision"]


def test_records_are_copied_and_pickled_whole(records):
    for again in (copy.deepcopy(records), pickle.loads(pickle.dumps(records))):  # noqa: S301 - our own bytes
        assert isinstance(again, AttentionRecords)
        assert again == records


def test_a_record_is_saved_with_what_was_said_of_it(records, tmp_path):
    for record in (*records.values(), attention_record(HEADS)):
        record.save(tmp_path / "it.npz")
        assert AttentionRecord.load(tmp_path / "it.npz") == record


def test_what_was_given_is_neither_changed_nor_shared():
    given = [weights(2, 4, 4), weights(2, 4, 4)]
    before = np.stack(given)
    record = attention_record(given)
    for layer in given:
        layer[:] = 0
    assert np.array_equal(record.weights, before)
    with pytest.raises(ValueError, match="read-only"):
        record.weights[0, 0, 0, 0] = 1
    assert given[0].flags.writeable
