"""One vector for a whole text, made of the last layer's tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.models import arguments
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.passes import Passes
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch
    from numpy.typing import NDArray

    from attn_widgets.interventions import Changes
    from attn_widgets.models.core import Core
    from attn_widgets.record import Kind, Token

POOLINGS = ("mean", "cls")

_BATCH = 8


def has_vector(core: Core, kind: Kind) -> bool:
    """Say whether a stack's output is a vector per token of one text: not a target's."""
    return len(core.stacks) == 1 or kind == "encoder"


def check_pooling(pooling: str) -> None:
    """Refuse a pooling that is not known.

    Raises
    ------
    ValueError
        If it is not.
    """
    if pooling not in POOLINGS:
        msg = f"pooling is {pooling!r}: 'mean' (of all tokens) or 'cls' (the [CLS] token's)"
        raise ValueError(msg)


def pooled(states: torch.Tensor, tokens: Sequence[Token], pooling: str) -> torch.Tensor:
    """Make a vector ``(hidden,)`` of hidden states ``(tokens or more, hidden)``.

    Parameters
    ----------
    states
        Padding, if there is any, at the end.
    tokens
        The text's tokens, without padding.
    pooling
        ``"mean"``: over all tokens, special ones included, as sentence-transformers does;
        ``"cls"``: the vector of the first [CLS] token.

    Raises
    ------
    UnsupportedModelError
        If the text has no [CLS] token and its vector is asked for.
    """
    if pooling == "mean":
        return states[: len(tokens)].mean(dim=0)
    found = [place for place, token in enumerate(tokens) if token.role == TokenRole.CLS]
    if not found:
        msg = "pooling='cls' needs a [CLS] token, and this model's texts have none: use 'mean'"
        raise UnsupportedModelError(msg)
    return states[found[0]]


def of_texts(
    core: Core,
    texts: Sequence[str],
    changes: Changes,
    pooling: str,
    kind: Kind | None = None,
    stop: Callable[[], bool] | None = None,
) -> NDArray[np.float64]:
    """Run texts under a change, in batches, and give their vectors: ``(texts, hidden)``."""
    if not texts:
        return np.zeros((0, 1))
    prepared = core.prepare([(text, None) for text in texts], kind)
    arguments.warn_of_loss(prepared)
    rows = []
    for start in range(0, len(prepared), _BATCH):
        part = prepared[start : start + _BATCH]
        seen = Passes(core.sites, core.stacks)
        states = core.run(part, core.selection(part), changes, seen, stop=stop)
        rows += [
            finite(array(pooled(own, one.tokens, pooling)), one.texts)
            for own, one in zip(states, part, strict=True)
        ]
    return np.stack(rows)


def finite(vector: NDArray[np.floating], texts: Sequence[str]) -> NDArray[Any]:
    """Give back what a model makes of a text, if these are numbers.

    Parameters
    ----------
    vector
        Of any shape.
    texts
        The text, or the pair.

    Raises
    ------
    ValueError
        If one is NaN or infinite.
    """
    if np.isfinite(vector).all():
        return vector
    msg = (
        f"the model makes NaN or infinite numbers of the text {' | '.join(texts)!r:.80}: leave it "
        "out, or load the model with dtype='float32'; if it happens to every text, its weights "
        "are damaged"
    )
    raise ValueError(msg)


def array(vector: torch.Tensor) -> NDArray[np.float64]:
    """Give a vector as float64."""
    values: NDArray[np.float64] = vector.detach().to("cpu").double().numpy()
    return values


def cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the cosine of vectors along the last axis."""
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    value: NDArray[np.float64] = np.clip((one * other).sum(axis=-1) / lengths, -1.0, 1.0)
    return value
