"""Masks laid over the data of one head, and the algebra on them."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets import samples
from attn_widgets.masks import (
    BoundMask,
    Mask,
    MaskBindError,
    bind_record,
    causal,
    cumulative_mass,
    entmax_support,
    full,
    global_,
    kept,
    local,
    lsh,
    renormalised,
    routing,
    sink,
    threshold,
    to_mask_mod,
    to_multiplicity,
    top_k,
)
from attn_widgets.record import AttentionRecord, Token

N, D = 14, 6
RNG = np.random.default_rng(0)
Q, K = RNG.normal(size=(2, N, D))
SCORES = Q @ K.T
WEIGHTS = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
KINDS: list[Mask] = [
    lsh(4, chunk=2),
    lsh(4, 3, 2, same_bucket=True),
    lsh(4, 2, 2, share_qk=True),
    routing(3, 4),
    top_k(3),
    threshold(0.1),
    cumulative_mass(0.7),
    entmax_support(1.5),
]


def bind(mask: Mask) -> BoundMask:
    return mask.bind_data(q=Q, k=K, weights=WEIGHTS)


def bits(mask: Mask) -> np.ndarray:
    return bind(mask).to_dense()


leaves = st.sampled_from([*KINDS, local(1), causal(), sink(2)])
masks = st.recursive(
    leaves,
    lambda inner: (
        st.tuples(inner, inner, st.sampled_from("|&-")).map(
            lambda t: {"|": t[0] | t[1], "&": t[0] & t[1], "-": t[0] - t[1]}[t[2]]
        )
        | inner.map(lambda mask: ~mask)
    ),
    max_leaves=6,
)


def by_parts(mask: Mask) -> np.ndarray:
    """Evaluate an expression by the bits of its parts."""
    kind, of = type(mask).__name__, getattr(mask, "of", None)
    if kind == "Not":
        return ~by_parts(mask.of)  # type: ignore[attr-defined]
    if kind in {"Or", "And"} and of is not None:
        join = np.logical_or if kind == "Or" else np.logical_and
        return join.reduce([by_parts(part) for part in of])
    return bits(mask)


@settings(max_examples=150, deadline=None)
@given(masks, st.data())
def test_an_expression_keeps_what_its_parts_say_however_it_is_asked(
    mask: Mask, data: st.DataObject
) -> None:
    bound, dense = bind(mask), by_parts(mask)
    assert np.array_equal(bound.to_dense(), dense)
    assert bound.nnz() == dense.sum()
    assert bound.density() == dense.mean()
    assert np.array_equal(bound.degrees(), dense.sum(axis=1))
    assert np.array_equal(bound.empty_rows(), np.flatnonzero(~dense.any(axis=1)))
    r0, r1, c0, c1 = (data.draw(st.integers(0, N)) for _ in range(4))
    r0, r1, c0, c1 = min(r0, r1), max(r0, r1), min(c0, c1), max(c0, c1)
    assert np.array_equal(bound.tile(r0, r1, c0, c1), dense[r0:r1, c0:c1])
    lo, hi = bound.rows(r0, r1)
    assert (lo <= hi).all()
    assert (hi[:, :-1] <= lo[:, 1:]).all()


@settings(max_examples=60, deadline=None)
@given(masks, masks)
def test_de_morgan_holds(a: Mask, b: Mask) -> None:
    assert np.array_equal(bits(~(a | b)), bits(~a & ~b))
    assert np.array_equal(bits(a - b), bits(a) & ~bits(b))


@settings(max_examples=60, deadline=None)
@given(masks)
def test_a_bound_mask_is_written_as_the_mask_was(mask: Mask) -> None:
    bound = bind(mask)
    assert repr(bound) == f"({mask!r}).bind({N}, {N})"
    assert bound.mask.to_spec() == mask.to_spec()
    assert bound.mask.needs == frozenset()
    assert str(mask) in bound.explain()


@pytest.mark.parametrize("mask", [local(2), global_(3) & causal(), ~sink(1)], ids=repr)
def test_a_mask_that_follows_no_data_binds_the_same(mask: Mask) -> None:
    assert bind(mask) == mask.bind(N)
    assert mask.bind_data(q=Q[:3], k=K, q_offset=2) == mask.bind(3, N, q_offset=2)
    assert mask.bind_data(q=Q) == mask.bind(N)


@pytest.mark.parametrize("mask", KINDS, ids=repr)
def test_the_same_data_decides_the_same_mask_and_other_data_another(mask: Mask) -> None:
    other = mask.bind_data(q=K, k=Q, weights=WEIGHTS.T / WEIGHTS.T.sum(axis=1, keepdims=True))
    assert bind(mask) == bind(mask)
    assert hash(bind(mask).mask) == hash(bind(mask).mask)
    assert bind(mask).packed_digest() == bind(mask).packed_digest()
    assert bind(mask) != other
    assert bind(mask).mask != mask


@pytest.mark.parametrize("mask", KINDS, ids=repr)
def test_a_decided_mask_survives_copying(mask: Mask) -> None:
    bound = bind(mask & causal())
    for again in (copy.deepcopy(bound), pickle.loads(pickle.dumps(bound))):  # noqa: S301 - our own bytes
        assert again == bound
        assert np.array_equal(again.to_dense(), bound.to_dense())


@pytest.mark.parametrize("mask", [mask for mask in KINDS if "share_qk" not in repr(mask)], ids=repr)
def test_each_query_keeps_its_own_key_so_that_no_row_is_empty(mask: Mask) -> None:
    assert bits(mask).diagonal().all()
    part = mask.bind_data(q=Q[:4], k=K, weights=WEIGHTS[:4], q_offset=5).to_dense()
    assert part[np.arange(4), np.arange(5, 9)].all()


def test_between_two_texts_no_key_is_a_querys_own() -> None:
    weights = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert top_k(1).bind_data(weights=weights).nnz() == 4
    assert top_k(1).bind_data(weights=weights, cross=True).nnz() == 2
    assert list(threshold(1).bind_data(weights=[[0.5, 0.5]], cross=True).empty_rows()) == [0]


def test_a_query_behind_the_last_key_has_no_key_of_its_own() -> None:
    assert top_k(1).bind_data(weights=[[1.0, 0.0], [1.0, 0.0]], q_offset=1).nnz() == 3


@pytest.mark.parametrize(
    ("mask", "given", "named"),
    [
        (lsh(8), {"weights": WEIGHTS}, "the queries q and the keys k"),
        (lsh(8), {"q": Q, "weights": WEIGHTS}, "the keys k"),
        (routing(2, 2) | local(1), {"k": K, "weights": WEIGHTS}, "the queries q"),
        (local(1) & ~top_k(2), {"q": Q, "k": K}, "the attention weights"),
        (lsh(8, share_qk=True), {"weights": WEIGHTS}, "the queries q"),
    ],
    ids=repr,
)
def test_what_is_missing_is_named_with_the_mend(
    mask: Mask, given: dict[str, Any], named: str
) -> None:
    with pytest.raises(MaskBindError, match=f"decided by {named}, which are not here") as caught:
        mask.bind_data(**given)
    assert "ModelRunner.run" in str(caught.value)
    with pytest.raises(MaskBindError, match=r"mask\.bind_data"):
        mask.bind(N)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "number of queries is not known"),
        ({"k": K}, "number of queries is not known"),
        ({"weights": WEIGHTS, "scores": SCORES}, "not both"),
        ({"weights": WEIGHTS[None]}, r"two dimensions, not float64 \(1, 14, 14\)"),
        ({"weights": np.zeros((0, 3))}, "two dimensions"),
        ({"weights": WEIGHTS > 0}, "not bool"),
        ({"weights": np.full((2, 2), np.nan)}, r"weights\[0, 0\] is nan: all must be finite"),
        ({"weights": np.array([[0.5, np.inf]])}, r"weights\[0, 1\] is inf"),
        ({"scores": np.array([[np.inf, 0.0]])}, "only -inf may stand there"),
        ({"scores": np.array([[np.nan, 0.0]])}, "only -inf may stand there"),
        ({"weights": -WEIGHTS}, "never negative"),
        ({"weights": WEIGHTS, "q": Q[:3]}, r"q \(3, 6\), weights \(14, 14\)"),
        ({"weights": WEIGHTS, "k": K[:3]}, "does not fit together"),
        ({"q": Q, "k": K[:, :2]}, "does not fit together"),
        ({"weights": WEIGHTS, "tokens": [SimpleNamespace(role="word")]}, "1 tokens given for 14"),
    ],
    ids=repr,
)
def test_data_that_does_not_belong_to_one_head_is_refused(
    given: dict[str, Any], words: str
) -> None:
    with pytest.raises(MaskBindError, match=words):
        local(1).bind_data(**given)


def test_a_decided_mask_is_not_laid_over_other_lengths() -> None:
    decided = bind(top_k(2)).mask
    with pytest.raises(MaskBindError, match="was decided for 14 queries x 14 keys, not for 5 x 5"):
        decided.bind(5)


def test_scores_and_their_softmax_decide_the_same() -> None:
    barred = np.where(np.tri(N, dtype=bool), SCORES, -np.inf)
    soft = np.exp(barred) / np.exp(barred).sum(axis=1, keepdims=True)
    for mask in (top_k(3), threshold(0.1), cumulative_mass(0.8), entmax_support(1.5)):
        by_scores = mask.bind_data(scores=barred + 100).to_dense()
        assert np.array_equal(by_scores, mask.bind_data(weights=soft).to_dense())
        assert not np.triu(by_scores, 1).any()


def test_readings_and_torch_take_a_decided_mask() -> None:
    bound = bind(top_k(3) | local(1))
    assert (kept(WEIGHTS, bound) > 0).all()
    assert np.allclose(renormalised(WEIGHTS, bound).sum(axis=1), 1)
    torch = pytest.importorskip("torch")
    from torch.nn.attention.flex_attention import create_mask  # noqa: PLC0415 - torch is heavy

    mask = create_mask(to_mask_mod(bound), None, None, N, N, device="cpu")[0, 0]
    assert torch.equal(mask, torch.from_numpy(bound.to_dense()))


def record(**parts: Any) -> AttentionRecord:
    layers, heads = 2, 4
    weights = RNG.random((layers, heads, N, N))
    values: dict[str, Any] = {
        "tokens": [Token(f"t{i}", None, f"t{i}") for i in range(N)],
        "weights": (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32),
        "layers": (3, 7),
        "q": RNG.normal(size=(layers, heads, N, D)),
        "k": RNG.normal(size=(layers, 2, N, D)),
        "kv_groups": 2,
    }
    return AttentionRecord(**{**values, **parts})


def test_a_record_is_asked_by_the_models_own_numbers_and_the_heads_own_group() -> None:
    whole = record()
    for mask in (lsh(4, chunk=2), routing(2, 3), top_k(2), lsh(4, chunk=2) | top_k(1)):
        ours = bind_record(mask, whole, 7, 3)
        assert whole.q is not None
        assert whole.k is not None
        assert ours == mask.bind_data(
            q=whole.q[1, 3], k=whole.k[1, 1], weights=whole.weights[1, 3], tokens=whole.key_tokens
        )
    with pytest.raises(IndexError, match="no layer 1"):
        bind_record(top_k(2), whole, 1, 0)


def test_a_record_of_some_heads_holds_the_keys_of_all() -> None:
    whole = record()
    assert whole.q is not None
    some = record(weights=whole.weights[:, 2:], q=whole.q[:, 2:], k=whole.k, heads=(2, 3))
    assert bind_record(lsh(4), some, 3, 2).packed_digest() == (
        bind_record(lsh(4), whole, 3, 2).packed_digest()
    )
    assert some.k is not None
    short = record(weights=some.weights, q=some.q, k=some.k[:, :1], heads=(2, 3))
    with pytest.raises(MaskBindError, match="key head 1, but the record holds 1 key heads"):
        bind_record(lsh(4), short, 3, 2)
    assert bind_record(top_k(2), short, 3, 2).nnz() > 0


def test_a_record_without_queries_binds_what_needs_none() -> None:
    paragraph = samples.load("paragraph")
    bound = bind_record(top_k(4) | global_("cls"), paragraph, 2, 3)
    assert bound.to_dense()[0].all()
    with pytest.raises(MaskBindError, match="most samples"):
        bind_record(lsh(8), paragraph, 2, 3)


def test_a_record_of_two_texts_keeps_no_diagonal() -> None:
    crossed = record(kind="cross", key_tokens=[Token("k", None, "k") for _ in range(N)])
    bound = bind_record(top_k(1), crossed, 3, 0)
    assert bound.nnz() == N


def test_counts_multiply_under_and_and_are_the_larger_under_or() -> None:
    many = lsh(4, 4, 2)
    counts = to_multiplicity(bind(many))
    assert counts.max() > 1
    assert np.array_equal(counts > 0, bits(many))
    lower = np.tri(N, dtype=int)
    assert np.array_equal(to_multiplicity(bind(many & causal())), counts * lower)
    assert np.array_equal(to_multiplicity(bind(many | causal())), np.maximum(counts, lower))
    assert np.array_equal(to_multiplicity(bind(~many)), (counts == 0).astype(int))
    assert np.array_equal(to_multiplicity(full().bind(N)), np.ones((N, N), int))
    with pytest.raises(MaskBindError, match="MiB"):
        to_multiplicity(full().bind(2**14))
