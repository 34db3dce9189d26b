"""The viewers that are measured, by name; each is imported only when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.base import Adapter

KNOWN = {
    "explorer": "adapters.explorer:Notebook",
    "explorer_page": "adapters.explorer:SavedPage",
    "bertviz_model": "adapters.bertviz_views:ModelView",
    "bertviz_head": "adapters.bertviz_views:HeadView",
    "inspectus": "adapters.inspectus_charts:Attention",
    "inspectus_grid": "adapters.inspectus_charts:LineGrid",
    "circuitsvis": "adapters.circuitsvis_heads:Heads",
    "floor": "adapters.floor:Canvas",
    "nothing": "adapters.floor:Nothing",
}


def load(name: str) -> Adapter:
    """Make the adapter of a name here, or of a ``module:Class``."""
    module, made = KNOWN.get(name, name).split(":")
    adapter: Adapter = getattr(importlib.import_module(module), made)()
    return adapter
