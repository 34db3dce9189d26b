"""Every pair of a mask, decided from its specification by the definition of its kind alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SPECIAL = {"cls", "sep", "bos", "eos", "pad", "mask", "special"}
WORDS = 2**32


def dense(
    spec: Any,
    queries: np.ndarray[Any, Any],
    keys: np.ndarray[Any, Any],
    roles: list[str] | None,
) -> np.ndarray[Any, Any]:
    """Decide every pair from the definition of the specification."""
    kind, away = spec["kind"], queries - keys
    everywhere = (queries >= 0) & (keys >= 0)
    if kind == "not":
        return ~dense(spec["of"], queries, keys, roles)
    if kind in {"or", "and"}:
        parts = [dense(part, queries, keys, roles) for part in spec["of"]]
        return np.any(parts, axis=0) if kind == "or" else np.all(parts, axis=0)
    if "tokens" in spec:
        chosen = anchors(spec["tokens"], keys.size, roles)
        row, column = np.isin(queries, chosen), np.isin(keys, chosen)
        sides = {"global": row | column, "global_rows": row, "global_cols": column}
        return sides[kind] & everywhere
    blocks = -(-keys.size // spec.get("size", 1))
    block, key_block = queries // spec.get("size", 1), keys // spec.get("size", 1)
    tests: dict[str, Callable[[], np.ndarray[Any, Any]]] = {
        "full": lambda: everywhere,
        "causal": lambda: away >= 0,
        "local": lambda: (away <= spec["left"]) & (-away <= spec["right"]),
        "dilated": lambda: (
            (abs(away) <= spec["window"] * spec["dilation"]) & (away % spec["dilation"] == 0)
        ),
        "sink": lambda: (keys < spec["k"]) & everywhere,
        "shifted": lambda: shifted(spec["kernel"], spec["dilation"], queries, keys),
        "blocks": lambda: (
            (block - key_block <= spec["left"]) & (key_block - block <= spec["right"])
        ),
        "global_blocks": lambda: (
            np.isin(block, [range(blocks)[b] for b in spec["blocks"]])
            | np.isin(key_block, [range(blocks)[b] for b in spec["blocks"]])
        ),
        "random_blocks": lambda: listed(
            block, key_block, lambda row: random_blocks(row, blocks, spec["r"], spec["seed"])
        ),
        "block_pairs": lambda: listed(
            block, key_block, lambda row: [j for i, j in spec["pairs"] if i == row]
        ),
        "documents": lambda: same(
            np.repeat(np.arange(len(spec["lengths"])), spec["lengths"]).tolist(), queries, keys
        ),
        "segments": lambda: same(roles or [], queries, keys),
        "residue": lambda: away % spec["step"] == 0,
        "summary": lambda: (keys % spec["size"] >= spec["size"] - spec["keys"]) & everywhere,
        "random": lambda: listed(
            queries,
            keys,
            lambda row: [
                key for key in keys if word(row, int(key), spec["seed"]) < spec["p"] * WORDS // 1
            ],
        ),
        "random_keys": lambda: listed(
            queries,
            keys,
            lambda row: draws(row, min(spec["r"], keys.size), keys.size, spec["seed"]),
        ),
    }
    return tests[kind]()


def shifted(
    kernel: int, dilation: int, queries: np.ndarray[Any, Any], keys: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Keep, in each query's residue class, the kernel's keys nearest to having it in the middle."""

    def row(query: int) -> list[int]:
        members = [key for key in keys.tolist() if key % dilation == query % dilation]
        start = min(query // dilation - kernel // 2, len(members) - kernel)
        return members[max(start, 0) : max(start, 0) + kernel]

    return listed(queries, keys, row)


def listed(
    rows: np.ndarray[Any, Any],
    columns: np.ndarray[Any, Any],
    plan: Callable[[int], list[int]],
) -> np.ndarray[Any, Any]:
    """Keep, in each row, the columns that a plan lists for it."""
    return np.array([np.isin(columns, plan(int(row))) for row in rows.ravel()])


def same(
    labels: list[Any], queries: np.ndarray[Any, Any], keys: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Keep the pairs within the text whose labels are equal."""
    return np.array(
        [
            [query < len(labels) and labels[query] == labels[key] for key in keys.tolist()]
            for query in queries.ravel().tolist()
        ]
    )


def mix(x: int) -> int:
    """Return the finaliser of MurmurHash3."""
    x = (x ^ x >> 16) * 0x85EBCA6B % WORDS
    x = (x ^ x >> 13) * 0xC2B2AE35 % WORDS
    return x ^ x >> 16


def word(row: int, counter: int, seed: int) -> int:
    """Return a row's random word for a counter."""
    one = mix(seed ^ mix((row + 0x9E3779B9) % WORDS))
    return mix((mix(one ^ counter) + mix((one + 0x9E3779B9) % WORDS)) % WORDS)


def draws(row: int, count: int, size: int, seed: int) -> list[int]:
    """Return the first places of a row's random order of ``0..size``."""
    half = next(h for h in range(1, 32) if 4**h >= size)
    found: list[int] = []
    for start in range(count):
        place = start
        while True:
            left, right = divmod(place, 2**half)
            for turn in range(4):
                left, right = right, left ^ word(row, right + (turn << 16), seed) % 2**half
            place = left * 2**half + right
            if place < size:
                break
        found.append(place)
    return found


def random_blocks(row: int, blocks: int, r: int, seed: int) -> list[int]:
    """Return the blocks an inner row of blocks draws, away from its window and both ends."""
    free = [block for block in range(1, blocks - 1) if abs(block - row) > 1]
    if not 0 < row < blocks - 1:
        return []
    return free if len(free) <= r else [free[k] for k in draws(row, r, len(free), seed)]


def anchors(refs: list[str | int], n_keys: int, roles: list[str] | None) -> list[int]:
    """Return the keys that tokens are, by index or by role."""
    chosen: list[int] = []
    for ref in refs:
        if isinstance(ref, int):
            chosen.append(range(n_keys)[ref])
        else:
            wanted = SPECIAL if ref == "special" else {ref}
            chosen.extend(index for index, role in enumerate(roles or ()) if role in wanted)
    return chosen
