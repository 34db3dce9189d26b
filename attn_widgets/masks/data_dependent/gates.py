"""Gates: per layer and head, what decides from a head's data which pairs are worth keeping."""

from __future__ import annotations

import hashlib
import json
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from attn_widgets.masks.errors import MaskError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from attn_widgets.masks.head_data import HeadData

_NAME: Final = re.compile(r"[A-Za-z0-9 ._/:+@-]{1,80}")


@dataclass(frozen=True, eq=False)
class Gate(ABC):
    """The numbers of a gate, for every layer and head of a model.

    A gate is known by its digest: two gates with the same numbers are the same gate, whatever they
    are called.

    Parameters
    ----------
    name : str
        What to call it: 1 to 80 letters, digits, blanks and any of ``._/:+@-``.
    """

    rule: ClassVar[str]
    needs: ClassVar[frozenset[str]]
    name: str

    def __post_init__(self) -> None:
        """Check the name and take read-only copies of the numbers.

        Raises
        ------
        MaskError
            If the name cannot stand in a mask's text, or the numbers are not finite or not of
            shapes that belong together.
        """
        check_name(self.name)
        for part, values in self.arrays().items():
            array = np.array(values, dtype=np.float32)
            if not np.isfinite(array).all():
                msg = f"{part} of gate {self.name!r} holds NaN or infinity: all must be finite"
                raise MaskError(msg)
            array.flags.writeable = False
            object.__setattr__(self, part, array)
        self._check_shapes()

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Number of layers and heads."""

    @abstractmethod
    def keep(self, data: HeadData, layer: int, head: int) -> NDArray[np.bool_]:
        """Decide one head.

        Parameters
        ----------
        data : HeadData
            What the head computed; it holds what the gate `needs`.
        layer, head : int
            Which head, counted from 0.

        Returns
        -------
        numpy.ndarray
            bool, ``(queries, keys)``. A query's own key is not treated apart.
        """

    @abstractmethod
    def _check_shapes(self) -> None: ...

    def arrays(self) -> Mapping[str, NDArray[np.float32]]:
        """Return the numbers by name."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.name != "name"}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rule and its numbers, in hexadecimal."""
        arrays = self.arrays()
        shapes = {part: list(values.shape) for part, values in arrays.items()}
        seen = hashlib.sha256(json.dumps([self.rule, shapes], sort_keys=True).encode())
        for part in sorted(arrays):
            seen.update(np.ascontiguousarray(arrays[part], dtype="<f4").tobytes())
        return seen.hexdigest()

    def __eq__(self, other: object) -> bool:
        """Equal when called the same and of the same numbers."""
        if not isinstance(other, Gate):
            return NotImplemented
        return (self.name, self.digest) == (other.name, other.digest)

    def __hash__(self) -> int:
        """Hash the digest."""
        return hash(self.digest)

    def __repr__(self) -> str:
        """Say which gate this is and for how many heads."""
        layers, heads = self.shape
        return f"{type(self).__name__}({self.name!r}: {layers} layers x {heads} heads)"

    def _refuse(self, expected: str) -> None:
        given = ", ".join(f"{part} {values.shape}" for part, values in self.arrays().items())
        msg = f"the numbers of {self.name!r} do not belong together: {given}; expected {expected}"
        raise MaskError(msg)


@dataclass(frozen=True, eq=False, repr=False)
class ThresholdGate(Gate):
    """Keep a pair if its attention weight is at least the head's threshold.

    The idea is LeOPArd's (Li et al. 2022, arXiv:2204.03227): a threshold learnt per layer, on
    scores; here it is learnt per layer and head, on the logarithm of the weight. The whole score
    matrix must be computed before anything can be left out.

    Parameters
    ----------
    log_thresholds : numpy.ndarray
        ``(layers, heads)``: natural logarithms of weights.
    """

    rule: ClassVar[str] = "threshold"
    needs: ClassVar[frozenset[str]] = frozenset({"weights"})
    log_thresholds: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of layers and heads."""
        layers, heads = self.log_thresholds.shape
        return layers, heads

    @cached_property
    def levels(self) -> NDArray[np.float32]:
        """The thresholds as weights, ``(layers, heads)``."""
        return np.exp(self.log_thresholds.astype(np.float64)).astype(np.float32)

    def keep(self, data: HeadData, layer: int, head: int) -> NDArray[np.bool_]:
        """Compare the weights with the threshold."""
        kept: NDArray[np.bool_] = data.probabilities() >= self.levels[layer, head]
        return kept

    def _check_shapes(self) -> None:
        if self.log_thresholds.ndim != 2 or not self.log_thresholds.size:  # noqa: PLR2004 - layers and heads
            self._refuse("log_thresholds (layers, heads)")


@dataclass(frozen=True, eq=False, repr=False)
class LowRankGate(Gate):
    """Keep a pair if ``(q_i W_q) · (k_j W_k) + b > 0``: decided without the score matrix.

    The idea is that of the predictors of SeerAttention (Gao et al. 2024, arXiv:2410.13276) and of
    Dynamic Sparse Attention (Liu et al. 2021, arXiv:2110.11299), here per pair of tokens. It costs
    ``rank`` multiplications per pair where a score costs ``head_dim``.

    Decided in float64, so that numpy and torch agree.

    Parameters
    ----------
    w_q, w_k : numpy.ndarray
        ``(layers, heads, head_dim, rank)``.
    bias : numpy.ndarray
        ``(layers, heads)``.
    """

    rule: ClassVar[str] = "low_rank"
    needs: ClassVar[frozenset[str]] = frozenset({"q", "k"})
    w_q: NDArray[np.float32]
    w_k: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of layers and heads."""
        layers, heads = self.bias.shape
        return layers, heads

    def keep(self, data: HeadData, layer: int, head: int) -> NDArray[np.bool_]:
        """Project queries and keys, and look at the sign of their product."""
        dim = self.w_q.shape[2]
        if data.q is None or data.k is None or data.q.shape[1] != dim or data.k.shape[1] != dim:
            given = [None if part is None else part.shape for part in (data.q, data.k)]
            msg = (
                f"gate {self.name!r} is for queries and keys of {dim} numbers each, "
                f"not for shapes {given}: was it fitted to another model?"
            )
            raise MaskError(msg)
        left = data.q @ self.w_q[layer, head].astype(np.float64)
        right = data.k @ self.w_k[layer, head].astype(np.float64)
        kept: NDArray[np.bool_] = left @ right.T + np.float64(self.bias[layer, head]) > 0
        return kept

    def _check_shapes(self) -> None:
        shape = self.w_q.shape
        fits = len(shape) == 4 and shape == self.w_k.shape and self.bias.shape == shape[:2]  # noqa: PLR2004 - layers, heads, head_dim, rank
        if not fits or not self.w_q.size:
            self._refuse("w_q and w_k (layers, heads, head_dim, rank), bias (layers, heads)")


RULES: Final[Mapping[str, type[Gate]]] = {gate.rule: gate for gate in (ThresholdGate, LowRankGate)}
"""The kinds of gate, by the name of their rule."""


def check_name(name: object) -> str:
    """Return a name that can stand in a mask's text.

    Raises
    ------
    MaskError
        If it is not 1 to 80 ASCII letters, digits, blanks and any of ``._/:+@-``.
    """
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        msg = (
            "a gate is called by 1 to 80 letters from A to Z, digits, blanks and ._/:+@-, "
            f"not {name!r:.100}"
        )
        raise MaskError(msg)
    return name
