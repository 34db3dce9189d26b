"""Vectors of texts from any layer: which tokens count, and one pass for all layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from attn_widgets.interventions import Changes
from attn_widgets.models import arguments, vectors
from attn_widgets.models.drift import Followed, blocks
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.passes import Passes
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.record import Token

POOLINGS = ("cls", "mean", "content", "last")

_BATCH = 8


def check_pooling(pooling: str) -> None:
    """Refuse a pooling that is not known.

    Raises
    ------
    ValueError
        If it is not.
    """
    if pooling not in POOLINGS:
        msg = f"pooling is {pooling!r}: one of {', '.join(map(repr, POOLINGS))}"
        raise ValueError(msg)


def check_texts(texts: Sequence[object]) -> Sequence[str]:
    """Refuse texts that are none.

    Raises
    ------
    TypeError
        If one is not a str.
    """
    found: list[str] = []
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            msg = f"text {place} is {type(text).__name__}, not str: {text!r:.60}"
            raise TypeError(msg)
        found.append(text)
    return found


def shares(tokens: Sequence[Token], pooling: str) -> NDArray[np.float32]:
    """Give each token's part in the vector of a text, ``(tokens,)``; parts sum to 1.

    Parameters
    ----------
    tokens
        Without padding.
    pooling
        ``"cls"``, the first [CLS]; ``"mean"``, every token, special ones included;
        ``"content"``, every token of the text; ``"last"``, the last token.

    Raises
    ------
    UnsupportedModelError
        If there is no [CLS] for ``"cls"``.
    ValueError
        If there is no text for ``"content"``.
    """
    parts = np.zeros(len(tokens), np.float32)
    if pooling == "mean":
        parts[:] = 1
    elif pooling == "last":
        parts[-1] = 1
    elif pooling == "content":
        parts[[i for i, token in enumerate(tokens) if not token.role.is_special]] = 1
        if not parts.any():
            msg = "a text has no words beside special tokens: pooling='content' has nothing to mean"
            raise ValueError(msg)
    else:
        found = [i for i, token in enumerate(tokens) if token.role is TokenRole.CLS]
        if not found:
            msg = "pooling='cls' needs a [CLS] token, and this model's texts have none: use 'mean'"
            raise UnsupportedModelError(msg)
        parts[found[0]] = 1
    parts /= parts.sum()
    return parts


def prepared(core: Core, texts: Sequence[object], max_length: int | None = None) -> list[Prepared]:
    """Tokenise texts for the stack that gives vectors.

    Raises
    ------
    TypeError
        If one is not a str.
    """
    pairs = [(text, None) for text in check_texts(texts)]
    ready = core.prepare(pairs, None, max_length)
    arguments.warn_of_loss(ready)
    return ready


def every_layer(
    core: Core,
    ready: Sequence[Prepared],
    poolings: Sequence[str],
    stop: Callable[[], bool] | None = None,
    moved: Callable[[int], object] | None = None,
) -> NDArray[np.float32]:
    """Run texts once, in batches of like length, and pool every layer's tokens.

    Parameters
    ----------
    core
        The model.
    ready
        The texts.
    poolings
        How vectors are made.
    stop
        Asked before every layer.
    moved
        Told how many texts were done.

    Returns
    -------
    ndarray of float32, shape (poolings, layers, texts, hidden)
        Layer l after its block, counted from 0; the last one as the model gives it out, after a
        final normalisation where it has one.
    """
    parts = [np.stack([shares(one.tokens, way) for way in poolings]) for one in ready]
    layers = blocks(core.model.base_model, core.stacks[ready[0].kind])
    found: list[NDArray[np.float32] | None] = [None] * len(ready)
    order = sorted(range(len(ready)), key=lambda place: len(ready[place].tokens))
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        batch = [ready[place] for place in places]
        seen, followed = Passes(core.sites, core.stacks), Followed(layers)
        with followed.hooked():
            last = core.run(batch, core.selection(batch), Changes(), seen, stop=stop)
        for row, place in enumerate(places):
            own = torch.stack(
                [states[row, : parts[place].shape[1]] for states in (*followed.left[:-1], last)]
            )
            pooled = torch.from_numpy(parts[place]) @ own.detach().to("cpu").float()
            found[place] = pooled.numpy()
        if moved is not None:
            moved(len(places))
    stacked = np.stack([one for one in found if one is not None])
    return stacked.transpose(2, 1, 0, 3)


def cosines(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the cosine of each row of one with each row of the other."""
    return vectors.cosine(one.astype(np.float64)[:, None], other.astype(np.float64)[None])
