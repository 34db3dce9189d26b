"""However a matrix is cut up, it is put together again: steps of writing, windows, batches."""

from __future__ import annotations

import numpy as np
import pytest
from given_attention import by_step, causal, narrow, outputs, steps, weights
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets import attention_record
from attn_widgets.record.layouts import expand_longformer, global_places

SMALL = st.integers(1, 4)
SEED = st.integers(0, 2**16)


@given(st.data(), SMALL, SMALL, SMALL, SEED, st.booleans())
def test_steps_make_the_triangle_that_they_were_cut_from(data, depth, items, heads, seed, cache):
    n = data.draw(st.integers(2, 9))
    prompt, item = data.draw(st.integers(1, n)), data.draw(st.integers(0, items - 1))
    room = data.draw(st.sampled_from([0, n, n + 3])) if cache else 0
    whole = [causal(items, heads, n, n, seed=seed + layer) for layer in range(depth)]
    cut = by_step([steps(layer, prompt, cache=cache, room=room) for layer in whole])
    record = attention_record(cut, batch=item)
    assert np.array_equal(record.weights, np.stack([layer[item] for layer in whole]))


@given(st.data(), SMALL, SEED)
def test_a_window_and_its_globals_make_the_matrix_that_they_were_taken_from(data, heads, seed):
    n = data.draw(st.integers(2, 12))
    places = sorted(data.draw(st.sets(st.integers(0, n - 1), max_size=n - 1)))
    local, own, whole = narrow(n, data.draw(st.integers(0, n + 1)), places, heads, seed)
    assert np.array_equal(expand_longformer(local, own, places), whole)
    assert global_places(local, len(places)) == tuple(places)


@given(st.data(), SMALL, SMALL, SEED)
def test_padding_anywhere_is_cut_out_of_both_axes(data, depth, heads, seed):
    kept = np.array([*data.draw(st.lists(st.booleans(), min_size=1, max_size=9)), True])
    n = int(kept.sum())
    text = weights(depth, heads, n, n, seed=seed)
    padded = weights(depth, heads, len(kept), len(kept), seed=seed + 1)
    padded[:, :, kept] = 0
    padded[np.ix_(range(depth), range(heads), kept, kept)] = text
    record = attention_record(padded, attention_mask=kept)
    assert np.array_equal(record.weights, text)


@given(st.permutations(range(6)))
def test_layers_keep_their_numbers_in_whatever_order_they_come(order):
    whole = weights(6, 2, 3, 3)
    record = attention_record({number: whole[number] for number in order})
    assert record.layers == tuple(range(6))
    assert np.array_equal(record.weights, whole)


def test_a_weight_that_would_be_lost_is_refused():
    local, own, _ = narrow(8, 1, [0])
    local[0, 7, -1] = 0.1  # the key after the last
    with pytest.raises(ValueError, match="weight beyond the text"):
        attention_record(
            outputs(attentions=[local], global_attentions=[own]),
            global_attention_mask=[1] + [0] * 7,
        )
