"""Gates of other models, and of the embedded one against eager attention under the same pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from attn_widgets.masks import bind_record
from attn_widgets.models import FittedGate, ModelRunner, corpus, fit_gate
from attn_widgets.models.gates import Hard
from attn_widgets.models.masked import masked

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedTokenizerFast

KINDS = ("low_rank", "threshold")


def test_a_model_in_half_precision_is_gated_too(
    tiny: Callable[..., torch.nn.Module],
    word_tokenizer: PreTrainedTokenizerFast,
    fit: Callable[..., FittedGate],
) -> None:
    half = ModelRunner.from_pretrained(tiny("bert").to(torch.bfloat16), word_tokenizer)
    for kind in KINDS:
        report = fit(half, kind, steps=2).report
        assert 0.15 < report.density < 0.5
        assert report.cosine_mean > 0.5


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_decoders_and_shared_keys_are_gated_too(
    tiny: Callable[..., torch.nn.Module],
    byte_tokenizer: PreTrainedTokenizerFast,
    family: str,
    fit: Callable[..., FittedGate],
) -> None:
    options = {"num_key_value_heads": 2} if family == "llama" else {}
    runner = ModelRunner.from_pretrained(tiny(family, **options), byte_tokenizer)
    own = fit(runner, steps=2, target_density=0.4, max_length=24)
    assert 0.25 < own.report.density < 0.55
    record = runner.run("the dog and the cat")
    bound = own.mask().bind_data(
        q=record.q[1, 3], k=record.k[1, 3 // record.kv_groups], place=(1, 3)
    )
    assert np.array_equal(bind_record(own.mask(), record, 1, 3).to_dense(), bound.to_dense())
    assert not np.triu(bound.to_dense(), 1).any()
    assert not bound.empty_rows().size


def test_the_encoder_of_an_encoder_decoder_is_gated_with_its_position_bias(
    tiny: Callable[..., torch.nn.Module], piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    shape = {"d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2, "num_heads": 4}
    runner = ModelRunner.from_pretrained(
        tiny("t5", decoder_start_token_id=0, **shape), piece_tokenizer
    )
    own = [f"the dog{' run the dogs' * (i % 5 + 2)}." for i in range(20)]
    for kind in KINDS:
        report = fit_gate(runner, own, 0.4, kind, steps=2, progress=False).report
        assert 0.25 < report.density < 0.55


def test_hard_decisions_are_numpys_and_the_run_is_eager_attention_under_them(
    demo: ModelRunner,
) -> None:
    """Layer by layer, numpy decides on what the masked run itself computed."""
    train, held = corpus.split(corpus.paragraphs(("argparse", "string", "textwrap")), 8)
    own = {
        kind: fit_gate(demo, train + held, 0.2, kind, steps=2, max_length=24, progress=False)
        for kind in KINDS
    }
    batch = dict(demo.tokenizer([held[0]], return_tensors="pt"))
    for fitted_gate in own.values():
        calls: list[tuple[Any, torch.Tensor]] = []
        hard = Hard(fitted_gate.gate)

        def seen(call: Any, hard: Hard = hard, calls: list[Any] = calls) -> torch.Tensor:
            calls.append((call, hard(call)))
            return calls[-1][1]

        with torch.no_grad(), masked(demo, seen):
            under = demo.model.base_model(**batch)[0]
        mask = fitted_gate.mask()
        decided = {}
        for call, kept in calls:
            given = call.inputs
            weights = torch.softmax(given.query @ given.key.transpose(2, 3) * given.scaling, dim=-1)
            numpy_says = np.stack(
                [
                    mask.bind_data(
                        q=given.query[0, head].numpy(),
                        k=given.key[0, head].numpy(),
                        weights=weights[0, head].numpy(),
                        place=(call.layer, head),
                    ).to_dense()
                    for head in range(12)
                ]
            )
            eye = torch.eye(kept.shape[-1], dtype=torch.bool)
            assert np.array_equal((kept[0] | eye).numpy(), numpy_says)
            decided[call.layer] = numpy_says
        expected = _eager_under(demo, batch, decided)
        torch.testing.assert_close(under, expected, rtol=0, atol=1e-5)


def _eager_under(
    runner: ModelRunner, batch: dict[str, torch.Tensor], kept: dict[int, np.ndarray]
) -> torch.Tensor:
    body = runner.model.base_model
    hooks = []
    for number, layer in enumerate(body.encoder.layer):
        hidden = ~torch.from_numpy(kept[number])[None]
        added = torch.zeros(hidden.shape).masked_fill(hidden, torch.finfo(torch.float32).min)

        def give(_: object, args: Any, kwargs: Any, added: torch.Tensor = added) -> Any:
            return args, kwargs | {"attention_mask": added}

        hooks.append(layer.attention.self.register_forward_pre_hook(give, with_kwargs=True))
    try:
        with torch.no_grad(), runner._switch.to("eager"):
            return body(**batch)[0]
    finally:
        for hook in hooks:
            hook.remove()
