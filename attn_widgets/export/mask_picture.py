"""A sparse mask as a still picture, drawn without a browser."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Protocol

import numpy as np

from attn_widgets.export.colors import HIDDEN, PAPER

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = {"light": (31, 95, 191), "dark": (138, 184, 255)}
FORBIDDEN = HIDDEN

# A lone kept pair under a pixel must be seen: any share shows at a fifth of full strength.
_FAINTEST = 0.2
_ROWS_READ = 24
_VECTOR_MOST = 1024


class Rows(Protocol):
    """A mask that answers for any part of it; :class:`attn_widgets.masks.BoundMask` is one."""

    @property
    def n_queries(self) -> int:
        """Number of queries."""
        ...

    @property
    def n_keys(self) -> int:
        """Number of keys."""
        ...

    def rows(self, r0: int, r1: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the kept intervals of some queries, ``lo`` and ``hi``, ``(rows, intervals)``."""
        ...


def density(mask: Rows, size: int) -> NDArray[np.float64]:
    """Measure how full a mask is under each of ``size`` x ``size`` pixels.

    Returns
    -------
    ndarray of float64, shape (size, size)
        Shares in [0, 1]. Of the queries under a pixel at most 24 are read, evenly spread.
    """
    shares = np.zeros((size, size))
    per_pixel = mask.n_keys / size
    for y in range(size):
        first = y * mask.n_queries // size
        last = max(first + 1, (y + 1) * mask.n_queries // size)
        picked = np.unique(np.linspace(first, last - 1, min(_ROWS_READ, last - first)).astype(int))
        for row in picked:
            lo, hi = mask.rows(int(row), int(row) + 1)
            shares[y] += _covered(lo[0] / per_pixel, hi[0] / per_pixel, size)
        shares[y] /= len(picked)
    return shares


def _covered(lo: NDArray[np.float64], hi: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Measure the part of each pixel that runs ``[lo, hi)``, in pixels, cover."""
    edges = np.arange(size + 1, dtype=float)
    below = np.clip(edges[:, None] - lo, 0, np.maximum(hi - lo, 0)).sum(axis=1)
    return np.diff(below)


def draw_mask(mask: Rows, theme: str = "light", size: int = 384) -> NDArray[np.uint8]:
    """Draw a mask: rows look, columns are looked at.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        A square of about `size` pixels with a margin of 8.
    """
    n = max(mask.n_queries, mask.n_keys)
    edge = n * max(1, size // n) if n <= size else size
    shares = density(mask, edge)[:, :, None]
    strength = np.where(shares > 0, _FAINTEST + (1 - _FAINTEST) * shares, 0)
    mixed = np.array(FORBIDDEN[theme]) * (1 - strength) + np.array(KEPT[theme]) * strength
    picture = np.empty((edge + 16, edge + 16, 3), np.uint8)
    picture[:] = PAPER[theme]
    picture[8:-8, 8:-8] = np.floor(mixed + 0.5)
    return picture


def mask_svg(mask: Rows, title: str, theme: str = "light") -> str:
    """Draw a mask of up to 1,024 tokens as vectors, one rectangle per run of kept keys.

    Raises
    ------
    ValueError
        If the mask is larger.
    """
    if max(mask.n_queries, mask.n_keys) > _VECTOR_MOST:
        msg = (
            f"a mask of {mask.n_queries} x {mask.n_keys} is too large to draw as vectors: at most "
            f"{_VECTOR_MOST} tokens; save_png draws any length"
        )
        raise ValueError(msg)
    lo, hi = mask.rows(0, mask.n_queries)
    runs = [
        f"M{left} {row}h{right - left}v1h{left - right}z"
        for row in range(mask.n_queries)
        for left, right in zip(lo[row].tolist(), hi[row].tolist(), strict=True)
        if left < right
    ]
    kept, forbidden = (f"rgb{color[theme]}" for color in (KEPT, FORBIDDEN))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {mask.n_keys} {mask.n_queries}" '
        f'width="480" shape-rendering="crispEdges" role="img"><title>{html.escape(title)}</title>'
        f'<rect width="{mask.n_keys}" height="{mask.n_queries}" fill="{forbidden}"/>'
        f'<path d="{"".join(runs)}" fill="{kept}"/></svg>'
    )
