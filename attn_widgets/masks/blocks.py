"""Patterns by blocks of tokens: neighbouring, global, random and listed blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.errors import MaskBindError, MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.hashing import draws
from attn_widgets.masks.intervals import Intervals, single, union
from attn_widgets.masks.limits import MAX_INT, MAX_PARTS, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.spec import Spec, SpecReader


@dataclass(frozen=True, slots=True, repr=False)
class Blocks(Mask):
    """Queries see their own block and some before and after."""

    kind: ClassVar[str] = "blocks"
    size: int
    left: int
    right: int

    def __post_init__(self) -> None:
        """Refuse a block below one token and negative sides."""
        _check_size(self)
        object.__setattr__(self, "left", whole("the number of blocks before", self.left, 0))
        object.__setattr__(self, "right", whole("the number of blocks after", self.right, 0))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return one run of whole blocks."""
        block = frame.positions(first, last) // self.size
        lo, hi = (block - self.left) * self.size, (block + self.right + 1) * self.size
        return single(lo, hi, frame.n_keys)

    def slots(self, frame: Frame) -> int:  # noqa: ARG002 - the same in every frame
        """One."""
        return 1

    def __repr__(self) -> str:
        """Return ``blocks(size)``, and the sides where there are any."""
        sides = f", left={self.left}, right={self.right}" if self.left or self.right else ""
        return f"blocks({self.size}{sides})"

    def __str__(self) -> str:
        """Say how many keys a row has, away from the edges."""
        keys = (self.left + self.right + 1) * self.size
        before = f" + {self.left} before" if self.left else ""
        after = f" + {self.right} after" if self.right else ""
        words = f"its own block of {self.size}{before}{after}"
        return f"{keys} {'keys' if keys > 1 else 'key'} per row: {words}"


@dataclass(frozen=True, slots=True, repr=False)
class GlobalBlocks(Mask):
    """The blocks see every key and are seen by every query."""

    kind: ClassVar[str] = "global_blocks"
    size: int
    blocks: tuple[int, ...]

    def __post_init__(self) -> None:
        """Name each block once, in order."""
        _check_size(self)
        chosen = {whole("a block", block, -MAX_INT) for block in self.blocks}
        if not 0 < len(chosen) < MAX_PARTS:
            msg = f"name 1 to {MAX_PARTS - 1} blocks, not {len(chosen)}"
            raise MaskError(msg)
        object.__setattr__(self, "blocks", tuple(sorted(chosen)))

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Keep all keys in the blocks' rows, the blocks' keys elsewhere."""
        chosen = self.locate(frame)
        shape = (last - first, len(chosen))
        lo = np.broadcast_to(chosen * self.size, shape)
        hi = np.minimum(lo + self.size, frame.n_keys)
        seeing = np.isin(frame.positions(first, last) // self.size, chosen)
        width = np.where(seeing, frame.n_keys, 0).astype(np.int64)
        return union([single(np.zeros_like(width), width, frame.n_keys), (lo, hi)])

    def slots(self, frame: Frame) -> int:
        """One per block, and one for the rows that see everything."""
        return len(self.locate(frame)) + 1

    def locate(self, frame: Frame) -> NDArray[np.int64]:
        """Return the blocks' numbers in this text, sorted, each once."""
        count = _block_count(frame, self.size)
        for block in self.blocks:
            if not -count <= block < count:
                msg = f"block {block} is outside this text of {count} blocks of {self.size} keys"
                raise MaskBindError(msg)
        return np.unique(np.array(self.blocks, dtype=np.int64) % count)

    def values(self) -> Spec:
        """Write the blocks as a list."""
        return {"size": self.size, "blocks": list(self.blocks)}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:  # noqa: ARG003 - nothing is nested in it
        """Read a size and a list of blocks."""
        chosen = values["blocks"]
        if not isinstance(chosen, list):
            msg = f"'blocks' must be a list of whole numbers, not {chosen!r:.60}"
            raise MaskError(msg)
        reader.spend(len(chosen), path)
        return cls(values["size"], tuple(chosen))  # type: ignore[arg-type]  # checked when made

    @property
    def parts(self) -> int:
        """The pattern and its blocks."""
        return len(self.blocks) + 1

    def __repr__(self) -> str:
        """Return ``global_blocks(size, block, ...)``."""
        return f"global_blocks({', '.join(map(str, (self.size, *self.blocks)))})"

    def __str__(self) -> str:
        """Say it in words."""
        names = ", ".join(map(str, self.blocks))
        return f"the blocks {names} of {self.size} keys in every row, and every key in their rows"


@dataclass(frozen=True, slots=True, repr=False)
class RandomBlocks(Mask):
    """Each row of blocks sees ``r`` blocks drawn at random, away from its window and the ends."""

    kind: ClassVar[str] = "random_blocks"
    size: int
    r: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse fewer than one block."""
        _check_size(self)
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
        count = _block_count(frame, self.size)
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
        return min(self.r, _block_count(frame, self.size))

    def __repr__(self) -> str:
        """Return ``random_blocks(size, r, seed=...)``."""
        return f"random_blocks({self.size}, {self.r}, seed={self.seed})"

    def __str__(self) -> str:
        """Say it in words."""
        blocks = "blocks" if self.r > 1 else "block"
        return f"{self.r} {blocks} of {self.size} keys per row: drawn at random (seed {self.seed})"


@dataclass(frozen=True, slots=True, repr=False)
class BlockPairs(Mask):
    """Listed pairs of a block of queries and a block of keys."""

    kind: ClassVar[str] = "block_pairs"
    size: int
    pairs: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Name each pair once, in order."""
        _check_size(self)
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
        count = _block_count(frame, self.size)
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


def _check_size(mask: Blocks | GlobalBlocks | RandomBlocks | BlockPairs) -> None:
    object.__setattr__(mask, "size", whole("the size of a block", mask.size, 1))


def _block_count(frame: Frame, size: int) -> int:
    return -(-frame.n_keys // size)


def blocks(size: int, *, left: int = 0, right: int = 0) -> Mask:
    """Let queries see the keys of their own block of `size`, and of blocks next to it.

    Parameters
    ----------
    size : int
        Tokens in a block, 1 or more; the last block may be shorter.
    left, right : int
        Blocks before and after that are seen, too: ``(left + right + 1) size`` keys per row.

    Raises
    ------
    MaskError
        If a number is not whole or out of range.

    Notes
    -----
    Keeps ``(i, j)`` where ``-left <= j // size - i // size <= right``. With one block on each side
    it is the window of BigBird (Zaheer et al. 2020, appendix D).
    """
    return Blocks(size, left, right)


def global_blocks(size: int, /, *chosen: int) -> Mask:
    """Make blocks of `size` tokens global, both ways, as `global_` does with tokens.

    Parameters
    ----------
    size : int
        Tokens in a block, 1 or more.
    *chosen : int
        Numbers of blocks, negative ones counted from the end.

    Raises
    ------
    MaskError
        If no block is named, or a number is not whole.

    Notes
    -----
    Keeps ``(i, j)`` where ``i // size`` or ``j // size`` is chosen: g full blocks add
    ``g size`` keys to a row, ``2 g size N - (g size)²`` pairs in all. The first and the last block
    are the global ones of BigBird (Zaheer et al. 2020, appendix D).
    """
    return GlobalBlocks(size, chosen)


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
    first and the last block row draw none. The draw is ours (`attn_widgets.masks.hashing.draws` for
    row ``I``), not that of BigBird's code; for its plan, list the blocks with `block_pairs`.
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
