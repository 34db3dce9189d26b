"""What is healthy for one model: a small file to compare later diagnoses with."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.diagnosis.regions import Layers
    from attn_widgets.analysis.heads import Floats64

MEASURES: Final = ("special", "special_excess", "message_share", "context")
"""What a profile holds, of `Numbers`: means over heads, per layer."""

_FORMAT: Final = "attn_widgets healthy profile"
_VERSION: Final = 1
_LOW, _HIGH = 0.05, 0.95
_ROUNDING: Final = 1e-9


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """Where nine texts in ten lie, per layer: the 5th, 50th and 95th percentile over texts."""

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, by_text: Floats64) -> Self:
        """Take the percentiles of values ``(texts, layers)``."""
        low, middle, high = np.quantile(by_text, [_LOW, 0.5, _HIGH], axis=0).tolist()
        return cls(tuple(low), tuple(middle), tuple(high))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HealthyProfile:
    """What a model measured on texts while it was well.

    Make one with :meth:`Diagnosis.as_profile`. That the model was well is the maker's word.

    Parameters
    ----------
    model, kind, layers
        Of the records.
    texts
        How many.
    lengths
        The least, mean and largest number of tokens.
    fingerprint
        Tells whether later texts are the same ones.
    ranges
        Measure to its range; what was not measured is left out.
    similarity, pooling
        Mean cosine between vectors of different texts, and how these were made; None if the output
        test was not made.
    """

    model: str
    kind: str
    layers: Layers
    texts: int
    lengths: tuple[int, float, int]
    fingerprint: str
    ranges: Mapping[str, Range]
    similarity: float | None = None
    pooling: str | None = None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a small JSON file."""
        values = {"format": _FORMAT, "version": _VERSION, **dataclasses.asdict(self)}
        whole = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False)
        pathlib.Path(path).write_text(whole + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> HealthyProfile:
        """Read what :meth:`save` wrote.

        Raises
        ------
        ValueError
            If the file is no profile, is damaged, or of a newer version.
        OSError
            If it cannot be read.
        """
        try:
            values = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
            return _read(values)
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{path} holds no healthy profile that can be read: {error}"
            raise ValueError(msg) from error

    def __repr__(self) -> str:
        """Say of which model and texts."""
        least, mean, most = self.lengths
        return (
            f"HealthyProfile({self.model or 'a model'}, {self.texts} texts of {least} to {most} "
            f"tokens, mean {mean:.1f}: {', '.join(self.ranges)})"
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a diagnosis stands to a healthy profile.

    Parameters
    ----------
    profile
        What was compared with.
    above, below
        Measure to the layers whose mean lies above, below the healthy range of single texts.
    same_texts
        Whether the texts are known to be the same.
    like_lengths
        Whether mean lengths are close enough for shares to be compared.
    same_model
        Whether the records name the same model.
    """

    profile: HealthyProfile
    above: Mapping[str, Layers]
    below: Mapping[str, Layers]
    same_texts: bool
    like_lengths: bool
    same_model: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return dataclasses.asdict(self)


def compare(
    profile: HealthyProfile,
    now: Mapping[str, Floats64],
    *,
    layers: Layers,
    model: str,
    length: float,
    like_length: float,
    same_texts: bool,
) -> Comparison:
    """Compare means per layer with the healthy ranges.

    Parameters
    ----------
    profile
        The healthy ranges.
    now
        Measure to its mean, shape ``(layers,)``.
    layers, model
        Of the records.
    length
        Mean number of tokens.
    like_length
        Up to which ratio mean lengths count as alike.
    same_texts
        Whether the texts are known to be the same.

    Raises
    ------
    ValueError
        If the profile is of other layers.
    """
    if profile.layers != layers:
        msg = (
            f"the healthy profile is of layers {list(profile.layers)}, the records of "
            f"{list(layers)}: make a profile of the same model"
        )
        raise ValueError(msg)
    shared = [name for name in MEASURES if name in profile.ranges and name in now]
    ratio = max(length, profile.lengths[1]) / min(length, profile.lengths[1])
    return Comparison(
        profile=profile,
        above={
            name: _where(now[name] > np.add(profile.ranges[name].high, _ROUNDING), layers)
            for name in shared
        },
        below={
            name: _where(now[name] < np.subtract(profile.ranges[name].low, _ROUNDING), layers)
            for name in shared
        },
        same_texts=same_texts,
        like_lengths=ratio <= like_length,
        same_model=model == profile.model,
    )


def fingerprint(words: Sequence[tuple[str, ...]]) -> str:
    """Give a short name of a set of different texts, whatever their order."""
    lines = sorted({json.dumps(text) for text in words})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _where(there: NDArray[np.bool_], layers: Layers) -> Layers:
    return tuple(layer for layer, own in zip(layers, there.tolist(), strict=True) if own)


def _read(values: Any) -> HealthyProfile:  # noqa: ANN401 - whatever a file holds
    if not isinstance(values, dict) or values.pop("format", None) != _FORMAT:
        msg = "it is not marked as one"
        raise ValueError(msg)
    version = values.pop("version", None)
    if version != _VERSION:
        msg = f"its version is {version!r}, and this release reads {_VERSION}"
        raise ValueError(msg)
    layers = tuple(int(layer) for layer in values.pop("layers"))
    least, mean, most = values.pop("lengths")
    given = values.pop("ranges")
    if not isinstance(given, dict):
        msg = f"ranges are {given!r:.60}"
        raise TypeError(msg)
    ranges = {
        name: Range(*(_line(parts[part], len(layers)) for part in ("low", "middle", "high")))
        for name, parts in given.items()
        if name in MEASURES
    }
    similarity = values.pop("similarity")
    made = HealthyProfile(
        layers=layers,
        lengths=(int(least), float(mean), int(most)),
        ranges=ranges,
        similarity=None if similarity is None else float(similarity),
        **values,
    )
    named = (made.model, made.kind, made.fingerprint, made.pooling or "")
    if not layers or not all(isinstance(one, str) for one in named) or made.lengths[1] < 1:
        msg = "a part of it is missing or of another type"
        raise ValueError(msg)
    return made


def _line(values: Any, count: int) -> tuple[float, ...]:  # noqa: ANN401 - whatever a file holds
    numbers = tuple(float(value) for value in values)
    if len(numbers) != count or not np.isfinite(numbers).all():
        msg = f"a range holds {len(numbers)} numbers for {count} layers, or one is not finite"
        raise ValueError(msg)
    return numbers
