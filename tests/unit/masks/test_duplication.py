"""The duplication experiment hashes and counts as the masks do."""

from __future__ import annotations

import importlib.util
import pathlib
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from attn_widgets.masks import lsh, to_multiplicity
from attn_widgets.masks.data_dependent.lsh_hash import rotations

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = pathlib.Path(__file__).parents[2] / "benchmarks" / "duplication.py"


@pytest.fixture(scope="module")
def duplication() -> ModuleType:
    spec = importlib.util.spec_from_file_location("duplication", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("rounds", [1, 2, 4])
@pytest.mark.parametrize("n", [24, 29, 64])
@pytest.mark.parametrize("spread", [3.0, 0.3, 0.0])
def test_its_counts_are_those_of_the_mask_under_the_same_rotations(
    duplication: ModuleType, rounds: int, n: int, spread: float
) -> None:
    texts, heads, dim, buckets, chunk = 3, 2, 8, 8, 5
    rng = np.random.default_rng(n)
    query = rng.normal(size=dim) + spread * rng.normal(size=(texts, heads, n, dim))
    turns = np.stack([rotations(seed, rounds, dim, buckets // 2) for seed in range(heads)])
    ours = duplication.multiplicities(torch.tensor(query), torch.tensor(turns), chunk).numpy()
    for text in range(texts):
        for head in range(heads):
            mask = lsh(
                buckets,
                rounds,
                chunk,
                same_bucket=True,
                share_qk=True,
                causal=True,
                seed=head,
            )
            theirs = to_multiplicity(mask.bind_data(q=query[text, head]))
            assert np.array_equal(ours[text, head], theirs)


def test_full_attention_sees_what_is_earlier_and_itself_at_the_start_or_where_it_is_asked_to(
    duplication: ModuleType,
) -> None:
    model = duplication.Transformer(duplication.QUICK)
    met = model.meetings(torch.zeros(1, 1, 4, 2), duplication.FULL, torch.Generator())
    assert met.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]
    met = model.meetings(torch.zeros(1, 1, 4, 2), duplication.WITH_ITSELF, torch.Generator())
    assert met.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]]


def test_running_rounds_apart_gives_the_softmax_that_counts_meetings(
    duplication: ModuleType,
) -> None:
    chance = torch.Generator().manual_seed(0)
    query = torch.randn(2, 2, 32, 8, dtype=torch.float64, generator=chance)
    value = torch.randn(2, 2, 32, 8, dtype=torch.float64, generator=chance)
    turns = torch.randn(2, 3, 8, 4, dtype=torch.float64, generator=chance)
    scores = query @ torch.nn.functional.normalize(query, dim=-1).transpose(-1, -2)
    together = scores + duplication.multiplicities(query, turns, 8).log()
    outputs, sums = [], []
    for turn in turns.split(1, dim=1):
        met = duplication.multiplicities(query, turn, 8)
        apart = scores - 1e5 * torch.eye(32, dtype=torch.float64) + met.log()
        outputs.append(apart.softmax(-1) @ value)
        sums.append(apart.logsumexp(-1))
    shares = torch.stack(sums).softmax(0)
    combined = (torch.stack(outputs) * shares[..., None]).sum(0)
    torch.testing.assert_close(combined, together.softmax(-1) @ value, rtol=0, atol=1e-9)


def test_the_second_half_of_a_text_repeats_the_first(duplication: ModuleType) -> None:
    texts = duplication.texts(duplication.QUICK, 5, torch.Generator().manual_seed(0))
    half = duplication.QUICK.length // 2
    assert torch.equal(texts[:, :half], texts[:, half:])
    assert (texts[:, 0] == 0).all()
    assert (texts[:, 1:half] > 0).all()
    assert (texts < duplication.QUICK.symbols).all()
