"""Profiles on disk: a zip of plain arrays and one JSON text, which nothing can execute."""

from __future__ import annotations

import dataclasses
import io
import itertools
import os
import pathlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from attn_widgets.analysis.profile_bins import LengthBin
from attn_widgets.analysis.profile_failures import Failure, Failures
from attn_widgets.analysis.profile_metrics import METRICS, TARGETS
from attn_widgets.analysis.profile_tally import BUCKETS, Tally
from attn_widgets.record.archive import Form, put
from attn_widgets.record.fields import field, fields

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable, Mapping

    from attn_widgets.analysis.profile import Profile

FORM: Final = Form("attn_widgets.profile", 1, "profile.json", "Profile")

_ARRAYS = ("total", "high", "low", "least", "most", "buckets")


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far into a stream of texts a profile goes.

    Parameters
    ----------
    consumed
        Texts that it holds, failed ones included.
    digest
        SHA-256 of those texts, in order.
    """

    consumed: int
    digest: str


def write(path: str | os.PathLike[str], profile: Profile, progress: Progress | None = None) -> None:
    """Write a profile whole, or leave the file as it was."""
    content = dump(profile, progress)
    put(path, lambda out: out.write(content))


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Progress | None]:
    """Read the parts of a profile, and how far it goes where it says so.

    Raises
    ------
    ValueError
        If the file is no profile, is damaged, or was written by a newer version.
    OSError
        If it cannot be read.
    """
    return parse(pathlib.Path(path).read_bytes(), os.fspath(path))


def dump(profile: Profile, progress: Progress | None = None) -> bytes:
    """Give what :func:`write` writes."""
    meta = {
        "about": dict(profile.about),
        "layers": profile.layers,
        "heads": profile.heads,
        "edges": list(profile.edges),
        "cut": profile.cut,
        "lost": profile.lost,
        "bins": [_bin_to_json(one) for one in profile.bins],
        "failed": dict(profile.failures.by_error),
        "failures": [dataclasses.asdict(one) for one in profile.failures.first],
        "progress": None if progress is None else dataclasses.asdict(progress),
    }
    tallies = [one.tallies[name] for one in profile.bins for name in sorted(one.tallies)]
    names = _ARRAYS if tallies else ()
    arrays = {name: np.stack([getattr(tally, name) for tally in tallies]) for name in names}
    content = io.BytesIO()
    FORM.pack(content, meta, arrays, level=1)
    return content.getvalue()


def parse(content: bytes, name: str) -> tuple[dict[str, Any], Progress | None]:
    """Read what :func:`dump` gave, called `name` in errors; see :func:`read`."""
    with FORM.opened(content, name) as (meta, file):
        return _parts(meta, file), _progress(meta["progress"])


def _bin_to_json(one: LengthBin) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "texts": one.texts,
        "tokens": one.tokens,
        "uniform": dict(one.uniform),
        "counts": {name: tally.count for name, tally in one.tallies.items()},
    }


def _parts(meta: Mapping[str, Any], file: zipfile.ZipFile) -> dict[str, Any]:
    shape = _whole("layers", meta["layers"]), _whole("heads", meta["heads"])
    counts = [_counts(one["counts"], METRICS) for one in meta["bins"]]
    number = sum(map(len, counts))
    arrays = [_array(file, name, number, shape) for name in _ARRAYS] if number else []
    tallies = iter(zip(*arrays, strict=True))
    bins = [
        _bin(one, own, itertools.islice(tallies, len(own)))
        for one, own in zip(meta["bins"], counts, strict=True)
    ]
    failed = sorted(_counts(meta["failed"]).items())
    first = tuple(Failure(**one) for one in fields("failures", meta["failures"], dict))
    return {
        "about": field("about", meta["about"], dict),
        "layers": shape[0],
        "heads": shape[1],
        "edges": tuple(fields("edges", meta["edges"], int)),
        "bins": tuple(bins),
        "cut": _whole("cut", meta["cut"]),
        "lost": _whole("lost", meta["lost"]),
        "failures": Failures(tuple(failed), first),
    }


def _bin(
    one: Mapping[str, Any], counts: Mapping[str, int], arrays: Iterable[tuple[Any, ...]]
) -> LengthBin:
    tallies = {
        name: Tally(counts[name], *own) for name, own in zip(sorted(counts), arrays, strict=True)
    }
    return LengthBin(
        start=_whole("start", one["start"]),
        end=None if one["end"] is None else _whole("end", one["end"]),
        texts=_whole("texts", one["texts"]),
        tokens=_whole("tokens", one["tokens"]),
        uniform=_counts(one["uniform"], TARGETS),
        tallies=tallies,
    )


def _progress(value: Mapping[str, Any] | None) -> Progress | None:
    if value is None:
        return None
    digest = field("digest", value["digest"], str)
    return Progress(_whole("consumed", value["consumed"]), digest)


def _array(file: zipfile.ZipFile, name: str, number: int, shape: tuple[int, int]) -> Any:  # noqa: ANN401 - checked below
    expected = (number, BUCKETS, *shape) if name == "buckets" else (number, *shape)
    content = io.BytesIO(file.read(f"{name}.npy"))
    array = np.lib.format.read_array(content, allow_pickle=False)
    if array.shape != expected or array.dtype != np.int64:
        msg = f"{name} is {array.dtype} of shape {array.shape}: expected int64 of {expected}"
        raise ValueError(msg)
    return array


def _counts(value: object, known: tuple[str, ...] | None = None) -> dict[str, int]:
    counts = {name: _whole(name, count) for name, count in field("counts", value, dict).items()}
    unknown = set(counts) - set(counts if known is None else known)
    if unknown:
        msg = f"unknown names {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    return counts


def _whole(name: str, value: object) -> int:
    number = field(name, value, int)
    if number < 0:
        msg = f"{name} is {number}: expected 0 or more"
        raise ValueError(msg)
    return number
