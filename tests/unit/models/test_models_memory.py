"""Runs that find no memory, or that nobody waits for: said in words, and nothing is left."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from attn_widgets.interventions import Changes
from attn_widgets.masks import local
from attn_widgets.models import memory, vectors
from attn_widgets.models.capture import Capture, Selection
from attn_widgets.models.errors import ModelMemoryError, RunStoppedError
from attn_widgets.models.stacks import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from attn_widgets.models import ModelRunner

TEXT = "The dog chased the cat."

FULL = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.\nGPU 0 has ..."),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
    MemoryError(),
]


@pytest.mark.parametrize("error", FULL, ids=range(4))
@pytest.mark.parametrize("mask", [None, local(2)], ids=["plain", "masked"])
def test_a_run_without_memory_says_how_much_it_needs_and_can_be_made_again(
    demo: ModelRunner, error: Exception, mask: object
) -> None:
    expected = demo.run(TEXT, mask=mask)
    name = demo.model.config._attn_implementation

    held: list[weakref.ref[torch.Tensor]] = []

    def fail(*_: object) -> None:
        large = torch.zeros(9)
        held.append(weakref.ref(large))
        raise error

    handle = demo.model.encoder.layer[2].register_forward_pre_hook(fail)
    try:
        with pytest.raises(
            ModelMemoryError,
            match=r"1 text\(s\) of up to 8 tokens ran out of memory: .* GiB.*layers=",
        ) as caught:
            demo.run(TEXT, mask=mask)
    finally:
        handle.remove()
    assert held[0]() is None
    assert caught.value.__suppress_context__
    assert "\n" not in str(caught.value)
    assert demo.model.config._attn_implementation == name
    assert demo.run(TEXT, mask=mask) == expected


ADVICE: list[tuple[str, Callable[[ModelRunner], object]]] = [
    ("Give a shorter text or max_length=, or fewer layers= or heads=", lambda r: r.run(TEXT)),
    (
        "Give shorter texts or max_length=, fewer layers= or heads=, or batch_size=",
        lambda r: r.run_many([TEXT], progress=False),
    ),
    ("Give a shorter text or max_length=", lambda r: r.outputs(TEXT)),
    ("Give a shorter text", lambda r: r.compare(TEXT, local(2))),
    (
        "Give a shorter text, or fewer candidates=",
        lambda r: r.compare(TEXT, local(2), candidates=["a cat"]),
    ),
    ("Give shorter texts", lambda r: r.sweep(TEXT, {"near": local(2)}, progress=False)),
    (
        "Give shorter texts, or a smaller batch_size=",
        lambda r: r.head_importance(TEXT, "gradient", progress=False),
    ),
    ("Give a shorter text or max_length=", lambda r: r.contributions(TEXT)),
]


@pytest.mark.parametrize(
    ("advice", "call"),
    ADVICE,
    ids=["run", "many", "outputs", "compare", "candidates", "sweep", "importance", "sizes"],
)
def test_the_advice_names_what_the_caller_can_give(
    demo: ModelRunner, advice: str, call: Callable[[ModelRunner], object]
) -> None:
    def fail(*_: object) -> None:
        raise FULL[0]

    handle = demo.model.encoder.layer[2].register_forward_pre_hook(fail)
    try:
        with pytest.raises(ModelMemoryError) as caught:
            call(demo)
    finally:
        handle.remove()
    said = str(caught.value)
    assert f"while it runs. {advice}. (CUDA out of memory. Tried to allocate 9.00 GiB.)" in said


def test_a_comparison_counts_both_runs_and_is_watched_to_its_end(
    demo: ModelRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FULL[1]

    monkeypatch.setattr(vectors, "pooled", fail)
    monkeypatch.setattr(memory, "needed", lambda _: (2**30, 2**29))
    with pytest.raises(
        ModelMemoryError,
        match=r"kept of 2 runs take 2\.00 GiB, .* another 0\.50 GiB.*can't allocate",
    ):
        demo.compare(TEXT, local(2))


def test_another_error_of_the_model_is_its_own(demo: ModelRunner) -> None:
    def fail(*_: object) -> None:
        msg = "mat1 and mat2 shapes cannot be multiplied"
        raise RuntimeError(msg)

    handle = demo.model.encoder.layer[2].register_forward_pre_hook(fail)
    try:
        with pytest.raises(RuntimeError, match="cannot be multiplied"):
            demo.run(TEXT)
    finally:
        handle.remove()


def huge() -> Selection:
    stack = Stack("encoder", ("layer",), 12, 12, None)
    length = 200_000_000
    return Selection(stack, (0,), tuple(range(12)), ((length, length),), torch.float16)


def test_arrays_that_do_not_fit_are_named_before_the_run() -> None:
    with (
        pytest.raises(ModelMemoryError, match="200000000 tokens ran out of memory"),
        memory.named(huge()),
    ):
        Capture({}, huge())


def test_the_need_is_that_of_the_kept_weights_and_of_one_layers_scores(demo: ModelRunner) -> None:
    stack = demo.stacks["encoder"]
    selection = Selection(stack, (0, 5), (1,), ((8, 8), (3, 3)), torch.float16)
    assert memory.needed(selection) == ((64 + 9) * 2 * 1 * 2, 2 * 12 * 8 * 8 * 4)


@pytest.mark.parametrize("changes", [Changes(), Changes((local(2),))], ids=["plain", "masked"])
def test_a_run_that_nobody_waits_for_ends_at_the_next_layer(
    demo: ModelRunner, changes: Changes
) -> None:
    expected = demo.run(TEXT, mask=changes)
    asked: list[int] = []

    def stop() -> bool:
        asked.append(0)
        return len(asked) == 4

    with pytest.raises(RunStoppedError, match="stopped before layer 3 of the encoder"):
        demo.run(TEXT, mask=changes, stop=stop)
    assert len(asked) == 4
    again = demo.run(TEXT, mask=changes, stop=lambda: False)
    np.testing.assert_array_equal(again.weights, expected.weights)
