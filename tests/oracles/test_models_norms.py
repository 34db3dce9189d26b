"""Contributions against the formulas in plain torch, and their sum against the model's own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import transformers
from tiny_families import SEQ2SEQ, SINGLE, TARGET, TEXT, build, word_tokenizer

from attn_widgets.analysis.norm_shares import mixing_ratio
from attn_widgets.interventions import Changes
from attn_widgets.models import ModelRunner, contributing
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.analysis.messages import Layer

# Where each family's own attention output is seen: a module, and whether it is what it gave or
# what it was given. {} is the layer.
NORMED = {
    "albert": "encoder.albert_layer_groups.0.albert_layers.0.attention.LayerNorm",
    "bert": "encoder.layer.{}.attention.output.LayerNorm",
    "camembert": "encoder.layer.{}.attention.output.LayerNorm",
    "distilbert": "transformer.layer.{}.sa_layer_norm",
    "electra": "encoder.layer.{}.attention.output.LayerNorm",
    "ernie": "encoder.layer.{}.attention.output.LayerNorm",
    "layoutlm": "encoder.layer.{}.attention.output.LayerNorm",
    "mobilebert": "encoder.layer.{}.attention.output.LayerNorm",
    "nomic_bert": "layers.{}.post_attention_layernorm",
    "roberta": "encoder.layer.{}.attention.output.LayerNorm",
    "splinter": "encoder.layer.{}.attention.output.LayerNorm",
    "xlm-roberta": "encoder.layer.{}.attention.output.LayerNorm",
    "bart encoder": "encoder.layers.{}.self_attn_layer_norm",
    "bart decoder": "decoder.layers.{}.self_attn_layer_norm",
    "marian encoder": "encoder.layers.{}.self_attn_layer_norm",
    "marian decoder": "decoder.layers.{}.self_attn_layer_norm",
}
STREAM = {
    "deepseek_v3": "layers.{}.post_attention_layernorm",
    "deepseek_v32": "layers.{}.post_attention_layernorm",
    "esm": "encoder.layer.{}.LayerNorm",
    "gemma": "layers.{}.post_attention_layernorm",
    "gpt2": "h.{}.ln_2",
    "gpt_bigcode": "h.{}.ln_2",
    "gpt_oss": "layers.{}.post_attention_layernorm",
    "granite": "layers.{}.post_attention_layernorm",
    "llama": "layers.{}.post_attention_layernorm",
    "mistral": "layers.{}.post_attention_layernorm",
    "mixtral": "layers.{}.post_attention_layernorm",
    "modernbert": "layers.{}.mlp_norm",
    "opt": "decoder.layers.{}.final_layer_norm",
    "qwen2": "layers.{}.post_attention_layernorm",
    "qwen3": "layers.{}.post_attention_layernorm",
    "stablelm": "layers.{}.post_attention_layernorm",
    "mbart encoder": "encoder.layers.{}.final_layer_norm",
    "mbart decoder": "decoder.layers.{}.encoder_attn_layer_norm",
    "pegasus encoder": "encoder.layers.{}.final_layer_norm",
    "pegasus decoder": "decoder.layers.{}.encoder_attn_layer_norm",
    "t5 encoder": "encoder.block.{}.layer.1.layer_norm",
    "t5 decoder": "decoder.block.{}.layer.1.layer_norm",
    "mt5 encoder": "encoder.block.{}.layer.1.layer_norm",
    "mt5 decoder": "decoder.block.{}.layer.1.layer_norm",
}
ALONE = {
    "cohere2": "layers.{}.self_attn.o_proj",
    "gemma2": "layers.{}.self_attn.o_proj",
    "gemma3_text": "layers.{}.self_attn.o_proj",
    "gpt_neox": "layers.{}.attention.dense",
    "olmo2": "layers.{}.self_attn.o_proj",
    "phi": "layers.{}.self_attn.dense",
    "bart cross": "decoder.layers.{}.encoder_attn.out_proj",
    "marian cross": "decoder.layers.{}.encoder_attn.out_proj",
    "mbart cross": "decoder.layers.{}.encoder_attn.out_proj",
    "pegasus cross": "decoder.layers.{}.encoder_attn.out_proj",
    "mt5 cross": "decoder.block.{}.layer.1.EncDecAttention.o",
    "t5 cross": "decoder.block.{}.layer.1.EncDecAttention.o",
}
STAGES = {"normed": NORMED, "residual": STREAM, "summed": ALONE}
CASES = [(stage, case) for stage, cases in STAGES.items() for case in cases]


def of_family(family: str) -> torch.nn.Module:
    """Build a tiny model whose biases and norms do something."""
    model = build(family, SINGLE[family][1] if family in SINGLE else SEQ2SEQ[family])
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 1:
                weight.add_(torch.randn_like(weight) * 0.3)
    return model


@contextlib.contextmanager
def seen(
    model: torch.nn.Module, path: str, layers: int, stage: str
) -> Iterator[list[np.ndarray[Any, Any]]]:
    """Keep what each layer's module gives, or for a stream is given, in the order of the calls."""
    found: list[np.ndarray[Any, Any]] = []

    def keep(_module: torch.nn.Module, args: tuple[torch.Tensor], output: torch.Tensor) -> None:
        tensor = args[0] if stage == "residual" else output
        found.append(tensor.detach().reshape(-1, tensor.shape[-1]).numpy().copy())

    paths = dict.fromkeys(path.format(layer) for layer in range(layers))
    hooks = [model.get_submodule(one).register_forward_hook(keep) for one in paths]
    yield found
    for hook in hooks:
        hook.remove()


def added_up(layer: Layer) -> np.ndarray[Any, Any]:
    """Add the terms of a layer up one key and head at a time, with the residual and its norm."""
    total = np.zeros((layer.weights.shape[1], layer.output.shape[2]))
    for h, output in enumerate(layer.output):
        for j in range(layer.weights.shape[2]):
            said = layer.values[h // layer.groups, j] @ output
            total += layer.weights[h, :, j, None] * said
    return total


@pytest.mark.parametrize(("stage", "case"), CASES, ids=[case for _, case in CASES])
def test_all_terms_and_the_biases_add_up_to_the_models_own_attention_output(
    stage: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family, _, kind = case.partition(" ")
    model = of_family(family)
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    layers: list[Layer] = []
    monkeypatch.setattr(
        contributing._Text,
        "add",
        lambda self, layer, apart, add=contributing._Text.add: (
            layers.append(layer),
            add(self, layer, apart),
        ),
    )
    pair = TARGET if kind in {"decoder", "cross"} else None
    count = len(runner.stacks[kind or SINGLE[family][0]].names)
    with seen(model, STAGES[stage][case], count, stage) as own:
        made = runner.contributions(TEXT, pair, stack=kind or None)
    assert made.last == stage
    assert len(own) == len(layers) == count
    for number, (layer, expected) in enumerate(zip(layers, own, strict=True)):
        total = added_up(layer) + bias_of(model, case, number)
        if stage != "summed":
            total += layer.residual
        if stage == "normed":
            norm = model.get_submodule(NORMED[case].format(number))
            total = layer.norm(total) / layer.norm.scale[:, None] + norm.bias.detach().numpy()
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(total / scale, expected / scale, atol=2e-6)
    assert made.difference.max() < 2e-6


def bias_of(model: torch.nn.Module, case: str, layer: int) -> np.ndarray[Any, Any] | float:
    """Find the output bias by its name in the family, not as the package does."""
    names = ("attention.output.dense", "self_attn.out_proj", "attention.out_lin", "attn.c_proj")
    names += ("encoder_attn.out_proj", "self_attn.dense", "attention.dense", "self_attn.o_proj")
    wanted = "encoder_attn" if case.endswith("cross") else ""
    stack = case.partition(" ")[2].replace("cross", "decoder")
    for name, module in model.named_modules():
        mine = f".{layer}." in f".{name}" or "albert_layers" in name
        if mine and name.endswith(names) and wanted in name and name.startswith(stack):
            if stack == "decoder" and not wanted and "encoder_attn" in name:
                continue
            bias = getattr(module, "bias", None)
            return 0.0 if bias is None else bias.detach().numpy()
    return 0.0


def test_every_stack_of_every_family_is_among_them() -> None:
    several = [f"{family} {kind}" for family in SEQ2SEQ for kind in ("encoder", "decoder", "cross")]
    assert {case for _, case in CASES} == {*SINGLE, *several}


def kobayashi(model: torch.nn.Module, ids: torch.Tensor) -> dict[str, np.ndarray[Any, Any]]:
    """Write out Kobayashi et al. 2020 and 2021 for BERT from its weights and hidden states."""
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    with torch.no_grad():
        out = model(ids, output_attentions=True, output_hidden_states=True)
    model.set_attn_implementation(before)
    made: dict[str, list[torch.Tensor]] = {}
    for number, block in enumerate(model.encoder.layer):
        attention, written = block.attention.self, block.attention.output
        x, alpha = out.hidden_states[number][0].double(), out.attentions[number][0].double()
        heads, dim, tokens = len(alpha), x.shape[1] // len(alpha), len(x)
        value = x @ attention.value.weight.double().T + attention.value.bias.double()
        f = torch.stack(
            [
                value[:, h * dim : (h + 1) * dim]
                @ written.dense.weight.double()[:, h * dim : (h + 1) * dim].T
                for h in range(heads)
            ]
        )
        y = torch.stack(
            [sum(alpha[h, i, :, None] * f[h] for h in range(heads)) for i in range(tokens)]
        )
        z = y + torch.eye(tokens).double()[:, :, None] * x
        pre = y.sum(1) + written.dense.bias.double() + x
        std = torch.sqrt(pre.var(1, unbiased=False) + written.LayerNorm.eps)
        normal = (z - z.mean(-1, keepdim=True)) / std[:, None, None] * written.LayerNorm.weight
        own = torch.arange(tokens)

        def ratio(terms: torch.Tensor, own: torch.Tensor = own) -> torch.Tensor:
            kept = terms[own, own].norm(dim=-1)
            mixed = (terms.sum(1) - terms[own, own]).norm(dim=-1)
            return mixed / (mixed + kept)

        for name, value_of in {
            "values": f.norm(dim=-1),
            "summed": y.norm(dim=-1),
            "residual": z.norm(dim=-1),
            "normed": normal.norm(dim=-1),
            "weighed": alpha * f.norm(dim=-1)[:, None],
            "ratio summed": ratio(y),
            "ratio residual": ratio(z),
            "ratio normed": ratio(normal),
        }.items():
            made.setdefault(name, []).append(value_of.detach())
    return {name: torch.stack(parts).numpy() for name, parts in made.items()}


def test_every_norm_equals_the_formula_written_out_from_berts_weights() -> None:
    model = of_family("bert")
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    made = runner.contributions(TEXT)
    expected = kobayashi(model, torch.tensor([[token.id for token in made.record.tokens]]))
    for name in ("values", "summed", "residual", "normed"):
        np.testing.assert_allclose(getattr(made, name), expected[name], rtol=2e-5, atol=2e-6)
    for stage in ("summed", "residual", "normed"):
        wanted = expected[f"ratio {stage}"]
        np.testing.assert_allclose(mixing_ratio(made, stage), wanted, atol=2e-6)
    for place in np.ndindex(2, 4):
        np.testing.assert_allclose(made.weighed(*place), expected["weighed"][place], atol=2e-5)


def test_slopes_equal_gradients_of_the_librarys_own_attentions() -> None:
    torch.manual_seed(0)
    config = transformers.BertConfig(**SINGLE["bert"][1])
    model = transformers.BertForMaskedLM(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(4)
    runner = ModelRunner.from_pretrained(model, tokenizer=word_tokenizer())
    made = runner.contributions(TEXT, gradient=True).slopes
    assert made is not None
    assert "likeliest answer" in made.loss
    model.set_attn_implementation("eager")
    out = model(torch.tensor([[token.id for token in made.tokens]]), output_attentions=True)
    loss = -out.logits[0].log_softmax(-1).max(-1).values.mean()
    slopes = torch.autograd.grad(loss, out.attentions)
    expected = torch.stack([slope[0].abs().sum(1) for slope in slopes]).numpy()
    np.testing.assert_allclose(made.total, expected, rtol=1e-3, atol=1e-7)
    assert (made.pairs == len(made.tokens)).all()
    mean = made.by_role()[TokenRole.WORD]
    np.testing.assert_allclose(mean, expected.mean(-1) / len(made.tokens), rtol=1e-3)


@pytest.mark.parametrize("family", ["bert", "llama", "gpt2"])
def test_padding_a_batch_changes_nothing(family: str) -> None:
    runner = ModelRunner.from_pretrained(of_family(family), tokenizer=word_tokenizer())
    core = runner._core
    batch = core.prepare([(TEXT, None), (f"{TEXT} {TARGET} {TEXT}", None)], None)
    plain, asked = Changes(), contributing.Asked()
    together = contributing.contributions(core, batch, plain, asked)
    for one, alone in zip(batch, together, strict=True):
        own = contributing.contributions(core, [one], plain, asked)[0]
        for name in ("values", "summed", "residual", "normed", "mixed", "mixed_normed"):
            was, now = getattr(own, name), getattr(alone, name)
            assert (was is None) == (now is None)
            if was is not None:
                np.testing.assert_allclose(now, was, rtol=1e-4, atol=1e-4 * was.max())


def test_grouped_heads_have_different_messages_of_one_value() -> None:
    runner = ModelRunner.from_pretrained(of_family("llama"), tokenizer=word_tokenizer())
    made = runner.contributions(TEXT)
    assert made.values.shape == (2, 4, 7)
    assert not np.allclose(made.values[:, 0], made.values[:, 1])
