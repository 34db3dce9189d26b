"""Groups that tokens are counted by: each token in one at most, and shares that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.analysis import out_row, share_of, special_share
from attn_widgets.analysis.special_row import out_rows
from attn_widgets.analysis.token_groups import (
    GROUPS,
    SPECIAL_GROUPS,
    group_shares,
    key_groups,
    query_groups,
)
from attn_widgets.record import AttentionRecord, TokenRole

ROLES = st.lists(st.sampled_from([role.value for role in TokenRole]), min_size=1, max_size=9)


def make(roles, seed=0, **parts):
    n = len(roles)
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(2, 3, n))
    return AttentionRecord.from_arrays(weights, [f"t{i}" for i in range(n)], roles=roles, **parts)


def test_a_special_token_in_first_position_leaves_no_first_of_the_text():
    assert key_groups(make(["cls", "word", "punctuation", "unk", "sep"])) == (
        "cls",
        None,
        "punctuation",
        None,
        "sep",
    )
    assert key_groups(make(["pad", "punctuation", "punctuation"])) == (
        "pad",
        "first",
        "punctuation",
    )


def test_queries_are_grouped_as_the_same_tokens_are_among_the_keys():
    words = [f"t{i}" for i in range(4)]
    weights = np.tril(np.full((1, 1, 4, 4), 1.0))
    weights /= weights.sum(axis=-1, keepdims=True)
    whole = AttentionRecord.from_arrays(weights, words, roles=["word"] * 4, kind="decoder")
    assert query_groups(whole) == key_groups(whole) == ("first", None, None, None)
    late = AttentionRecord.from_arrays(
        weights[..., 2:, :], words[2:], key_tokens=words, kind="decoder"
    )
    assert query_groups(late) == (None, None)
    assert key_groups(late) == ("first", None, None, None)


@given(roles=ROLES, seed=st.integers(0, 99))
def test_each_groups_share_is_that_of_its_keys_and_they_add_up(roles, seed):
    record = make(roles, seed)
    if set(roles) == {"pad"}:
        with pytest.raises(ValueError, match="padding"):
            group_shares(record)
        return
    shares = group_shares(record)
    groups = key_groups(record)
    assert list(shares) == [group for group in GROUPS if group in groups]
    for group, own in shares.items():
        keys = np.array([one == group for one in groups])
        if group != "pad":
            alone = share_of(record, keys)
            assert np.allclose(own.share, alone.share, atol=1e-6)
            assert own.uniform == pytest.approx(alone.uniform)
    together = [shares[group] for group in SPECIAL_GROUPS if group in shares and group != "pad"]
    if together:
        whole = special_share(record)
        assert np.allclose(sum(own.share for own in together), whole.share, atol=1e-6)
        assert sum(own.uniform for own in together) == pytest.approx(whole.uniform)


def test_what_padding_takes_is_told_though_an_even_spread_gives_it_nothing():
    record = make(["cls", "word", "word", "pad", "pad"])
    padding = group_shares(record)["pad"]
    assert np.allclose(padding.share, record.weights[:, :, 1:3, 3:].sum(axis=-1).mean(axis=-1))
    assert padding.uniform == 0


def test_the_even_share_of_a_row_is_of_what_its_token_sees():
    assert out_row(make(["cls", "word", "sep", "pad"])).uniform == pytest.approx(2 / 3)
    weights = np.tril(np.full((1, 1, 3, 3), 1.0))
    weights /= weights.sum(axis=-1, keepdims=True)
    decoder = AttentionRecord.from_arrays(
        weights, ["a", "b", "c"], roles=["word", "word", "eos"], kind="decoder"
    )
    assert out_row(decoder, TokenRole.EOS).uniform == pytest.approx(1 / 3)


def test_the_rows_of_all_special_roles_are_those_of_each():
    record = make(["cls", "word", "sep", "word", "sep", "pad"])
    rows = out_rows(record)
    assert list(rows) == [TokenRole.CLS, TokenRole.SEP]
    for role, row in rows.items():
        alone = out_row(record, role)
        assert (row.role, row.query, row.uniform) == (role, alone.query, alone.uniform)
        assert np.array_equal(row.to_content, alone.to_content)
    assert out_rows(make(["word"])) == {}
