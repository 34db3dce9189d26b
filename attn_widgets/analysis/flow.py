"""How much can flow from a position down to each input, layers taken for pipes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.reading import read
from attn_widgets.analysis.rollout import RESIDUAL, need_chain, with_residual

if TYPE_CHECKING:
    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.record import AttentionRecord

MOST_TOKENS = 64


def attention_flow(record: AttentionRecord, query: int, residual: float = RESIDUAL) -> Floats64:
    r"""Find the maximum flow from one position after the last layer to each input.

    The graph has a node per position and layer; the pipe from ``(l, i)`` to ``(l - 1, j)`` holds
    :math:`\tilde A_{l,ij}`, mean attention with the residual connection in, as in
    :func:`attention_rollout`.
    Abnar & Zuidema 2020 (arXiv 2005.00928), section 3, who give :math:`O(d^2 n^4)` for all pairs;
    their published code divides the values of one position by their sum.

    Parameters
    ----------
    record
        Where the weights are, as in :func:`attention_rollout`, of at most 64 tokens beside
        padding: the search is exact and in plain Python.
    query
        The position it starts from, as the record counts.
    residual
        The weight of the residual connection, from 0 to 1.

    Returns
    -------
    ndarray of float64, shape (keys,)
        For each input alone, what can reach it, in [0, 1], exact to 1e-9; 0 in padding. The values
        do not sum to 1, as each input may use all pipes.

    Raises
    ------
    ValueError
        If the record is too long, or :func:`attention_rollout` would refuse it, or the query is
        padding.
    IndexError
        If there is no such query.
    """
    reading = read(record)
    need_chain(reading, "attention flow")
    n_tokens = len(reading.keys)
    if n_tokens > MOST_TOKENS:
        msg = (
            f"attention flow of {n_tokens} tokens: at most {MOST_TOKENS}, as the search grows with "
            "the square of the layers and the fourth power of the tokens; shorten the text, or use "
            "rollout"
        )
        raise ValueError(msg)
    if not 0 <= query < len(record.tokens):
        msg = f"no query {query}: this record has queries 0 to {len(record.tokens) - 1}"
        raise IndexError(msg)
    if query not in reading.queries:
        msg = f"query {query} is padding: flow starts from a token of the text"
        raise ValueError(msg)
    start = int(np.searchsorted(reading.queries, query))
    pipes = with_residual(reading, residual)
    flow = np.zeros(len(record.key_tokens))
    flow[reading.keys] = [_Network(pipes).push(start, end) for end in range(n_tokens)]
    return flow


class _Network:
    """Layers of pipes that fill up; pushing finds shortest open ways until there is none (Dinic).

    Node ``level * n + i`` is position ``i`` after ``level`` layers.
    """

    def __init__(self, pipes: list[Floats64]) -> None:
        n = len(pipes[0])
        self.top = len(pipes) * n
        self.room: list[dict[int, float]] = [{} for _ in range(self.top + n)]
        for level, pipe in enumerate(pipes):
            for i, j in np.argwhere(pipe > 0).tolist():
                above, below = (level + 1) * n + i, level * n + j
                self.room[above][below] = float(pipe[i, j])
                self.room[below][above] = 0.0
        self.ways = [list(room) for room in self.room]

    def push(self, start: int, end: int) -> float:
        """Send as much as can flow from the top at `start` to the input at `end`."""
        source = self.top + start
        total = 0.0
        while (depths := self._depths(source))[end] is not None:
            tried = [0] * len(self.ways)
            while path := self._open_way(source, end, depths, tried):
                total += self._fill(path)
        return total

    def _depths(self, source: int) -> list[int | None]:
        """Count the steps from the source over pipes with room; None where there is no way."""
        depths: list[int | None] = [None] * len(self.ways)
        depths[source] = depth = 0
        edge = [source]
        while edge:
            depth += 1
            found = []
            for node in edge:
                for other, room in self.room[node].items():
                    if room > _FULL and depths[other] is None:
                        depths[other] = depth
                        found.append(other)
            edge = found
        return depths

    def _open_way(
        self, source: int, end: int, depths: list[int | None], tried: list[int]
    ) -> list[int]:
        """Find a shortest open way; `tried` counts, per node, the pipes known to lead nowhere."""
        path = [source]
        while path and path[-1] != end:
            node = path[-1]
            ways, room, below = self.ways[node], self.room[node], len(path)
            at = tried[node]
            while at < len(ways) and not (room[ways[at]] > _FULL and depths[ways[at]] == below):
                at += 1
            tried[node] = at
            if at < len(ways):
                path.append(ways[at])
            else:
                path.pop()
                if path:
                    tried[path[-1]] += 1
        return path

    def _fill(self, path: list[int]) -> float:
        steps = list(itertools.pairwise(path))
        amount = min(self.room[node][other] for node, other in steps)
        for node, other in steps:
            self.room[node][other] -= amount
            self.room[other][node] += amount
        return amount


_FULL = 1e-13
