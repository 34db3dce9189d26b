"""Train the sample gates that ship with the package, one after the other.

Run with ``python tests/vectors/make_gates.py [folder]``; it takes some minutes. Another version of
Python or numpy has other docstrings and gives other gates.
"""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import numpy as np

from attn_widgets.models import FittedGate, ModelRunner, corpus, fit_gate, gates
from attn_widgets.models.gates import Hard, batches, measure

FOLDER = pathlib.Path(gates.__path__[0]) / "samples"
DENSITY = 0.1
EACH = 6  # paragraphs of a module


def make(runner: ModelRunner, kind: str) -> FittedGate:
    """Train on the modules that are not held out, and round the gate to half precision."""
    texts, _ = corpus.split(corpus.paragraphs(), EACH)
    fitted = fit_gate(runner, texts, DENSITY, kind, seed=0)
    _, held = batches.divide(texts, fitted.settings.holdout, fitted.settings.seed)
    halves = {name: values.astype(np.float16) for name, values in fitted.gate.arrays().items()}
    gate = type(fitted.gate)(fitted.gate.name, **halves)
    return dataclasses.replace(fitted, gate=gate, report=measure(runner, Hard(gate), held[1::2]))


def main() -> None:
    """Write both gates, and say how large each is and what it does."""
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    runner = ModelRunner.from_pretrained("demo", device="cpu")
    for kind in ("threshold", "low_rank"):
        path = folder / f"{kind}.npz"
        fitted = make(runner, kind)
        fitted.save(path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes, {fitted}\n")


if __name__ == "__main__":
    main()
