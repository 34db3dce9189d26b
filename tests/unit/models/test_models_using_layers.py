"""Layers that are frozen or started anew: what changes, what does not, and the way back."""

from __future__ import annotations

import copy

import pytest
import torch
import transformers

from attn_widgets.models import UnsupportedModelError
from attn_widgets.models.using.layers import freeze_layers, reinitialize_layers

LISTS = {"bert": "encoder.layer", "gpt2": "h", "distilbert": "transformer.layer", "llama": "layers"}


def copied(model):
    return {name: own.detach().clone() for name, own in model.state_dict().items()}


def same(one, other):
    return {name for name in one if torch.equal(one[name], other[name])}


def model_of(tiny, family):
    options = {"num_key_value_heads": 2} if family == "llama" else {}
    names = {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 37}
    return tiny(family, **(names if family == "distilbert" else options))


@pytest.mark.parametrize("family", LISTS)
def test_frozen_layers_and_embeddings_do_not_train_and_the_rest_does(tiny, family):
    model = model_of(tiny, family)
    before = copied(model)
    change = freeze_layers(model, bottom=2)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    model(input_ids=torch.arange(5)[None]).last_hidden_state.square().sum().backward()
    optimiser.step()
    moved = set(before) - same(before, model.state_dict())
    assert change.layers == (0, 1)
    assert not moved & set(change.parameters)
    assert any(name.startswith(f"{LISTS[family]}.2.") for name in moved)
    assert not any(name.startswith(f"{LISTS[family]}.1.") for name in moved)
    assert not any("embedding" in name or "wte" in name for name in moved)
    assert "layers 0, 1" in repr(change)
    change.undo()
    assert all(own.requires_grad for own in model.parameters())


def test_undoing_gives_back_what_was_frozen_already(tiny):
    model = tiny()
    first = next(iter(model.parameters())).requires_grad_(requires_grad=False)
    with freeze_layers(model, layers=[1], embeddings=True) as change:
        assert not first.requires_grad
        assert change.numbers == sum(
            own.numel() for name, own in model.named_parameters() if name in change.parameters
        )
    assert not first.requires_grad
    assert sum(not own.requires_grad for own in model.parameters()) == 1


def test_embeddings_are_left_to_train_when_asked(tiny):
    change = freeze_layers(tiny(), bottom=1, embeddings=False)
    assert all(name.startswith("encoder.layer.0.") for name in change.parameters)


@pytest.mark.parametrize("family", LISTS)
def test_only_the_top_layers_start_anew_with_the_family_s_own_spread(tiny, family):
    model = model_of(tiny, family)
    with torch.no_grad():
        for own in model.parameters():
            own.fill_(3.0)
            own._is_hf_initialized = True
    before = copied(model)
    change = reinitialize_layers(model, top=1)
    moved = set(before) - same(before, model.state_dict())
    assert moved == set(change.parameters)
    assert all(name.startswith(f"{LISTS[family]}.2.") for name in moved)
    for name in moved:
        own = model.get_parameter(name)
        assert own._is_hf_initialized
        if own.dim() > 1:
            assert 0.001 < own.std() < 0.03
            assert abs(own.mean()) < 0.005
        elif name.endswith("bias"):
            assert own.abs().max() == 0
        else:
            assert torch.equal(own, torch.ones_like(own))
    change.undo()
    assert same(before, model.state_dict()) == set(before)


def test_it_is_what_the_library_draws_for_a_new_model(tiny):
    shape = tiny("gpt2").config
    fresh = transformers.AutoModel.from_config(shape)
    ours = reinitialize_layers(fresh, top=3)
    scaled = [fresh.get_parameter(n) for n in ours.parameters if n.endswith("c_proj.weight")]
    plain = [fresh.get_parameter(n) for n in ours.parameters if n.endswith("c_attn.weight")]
    wanted = 0.02 / (2 * shape.n_layer) ** 0.5
    assert all(abs(own.std() - wanted) < 0.002 for own in scaled)
    assert all(abs(own.std() - 0.02) < 0.002 for own in plain)


def test_a_seed_gives_the_same_numbers_and_leaves_those_around_alone(tiny):
    one, other, third = tiny(), tiny(), tiny()
    state = torch.random.get_rng_state()
    reinitialize_layers(one, top=2, seed=1)
    assert torch.equal(torch.random.get_rng_state(), state)
    reinitialize_layers(other, top=2, seed=1)
    reinitialize_layers(third, top=2, seed=2)
    everything = set(one.state_dict())
    assert same(one.state_dict(), other.state_dict()) == everything
    assert same(one.state_dict(), third.state_dict()) != everything


def test_a_runner_is_taken_for_its_model_and_a_head_is_kept(demo):
    before = copied(demo.model)
    with reinitialize_layers(demo, top=1) as change:
        assert change.layers == (5,)
        assert same(before, demo.model.state_dict()) != set(before)
    assert same(before, demo.model.state_dict()) == set(before)


def test_an_encoder_decoder_model_needs_to_be_told_which(tiny):
    model = copy.deepcopy(
        tiny("t5", d_model=32, d_kv=8, d_ff=37, num_layers=2, num_decoder_layers=2, num_heads=4)
    )
    with pytest.raises(UnsupportedModelError, match="stack='encoder'"):
        freeze_layers(model, bottom=1)
    change = freeze_layers(model, bottom=1, stack="decoder")
    assert "decoder.block.0.layer.0.SelfAttention.q.weight" in change.parameters


@pytest.mark.parametrize("stack", ["encoder", "decoder"])
@pytest.mark.parametrize("family", ["t5", "bart"])
def test_freezing_one_stack_leaves_the_other_to_train(tiny, family, stack):
    options = {
        "t5": {"d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2, "num_decoder_layers": 2},
        "bart": {
            "d_model": 32,
            "encoder_layers": 2,
            "decoder_layers": 2,
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 4,
        },
    }[family]
    model = tiny(family, **({"num_heads": 4} if family == "t5" else {}), **options)
    change = freeze_layers(model, bottom=1, stack=stack)
    other = {"encoder": "decoder", "decoder": "encoder"}[stack]
    frozen = {name for name, own in model.named_parameters() if not own.requires_grad}
    assert frozen == set(change.parameters)
    assert not any(name.startswith(f"{other}.") for name in frozen)
    layers = {"t5": "block", "bart": "layers"}[family]
    beside = {name for name in frozen if not name.startswith(f"{stack}.{layers}.0.")}
    assert set(change.beside) == beside
    own = {"embed_positions.weight", "layernorm_embedding.weight", "layernorm_embedding.bias"}
    positions = {f"{stack}.{name}" for name in own} if family == "bart" else set()
    assert beside == {"shared.weight"} | positions
    assert "beside them shared.weight" in repr(change)
    change.undo()
    assert all(own.requires_grad for own in model.parameters())


def test_layers_that_share_weights_are_refused(tiny):
    with pytest.raises(UnsupportedModelError, match="cannot be told"):
        freeze_layers(tiny("albert", embedding_size=16), bottom=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "exactly one"),
        ({"bottom": 1, "layers": [1]}, "exactly one"),
        ({"bottom": 4}, "from 0 to 3"),
        ({"bottom": True}, "from 0 to 3"),
        ({"layers": [3]}, "from 0 to 2"),
    ],
)
def test_wrong_layers_are_refused(tiny, arguments, words):
    with pytest.raises(ValueError, match=words):
        freeze_layers(tiny(), **arguments)


def test_something_else_is_refused():
    with pytest.raises(TypeError, match="not Linear"):
        freeze_layers(torch.nn.Linear(2, 2), bottom=1)
