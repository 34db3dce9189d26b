"""Files of ours: a zip of plain arrays under one JSON text, which nothing can execute."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import pathlib
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# With bytes missing, zipfile seeks to places that are not there, or reads other fields as versions.
_DAMAGE: Final = (
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

# A zip entry carries a date; a fixed one makes equal contents equal files.
_DATE: Final = (1980, 1, 1, 0, 0, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """One kind of file.

    Parameters
    ----------
    name, version
        What its JSON text calls it, and the newest version that is read.
    head
        The name of that text in the file.
    what
        What a reader calls it, with its article.
    """

    name: str
    version: int
    head: str
    what: str

    def pack(
        self,
        out: BinaryIO,
        meta: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray[Any, Any]],
        level: int | None = None,
    ) -> None:
        """Write plain JSON values and arrays; equal contents give equal bytes.

        Parameters
        ----------
        out
            Where to, opened for bytes.
        meta
            Plain JSON values; format and version are added.
        arrays
            Arrays by name.
        level
            How hard to compress, 1 to 9; by default as zlib does.
        """
        whole = {"format": self.name, "version": self.version, **meta}
        text = json.dumps(whole, sort_keys=True, allow_nan=False).encode()
        with zipfile.ZipFile(out, "w") as file:

            def add(name: str, part: bytes) -> None:
                entry = zipfile.ZipInfo(name, _DATE)
                file.writestr(entry, part, zipfile.ZIP_DEFLATED, compresslevel=level)

            add(self.head, text)
            for name, values in arrays.items():
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, values, allow_pickle=False)
                add(f"{name}.npy", buffer.getvalue())

    @contextlib.contextmanager
    def opened(self, content: bytes, name: str) -> Iterator[tuple[Any, zipfile.ZipFile]]:
        """Open what :meth:`pack` wrote, called `name` in errors: its JSON values and the file.

        Whatever goes wrong in the block is said to be damage of the file.

        Raises
        ------
        ValueError
            If it is another kind of file, is damaged, or was written by a newer version.
        """
        try:
            file = zipfile.ZipFile(io.BytesIO(content))
        except _DAMAGE as error:
            msg = f"{name} is not a saved {self.what}, or is damaged: {error}"
            raise ValueError(msg) from error
        with file:
            if self.head not in file.namelist():
                msg = f"{name} is a zip file but not a saved {self.what}: no {self.head} in it"
                raise ValueError(msg)
            with damage_named(name):
                meta = json.loads(file.read(self.head))
            self._check(name, meta)
            with damage_named(name):
                yield meta, file

    def _check(self, name: str, meta: object) -> None:
        if not isinstance(meta, dict) or meta.get("format") != self.name:
            msg = f"{name} is not a saved {self.what}: {self.head} names another format"
            raise ValueError(msg)
        if meta.get("version") != self.version:
            msg = (
                f"{name} has format version {meta.get('version')!r}, this attn_widgets reads "
                f"{self.version}: update attn_widgets"
            )
            raise ValueError(msg)


def put(path: str | os.PathLike[str], write: Callable[[BinaryIO], object]) -> None:
    """Let a function write a file whole, or leave the one that is there as it was."""
    target = pathlib.Path(path)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Say of whatever goes wrong in a block that this file is damaged."""
    try:
        yield
    except _DAMAGE as error:
        msg = f"{name} is damaged: {str(error) or type(error).__name__}"
        raise ValueError(msg) from error
