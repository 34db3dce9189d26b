"""Patterns by blocks of tokens: neighbouring and global blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.errors import MaskBindError, MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import MAX_INT, MAX_PARTS, whole
from attn_widgets.masks.rows.intervals import Intervals, single, union

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.spec import Spec, SpecReader


@dataclass(frozen=True, slots=True, repr=False)
class Blockwise(Mask):
    """What the patterns by blocks of `size` tokens share."""

    size: int

    def check_size(self) -> None:
        """Refuse a block below one token."""
        object.__setattr__(self, "size", whole("the size of a block", self.size, 1))

    def count(self, frame: Frame) -> int:
        """Return the number of blocks of keys, the last one perhaps shorter."""
        return -(-frame.n_keys // self.size)

    @property
    def grain(self) -> int:
        """The rows of a block are alike."""
        return self.size


@dataclass(frozen=True, slots=True, repr=False)
class Blocks(Blockwise):
    """Queries see their own block and some before and after."""

    kind: ClassVar[str] = "blocks"
    left: int
    right: int

    def __post_init__(self) -> None:
        """Refuse a block below one token and negative sides."""
        self.check_size()
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
class GlobalBlocks(Blockwise):
    """The blocks see every key and are seen by every query."""

    kind: ClassVar[str] = "global_blocks"
    blocks: tuple[int, ...]

    def __post_init__(self) -> None:
        """Name each block once, in order."""
        self.check_size()
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
        count = self.count(frame)
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
