"""The same mask in torch's forms."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from attn_widgets.masks import (
    MaskBindError,
    dilated,
    global_,
    local,
    sink,
)
from attn_widgets.masks.exchange.tensors import to_additive, to_bool_4d


def test_the_boolean_mask_has_four_axes() -> None:
    bound = (local(1) | global_(0)).bind(4, 7, q_offset=3)
    mask = to_bool_4d(bound)
    assert mask.shape == (1, 1, 4, 7)
    assert np.array_equal(mask[0, 0].numpy(), bound.to_dense())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_softmax_under_the_bias_is_zero_outside_the_mask(dtype: torch.dtype) -> None:
    bound = (dilated(2, 2) | sink(1)).bind(9)
    bias = to_additive(bound, dtype)
    assert bias.dtype == dtype
    scores = torch.randn(2, 3, 9, 9, generator=torch.Generator().manual_seed(0)).to(dtype)
    weights = torch.softmax(scores + bias, dim=-1)
    assert torch.equal(weights > 0, to_bool_4d(bound).expand(2, 3, 9, 9))


def test_a_bias_that_would_spread_over_every_key_is_refused() -> None:
    with pytest.raises(MaskBindError, match="queries keep nothing: 1 of them, the first 0"):
        to_additive((local(1) - sink(2)).bind(4))


def test_the_masks_are_imported_without_torch() -> None:
    code = "import sys, attn_widgets.masks; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
