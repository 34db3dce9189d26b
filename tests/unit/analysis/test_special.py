"""How much attention special tokens take: definitions checked by brute force and by identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.analysis import key_mass, mass_by_role, query_rows, uniform_mass
from attn_widgets.record import AttentionRecord, TokenRole

ROLES = st.lists(st.sampled_from([role.value for role in TokenRole]), min_size=1, max_size=9)


def make(roles, seed=0, layers=2, heads=3, kind="encoder"):
    n = len(roles)
    scores = np.random.default_rng(seed).normal(size=(layers, heads, n, n))
    if kind == "decoder":
        scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
    weights = np.exp(scores)
    weights /= weights.sum(-1, keepdims=True)
    return AttentionRecord.from_arrays(weights, [f"t{i}" for i in range(n)], roles=roles, kind=kind)


@given(roles=ROLES, seed=st.integers(0, 50))
def test_the_share_is_a_mean_over_text_queries(roles, seed):
    record = make(roles, seed)
    rows = [i for i, role in enumerate(roles) if role in {"word", "punctuation", "unk"}]
    rows = rows or [i for i, role in enumerate(roles) if role != "pad"]
    if not rows:
        with pytest.raises(ValueError, match="no query"):
            key_mass(record, record.special())
        return
    share = key_mass(record, record.special())
    for layer in range(2):
        for head in range(3):
            sums = [
                sum(record[layer, head][i, j] for j in range(len(roles)) if record.special()[j])
                for i in rows
            ]
            assert share[layer, head] == pytest.approx(np.mean(sums), abs=1e-6)


@given(roles=ROLES, seed=st.integers(0, 50))
def test_shares_of_a_set_and_of_its_complement_sum_to_one(roles, seed):
    record = make([*roles, "word"], seed)
    special = record.special()
    assert np.allclose(key_mass(record, special) + key_mass(record, ~special), 1, atol=1e-6)


@given(roles=ROLES, seed=st.integers(0, 50), kind=st.sampled_from(["encoder", "decoder"]))
def test_even_attention_gives_the_uniform_share(roles, seed, kind):
    record = make([*roles, "word"], seed, kind=kind)
    n = len(record.tokens)
    even = np.tri(n) if kind == "decoder" else np.ones((n, n))
    even /= even.sum(-1, keepdims=True)
    flat = AttentionRecord(tokens=record.tokens, weights=even[None, None], kind=kind)
    assert key_mass(flat, flat.special())[0, 0] == pytest.approx(
        uniform_mass(flat, flat.special()), abs=1e-6
    )


@given(roles=ROLES, seed=st.integers(0, 50))
def test_roles_add_up_to_all_special_tokens(roles, seed):
    record = make([*roles, "word"], seed)
    by_role = mass_by_role(record)
    assert set(by_role) == {role for role in TokenRole if role.is_special and role in roles}
    total = sum(values["share"] for values in by_role.values())
    assert np.allclose(total, key_mass(record, record.special()), atol=1e-6)


def test_padding_is_never_a_query():
    record = make(["cls", "sep", "pad"])
    assert query_rows(record).tolist() == [True, True, False]


def test_all_queries_can_be_asked_for():
    record = make(["cls", "word", "sep"])
    everyone = np.ones(3, bool)
    assert np.allclose(
        key_mass(record, record.special(), everyone),
        record.weights[..., [0, 2]].sum(-1).mean(-1),
        atol=1e-6,
    )


def test_selections_of_another_length_are_refused():
    record = make(["cls", "word"])
    with pytest.raises(ValueError, match=r"rows are bool \(2,\) and keys bool \(3,\)"):
        key_mass(record, np.ones(3, bool))


def test_half_precision_does_not_add_up_in_half_precision():
    n = 512
    weights = np.full((1, 1, n, n), 1 / n, np.float16)
    record = AttentionRecord.from_arrays(weights, ["w"] * n)
    assert key_mass(record, np.ones(n, bool))[0, 0] == pytest.approx(1, abs=1e-6)
