"""Trained gates beside rules without learning, at one density, on modules they never saw.

Run with ``python tests/benchmarks/bench_gates.py [--seeds 3] [--densities 0.2 0.1]``. Texts are
docstring paragraphs of the standard library and numpy, divided by module. A gate is trained once
per seed; the seed decides which training texts stop it, and their order. All rules are set to the
density on training texts and measured by hard decisions on the held-out modules. For the margins,
a rule without learning is set once more, on the held-out texts themselves, to the very density the
gate has there: the comparison favours it, if anything.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np
import transformers

from attn_widgets.models import ModelRunner, corpus
from attn_widgets.models.gates import baselines, batches, fit_gate, measure
from attn_widgets.models.gates.report import measure_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attn_widgets.models.gates import GateReport

KINDS = ("low_rank", "threshold")
RIVALS = {
    "one global threshold": (baselines.OneThreshold, 0.3),
    "top-k per row": (baselines.TopShare, 1.0),
}
EACH = 6  # paragraphs of a module
LONGEST = 64


def without_learning(
    runner: ModelRunner, train: Sequence[str], density: float
) -> dict[str, list[baselines.Baseline]]:
    """Set the rules of comparison to a density on training texts."""
    sample = batches.make(runner, train[::6], 16, LONGEST)

    def tuned(make: Callable[[float], baselines.Baseline], most: float = 1.0) -> baselines.Baseline:
        return baselines.tuned(runner, make, sample, density, most=most)

    return {
        **{name: [tuned(make, most)] for name, (make, most) in RIVALS.items()},
        "window + [CLS]": [tuned(lambda reach: baselines.Window(reach, first=True))],
        "window": [tuned(lambda reach: baselines.Window(reach, first=False))],
        "random": [
            tuned(lambda share, seed=seed: baselines.AtRandom(share, seed)) for seed in range(3)
        ],
    }


def spread(reports: Sequence[GateReport], name: str) -> str:
    """Print a number's mean and, of several reports, its range."""
    values = [getattr(report, name) for report in reports]
    mean = f"{np.mean(values):.4f}"
    return f"{mean} ({min(values):.4f}-{max(values):.4f})" if len(values) > 1 else mean


def line(name: str, reports: Sequence[GateReport], seconds: float | None) -> str:
    """Print one rule."""
    columns = ("density", "mass_kept", "cosine_mean", "cosine_low", "relative_l1")
    cells = [spread(reports, column) for column in columns]
    return f"| {name} | {' | '.join(cells)} | {'' if seconds is None else f'{seconds:.0f}'} |"


def compare(runner: ModelRunner, density: float, seeds: int, steps: int | None) -> None:
    """Print the table of one density and the margins."""
    train, test = corpus.split(corpus.paragraphs(), EACH)
    print(f"\nTarget density {density:g}; {len(train)} texts to train on, {len(test)} held out")
    print("| rule | density | mass kept | cosine mean | cosine 5 % | relative L1 | s per fit |")
    print("|---|---|---|---|---|---|---|", flush=True)
    found: dict[str, list[GateReport]] = {}
    for kind in KINDS:
        start = time.perf_counter()
        fits = [
            fit_gate(runner, train, density, kind, seed=seed, steps=steps, progress=False)
            for seed in range(seeds)
        ]
        seconds = (time.perf_counter() - start) / seeds
        found[kind] = [measure(runner, fit.rule(runner), test) for fit in fits]
        print(line(f"{kind} gate, {seeds} seeds", found[kind], seconds), flush=True)
    for name, rules in without_learning(runner, train, density).items():
        found[name] = [measure(runner, rule, test) for rule in rules]
        print(line(name, found[name], None), flush=True)
    given = batches.make(runner, test, 16, LONGEST)
    for kind in KINDS:
        for other, (make, most) in RIVALS.items():
            margins(runner, f"{kind} over {other}", found[kind], given, make, most)


def margins(
    runner: ModelRunner,
    title: str,
    reports: Sequence[GateReport],
    given: Sequence[batches.Batch],
    make: Callable[[float], baselines.Baseline],
    most: float,
) -> None:
    """Print by how much each seed's gate is ahead of a rule of exactly its density."""
    rivals = [
        measure_batches(
            runner, baselines.tuned(runner, make, given, report.density, most=most), given
        )
        for report in reports
    ]
    for name in ("cosine_mean", "cosine_low", "relative_l1"):
        gains = [
            getattr(mine, name) - getattr(rival, name)
            for mine, rival in zip(reports, rivals, strict=True)
        ]
        each = ", ".join(f"{gain:+.4f}" for gain in gains)
        print(f"{title}, {name}: {np.mean(gains):+.4f} ({each})", flush=True)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--densities", type=float, nargs="+", default=[0.2, 0.1])
    parser.add_argument("--steps", type=int, default=None)
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    runner = ModelRunner.from_pretrained("demo", device="cpu")
    for density in given.densities:
        compare(runner, density, given.seeds, given.steps)


if __name__ == "__main__":
    main()
