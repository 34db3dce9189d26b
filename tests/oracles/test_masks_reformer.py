"""Our hashed masks against the LSH attention of transformers' Reformer.

Its values are replaced by the identity matrix, so that each output row is the row of attention
probabilities: where it is above zero is the mask, and how large it is tells the multiplicity.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from transformers import ReformerConfig
from transformers.models.reformer.modeling_reformer import LSHSelfAttention

from attn_widgets.masks import lsh, to_multiplicity
from attn_widgets.masks.data_dependent.lsh_chunks import Chunking, Meetings, shared
from attn_widgets.masks.data_dependent.lsh_hash import buckets_of, rotations

SEED = 11


class Identity(torch.nn.Module):
    """Values that tell the keys apart."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.eye(hidden.shape[1])[None]


class Seen(NamedTuple):
    """One run of Reformer's attention over one head."""

    probabilities: np.ndarray
    buckets: np.ndarray
    query: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """Products of each query with the unit keys made of the same vectors."""
        query = self.query.astype(np.float64)
        size = np.sqrt((query**2).mean(axis=1, keepdims=True) + 1e-6)
        return query @ (query / size / np.sqrt(query.shape[1])).T


def reformer(
    n: int,
    chunk: int,
    *,
    buckets: int = 8,
    rounds: int = 1,
    causal: bool = False,
    look_back: int = 1,
    pads: int = 0,
) -> Seen:
    """Run it on random text, the last `pads` tokens of which are padding."""
    config = ReformerConfig(
        hidden_size=n,
        attention_head_size=n,
        num_attention_heads=1,
        num_buckets=buckets,
        num_hashes=rounds,
        lsh_attn_chunk_length=chunk,
        lsh_num_chunks_before=look_back,
        lsh_num_chunks_after=0,
        is_decoder=causal,
        hash_seed=SEED,
    )
    attention = LSHSelfAttention(config).eval()
    attention.value = Identity()
    torch.manual_seed(n + rounds)
    torch.nn.init.normal_(attention.query_key.weight)
    hidden = torch.randn(1, n, n) / n
    mask = (torch.arange(n) < n - pads)[None] if pads else None
    with torch.no_grad():
        out = attention(hidden, attention_mask=mask)
        query = attention.query_key(hidden)[0]
    found = out.buckets
    return Seen(
        out.hidden_states[0].numpy(),
        np.zeros((rounds, n), np.int64) if found is None else found[0, 0].numpy(),
        query.numpy(),
    )


def dense(met: Meetings, n: int) -> np.ndarray:
    """Return how often each pair met, ``(n, n)``."""
    counts = np.zeros(n * n, dtype=np.int64)
    counts[met.codes] = met.counts
    return counts.reshape(n, n)


def weighed(scores: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return ``softmax(scores + log counts)``."""
    powers = counts * np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


SETTINGS: list[dict[str, Any]] = [
    {"n": 16, "chunk": 4},
    {"n": 32, "chunk": 4},
    {"n": 64, "chunk": 8, "buckets": 16},
    {"n": 32, "chunk": 4, "look_back": 2},
    {"n": 32, "chunk": 8, "look_back": 0},
    {"n": 8, "chunk": 4, "buckets": 2},
    {"n": 32, "chunk": 4, "rounds": 2},
    {"n": 32, "chunk": 4, "rounds": 4},
    {"n": 64, "chunk": 8, "rounds": 3, "buckets": 4},
    {"n": 32, "chunk": 4, "pads": 5},
    {"n": 32, "chunk": 4, "pads": 9, "rounds": 2},
]
CASES = [{**setting, "causal": causal} for setting in SETTINGS for causal in (False, True)]


@pytest.mark.parametrize("setting", CASES, ids=str)
def test_its_support_is_where_tokens_meet_given_its_buckets(setting: dict[str, Any]) -> None:
    n, pads = setting["n"], setting.get("pads", 0)
    seen = reformer(**setting)
    how = Chunking(setting["chunk"], setting.get("look_back", 1))
    met = shared(seen.buckets, how, causal=setting["causal"], hidden=np.arange(n) >= n - pads)
    assert np.array_equal(dense(met, n) > 0, seen.probabilities > 0)


@pytest.mark.parametrize("setting", CASES, ids=str)
def test_its_probabilities_are_the_scores_weighed_by_how_often_pairs_met(
    setting: dict[str, Any],
) -> None:
    n, pads = setting["n"], setting.get("pads", 0)
    seen = reformer(**setting)
    how = Chunking(setting["chunk"], setting.get("look_back", 1))
    met = shared(seen.buckets, how, causal=setting["causal"], hidden=np.arange(n) >= n - pads)
    expected = weighed(seen.scores, dense(met, n))
    # its -1e5 for a token alone with itself is coarse in float32, in the rounds it is alone in
    alone = np.count_nonzero(expected, axis=1) == 1
    assert np.abs(expected - seen.probabilities)[~alone].max() < 1e-6
    assert np.abs(expected - seen.probabilities).max() < 0.01


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("pads", [0, 7])
@pytest.mark.parametrize("rounds", [1, 3])
def test_the_faithful_form_keeps_what_it_attends_to_given_our_matrices(
    monkeypatch: pytest.MonkeyPatch, *, rounds: int, pads: int, causal: bool
) -> None:
    n, chunk, buckets = 32, 4, 8
    ours = torch.from_numpy(rotations(5, rounds, n, buckets // 2)).float().permute(1, 0, 2)[None]
    plain = torch.randn

    def randn(*shape: Any, **options: Any) -> torch.Tensor:
        return ours if shape == (tuple(ours.shape),) else plain(*shape, **options)

    monkeypatch.setattr(torch, "randn", randn)
    seen = reformer(n, chunk, buckets=buckets, rounds=rounds, causal=causal, pads=pads)
    mask = lsh(buckets, rounds, chunk, share_qk=True, causal=causal, seed=5)
    roles = ["word"] * (n - pads) + ["pad"] * pads
    tokens = [SimpleNamespace(role=role) for role in roles]
    bound = mask.bind_data(q=seen.query, tokens=tokens)
    assert np.array_equal(bound.to_dense(), seen.probabilities > 0)
    expected = weighed(seen.scores, to_multiplicity(bound))
    alone = bound.degrees() == 1
    assert np.abs(expected - seen.probabilities)[~alone].max() < 1e-6


@pytest.mark.parametrize(("rounds", "buckets"), [(1, 8), (4, 16)])
def test_our_buckets_are_its_buckets_given_the_same_random_matrices(
    rounds: int, buckets: int
) -> None:
    n = 32
    seen = reformer(n, 4, buckets=buckets, rounds=rounds)
    torch.manual_seed(SEED)
    matrices = torch.randn(1, n, rounds, buckets // 2)[0].permute(1, 0, 2).numpy()
    offsets = np.arange(rounds)[:, None] * buckets
    assert np.array_equal(buckets_of(seen.query, matrices) + offsets, seen.buckets)


def test_it_pads_a_text_that_does_not_fill_its_last_chunk_as_we_do() -> None:
    n, pads = 29, 3
    seen = reformer(n + pads, 4, rounds=2, pads=pads)
    met = shared(seen.buckets[:, :n], Chunking(4, 1))
    assert np.array_equal(dense(met, n) > 0, seen.probabilities[:n, :n] > 0)


@pytest.mark.parametrize("causal", [False, True])
def test_it_attends_to_all_of_a_text_no_longer_than_a_chunk(*, causal: bool) -> None:
    seen = reformer(8, 16, rounds=2, causal=causal)
    met = shared(seen.buckets, Chunking(16, 1), causal=causal)
    assert np.array_equal(dense(met, 8) > 0, seen.probabilities > 0)
    assert set(met.counts) == {1}


def test_it_does_not_require_equal_buckets_and_the_definition_does() -> None:
    n = 32
    seen = reformer(n, 4)
    loose = dense(shared(seen.buckets, Chunking(4, 1)), n) > 0
    strict = dense(shared(seen.buckets, Chunking(4, 1, same_bucket=True)), n) > 0
    same = seen.buckets[0][:, None] == seen.buckets[0]
    others = ~np.eye(n, dtype=bool)
    assert np.array_equal(strict & others, loose & same & others)
    assert strict.sum() < loose.sum() == (seen.probabilities > 0).sum()


def test_the_first_chunk_of_a_round_looks_back_into_the_last_of_the_round_before() -> None:
    n, chunk, rounds = 32, 4, 2
    seen = reformer(n, chunk, rounds=rounds)
    order = np.argsort(seen.buckets, axis=1, kind="stable")
    ours = dense(shared(seen.buckets, Chunking(chunk, 1)), n) > 0
    for this in range(rounds):
        first, before = order[this, :chunk], order[this - 1, -chunk:]
        pairs = np.ix_(first, before)
        apart = first[:, None] != before
        assert ours[pairs][apart].all()
        assert (seen.probabilities > 0)[pairs][apart].all()


def without_the_wrap(buckets: np.ndarray, chunk: int) -> np.ndarray:
    """Count meetings where each round starts with nothing before it."""
    rounds, n = buckets.shape
    counts = np.zeros((n, n), dtype=np.int64)
    for this in range(rounds):
        order = np.argsort(buckets[this], kind="stable")
        for start in range(0, n, chunk):
            counts[
                np.ix_(
                    order[start : start + chunk],
                    order[max(start - chunk, 0) :][: chunk + min(start, chunk)],
                )
            ] += 1
    np.fill_diagonal(counts, 0)
    return counts


def test_counts_without_the_wrap_miss_keys_that_it_attends_to() -> None:
    n, chunk = 32, 4
    seen = reformer(n, chunk, rounds=2)
    ours = dense(shared(seen.buckets, Chunking(chunk, 1)), n)
    short = without_the_wrap(seen.buckets, chunk)
    wrapped = (short == 0) & (seen.probabilities > 0)
    assert wrapped.any()
    assert (ours[wrapped] > 0).all()
    assert (ours >= short).all()


def test_several_rounds_are_not_a_boolean_mask() -> None:
    seen = reformer(32, 4, rounds=4)
    counts = dense(shared(seen.buckets, Chunking(4, 1)), 32)
    assert np.abs(weighed(seen.scores, counts > 0) - seen.probabilities).max() > 0.05
    assert np.abs(weighed(seen.scores, counts) - seen.probabilities).max() < 1e-6


@pytest.mark.parametrize("rounds", [1, 2, 4])
def test_no_row_meets_more_keys_than_the_rounds_have_room_for(rounds: int) -> None:
    for n in (32, 64, 128):
        seen = reformer(n, 8, rounds=rounds)
        counts = dense(shared(seen.buckets, Chunking(8, 1)), n)
        assert counts.sum(axis=1).max() <= rounds * 2 * 8
        assert (counts > 0).sum() <= lsh(8, rounds, 8, share_qk=True).scores_computed(n, n)


def test_padding_is_seen_by_none_but_itself() -> None:
    tokens = [SimpleNamespace(role="pad" if i >= 27 else "word") for i in range(32)]
    query = np.random.default_rng(0).normal(size=(32, 16))
    kept = lsh(8, 2, 4, share_qk=True).bind_data(q=query, tokens=tokens).to_dense()
    assert not kept[:27, 27:].any()
    assert not (kept[27:, 27:] & ~np.eye(5, dtype=bool)).any()
