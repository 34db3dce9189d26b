"""Gates and unfinished trainings on disk: a zip of plain arrays and one JSON text."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pathlib
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
_HEAD = "about.json"
_DATE = (1980, 1, 1, 0, 0, 0)  # a zip entry carries a date; a fixed one makes equal files
_MOST = 2**30  # bytes of one array: more is no gate


def write(
    path: str | os.PathLike[str],
    form: str,
    about: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
) -> None:
    """Write arrays and what they are about, all or nothing; equal contents give equal bytes.

    Parameters
    ----------
    form
        What kind of file it is.
    about
        Plain JSON values.
    arrays
        Numbers by name, in half or single precision; those that half precision holds exactly are
        stored in it.
    """
    parts: dict[str, bytes] = {}
    for name, values in sorted(arrays.items()):
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, _smallest(values), allow_pickle=False)
        parts[f"{name}.npy"] = buffer.getvalue()
    head = {"form": form, "version": VERSION, "about": about, "sha256": _digest(parts)}
    text = json.dumps(head, sort_keys=True, ensure_ascii=False, allow_nan=False)
    target = pathlib.Path(path)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(unfinished, "w") as file:
            for name, content in {_HEAD: text.encode(), **parts}.items():
                file.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def read(
    path: str | os.PathLike[str], form: str
) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Read what `write` wrote, the numbers in single precision.

    Raises
    ------
    ValueError
        If the file is of another kind, was written by a newer version, or is damaged.
    """
    name = os.fspath(path)
    try:
        with zipfile.ZipFile(path) as file:
            if _HEAD not in file.namelist():
                msg = f"{name} is a zip file but not a {form} of attn_widgets: no {_HEAD} in it"
                raise ValueError(msg)
            head = json.loads(file.read(_HEAD))
            _check_head(name, form, head)
            entries = [entry for entry in file.infolist() if entry.filename != _HEAD]
            if any(entry.file_size > _MOST for entry in entries):
                msg = f"{name} holds more than a {form} does: it is not read"
                raise ValueError(msg)
            parts = {entry.filename: file.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, RecursionError) as error:
        msg = f"{name} is not a {form} of attn_widgets, or is damaged: {error}"
        raise ValueError(msg) from error
    except json.JSONDecodeError as error:
        msg = f"{name} is damaged: {_HEAD} is not JSON ({error})"
        raise ValueError(msg) from error
    if head.get("sha256") != _digest(parts):
        msg = f"{name} is damaged: its numbers are not those that were saved"
        raise ValueError(msg)
    try:
        arrays = {part.removesuffix(".npy"): _array(content) for part, content in parts.items()}
    except ValueError as error:
        msg = f"{name} is damaged: it holds what is no plain array of numbers ({error})"
        raise ValueError(msg) from error
    return head["about"], arrays


def _array(content: bytes) -> np.ndarray[Any, Any]:
    array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if array.dtype.kind != "f":
        msg = f"an array of {array.dtype}"
        raise ValueError(msg)
    return array.astype(np.float32)


def _smallest(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    return np.ascontiguousarray(half if np.array_equal(half, values) else values)


def _check_head(name: str, form: str, head: object) -> None:
    if not isinstance(head, dict) or head.get("form") != form:
        given = head.get("form") if isinstance(head, dict) else head
        msg = f"{name} is not a {form} of attn_widgets but {given!r:.60}"
        raise ValueError(msg)
    if head.get("version") != VERSION:
        msg = (
            f"{name} has format version {head.get('version')!r:.20}, this attn_widgets reads "
            f"{VERSION}: update attn_widgets"
        )
        raise ValueError(msg)
    if not isinstance(head.get("about"), dict):
        msg = f"{name} is damaged: it does not say what its numbers are about"
        raise ValueError(msg)  # noqa: TRY004 - a file's contents, not an argument


def _digest(parts: Mapping[str, bytes]) -> str:
    seen = hashlib.sha256()
    for name in sorted(parts):
        seen.update(f"{name}:{len(parts[name])}:".encode())
        seen.update(parts[name])
    return seen.hexdigest()
