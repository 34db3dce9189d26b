"""Reports on gates: what is counted, and of which pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from attn_widgets.models.gates import measure
from attn_widgets.models.gates.runs import keep_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from attn_widgets.models import ModelRunner


def test_a_dense_rule_keeps_all(sharp: ModelRunner, texts: Callable[..., list[str]]) -> None:
    report = measure(sharp, keep_all, texts(6), max_length=12)
    assert report.density == 1
    assert report.mass_kept == pytest.approx(1)
    assert report.cosine_low == pytest.approx(1)
    assert report.relative_l1 == 0
    assert report.cut == sum(len(text.split()) > 10 for text in texts(6))


def test_density_counts_legal_pairs_and_each_token_with_itself(
    sharp: ModelRunner, texts: Callable[..., list[str]]
) -> None:
    chosen = texts(5)
    lengths = [len(text.split()) + 2 for text in chosen]
    nothing = torch.zeros(1, dtype=torch.bool)
    report = measure(sharp, lambda _: nothing, chosen)
    assert report.tokens == sum(lengths)
    assert report.density == pytest.approx(sum(lengths) / sum(n * n for n in lengths))


def test_a_report_is_of_texts(sharp: ModelRunner) -> None:
    with pytest.raises(ValueError, match="one or more texts"):
        measure(sharp, keep_all, [])
