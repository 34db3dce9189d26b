"""PNG files from pixels, with nothing but zlib."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.record import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_COLORS = 256


def png(
    pixels: NDArray[np.uint8], text: Mapping[str, str] | None = None, *, indexed: bool = False
) -> bytes:
    """Write an image, shape ``(height, width, 3)`` sRGB, as a PNG file.

    Parameters
    ----------
    pixels
        The picture.
    text
        Notes to store with it (PNG specification, iTXt), for example where the numbers come from.
    indexed
        Whether to write a byte per pixel where there are no more than 256 colours.
    """
    height, width, _ = pixels.shape
    palette, places = _indexed(pixels) if indexed else (None, pixels)
    rows = np.zeros((height, 1 + places.size // height), np.uint8)  # each row opens with filter 0
    rows[:, 1:] = places.reshape(height, -1)
    notes = [
        _chunk(b"iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + whole(value).encode())
        for key, value in (text or {}).items()
    ]
    kind = 2 if palette is None else 3
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
            *notes,
            b"" if palette is None else _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _indexed(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8] | None, NDArray[np.uint8]]:
    """Give the colours and each pixel's place among them; no colours where they are too many."""
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colors, places = np.unique(packed, return_inverse=True)
    if len(colors) > _COLORS:
        return None, pixels
    palette = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1).astype(np.uint8)
    return palette, places.reshape(packed.shape).astype(np.uint8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
