"""Runs on pictures and sound: what is asked of them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from family_configs import FAMILIES
from tiny_families import build, word_tokenizer

from attn_widgets.interventions import ablate
from attn_widgets.masks import global_cols, local
from attn_widgets.models import ModelRunner, UnsupportedModelError, run_inputs
from attn_widgets.record import Token, TokenRole

VIT, WHISPER = FAMILIES["vit"], FAMILIES["whisper"]


def test_positions_are_numbered_or_named() -> None:
    model = build("vit", VIT.options)
    assert [one.text for one in run_inputs(model, VIT.inputs).tokens] == [*map(str, range(17))]
    named = [Token("[CLS]", "[CLS]", role=TokenRole.CLS), *(f"{i // 4},{i % 4}" for i in range(16))]
    record = run_inputs(model, VIT.inputs, tokens=named, mask=local(1) | global_cols("cls"))
    assert record.tokens[0].role == "cls"
    assert record.tokens[16].text == "3,3"
    assert (record.weights[:, :, :, 0] > 0).all()
    assert not record.weights[:, :, 1, 3:].any()
    with pytest.raises(ValueError, match="1 tokens are named, but the model attends over 17"):
        run_inputs(model, VIT.inputs, tokens=["a"])


def test_a_model_is_left_as_it_was() -> None:
    model = build("vit", VIT.options)
    with torch.no_grad():
        before = model(**VIT.inputs)[0]
        run_inputs(model, VIT.inputs, mask=local(1), edits=ablate((0, 1)))
        assert torch.equal(model(**VIT.inputs)[0], before)


def test_a_change_is_in_the_record() -> None:
    record = run_inputs(build("vit", VIT.options), VIT.inputs, mask=local(1))
    assert record.provenance.mask["parts"] == [local(1).to_spec()]
    assert record.provenance.implementation == "attn_widgets"


def test_each_stack_of_a_model_of_speech_has_its_sizes() -> None:
    model = build("whisper", WHISPER.options)
    shapes = {
        kind: run_inputs(model, WHISPER.inputs, stack=kind).shape[2:]
        for kind in ("encoder", "decoder", "cross")
    }
    assert shapes == {"encoder": (12, 12), "decoder": (5, 5), "cross": (5, 12)}
    masked = run_inputs(model, WHISPER.inputs, stack="cross", mask=global_cols(2))
    np.testing.assert_allclose(masked.weights[..., 2], 1.0)
    with pytest.raises(ValueError, match="this model has 'encoder'"):
        run_inputs(build("vit", VIT.options), VIT.inputs, stack="cross")


def test_what_cannot_be_captured_is_refused_by_name() -> None:
    vit = build("vit", VIT.options)
    with pytest.raises(UnsupportedModelError, match=r"does not read text.*run_inputs\(model"):
        ModelRunner.from_pretrained(vit, tokenizer=word_tokenizer())
    with pytest.raises(UnsupportedModelError, match="its run failed"):
        run_inputs(vit, {"pixels": torch.zeros(1)})
    with pytest.raises(UnsupportedModelError, match="windows or batches"):
        run_inputs(vit, {"pixel_values": torch.zeros(2, 3, 8, 8)})
    with pytest.raises(ValueError, match="training mode"):
        run_inputs(vit.train(), VIT.inputs)
