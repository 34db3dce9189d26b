"""A mask laid over one text: rows, counts, tiles and digests, without the whole matrix."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from attn_widgets.masks.counting import degrees, kept_before
from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.limits import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.rows.intervals import Intervals

DENSE_LIMIT: Final = 2**26
"""Most pairs `BoundMask.to_dense` writes out unless told otherwise: 64 MiB."""

_CELLS: Final = 2**19
_ROWS: Final = 2**16


@dataclass(frozen=True, slots=True, repr=False)
class BoundMask:
    """A mask over `n_queries` by `n_keys` tokens; made by `Mask.bind`.

    Parameters
    ----------
    mask : Mask
        The mask as it was written.
    frame : Frame
        The lengths and tokens it was bound to.
    """

    mask: Mask
    frame: Frame

    def __post_init__(self) -> None:
        """Look for every token the mask names, so that a missing one is refused here."""
        self.mask.slots(self.frame)

    @property
    def n_queries(self) -> int:
        """Number of queries, the rows."""
        return self.frame.n_queries

    @property
    def n_keys(self) -> int:
        """Number of keys, the columns."""
        return self.frame.n_keys

    @property
    def q_offset(self) -> int:
        """Position of query 0 among the keys."""
        return self.frame.q_offset

    def rows(self, r0: int = 0, r1: int | None = None) -> Intervals:
        """Return the keys kept by the queries ``r0..r1``.

        Returns
        -------
        lo, hi : numpy.ndarray
            int64, ``(r1 - r0, K)``: K half-open intervals of keys per row, sorted and disjoint;
            ``lo == hi`` is an empty one.

        Raises
        ------
        MaskBindError
            If the range is not within ``0..n_queries``.
        """
        last = self.n_queries if r1 is None else r1
        first, last = _span("rows", r0, last, self.n_queries)
        return self.mask.intervals(self.frame, first, last)

    def degrees(self) -> NDArray[np.int64]:
        """Return how many keys each query keeps: int64, ``(n_queries,)``."""
        return degrees(self.mask, self.frame)

    def nnz(self) -> int:
        """Return how many pairs the mask keeps."""
        return int(self.degrees().sum())

    def empty_rows(self) -> NDArray[np.int64]:
        """Return the queries that keep no key at all."""
        return np.flatnonzero(self.degrees() == 0)

    def density(self, of: str = "pairs") -> float:
        """Return the share of pairs that the mask keeps.

        Parameters
        ----------
        of : {"pairs", "causal"}
            The denominator: all ``n_queries * n_keys`` pairs; or only those with the key at or
            before the query, in which case only those are counted as kept, too.

        Raises
        ------
        ValueError
            If `of` is another word.
        """
        if of == "pairs":
            return self.nnz() / (self.n_queries * self.n_keys)
        if of != "causal":
            msg = f"density is of 'pairs' or of 'causal' pairs, not of {of!r}"
            raise ValueError(msg)
        ends = np.clip(self.frame.positions(0, self.n_queries) + 1, 0, self.n_keys)
        return kept_before(self.mask, self.frame) / int(ends.sum())

    def tile(self, r0: int, r1: int, c0: int, c1: int) -> NDArray[np.bool_]:
        """Return queries ``r0..r1`` by keys ``c0..c1`` as booleans.

        Raises
        ------
        MaskBindError
            If a range is not within the mask.
        """
        first, last = _span("rows", r0, r1, self.n_queries)
        left, right = _span("columns", c0, c1, self.n_keys)
        out = np.empty((last - first, right - left), dtype=np.bool_)
        step = self._step(right - left)
        for start in range(first, last, step):
            stop = min(start + step, last)
            part = self.mask.marks(self.frame, start, stop, left, right)
            out[start - first : stop - first] = part
        return out

    def to_dense(self, limit: int | None = DENSE_LIMIT) -> NDArray[np.bool_]:
        """Return the whole mask as booleans, ``(n_queries, n_keys)``.

        Parameters
        ----------
        limit : int or None
            Most pairs to write out, one byte each; None for no limit.

        Raises
        ------
        MaskBindError
            If the mask has more pairs than `limit`.
        """
        pairs = self.n_queries * self.n_keys
        if limit is not None and pairs > limit:
            msg = (
                f"{self.n_queries} x {self.n_keys} pairs would take {pairs / 2**20:,.0f} MiB; "
                f"read a part with tile(r0, r1, c0, c1), or raise limit (now {limit})"
            )
            raise MaskBindError(msg)
        return self.tile(0, self.n_queries, 0, self.n_keys)

    def packed_digest(self) -> str:
        """Return the SHA-256 of the mask's bits, as hexadecimal.

        The bits are the rows one after another without padding, eight to a byte, the first in the
        lowest place; the last byte is filled with zeros.
        """
        digest = hashlib.sha256()
        step = max(_CELLS // self.n_keys // 8, 1) * 8
        for start in range(0, self.n_queries, step):
            bits = self.tile(start, min(start + step, self.n_queries), 0, self.n_keys)
            digest.update(np.packbits(bits.ravel(), bitorder="little").tobytes())
        return digest.hexdigest()

    def require(self, n_queries: int, n_keys: int) -> None:
        """Check that the mask was bound to these lengths.

        Raises
        ------
        MaskBindError
            If it was bound to others.
        """
        if (n_queries, n_keys) != (self.n_queries, self.n_keys):
            msg = (
                f"the mask is bound to {self.n_queries} queries x {self.n_keys} keys, the data has "
                f"{n_queries} x {n_keys}; bind it again: mask.bind({n_queries}, {n_keys}, ...)"
            )
            raise MaskBindError(msg)

    def explain(self) -> str:
        """Say what the mask keeps here, the share's denominator named."""
        counts = self.degrees()
        pairs = self.n_queries * self.n_keys
        kept = int(counts.sum())
        low, high = int(counts.min()), int(counts.max())
        empty = int((counts == 0).sum())
        return (
            f"{self.mask}. Here {kept:,} of all {pairs:,} pairs ({kept / pairs:.2%}), "
            f"{f'{low:,} to {high:,}' if low < high else f'{low:,}'} keys a row"
            f"{f', {empty:,} rows keep nothing' if empty else ''}."
        )

    def __repr__(self) -> str:
        """Return the mask and the lengths it is bound to."""
        offset = f", q_offset={self.q_offset}" if self.q_offset else ""
        return f"({self.mask!r}).bind({self.n_queries}, {self.n_keys}{offset})"

    def __str__(self) -> str:
        """Say it in words; see `explain`."""
        return self.explain()

    def _step(self, width: int) -> int:
        return max(min(_CELLS // max(self.mask.slots(self.frame), width), _ROWS), 1)


def _span(name: str, first: int, last: int, size: int) -> tuple[int, int]:
    start = whole(f"the first of the {name}", first, 0)
    stop = whole(f"the end of the {name}", last, 0)
    if not start <= stop <= size:
        msg = f"{name} {start}..{stop} are not within 0..{size}"
        raise MaskBindError(msg)
    return start, stop
