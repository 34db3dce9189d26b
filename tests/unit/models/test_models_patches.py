"""Pictures of vision models: the patches that their tokens are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from family_configs import FAMILIES
from tiny_families import build

from attn_widgets import attention_record
from attn_widgets.masks import global_cols
from attn_widgets.models import run_inputs

REGISTERS = ["cls", *["register"] * 4]
MODELS = {
    "vit": ["cls"],
    "clip_vision_model": ["cls"],
    "dinov2": ["cls"],
    "dinov2_with_registers": REGISTERS,
}
SEEN = np.random.default_rng(2).integers(0, 256, (8, 8, 3), dtype=np.uint8)


@pytest.mark.parametrize("family", MODELS)
def test_a_run_and_the_outputs_make_the_same_patches(family):
    prefix, inputs = MODELS[family], FAMILIES[family].inputs
    model = build(family, FAMILIES[family].options)
    told = {"patches": (4, 4), "prefix": prefix, "image": SEEN}
    ran = run_inputs(model, inputs, **told, mask=global_cols("cls"))
    assert (ran.weights[..., 0] == 1).all()
    model.set_attn_implementation("eager")
    with torch.no_grad():
        made = attention_record(model(**inputs, output_attentions=True), **told)
    assert made.patches == ran.patches
    assert made.tokens == ran.tokens
    assert made.patches.first == len(prefix)
    np.testing.assert_array_equal(made.patches.pixels, SEEN)
    assert [token.role for token in made.tokens[: len(prefix) + 1]] == [
        "cls",
        *["special"] * (len(prefix) - 1),
        "word",
    ]


def test_what_a_model_looks_at_across_has_the_patches():
    whole = [np.full((2, 4, 4), 0.25)] * 2
    cross = [np.full((2, 3, 4), 0.25)] * 2
    records = attention_record(
        encoder_attention=whole,
        decoder_attention=[np.full((2, 3, 3), 1 / 3)] * 2,
        cross_attention=cross,
        decoder_tokens=["a", "red", "disc"],
        patches=(2, 2),
        image=SEEN,
    )
    assert records.encoder.patches == records.cross.patches
    assert records.encoder.patches.rows == 2
    assert records.decoder.patches is None


def test_a_picture_without_patches_is_refused():
    inputs, model = FAMILIES["vit"].inputs, build("vit", FAMILIES["vit"].options)
    with pytest.raises(TypeError, match=r"give patches=\(rows, columns\)"):
        run_inputs(model, inputs, image=SEEN)
    with pytest.raises(TypeError, match=r"give patches=\(rows, columns\)"):
        attention_record([np.full((2, 4, 4), 0.25)], image=SEEN)
    with pytest.raises(TypeError, match="both names and patches"):
        run_inputs(model, inputs, tokens=["a"] * 17, patches=(4, 4))
    with pytest.raises(ValueError, match="image_std"):
        run_inputs(model, inputs, patches=(4, 4), image=inputs["pixel_values"][0])
