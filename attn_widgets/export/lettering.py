"""Letters in a PNG: drawn by Pillow with the fonts at hand, where Pillow is installed."""

from __future__ import annotations

import functools
import math
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageFont import FreeTypeFont

    from attn_widgets.export.figure import Label

_PLAIN = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "segoeui.ttf", "Helvetica.ttc")
_BOLD = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "Arial Bold.ttf", "segoeuib.ttf")
_WIDER = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKjp-Regular.otf",
    "NotoSansJP-Regular.otf",
    "ヒラギノ角ゴシック W3.ttc",
    "YuGothM.ttc",
    "msgothic.ttc",
    "ipaexg.ttf",
    "Arial Unicode.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansThai-Regular.ttf",
)
_NO_LETTER = "\U0010fffe"
_PLACED = {"Mn", "Mc", "Me", "Cf"}


class Pen:
    """Writes labels where a font has all their letters."""

    def __init__(self) -> None:
        from PIL import features  # noqa: PLC0415 - an extra

        self._lays_out = bool(features.check("raqm"))

    def write(self, pixels: NDArray[np.uint8], label: Label, scale: float) -> bool:
        """Write a label over pixels, ``(height, width, 3)``; False where it cannot be."""
        from PIL import Image, ImageDraw  # noqa: PLC0415 - an extra

        text = label.text.strip("\u2068\u2069")
        if not self._lays_out and any(map(_placed, text)):
            return False
        font = self._font(text, round(label.size * scale), label.bold)
        if font is None:
            return False
        length, line = math.ceil(font.getlength(text)) + 2, round(label.size * scale * 1.5)
        mask = Image.new("L", (length, line))
        ImageDraw.Draw(mask).text((1, line / 2), text, fill=255, font=font, anchor="lm")
        along = {"start": 0, "middle": length / 2, "end": length}[label.anchor]
        turned = mask.rotate(-label.turn, expand=True, resample=Image.Resampling.BICUBIC)
        angle = math.radians(label.turn)
        away = length / 2 - along
        middle = label.x * scale + away * math.cos(angle), label.y * scale + away * math.sin(angle)
        left, top = (round(at - edge / 2) for at, edge in zip(middle, turned.size, strict=True))
        _blend(pixels, np.asarray(turned), left, top, label.color)
        return True

    @staticmethod
    def _font(text: str, size: int, bold: bool) -> FreeTypeFont | None:  # noqa: FBT001 - a flag
        names = (*(_BOLD if bold else ()), *_PLAIN, "", *_WIDER)
        for name in names:
            font = _open(name, size)
            if font is not None and all(_has(name, c) for c in set(text)):
                return font
        return None


@functools.cache
def pen() -> Pen | None:
    """Give a pen; None where Pillow is not installed."""
    try:
        return Pen()
    except ImportError:
        return None


@functools.cache
def _open(name: str, size: int) -> FreeTypeFont | None:
    """Open a font of the system's, or with no name the one that Pillow brings along."""
    from PIL import ImageFont  # noqa: PLC0415 - an extra

    try:
        font = ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    except OSError:
        return None
    return font if isinstance(font, ImageFont.FreeTypeFont) else None


@functools.cache
def _has(name: str, letter: str) -> bool:
    """Say whether a font draws a letter, and not the box that stands for one it has not."""
    font = _open(name, 16)
    if font is None:
        return False
    if letter.isspace() or unicodedata.category(letter) == "Cf":
        return True
    drawn, none = (font.getmask(c) for c in (letter, _NO_LETTER))
    return drawn.size != none.size or bytes(drawn) != bytes(none)


def _placed(letter: str) -> bool:
    """Say whether a letter stands where others decide."""
    turned = unicodedata.bidirectional(letter) in {"R", "AL"}
    return turned or unicodedata.category(letter) in _PLACED


def _blend(
    pixels: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    left: int,
    top: int,
    color: tuple[int, int, int],
) -> None:
    height, width = mask.shape
    y0, x0 = max(0, top), max(0, left)
    y1, x1 = min(pixels.shape[0], top + height), min(pixels.shape[1], left + width)
    if y0 >= y1 or x0 >= x1:
        return
    share = mask[y0 - top : y1 - top, x0 - left : x1 - left, None] / 255
    below = pixels[y0:y1, x0:x1]
    pixels[y0:y1, x0:x1] = np.floor(below * (1 - share) + np.array(color) * share + 0.5)
