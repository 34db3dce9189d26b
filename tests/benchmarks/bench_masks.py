"""What counting a mask costs beside libraries that write every pair out: ratios within one run.

Run with ``python tests/benchmarks/bench_masks.py``. Each figure is of a process of its own, allowed
4 GiB beyond what its imports take, and two minutes. Where these cannot suffice, by the bytes and
seconds per pair seen at the longest text that fitted, what it would need is printed and nothing is
run. A compiled function is compiled before, on short texts. Peak memory is read from Linux's
counter of resident memory.
"""

from __future__ import annotations

import pathlib
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from attn_widgets.masks import Mask

LENGTHS = tuple(2**power for power in range(10, 23, 2))
LIMIT = 2**32
PATIENCE = 120
OURS = {
    "window": "local(128)",
    "globals": "(local(256) | 16 globals) & causal()",
    "many": "local(256) | 1000 globals",
    "strided": "strided(1024)",
    "bigbird": "bigbird(64, 3)",
    "hub": "strided(1024) | global_(0)",
    "taps": "dilated(512, 64) | global_(0)",
    "fixed": "fixed(1024, 8)",
    "random": "random(r=8)",
}
ACTIONS = ("count", "tiles", "view", "cost")
THEIRS = {
    "create_mask": "torch create_mask",
    "create_block_mask": "torch create_block_mask, eager",
    "compiled": "torch create_block_mask, compiled",
    "sdpa_mask": "transformers sdpa_mask",
    "eager_mask": "transformers eager_mask",
}


def written(name: str, n: int) -> Mask:
    """Write one of the masks that are counted."""
    from attn_widgets.masks import (  # noqa: PLC0415 - timed apart
        bigbird,
        causal,
        dilated,
        fixed,
        global_,
        local,
        random,
        strided,
    )

    same_everywhere = {
        "window": local(128),
        "strided": strided(1024),
        "bigbird": bigbird(64, 3),
        "hub": strided(1024) | global_(0),
        "taps": dilated(512, 64) | global_(0),
        "fixed": fixed(1024, 8),
        "random": random(r=8),
    }
    if name in same_everywhere:
        return same_everywhere[name]
    if name == "globals":
        return (local(256) | global_(range(0, n, max(n // 16, 1)))) & causal()
    return local(256) | global_(range(0, n, max(n // 1000, 1)))


def ours(name: str, action: str, n: int) -> Callable[[], object]:
    """Prepare one count of ours."""
    from attn_widgets.masks import cost, count_tiles  # noqa: PLC0415 - timed apart

    bound = written(name, n).bind(n)
    corner = max(n - 512, 0)
    return {
        "count": lambda: int(bound.degrees().sum()),
        "tiles": lambda: count_tiles(bound, nnz=0),
        "cost": lambda: cost(bound),
        "view": lambda: bound.tile(corner, n, corner, n).sum(),
    }[action]


def theirs(name: str, n: int) -> Callable[[], object]:
    """Prepare one library's mask of the window of 128."""
    import torch  # noqa: PLC0415 - ours must run without it
    from torch.nn.attention import flex_attention  # noqa: PLC0415 - as above
    from transformers import masking_utils  # noqa: PLC0415 - as above

    def window(
        _batch: torch.Tensor, _head: torch.Tensor, query: torch.Tensor, key: torch.Tensor
    ) -> torch.Tensor:
        return (query - key).abs() <= 128

    def hugging(function: Callable[..., object]) -> object:
        return function(
            batch_size=1,
            q_length=n,
            kv_length=n,
            mask_function=window,
            allow_is_causal_skip=False,
        )

    def compiled() -> object:
        return block_mask(window, None, None, n, n, device="cpu")

    if name == "compiled":
        block_mask = torch.compile(flex_attention.create_block_mask, dynamic=True)
        for short in (1024, 2048):
            block_mask(window, None, None, short, short, device="cpu")
        return compiled
    return {
        "create_mask": lambda: flex_attention.create_mask(window, None, None, n, n, device="cpu"),
        "create_block_mask": lambda: flex_attention.create_block_mask(
            window, None, None, n, n, device="cpu"
        ),
        "sdpa_mask": lambda: hugging(masking_utils.sdpa_mask),
        "eager_mask": lambda: hugging(masking_utils.eager_mask),
    }[name]


def measure(action: Callable[[], object]) -> None:
    """Print the seconds and the bytes that one call takes, or that memory ran out."""
    size = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + LIMIT, size + LIMIT))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    try:
        action()
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        print("out of memory")
        return
    seconds = time.perf_counter() - start
    print(seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)


def asked(*words: object) -> tuple[float, float] | None:
    """Measure in a process of its own; None if memory ran out there."""
    command = [sys.executable, __file__, *map(str, words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    last = done.stdout.strip().splitlines()[-1]
    if last == "out of memory":
        return None
    seconds, peak = map(float, last.split())
    return seconds, peak


def row(title: str, cells: list[str]) -> None:
    """Print one line of a table."""
    print(f"{title:<46}" + "".join(f"{cell:>19}" for cell in cells), flush=True)


def cell(found: tuple[float, float]) -> str:
    """Write seconds and memory."""
    seconds, peak = found
    return f"{seconds:.3f} s {peak / 2**20:,.0f} MiB"


def line_of(name: str) -> list[str]:
    """Measure one library until memory or patience ends, then say what it would need."""
    cells, seconds, size = [], 0.0, 0.0
    for n in LENGTHS:
        time_due, due = seconds * n * n, size * n * n
        found = None if due > LIMIT or time_due > PATIENCE else asked("theirs", name, n)
        if found is not None:
            seconds, size = (value / (n * n) for value in found)
            cells.append(cell(found))
        elif time_due > PATIENCE and due <= LIMIT:
            cells.append(f"needs {time_due / 60:,.0f} min")
        else:
            cells.append(f"needs {max(due, LIMIT) / 2**30:,.0f} GiB")
    return cells


def report() -> None:
    """Print both tables."""
    row("seconds and peak memory of one call", [f"N = {n:,}" for n in LENGTHS])
    for name, title in OURS.items():
        for action in ACTIONS:
            cells = []
            for n in LENGTHS:
                found = asked("ours", name, action, n)
                cells.append("out of memory" if found is None else cell(found))
            row(f"{title}: {action}", cells)
    for name, title in THEIRS.items():
        row(f"local(128), {title}", line_of(name))


if __name__ == "__main__":
    if sys.argv[1:2] == ["ours"]:
        measure(ours(*sys.argv[2:4], int(sys.argv[4])))
    elif sys.argv[1:2] == ["theirs"]:
        measure(theirs(sys.argv[2], int(sys.argv[3])))
    else:
        report()
