"""What changed when a model was run again under a change: one value, every number named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from attn_widgets.analysis.language import Spoken
from attn_widgets.interventions import effect_values, effect_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.analysis.language import Language
    from attn_widgets.interventions.changes import Changes
    from attn_widgets.record import AttentionRecord

Head: TypeAlias = Literal[
    "none",
    "masked language model",
    "next token",
    "labels",
    "labels of tokens",
    "not run",
    "other",
]
"""What a model has on top of its layers; "other" is a head that cannot be read here."""


def freeze(*arrays: NDArray[np.float64] | None) -> None:
    """Make arrays read-only, in place: they belong to a value now."""
    for array in arrays:
        if array is not None:
            array.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """How far each layer's output moved; all arrays ``(layers,)``, in the model's order.

    Parameters
    ----------
    free_l1, forced_l1
        ``sum |h' - h| / sum |h|`` over all tokens and dimensions: with every layer fed what the
        changed layer below it gave (*free-running*), and with every layer fed what the plain model
        gave (*teacher-forced*), which shows each layer's own part.
    free_cosine, forced_cosine
        ``cos(h', h)``, the mean over tokens.
    """

    free_l1: NDArray[np.float64]
    free_cosine: NDArray[np.float64]
    forced_l1: NDArray[np.float64]
    forced_cosine: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Let nobody write into it."""
        freeze(self.free_l1, self.free_cosine, self.forced_l1, self.forced_cosine)


@dataclass(frozen=True, slots=True)
class Guess:
    """A token the model proposes, and its probability."""

    token: str
    probability: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model proposes in one place, before and after.

    Parameters
    ----------
    position
        Index of the token whose output is read: a masked token, or the token before the next one.
    before, after
        The likeliest tokens, best first.
    kl
        ``KL(before || after)`` over the whole vocabulary, in nats.
    """

    position: int
    before: tuple[Guess, ...]
    after: tuple[Guess, ...]
    kl: float


@dataclass(frozen=True, slots=True, eq=False)
class VectorChange:
    """How the vector of the whole text moved.

    Parameters
    ----------
    cosine
        Between the vector before and after.
    pooling
        How it is made of the last layer's tokens: ``"mean"`` or ``"cls"``.
    candidates
        Texts it was compared with; they are run under the same change.
    before, after
        Cosine with each candidate, ``(candidates,)``.
    """

    cosine: float
    pooling: str
    candidates: tuple[str, ...]
    before: NDArray[np.float64]
    after: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Let nobody write into it."""
        freeze(self.before, self.after)

    def ranking(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give the candidates' numbers, nearest first, before and after."""
        before, after = (
            tuple(sorted(range(len(self.candidates)), key=lambda i: -values[i]))
            for values in (self.before.tolist(), self.after.tolist())
        )
        return before, after


@dataclass(frozen=True, slots=True)
class HeadMoved:
    """How much of its attention one head put elsewhere: `Effect.moved` of it."""

    layer: int
    head: int
    moved: float


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What a classifier says of the whole text, before and after.

    Parameters
    ----------
    labels
        Their names, in the model's order.
    before, after
        One number per label.
    unit
        ``"probability"``, or ``"score"`` for a model that gives one number of any size.
    """

    labels: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    unit: str = "probability"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Effect(Spoken):
    """What a change did to a model on one text, by running the model again.

    Of the three readings of a mask this is the **re-run**: the change is made in every layer that
    it names, and what it does adds up over the layers.

    Parameters
    ----------
    changes
        What the model was run under.
    before, after
        The attention of both runs.
    drift
        How far each layer's output moved.
    moved
        How much of its attention each head put elsewhere, ``(layers, heads)``: half of
        ``sum |a' - a|`` per query, from 0 to 1, the mean over queries that are text. What a row
        keeps back (a learned sink, a row that gets nothing) counts as one more place.
    kept
        How much of each head's plain attention the masks keep, ``(layers, heads)``, from 0 to 1,
        the mean over queries that are text; None without masks.
    density
        Which share of the pairs that the model's own mask allows the masks keep, ``(layers,
        heads)``; None without masks.
    vector
        How the vector of the text moved; None for a stack whose output is not one.
    head
        What the model has on top of its layers, by which its answers are read.
    predictions
        What a language model proposes, or which labels tokens get, place by place; empty for a
        model without such a head.
    kl
        ``KL(before || after)`` over the vocabulary at every token, in nats, ``(queries,)``; None
        where there are no predictions.
    labels
        What a classifier says of the text; None for any other model.
    """

    changes: Changes
    before: AttentionRecord
    after: AttentionRecord
    drift: Drift
    moved: NDArray[np.float64]
    kept: NDArray[np.float64] | None = None
    density: NDArray[np.float64] | None = None
    vector: VectorChange | None = None
    head: Head = "none"
    predictions: tuple[Prediction, ...] = ()
    kl: NDArray[np.float64] | None = None
    labels: LabelChange | None = None

    reading: ClassVar[str] = "re-run"

    def __post_init__(self) -> None:
        """Let nobody write into it."""
        freeze(self.moved, self.kept, self.density, self.kl)

    def changed(self, n: int = 5) -> tuple[HeadMoved, ...]:
        """List the heads that moved most, most first.

        A head whose output is changed but not its attention (`ablate`, `mute`) is not moved by
        that; those after it are.

        Parameters
        ----------
        n
            How many, at most.
        """
        heads = len(self.before.heads)
        order = (-self.moved).argsort(axis=None, kind="stable")[: max(n, 0)]
        return tuple(
            HeadMoved(
                layer=self.before.layers[place // heads],
                head=self.before.heads[place % heads],
                moved=float(self.moved.flat[place]),
            )
            for place in order.tolist()
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every number as plain JSON values, without the attention of the two runs."""
        return effect_values.values(self)

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        return effect_words.text(self, lang)

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        return effect_words.html(self, lang)
