"""Changes of a model's attention other than masks: heads silenced or levelled, tokens muted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias, cast

import numpy as np

from attn_widgets.interventions.errors import InterventionError
from attn_widgets.interventions.places import places, require, written
from attn_widgets.masks import global_cols

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.interventions.places import Places
    from attn_widgets.record import Token

TokenRef: TypeAlias = str | int

# e to this power is beyond any number format: a larger one could only turn a sum to infinity.
_MOST: Final = 1_000

EDITS: Final[dict[str, type[Edit]]] = {}
"""Every kind of edit, by the name it has in a specification."""


@dataclass(frozen=True, slots=True, repr=False)
class Edit(ABC):
    """One change of the attention of a model, in some of its heads.

    Parameters
    ----------
    at
        The heads it is made in; see `places`.
    """

    kind: ClassVar[str]
    at: Places

    def __init_subclass__(cls) -> None:
        """Make the kind known to specifications."""
        if "kind" in cls.__dict__:
            EDITS[cls.kind] = cls

    def require(self, layers: int, heads: int) -> None:
        """Check that the model has the heads.

        Raises
        ------
        InterventionError
            If it has not.
        """
        require(self.at, layers, heads, f"{self!r:.80}")

    def to_spec(self) -> dict[str, object]:
        """Return plain JSON values: ``{"kind": ..., "at": [[layer, head], ...] or null, ...}``."""
        at = None if self.at is None else [list(place) for place in self.at]
        return {"kind": self.kind, "at": at, **self.values()}

    def values(self) -> dict[str, object]:
        """Return what the specification holds beside kind and places."""
        return {}

    @classmethod
    @abstractmethod
    def read(cls, at: Places, values: Mapping[str, object]) -> Edit:
        """Make one from what `values` gave, trusting nothing about it."""

    def __repr__(self) -> str:
        """Return the call that makes it."""
        parts = [*self._first(), written(self.at)]
        return f"{self.kind}({', '.join(part for part in parts if part)})"

    def _first(self) -> list[str]:
        return []


@dataclass(frozen=True, slots=True, repr=False)
class Ablate(Edit):
    """The output of heads set to zero: they write nothing into the residual stream."""

    kind: ClassVar[str] = "ablate"

    @classmethod
    def read(cls, at: Places, values: Mapping[str, object]) -> Ablate:
        """Make one."""
        _only(cls.kind, values, ())
        return _ablate(at)


@dataclass(frozen=True, slots=True, repr=False)
class Uniform(Edit):
    """The same weight on every key that the model's own mask allows."""

    kind: ClassVar[str] = "uniform"

    @classmethod
    def read(cls, at: Places, values: Mapping[str, object]) -> Uniform:
        """Make one."""
        _only(cls.kind, values, ())
        return cls(at)


@dataclass(frozen=True, slots=True, repr=False)
class Mute(Edit):
    """The value vectors of tokens set to zero: they are looked at as before, and say nothing.

    Parameters
    ----------
    keys
        The tokens, by name or index.
    """

    kind: ClassVar[str] = "mute"
    keys: tuple[TokenRef, ...]

    @classmethod
    def read(cls, at: Places, values: Mapping[str, object]) -> Mute:
        """Make one."""
        _only(cls.kind, values, ("keys",))
        return cls(at, _refs(values["keys"]))

    def values(self) -> dict[str, object]:
        """Return the tokens."""
        return {"keys": list(self.keys)}

    def _first(self) -> list[str]:
        return [_written_refs(self.keys)]


@dataclass(frozen=True, slots=True, repr=False)
class Bias(Edit):
    """A number added to the scores of tokens, before the softmax: they draw more, or less.

    Parameters
    ----------
    keys
        The tokens, by name or index.
    by
        The number; each +1 multiplies the odds of being looked at by e.
    """

    kind: ClassVar[str] = "bias"
    keys: tuple[TokenRef, ...]
    by: float

    @classmethod
    def read(cls, at: Places, values: Mapping[str, object]) -> Bias:
        """Make one."""
        _only(cls.kind, values, ("keys", "by"))
        return cls(at, _refs(values["keys"]), _score("by", values["by"]))

    def values(self) -> dict[str, object]:
        """Return the tokens and the number."""
        return {"keys": list(self.keys), "by": self.by}

    def _first(self) -> list[str]:
        return [_written_refs(self.keys), f"by={self.by!r}"]


@dataclass(frozen=True, slots=True, repr=False)
class SinkLogit(Edit):
    """One more score in the softmax that belongs to no token: a head may look at nothing.

    Parameters
    ----------
    logit
        The score.
    """

    kind: ClassVar[str] = "sink_logit"
    logit: float

    @classmethod
    def read(cls, at: Places, values: Mapping[str, object]) -> SinkLogit:
        """Make one."""
        _only(cls.kind, values, ("logit",))
        return cls(at, _score("logit", values["logit"]))

    def values(self) -> dict[str, object]:
        """Return the score."""
        return {"logit": self.logit}

    def _first(self) -> list[str]:
        return [repr(self.logit)]


def ablate(heads: object = None, *, layers: object = None) -> Ablate:
    """Silence heads: what they would write into the residual stream becomes zero.

    Parameters
    ----------
    heads : (int, int) or iterable of (int, int), optional
        Pairs ``(layer, head)``, counted from 0.
    layers : int or iterable of int, optional
        Layers that are silenced whole.

    Raises
    ------
    InterventionError
        If no head is named, or a number is not whole and at least 0.

    Notes
    -----
    "Zero ablation". The output projection's own bias stays. Michel, Levy & Neubig 2019 call it
    masking a head (arXiv:1905.10650, section 2.2).
    """
    return _ablate(places(heads, layers))


def uniform(heads: object = None, *, layers: object = None) -> Uniform:
    """Give heads the same weight on every key that the model's own mask allows.

    Parameters
    ----------
    heads, layers
        As in `ablate`; all heads of all layers when both are left out.

    Raises
    ------
    InterventionError
        If a number is not whole and at least 0.

    Notes
    -----
    Kovaleva et al. 2019, section 4.6 (arXiv:1908.08593) disable heads like this. It is not
    "removing" a head: a head that wrote nothing now writes the mean of all values.
    """
    return Uniform(places(heads, layers))


def mute(*keys: TokenRef | Iterable[TokenRef], heads: object = None, layers: object = None) -> Mute:
    """Set the value vectors of tokens to zero: they are looked at as before, and say nothing.

    Parameters
    ----------
    *keys
        Tokens by name (``"cls"``, ``"sep"``, ``"special"``, ...) or index.
    heads, layers
        As in `ablate`; all heads of all layers when both are left out.

    Raises
    ------
    InterventionError
        If a number is not whole and at least 0.
    MaskError
        If no token is named, or a name is unknown.
    """
    return Mute(places(heads, layers), _refs(keys))


def bias(
    *keys: TokenRef | Iterable[TokenRef],
    by: float,
    heads: object = None,
    layers: object = None,
) -> Bias:
    """Add a number to the scores of tokens, before the softmax.

    Parameters
    ----------
    *keys
        Tokens by name or index.
    by
        The number, in nats, -1000 to 1000: +1 multiplies the odds of being looked at by e.
    heads, layers
        As in `ablate`; all heads of all layers when both are left out.

    Raises
    ------
    InterventionError
        If a number is not one of those, or not whole and at least 0.
    MaskError
        If no token is named, or a name is unknown.
    """
    return Bias(places(heads, layers), _refs(keys), _score("by", by))


def sink_logit(logit: float = 0.0, *, heads: object = None, layers: object = None) -> SinkLogit:
    r"""Let heads look at nothing: one more score in the softmax, which belongs to no token.

    .. math:: \alpha_{ij} = \frac{e^{s_{ij}}}{e^{b} + \sum_k e^{s_{ik}}}

    with :math:`b` the logit. The rows then sum to less than 1, and what is missing is spent on
    nothing. With 0 it is softmax1, or softmax with 1 added to the denominator.

    Parameters
    ----------
    logit
        The score, -1000 to 1000: the higher, the more is spent on nothing.
    heads, layers
        As in `ablate`; all heads of all layers when both are left out.

    Raises
    ------
    InterventionError
        If a number is not one of those, or not whole and at least 0.

    Notes
    -----
    Softmax1 is Miller 2023, "Attention is off by one"; gpt-oss learns such a logit for each head
    (arXiv:2508.10925). A model that has learned one keeps it, and the two denominators add up.
    Within one layer all weights of a row shrink by one factor: who gets more than whom stays.
    """
    return SinkLogit(places(heads, layers), _score("logit", logit))


def columns(keys: Sequence[TokenRef], tokens: Sequence[Token]) -> NDArray[np.bool_]:
    """Mark the keys that are named: bool, ``(keys,)``.

    Raises
    ------
    MaskBindError
        If the text lacks one.
    """
    bound = global_cols(*keys).bind(1, len(tokens), tokens=tokens)
    return np.ascontiguousarray(bound.tile(0, 1, 0, len(tokens))[0])


def _ablate(at: Places) -> Ablate:
    if at is None:
        msg = "ablate() names no head: give heads=[(layer, head), ...] or layers=[...]"
        raise InterventionError(msg)
    return Ablate(at)


def _refs(given: object) -> tuple[TokenRef, ...]:
    if not isinstance(given, list | tuple):
        msg = f"keys are a list of token names and indices, not {given!r:.60}"
        raise InterventionError(msg)
    return tuple(cast("list[TokenRef]", global_cols(*given).to_spec()["tokens"]))


def _written_refs(keys: Sequence[TokenRef]) -> str:
    return ", ".join(repr(key) for key in keys)


def _score(name: str, given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= _MOST:
        msg = (
            f"{name}={given!r:.60}: expected a number from {-_MOST} to {_MOST}, in the unit of "
            "the scores, for example 2.0"
        )
        raise InterventionError(msg)
    return float(given)


def _only(kind: str, values: Mapping[str, object], wanted: tuple[str, ...]) -> None:
    if set(values) != set(wanted):
        names = ", ".join(("at", *wanted))
        got = ", ".join(f"{name!s:.40}" for name in sorted(values, key=str)) or "nothing"
        msg = f"{kind!r} needs {names} beside its kind, got {got}"
        raise InterventionError(msg)
