"""What a picture's numbers come from, in one line."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attn_widgets.record import Provenance


def origin(source: Provenance) -> str:
    """Name the model, its number format, and the versions; what is not known is left out."""
    versions = {**source.versions, "attn_widgets": version()}
    parts = [
        source.model,
        source.family if source.family != source.model else "",
        source.revision or "",
        source.dtype,
        ", ".join(f"{name} {number}" for name, number in versions.items()),
    ]
    return " · ".join(part for part in parts if part)


def version() -> str:
    """Give the version of this library."""
    return importlib.metadata.version("attn_widgets")
