"""A figure as an SVG text that stands alone: labels as letters, pictures in full resolution."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from attn_widgets.export.figure import Box, Label, Picture
from attn_widgets.export.png import png
from attn_widgets.record import whole

if TYPE_CHECKING:
    from attn_widgets.export.colors import Rgb
    from attn_widgets.export.figure import Figure

FONTS = (
    "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic UI', "
    "sans-serif"
)
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MIDDLE = 0.35
"""How far below its middle a line of letters stands, in parts of their size."""


def escaped(text: str) -> str:
    """Write any text as the content or the attribute of an XML element (XML 1.0, 2.2)."""
    text = _NO_XML.sub("\ufffd", whole(text))
    for sign, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#39")):
        text = text.replace(sign, f"&{name};")
    return text


def svg(figure: Figure) -> str:
    """Write a figure.

    Its title and description are for readers who cannot see it; ``metadata`` holds where it comes
    from, as JSON in ASCII.
    """
    size = f'width="{figure.width}" height="{figure.height}"'
    drawn = "\n".join(map(_item, figure.items))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {figure.width} {figure.height}" xml:lang="{escaped(figure.lang)}" '
        f'role="img" aria-labelledby="attnw-title attnw-about" font-family="{FONTS}">\n'
        f'<title id="attnw-title">{escaped(figure.title)}</title>\n'
        f'<desc id="attnw-about">{escaped(figure.about)}</desc>\n'
        f"<metadata>{escaped(json.dumps(figure.data))}</metadata>\n"
        f'<rect width="100%" height="100%" fill="{_color(figure.paper)}"/>\n{drawn}\n</svg>\n'
    )


def _item(item: Picture | Box | Label) -> str:
    if isinstance(item, Label):
        return _label(item)
    at = f'x="{_n(item.x)}" y="{_n(item.y)}" width="{_n(item.width)}" height="{_n(item.height)}"'
    if isinstance(item, Picture):
        data = base64.b64encode(png(item.draw(*item.full), indexed=True)).decode("ascii")
        return (
            f'<image {at} preserveAspectRatio="none" style="image-rendering:pixelated" '
            f'href="data:image/png;base64,{data}"/>'
        )
    fill = "none" if item.fill is None else _color(item.fill)
    frame = (
        ""
        if item.frame is None
        else f' stroke="{_color(item.frame)}" stroke-width="{_n(item.thick)}"'
    )
    return f'<rect {at} fill="{fill}"{frame}/>'


def _label(label: Label) -> str:
    turn = f" rotate({_n(label.turn)})" if label.turn else ""
    anchor = "" if label.anchor == "start" else f' text-anchor="{label.anchor}"'
    bold = ' font-weight="600"' if label.bold else ""
    return (
        f'<text transform="translate({_n(label.x)} {_n(label.y)}){turn}" '
        f'y="{_n(_MIDDLE * label.size)}" font-size="{_n(label.size)}"{anchor}{bold} '
        f'fill="{_color(label.color)}">{escaped(label.text)}</text>'
    )


def _color(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
