"""Hashing, sorting and chunking, against their definition written out pair by pair."""

from __future__ import annotations

import functools
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.masks import MaskBindError, MaskError, causal, lsh, to_multiplicity
from attn_widgets.masks.data_dependent import lsh_chunks as chunks
from attn_widgets.masks.data_dependent.lsh import Lsh
from attn_widgets.masks.data_dependent.lsh_chunks import Chunking, Meetings, joint, shared
from attn_widgets.masks.data_dependent.lsh_hash import buckets_of, raw_uniforms, rotations


def dense(met: Meetings, shape: tuple[int, int]) -> np.ndarray:
    counts = np.zeros(shape[0] * shape[1], dtype=np.int64)
    counts[met.codes] = met.counts
    return counts.reshape(shape)


def ring_by_hand(
    buckets: np.ndarray, size: int, back: int, *, same: bool, causal: bool
) -> np.ndarray:
    """Count meetings in Reformer's ring of sorted rounds, a list at a time."""
    rounds, n = buckets.shape
    if n <= size:
        rounds, size, back = (rounds if same else 1), n, 0
    ring: list[list[tuple[int, int, int]]] = []
    for r in range(rounds):
        order = sorted(range(n), key=lambda i: (buckets[r, i], i))
        marked = [(r, int(buckets[r, i]), i) for i in order]
        ring += [marked[at : at + size] for at in range(0, n, size)]
    counts = np.zeros((n, n), dtype=np.int64)
    for at, chunk in enumerate(ring):
        window = [token for step in range(back + 1) for token in ring[(at - step) % len(ring)]]
        for r, bucket, i in chunk:
            for s, other, j in window:
                if (not same or (r, bucket) == (s, other)) and (not causal or j <= i):
                    counts[i, j] += 1
    for i in range(n):
        if counts[i].sum() > counts[i, i]:
            counts[i, i] = 0
    return counts


def rows_by_hand(queries: np.ndarray, keys: np.ndarray, how: Chunking, first: int) -> np.ndarray:
    """Count meetings of queries and keys that are sorted together, a list at a time."""
    n_queries, n_keys = queries.shape[1], keys.shape[1]
    size = math.ceil(how.size * (n_queries + n_keys) / n_keys)
    counts = np.zeros((n_queries, n_keys), dtype=np.int64)
    for row, column in zip(queries, keys, strict=True):
        items = [(int(b), i + first, 0, i) for i, b in enumerate(row)]
        items = sorted(items + [(int(b), j, 1, j) for j, b in enumerate(column)])
        cut = [items[at : at + size] for at in range(0, len(items), size)]
        for at, chunk in enumerate(cut):
            window = [item for part in cut[max(at - how.look_back, 0) : at + 1] for item in part]
            for bucket, _, is_key, i in chunk:
                for other, _, other_is_key, j in window:
                    if not is_key and other_is_key and (not how.same_bucket or bucket == other):
                        counts[i, j] += 1
    for i in range(n_queries):
        if i + first < n_keys:
            counts[i, i + first] = max(counts[i, i + first], 1)
    return counts


@settings(max_examples=150, deadline=None)
@given(
    rounds=st.integers(1, 3),
    n=st.integers(1, 20),
    size=st.integers(1, 9),
    back=st.integers(0, 2),
    same=st.booleans(),
    causal=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_tokens_that_are_query_and_key_at_once_meet_in_the_ring(
    *, rounds: int, n: int, size: int, back: int, same: bool, causal: bool, seed: int
) -> None:
    buckets = np.random.default_rng(seed).integers(0, 4, (rounds, n))
    ours = dense(shared(buckets, Chunking(size, back, same), causal=causal), (n, n))
    assert np.array_equal(ours, ring_by_hand(buckets, size, back, same=same, causal=causal))


@settings(max_examples=150, deadline=None)
@given(
    rounds=st.integers(1, 3),
    n_queries=st.integers(1, 12),
    n_keys=st.integers(1, 16),
    size=st.integers(1, 9),
    back=st.integers(0, 2),
    same=st.booleans(),
    first=st.integers(0, 4),
    seed=st.integers(0, 2**16),
)
def test_queries_and_keys_of_their_own_meet_where_they_are_sorted_together(
    *,
    rounds: int,
    n_queries: int,
    n_keys: int,
    size: int,
    back: int,
    same: bool,
    first: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    queries, keys = rng.integers(0, 4, (rounds, n_queries)), rng.integers(0, 4, (rounds, n_keys))
    positions = np.arange(n_queries) + first
    own = np.where(positions < n_keys, positions, -1)
    how = Chunking(size, back, same)
    ours = dense(joint(queries, keys, how, positions, own), (n_queries, n_keys))
    assert np.array_equal(ours, rows_by_hand(queries, keys, how, first))


@pytest.mark.parametrize("same", [False, True])
def test_where_queries_are_keys_both_forms_meet_alike_but_for_the_wrap_and_the_self(
    *, same: bool
) -> None:
    n, size = 64, 8
    buckets = np.random.default_rng(3).integers(0, 8, (1, n))
    place = np.arange(n)
    one = dense(joint(buckets, buckets, Chunking(size, 1, same), place, place), (n, n)) > 0
    ring = dense(shared(buckets, Chunking(size, 1, same)), (n, n)) > 0
    order = np.argsort(buckets[0], kind="stable")
    wrap = np.zeros((n, n), dtype=bool)
    wrap[np.ix_(order[:size], order[-size:])] = not same
    assert np.array_equal(ring & ~wrap, one & ~np.eye(n, dtype=bool))


def test_a_bucket_is_the_turned_axis_nearest_to_the_vector() -> None:
    rng = np.random.default_rng(0)
    vectors, matrices = rng.normal(size=(20, 6)), rotations(1, 3, 6, 4)
    buckets = buckets_of(vectors, matrices)
    for r in range(3):
        for i in range(20):
            sides = [vectors[i] @ matrices[r, :, c] for c in range(4)]
            assert buckets[r, i] == int(np.argmax(sides + [-side for side in sides]))
    assert np.array_equal(buckets, buckets_of(vectors * rng.uniform(0.1, 9, (20, 1)), matrices))
    assert np.array_equal((buckets + 4) % 8, buckets_of(-vectors, matrices))


def test_random_numbers_are_fixed_by_the_seed_and_normal() -> None:
    assert raw_uniforms(0, 3).tolist() == pytest.approx(
        [0.6369616873214543, 0.2697867137638703, 0.04097352393619469], abs=1e-15
    )
    many = rotations(9, 4, 32, 64).ravel()
    assert abs(many.mean()) < 0.03
    assert abs(many.std() - 1) < 0.03
    assert np.array_equal(rotations(9, 2, 32, 64), rotations(9, 4, 32, 64)[:2])
    assert not np.array_equal(rotations(9, 1, 4, 4), rotations(8, 1, 4, 4))


def test_near_vectors_share_a_bucket_more_often_than_far_ones() -> None:
    rng = np.random.default_rng(5)
    base = rng.normal(size=(400, 16))
    near, far = base + 0.2 * rng.normal(size=base.shape), rng.normal(size=base.shape)
    matrices = rotations(0, 8, 16, 4)
    share = [(buckets_of(base, matrices) == buckets_of(x, matrices)).mean() for x in (near, far)]
    assert share[0] > 0.6
    assert 0.08 < share[1] < 0.17


@pytest.mark.parametrize("seed", range(4))
def test_more_rounds_never_lose_a_key_or_a_count(seed: int) -> None:
    rng = np.random.default_rng(seed)
    q, k = rng.normal(size=(2, 48, 8))
    counts = [to_multiplicity(lsh(8, r, 6, seed=seed).bind_data(q=q, k=k)) for r in (1, 2, 3, 5, 8)]
    for fewer, more in itertools.pairwise(counts):
        assert (fewer <= more).all()
        assert (fewer > 0).sum() < (more > 0).sum()


def test_equal_buckets_are_kept_only_where_they_are_asked_for() -> None:
    rng = np.random.default_rng(1)
    q, k = rng.normal(size=(2, 40, 8))
    mask = lsh(8, chunk=8, same_bucket=True)
    strict, loose = mask.bind_data(q=q, k=k), lsh(8, chunk=8).bind_data(q=q, k=k)
    matrices = rotations(0, 1, 8, 4)
    same = buckets_of(q, matrices)[0][:, None] == buckets_of(k, matrices)[0]
    assert np.array_equal(strict.to_dense(), loose.to_dense() & same | np.eye(40, dtype=bool))


def test_chunks_are_twice_the_mean_bucket_where_nothing_is_said() -> None:
    rng = np.random.default_rng(1)
    q, k = rng.normal(size=(2, 41, 8))
    assert np.array_equal(
        lsh(8).bind_data(q=q, k=k).to_dense(), lsh(8, chunk=11).bind_data(q=q, k=k).to_dense()
    )


def test_the_faithful_form_leaves_itself_out_unless_it_is_alone() -> None:
    q = np.random.default_rng(2).normal(size=(32, 8))
    every = lsh(8, 2, 4, share_qk=True).bind_data(q=q)
    assert not every.to_dense().diagonal().any()
    before = lsh(8, 2, 4, share_qk=True, causal=True).bind_data(q=q)
    bits = before.to_dense()
    assert not np.triu(bits, 1).any()
    alone = ~(bits & ~np.eye(32, dtype=bool)).any(axis=1)
    assert np.array_equal(bits.diagonal(), alone)
    assert 0 < alone.sum() < 32
    assert bits[0, 0]
    assert len(before.empty_rows()) == 0
    cut = lsh(8, 2, 4, share_qk=True) & causal()
    assert 0 in cut.bind_data(q=q).empty_rows()


@pytest.mark.parametrize(
    "given", [{"q_offset": 1}, {"k": np.zeros((9, 4))}, {"cross": True}], ids=str
)
def test_the_faithful_form_needs_one_text(given: dict[str, object]) -> None:
    with pytest.raises(MaskBindError, match="share_qk=True makes each token query and key"):
        lsh(4, share_qk=True).bind_data(q=np.ones((6, 4)), **given)  # type: ignore[arg-type]


def test_looking_back_only_has_a_meaning_of_its_own_in_the_faithful_form() -> None:
    with pytest.raises(MaskError, match=r"here write lsh\(...\) & causal"):
        lsh(8, causal=True)


def test_padding_falls_into_a_bucket_of_its_own() -> None:
    tokens = [SimpleNamespace(role="pad" if i >= 30 else "word") for i in range(40)]
    q, k = np.random.default_rng(0).normal(size=(2, 40, 8))
    bits = lsh(4, chunk=8, same_bucket=True, look_back=4).bind_data(q=q, k=k, tokens=tokens)
    kept = bits.to_dense()
    assert not kept[:30, 30:].any()
    assert not kept[30:, :30].any()
    assert kept[30:, 30:].any(axis=1).all()


def test_more_meetings_than_can_be_listed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MEETINGS", 1000)
    q, k = np.random.default_rng(0).normal(size=(2, 64, 4))
    for mask in (lsh(4, chunk=16), lsh(4, 9, 4, look_back=0), lsh(4, chunk=16, share_qk=True)):
        with pytest.raises(MaskBindError, match="smaller chunks or fewer rounds"):
            mask.bind_data(q=q, k=k)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 3), st.integers(1, 60), st.integers(1, 9), st.integers(0, 1), st.integers(0, 99)
)
def test_no_more_scores_are_computed_than_the_formula_says(
    rounds: int, n: int, chunk: int, back: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    q, k = rng.normal(size=(2, n, 4)) + rng.normal(size=(2, 1, 4)) * 2
    for share_qk in (False, True):
        mask = lsh(4, rounds, chunk, share_qk=share_qk, look_back=back)
        assert isinstance(mask, Lsh)
        met = to_multiplicity(mask.bind_data(q=q, k=k)).sum()
        own, slack = (0, 0) if share_qk else (n, rounds * (1 + back) * chunk**2)
        assert met - own <= mask.scores_computed(n, n) + slack


@pytest.mark.parametrize("share_qk", [False, True])
def test_meetings_grow_with_the_length_and_sorting_with_its_logarithm_too(
    *, share_qk: bool
) -> None:
    rng = np.random.default_rng(0)
    lengths = [256, 1024, 4096]
    meetings, compared = [], []
    for n in lengths:
        mask = lsh(2 * n // 16, 2, 16, share_qk=share_qk)
        assert isinstance(mask, Lsh)
        q, k = rng.normal(size=(2, n, 8))
        bound = mask.bind_data(q=q, k=k)
        counts = bound.mask.kept.counts  # type: ignore[attr-defined]
        meetings.append(int(counts.sum()))
        assert meetings[-1] <= mask.scores_computed(n, n) == 2 * n * 2 * 16
        total = 0
        for bucket in buckets_of(
            q if share_qk else np.concatenate([q, k]), rotations(0, 2, 8, n // 16)
        ):
            steps = Counter()
            sorted(zip(bucket.tolist(), range(len(bucket)), strict=True), key=steps.key)
            total += steps.count
        compared.append(total)
        assert 0.5 * mask.sort_steps(n, n) < total <= mask.sort_steps(n, n)
    exponent = np.polyfit(np.log(lengths), np.log(meetings), 1)[0]
    assert 0.97 < exponent < 1.03
    sorting = np.polyfit(np.log(lengths), np.log(compared), 1)[0]
    assert 1.05 < sorting < 1.3


class Counter:
    """Counts the comparisons of a sort."""

    def __init__(self) -> None:
        self.count = 0
        self.key = functools.cmp_to_key(self.compare)

    def compare(self, a: tuple[int, int], b: tuple[int, int]) -> int:
        self.count += 1
        return (a > b) - (a < b)
