"""The arithmetic inside the attention function, against torch's own."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.models import UnsupportedModelError, attention

sizes = st.integers(1, 6)


def inputs(
    seed: int, batch: int, groups: int, queries: int, keys: int, dtype: torch.dtype = torch.float32
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    query = torch.randn(batch, 2 * groups, queries, 4, generator=generator)
    key = torch.randn(batch, 2, keys, 4, generator=generator)
    value = torch.randn(batch, 2, keys, 3, generator=generator)
    return query.to(dtype), key.to(dtype), value.to(dtype)


@given(st.integers(0, 999), sizes, st.integers(1, 3), sizes, sizes, st.sampled_from("bfn"))
@settings(deadline=None)
def test_attention_equals_torchs_own_for_each_kind_of_mask(
    seed: int, batch: int, groups: int, queries: int, keys: int, kind: str
) -> None:
    query, key, value = inputs(seed, batch, groups, queries, keys)
    allowed = (
        torch.rand(batch, 1, queries, keys, generator=torch.Generator().manual_seed(seed)) < 0.6
    )
    allowed[..., 0] = True
    added = torch.zeros(allowed.shape).masked_fill(~allowed, torch.finfo(torch.float32).min)
    mask = {"b": allowed, "f": added, "n": None}[kind]
    given_inputs = attention.read_inputs(query, key, value, mask, None, {})
    weights = attention.weights(attention.scores(given_inputs), None)
    mixed = attention.output(weights, value, query.dtype)
    expected = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, enable_gqa=True
    )
    torch.testing.assert_close(mixed, expected.transpose(1, 2))
    torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:3]))


def test_a_large_softmax_in_slices_is_the_same_bit_for_bit() -> None:
    scores = torch.randn(2, 5, 400, 700, generator=torch.Generator().manual_seed(0))
    expected = torch.softmax(scores, dim=-1)
    weights = attention.weights(scores, None)
    assert torch.equal(weights, expected)
    assert weights.data_ptr() == scores.data_ptr()


def test_a_row_with_nothing_to_attend_to_is_uniform_as_in_eager_attention() -> None:
    query, key, value = inputs(0, 1, 1, 2, 4)
    mask = torch.tensor([[[[True] * 4, [False] * 4]]])
    scores = attention.scores(attention.read_inputs(query, key, value, mask, None, {}))
    torch.testing.assert_close(attention.weights(scores, None)[0, :, 1], torch.full((2, 4), 0.25))


def test_picked_keys_are_folded_into_a_bool_a_float_and_no_mask() -> None:
    query, key, value = inputs(0, 1, 1, 2, 4)
    indices = torch.tensor([[[0, 2], [1, 2]]])
    causal = torch.tensor([[[[True, False, True, True], [True, True, True, False]]]])
    floats = torch.zeros(causal.shape).masked_fill(~causal, torch.finfo(torch.float32).min)
    for mask in (None, causal, floats):
        extra = {"indices": indices}
        scores = attention.scores(attention.read_inputs(query, key, value, mask, 1.0, extra))
        seen = attention.weights(scores, None)[0, 0] > 0
        assert seen.tolist() == [[True, False, True, False], [False, True, True, False]]


def test_a_sink_takes_its_share_of_each_row() -> None:
    scores = torch.zeros(1, 2, 3, 4)
    weights = attention.weights(scores, torch.log(torch.tensor([4.0, 12.0])))
    torch.testing.assert_close(weights[0, :, 0, 0], torch.tensor([1 / 8, 1 / 16]))


def test_an_unknown_tensor_is_refused_and_a_harmless_one_is_not() -> None:
    query, key, value = inputs(0, 1, 1, 2, 4)
    extra = {"position_ids": torch.arange(2), "sliding_window": 3}
    attention.read_inputs(query, key, value, None, None, extra)
    with pytest.raises(UnsupportedModelError, match="passes alibi to its attention"):
        attention.read_inputs(query, key, value, None, None, {"alibi": torch.zeros(1)})


def test_a_softmax_in_its_own_buffer_is_that_of_a_new_one() -> None:
    for shape in ((1, 2, 3, 5), (1, 12, 64, 64), (2, 3, 40, 1000), (1, 12, 512, 512)):
        scores = torch.randn(shape) * 5
        scores[..., :2] = torch.finfo(torch.float32).min
        expected = torch.softmax(scores, dim=-1)
        given = scores.clone()
        result = attention.weights(given, None)
        assert torch.equal(result, expected)
        assert result.data_ptr() == given.data_ptr()
