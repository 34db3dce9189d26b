"""Which rows and columns a share counts, where padding and half precision could go wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.analysis import query_rows, role_shares, share_of, special_share
from attn_widgets.record import AttentionRecord, TokenRole

ROLES = st.lists(
    st.sampled_from([role.value for role in TokenRole if role != "pad"]), min_size=1, max_size=9
)


def even(roles, pads=0):
    """Make a record of even attention to all that is not padding."""
    roles = [*roles, *["pad"] * pads]
    weights = np.array([role != "pad" for role in roles], dtype=float)
    weights = np.broadcast_to(weights / weights.sum(), (1, 1, len(roles), len(roles)))
    return AttentionRecord.from_arrays(weights, [f"t{i}" for i in range(len(roles))], roles=roles)


def test_rows_are_text_or_all_that_is_not_padding():
    for roles, rows in (
        (["cls", "word", "sep", "pad"], [False, True, False, False]),
        (["cls", "sep", "pad"], [True, True, False]),
    ):
        assert query_rows(even(roles)).tolist() == rows


@given(roles=ROLES, pads=st.integers(0, 5))
def test_padding_moves_neither_a_share_nor_the_even_line(roles, pads):
    plain, padded = special_share(even(roles)), special_share(even(roles, pads))
    assert padded.share[0, 0] == pytest.approx(plain.share[0, 0], abs=1e-6)
    assert padded.uniform == plain.uniform == pytest.approx(plain.share[0, 0], abs=1e-6)


@given(roles=ROLES, pads=st.integers(0, 3))
def test_special_roles_add_up_to_all_special_tokens(roles, pads):
    record = even(roles, pads)
    by_role = role_shares(record)
    assert set(by_role) == {TokenRole(role) for role in roles}
    parts = [own for role, own in by_role.items() if role.is_special]
    whole = special_share(record)
    assert sum(own.uniform for own in parts) == pytest.approx(whole.uniform)
    assert np.allclose(sum(own.share for own in parts), whole.share, atol=1e-6)


def test_half_precision_does_not_add_up_in_half_precision():
    n = 512
    weights = np.full((1, 1, n, n), 1 / n, np.float16)
    record = AttentionRecord.from_arrays(weights, ["w"] * n)
    assert share_of(record, np.ones(n, bool)).share[0, 0] == pytest.approx(1, abs=1e-6)
