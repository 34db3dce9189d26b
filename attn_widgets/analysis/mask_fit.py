"""How much of a record's attention a mask keeps, and what of it is on special tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.reading import query_rows
from attn_widgets.masks import Assignment, BoundMask, bind_record
from attn_widgets.masks import kept as kept_mass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.masks import Mask
    from attn_widgets.record import AttentionRecord


@dataclass(frozen=True, slots=True, eq=False)
class MaskFit:
    """What a mask keeps of the attention in a record; nothing is run again.

    Every array is float32 and read-only; the first two axes are layers and heads.

    Parameters
    ----------
    rows : numpy.ndarray
        bool, ``(queries,)``: the queries that means run over.
    kept_rows : numpy.ndarray
        ``(layers, heads, queries)``: the share of each query's attention inside the mask. What a
        learned sink takes counts as inside, as no mask takes it away.
    special_inside, special_outside : numpy.ndarray
        ``(layers, heads)``: the share of the attention that goes to special tokens inside the
        mask, and outside it; means over `rows`.
    density : numpy.ndarray
        ``(layers, heads)``: the share of all pairs that the mask keeps.
    """

    rows: NDArray[np.bool_]
    kept_rows: NDArray[np.float32]
    special_inside: NDArray[np.float32]
    special_outside: NDArray[np.float32]
    density: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Make every array read-only."""
        for name in self.__slots__:
            getattr(self, name).flags.writeable = False

    @property
    def kept(self) -> NDArray[np.float32]:
        """Share of the attention inside the mask, ``(layers, heads)``: the mean over `rows`."""
        mean: NDArray[np.float32] = self.kept_rows[..., self.rows].mean(axis=-1)
        return mean

    @property
    def divergence(self) -> NDArray[np.float32]:
        """Divergence of the masked row from the dense one, in nats, ``(layers, heads, queries)``.

        ``KL(P_masked || P) = -log(kept)``, exactly: masking and renormalising multiplies what
        stays by ``1 / kept``. Infinite where a row keeps nothing.
        """
        with np.errstate(divide="ignore"):
            return -np.log(self.kept_rows) + np.float32(0)

    def to_dict(self) -> Mapping[str, object]:
        """Return the means per layer and head as plain lists."""
        names = ("kept", "special_inside", "special_outside", "density")
        return {name: getattr(self, name).tolist() for name in names}

    def __repr__(self) -> str:
        """Say the means over all heads."""
        inside, outside = float(self.special_inside.mean()), float(self.special_outside.mean())
        return (
            f"MaskFit({float(self.kept.mean()):.1%} of the attention kept in "
            f"{float(self.density.mean()):.1%} of all pairs, {int(self.rows.sum())} queries; "
            f"special tokens: {inside:.1%} inside, {outside:.1%} outside)"
        )


def fit_mask(
    record: AttentionRecord, mask: Mask | Assignment, rows: NDArray[np.bool_] | None = None
) -> MaskFit:
    """Measure what a mask keeps of the attention in a record, per layer and head.

    Parameters
    ----------
    record
        Where the weights are; also ``q`` and ``k``, for masks that are decided by them.
    mask
        A mask, or an assignment of masks to layers and heads (by the model's own numbers).
    rows
        Which queries means run over, bool ``(queries,)``; :func:`query_rows` by default.

    Raises
    ------
    ValueError
        If `rows` has the wrong length or chooses none.
    MaskBindError
        If the mask names tokens the text lacks, or needs data the record lacks.
    """
    chosen = query_rows(record) if rows is None else np.asarray(rows)
    n_layers, n_heads, n_queries, _ = record.shape
    if chosen.dtype != np.bool_ or chosen.shape != (n_queries,) or not chosen.any():
        msg = (
            f"rows are {chosen.dtype} {chosen.shape}: expected ({n_queries},) booleans, "
            "one true at least"
        )
        raise ValueError(msg)
    special = record.special()
    share = np.empty((n_layers, n_heads, n_queries), dtype=np.float32)
    inside, outside, density = np.empty((3, n_layers, n_heads), dtype=np.float32)
    bound_once: dict[Mask, BoundMask] = {}
    for row, layer in enumerate(record.layers):
        for column, head in enumerate(record.heads):
            own = mask.for_head(layer, head) if isinstance(mask, Assignment) else mask
            bound = bound_once.get(own) or bind_record(own, record, layer, head)
            if not own.needs:
                bound_once[own] = bound
            weights = record.weights[row, column]
            share[row, column] = _share(weights, bound, sink=record.sink)
            on_special = weights * special.astype(weights.dtype)
            total = on_special.sum(axis=-1, dtype=np.float32)[chosen].mean()
            inside[row, column] = kept_mass(on_special, bound)[chosen].mean()
            outside[row, column] = max(total - inside[row, column], 0)
            density[row, column] = bound.density()
    return MaskFit(chosen.copy(), share, inside, outside, density)


def _share(weights: NDArray[np.floating], bound: BoundMask, *, sink: bool) -> NDArray[np.float32]:
    total = weights.sum(axis=-1, dtype=np.float32)
    inside = kept_mass(weights, bound)
    if sink:
        inside = inside + np.maximum(1 - total, 0)
        total = np.maximum(total, 1)
    share: NDArray[np.float32] = np.clip(inside / np.where(total > 0, total, 1), 0, 1)
    return share
