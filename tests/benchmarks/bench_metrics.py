"""What measuring attention costs: a 12 x 12 x 512 x 512 record, and what is left out of one pass.

Run with ``python tests/benchmarks/bench_metrics.py``. Ratios are to reading the record once as
float32 with numpy alone. Processor time stands beside elapsed time, which other work on the machine
lengthens; each is the best of several rounds.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis import (
    attention_flow,
    attention_rollout,
    confidence,
    diagonality,
    find_sinks,
    head_divergences,
    head_map,
    measure,
    neighbour_shares,
    normalised_entropy,
    out_row,
    own_segment,
    role_shares,
    rollout_to_special,
    stripe,
)
from attn_widgets.record import AttentionRecord, Token, TokenRole

if TYPE_CHECKING:
    from collections.abc import Callable

LAYERS, HEADS, TOKENS = 12, 12, 512
SINGLE = {
    "role_shares": role_shares,
    "out_row": out_row,
    "neighbour_shares": neighbour_shares,
    "own_segment": own_segment,
    "normalised_entropy": normalised_entropy,
    "confidence": confidence,
    "stripe": stripe,
    "diagonality": diagonality,
    "find_sinks": find_sinks,
    "rollout_to_special": rollout_to_special,
    "attention_rollout": attention_rollout,
}


def record_of(layers: int, heads: int, tokens: int, dtype: type) -> AttentionRecord:
    """Make a record of a pair of texts, its heads from peaked to flat."""
    rng = np.random.default_rng(0)
    weights = np.empty((layers, heads, tokens, tokens), dtype)
    for layer in weights:
        for number, head in enumerate(layer):
            scores = rng.standard_normal((tokens, tokens), dtype=np.float32) * (0.5 + number / 3)
            exps = np.exp(scores - scores.max(axis=1, keepdims=True))
            head[...] = exps / exps.sum(axis=1, keepdims=True)
    weights.flags.writeable = False
    half = tokens // 2
    roles = ["cls", *["word"] * (half - 2), "sep", *["word"] * (tokens - half - 1), "sep"]
    named = [
        Token(text="t", display="t", role=TokenRole(role), segment=int(place >= half))
        for place, role in enumerate(roles)
    ]
    return AttentionRecord(tokens=named, weights=weights, checked=True)


def best(action: Callable[[], object], rounds: int = 7) -> tuple[float, float]:
    """Give the shortest elapsed and processor time, in seconds."""
    elapsed, worked = [], []
    for _ in range(rounds):
        clock, processor = time.perf_counter(), time.process_time()
        action()
        elapsed.append(time.perf_counter() - clock)
        worked.append(time.process_time() - processor)
    return min(elapsed), min(worked)


def show(name: str, times: tuple[float, float], base: float) -> None:
    """Print one row."""
    elapsed, worked = times
    print(f"| {name} | {elapsed:.3f} s | {worked:.3f} s | {worked / base:.2f} |", flush=True)


def main() -> None:
    """Print the three tables."""
    print(f"{LAYERS} x {HEADS} x {TOKENS} x {TOKENS}\n")
    for dtype in (np.float16, np.float32):
        record = record_of(LAYERS, HEADS, TOKENS, dtype)
        reading = best(lambda record=record: [x.astype(np.float32) for x in record.weights])
        print(f"| {np.dtype(dtype)} | elapsed | processor | / astype(float32) |\n|---|---|---|---|")
        show("astype(float32) alone", reading, reading[1])
        show("measure: all of them", best(lambda record=record: measure(record)), reading[1])
        if dtype is np.float16:
            for name, function in SINGLE.items():
                show(name, best(lambda f=function, record=record: f(record), 3), reading[1])
    print("\nHead divergences: an entropy per pair of heads, not per head\n")
    print("| tokens | pairs / heads | divergences / measure, processor | elapsed | map |")
    print("|---|---|---|---|---|")
    for tokens in (32, 128, TOKENS):
        record = record_of(LAYERS, HEADS, tokens, np.float16)
        count = LAYERS * HEADS
        whole = best(lambda record=record: measure(record), 3)[1]
        elapsed, worked = best(lambda record=record: head_divergences(record), 1)
        layout, _ = best(lambda record=record: head_map(head_divergences(record)), 1)
        print(
            f"| {tokens} | {(count - 1) / 2} | {worked / whole:.0f} | {elapsed:.2f} s "
            f"| {max(layout - elapsed, 0):.2f} s |",
            flush=True,
        )
    print("\nAttention flow from one position to all inputs\n\n| tokens | 6 layers | 12 layers |")
    print("|---|---|---|")
    for tokens in (8, 16, 32, 64):
        records = [record_of(layers, 1, tokens, np.float32) for layers in (6, 12)]
        times = [best(lambda record=record: attention_flow(record, 1), 1)[1] for record in records]
        print(f"| {tokens} | {times[0]:.3f} s | {times[1]:.3f} s |", flush=True)


if __name__ == "__main__":
    main()
