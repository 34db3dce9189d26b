"""Look at a model while it is trained, and change nothing of the training."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
import transformers
from tqdm.auto import tqdm

from attn_widgets.analysis.language import spoken
from attn_widgets.models import loading, tabular
from attn_widgets.models.core import Core
from attn_widgets.models.diagnosing import Wanted, diagnose
from attn_widgets.models.using.course import Course, Snapshot
from attn_widgets.models.using.sentences import WATCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

    from attn_widgets.analysis.language import Language

Live: TypeAlias = "Callable[[Course], object]"
"""Told of the course after each look; :func:`draw_live` makes one that draws."""


class Watcher:
    """Looks at one model, which may be in training mode, as often as asked.

    Random numbers, dropout and gradients of the training are left alone.

    Parameters
    ----------
    model
        A ``transformers`` model with or without a head.
    tokenizer
        Its tokenizer.
    texts
        What to look with: at least 12 different ones of 10 tokens or more for the clogged rule.
    pooling
        What the vector of a text is: ``"mean"`` or ``"cls"``.
    live
        Told after each look.

    Raises
    ------
    TypeError
        If `texts` is one str, or a data frame of several columns.

    Attributes
    ----------
    course
        What was seen.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        tokenizer: PreTrainedTokenizerBase,
        texts: Sequence[str] = WATCHED,
        *,
        pooling: str = "mean",
        live: Live | None = None,
    ) -> None:
        Wanted(pooling=pooling)
        self._texts = _several(texts)
        self._pooling = pooling
        self._live = live
        self._reference: float | None = None
        self.course = Course()
        with _aside(model):
            self._core = Core(loading.adopt(model, tokenizer))

    @property
    def model(self) -> torch.nn.Module:
        """Give the model it looks at."""
        return self._core.model

    def look(self, step: int, loss: float = math.nan) -> Snapshot:
        """Measure the model as it is now; similarity is compared with that of the first look.

        Raises
        ------
        ValueError, UnsupportedModelError
            As :meth:`ModelRunner.diagnose`.
        """
        with _aside(self._core.model):
            wanted = Wanted(reference=self._reference, pooling=self._pooling, probes=0)
            seen = diagnose(self._core, self._texts, wanted, progress=False)
        if self._reference is None and seen.output is not None:
            self._reference = seen.output.similarity
            output = dataclasses.replace(seen.output, reference=self._reference)
            seen = dataclasses.replace(seen, output=output)
        one = Snapshot.of(step, loss, seen)
        self.course = self.course.also(one)
        if self._live is not None:
            self._live(self.course)
        return one


class TrainingCallback(transformers.TrainerCallback):  # type: ignore[misc]
    """Watch a ``transformers.Trainer``: special share, context share and the output test.

    Parameters
    ----------
    tokenizer
        The model's.
    texts, pooling, live
        As for :class:`Watcher`.
    every
        Look each so many optimiser steps; before the first and after the last always.

    Notes
    -----
    Trained again, the same model goes on in the same course: its steps are counted on, and it is
    compared with the first look of all. For a comparison with the model as it is now, make a new
    callback. Another model begins a new course.

    Raises
    ------
    TypeError
        If `texts` is one str, or a data frame of several columns.
    ValueError
        If `every` is below 1, or the pooling is not known.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        texts: Sequence[str] = WATCHED,
        *,
        every: int = 10,
        pooling: str = "mean",
        live: Live | None = None,
    ) -> None:
        _check_every(every)
        Wanted(pooling=pooling)
        self._tokenizer = tokenizer
        self._texts = _several(texts)
        self._every = every
        self._pooling = pooling
        self._live = live
        self._watcher: Watcher | None = None
        self._before = 0

    @property
    def course(self) -> Course:
        """Give what was seen so far."""
        return Course() if self._watcher is None else self._watcher.course

    def on_train_begin(
        self,
        args: object,  # noqa: ARG002 - the library's signature
        state: Any,  # noqa: ANN401 - the library's type
        control: object,  # noqa: ARG002 - as above
        model: torch.nn.Module,
        **_: object,
    ) -> None:
        """Look before the first step."""
        if self._watcher is not None and self._watcher.model is model:
            self._before = self._watcher.course.last.step - state.global_step
            return
        self._before = 0
        self._watcher = Watcher(
            model, self._tokenizer, self._texts, pooling=self._pooling, live=self._live
        )
        self._watcher.look(state.global_step)

    def on_step_end(self, args: object, state: Any, control: object, **_: object) -> None:  # noqa: ANN401, ARG002 - the library's signature
        """Look each so many steps."""
        if state.global_step % self._every == 0:
            self._look(state)

    def on_train_end(self, args: object, state: Any, control: object, **_: object) -> None:  # noqa: ANN401, ARG002 - as above
        """Look after the last step."""
        self._look(state)

    def _look(self, state: Any) -> None:  # noqa: ANN401 - as above
        watcher = self._watcher
        step = self._before + state.global_step
        if watcher is not None and watcher.course.last.step != step:
            losses = [one["loss"] for one in state.log_history if "loss" in one]
            watcher.look(step, losses[-1] if losses else math.nan)


def train_watched(
    model: torch.nn.Module,
    batches: Iterable[Any],
    loss: Callable[[torch.nn.Module, Any], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    watcher: Watcher,
    *,
    every: int = 10,
    progress: bool = True,
) -> Course:
    """Train in a plain loop, a step per batch, and look before, each so many steps, and after.

    Before only if the watcher has not looked yet. With a watcher that has seen steps before, steps
    are counted on from its last look.

    Parameters
    ----------
    model
        What is trained; it comes back in training mode.
    batches
        Anything; one for each step.
    loss
        Makes the loss of the model and a batch.
    optimizer
        Of the model's parameters.
    watcher
        Of the model.
    every
        Look each so many steps.
    progress
        Whether to show a progress bar.

    Raises
    ------
    ValueError
        If `every` is below 1, the watcher is of another model, or the loss is not finite: what was
        seen until then stays in ``watcher.course``.
    """
    _check_every(every)
    if watcher.model is not model:
        msg = "the watcher looks at another model than the one to train: make one of this model"
        raise ValueError(msg)
    if not watcher.course.snapshots:
        watcher.look(0)
    model.train()
    before = step = watcher.course.last.step
    value = math.nan
    for step, batch in enumerate(tqdm(batches, unit="step", disable=not progress), before + 1):
        optimizer.zero_grad(set_to_none=True)
        result = loss(model, batch)
        value = float(result.detach())
        if not math.isfinite(value):
            msg = f"the loss is {value} at step {step}: train with a smaller learning rate"
            raise ValueError(msg)
        result.backward()
        optimizer.step()
        if (step - before) % every == 0:
            watcher.look(step, value)
    if watcher.course.last.step != step:
        watcher.look(step, value)
    return watcher.course


def draw_live(lang: Language | None = None) -> Live:
    """Make a listener that draws the course in the notebook cell it is called in, and redraws.

    Parameters
    ----------
    lang
        ``"en"`` or ``"ja"``; by default as :func:`set_language` says when it draws.

    Raises
    ------
    ValueError
        If it is neither.
    """
    spoken(lang)
    display = importlib.import_module("IPython.display")
    shown: list[Any] = []

    def draw(course: Course) -> None:
        picture = display.HTML(course.html(lang))
        if shown:
            shown[0].update(picture)
        else:
            shown.append(display.display(picture, display_id=True))

    return draw


@contextlib.contextmanager
def _aside(model: torch.nn.Module) -> Iterator[None]:
    """Put a model in evaluation mode for a look, and leave all as it was."""
    modes = [(module, module.training) for module in model.modules()]
    devices = {own.device.index for own in model.parameters() if own.device.type == "cuda"}
    model.eval()
    try:
        with torch.random.fork_rng(devices=list(devices)):
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def _several(texts: Sequence[str]) -> tuple[str, ...]:
    if isinstance(texts, str):
        msg = f"texts must be a list of texts, not one str: give [{texts[:40]!r}]"
        raise TypeError(msg)
    return tuple(tabular.texts_of(texts))


def _check_every(every: int) -> None:
    if every < 1:
        msg = f"every is {every}: expected a number of steps, from 1 up"
        raise ValueError(msg)
