"""Reformer's duplication task, small: is what full attention learned still found by hashing?

Run with ``python tests/benchmarks/duplication.py`` (minutes), or with ``--quick`` (seconds; shorter
texts, fewer steps, one seed). A text is ``0 w 0 w`` with w random symbols. A transformer of one
layer reads it and predicts each next symbol; only the second half can be known, by looking back
half a text, and only there are loss and accuracy taken. The same weights are then read with full
attention and with attention by locality-sensitive hashing (LSH), whatever they were trained with.

Attention is Reformer's (Kitaev, Kaiser & Levskaya 2020, sections 2 and 5, Table 2). Queries are
also the keys, at unit length. In each round, random rotations R hash each vector into the bucket
``argmax([x R; -x R])``; tokens are sorted by (bucket, position) and the order is cut into chunks. A
query meets the keys of its bucket in its own chunk and in the one before, none after itself, and
itself only where it is alone. Several rounds count a pair m times, ``softmax(score + log m)``: what
rounds give that are run apart and combined by their log-sum-exps. (The authors' own program by
default divides the repetitions out, which leaves ``m > 0``.) Rotations are drawn anew for each
batch, and are the same for all its texts.

The last column is not in the paper: full attention in which a query may also meet itself, whose
score, its own length, no other key can exceed. It is here because the paper's models trained by
hashing fall to chance under full attention, and these fall far only if a query may see itself.

Texts are short here, so m is a dense matrix of all pairs and nothing is saved by hashing: the
experiment is about what is found, not about speed. A unit test holds m equal to
``attn_widgets.to_multiplicity`` of ``lsh(..., same_bucket=True, share_qk=True, causal=True)``.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import itertools
import multiprocessing
import statistics
import time
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

FULL = 0
WITH_ITSELF = -1
"""The numbers of hash rounds that stand for full attention, and for the kind that sees itself."""

READINGS = (FULL, 8, 4, 2, 1, WITH_ITSELF)
PUBLISHED = {
    FULL: (100, 94.8, 92.5, 76.9, 52.5),
    4: (0.8, 100, 99.9, 99.4, 91.9),
    2: (0.8, 100, 99.9, 98.1, 86.8),
    1: (0.8, 99.9, 99.6, 94.8, 77.9),
}
"""Reformer, Table 2: by training, accuracies in % in the order of `READINGS`, less the last."""

WIDTH, HEADS, BATCH = 64, 4, 32
WARM_UP, RATE = 100, 3e-3
TEST_SEEDS, TEST_BATCHES = (1000, 1001), 32


class Setting(NamedTuple):
    """What is learned, and for how long."""

    length: int = 64
    symbols: int = 128
    buckets: int = 16
    steps: int = 1500
    trainings: tuple[int, ...] = (FULL, 4, 2, 1)
    seeds: tuple[int, ...] = (0, 1)

    @property
    def chunk(self) -> int:
        """Twice the mean bucket, as in the paper."""
        return 2 * self.length // self.buckets


QUICK = Setting(length=32, symbols=32, buckets=8, steps=250, trainings=(FULL, 2), seeds=(0,))


class Job(NamedTuple):
    """One model to train and read."""

    setting: Setting
    rounds: int
    seed: int


class Outcome(NamedTuple):
    """A job's accuracies in %, a list over test seeds for each of `READINGS`, and its seconds."""

    job: Job
    accuracies: dict[int, list[float]]
    seconds: float


def texts(setting: Setting, count: int, chance: torch.Generator) -> torch.Tensor:
    """Draw texts ``0 w 0 w``: int64, ``(count, length)``; w is of symbols from 1 on."""
    half = torch.randint(1, setting.symbols, (count, setting.length // 2), generator=chance)
    half[:, 0] = 0
    return torch.cat([half, half], dim=1)


def multiplicities(query: torch.Tensor, rotations: torch.Tensor, chunk: int) -> torch.Tensor:
    """Count in how many rounds each query meets each key.

    Takes queries ``(texts, heads, n, dim)``, more than fill a chunk, and rotations ``(heads,
    rounds, dim, buckets / 2)``; returns counts ``(texts, heads, n, n)``, of the queries' kind.
    """
    n = query.shape[2]
    turned = torch.einsum("thnd,hrdk->rthnk", query, rotations)
    bucket = torch.cat([turned, -turned], dim=-1).argmax(dim=-1)
    order = (bucket * n + torch.arange(n)).argsort(dim=-1)
    place = torch.empty_like(order).scatter_(-1, order, torch.arange(n).expand_as(order))
    met = query.new_zeros(*query.shape[:3], n)
    for one_bucket, one_chunk in zip(bucket.int(), (place // chunk).int(), strict=True):
        back = one_chunk[..., :, None] - one_chunk[..., None, :]
        same = one_bucket[..., :, None] == one_bucket[..., None, :]
        met += same & (back >= 0) & (back <= 1)
    return before_itself(met)


def before_itself(met: torch.Tensor) -> torch.Tensor:
    """Keep a query's meetings with earlier keys, and with itself where there are none."""
    earlier = met.tril(-1)
    alone = earlier.sum(dim=-1) == 0
    return earlier + torch.diag_embed(alone * met.diagonal(dim1=-2, dim2=-1))


class Transformer(nn.Module):
    """One layer of attention, whose queries are its keys, and one of two linear maps."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.symbol = nn.Embedding(setting.symbols, WIDTH)
        self.position = nn.Embedding(setting.length, WIDTH)
        self.norms = nn.ModuleList([nn.LayerNorm(WIDTH) for _ in range(3)])
        self.query = nn.Linear(WIDTH, WIDTH, bias=False)
        self.value = nn.Linear(WIDTH, WIDTH, bias=False)
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.think = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH))
        self.answer = nn.Linear(WIDTH, setting.symbols)
        nn.init.normal_(self.symbol.weight, std=0.5)

    def forward(self, text: torch.Tensor, rounds: int, chance: torch.Generator) -> torch.Tensor:
        """Return the logits of each next symbol, ``(texts, length, symbols)``."""
        before, between, after = self.norms
        state = self.symbol(text) + self.position.weight
        state = state + self.attend(before(state), rounds, chance)
        state = state + self.think(between(state))
        return self.answer(after(state))

    def attend(self, state: torch.Tensor, rounds: int, chance: torch.Generator) -> torch.Tensor:
        """Mix the values of the keys that each query meets."""
        query, value = (
            part(state).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for part in (self.query, self.value)
        )
        scores = query @ functional.normalize(query, dim=-1).transpose(-1, -2)
        with torch.no_grad():
            met = self.meetings(query, rounds, chance)
        weights = (scores + met.log()).softmax(dim=-1)
        return self.mix((weights @ value).transpose(1, 2).flatten(2))

    def meetings(self, query: torch.Tensor, rounds: int, chance: torch.Generator) -> torch.Tensor:
        """Count meetings under new rotations, or let all earlier keys be met."""
        if rounds in {FULL, WITH_ITSELF}:
            met = query.new_ones(query.shape[2], query.shape[2]).tril()
            return before_itself(met) if rounds == FULL else met
        shape = (HEADS, rounds, query.shape[-1], self.setting.buckets // 2)
        return multiplicities(query, torch.randn(shape, generator=chance), self.setting.chunk)


def guesses(
    model: Transformer, text: torch.Tensor, rounds: int, chance: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the logits for the symbols of the second w, and those symbols."""
    half = text.shape[1] // 2
    return model(text, rounds, chance)[:, half:-1].flatten(0, 1), text[:, half + 1 :].flatten()


def train(job: Job) -> Transformer:
    """Train a model from the job's seed."""
    steps = job.setting.steps
    torch.manual_seed(job.seed)
    chance = torch.Generator().manual_seed(job.seed)
    model = Transformer(job.setting)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.9, 0.98))
    slope = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / WARM_UP, 1, 3 * (1 - step / steps))
    )
    for _ in range(steps):
        logits, symbols = guesses(model, texts(job.setting, BATCH, chance), job.rounds, chance)
        optimizer.zero_grad()
        functional.cross_entropy(logits, symbols).backward()
        optimizer.step()
        slope.step()
    return model


@torch.no_grad()
def accuracy(model: Transformer, rounds: int, seed: int) -> float:
    """Return the share of right guesses on new texts, in %."""
    chance = torch.Generator().manual_seed(seed)
    right = []
    for _ in range(TEST_BATCHES):
        logits, symbols = guesses(model, texts(model.setting, BATCH, chance), rounds, chance)
        right.append((logits.argmax(dim=-1) == symbols).double().mean().item())
    return 100 * statistics.fmean(right)


def run(job: Job) -> Outcome:
    """Train one model and read it in all ways, on one thread so that sums keep their order."""
    torch.set_num_threads(1)
    start = time.perf_counter()
    model = train(job)
    accuracies = {
        rounds: [accuracy(model, rounds, seed) for seed in TEST_SEEDS] for rounds in READINGS
    }
    return Outcome(job, accuracies, time.perf_counter() - start)


def name(rounds: int) -> str:
    """Name a form of attention as the paper does."""
    return {FULL: "full", WITH_ITSELF: "full+self"}.get(rounds, f"LSH-{rounds}")


def cell(accuracies: list[float]) -> str:
    """Write the mean and half the range."""
    spread = (max(accuracies) - min(accuracies)) / 2
    return f"{statistics.fmean(accuracies):.1f} ±{spread:.1f}"


def report(setting: Setting, outcomes: list[Outcome], seconds: float) -> None:
    """Print what was seen, and beside it what was published."""
    seen = "".join(f"{name(rounds):>11}" for rounds in READINGS)
    published = "".join(f"{name(rounds):>7}" for rounds in READINGS if rounds != WITH_ITSELF)
    print(f"{'accuracy, %':<12}{'seen here (mean ± half the range)':^66} | Reformer, Table 2")
    print(f"{'train | test':<12}{seen} |{published}")
    for training in setting.trainings:
        mine = [outcome for outcome in outcomes if outcome.job.rounds == training]
        cells = [
            [value for outcome in mine for value in outcome.accuracies[rounds]]
            for rounds in READINGS
        ]
        seen = "".join(f"{cell(values):>11}" for values in cells)
        published = "".join(f"{value:>7}" for value in PUBLISHED[training])
        print(f"{name(training):<12}{seen} |{published}")
    print(
        f"\nHere: length {setting.length}, {setting.symbols - 1} symbols (chance "
        f"{100 / (setting.symbols - 1):.1f} %), width {WIDTH}, {HEADS} heads, {setting.buckets} "
        f"buckets, chunks of {setting.chunk},\n{setting.steps} steps of {BATCH} texts; training "
        f"seeds {setting.seeds}, test seeds {TEST_SEEDS} of {TEST_BATCHES * BATCH} texts each; "
        f"{seconds:.0f} s.\n"
        "Reformer: length 1024, 127 symbols, width 256, 4 heads, 150,000 steps."
    )


def main() -> None:
    """Train all models, two at a time, the longest first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small version, in seconds")
    setting = QUICK if parser.parse_args().quick else Setting()
    jobs = [
        Job(setting, rounds, seed)
        for rounds, seed in itertools.product(
            sorted(setting.trainings, reverse=True), setting.seeds
        )
    ]
    start = time.perf_counter()
    outcomes = []
    with concurrent.futures.ProcessPoolExecutor(
        max_workers=2, mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        for outcome in pool.map(run, jobs):
            outcomes.append(outcome)
            print(
                f"trained {name(outcome.job.rounds)}, seed {outcome.job.seed}: "
                f"{outcome.seconds:.0f} s",
                flush=True,
            )
    print()
    report(setting, outcomes, time.perf_counter() - start)


if __name__ == "__main__":
    main()
