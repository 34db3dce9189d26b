"""How long the explorer takes to import in a fresh process; the aim is under half a second."""

from __future__ import annotations

import statistics
import subprocess
import sys

RUNS = 11
TIMED = (
    "from time import time; start = time(); "
    "from attn_widgets import AttentionExplorer; print(time() - start)"
)


def main() -> None:
    """Print the median and the slowest of several fresh processes, the first left out."""
    seconds = [float(subprocess.check_output([sys.executable, "-c", TIMED])) for _ in range(RUNS)]
    warm = seconds[1:]
    print(f"the explorer: median {statistics.median(warm):.3f} s, slowest {max(warm):.3f} s")


if __name__ == "__main__":
    main()
