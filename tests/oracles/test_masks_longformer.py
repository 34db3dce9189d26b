"""Our windows and global tokens against the Longformer attention of transformers.

Its values are replaced by the identity matrix, so that each output row is the row of attention
probabilities, and where it is above zero is the mask. Its own chunks need two taps a side at least.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import LongformerConfig
from transformers.models.longformer.modeling_longformer import LongformerSelfAttention

from attn_widgets.masks import Mask, dilated, global_, global_cols, global_rows, local


class Identity(torch.nn.Module):
    """Values that tell the keys apart."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.eye(hidden.shape[0]).unsqueeze(1)


def longformer(
    n: int, attention_window: int, anchors: list[int], padding: list[int] | None = None
) -> np.ndarray:
    """Return which keys each query attends to, ``(n, n)``."""
    config = LongformerConfig(
        hidden_size=n, num_attention_heads=1, attention_window=[attention_window]
    )
    torch.manual_seed(0)
    attention = LongformerSelfAttention(config, layer_id=0).eval()
    attention.value = attention.value_global = Identity()
    role = torch.zeros(1, n)
    role[0, anchors] = 10_000
    role[0, padding or []] = -10_000
    with torch.no_grad():
        out = attention(
            torch.randn(1, n, n) / n,
            attention_mask=role,
            is_index_masked=role < 0,
            is_index_global_attn=role > 0,
            is_global_attn=bool(anchors),
        )[0]
    return out[0].numpy() > 0


@pytest.mark.parametrize(("n", "w"), [(8, 2), (12, 2), (24, 3), (32, 8), (64, 4)])
def test_its_window_of_2w_is_w_keys_on_each_side(n: int, w: int) -> None:
    assert np.array_equal(local(w).bind(n).to_dense(), longformer(n, 2 * w, []))


@pytest.mark.parametrize(
    ("n", "w", "anchors"), [(16, 2, [0]), (24, 3, [0, 11, 23]), (32, 4, [5, 6, 7])]
)
def test_its_global_tokens_see_and_are_seen(n: int, w: int, anchors: list[int]) -> None:
    mask = local(w) | global_(anchors)
    assert np.array_equal(mask.bind(n).to_dense(), longformer(n, 2 * w, anchors))


def test_its_padding_is_seen_by_none_and_sees_none() -> None:
    roles = ["cls", *["word"] * 10, "sep", *["pad"] * 4]
    tokens = [SimpleNamespace(role=role) for role in roles]
    mask: Mask = (local(2) | global_("cls")) - global_cols("pad") - global_rows("pad")
    theirs = longformer(16, 4, [0], padding=[12, 13, 14, 15])
    assert np.array_equal(mask.bind(16, tokens=tokens).to_dense(), theirs)


@pytest.mark.parametrize(("n", "w", "d"), [(24, 2, 3), (32, 4, 2), (48, 2, 4), (60, 3, 5)])
def test_a_dilated_window_is_its_window_on_each_residue_class(n: int, w: int, d: int) -> None:
    theirs = np.zeros((n, n), dtype=bool)
    for first in range(d):
        members = np.arange(first, n, d)
        theirs[np.ix_(members, members)] = longformer(n // d, 2 * w, [])
    assert np.array_equal(dilated(w, d).bind(n).to_dense(), theirs)
