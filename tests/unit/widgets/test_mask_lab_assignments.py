"""A laboratory over an assignment: one head's mask on show, and what all of them cost."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets as t

from attn_widgets import MaskLab, dilated, full, global_, local, samples
from attn_widgets.masks import bind_record, per_head, per_layer, top_k

PER_HEAD = per_head({(0, 3): local(2) | global_("cls", 7)}, default=dilated(2, 2))


def test_the_chosen_heads_mask_is_the_one_on_show():
    lab = MaskLab(64, mask=per_layer({2: PER_HEAD, 4: local(1)}, default=full()))
    shown = {(2, 3): local(2) | global_("cls", 7), (2, 1): dilated(2, 2), (4, 0): local(1)}
    for (lab.layer, lab.head), mask in shown.items():
        assert lab.bound().mask == mask
    lab.layer = 9
    assert lab.bound().nnz() == 64 * 64
    assert "image/png" in lab._repr_mimebundle_()[0]


def test_it_starts_at_the_head_that_is_asked_for():
    lab = MaskLab(64, mask=PER_HEAD, head=3)
    assert (lab.layer, lab.head) == (0, 3)
    with pytest.raises(t.TraitError, match="a head's number, 0 to 4095"):
        lab.head = -1
    with pytest.raises(t.TraitError, match="a layer's number, 0 to 4095"):
        lab.layer = 4096


def test_over_a_record_all_heads_are_counted():
    record = samples.load("sentence")
    mask = per_head({1: top_k(2), 2: global_("cls")}, default=local(1))
    lab = MaskLab(record, mask=mask, layer=2, head=1)
    pairs = sum(
        bind_record(mask.for_head(layer, head), record, layer, head).nnz()
        for layer in record.layers
        for head in record.heads
    )
    assert lab._kept["pairs"] == pairs
    assert lab._kept["text"] == repr(mask)
    kept = np.unpackbits(np.frombuffer(lab._bits, np.uint8), bitorder="little")[:64]
    expected = bind_record(top_k(2), record, 2, 1).to_dense()
    np.testing.assert_array_equal(kept.reshape(8, 8).astype(bool), expected)
    lab.head = 2
    assert lab._bits == b""
    assert lab._kept["place"] == [2, 2]
    lab.mask = local(1)
    assert "pairs" not in lab._kept


def test_an_assignment_that_does_not_fit_is_refused():
    record = samples.load("sentence")
    for mask, reason in (
        (per_head({12: local(1)}), "the model has 12 heads"),
        (per_layer({0: global_(40)}), "outside this text of 8 tokens"),
        (per_head({0: global_("mask")}), "'mask'"),
    ):
        with pytest.raises(t.TraitError, match=reason):
            MaskLab(record, mask=mask)
    with pytest.raises(t.TraitError, match=r"MaskLab\(record\)"):
        MaskLab(64, mask=per_head({0: top_k(2)}))


def test_it_comes_back_from_the_browser_as_it_was_written():
    lab = MaskLab(64)
    lab.set_state({"mask": PER_HEAD.to_spec(), "head": 3})
    assert lab.mask == PER_HEAD
    assert lab.bound().mask == local(2) | global_("cls", 7)


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        (per_head({0: local(2)}), "per_head({0: local(2)}, default=full())"),
        (
            per_head({5: ~dilated(3, 2), (3, 0): local(2)}, default=local(1)),
            "per_head({(0, 3): local(2), 5: ~dilated(3, 2)}, default=local(1))",
        ),
        (
            per_layer({0: per_head({(1, 2): local(4)}, default=local(0))}),
            "per_layer({0: per_head({(1, 2): local(4)}, default=local(0))}, default=full())",
        ),
    ],
)
def test_the_text_is_the_one_the_browser_writes(mask, text):
    assert repr(mask) == text
