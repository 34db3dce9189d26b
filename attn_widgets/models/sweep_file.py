"""The file a sweep leaves behind as it goes: one JSON value a line, so that it can go on later."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import torch

from attn_widgets.interventions import SweepRow

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT = 1
_SAMPLES = 64


class SweepFile:
    """Rows of one sweep on disk, each written when it is measured.

    The first line says what is swept; a file of something else is refused. A line that a kill cut
    short is taken off.

    Parameters
    ----------
    path
        Where; a file that is not there is begun.
    head
        What is swept, as JSON values.

    Raises
    ------
    ValueError
        If the file is of another sweep, or damaged; the message says in what.
    """

    def __init__(self, path: str | os.PathLike[str], head: Mapping[str, Any]) -> None:
        self._path = pathlib.Path(path)
        self._head = json.loads(json.dumps({"attn_widgets sweep": _FORMAT, **head}))
        self.rows: dict[tuple[int, str], SweepRow] = {}
        if self._path.exists() and self._path.stat().st_size:
            self._read()
        else:
            self._append(self._head)

    def add(self, row: SweepRow) -> None:
        """Write one row; it is on disk when this returns."""
        self._append(asdict(row))
        self.rows[row.text, row.change] = row

    def _append(self, value: object) -> None:
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(value, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> None:
        whole = self._path.read_bytes()
        ended = whole.rfind(b"\n") + 1
        lines = whole[:ended].split(b"\n")[:-1]
        if not lines:
            msg = f"{self._path} holds no line that is whole: it is not a sweep's, or delete it"
            raise ValueError(msg)
        self._check_head(self._line(1, lines[0]))
        for number, line in enumerate(lines[1:], start=2):
            row = self._row(number, self._line(number, line))
            self.rows[row.text, row.change] = row
        if ended < len(whole):
            with self._path.open("r+b") as file:
                file.truncate(ended)

    def _check_head(self, head: dict[str, Any]) -> None:
        if head == self._head:
            return
        names = [name for name in self._head if head.get(name) != self._head[name]]
        msg = (
            f"{self._path} is of another sweep (other {', '.join(names) or 'parts'}): "
            "give another path, or delete the file to begin anew"
        )
        raise ValueError(msg)

    def _row(self, number: int, values: dict[str, Any]) -> SweepRow:
        numbers = ("density", "kept", "drift", "cosine", "kl")
        text, change = values.get("text"), values.get("change")
        expected = {field.name for field in fields(SweepRow)}
        fits = set(values) == expected and all(
            isinstance(values[name], float) or (values[name] is None and name in {"cosine", "kl"})
            for name in numbers
        )
        if not fits or text not in range(self._head["count"]) or change not in self._names():
            self._refuse(number)
        if (text, change) in self.rows:
            self._refuse(number)
        return SweepRow(**values)

    def _names(self) -> list[str]:
        return [one["name"] for one in self._head["changes"]]

    def _line(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            self._refuse(number)
        return dict(value)

    def _refuse(self, number: int) -> None:
        msg = (
            f"line {number} of {self._path} is not what a sweep writes there: "
            "delete that line, or the file, and run the sweep again"
        )
        raise ValueError(msg)


def fingerprint(model: torch.nn.Module) -> str:
    """Give a number that changes when a model's weights do: SHA-256 over a sample of each.

    Training moves nearly every weight, so 64 numbers of each parameter tell two checkpoints apart.
    """
    digest = hashlib.sha256()
    for name, weight in model.named_parameters():
        flat = weight.detach().reshape(-1)
        step = max(len(flat) // _SAMPLES, 1)
        sample = flat[::step][:_SAMPLES].to("cpu", torch.float32).numpy()
        digest.update(f"{name} {tuple(weight.shape)} ".encode())
        digest.update(sample.tobytes())
    return digest.hexdigest()


def head(
    model: torch.nn.Module, name: str, texts: tuple[tuple[str, ...], ...], **more: object
) -> dict[str, Any]:
    """Say what is swept: the model, the texts by their digest, and what else is given."""
    written = json.dumps(texts, ensure_ascii=False).encode("utf-8")
    return {
        "model": name,
        "weights": fingerprint(model),
        "texts": hashlib.sha256(written).hexdigest(),
        "count": len(texts),
        **more,
    }
