"""Draw heads as still pictures, so that the browser can be held to the same pixels.

Run with ``python tests/vectors/make_pictures.py``; it writes ``pictures.json`` beside it.
"""

from __future__ import annotations

import base64
import itertools
import json
import pathlib
import zlib
from typing import Any

import numpy as np

from attn_widgets import AttentionRecord
from attn_widgets.export import draw_grid
from attn_widgets.export.colors import table
from attn_widgets.export.grid_picture import MARGIN
from attn_widgets.export.overlay import Overlay, tones

FILE = pathlib.Path(__file__).with_name("pictures.json")
EDGE = 48
SCALES = ("sqrt", "linear", "log", "row", "head")
COLORS = ("magma", "viridis", "cividis")


def make() -> dict[str, Any]:
    """Give the colour of each level on each scale, and heads under overlays with their pixels."""
    rng = np.random.default_rng(20)
    settings = itertools.product(SCALES, ((6, 8), (50, 61)), range(2))
    return {
        "edge": EDGE,
        "tones": {scale: tones(scale).tolist() for scale in ("sqrt", "linear", "log")},
        "tables": {
            f"{name} {theme}": _packed(table(theme, name))
            for name in COLORS
            for theme in ("light", "dark")
        },
        "heads": [_head(rng, i, *case) for i, case in enumerate(settings)],
    }


def _head(
    rng: np.random.Generator, i: int, scale: str, shape: tuple[int, int], laid: int
) -> dict[str, Any]:
    rows, columns = shape
    spread = rng.choice([0.05, 0.5, 5], size=(rows, 1))
    weights = rng.dirichlet(np.ones(columns), size=rows) ** spread
    cells = np.rint(255 * np.sqrt(weights / weights.sum(axis=1, keepdims=True))).astype(np.uint8)
    hidden_queries, hidden_keys = np.arange(rows) == 1, np.arange(columns) % 5 == 0
    allowed = np.abs(np.arange(rows)[:, None] * columns // rows - np.arange(columns)) < columns // 3
    overlay = Overlay(
        allowed=(lambda *_: allowed) if laid else None,
        hidden_queries=hidden_queries if laid else None,
        hidden_keys=hidden_keys if laid else None,
        within=bool(laid),
        without_hidden=bool(laid),
        threshold=0.002 if laid else 0.0,
        scale=scale,
        colors=COLORS[i % 3],
    )
    theme = ("light", "dark")[i // 2 % 2]
    record = AttentionRecord.from_arrays(
        np.full((1, 1, rows, columns), 1 / columns, np.float16),
        ["q"] * rows,
        key_tokens=["k"] * columns,
        kind="cross",
    )
    picture = draw_grid(record, cells[None, None], overlay=overlay, theme=theme, size=EDGE)
    return {
        "scale": scale,
        "colors": overlay.colors,
        "theme": theme,
        "threshold": overlay.threshold,
        "rows": rows,
        "cols": columns,
        "levels": _packed(cells),
        "allowed": _packed(allowed) if laid else None,
        "hiddenRows": _packed(hidden_queries) if laid else None,
        "hiddenCols": _packed(hidden_keys) if laid else None,
        "pixels": _packed(picture[MARGIN : MARGIN + EDGE, MARGIN : MARGIN + EDGE]),
    }


def _packed(values: np.ndarray[Any, Any]) -> str:
    flat = np.ascontiguousarray(values, np.uint8).tobytes()
    return base64.b64encode(zlib.compress(flat, 9)).decode("ascii")


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(make(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
