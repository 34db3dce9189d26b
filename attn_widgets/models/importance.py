"""Measure how much each head of a stack matters: by gradients, and by taking it away."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch
from tqdm.auto import tqdm

from attn_widgets.interventions import Changes, HeadImportance, ablate, uniform
from attn_widgets.interventions.speech import say
from attn_widgets.models import answers, arguments, memory, tabular, vectors
from attn_widgets.models.devices import input_device
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.gating import Gated
from attn_widgets.models.hearing import heard
from attn_widgets.models.passes import Passes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.language import Language
    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.interface import Observer
    from attn_widgets.record import Kind

Loss = Literal["vector", "answers"]

METHODS: Final = ("gradient", "ablation", "uniform")

_EDITS: Final = {"ablation": ablate, "uniform": uniform}
_PROBES: Final = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What is measured.

    Parameters
    ----------
    methods
        ``"gradient"``, ``"ablation"``, ``"uniform"``: one or more.
    loss
        By what: ``"vector"``, ``"answers"``, or None for answers where there are any.
    pooling
        How the vector of a text is made.
    """

    methods: tuple[str, ...]
    loss: Loss | None = None
    pooling: str = "mean"

    def __post_init__(self) -> None:
        """Refuse what is not known.

        Raises
        ------
        ValueError
            If a method, the loss or the pooling is not one that there is.
        """
        vectors.check_pooling(self.pooling)
        if not self.methods or not set(self.methods) <= set(METHODS):
            msg = f"method is {self.methods!r}: one or more of {', '.join(map(repr, METHODS))}"
            raise ValueError(msg)
        if self.loss not in {"vector", "answers", None}:
            msg = f"loss is {self.loss!r}: 'vector', 'answers', or None for what the model has"
            raise ValueError(msg)

    @classmethod
    def of(cls, method: str | Iterable[str], loss: Loss | None, pooling: str) -> Wanted:
        """Take what a caller asks: one method, or several."""
        return cls((method,) if isinstance(method, str) else tuple(method), loss, pooling)


class _Batch:
    """A few texts of one stack, and what the plain model makes of them."""

    def __init__(
        self,
        core: Core,
        prepared: Sequence[Prepared],
        wanted: Wanted,
        stop: Callable[[], bool] | None,
    ) -> None:
        self._core = core
        self._prepared = prepared
        self._wanted = wanted
        self._stop = stop
        self._selection = core.selection(prepared)
        self._kind = prepared[0].kind
        vector, said = self._run(Changes())
        self._check(vector, said)
        self.loss: Loss = wanted.loss or ("vector" if said is None else "answers")
        self._vector = [] if vector is None else [vectors.array(one) for one in vector]
        self._said = [] if said is None else [one.detach().to("cpu") for one in said]

    def moved(self, changes: Changes) -> float:
        """Sum over texts what a change does: ``1 - cosine``, or the divergence of the answers."""
        vector, said = self._run(changes)
        if self.loss == "vector":
            pairs = zip(self._vector, vector or (), strict=True)
            apart = (1 - vectors.cosine(was, vectors.array(now)) for was, now in pairs)
            return float(self._summed(apart))
        answered = zip(self._said, said or (), strict=True)
        return float(
            self._summed(
                answers.divergence(was, now.detach().to("cpu")).mean() for was, now in answered
            )
        )

    def gradients(self, generator: torch.Generator) -> NDArray[np.float64]:
        """Sum ``|dL / d gate|`` over texts: ``(layers, heads)``."""
        stack = self._selection.stack
        shape = (len(self._prepared), len(stack.names), stack.heads)
        with torch.inference_mode(mode=False), torch.enable_grad():
            gates = torch.ones(shape, device=input_device(self._core.model), requires_grad=True)
            vector, said = self._run(Changes(), gates)
            if self.loss == "vector":
                losses = _directions(vector or [], generator)
            else:
                losses = [sum(map(_surprise, said or []), start=torch.zeros(()))]
            total = np.zeros(shape)
            for loss in losses:
                (slope,) = torch.autograd.grad(loss, gates, retain_graph=True)
                total += slope.abs().to("cpu").double().numpy() / len(losses)
        return self._summed(total)

    def _summed(self, scores: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Add up what was measured of each text.

        Raises
        ------
        ValueError
            If it is no number for one: its mean with others would be none either.
        """
        texts = (one.texts for one in self._prepared)
        found = [vectors.finite(score, own) for score, own in zip(scores, texts, strict=True)]
        total: NDArray[np.float64] = np.sum(found, axis=0, dtype=np.float64)
        return total

    def _run(
        self, changes: Changes, gates: torch.Tensor | None = None
    ) -> tuple[list[torch.Tensor] | None, list[torch.Tensor] | None]:
        """Run the batch; give each text's vector and its answers ``(places, choices)``."""
        core = self._core
        observer: Observer = Passes(core.sites, core.stacks)
        if gates is not None:
            observer = Gated(observer, self._kind, gates)
        with heard(core.model, self._kind) as found:
            core.run(
                self._prepared,
                self._selection,
                changes,
                observer,
                stop=self._stop,
                whole=True,
                gradients=gates is not None,
            )
        return self._vectors(found.states), self._answers(found.output)

    def _vectors(self, states: torch.Tensor | None) -> list[torch.Tensor] | None:
        if states is None or not vectors.has_vector(self._core, self._kind):
            return None
        return [
            vectors.pooled(own, one.tokens, self._wanted.pooling)
            for own, one in zip(states, self._prepared, strict=True)
        ]

    def _answers(self, output: object) -> list[torch.Tensor] | None:
        head, logits = answers.read(self._core.model, output, self._kind)
        if logits is None or logits.shape[-1] < 2:  # noqa: PLR2004 - a score alone is no choice
            return None
        if head == "labels":
            return [own[None] for own in logits]
        return [own[: len(one.tokens)] for own, one in zip(logits, self._prepared, strict=True)]

    def _check(self, vector: list[torch.Tensor] | None, said: list[torch.Tensor] | None) -> None:
        asked = self._wanted.loss
        if vector is None and (said is None or asked == "vector"):
            msg = (
                f"the {self._kind} of this model gives no vector of a text: load it with a head "
                "that predicts, and use loss='answers'; or measure its encoder"
            )
            raise UnsupportedModelError(msg)
        if asked == "answers" and said is None:
            msg = "this model has no head that answers in this stack: use loss='vector'"
            raise UnsupportedModelError(msg)


def head_importance(
    core: Core,
    texts: Iterable[str | tuple[str, str]],
    wanted: Wanted,
    stack: Kind | None = None,
    batch_size: int = 8,
    stop: Callable[[], bool] | None = None,
    *,
    progress: bool = True,
) -> HeadImportance:
    """Measure every head on texts; see `ModelRunner.head_importance`."""
    if batch_size < 1:
        msg = f"batch_size is {batch_size}: expected at least 1"
        raise ValueError(msg)
    several = [texts] if isinstance(texts, str) else tabular.texts_of(texts)
    prepared = core.prepare([arguments.as_pair(text) for text in several], stack)
    if not prepared:
        msg = "there is no text to measure on: give a list of texts"
        raise ValueError(msg)
    arguments.warn_of_loss(prepared)
    kind = prepared[0].kind
    layers, heads = len(core.stacks[kind].names), core.stacks[kind].heads
    scores = {method: np.zeros((layers, heads)) for method in wanted.methods}
    starts = range(0, len(prepared), batch_size)
    taken_away = [method for method in wanted.methods if method in _EDITS]
    generator = torch.Generator().manual_seed(0)
    runs = len(starts) * (1 + layers * heads * len(taken_away))
    loss: Loss = "vector"
    with tqdm(total=runs, unit="run", disable=not progress) as bar:
        for start in starts:
            part = prepared[start : start + batch_size]
            with memory.named(core.selection(part), "Give shorter texts, or a smaller batch_size="):
                batch = _Batch(core, part, wanted, stop)
                loss = batch.loss
                if "gradient" in scores:
                    scores["gradient"] += batch.gradients(generator)
                bar.update()
                for method in taken_away:
                    for place in np.ndindex(layers, heads):
                        scores[method][place] += batch.moved(Changes((_EDITS[method](place),)))
                        bar.update()
    means = {method: total / len(prepared) for method, total in scores.items()}
    return HeadImportance(
        core.source.model,
        kind,
        len(prepared),
        _words(loss, wanted, "en"),
        means,
        _words(loss, wanted, "ja"),
    )


def _directions(vector: Sequence[torch.Tensor], generator: torch.Generator) -> list[torch.Tensor]:
    """Give ``sum u · v / |v|`` over texts, for several random ``u`` of each text.

    With ``u`` drawn from N(0, I), the mean of ``|dL/dg|`` is sqrt(2 / pi) times the length of
    ``d(v / |v|) / dg``: of the move of the vector's direction, to first order, which is what
    1 - cosine measures to second order and has no gradient of where nothing has moved yet.
    """
    losses = [torch.zeros((), device=vector[0].device) for _ in range(_PROBES)]
    for one in vector:
        direction = one.float() / one.float().norm()
        drawn = torch.randn((_PROBES, len(one)), generator=generator).to(one.device)
        losses = [loss + probe @ direction for loss, probe in zip(losses, drawn, strict=True)]
    return losses


def _surprise(logits: torch.Tensor) -> torch.Tensor:
    """Give ``-log p`` of the likeliest answer, the mean over places."""
    return -torch.log_softmax(logits.float(), dim=-1).amax(dim=-1).mean()


def _words(loss: Loss, wanted: Wanted, language: Language) -> str:
    if loss == "answers":
        return say(language, "loss.answers")
    pooling = say(language, f"pooling.{wanted.pooling}")
    return say(language, "loss.vector", pooling=pooling, probes=_PROBES)
