"""What reaches the browser before anybody touches anything stays small, however long the text."""

from __future__ import annotations

import json

import numpy as np
import pytest

from attn_widgets import AttentionExplorer, AttentionRecord

HOSTS_OWN = ("_model", "_view", "_anywidget", "_esm", "_css")
MOST = 3_000_000
"""Bytes of data; the program and the style are the same for every text."""


def sent(shape: tuple[int, int, int]) -> tuple[int, int]:
    """Give the bytes that travel, and the weights that they show."""
    layers, heads, length = shape
    weights = np.full((layers, heads, length, length), 1 / length, np.float16)
    tokens = ["[CLS]", *(f"token{i}" for i in range(length - 2)), "[SEP]"]
    shown = AttentionExplorer(AttentionRecord.from_arrays(weights, tokens=tokens))
    buffers: list[bytes] = []

    def apart(value: bytes) -> None:
        buffers.append(value)

    state = {
        name: value for name, value in shown.get_state().items() if not name.startswith(HOSTS_OWN)
    }
    text = json.dumps(state, default=apart)
    return len(text.encode()) + sum(map(len, buffers)), int(np.prod(shown._cells_shape))


@pytest.mark.parametrize("shape", [(12, 12, 64), (12, 12, 128), (32, 32, 32)])
def test_weights_that_fit_take_hardly_more_than_a_byte_each(shape):
    total, weights = sent(shape)
    assert weights == shape[0] * shape[1] * shape[2] ** 2
    assert total <= 1.1 * weights


@pytest.mark.parametrize("shape", [(12, 12, 256), (2, 2, 2048), (80, 64, 24)])
def test_longer_texts_and_larger_models_are_pooled(shape):
    assert sent(shape)[0] <= MOST
