"""The output test: whether different texts still get different vectors."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OutputTest:
    r"""How alike a model makes different texts, beside a healthy model's figure.

    .. math:: u = \frac{s - r}{1 - r}

    with s the mean cosine over all pairs of different texts and r that of the reference: 0 is as in
    the healthy model, 1 is one vector for everything. The cosine alone means nothing, as models
    differ in it when they are well.

    Parameters
    ----------
    similarity
        s, from -1 to 1.
    texts
        How many different texts.
    pooling
        How a text's vector was made.
    reference
        r; None without a reference.
    same_texts
        Whether r is of the very same texts; on others it is only a rough guide.
    """

    similarity: float
    texts: int
    pooling: str
    reference: float | None = None
    same_texts: bool | None = None

    @property
    def used_up(self) -> float | None:
        """Give u, the share of the room between the reference and 1; None without one."""
        if self.reference is None or self.reference >= 1:
            return None
        return (self.similarity - self.reference) / (1 - self.reference)

    def collapsed(self, line: float) -> bool | None:
        """Say whether the vectors have collapsed: u reaches `line`; None without a reference."""
        return None if self.used_up is None else self.used_up >= line

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return dataclasses.asdict(self) | {"used_up": self.used_up}


def mean_similarity(
    vectors: NDArray[np.floating[Any]], words: Sequence[tuple[str, ...]]
) -> tuple[float, int] | None:
    """Measure the mean cosine over all pairs of different texts.

    Parameters
    ----------
    vectors
        Shape ``(texts, size)``.
    words
        The tokens of each text, which tell whether two are different.

    Returns
    -------
    (float, int) or None
        The mean, and the number of different texts; None if there are not two.

    Raises
    ------
    ValueError
        If there is not one finite vector, and not zero, per text.
    """
    given = np.asarray(vectors, dtype=np.float64)
    if given.ndim != 2 or len(given) != len(words):  # noqa: PLR2004 - texts, size
        msg = f"vectors have shape {given.shape}: expected ({len(words)}, size), one per text"
        raise ValueError(msg)
    lengths = np.linalg.norm(given, axis=1)
    bad = np.flatnonzero(~np.isfinite(lengths) | (lengths == 0))
    if bad.size:
        msg = f"the vector of text {bad[0]} is zero or not finite: it has no direction to compare"
        raise ValueError(msg)
    first = {text: i for i, text in reversed(list(enumerate(words)))}
    unit = (given / lengths[:, None])[sorted(first.values())]
    count = len(unit)
    if count < 2:  # noqa: PLR2004 - a pair is two
        return None
    total = float(np.square(unit.sum(axis=0)).sum()) - count
    return float(np.clip(total / (count * (count - 1)), -1, 1)), count
