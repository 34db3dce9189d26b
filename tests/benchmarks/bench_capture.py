"""What capturing costs beside eager ``output_attentions=True``: ratios within one run.

Run with ``python tests/benchmarks/bench_capture.py``. Both start from text. Times are the best of
many interleaved rounds. Peak memory is read from Linux's counter of resident memory; elsewhere
only times are printed.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from attn_widgets.models import ModelRunner

LENGTHS = (32, 128, 256, 512)
ROUNDS = 25
MB = 2**20


def actions(length: int) -> tuple[ModelRunner, dict[str, Callable[[], object]]]:
    """Make a runner, and a plain, an eager and a recorded run of one text."""
    import torch  # noqa: PLC0415 - only the measuring processes need it
    import transformers  # noqa: PLC0415 - as above

    from attn_widgets.models import ModelRunner, demo  # noqa: PLC0415 - as above

    transformers.logging.disable_progress_bar()
    runner = ModelRunner.from_pretrained("demo", device="cpu")
    eager = transformers.AutoModel.from_pretrained(demo.folder(), attn_implementation="eager")
    text = " ".join(["word"] * (length - 2))

    def plain() -> object:
        with torch.no_grad():
            return eager(**runner.tokenizer(text, return_tensors="pt"))

    def with_attentions() -> object:
        with torch.no_grad():
            inputs = runner.tokenizer(text, return_tensors="pt")
            return eager(**inputs, output_attentions=True)

    def recorded() -> object:
        return runner.run(text)

    eager.eval()
    return runner, {"plain": plain, "eager": with_attentions, "recorded": recorded}


def times(length: int) -> None:
    """Print the times of one length."""
    best: dict[str, float] = {}
    _, todo = actions(length)
    for _ in range(ROUNDS):
        for name, action in todo.items():
            start = time.perf_counter()
            action()
            taken = (time.perf_counter() - start) * 1000
            best[name] = min(taken, best.get(name, taken))
    row = " ".join(f"{best[name]:12.1f}" for name in todo)
    print(f"{length:6} {row} {best['recorded'] / best['eager']:12.2f}")


def memory(length: int) -> None:
    """Print the peak memory of one length."""
    runner, todo = actions(length)
    peaks = {name: peak_of(action) for name, action in todo.items()}
    record = runner.run(" ".join(["word"] * (length - 2)))
    arrays = (record.weights, record.q, record.k)
    held = sum(array.nbytes for array in arrays if array is not None) / MB
    layer = record.weights[0].size * 4 / MB
    extra = {name: peaks[name] - peaks["plain"] for name in ("eager", "recorded")}
    print(
        f"{length:6} {extra['eager']:12.1f} {extra['recorded']:12.1f} {held:12.1f} {layer:12.1f} "
        f"{extra['recorded'] / (held + layer):12.2f}"
    )


def peak_of(action: Callable[[], object]) -> float:
    """Give the growth of resident memory, in MB, while an action runs and its result is held."""
    action()
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _resident("VmRSS")
    kept = action()
    peak = _resident("VmHWM") - before
    del kept
    return peak


def _resident(name: str) -> float:
    lines = pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    """Measure each length in a process of its own, so that no allocation is reused."""
    heads = {
        "times": ("plain ms", "eager ms", "recorded ms", "rec / eager"),
        "memory": ("eager MB", "recorded MB", "record MB", "layer MB", "rec / (r+l)"),
    }
    # a fixed threshold makes freed blocks go back to the system, so that the counter is honest
    settings = {"times": {}, "memory": {"MALLOC_MMAP_THRESHOLD_": "65536"}}
    for what, titles in heads.items():
        if what == "memory" and not pathlib.Path("/proc/self/clear_refs").exists():
            print("memory: not measured, this system has no /proc/self/clear_refs")
            continue
        print("tokens", *(f"{title:>12}" for title in titles), flush=True)
        for length in LENGTHS:
            subprocess.run(
                [sys.executable, __file__, what, str(length)],
                check=True,
                env=os.environ | settings[what],
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"times": times, "memory": memory}[sys.argv[1]](int(sys.argv[2]))
    else:
        main()
