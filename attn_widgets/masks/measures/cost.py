"""What a mask costs over one text, counted exactly and set beside dense attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attn_widgets.masks.bound import BoundMask
from attn_widgets.masks.counting import kept_before
from attn_widgets.masks.limits import whole
from attn_widgets.masks.measures.tiles import BLOCKS, Tiles, count_tiles
from attn_widgets.masks.patterns.anchors import global_
from attn_widgets.masks.patterns.windows import causal

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, repr=False)
class Cost:
    """The counts of one mask over one text, for one head.

    Parameters
    ----------
    n_queries, n_keys : int
        The two sides, in tokens.
    nnz : int
        Pairs the mask keeps, of ``n_queries * n_keys``.
    causal_nnz, causal_pairs : int
        The same of the pairs whose key stands at or before the query.
    unpadded_nnz, unpadded_pairs : int or None
        The same of the pairs without a padding token on either side; None where the mask was bound
        without tokens.
    min_degree, max_degree : int
        Fewest and most keys that a query keeps.
    empty_rows : int
        Queries that keep no key: a softmax has nothing to share out there.
    head_dim : int
        Numbers per query and key of a head.
    itemsize : int
        Bytes per number.
    tiles : tuple of Tiles
        What a kernel pays that works in square blocks.
    """

    n_queries: int
    n_keys: int
    nnz: int
    causal_nnz: int
    causal_pairs: int
    unpadded_nnz: int | None
    unpadded_pairs: int | None
    min_degree: int
    max_degree: int
    empty_rows: int
    head_dim: int
    itemsize: int
    tiles: tuple[Tiles, ...]

    @property
    def pairs(self) -> int:
        """All pairs: ``n_queries * n_keys``."""
        return self.n_queries * self.n_keys

    @property
    def density(self) -> float:
        """Share of all pairs that is kept."""
        return self.nnz / self.pairs

    @property
    def causal_density(self) -> float:
        """Share of the causal pairs that is kept."""
        return self.causal_nnz / self.causal_pairs

    @property
    def unpadded_density(self) -> float | None:
        """Share of the pairs without padding that is kept; None where padding is not known."""
        if self.unpadded_nnz is None or not self.unpadded_pairs:
            return None
        return self.unpadded_nnz / self.unpadded_pairs

    @property
    def mean_degree(self) -> float:
        """Keys per query, on average."""
        return self.nnz / self.n_queries

    @property
    def flops(self) -> int:
        """Operations for the kept pairs alone: ``4 d nnz``.

        ``2 d`` each for the score and for adding up values; the softmax is left out.
        """
        return self.flops_of(self.nnz)

    @property
    def dense_flops(self) -> int:
        """Operations for all pairs."""
        return self.flops_of(self.pairs)

    @property
    def score_bytes(self) -> int:
        """Memory for the kept scores of one head, if they are written out."""
        return self.itemsize * self.nnz

    @property
    def dense_score_bytes(self) -> int:
        """Memory for all scores of one head, if they are written out."""
        return self.itemsize * self.pairs

    def flops_of(self, pairs: int) -> int:
        """Operations for a number of pairs; of ``tiles[i].pairs``, what a block kernel does."""
        return 4 * self.head_dim * pairs

    def to_dict(self) -> dict[str, object]:
        """Return every count and every derived number as plain JSON values."""
        return {
            "n_queries": self.n_queries,
            "n_keys": self.n_keys,
            "head_dim": self.head_dim,
            "itemsize": self.itemsize,
            "nnz": self.nnz,
            "density": {
                "pairs": self.density,
                "causal": self.causal_density,
                "unpadded": self.unpadded_density,
            },
            "pairs": {
                "pairs": self.pairs,
                "causal": self.causal_pairs,
                "unpadded": self.unpadded_pairs,
            },
            "kept": {
                "pairs": self.nnz,
                "causal": self.causal_nnz,
                "unpadded": self.unpadded_nnz,
            },
            "degree": {
                "min": self.min_degree,
                "mean": self.mean_degree,
                "max": self.max_degree,
            },
            "empty_rows": self.empty_rows,
            "flops": {"kept": self.flops, "dense": self.dense_flops},
            "score_bytes": {"kept": self.score_bytes, "dense": self.dense_score_bytes},
            "tiles": [
                {
                    "block": tile.block,
                    "touched": tile.touched,
                    "total": tile.total,
                    "density": tile.density,
                    "fill": tile.fill,
                    "flops": self.flops_of(tile.pairs),
                    "score_bytes": self.itemsize * tile.pairs,
                }
                for tile in self.tiles
            ],
        }

    def __repr__(self) -> str:
        """Return the counts in a few lines, each share with its denominator."""
        low, high = self.min_degree, self.max_degree
        degrees = f"{low:,} to {high:,}" if low < high else f"{low:,}"
        unpadded = self.unpadded_density
        of_unpadded = "" if unpadded is None else f", {unpadded:.4%} of the pairs without padding"
        empty = f"; {self.empty_rows:,} rows keep nothing" if self.empty_rows else ""
        size = f"{self.n_queries:,} queries x {self.n_keys:,} keys"
        share = f"({self.density:.4%}), {self.causal_density:.4%} of the causal pairs{of_unpadded}"
        memory = f"{_bytes(self.score_bytes)} of {_bytes(self.dense_score_bytes)}"
        lines = [
            f"Cost of {size}, one head of {self.head_dim}:",
            f"  kept     {self.nnz:,} of all {self.pairs:,} pairs {share}",
            f"  degrees  {degrees} keys a row, {self.mean_degree:,.1f} on average{empty}",
            f"  FLOPs    {self.flops:.3g} of {self.dense_flops:.3g} dense; scores {memory}",
            *(self._tile_line(tile) for tile in self.tiles),
        ]
        return "\n".join(lines)

    def _tile_line(self, tile: Tiles) -> str:
        touched = f"{tile.touched:,} of {tile.total:,} touched ({tile.density:.4%})"
        flops = f"{self.flops_of(tile.pairs):.3g} FLOPs"
        return f"  {tile.block:>3}-tiles {touched}, {tile.fill:.1%} full: {flops}"


def cost(
    bound: BoundMask, head_dim: int = 64, itemsize: int = 4, blocks: Iterable[int] = BLOCKS
) -> Cost:
    """Count what a mask costs over one text, without writing the matrix out.

    Parameters
    ----------
    bound : BoundMask
        A mask over one text; bound with tokens, pairs without padding are counted, too.
    head_dim : int
        Numbers per query and key of a head.
    itemsize : int
        Bytes per number.
    blocks : iterable of int
        Sides of the square tiles to count.

    Raises
    ------
    MaskError
        If a size is not a whole number from 1 up.
    """
    mask, frame = bound.mask, bound.frame
    degrees = bound.degrees()
    nnz = int(degrees.sum())
    unpadded_nnz = unpadded_pairs = None
    if frame.places is not None:
        unpadded_nnz, unpadded_pairs = nnz, frame.n_queries * frame.n_keys
        if "pad" in dict(frame.places):
            unpadded_nnz = BoundMask(mask - global_("pad"), frame).nnz()
            unpadded_pairs = BoundMask(~global_("pad"), frame).nnz()
    return Cost(
        n_queries=frame.n_queries,
        n_keys=frame.n_keys,
        nnz=nnz,
        causal_nnz=nnz if mask & causal() == mask else kept_before(mask, frame),
        causal_pairs=BoundMask(causal(), frame).nnz(),
        unpadded_nnz=unpadded_nnz,
        unpadded_pairs=unpadded_pairs,
        min_degree=int(degrees.min()),
        max_degree=int(degrees.max()),
        empty_rows=int((degrees == 0).sum()),
        head_dim=whole("the head's dimension", head_dim, 1),
        itemsize=whole("the bytes per number", itemsize, 1, 16),
        tiles=count_tiles(bound, blocks, nnz),
    )


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:  # noqa: PLR2004 - binary units
            return f"{size:,.1f} {unit}" if unit != "bytes" else f"{count} bytes"
        size /= 1024
    return f"{size:,.1f} TiB"
