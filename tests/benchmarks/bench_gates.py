"""Trained gates beside rules without learning, at one density, on texts nothing was chosen by.

Run with ``python tests/benchmarks/bench_gates.py [--seeds 3] [--densities 0.2 0.1]``. The
texts have four roles:

- *fit*: docstring paragraphs of the modules of `corpus.MODULES` that are not `corpus.held_out`. A
  gate learns from 80 % of them, and the rules without learning are set to the density on them;
- *stop*: 10 % of them, chosen by the seed; they decide when the training stops. (The other 10 %
  are for the gate's own report and not looked at here);
- *development*: the paragraphs of the modules that are `corpus.held_out`. Learning rates and the
  weights of the loss were chosen while looking at these; ``--development`` measures on them and on
  nothing else, so that whoever changes the training need not look at the last role;
- *held out*: paragraphs of `MODULES` below, and the everyday prose of ``everyday.txt``, which is of
  another kind than all of the above. They are only for the table.

All is decided hard. For the margins, a rule without learning is set once more, on the held-out
texts themselves, to the very density the gate has there: the comparison favours it, if anything.
"""

from __future__ import annotations

import argparse
import pathlib
import time
from typing import TYPE_CHECKING

import numpy as np
import transformers

from attn_widgets.models import ModelRunner, corpus
from attn_widgets.models.gates import baselines, batches, fit_gate, measure
from attn_widgets.models.gates.report import measure_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attn_widgets.models.gates import FittedGate, GateReport

MODULES = (
    "asyncio.events", "asyncio.locks", "asyncio.queues", "asyncio.runners", "asyncio.streams",
    "asyncio.tasks", "asyncio.transports", "bdb", "bz2", "code", "compileall", "datetime", "dbm",
    "dis", "filecmp", "fileinput", "fnmatch", "ftplib", "getopt", "graphlib", "gzip", "hmac",
    "html.parser", "importlib.abc", "importlib.metadata", "linecache", "locale", "lzma",
    "mimetypes", "modulefinder", "operator", "pickletools", "pstats", "py_compile", "pyclbr",
    "pydoc", "secrets", "socket", "ssl", "symtable", "trace", "tracemalloc", "types", "venv",
    "wave", "webbrowser", "wsgiref.handlers", "wsgiref.util", "xml.sax", "xmlrpc.client", "zipapp",
)  # fmt: skip
"""Modules that the corpus does not read."""

EVERYDAY = pathlib.Path(__file__).with_name("everyday.txt")
KINDS = ("low_rank", "threshold")
RIVALS = {
    "one global threshold": (baselines.OneThreshold, 0.3),
    "top-k per row": (baselines.TopShare, 1.0),
}
FIT_EACH, TEST_EACH = 6, 2  # paragraphs of a module
LONGEST = 64


def texts(*, development: bool) -> tuple[list[str], dict[str, list[str]]]:
    """Collect the texts to fit to, and by name those to measure on."""
    fit, chosen_by = corpus.split(corpus.paragraphs(), FIT_EACH)
    if development:
        return fit, {"development": chosen_by}
    known = corpus.paragraphs((*corpus.MODULES, *MODULES))  # a paragraph they share is the first's
    fresh = {module: known[module] for module in MODULES if module in known}
    docstrings = [text for part in corpus.split(fresh, TEST_EACH) for text in part]
    everyday = [" ".join(part.split()) for part in EVERYDAY.read_text("utf-8").split("\n\n")]
    return fit, {"docstrings of other modules": docstrings, "everyday prose": everyday}


def without_learning(
    runner: ModelRunner, fit: Sequence[str], density: float
) -> dict[str, list[baselines.Baseline]]:
    """Set the rules of comparison to a density on the texts that gates learn from."""
    sample = batches.make(runner, fit[::6], 16, LONGEST)

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


def line(name: str, reports: Sequence[GateReport]) -> str:
    """Print one rule."""
    columns = ("density", "mass_kept", "cosine_mean", "cosine_low", "relative_l1")
    return f"| {name} | {' | '.join(spread(reports, column) for column in columns)} |"


def fitted(
    runner: ModelRunner, fit: Sequence[str], density: float, seeds: int
) -> dict[str, list[FittedGate]]:
    """Train a gate of each kind per seed, and print how long one took."""
    gates: dict[str, list[FittedGate]] = {}
    for kind in KINDS:
        start = time.perf_counter()
        gates[kind] = [
            fit_gate(runner, fit, density, kind, seed=seed, progress=False) for seed in range(seeds)
        ]
        seconds = (time.perf_counter() - start) / seeds
        steps = ", ".join(str(gate.history[-1][0]) for gate in gates[kind])
        print(f"{kind}: {seconds:.0f} s per fit; steps made: {steps}", flush=True)
    return gates


def compare(
    runner: ModelRunner,
    rules: dict[str, list[baselines.Baseline]],
    gates: dict[str, list[FittedGate]],
    title: str,
    chosen: Sequence[str],
) -> None:
    """Print the table of one density on some texts, and the margins."""
    given = batches.make(runner, chosen, 16, LONGEST)
    print(f"\n{title}: {len(chosen)} texts")
    print("| rule | density | mass kept | cosine mean | cosine 5 % | relative L1 |")
    print("|---|---|---|---|---|---|", flush=True)
    found = {
        kind: [measure(runner, gate.rule(runner), chosen) for gate in fits]
        for kind, fits in gates.items()
    }
    for kind, reports in found.items():
        print(line(f"{kind} gate, {len(reports)} seeds", reports), flush=True)
    for name, same in rules.items():
        print(line(name, [measure_batches(runner, rule, given) for rule in same]), flush=True)
    for kind, reports in found.items():
        for other, (make, most) in RIVALS.items():
            margins(runner, f"{kind} over {other}", reports, given, make, most)


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
    parser.add_argument("--development", action="store_true")
    asked = parser.parse_args()
    transformers.logging.disable_progress_bar()
    runner = ModelRunner.from_pretrained("demo", device="cpu")
    fit, measured_on = texts(development=asked.development)
    for density in asked.densities:
        print(f"\nTarget density {density:g}, {len(fit)} texts to fit to and to stop by")
        gates = fitted(runner, fit, density, asked.seeds)
        rules = without_learning(runner, fit, density)
        for title, chosen in measured_on.items():
            compare(runner, rules, gates, title, chosen)


if __name__ == "__main__":
    main()
