"""Sizes of what keys hand on, against loops that say the formulas word for word."""

from __future__ import annotations

import dataclasses
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.analysis import attention_rollout, messages, products, role_shares
from attn_widgets.analysis.contributions import Contributions
from attn_widgets.analysis.messages import Layer, Norm
from attn_widgets.analysis.norm_rollout import norm_rollout, norm_rollout_to_special
from attn_widgets.analysis.norm_shares import (
    context_share,
    effective_shares,
    head_norm_share_of,
    head_norm_shares,
    mixing_ratio,
    norm_shares,
    special_sum,
    value_drain,
    value_drain_of,
)
from attn_widgets.analysis.slopes import Slopes
from attn_widgets.record import AttentionRecord, TokenRole
from attn_widgets.record.tokens import as_tokens

SEEDS = st.integers(0, 10_000)
SIZES = {
    "n": st.integers(1, 9),
    "groups": st.integers(1, 3),
    "shared": st.integers(1, 2),
    "dim": st.integers(1, 4),
    "hidden": st.integers(1, 6),
}


def layer(n=6, groups=2, shared=2, dim=3, hidden=5, seed=0, *, centred=True):
    rng = np.random.default_rng(seed)
    heads = groups * shared
    return Layer(
        weights=rng.dirichlet(np.full(n, 0.5), size=(heads, n)),
        values=rng.normal(size=(groups, n, dim)),
        output=rng.normal(size=(heads, dim, hidden)),
        residual=rng.normal(size=(n, hidden)),
        norm=Norm(rng.normal(size=hidden), rng.uniform(0.5, 2, size=n), centred),
    )


def terms(one):
    """Give ``y[i, j]``, ``(queries, keys, hidden)``, head by head."""
    heads, queries, keys = one.weights.shape
    groups = heads // len(one.values)
    total = np.zeros((queries, keys, one.output.shape[2]))
    for h in range(heads):
        for j in range(keys):
            said = one.values[h // groups, j] @ one.output[h]
            for i in range(queries):
                total[i, j] += one.weights[h, i, j] * said
    return total


def contributions(n=6, layers=3, seed=0, roles=None, kind="encoder", **parts):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(n, 0.5), size=(layers, 4, n)) + 1e-9
    if kind == "decoder":
        weights = weights * np.tri(n)
    weights /= weights.sum(-1, keepdims=True)
    record = AttentionRecord.from_arrays(weights, ["t"] * n, roles=roles, kind=kind)
    made = [
        messages.sizes(dataclasses.replace(layer(n, seed=seed + 1 + place), weights=weights))
        for place, weights in enumerate(record.weights)
    ]
    sizes = {
        field.name: np.stack([getattr(one, field.name) for one in made])
        for field in dataclasses.fields(made[0])
    }
    given = {"absent": {}, "difference": np.zeros(layers)} | sizes | parts
    return Contributions(record=record, **given)


def roles_of(n):
    return ["cls", *["word"] * (n - 2), "sep"] if n > 1 else ["word"]


def with_padding(made, places):
    """Put padding before the tokens named: no token looks at it, and it looks at the first."""
    n = len(made.record.tokens)
    keep = np.insert(np.ones(n, bool), places, values=False)
    wide = len(keep)
    two = np.ix_(np.flatnonzero(keep), np.flatnonzero(keep))
    weights = np.zeros((*made.record.shape[:2], wide, wide), np.float32)
    weights[..., ~keep, 0] = 1
    weights[..., two[0], two[1]] = made.record.weights
    own = iter(made.record.tokens)
    roles = [next(own).role.value if kept else "pad" for kept in keep]
    grown = {}
    for name in ("values", "summed", "residual", "normed", "mixed", "mixed_normed"):
        part = getattr(made, name)
        if name in ("summed", "residual", "normed"):
            grown[name] = np.full((len(part), wide, wide), 7.0)
            grown[name][:, two[0], two[1]] = part
        else:
            grown[name] = np.full((*part.shape[:-1], wide), 7.0)
            grown[name][..., keep] = part
    record = AttentionRecord.from_arrays(weights, ["t"] * wide, roles=roles)
    return dataclasses.replace(made, record=record, **grown), keep


@given(**SIZES, seed=SEEDS, centred=st.booleans())
def test_sizes_are_the_lengths_of_the_terms_added_up_head_by_head(
    n, groups, shared, dim, hidden, seed, centred
):
    one = layer(n, groups, shared, dim, hidden, seed, centred=centred)
    made, each = messages.sizes(one), terms(one)
    whole = each + np.eye(n)[:, :, None] * one.residual
    others = each * (1 - np.eye(n))[:, :, None]

    def normal(vectors):
        mean = vectors.mean(-1, keepdims=True) if centred else 0
        return (vectors - mean) * one.norm.gain / one.norm.scale[:, None, None]

    expected = {
        "values": np.linalg.norm(messages.messages(one), axis=-1),
        "summed": np.linalg.norm(each, axis=-1),
        "residual": np.linalg.norm(whole, axis=-1),
        "normed": np.linalg.norm(normal(whole), axis=-1),
        "mixed": np.linalg.norm(others.sum(1), axis=-1),
        "mixed_normed": np.linalg.norm(normal(others).sum(1), axis=-1),
    }
    for name, sizes in expected.items():
        np.testing.assert_allclose(getattr(made, name), sizes, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(messages.written(one), each.sum(1), atol=1e-12)


@given(seed=SEEDS, n=st.integers(1, 9))
def test_cutting_the_work_into_parts_changes_nothing(seed, n):
    one = layer(n, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        whole = messages.sizes(one)
        patch.setattr(messages, "_BYTES_AT_ONCE", 1)
        patch.setattr(messages, "ALONE", 1)
        patch.setattr(products, "ALONE", 1)
        cut = messages.sizes(one)
    for field in dataclasses.fields(whole):
        np.testing.assert_allclose(
            getattr(cut, field.name), getattr(whole, field.name), atol=1e-7, err_msg=field.name
        )


@given(
    rows=st.integers(0, 7),
    inner=st.integers(0, 7),
    columns=st.integers(0, 7),
    alone=st.integers(1, 200),
)
def test_a_product_in_parts_is_the_product(rows, inner, columns, alone):
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "ALONE", alone)
        np.testing.assert_allclose(products.product(one, other), one @ other, atol=1e-12)


def test_what_heads_cancel_has_no_size():
    one = layer(4, groups=1, shared=2)
    same = np.repeat(one.weights[:1], 2, axis=0)
    opposite = np.stack([one.output[0], -one.output[0]])
    made = messages.sizes(dataclasses.replace(one, weights=same, output=opposite))
    assert made.values.min() > 0.1
    np.testing.assert_allclose(made.summed, 0, atol=1e-7)


@given(**SIZES, seed=SEEDS)
def test_effective_attention_hands_on_the_same_and_is_the_smallest_that_does(
    n, groups, shared, dim, hidden, seed
):
    one = layer(n, groups, shared, dim, hidden, seed)
    made = messages.effective_attention(one)
    said = messages.messages(one)
    np.testing.assert_allclose(made @ said, one.weights @ said, atol=1e-6)
    for head in range(len(made)):
        smallest = one.weights[head] @ said[head] @ np.linalg.pinv(said[head], rcond=1e-5)
        np.testing.assert_allclose(made[head], smallest, atol=1e-5)


@given(seed=SEEDS, n=st.integers(1, 4))
def test_effective_attention_of_no_more_keys_than_the_rank_is_the_attention(seed, n):
    one = layer(n, dim=4, hidden=8, seed=seed)
    assert np.array_equal(messages.effective_attention(one), one.weights)


def test_a_head_that_says_nothing_has_no_effective_attention():
    one = layer()
    silent = dataclasses.replace(one, values=np.zeros_like(one.values))
    assert not messages.effective_attention(silent).any()


@given(seed=SEEDS, n=st.integers(2, 9))
def test_the_norm_share_is_the_weight_share_where_all_messages_are_equally_long(seed, n):
    made = contributions(n, seed=seed, roles=roles_of(n))
    level = dataclasses.replace(made, values=np.full_like(made.values, 2.5))
    for role, share in role_shares(made.record).items():
        np.testing.assert_allclose(head_norm_shares(level)[role], share.share, atol=1e-6)


@given(seed=SEEDS, order=st.permutations(range(4)))
def test_permuting_heads_permutes_rows_and_leaves_sums_as_they_are(seed, order):
    one = layer(6, groups=4, shared=1, seed=seed)
    order = list(order)
    other = dataclasses.replace(
        one, weights=one.weights[order], values=one.values[order], output=one.output[order]
    )
    was, now = messages.sizes(one), messages.sizes(other)
    np.testing.assert_allclose(now.values, was.values[order], atol=1e-12)
    for name in ("summed", "residual", "normed", "mixed", "mixed_normed"):
        np.testing.assert_allclose(getattr(now, name), getattr(was, name), atol=1e-6)
    np.testing.assert_allclose(
        messages.effective_attention(other), messages.effective_attention(one)[order], atol=1e-9
    )


@given(seed=SEEDS, n=st.integers(2, 7), places=st.lists(st.integers(0, 7), max_size=3))
def test_padding_changes_no_measure(seed, n, places):
    made = contributions(n, seed=seed, roles=roles_of(n) if n > 2 else None)
    padded, keep = with_padding(made, [min(place, n) for place in places])
    for measure in (head_norm_shares, norm_shares, value_drain):
        was, now = measure(made), measure(padded)
        assert set(was) == set(now)
        for role, share in was.items():
            np.testing.assert_allclose(now[role], share, atol=1e-9)
    np.testing.assert_allclose(context_share(padded), context_share(made))
    np.testing.assert_allclose(norm_rollout_to_special(padded), norm_rollout_to_special(made))
    ratios = mixing_ratio(padded)
    np.testing.assert_allclose(ratios[:, keep], mixing_ratio(made))
    assert np.isnan(ratios[:, ~keep]).all()
    rolled = norm_rollout(padded)
    np.testing.assert_allclose(rolled[:, keep][:, :, keep], norm_rollout(made), atol=1e-12)
    assert not rolled[:, ~keep].any()


@given(seed=SEEDS, n=st.integers(2, 8), stage=st.sampled_from(["summed", "residual", "normed"]))
def test_shares_sum_to_one_and_no_ratio_leaves_its_range(seed, n, stage):
    made = contributions(n, seed=seed, roles=roles_of(n))
    np.testing.assert_allclose(sum(norm_shares(made, stage).values()), 1)
    np.testing.assert_allclose(sum(head_norm_shares(made).values()), 1)
    for ratio in (context_share(made, stage), mixing_ratio(made, stage)):
        assert (ratio >= 0).all()
        assert (ratio <= 1).all()


@given(seed=SEEDS, n=st.integers(3, 8))
def test_the_context_share_is_what_comes_from_other_words(seed, n):
    made = contributions(n, seed=seed, roles=roles_of(n))
    shares = [
        [
            sum(sizes[i, j] for j in range(1, n - 1) if j != i) / sizes[i].sum()
            for i in range(1, n - 1)
        ]
        for sizes in made.normed
    ]
    np.testing.assert_allclose(context_share(made), np.mean(shares, axis=1))


@given(seed=SEEDS, n=st.integers(2, 8), kind=st.sampled_from(["encoder", "decoder"]))
def test_norm_rollout_is_the_product_of_the_rows_and_sees_nothing_hidden(seed, n, kind):
    made = contributions(n, seed=seed, roles=roles_of(n), kind=kind)
    steps = [sizes / sizes.sum(1, keepdims=True) for sizes in made.normed]
    rolled = norm_rollout(made)
    np.testing.assert_allclose(rolled[0], steps[0])
    np.testing.assert_allclose(rolled[2], steps[2] @ steps[1] @ steps[0])
    np.testing.assert_allclose(rolled.sum(-1), 1)
    if kind == "decoder":
        assert (rolled[:, ~np.tri(n, dtype=bool)] == 0).all()
    special = made.record.special()
    np.testing.assert_allclose(
        norm_rollout_to_special(made, queries="all"), rolled[..., special].sum(-1).mean(-1)
    )


def test_norm_rollout_of_sizes_like_mixed_weights_is_the_rollout():
    made = contributions(6)
    mixed = np.stack([(np.eye(6) + one.mean(0)) / 2 for one in made.record.weights])
    same = dataclasses.replace(made, normed=mixed * 3)
    np.testing.assert_allclose(norm_rollout(same), attention_rollout(made.record), atol=1e-6)


def test_the_value_drain_is_one_for_words_and_small_for_a_token_that_says_little():
    made = contributions(5, roles=roles_of(5))
    values = made.values.copy()
    values[..., 0] = values[..., 1:4].mean(-1) / 50
    drain = value_drain(dataclasses.replace(made, values=values))
    np.testing.assert_allclose(drain[TokenRole.WORD], 1)
    np.testing.assert_allclose(drain[TokenRole.CLS], 0.02)
    assert set(drain) == {TokenRole.WORD, TokenRole.CLS, TokenRole.SEP}


@given(seed=SEEDS, n=st.integers(3, 8))
def test_the_first_position_is_measured_as_a_role_would_be(seed, n):
    made = contributions(n, seed=seed, roles=roles_of(n))
    first = np.arange(n) == 0
    np.testing.assert_allclose(
        head_norm_share_of(made, first), head_norm_shares(made)[TokenRole.CLS]
    )
    np.testing.assert_allclose(value_drain_of(made, first), value_drain(made)[TokenRole.CLS])
    plain = contributions(n, seed=seed)
    expected = plain.values[..., 0] / plain.values[..., 1:].mean(-1)
    np.testing.assert_allclose(value_drain_of(plain, first), expected)


@pytest.mark.parametrize("keys", [np.ones(4, bool), np.ones(5, int), np.zeros(5, bool)])
def test_a_choice_of_keys_that_is_none_is_refused(keys):
    for measure in (head_norm_share_of, value_drain_of):
        with pytest.raises(ValueError, match=r"expected bool of shape \(5,\), with one at least"):
            measure(contributions(5), keys)


def test_special_tokens_are_summed_and_none_make_zero():
    made = contributions(5, roles=roles_of(5))
    shares = norm_shares(made)
    expected = shares[TokenRole.CLS] + shares[TokenRole.SEP]
    np.testing.assert_allclose(special_sum(shares), expected)
    np.testing.assert_array_equal(special_sum(norm_shares(contributions(5))), np.zeros(3))


def test_effective_shares_are_column_sums_and_are_asked_for():
    made = contributions(5, roles=roles_of(5))
    with pytest.raises(ValueError, match="effective=True"):
        effective_shares(made)
    whole = dataclasses.replace(made, effective=made.record.weights)
    for role, share in role_shares(made.record).items():
        np.testing.assert_allclose(effective_shares(whole)[role], share.share, atol=1e-6)


def test_a_stage_that_is_absent_is_refused_with_its_reason_and_never_guessed():
    why = types.MappingProxyType({"normed": "this model has no such norm"})
    made = contributions(5, roles=roles_of(5), normed=None, mixed_normed=None, absent=why)
    assert made.last == "residual"
    for measure in (norm_shares, context_share, mixing_ratio, norm_rollout):
        measure(made)
        with pytest.raises(ValueError, match=r"'normed' is not defined.*no such norm.*'residual'"):
            measure(made, "normed")
    with pytest.raises(ValueError, match="stage is 'heads'"):
        made.at("heads")
    assert "without normed" in repr(made)


def test_parts_that_do_not_fit_the_record_are_refused():
    with pytest.raises(ValueError, match=r"values has shape \(3, 4, 4\): expected \(3, 4, 5\)"):
        contributions(5, values=np.ones((3, 4, 4)))


def test_sizes_cannot_be_written_to_and_one_head_is_weighed_by_the_models_numbers():
    made = contributions(5)
    with pytest.raises(ValueError, match="read-only"):
        made.summed[0] = 0
    expected = made.record.weights[2, 1] * made.values[2, 1]
    np.testing.assert_allclose(made.weighed(2, 1), expected)
    with pytest.raises(IndexError, match="holds layers 0 to 2"):
        made.weighed(3, 0)


def test_cross_attention_has_no_context_share_and_only_special_tokens_no_drain():
    made = contributions(4, roles=["cls", "sep", "sep", "sep"])
    with pytest.raises(ValueError, match="no text among the other keys"):
        value_drain(made)
    tokens = as_tokens(["a", "b"], None)
    weights = np.full((1, 1, 2, 3), 1 / 3)
    keys = as_tokens(["c", "d", "e"], None)
    record = AttentionRecord(tokens=tokens, key_tokens=keys, weights=weights, kind="cross")
    across = Contributions(
        record=record,
        values=np.ones((1, 1, 3)),
        summed=np.ones((1, 2, 3)),
        residual=None,
        normed=None,
        mixed=None,
        mixed_normed=None,
        absent={},
        difference=np.zeros(1),
    )
    for measure in (context_share, mixing_ratio, norm_rollout):
        with pytest.raises(ValueError, match="queries and keys of one text"):
            measure(across)


def test_a_row_that_hands_on_nothing_is_left_out_of_means():
    made = contributions(4)
    values = made.values.copy()
    values[0, 0] = 0
    shares = head_norm_shares(dataclasses.replace(made, values=values))[TokenRole.WORD]
    assert np.isnan(shares[0, 0])
    np.testing.assert_allclose(shares[1], 1)


def test_slopes_are_means_over_the_pairs_of_a_role():
    tokens = as_tokens(["c", "a", "b", "p"], ["cls", "word", "word", "pad"])
    made = Slopes(
        tokens=tokens,
        total=np.array([[[4.0, 6.0, 3.0, 9.0]]]),
        pairs=np.array([[[4.0, 2.0, 1.0, 0.0]]]),
        loss="a loss",
    )
    assert {role: float(mean[0, 0]) for role, mean in made.by_role().items()} == {
        TokenRole.CLS: 1.0,
        TokenRole.WORD: 3.0,
    }
    assert "L is a loss" in repr(made)
