"""Records on disk: a zip of plain arrays and one JSON text, which nothing can execute."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.record.fields import field, fields
from attn_widgets.record.provenance import Provenance
from attn_widgets.record.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.record.record import AttentionRecord

FORMAT = "attn_widgets.record"
VERSION = 1
ARRAYS = ("weights", "q", "k", "scaling", "softcap", "bias")

# With bytes missing, zipfile seeks to places that are not there, or reads other fields as versions.
_DAMAGE = (
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

# A zip entry carries a date; a fixed one makes equal records equal files.
_DATE = (1980, 1, 1, 0, 0, 0)


def write(path: str | os.PathLike[str], record: AttentionRecord) -> None:
    """Write a record; equal records give equal bytes."""
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "kind": record.kind,
        "layers": list(record.layers),
        "heads": list(record.heads),
        "kv_groups": record.kv_groups,
        "sink": record.sink,
        "text": list(record.text),
        "tokens": [token.to_json() for token in record.tokens],
        "key_tokens": (
            None
            if record.key_tokens == record.tokens
            else [token.to_json() for token in record.key_tokens]
        ),
        "provenance": record.provenance.to_json(),
    }
    parts = {"record.json": json.dumps(meta, sort_keys=True).encode()}
    for name in ARRAYS:
        values = getattr(record, name)
        if values is not None:
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, values, allow_pickle=False)
            parts[f"{name}.npy"] = buffer.getvalue()
    target = pathlib.Path(path)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in parts.items():
                entry = zipfile.ZipInfo(name, _DATE)
                file.writestr(entry, content, zipfile.ZIP_DEFLATED)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the parts of a record, as its constructor takes them.

    Raises
    ------
    ValueError
        If the file is not a record, is damaged, or was written by a newer version.
    OSError
        If the file cannot be read.
    """
    name = os.fspath(path)
    content = io.BytesIO(pathlib.Path(path).read_bytes())
    try:
        file = zipfile.ZipFile(content)
    except _DAMAGE as error:
        msg = f"{name} is not a saved AttentionRecord, or is damaged: {error}"
        raise ValueError(msg) from error
    with file:
        if "record.json" not in file.namelist():
            msg = f"{name} is a zip file but not a saved AttentionRecord: no record.json in it"
            raise ValueError(msg)
        with damage_named(name):
            meta = json.loads(file.read("record.json"))
        _check_version(name, meta)
        with damage_named(name):
            return _parts(meta, file)


@contextlib.contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Say of whatever goes wrong in a block that this file is damaged."""
    try:
        yield
    except _DAMAGE as error:
        msg = f"{name} is damaged: {str(error) or type(error).__name__}"
        raise ValueError(msg) from error


def _parts(meta: dict[str, Any], file: zipfile.ZipFile) -> dict[str, Any]:
    names = file.namelist()
    arrays = {p: _array(file.read(f"{p}.npy")) for p in ARRAYS if f"{p}.npy" in names}
    keys = meta["key_tokens"]
    return {
        "tokens": _tokens("tokens", meta["tokens"]),
        "key_tokens": None if keys is None else _tokens("key_tokens", keys),
        "kind": field("kind", meta["kind"], str),
        "layers": fields("layers", meta["layers"], int),
        "heads": fields("heads", meta["heads"], int),
        "kv_groups": field("kv_groups", meta["kv_groups"], int),
        "sink": field("sink", meta["sink"], bool),
        "text": fields("text", meta["text"], str),
        "provenance": Provenance.from_json(field("provenance", meta["provenance"], dict)),
        "weights": arrays.pop("weights"),
        **arrays,
    }


def _tokens(name: str, values: object) -> list[Token]:
    return [Token.from_json(value) for value in fields(name, values, dict)]


def _check_version(name: str, meta: object) -> None:
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        msg = f"{name} is not a saved AttentionRecord: record.json names another format"
        raise ValueError(msg)
    if meta.get("version") != VERSION:
        msg = (
            f"{name} has format version {meta.get('version')!r}, this attn_widgets reads "
            f"{VERSION}: update attn_widgets"
        )
        raise ValueError(msg)


def _array(content: bytes) -> np.ndarray[Any, Any]:
    array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    array.flags.writeable = False
    return array
