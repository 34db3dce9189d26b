"""What a model's head says: tokens it proposes, labels it gives, before and after a change."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from attn_widgets.interventions import Guess, LabelChange, Prediction
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.interventions.effect import Head
    from attn_widgets.record import Kind, Token

MOST_PLACES = 128
"""So many places at most are given with their likeliest tokens; the divergence is given of all."""

_ROWS = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a model's head said of one text.

    Parameters
    ----------
    head
        Which kind of head it is.
    logits
        ``(tokens, vocabulary)``, ``(tokens, labels)`` or ``(labels,)``; None where nothing is said
        or it cannot be read.
    """

    head: Head
    logits: torch.Tensor | None = None

    @classmethod
    def of(cls, model: torch.nn.Module, output: Any, kind: Kind) -> Answer:  # noqa: ANN401 - each family has its own output class
        """Read the output of a model that was run on one text."""
        head, logits = read(model, output, kind)
        return cls(head, None if logits is None else logits[0].detach().to("cpu"))


def read(
    model: torch.nn.Module,
    output: Any,  # noqa: ANN401 - each family has its own output class
    kind: Kind,
) -> tuple[Head, torch.Tensor | None]:
    """Say which head a model has, and give what it said of a batch.

    Parameters
    ----------
    model
        The model.
    output
        What it gave; None where only its encoder was run.
    kind
        The stack that was wanted: an encoder fills in masked tokens, any other goes on.
    """
    logits = getattr(output, "logits", getattr(output, "prediction_logits", None))
    if logits is None:
        if output is None:
            return ("none" if model.get_output_embeddings() is None else "not run"), None
        return ("none" if hasattr(output, "last_hidden_state") else "other"), None
    config: Any = model.config
    by_token, choices = logits.ndim == 3, logits.shape[-1]  # noqa: PLR2004 - batch, tokens, choices
    if by_token and choices >= config.get_text_config().vocab_size:
        return ("masked language model" if kind == "encoder" else "next token"), logits
    if choices == config.num_labels and logits.ndim in {2, 3}:
        return ("labels of tokens" if by_token else "labels"), logits
    return "other", None


def places(head: Head, tokens: Sequence[Token]) -> list[int]:
    """List the places whose likeliest tokens are given: masked tokens, the end, or all."""
    if head == "next token":
        return [len(tokens) - 1]
    masked = [place for place, token in enumerate(tokens) if token.role == TokenRole.MASK]
    if head == "masked language model" and masked:
        return masked[:MOST_PLACES]
    return list(range(len(tokens)))[:MOST_PLACES]


def divergence(before: torch.Tensor, after: torch.Tensor) -> NDArray[np.float64]:
    """Give ``KL(before || after)`` of the softmax of each row of logits, in nats: ``(rows,)``."""
    found = []
    for start in range(0, len(before), _ROWS):
        was, now = (
            torch.log_softmax(logits[start : start + _ROWS].double(), dim=-1)
            for logits in (before, after)
        )
        share = was.exp()
        # a choice that the model rules out by -inf has no share, and -inf - -inf is no number
        parts = torch.where(share == 0, 0.0, share * (was - now))
        found.append(parts.sum(dim=-1).clamp_min(0.0))
    return np.concatenate([part.numpy() for part in found])


def predictions(
    before: Answer,
    after: Answer,
    tokens: Sequence[Token],
    top: int,
    name: Callable[[int], str],
) -> tuple[tuple[Prediction, ...], NDArray[np.float64] | None]:
    """Give what is proposed in each place, and the divergence in every place.

    Parameters
    ----------
    before, after
        What the head said.
    tokens
        The tokens its output is of.
    top
        How many proposals are given per place.
    name
        Writes a number of the vocabulary.
    """
    if before.logits is None or after.logits is None or before.head == "labels":
        return (), None
    kl = divergence(before.logits, after.logits)
    made = [
        Prediction(
            position=place,
            before=guesses(before.logits[place], top, name),
            after=guesses(after.logits[place], top, name),
            kl=float(kl[place]),
        )
        for place in places(before.head, tokens)
    ]
    return tuple(made), kl


def said_otherwise(before: Answer, after: Answer) -> float | None:
    """Give the mean of ``KL(before || after)`` over all places, in nats; None without answers.

    Of a classifier of texts it is the divergence of its labels.
    """
    if before.logits is None or after.logits is None or before.logits.shape[-1] < 2:  # noqa: PLR2004 - a score alone is no distribution
        return None
    was, now = (one.reshape(-1, one.shape[-1]) for one in (before.logits, after.logits))
    return float(divergence(was, now).mean())


def guesses(logits: torch.Tensor, top: int, name: Callable[[int], str]) -> tuple[Guess, ...]:
    """Give the likeliest of one row of logits, best first."""
    likely = torch.softmax(logits.double(), dim=-1).topk(min(top, len(logits)))
    return tuple(
        Guess(name(int(number)), float(probability))
        for number, probability in zip(likely.indices, likely.values, strict=True)
    )


def labels(model: torch.nn.Module, before: Answer, after: Answer) -> LabelChange | None:
    """Give what a classifier says; None for any other head."""
    if before.head != "labels" or before.logits is None or after.logits is None:
        return None
    config: Any = model.config
    names = label_names(model)
    if len(names) == 1:
        unit, values = "score", [before.logits.double(), after.logits.double()]
    elif config.problem_type == "multi_label_classification":
        unit = "probability"
        values = [
            torch.sigmoid(one.logits.double()) for one in (before, after) if one.logits is not None
        ]
    else:
        unit = "probability"
        values = [
            torch.softmax(one.logits.double(), -1)
            for one in (before, after)
            if one.logits is not None
        ]
    was, now = (tuple(map(float, row)) for row in values)
    return LabelChange(labels=names, before=was, after=now, unit=unit)


def label_names(model: torch.nn.Module) -> tuple[str, ...]:
    """Give the names of a classifier's labels, in the model's order."""
    config: Any = model.config
    return tuple(str(config.id2label.get(i, i)) for i in range(config.num_labels))
