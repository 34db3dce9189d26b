"""Made-up attention with the look of a real encoder's: deterministic, and no model needed.

Every head is a row softmax of a structured matrix. Kinds of heads are mixed over the layers as
analyses of BERT describe them: diagonals and neighbours low down, columns of [CLS] and [SEP]
further up, a few sharp targets per row in some heads, and a few that are nearly even.
"""

from __future__ import annotations

import numpy as np

SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "ra",
    "so",
    "ti",
    "vu",
    "wa",
    "ex",
    "in",
    "or",
    "un",
    "th",
    "st",
    "ing",
    "ed",
    "er",
    "al",
    "ment",
    "tion",
]
BESIDE = {"previous": -1, "next": 1, "self": 0}
KINDS = [*BESIDE, "cls", "sep", "peaks", "broad", "local"]
SHORT = 8
"""Shorter texts have no [SEP] inside."""


def tokens(length: int, seed: int = 0) -> list[str]:
    """Give word pieces of varied length, [CLS] first, [SEP] last, and one more in the middle."""
    drawn = np.random.default_rng(seed)
    made = ["[CLS]"]
    while len(made) < length - 1:
        word = "".join(drawn.choice(SYLLABLES, drawn.integers(1, 5)))
        made.append(("##" if len(made) > 1 and drawn.random() < 0.2 else "") + word)
    made = [*made[: length - 1], "[SEP]"]
    if length >= SHORT:
        made[length // 2] = "[SEP]"
    return made


def head(layer: int, number: int, layers: int, length: int, seed: int = 0) -> np.ndarray:
    """Give one head's weights, (length, length) float32, whose rows sum to 1."""
    drawn = np.random.default_rng([seed, layer, number, length])
    depth = layer / max(1, layers - 1)
    early = 2 - 1.5 * depth
    odds = np.array([early, early, 1.2 - depth, 0.8 + depth, 0.5 + 3 * depth, 1.5, 0.7, 1.2])
    kind = drawn.choice(KINDS, p=odds / odds.sum())
    score = drawn.standard_normal((length, length), dtype=np.float32)
    at, peak = np.arange(length), np.float32(np.log(length))
    if kind in BESIDE:
        key = at + BESIDE[kind]
        inside = (key >= 0) & (key < length)
        score[at[inside], key[inside]] += 3 + peak
    elif kind == "peaks":
        for _ in range(2):
            score[at, drawn.integers(0, length, length)] += 2 + peak
    elif kind == "local":
        score -= np.abs(at[:, None] - at[None, :]).astype(np.float32) * np.float32(0.4)
    if kind == "cls":
        score[:, 0] += np.float32(2.5) + peak
    elif kind == "sep":
        score[:, [length - 1, *([length // 2] if length >= SHORT else [])]] += 2 + peak
    else:
        score[:, [0, length - 1]] += np.float32(1 + depth)
    score -= score.max(-1, keepdims=True)
    np.exp(score, out=score)
    score /= score.sum(-1, keepdims=True)
    return score


def weights(layers: int, heads: int, length: int, seed: int = 0) -> np.ndarray:
    """Give all heads, (layers, heads, length, length) float32."""
    made = np.empty((layers, heads, length, length), np.float32)
    for layer in range(layers):
        for number in range(heads):
            made[layer, number] = head(layer, number, layers, length, seed)
    return made
