"""A model that another thread calls while it is measured: neither side notices the other."""

from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from attn_widgets.masks import local
from attn_widgets.models.hooks import OwnHooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attn_widgets.models import ModelRunner

TEXT = "one two three four five"
IDS = torch.tensor([[1, 8, 9, 10, 2]])


def answer(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        states: torch.Tensor = model(input_ids=IDS).last_hidden_state
    return states


@pytest.fixture
def bystander(sharp: ModelRunner) -> Iterator[Callable[[], bool]]:
    """Call the model in another thread whenever a run asks whether to stop."""
    expected = answer(sharp.model)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:

        def call() -> bool:
            torch.testing.assert_close(pool.submit(answer, sharp.model).result(60), expected)
            return False

        yield call


def test_a_comparison_goes_on_while_another_thread_calls_the_model(
    sharp: ModelRunner, bystander: Callable[[], bool]
) -> None:
    alone = sharp.compare(TEXT, local(1))
    beside = sharp.compare(TEXT, local(1), stop=bystander)
    assert alone.vector is not None
    assert beside.vector is not None
    assert beside.vector.cosine == alone.vector.cosine
    for name in ("forced_l1", "free_l1"):
        np.testing.assert_array_equal(getattr(beside.drift, name), getattr(alone.drift, name))


def test_contributions_are_those_of_this_thread(
    sharp: ModelRunner, bystander: Callable[[], bool]
) -> None:
    alone = sharp.contributions(TEXT, gradient=True)
    beside = sharp.contributions(TEXT, gradient=True, stop=bystander)
    np.testing.assert_array_equal(beside.summed, alone.summed)
    assert alone.slopes is not None
    assert beside.slopes is not None
    np.testing.assert_array_equal(beside.slopes.total, alone.slopes.total)


def test_the_worth_of_heads_is_that_of_this_threads_runs(
    sharp: ModelRunner, bystander: Callable[[], bool]
) -> None:
    alone = sharp.head_importance(TEXT, "ablation", progress=False)
    beside = sharp.head_importance(TEXT, "ablation", progress=False, stop=bystander)
    np.testing.assert_array_equal(beside.scores["ablation"], alone.scores["ablation"])


def test_hooks_are_called_for_their_own_thread_and_are_gone_afterwards() -> None:
    module = torch.nn.Linear(2, 2)
    given = torch.ones(1, 2)
    heard: list[str] = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with OwnHooks() as hooks:
            hooks.before(module, lambda *_: heard.append("before"))
            hooks.after(module, lambda *_: heard.append("after"))
            pool.submit(module, given).result(60)
            assert heard == []
            module(given)
            assert heard == ["before", "after"]
        module(given)
    assert heard == ["before", "after"]
