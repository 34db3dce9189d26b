"""What a mask keeps of a record's attention, against sums written out pair by pair."""

from __future__ import annotations

import numpy as np
import pytest

from attn_widgets.analysis.mask_fit import fit_mask
from attn_widgets.masks import (
    Mask,
    MaskBindError,
    causal,
    full,
    global_,
    local,
    per_head,
    renormalised,
    sink,
    top_k,
)
from attn_widgets.record import AttentionRecord

ROLES = ["cls", "word", "word", "sep", "word", "word", "sep", "pad"]
N = len(ROLES)


def record(dtype: type = np.float32, *, sink: bool = False) -> AttentionRecord:
    weights = np.random.default_rng(0).dirichlet(np.ones(N), size=(2, 3, N))
    weights = (weights * (0.8 if sink else 1)).astype(dtype)
    return AttentionRecord.from_arrays(weights, ["t"] * N, roles=ROLES, sink=sink)


@pytest.mark.parametrize("mask", [local(1), local(1) | global_("cls"), sink(2), full()], ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_kept_and_special_shares_are_the_sums_of_the_pairs(mask: Mask, dtype: type) -> None:
    seen = record(dtype)
    fit = fit_mask(seen, mask)
    dense = mask.bind(N, tokens=seen.key_tokens).to_dense()
    weights = seen.weights.astype(np.float64)
    rows = np.array([role == "word" for role in ROLES])
    special = np.array([role != "word" for role in ROLES])
    inside = (weights * dense).sum(axis=-1) / weights.sum(axis=-1)
    assert fit.kept_rows == pytest.approx(inside, abs=1e-6)
    assert fit.kept == pytest.approx(inside[..., rows].mean(axis=-1), abs=1e-6)
    for part, share in ((dense, fit.special_inside), (~dense, fit.special_outside)):
        wanted = (weights * part * special).sum(axis=-1)[..., rows].mean(axis=-1)
        assert share == pytest.approx(wanted, abs=1e-6)
    assert fit.density == pytest.approx(dense.mean())


def test_the_divergence_is_that_of_the_renormalised_rows() -> None:
    seen = record()
    mask = local(1) | global_("cls")
    masked = renormalised(seen.weights, mask.bind(N, tokens=seen.key_tokens)).astype(np.float64)
    dense = seen.weights.astype(np.float64)
    terms = masked * np.log(np.where(masked > 0, masked, 1) / dense)
    assert fit_mask(seen, mask).divergence == pytest.approx(terms.sum(axis=-1), abs=1e-5)


def test_nothing_is_lost_under_a_full_mask_and_everything_in_an_empty_row() -> None:
    assert (fit_mask(record(np.float16), full()).divergence == 0).all()
    empty = fit_mask(record(), sink(1) - causal())
    assert (empty.kept == 0).all()
    assert np.isposinf(empty.divergence).all()


def test_what_a_learned_sink_takes_stays() -> None:
    seen = record(sink=True)
    inside = seen.weights.sum(axis=-1) * 0 + 0.2
    inside += (seen.weights * local(1).bind(N).to_dense()).sum(axis=-1)
    assert fit_mask(seen, local(1)).kept_rows == pytest.approx(inside, abs=1e-6)


def test_each_head_may_have_its_own_mask() -> None:
    seen = record()
    fit = fit_mask(seen, per_head({0: local(1)}, default=full()))
    assert (fit.kept[:, 1:] == 1).all()
    assert fit.kept[:, 0] == pytest.approx(fit_mask(seen, local(1)).kept[:, 0])


def test_masks_decided_by_the_weights_are_decided_head_by_head() -> None:
    seen = record()
    everyone = np.ones(N, dtype=bool)
    best = np.sort(seen.weights, axis=-1)[..., -3:].sum(axis=-1)
    assert (fit_mask(seen, top_k(3), everyone).kept_rows >= best - 0.2).all()
    assert (fit_mask(seen, top_k(N), everyone).kept_rows == 1).all()


def test_a_fit_can_be_read_and_not_changed() -> None:
    fit = fit_mask(record(), local(1))
    assert "of the attention kept" in repr(fit)
    assert np.shape(fit.to_dict()["kept"]) == (2, 3)
    with pytest.raises(ValueError, match="read-only"):
        fit.kept_rows[0, 0, 0] = 1


@pytest.mark.parametrize("rows", [np.ones(3, bool), np.zeros(N, bool), np.ones(N)])
def test_rows_that_choose_no_query_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match="booleans"):
        fit_mask(record(), local(1), rows)


def test_a_token_the_text_lacks_is_refused() -> None:
    with pytest.raises(MaskBindError, match="bos"):
        fit_mask(record(), global_("bos"))
