"""Our blocks against the block-sparse BigBird attention of transformers.

Its values are replaced by the identity matrix, so that each output row is the row of attention
probabilities, and where it is above zero is the mask. The random blocks it draws while training are
caught and fed to our mask; in evaluation mode it draws none, and counts block 0 once more for each.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import BigBirdConfig
from transformers.models.big_bird.modeling_big_bird import (
    BigBirdBlockSparseAttention,
    BigBirdModel,
)

from attn_widgets.masks import (
    MaskError,
    bigbird,
    bigbird_hf_multiplicity,
    from_bigbird_hf,
    full,
)

Plan = list[np.ndarray]


class Identity(torch.nn.Module):
    """Values that tell the keys apart, in every head."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.eye(hidden.shape[1]).repeat(1, self.heads)[None]


def run(
    n: int, block: int, r: int, *, heads: int, training: bool
) -> tuple[np.ndarray, np.ndarray, Plan]:
    """Return probabilities and scores, ``(heads, n, n)``, and each head's plan."""
    config = BigBirdConfig(
        hidden_size=n * heads,
        num_attention_heads=heads,
        block_size=block,
        num_random_blocks=r,
        max_position_embeddings=4096,
        attention_probs_dropout_prob=0.0,
    )
    torch.manual_seed(0)
    attention = BigBirdBlockSparseAttention(config, seed=3).train(training)
    attention.value = Identity(heads)
    plans: Plan = []
    for name in ("_bigbird_block_rand_mask", "_bigbird_block_rand_mask_with_head"):
        setattr(attention, name, caught(getattr(attention, name), plans))
    hidden = torch.randn(1, n, n * heads) / n
    blocked, band, from_mask, to_mask = BigBirdModel.create_masks_for_block_sparse_attn(
        torch.ones(1, n), block
    )
    with torch.no_grad():
        out = attention(hidden, band, from_mask, to_mask, blocked, blocked)[0]
        q, k = (
            part(hidden).view(n, heads, n).transpose(0, 1)
            for part in (attention.query, attention.key)
        )
        scores = q @ k.transpose(1, 2) / n**0.5
    found = out.view(n, heads, n).transpose(0, 1)
    return found.numpy(), scores.numpy(), plans


def caught(draw: object, plans: Plan) -> object:
    def drawn(*args: object, **kwargs: object) -> object:
        plan = draw(*args, **kwargs)
        plans.extend(plan if isinstance(plan, list) else [plan])
        return plan

    return drawn


def softmax(scores: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Softmax with every pair counted so many times."""
    powers = times * np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


SIZES = [
    (32, 4, 1, 1),
    (48, 4, 2, 2),
    (60, 4, 3, 1),
    (96, 8, 1, 2),
    (80, 2, 3, 2),
    (1024, 64, 3, 1),
]


@pytest.mark.parametrize(("n", "block", "r", "heads"), SIZES)
def test_in_training_its_mask_is_ours_with_its_own_plan(
    n: int, block: int, r: int, heads: int
) -> None:
    found, scores, plans = run(n, block, r, heads=heads, training=True)
    assert len(plans) == heads
    for head, caught_plan in enumerate(plans):
        plan = caught_plan[: n // block - 2]
        bits = from_bigbird_hf(n, block, r, plan).bind(n).to_dense()
        times = bigbird_hf_multiplicity(n, block, r, plan)
        assert np.array_equal(bits, found[head] > 0)
        assert np.array_equal(bits, times > 0)
        assert np.abs(softmax(scores[head], times) - found[head]).max() < 1e-6


@pytest.mark.parametrize(("n", "block", "r", "heads"), SIZES)
def test_in_evaluation_it_draws_nothing_and_counts_the_first_block_more_than_once(
    n: int, block: int, r: int, heads: int
) -> None:
    found, scores, plans = run(n, block, r, heads=heads, training=False)
    assert not np.any(plans)
    mask = from_bigbird_hf(n, block, r)
    bits = mask.bind(n).to_dense()
    times = bigbird_hf_multiplicity(n, block, r)
    assert mask == bigbird(block, random=0)
    assert np.array_equal(bits, times > 0)
    assert (times[block:-block, :block] == 1 + r).all()
    for head in range(heads):
        assert np.array_equal(bits, found[head] > 0)
        assert np.abs(softmax(scores[head], bits) - found[head]).max() > 1e-4
        assert np.abs(softmax(scores[head], times) - found[head]).max() < 1e-6


def test_a_short_text_is_seen_whole_as_it_is_there() -> None:
    assert from_bigbird_hf(28, 4, 1) == full()
    assert from_bigbird_hf(29, 4, 1) != full()
    assert (bigbird_hf_multiplicity(28, 4, 1) == 1).all()


def test_a_plan_for_another_length_is_refused() -> None:
    with pytest.raises(MaskError, match="6 inner blocks"):
        from_bigbird_hf(32, 4, 1, plan=[[3]] * 5)
