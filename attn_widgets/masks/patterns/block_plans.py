"""Patterns that plan which blocks each row of blocks sees: drawn at random, or listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.errors import MaskBindError, MaskError
from attn_widgets.masks.limits import MAX_PARTS, whole
from attn_widgets.masks.patterns.blocks import Blockwise
from attn_widgets.masks.patterns.hashing import draws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.rows.intervals import Intervals
    from attn_widgets.masks.spec import Spec, SpecReader


@dataclass(frozen=True, slots=True, repr=False)
class RandomBlocks(Blockwise):
    """Each row of blocks sees ``r`` blocks drawn at random, away from its window and the ends."""

    kind: ClassVar[str] = "random_blocks"
    r: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse fewer than one block."""
        self.check_size()
        object.__setattr__(self, "r", whole("the number of random blocks r", self.r, 1))
        object.__setattr__(self, "seed", whole("the seed", self.seed, 0))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return the drawn blocks, sorted."""
        row = frame.positions(first, last) // self.size
        drawn = self.plan(
            frame, int(row[0]) if len(row) else 0, int(row[-1]) + 1 if len(row) else 0
        )
        lo = np.minimum(drawn[row - row[:1]] * self.size, frame.n_keys)
        return lo, np.minimum(lo + self.size, frame.n_keys)

    def plan(self, frame: Frame, first: int, last: int) -> NDArray[np.int64]:
        """Return the blocks that block rows ``first..last`` draw: ``(rows, r)``, sorted.

        A row that draws fewer is filled with the number of blocks there are.
        """
        count = self.count(frame)
        row = np.arange(first, last, dtype=np.int64)
        inner = (row > 0) & (row < count - 1)
        below = np.maximum(row - 2, 0)
        free = np.where(inner, below + np.maximum(count - 3 - row, 0), 0)
        width = min(self.r, max(count - 2, 1))
        chosen = np.tile(np.arange(width, dtype=np.int64), (len(row), 1))
        many = free > width
        if many.any():
            chosen[many] = draws(self.seed, row[many], width, free[many])
        blocks = np.where(
            chosen < below[:, None], chosen + 1, chosen - below[:, None] + row[:, None] + 2
        )
        missing = (np.arange(width) >= free[:, None]) & ~many[:, None]
        return np.sort(np.where(missing, count, blocks), axis=1)

    def slots(self, frame: Frame) -> int:
        """One per drawn block."""
        return min(self.r, self.count(frame))

    def __repr__(self) -> str:
        """Return ``random_blocks(size, r, seed=...)``."""
        return f"random_blocks({self.size}, {self.r}, seed={self.seed})"

    def __str__(self) -> str:
        """Say it in words."""
        blocks = "blocks" if self.r > 1 else "block"
        return f"{self.r} {blocks} of {self.size} keys per row: drawn at random (seed {self.seed})"


@dataclass(frozen=True, slots=True, repr=False)
class BlockPairs(Blockwise):
    """Listed pairs of a block of queries and a block of keys."""

    kind: ClassVar[str] = "block_pairs"
    pairs: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Name each pair once, in order."""
        self.check_size()
        if not 0 < 2 * len(self.pairs) < MAX_PARTS:
            msg = f"name 1 to {MAX_PARTS // 2 - 1} pairs of blocks, not {len(self.pairs)}"
            raise MaskError(msg)
        pairs = {(whole("a block", i, 0), whole("a block", j, 0)) for i, j in self.pairs}
        object.__setattr__(self, "pairs", tuple(sorted(pairs)))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return the key blocks listed for the query's block."""
        plan = self.plan(frame)
        row = np.minimum(frame.positions(first, last) // self.size, len(plan) - 1)
        lo = np.minimum(plan[row] * self.size, frame.n_keys)
        return lo, np.minimum(lo + self.size, frame.n_keys)

    def plan(self, frame: Frame) -> NDArray[np.int64]:
        """Return the key blocks of each row of blocks, ``(blocks + 1, most)``, sorted.

        A row with fewer is filled with the number of blocks there are; the last row has none.
        """
        count = self.count(frame)
        rows: dict[int, list[int]] = {}
        for i, j in self.pairs:
            rows.setdefault(i, []).append(j)
            if max(i, j) >= count:
                msg = (
                    f"block {max(i, j)} is outside this text of {count} blocks of {self.size} keys"
                )
                raise MaskBindError(msg)
        plan = np.full((count + 1, max(map(len, rows.values()))), count, dtype=np.int64)
        for i, chosen in rows.items():
            plan[i, : len(chosen)] = chosen
        return plan

    def slots(self, frame: Frame) -> int:
        """As many as the longest row has."""
        return int(self.plan(frame).shape[1])

    def values(self) -> Spec:
        """Write the pairs as a list of lists."""
        return {"size": self.size, "pairs": [list(pair) for pair in self.pairs]}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:  # noqa: ARG003 - nothing is nested in it
        """Read a size and a list of pairs."""
        pairs = values["pairs"]
        if not isinstance(pairs, list) or not all(
            isinstance(pair, list) and len(pair) == 2  # noqa: PLR2004 - a pair
            for pair in pairs
        ):
            msg = f"'pairs' must be a list of [query block, key block], not {pairs!r:.60}"
            raise MaskError(msg)
        reader.spend(2 * len(pairs), path)
        return cls(values["size"], tuple((i, j) for i, j in pairs))  # type: ignore[arg-type]  # checked when made

    @property
    def parts(self) -> int:
        """The pattern and its blocks."""
        return 2 * len(self.pairs) + 1

    def __repr__(self) -> str:
        """Return ``block_pairs(size, query block, key block, ...)``."""
        numbers = (self.size, *(block for pair in self.pairs for block in pair))
        return f"block_pairs({', '.join(map(str, numbers))})"

    def __str__(self) -> str:
        """Say it in words."""
        return f"{len(self.pairs)} chosen pairs of blocks of {self.size}"


def random_blocks(size: int, r: int, seed: int = 0) -> Mask:
    """Give each block of queries `r` distinct blocks of keys drawn at random.

    Parameters
    ----------
    size : int
        Tokens in a block, 1 or more.
    r : int
        Blocks drawn per row of blocks; ``r size`` keys per row.
    seed : int
        0 or more; another seed draws others.

    Raises
    ------
    MaskError
        If a number is not whole or out of range.

    Notes
    -----
    As BigBird does (Zaheer et al. 2020, appendix D), block row ``I`` draws among all blocks but
    the first, the last and ``I - 1, I, I + 1``, all of them where there are fewer than `r`; the
    first and the last block row draw none. The draw is ours
    (`attn_widgets.masks.patterns.hashing.draws` for row ``I``), not that of BigBird's code; for its
    plan, list the blocks with `block_pairs`.
    """
    return RandomBlocks(size, r, seed)


def block_pairs(size: int, /, *pairs: int | Iterable[int]) -> Mask:
    """Let listed blocks of queries see listed blocks of keys.

    Parameters
    ----------
    size : int
        Tokens in a block, 1 or more.
    *pairs : int, or pairs of them
        Query block, key block, query block, key block, ...; or ``(query block, key block), ...``.

    Raises
    ------
    MaskError
        If there is no pair or half of one, or a number is not whole.

    Notes
    -----
    Keeps ``(i, j)`` where ``(i // size, j // size)`` is listed: `size` keys per row for each key
    block of its own block. So a plan drawn elsewhere is written down, such as BigBird's random one.
    """
    numbers = list(_opened(pairs))
    if len(numbers) % 2:
        msg = f"block {numbers[-1]} stands alone; name a query block and a key block each time"
        raise MaskError(msg)
    return BlockPairs(size, tuple(zip(numbers[::2], numbers[1::2], strict=True)))


def _opened(pairs: Iterable[int | Iterable[int]]) -> Iterator[int]:
    for pair in pairs:
        if isinstance(pair, Iterable):
            yield from pair
        else:
            yield pair
