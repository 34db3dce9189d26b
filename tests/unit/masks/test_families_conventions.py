"""Other projects' windows, each against its own definition written out here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from attn_widgets.masks import (
    Mask,
    MaskError,
    causal,
    from_attention_gym_dilated,
    from_attention_gym_window,
    from_hf_bidirectional,
    from_hf_window,
    from_local_attention,
    from_longformer_allenai,
    from_longformer_hf,
    from_modernbert,
    from_natten,
    from_sparse_transformer,
    from_splash,
    from_xformers_causal,
    from_xformers_local,
    full,
)

if TYPE_CHECKING:
    from collections.abc import Callable

N = 60
Q, K = np.arange(N)[:, None], np.arange(N)


def band(left: int, right: int) -> np.ndarray:
    return (left >= Q - K) & (right >= K - Q)


def natten(kernel: int, dilation: int) -> np.ndarray:
    """Neighbourhood attention: move the window until it fits in the residue class."""
    kept = np.zeros((N, N), dtype=bool)
    for query in range(N):
        own = list(range(query % dilation, N, dilation))
        start = own.index(query) - kernel // 2
        while start < 0:
            start += 1
        while start + kernel > len(own):
            start -= 1
        kept[query, own[start : start + kernel]] = True
    return kept


def whole_blocks(w: int, back: int, ahead: int) -> np.ndarray:
    """Each block's queries see the keys of the blocks gathered around it."""
    kept = np.zeros((N, N), dtype=bool)
    for first in range(0, N, w):
        kept[first : first + w, max(first - back * w, 0) : first + (ahead + 1) * w] = True
    return kept


CASES: list[tuple[Mask, np.ndarray, int]] = [
    # the mask, the peer's own definition, the keys that its docstring promises a middle row
    (from_longformer_hf(8), abs(Q - K) <= 4, 9),
    (from_longformer_allenai(4), abs(Q - K) <= 4, 9),
    (from_longformer_allenai(4, dilation=3), np.isin(K - Q, [3 * t for t in range(-4, 5)]), 9),
    (from_modernbert(8), abs(Q - K) <= 4, 9),
    (from_modernbert(9), abs(Q - K) <= 4, 9),
    (from_modernbert(6), abs(Q - K) <= 3, 7),
    (from_hf_window(4), (Q - 4 < K) & (K <= Q), 4),
    (from_hf_window(1), Q == K, 1),
    (from_hf_bidirectional(4), abs(Q - K) <= 4, 9),
    (from_attention_gym_window(4), (Q >= K) & (Q - K <= 4), 5),
    (from_attention_gym_dilated(9, 2), (abs(Q - K) <= 9) & (abs(Q - K) % 2 == 0), 9),
    (from_attention_gym_dilated(8, 3), (abs(Q - K) <= 8) & (abs(Q - K) % 3 == 0), 5),
    (from_xformers_local(7), abs(Q - K) <= 7 // 2, 7),
    (
        from_xformers_causal(4),
        np.tril(np.ones((N, N), bool)) & ~np.tril(np.ones((N, N), bool), -4),
        4,
    ),
    (from_local_attention(5), whole_blocks(5, 1, 1), 15),
    (from_local_attention(5, causal=True), whole_blocks(5, 1, 0) & (K <= Q), 6),
    (from_local_attention(4, look_backward=2, look_forward=0), whole_blocks(4, 2, 0), 12),
    (from_local_attention(5, exact=True), band(5, 5), 11),
    (from_local_attention(5, causal=True, look_backward=2, exact=True), band(10, 0), 11),
    (from_natten(7), natten(7, 1), 7),
    (from_natten(6), natten(6, 1), 6),
    (from_natten(5, dilation=4), natten(5, 4), 5),
    (from_splash(3, 2), band(3, 2), 6),
    (from_splash(None, 0), K <= Q, 31),
    (from_splash(2, None), K >= Q - 2, 32),
    (from_sparse_transformer(4), (K > Q - 4) & (K <= Q), 4),
]


@pytest.mark.parametrize(("mask", "definition", "keys"), CASES, ids=lambda value: repr(value)[:40])
def test_a_window_is_what_its_project_means(mask: Mask, definition: np.ndarray, keys: int) -> None:
    bound = mask.bind(N)
    assert np.array_equal(bound.to_dense(), definition)
    assert bound.degrees()[30] == keys


def test_every_row_of_natten_has_as_many_keys() -> None:
    assert set(from_natten(9).bind(N).degrees().tolist()) == {9}
    assert set(from_natten(9, dilation=5).bind(N).degrees().tolist()) == {9}


def test_the_last_query_of_xformers_sits_at_the_last_key() -> None:
    kept = from_xformers_causal(4).bind(3, 10, q_offset=7).to_dense()
    assert kept[-1].nonzero()[0].tolist() == [6, 7, 8, 9]


def test_open_sides_of_splash_are_known_patterns() -> None:
    assert from_splash(None, None) == full()
    assert from_splash(None, 0) == causal()


@pytest.mark.parametrize(
    "build",
    [
        lambda: from_longformer_hf(7),
        lambda: from_longformer_hf(0),
        lambda: from_xformers_local(8),
        lambda: from_xformers_causal(0),
        lambda: from_hf_window(0),
        lambda: from_hf_window(2.0),  # type: ignore[arg-type]
        lambda: from_modernbert(0),
        lambda: from_attention_gym_dilated(4, 0),
        lambda: from_local_attention(0),
        lambda: from_local_attention(4, causal=True, look_forward=1),
        lambda: from_natten(0),
        lambda: from_splash(-1, 0),
        lambda: from_sparse_transformer(0),
    ],
)
def test_a_window_the_project_would_refuse_is_refused(build: Callable[[], Mask]) -> None:
    with pytest.raises(MaskError):
        build()
