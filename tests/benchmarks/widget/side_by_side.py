"""Attention viewers in a real browser, side by side, on the same made-up attention.

Run with ``python tests/benchmarks/widget/side_by_side.py --viewers explorer,bertviz_model,floor``.
Every sample is a fresh process with a fresh Chromium, and viewers take turns within each
repetition, so that a busy minute on a shared machine hits all of them: trust ratios within one run.
A viewer that fails, or passes its limit, at one length is not tried at longer ones. Viewers other
than this project's have to be installed (bertviz, inspectus, circuitsvis); BertViz also needs npm.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

import psutil
from report import tables

HERE = pathlib.Path(__file__).parent
LEAST_FREE = 3 << 30
"""Bytes of memory that a sample must leave to others."""
IDLE, PATIENCE = 25, 5
"""A sample waits up to that many seconds for the processors to be busy to less than that, in %."""


def end(process: subprocess.Popen[str]) -> None:
    """End a sample and all that it started."""
    try:
        started = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    process.kill()
    for one in started:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def lines_of(process: subprocess.Popen[str]) -> queue.Queue[str | None]:
    """Read what a sample says in a thread of its own; None when it has ended."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def heard(lines: queue.Queue[str | None], told: dict[str, Any]) -> str:
    """Keep what a sample says; give how it ended."""
    stage, deadline = "start", time.time() + 120
    while True:
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            if time.time() > deadline:
                return f"took too long: {stage}"
            if psutil.virtual_memory().available < LEAST_FREE:
                return f"too much memory: {stage}"
            continue
        if line is None:
            return "ok" if "end" in told else f"failed: {stage}"
        what = json.loads(line)
        kind = what.pop("kind")
        if kind == "begin":
            stage, deadline = what["stage"], time.time() + what["limit"] + 3
        elif kind == "interaction":
            told["interactions"].append(what)
        else:
            told[kind] = what


def sample(viewer: str, shape: tuple[int, int, int], shot: str, how: str) -> dict[str, Any]:
    """Take one sample; ``status`` is ok, or says in which stage it failed."""
    until = time.time() + PATIENCE
    while psutil.cpu_percent(1.0) > IDLE and time.time() < until:
        pass
    told: dict[str, Any] = {"viewer": viewer, "length": shape[-1], "interactions": []}
    command = [sys.executable, str(HERE / "sample.py"), viewer, *map(str, shape), shot, how]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        status = heard(lines_of(process), told)
        end(process)
        errors.seek(0)
        said = errors.read()[-600:].strip()
    return told | {"status": status} | ({"stderr": said} if said and status != "ok" else {})


def version(package: str) -> str | None:
    """Say which version is installed, if any."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    """Take all samples and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--viewers", default="explorer,explorer_page,bertviz_model,floor")
    parser.add_argument("--lengths", default="16,64,128")
    parser.add_argument("--shape", default="12x12", help="layers x heads")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", help="where to keep every number")
    parser.add_argument("--still", action="store_true", help="measure first paints alone")
    parser.add_argument("--shots", help="a folder for screenshots of the first repetition")
    given = parser.parse_args()
    layers, heads = map(int, given.shape.split("x"))
    packages = ("bertviz", "inspectus", "circuitsvis", "playwright", "numpy")
    samples: list[dict[str, Any]] = []
    document = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "shape": given.shape,
        "versions": {name: version(name) for name in packages if version(name)},
        "samples": samples,
    }
    failed: set[str] = set()
    how = "still" if given.still else "moved"
    for length in map(int, given.lengths.split(",")):
        for turn in range(given.repeats):
            for viewer in given.viewers.split(","):
                if viewer in failed:
                    continue
                named = f"{viewer}_{given.shape}_{length}.png"
                shot = str(pathlib.Path(given.shots, named)) if given.shots and turn == 0 else ""
                told = sample(viewer, (layers, heads, length), shot, how)
                samples.append(told)
                if "first_paint" not in told:
                    failed.add(viewer)
                painted = told.get("first_paint", {"present": None})
                shown = painted["present"] or painted.get("commit")
                print(viewer, length, told["status"], shown, file=sys.stderr, flush=True)
                if told["status"] != "ok":
                    print(told.get("stderr", ""), file=sys.stderr)
                if given.json:
                    pathlib.Path(given.json).write_text(json.dumps(document, indent=1))
    print(tables(document))


if __name__ == "__main__":
    main()
