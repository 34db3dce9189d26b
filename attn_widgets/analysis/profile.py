"""What attention is like over many texts, as one value of fixed size that adds up."""

from __future__ import annotations

import dataclasses
import functools
import operator
import types
from typing import TYPE_CHECKING, Any, Self

from attn_widgets.analysis import profile_file
from attn_widgets.analysis.profile_bins import LengthBin, added, bin_of
from attn_widgets.analysis.profile_failures import Failures
from attn_widgets.analysis.profile_metrics import METRICS, TARGETS, span_of
from attn_widgets.analysis.profile_tally import unscaled

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.profile_tally import Tally


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Profile:
    """Weight-based numbers of every head over a corpus, by length of text.

    Each text counts once, whatever its length: its own mean over queries is one number per metric,
    layer and head, defined as in :func:`measure`. Metrics are ``share:TARGET`` and
    ``excess:TARGET`` (special tokens together, the first position, or a role such as ``cls``; texts
    without such a token are not counted), ``entropy``, ``confidence``, ``itself``, ``previous``,
    ``next``, ``local``, and of the [CLS] token's own row ``cls_to_itself`` and ``cls_to_content``.

    Profiles of one model under one setting add up, ``a + b``, in any order to the same profile,
    bit for bit: sums are of whole numbers. Nothing in it grows with the number of texts.

    Parameters
    ----------
    about
        The model and the setting, as JSON values; what profiles must share to add up.
    layers, heads
        How many there are.
    edges
        Where length bins begin.
    bins
        Those that hold a text, in order.
    cut, lost
        Texts that were too long, and tokens they lost.
    failures
        Texts that could not be run.
    """

    about: Mapping[str, Any]
    layers: int
    heads: int
    edges: tuple[int, ...]
    bins: tuple[LengthBin, ...] = ()
    cut: int = 0
    lost: int = 0
    failures: Failures = dataclasses.field(default_factory=Failures)

    def __post_init__(self) -> None:
        """Keep what it is about from being written to."""
        object.__setattr__(self, "about", types.MappingProxyType(dict(self.about)))

    @property
    def texts(self) -> int:
        """How many texts were measured."""
        return sum(one.texts for one in self.bins)

    @property
    def tokens(self) -> int:
        """How many tokens those have, special ones included."""
        return sum(one.tokens for one in self.bins)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Name the metrics that at least one text has."""
        return tuple(name for name in METRICS if any(name in one.tallies for one in self.bins))

    def count(self, metric: str, length: int | None = None) -> int:
        """Count the texts that have a metric, 0 or more; see :meth:`mean`."""
        _check(metric, METRICS)
        return sum(one.tallies[metric].count for one in self._at(length) if metric in one.tallies)

    def mean(self, metric: str, length: int | None = None) -> Floats64:
        """Give the mean of a metric over texts.

        Parameters
        ----------
        metric
            One of :attr:`metrics`.
        length
            A number of tokens: its length bin alone; all texts by default.

        Returns
        -------
        ndarray of float64, shape (layers, heads)
            Off by 1e-6 at most.

        Raises
        ------
        ValueError
            If there is no such metric, or no text here has it.
        """
        return self._tally(metric, length).mean()

    def std(self, metric: str, length: int | None = None) -> Floats64:
        """Give the standard deviation of a metric over texts; as :meth:`mean`."""
        return self._tally(metric, length).std()

    def quantile(self, metric: str, q: float, length: int | None = None) -> Floats64:
        """Give a quantile of a metric over texts, off by 1/64 at most (an excess, 1/32).

        0 and 1 are the smallest and largest as they were. Otherwise as :meth:`mean`.

        Raises
        ------
        ValueError
            As :meth:`mean`, or if `q` is not in [0, 1].
        """
        if not 0 <= q <= 1:
            msg = f"q is {q!r}: expected a part of the texts, from 0 to 1"
            raise ValueError(msg)
        return self._tally(metric, length).quantile(q, span_of(metric))

    def uniform(self, target: str, length: int | None = None) -> float:
        """Give the mean share that a target would take if all keys were looked at alike.

        Parameters
        ----------
        target
            As in ``share:TARGET``.
        length
            As in :meth:`mean`.

        Raises
        ------
        ValueError
            If there is no such target, or no text here has it.
        """
        _check(target, TARGETS)
        count = self._tally(f"share:{target}", length).count
        total = sum(one.uniform.get(target, 0) for one in self._at(length))
        return float(unscaled(total)) / count

    def __add__(self, other: Profile) -> Profile:
        """Give the profile of the texts of both.

        Raises
        ------
        ValueError
            If they are of different models or settings; the message says in what.
        """
        if not isinstance(other, Profile):
            return NotImplemented
        self.check_same(other)
        mine, theirs = ({one.start: one for one in each.bins} for each in (self, other))
        bins = added(mine, theirs)
        return dataclasses.replace(
            self,
            bins=tuple(bins[start] for start in sorted(bins)),
            cut=self.cut + other.cut,
            lost=self.lost + other.lost,
            failures=self.failures + other.failures,
        )

    def check_same(self, other: Profile) -> None:
        """Refuse a profile of another model or setting.

        Raises
        ------
        ValueError
            If it is one; the message says in what they differ.
        """
        mine, theirs = self._key(), other._key()
        differing = [name for name in mine | theirs if mine.get(name) != theirs.get(name)]
        if differing:
            told = "; ".join(
                f"{name} {mine.get(name)!r:.60} and {theirs.get(name)!r:.60}" for name in differing
            )
            msg = f"profiles of different models or settings do not add up: {told}"
            raise ValueError(msg)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the profile to one file, a zip of plain arrays and a JSON text.

        The file takes the place of an older one when it is whole; equal profiles give equal bytes.
        """
        profile_file.write(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a profile, or what an unfinished run has left so far; nothing in it is executed.

        Raises
        ------
        ValueError
            If the file is no profile, is damaged, or was written by a newer version.
        OSError
            If it cannot be read.
        """
        return cls(**profile_file.read(path)[0])

    def __repr__(self) -> str:
        """Say how much it holds, and of what."""
        failed = f", {self.failures.count} failed" if self.failures.count else ""
        lengths = ", ".join(f"{one.texts} of {one.name}" for one in self.bins)
        return (
            f"Profile({self.about.get('model')}, {self.layers} layers x {self.heads} heads: "
            f"{self.texts} texts{failed}; by tokens {lengths or 'none'})"
        )

    def _key(self) -> dict[str, Any]:
        shape = {"layers": self.layers, "heads": self.heads, "edges": self.edges}
        return {**self.about, **shape}

    def _at(self, length: int | None) -> tuple[LengthBin, ...]:
        if length is None:
            return self.bins
        if length < self.edges[0]:
            msg = f"length is {length}: length bins begin at {self.edges[0]} tokens"
            raise ValueError(msg)
        start = bin_of(length, self.edges)[0]
        return tuple(one for one in self.bins if one.start == start)

    def _tally(self, metric: str, length: int | None) -> Tally:
        _check(metric, METRICS)
        found = [one.tallies[metric] for one in self._at(length) if metric in one.tallies]
        if not found:
            where = "" if length is None else f" in the length bin of {length} tokens"
            have = ", ".join(self.metrics) or "none, as no text was measured"
            msg = f"no text{where} has {metric!r}; the metrics of this profile are {have}"
            raise ValueError(msg)
        return functools.reduce(operator.add, found)


def merge(profiles: Iterable[Profile]) -> Profile:
    """Add up profiles of one model under one setting.

    Raises
    ------
    ValueError
        If there is none, or they are of different models or settings.
    """
    given = list(profiles)
    if not given:
        msg = "there is no profile to merge: give at least one"
        raise ValueError(msg)
    return functools.reduce(operator.add, given)


def _check(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        msg = f"{name!r} is none of {', '.join(known)}"
        raise ValueError(msg)
