"""Texts as fixed batches: the same texts always run together, so the same numbers come out."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING

import torch

from attn_widgets.models import arguments, inputs, tabular
from attn_widgets.models.encoding import Encoder
from attn_widgets.models.masked import stack_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.runner import ModelRunner


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """Inputs that run together.

    Parameters
    ----------
    prepared
        The inputs.
    rows
        bool, ``(batch, longest)``: True at tokens of a text, False at padding.
    """

    prepared: tuple[Prepared, ...]
    rows: torch.Tensor


def make(
    runner: ModelRunner, texts: Sequence[str], size: int, max_length: int
) -> tuple[Batch, ...]:
    """Cut texts into batches of like length.

    Parameters
    ----------
    runner
        The runner of the model that reads them.
    texts
        What it reads.
    size
        Most texts in a batch.
    max_length
        Longer texts are cut to so many tokens.

    Raises
    ------
    TypeError, ValueError
        If a text is not a str, has no tokens, the length is out of range, or the model is in
        training mode.
    """
    arguments.refuse_training(runner.model, runner.name)
    limit = runner.max_length
    encoder = Encoder(runner.tokenizer, limit)
    longest = max_length if limit is None else min(max_length, limit)
    kinds, kind = tuple(runner.stacks), stack_of(runner, None)
    prepared = [
        inputs.prepare(encoder, runner.model, (text, None), kinds, kind, longest) for text in texts
    ]
    prepared.sort(key=lambda one: len(one.tokens))
    return tuple(
        _batch(prepared[start : start + size], runner.model.device)
        for start in range(0, len(prepared), size)
    )


def _batch(prepared: Sequence[Prepared], device: torch.device) -> Batch:
    lengths = torch.tensor([len(one.tokens) for one in prepared])
    rows = torch.arange(int(lengths.max())) < lengths[:, None]
    return Batch(tuple(prepared), rows.to(device))


def divide(
    texts: Sequence[str], holdout: float, seed: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hold out a share of the texts, chosen by the seed; both parts keep the order given.

    Raises
    ------
    TypeError
        If `texts` is one str, or holds what is no str.
    ValueError
        If the share is not between 0 and 1, or a part would have fewer than 2 texts.
    """
    if isinstance(texts, str):
        msg = f"texts must be a list of texts, not one str: {texts[:40]!r}"
        raise TypeError(msg)
    given = list(tabular.texts_of(texts))
    wrong = [text for text in given if not isinstance(text, str)]
    if wrong:
        msg = f"texts must be a list of str, with no {type(wrong[0]).__name__} in it"
        raise TypeError(msg)
    if not 0 < holdout < 1:
        msg = f"holdout is {holdout}: expected a share between 0 and 1, such as 0.2"
        raise ValueError(msg)
    held = round(len(given) * holdout)
    if min(held, len(given) - held) < 2:  # noqa: PLR2004 - a percentile needs two
        msg = (
            f"{len(given)} texts with holdout={holdout} leave {len(given) - held} to train on and "
            f"{held} to test on: give more texts, 2 at least on each side"
        )
        raise ValueError(msg)
    order = torch.randperm(len(given), generator=torch.Generator().manual_seed(seed)).tolist()
    chosen = set(order[:held])
    train = tuple(text for place, text in enumerate(given) if place not in chosen)
    test = tuple(text for place, text in enumerate(given) if place in chosen)
    return train, test


def digest(texts: Sequence[str]) -> str:
    """SHA-256 of the texts, in their order."""
    return hashlib.sha256(json.dumps(list(tabular.texts_of(texts))).encode()).hexdigest()
