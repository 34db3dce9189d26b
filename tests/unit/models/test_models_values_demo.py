"""The embedded model's figures, recomputed: thick lines, thin messages."""

from __future__ import annotations

import numpy as np
import pytest

from attn_widgets.analysis import role_shares
from attn_widgets.analysis.norm_rollout import norm_rollout_to_special
from attn_widgets.analysis.norm_shares import (
    context_share,
    effective_shares,
    head_norm_shares,
    mixing_ratio,
    norm_shares,
    special_sum,
    value_drain,
)
from attn_widgets.record import TokenRole

MEASURED = {
    "hello": ([0.72, 0.77, 0.61, 0.53, 0.53, 0.42], 0.46),
    "dogs chase cats": ([0.39, 0.33, 0.28, 0.34, 0.44, 0.18], 0.29),
    " ".join(["buffalo"] * 20): ([0.16, 0.27, 0.18, 0.22, 0.32, 0.20], 0.18),
    "東京都は日本の大都市です。": ([0.12, 0.29, 0.15, 0.14, 0.11, 0.13], 0.17),
}
SENTENCES = [
    "The committee met on Tuesday to discuss the new rules for public gardens in the old town.",
    "Several members argued that children should always be free to play on the large lawn.",
    "Repairs of the northern bridge had cost more than the whole budget for schools last year.",
    "A small sign beside the wooden door explained why the museum would be closed until spring.",
    "The engine starts slowly on cold mornings because the battery has lost most of its power.",
    "Her letters describe the long winter, the empty harbour and the price of bread in detail.",
]
PARAGRAPH = " ".join(SENTENCES * 2)


@pytest.mark.parametrize("text", MEASURED, ids=lambda text: text[:15])
def test_the_norm_share_and_rollout_of_special_tokens_are_those_measured_before(demo, text):
    made = demo.contributions(text)
    share, rolled = MEASURED[text]
    own = special_sum(head_norm_shares(made)).mean(axis=1)
    np.testing.assert_allclose(own, share, atol=0.0051)
    assert norm_rollout_to_special(made)[-1] == pytest.approx(rolled, abs=0.0051)
    assert made.difference.max() < 2e-6


def test_special_tokens_take_half_the_weight_and_a_thirtieth_of_the_new_vector(demo):
    """Averages of plain sentences of about 19 tokens, near those of 240 other sentences."""
    made = [demo.contributions(text) for text in SENTENCES]
    weight = [sum(s.share for r, s in role_shares(m.record).items() if r.is_special) for m in made]
    norm = [special_sum(head_norm_shares(m)) for m in made]
    last = [special_sum(norm_shares(m)) for m in made]
    flow = np.mean([context_share(m) for m in made], axis=0)
    mixed = np.mean([mixing_ratio(m).mean(axis=1) for m in made], axis=0)
    assert np.mean(weight) == pytest.approx(0.45, abs=0.03)
    assert np.mean(norm) == pytest.approx(0.11, abs=0.015)
    assert np.mean(last) == pytest.approx(0.035, abs=0.006)
    np.testing.assert_allclose(flow, [0.39, 0.38, 0.37, 0.36, 0.34, 0.44], atol=0.05)
    assert mixed.min() > 0.15
    assert mixed.max() < 0.35


def test_cls_says_almost_nothing_and_sep_does(demo):
    drains = [value_drain(demo.contributions(text)) for text in SENTENCES]
    cls, sep = (
        np.mean([drain[role].mean(axis=1) for drain in drains], axis=0)
        for role in (TokenRole.CLS, TokenRole.SEP)
    )
    np.testing.assert_allclose(cls, [0.31, 0.057, 0.043, 0.080, 0.037, 0.098], atol=0.02)
    np.testing.assert_allclose(sep, [0.69, 1.12, 0.88, 0.70, 0.65, 0.43], atol=0.12)


def test_the_loss_depends_on_attention_to_words_far_more_than_to_cls(demo):
    means = demo.contributions(SENTENCES[0], gradient=True).slopes.by_role()
    ratio = means[TokenRole.WORD].mean(axis=1) / means[TokenRole.CLS].mean(axis=1)
    assert (ratio[1:5] > 10).all()


def test_more_tokens_than_a_head_has_dimensions_leave_cls_no_effective_attention(demo):
    made = demo.contributions(PARAGRAPH, effective=True)
    raw = role_shares(made.record)[TokenRole.CLS].share.mean(axis=1)
    real = effective_shares(made)[TokenRole.CLS].mean(axis=1)
    assert (raw[1:5] > 0.2).all()
    assert (np.abs(real) < 0.01).all()
    short = demo.contributions(SENTENCES[0], effective=True)
    assert np.array_equal(short.effective, short.record.weights)
