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


def png(pixels: NDArray[np.uint8], text: Mapping[str, str] | None = None) -> bytes:
    """Write an image, shape ``(height, width, 3)`` sRGB, as a PNG file.

    Parameters
    ----------
    pixels
        The picture.
    text
        Notes to store with it (PNG specification, iTXt), for example where the numbers come from.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row opens with filter type 0
    rows[:, 1:] = pixels.reshape(height, -1)
    notes = [
        _chunk(b"iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + whole(value).encode())
        for key, value in (text or {}).items()
    ]
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            *notes,
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
