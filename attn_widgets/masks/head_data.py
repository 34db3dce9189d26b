"""What one head computed on one text: the data that some masks are decided by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from attn_widgets.masks.errors import MaskBindError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from attn_widgets.masks.frame import Frame

NEEDS: Final = ("q", "k", "weights")
"""What a mask may need, in the order it is named."""

_MEND: Final = (
    "A record of ModelRunner.run holds q, k and weights (one made of arrays, and most samples, "
    "weights alone): bind_record(mask, record, layer, head); "
    "or give arrays: mask.bind_data(q=..., k=..., weights=...)"
)


@dataclass(frozen=True, slots=True, eq=False)
class HeadData:
    """What is known of one head.

    Parameters
    ----------
    q, k : numpy.ndarray, optional
        Queries ``(queries, head_dim)`` and keys ``(keys, head_dim)``, as they enter the product.
    weights, scores : numpy.ndarray, optional
        ``(queries, keys)``: attention after the softmax, or what goes into it (``-inf`` where
        attention may not go). Give one or the other.
    cross : bool
        Whether the queries come from another text than the keys, so that no key is a query's own.
    place : (int, int), optional
        The model's own numbers of the layer and the head.

    Raises
    ------
    MaskBindError
        If a shape does not fit the others, or a number is NaN, or infinite where it may not be.
    """

    q: NDArray[np.float64] | None = None
    k: NDArray[np.float64] | None = None
    weights: NDArray[np.float64] | None = None
    scores: NDArray[np.float64] | None = None
    cross: bool = False
    place: tuple[int, int] | None = None

    @classmethod
    def read(
        cls,
        q: ArrayLike | None = None,
        k: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        scores: ArrayLike | None = None,
        *,
        cross: bool = False,
        place: tuple[int, int] | None = None,
    ) -> HeadData:
        """Take arrays of any number format, and check that they belong together."""
        given = {"q": q, "k": k, "weights": weights, "scores": scores}
        arrays = {name: _matrix(name, array) for name, array in given.items() if array is not None}
        return cls(**arrays, cross=cross, place=place)

    def __post_init__(self) -> None:
        """Check that the arrays belong together."""
        if self.weights is not None and self.scores is not None:
            msg = "give weights or scores, not both: each says the same of the other"
            raise MaskBindError(msg)
        self._check_shapes()

    @property
    def shape(self) -> tuple[int | None, int | None]:
        """Number of queries and of keys; None where nothing tells."""
        pairs = self.weights if self.weights is not None else self.scores
        if pairs is not None:
            return pairs.shape[0], pairs.shape[1]
        queries = None if self.q is None else len(self.q)
        return queries, None if self.k is None else len(self.k)

    def require(self, needs: frozenset[str], who: str) -> None:
        """Check that everything named in `needs` is here.

        Raises
        ------
        MaskBindError
            If something is missing; the message names it and the mend.
        """
        given = {name for name in NEEDS if getattr(self, name) is not None}
        if self.scores is not None:
            given.add("weights")
        missing = [name for name in NEEDS if name in needs - given]
        if missing:
            raise MaskBindError(lacking(who, missing))

    def probabilities(self) -> NDArray[np.float64]:
        """Return the attention weights ``(queries, keys)``; a row of ``-inf`` gives zeros."""
        if self.weights is not None:
            return self.weights
        scores = self.logits()
        top = scores.max(axis=1, keepdims=True, initial=-np.inf)
        powers: NDArray[np.float64] = np.exp(scores - np.where(np.isfinite(top), top, 0))
        total = powers.sum(axis=1, keepdims=True)
        return powers / np.where(total > 0, total, 1)

    def logits(self) -> NDArray[np.float64]:
        """Return the scores ``(queries, keys)``, each row up to a constant.

        The logarithm of the weights differs from the scores by the row's log-sum-exp alone.
        """
        if self.scores is not None:
            return self.scores
        if self.weights is None:
            raise MaskBindError(lacking("this", ["weights"]))
        with np.errstate(divide="ignore"):
            logits: NDArray[np.float64] = np.log(self.weights)
        return logits

    def own_keys(self, frame: Frame) -> NDArray[np.int64]:
        """Return each query's own key, -1 where it has none: int64, ``(queries,)``."""
        own = frame.positions(0, frame.n_queries)
        return np.where(own < frame.n_keys, own, -1) if not self.cross else np.full_like(own, -1)

    def _check_shapes(self) -> None:
        queries, keys = self.shape
        shapes = ", ".join(
            f"{name} {part.shape}"
            for name in ("q", "k", "weights", "scores")
            if (part := getattr(self, name)) is not None
        )
        off = (
            (self.q is not None and queries is not None and len(self.q) != queries)
            or (self.k is not None and keys is not None and len(self.k) != keys)
            or (self.q is not None and self.k is not None and self.q.shape[1] != self.k.shape[1])
        )
        if off:
            msg = (
                f"the data of one head does not fit together: {shapes}; expected q (queries, d), "
                "k (keys, d), weights or scores (queries, keys)"
            )
            raise MaskBindError(msg)
        if self.weights is not None and (self.weights < 0).any():
            msg = "weights are attention after the softmax and never negative; give scores=..."
            raise MaskBindError(msg)


def lacking(who: str, missing: Sequence[str]) -> str:
    """Say what a mask needs and how to get it."""
    names = {"q": "the queries q", "k": "the keys k", "weights": "the attention weights"}
    parts = " and ".join(names[name] for name in missing)
    return f"{who} is decided by {parts}, which are not here. {_MEND}"


def _matrix(name: str, values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values)
    if array.ndim != 2 or not array.size or array.dtype.kind not in "fiu":  # noqa: PLR2004 - rows and columns
        msg = (
            f"{name} of one head must be real numbers in two dimensions, "
            f"not {array.dtype} {array.shape}; choose one layer and head"
        )
        raise MaskBindError(msg)
    array = array.astype(np.float64)
    wrong = np.isnan(array) | np.isposinf(array) if name == "scores" else ~np.isfinite(array)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        rule = "only -inf may stand there" if name == "scores" else "all must be finite"
        msg = f"{name}[{row}, {column}] is {array[row, column]}: {rule}"
        raise MaskBindError(msg)
    array.flags.writeable = False
    return array
