"""Pictures and pages that need no kernel and no network."""

from attn_widgets.export.figure import Figure
from attn_widgets.export.grid_picture import draw_grid
from attn_widgets.export.layout import lay_out
from attn_widgets.export.page import page
from attn_widgets.export.png import png
from attn_widgets.export.raster import rasterised
from attn_widgets.export.svg import svg

__all__ = ["Figure", "draw_grid", "lay_out", "page", "png", "rasterised", "svg"]
