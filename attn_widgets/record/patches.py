"""The picture that patch tokens were cut from, small enough to travel with a record."""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attn_widgets.record.checks import as_array

Pixels = NDArray[np.uint8]

THUMBNAIL: Final = 16
"""Pixels along the longer side of a patch, at most."""

_CHANNELS = 3
_SLACK = 1e-3


class Patches:
    """The patches among a record's keys, and what they show: an immutable value.

    Patches come row by row; the first is the key at position `first`, and the last the last key.

    Parameters
    ----------
    rows, columns
        Patches down and across.
    first
        Positions before the patches: [CLS], registers.
    pixels
        ``(rows * height, columns * width, 3)``, uint8, red, green and blue; `height` and `width` of
        one patch from 1 to :data:`THUMBNAIL`.

    Raises
    ------
    ValueError
        If the pixels do not make up the patches; the message names the shape expected.
    """

    __slots__ = ("columns", "first", "pixels", "rows")

    rows: int
    columns: int
    first: int
    pixels: Pixels

    def __init__(self, *, rows: int, columns: int, first: int, pixels: Pixels) -> None:
        if min(rows, columns) < 1 or first < 0:
            msg = (
                f"{rows} x {columns} patches from position {first}: expected at least "
                "1 x 1, from position 0 on"
            )
            raise ValueError(msg)
        given = np.asarray(pixels)
        height, width = (
            (given.shape[0] // rows, given.shape[1] // columns)
            if given.ndim == _CHANNELS
            else (0, 0)
        )
        fits = given.shape == (rows * height, columns * width, _CHANNELS)
        small = min(height, width) >= 1 and max(height, width) <= THUMBNAIL
        if not (fits and small and given.dtype == np.uint8):
            msg = (
                f"pixels have shape {given.shape} and dtype {given.dtype} for {rows} x {columns} "
                f"patches: expected uint8 of shape ({rows} * height, {columns} * width, 3), "
                f"height and width from 1 to {THUMBNAIL}; Patches.of(image, ...) makes them"
            )
            raise ValueError(msg)
        if given.flags.writeable:
            given = given.copy()
            given.flags.writeable = False
        for name, value in (
            ("rows", int(rows)),
            ("columns", int(columns)),
            ("first", int(first)),
            ("pixels", given),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, image: object, *, rows: int, columns: int, first: int) -> Patches:
        """Make patches of an image, each the mean of its pixels over :data:`THUMBNAIL` at most.

        Parameters
        ----------
        image
            A picture of PIL, or an array or tensor ``(height, width, 3)``, ``(3, height, width)``
            or ``(height, width)``; uint8, or floats from 0 to 1.
        rows, columns, first
            As for the class.

        Raises
        ------
        ValueError
            If the image has other axes or values, or fewer pixels than patches.
        TypeError
            If it is only the name of one.
        """
        seen = _read(image)
        height, width = seen.shape[0] / rows, seen.shape[1] / columns
        if min(height, width) < 1:
            msg = (
                f"image of {seen.shape[0]} x {seen.shape[1]} pixels for {rows} x {columns} "
                "patches: expected at least one pixel for each"
            )
            raise ValueError(msg)
        shrunk = min(1.0, THUMBNAIL / max(height, width))
        tall, wide = (max(1, int(side * shrunk + _SLACK)) for side in (height, width))
        pixels = resized(seen, rows * tall, columns * wide)
        return cls(rows=rows, columns=columns, first=first, pixels=pixels)

    @property
    def size(self) -> tuple[int, int]:
        """Give the height and width of one patch, in pixels."""
        return self.pixels.shape[0] // self.rows, self.pixels.shape[1] // self.columns

    @property
    def thumbnails(self) -> Pixels:
        """Give each patch by itself, in order, shape ``(patches, height, width, 3)``."""
        height, width = self.size
        cut = self.pixels.reshape(self.rows, height, self.columns, width, _CHANNELS)
        return cut.swapaxes(1, 2).reshape(-1, height, width, _CHANNELS)

    def within(self, budget: int) -> Patches:
        """Give the same patches in so many bytes at most, or of one pixel each."""
        height, width = self.size
        shrunk = min(1.0, (budget / self.pixels.nbytes) ** 0.5)
        if shrunk == 1:
            return self
        tall, wide = (max(1, int(side * shrunk)) for side in (height, width))
        pixels = resized(self.pixels, self.rows * tall, self.columns * wide)
        return Patches(rows=self.rows, columns=self.columns, first=self.first, pixels=pixels)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a value does not change."""
        msg = f"patches are immutable: cannot set {name!r}"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> None:
        """Refuse: a value does not change."""
        msg = f"patches are immutable: cannot delete {name!r}"
        raise AttributeError(msg)

    def __eq__(self, other: object) -> bool:
        """Two are equal if they lie alike and show the same, pixel for pixel."""
        if not isinstance(other, Patches):
            return NotImplemented
        return (self.rows, self.columns, self.first) == (
            other.rows,
            other.columns,
            other.first,
        ) and np.array_equal(self.pixels, other.pixels)

    def __hash__(self) -> int:
        """Hash the patches and pixels."""
        return hash((self.rows, self.columns, self.first, self.pixels.tobytes()))

    def __repr__(self) -> str:
        """Say how many patches there are, and where."""
        height, width = self.size
        return f"Patches({self.rows} x {self.columns} of {height} x {width} pixels)"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle through the constructor, which checks again."""
        return _rebuild, ({name: getattr(self, name) for name in self.__slots__},)


def _rebuild(parts: dict[str, Any]) -> Patches:
    return Patches(**parts)


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """Give a picture in another size, each pixel the mean of the area that it covers."""
    rows, columns = _areas(pixels.shape[0], height), _areas(pixels.shape[1], width)
    mean = np.einsum("yi,ijc,xj->yxc", rows, pixels.astype(np.float64), columns, optimize=True)
    made: Pixels = np.rint(mean).astype(np.uint8)
    return made


def _areas(given: int, wanted: int) -> NDArray[np.float64]:
    """Say how much of each new pixel each old one covers, ``(wanted, given)``; rows sum to 1."""
    edges = np.arange(wanted + 1) * (given / wanted)
    old = np.arange(given)
    over = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    shares: NDArray[np.float64] = np.clip(over, 0, None) / (given / wanted)
    return shares


def _read(image: object) -> Pixels:
    """Read an image as uint8 of shape ``(height, width, 3)``."""
    if isinstance(image, str | os.PathLike):
        msg = f"image is a name, {os.fspath(image)[:60]!r}: open it, as PIL.Image.open(...) does"
        raise TypeError(msg)
    convert = getattr(image, "convert", None)
    values = as_array(image if convert is None else convert("RGB"))
    if values.ndim == 2:  # noqa: PLR2004 - height, width
        values = np.stack([values] * _CHANNELS, axis=-1)
    elif values.ndim == _CHANNELS and values.shape[-1] != _CHANNELS == values.shape[0]:
        values = np.moveaxis(values, 0, -1)
    if values.ndim != _CHANNELS or values.shape[-1] != _CHANNELS or 0 in values.shape:
        msg = (
            f"image has shape {values.shape}: expected (height, width, 3), (3, height, width) or "
            "(height, width)" + _mend(values.shape)
        )
        raise ValueError(msg)
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind != "f":
        msg = (
            f"image holds {values.dtype}: expected uint8 or floats from 0 to 1; whole numbers from "
            "0 to 255 become image.astype('uint8')"
        )
        raise ValueError(msg)
    least, most = float(values.min()), float(values.max())
    if not (least >= -_SLACK and most <= 1 + _SLACK):
        msg = (
            f"image holds floats from {least:.3g} to {most:.3g}: expected 0 to 1 (or uint8); of "
            "what a processor has normalised give the picture before, or undo it: image * "
            "processor.image_std + processor.image_mean, per channel; of 0 to 255 give image / 255"
        )
        raise ValueError(msg)
    return np.rint(np.clip(values.astype(np.float64), 0, 1) * 255).astype(np.uint8)


def _mend(shape: tuple[int, ...]) -> str:
    if len(shape) == 4:  # noqa: PLR2004 - a batch in front
        return f"; of a batch of {shape[0]} give one, image[0]"
    if len(shape) == _CHANNELS and _CHANNELS + 1 in (shape[0], shape[-1]):
        return "; leave the fourth channel, opacity, out"
    return ""
