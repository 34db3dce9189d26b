"""Records on disk: a zip of plain arrays and one JSON text, which nothing can execute."""

from __future__ import annotations

import io
import os
import pathlib
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.record.archive import Form, put
from attn_widgets.record.fields import field, fields
from attn_widgets.record.patches import Patches
from attn_widgets.record.provenance import Provenance
from attn_widgets.record.tokens import Token

if TYPE_CHECKING:
    import zipfile

    from attn_widgets.record.record import AttentionRecord

FORM = Form("attn_widgets.record", 1, "record.json", "AttentionRecord")
ARRAYS = ("weights", "q", "k", "scaling", "softcap", "bias")
PLACE = ("rows", "columns", "first")


def write(path: str | os.PathLike[str], record: AttentionRecord) -> None:
    """Write a record; equal records give equal bytes."""
    meta = {
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
    arrays = {name: values for name in ARRAYS if (values := getattr(record, name)) is not None}
    if record.patches is not None:
        meta["patches"] = {name: getattr(record.patches, name) for name in PLACE}
        arrays["pixels"] = record.patches.pixels
    put(path, lambda out: FORM.pack(out, meta, arrays))


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the parts of a record, as its constructor takes them.

    Raises
    ------
    ValueError
        If the file is not a record, is damaged, or was written by a newer version.
    OSError
        If the file cannot be read.
    """
    with FORM.opened(pathlib.Path(path).read_bytes(), os.fspath(path)) as (meta, file):
        return _parts(meta, file)


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
        "patches": _patches(meta.get("patches"), file),
        "weights": arrays.pop("weights"),
        **arrays,
    }


def _patches(value: object, file: zipfile.ZipFile) -> Patches | None:
    if value is None:
        return None
    place = field("patches", value, dict)
    rows, columns, first = (field(f"patches {name}", place[name], int) for name in PLACE)
    pixels = _array(file.read("pixels.npy"))
    return Patches(rows=rows, columns=columns, first=first, pixels=pixels)


def _tokens(name: str, values: object) -> list[Token]:
    return [Token.from_json(value) for value in fields(name, values, dict)]


def _array(content: bytes) -> np.ndarray[Any, Any]:
    array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    array.flags.writeable = False
    return array
