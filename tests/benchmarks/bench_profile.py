"""What profiling a corpus costs beside plain runs with the same sums: ratios within one run.

Run with ``python tests/benchmarks/bench_profile.py``. The plain way runs batches of 8 texts as they
come, with eager ``output_attentions=True``, and sums their weights in torch. Times are the best of
interleaved rounds. Peak memory is read from Linux's counter of resident memory; elsewhere only
times are printed.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from attn_widgets.analysis.profile import Profile
    from attn_widgets.models import ModelRunner

TEXTS = 96
BATCH = 8
ROUNDS = 6
TOKENS = 128
MB = 2**20


def corpus(what: str) -> list[str]:
    """Make texts of 128 tokens each, or of 10 to 128."""
    drawn = random.Random(0)  # noqa: S311 - texts, no secrets
    words = ["dog", "cat", "house", "river", "stone", "bird", ".", ",", "tree", "wind"]
    lengths = [TOKENS if what == "128" else drawn.randint(10, TOKENS) for _ in range(TEXTS)]
    return [" ".join(drawn.choices(words, k=length - 2)) for length in lengths]


def plainly(runner: ModelRunner) -> Callable[[list[str]], object]:
    """Give the plain way: the same means and deviations, without bins or histograms."""
    import torch  # noqa: PLC0415 - only the measuring processes need it
    import transformers  # noqa: PLC0415 - as above

    from attn_widgets.models import demo  # noqa: PLC0415 - as above

    model = transformers.AutoModel.from_pretrained(demo.folder(), attn_implementation="eager")
    model.eval()
    tokenizer = runner.tokenizer
    known = [tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.unk_token_id]
    marks = torch.tensor(tokenizer.convert_tokens_to_ids([".", ","]))

    def numbers(part: list[str]) -> Any:
        given = tokenizer(part, return_tensors="pt", padding=True, return_special_tokens_mask=True)
        valid = given["attention_mask"].bool()
        special = given.pop("special_tokens_mask").bool() & valid
        with torch.no_grad():
            found = model(**given, output_attentions=True).attentions
        weights = torch.stack(found)
        rows = (valid & ~special)[None, :, None, :].float()
        rows = rows / rows.sum(-1, keepdim=True)
        ids = given["input_ids"]
        punctuation = torch.isin(ids, marks)
        sets = [special, torch.zeros_like(special), *(ids == one for one in known)]
        sets[1][:, 0] = True
        sets += [punctuation, valid & ~special & ~punctuation]
        told = []
        for keys in sets:
            share = ((weights * keys[None, :, None, None, :]).sum(-1) * rows).sum(-1)
            even = ((keys & valid).sum(-1) / valid.sum(-1))[None, :, None]
            told += [share, (share - even) / (1 - even)]
        entropy = -(weights * (weights + 1e-12).log()).sum(-1)
        told.append((entropy * rows).sum(-1) / valid.sum(-1).log()[None, :, None])
        told.append((weights.max(-1).values * rows).sum(-1))
        told.append((torch.diagonal(weights, 0, -2, -1) * rows).sum(-1))
        told.append((torch.diagonal(weights, -1, -2, -1) * rows[..., 1:]).sum(-1))
        told.append((torch.diagonal(weights, 1, -2, -1) * rows[..., :-1]).sum(-1))
        told.append(weights[:, :, :, 0, 0])
        told.append((weights[:, :, :, 0] * (valid & ~special)[None, :, None]).sum(-1))
        return torch.stack(told).double()

    def run(texts: list[str]) -> object:
        total, squares = 0, 0
        for start in range(0, len(texts), BATCH):
            told = numbers(texts[start : start + BATCH])
            total = total + told.sum(2)
            squares = squares + (told**2).sum(2)
        return total, squares

    return run


def ways() -> dict[str, Callable[[list[str]], object]]:
    """Load the model, and give the plain way and ours."""
    import transformers  # noqa: PLC0415 - only the measuring processes need it

    from attn_widgets.models import ModelRunner  # noqa: PLC0415 - as above

    transformers.logging.disable_progress_bar()
    runner = ModelRunner.from_pretrained("demo", device="cpu")
    return {"plain": plainly(runner), "profile": lambda texts: profiled(runner, texts)}


def profiled(runner: ModelRunner, texts: list[str]) -> Profile:
    """Profile texts without a bar."""
    return runner.profile(texts, progress=False)


def times(what: str) -> None:
    """Print texts per second of both ways, and check that they say the same."""
    texts = corpus(what)
    todo = ways()
    best: dict[str, float] = {}
    made: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for name, way in todo.items():
            start = time.perf_counter()
            made[name] = way(texts)
            taken = time.perf_counter() - start
            best[name] = min(taken, best.get(name, taken))
    mean = made["plain"][0][0].numpy() / len(texts)
    off = abs(made["profile"].mean("share:special") - mean).max()
    rates = {name: len(texts) / taken for name, taken in best.items()}
    ratio = rates["profile"] / rates["plain"]
    print(f"{what:>8} {rates['plain']:12.1f} {rates['profile']:12.1f} {ratio:12.2f} {off:12.1e}")


def memory(what: str) -> None:
    """Print the growth of memory while each way runs."""
    texts = corpus(what)
    peaks = {name: peak_of(way, texts) for name, way in ways().items()}
    ratio = peaks["profile"] / peaks["plain"]
    print(f"{what:>8} {peaks['plain']:12.1f} {peaks['profile']:12.1f} {ratio:12.2f}")


def peak_of(way: Callable[[list[str]], object], texts: list[str]) -> float:
    """Give the growth of resident memory, in MB, while texts are run."""
    way(texts)
    gc.collect()
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _resident("VmRSS")
    way(texts)
    return _resident("VmHWM") - before


def _resident(name: str) -> float:
    lines = pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def _process(number: int, barrier: Any, times_seen: Any) -> None:
    import torch  # noqa: PLC0415 - only the measuring processes need it

    torch.set_num_threads(1)
    way = ways()["profile"]
    texts = corpus("128")
    way(texts[:BATCH])
    for _ in range(ROUNDS):
        for processes in (1, 2):
            barrier.wait()
            start = time.perf_counter()
            if number < processes:
                way(texts[number::processes])
            barrier.wait()
            times_seen.put((processes, time.perf_counter() - start))


def scaling(_: str) -> None:
    """Print texts per second of one process of one thread, and of two that share the texts."""
    context = multiprocessing.get_context("spawn")
    barrier, seen = context.Barrier(2), context.Queue()
    workers = [context.Process(target=_process, args=(n, barrier, seen)) for n in range(2)]
    for worker in workers:
        worker.start()
    best: dict[int, float] = {}
    for _ in range(2 * 2 * ROUNDS):
        processes, taken = seen.get()
        best[processes] = min(taken, best.get(processes, taken))
    for worker in workers:
        worker.join()
    one, two = TEXTS / best[1], TEXTS / best[2]
    print(f"{'128':>8} {one:12.1f} {two:12.1f} {two / one:12.2f}")


def main() -> None:
    """Measure each in a process of its own, so that no allocation is reused."""
    titles = {
        "times": ("plain /s", "profile /s", "ratio", "difference"),
        "memory": ("plain MB", "profile MB", "ratio"),
        "scaling": ("1 process /s", "2 process /s", "ratio"),
    }
    # a fixed threshold makes freed blocks go back to the system, so that the counter is honest
    settings = {"memory": {"MALLOC_MMAP_THRESHOLD_": "65536"}}
    for what, names in titles.items():
        if what == "memory" and not pathlib.Path("/proc/self/clear_refs").exists():
            print("memory: not measured, this system has no /proc/self/clear_refs")
            continue
        print("  tokens", *(f"{name:>12}" for name in names), flush=True)
        for texts in ("128",) if what == "scaling" else ("128", "10-128"):
            subprocess.run(
                [sys.executable, __file__, what, texts],
                check=True,
                env=os.environ | settings.get(what, {}),
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"times": times, "memory": memory, "scaling": scaling}[sys.argv[1]](sys.argv[2])
    else:
        main()
