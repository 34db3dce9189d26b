"""Recorded attention of a real model, to look at without a model."""

from __future__ import annotations

import importlib.resources

from attn_widgets.record import AttentionRecord

_NAMES = ("sentence", "pair", "paragraph", "japanese")


def names() -> tuple[str, ...]:
    """Name the samples: all are runs of all-MiniLM-L6-v2, a BERT of 6 layers and 12 heads."""
    return _NAMES


def load(name: str) -> AttentionRecord:
    """Open a sample; needs neither a model nor torch.

    Parameters
    ----------
    name
        One of :func:`names`.

    Raises
    ------
    ValueError
        If there is no sample of that name.
    """
    if name not in _NAMES:
        msg = f"no sample is called {name!r}: there are {', '.join(_NAMES)}"
        raise ValueError(msg)
    with importlib.resources.as_file(importlib.resources.files(__name__) / f"{name}.npz") as path:
        return AttentionRecord.load(path)
