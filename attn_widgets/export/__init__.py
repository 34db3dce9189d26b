"""Pictures and pages that need no kernel and no network."""

from attn_widgets.export.grid_picture import draw_grid
from attn_widgets.export.page import page
from attn_widgets.export.png import png

__all__ = ["draw_grid", "page", "png"]
