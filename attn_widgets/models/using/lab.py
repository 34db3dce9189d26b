"""A small laboratory of fine-tuning: what clogs a model, what makes its vectors collapse."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import random
import time
from typing import TYPE_CHECKING, Any, Literal

import torch
from tqdm.auto import tqdm

from attn_widgets.interventions import Changes
from attn_widgets.models import loading
from attn_widgets.models.core import Core
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.using import paraphrases
from attn_widgets.models.using import pooling as pools
from attn_widgets.models.using.check import found
from attn_widgets.models.using.lab_report import Lab, LabRun
from attn_widgets.models.using.layers import freeze_layers, reinitialize_layers
from attn_widgets.models.using.sentences import MANY, ONE
from attn_widgets.models.using.watching import Watcher, train_watched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

    from attn_widgets.models.runner import ModelRunner


@dataclasses.dataclass(frozen=True, slots=True)
class Condition:
    """One way to fine-tune.

    Parameters
    ----------
    data
        ``"one"`` sentence over and over, ``"many"`` (32 different ones), or texts of your own.
    rate
        The learning rate of AdamW.
    freeze
        So many lowest layers stay as they are.
    reinitialize
        So many highest layers start anew.

    Raises
    ------
    ValueError
        If there are no texts, the rate is not above 0, or a number of layers is below 0.
    """

    data: Literal["one", "many"] | tuple[str, ...]
    rate: float
    freeze: int = 0
    reinitialize: int = 0

    def __post_init__(self) -> None:
        """Check what can be checked without a model."""
        if isinstance(self.data, str) and self.data not in _DATA:
            msg = f"data is {self.data!r}: 'one', 'many', or a tuple of texts"
            raise ValueError(msg)
        if not self.data or not self.rate > 0 or min(self.freeze, self.reinitialize) < 0:
            msg = (
                f"{self.label}: expected one text or more, a rate above 0, and numbers of layers "
                "from 0 up"
            )
            raise ValueError(msg)

    @property
    def texts(self) -> tuple[str, ...]:
        """Give what is trained on."""
        return _DATA[self.data] if isinstance(self.data, str) else self.data

    @property
    def label(self) -> str:
        """Say it in a few words."""
        what = self.data if isinstance(self.data, str) else f"texts: {len(self.data)}"
        frozen = f", freeze {self.freeze}" if self.freeze else ""
        anew = f", reinit {self.reinitialize}" if self.reinitialize else ""
        return f"{what}, lr {self.rate:g}{frozen}{anew}"


_DATA: dict[str, tuple[str, ...]] = {"one": ONE, "many": MANY}

CONDITIONS = (
    Condition("one", 5e-5),
    Condition("many", 5e-5),
    Condition("one", 5e-4),
    Condition("many", 5e-4),
    Condition("one", 5e-4, freeze=4),
    Condition("one", 5e-4, reinitialize=2),
)
"""One sentence against many at two rates, and two preventions: the control decides the cause."""


def finetune_lab(
    runner: ModelRunner,
    conditions: Sequence[Condition] = CONDITIONS,
    *,
    steps: int = 60,
    every: int = 20,
    batch_size: int = 8,
    probe: str = "The dog chased the cat across the garden until it was tired.",
    seed: int = 0,
    progress: bool = True,
) -> Lab:
    """Fine-tune copies of a model, a condition each, and see which clogs and which collapses.

    The objective is masked words, with the word embeddings as output weights, as a sentence
    encoder has no head of its own: a hostile objective rather than a clean one, so that loss stays
    high on many texts. The embeddings are not trained, which saves half of the time. With the
    embedded model and the default conditions it takes one to two minutes on two cores.

    Parameters
    ----------
    runner
        Of an encoder with a mask token; its model is not touched.
    conditions
        What is compared.
    steps
        Optimiser steps each.
    every
        Look at the model each so many steps.
    batch_size
        Texts per step.
    probe
        A text whose attention is recorded before and after, for ``AttentionExplorer.compare``.
    seed
        Of dropout, masks and new layers; the same seed gives the same numbers on one machine.
    progress
        Whether to show a progress bar.

    Returns
    -------
    Lab
        A table of the runs, each with its course, retrieval check and records.

    Raises
    ------
    ValueError
        If a number is below 1, there is no condition, or a condition has no such layers.
    UnsupportedModelError
        If the model has no mask token or no word embeddings as wide as its states.
    """
    _check(runner, conditions, steps, every, batch_size)
    settings = _Settings(runner, steps, every, batch_size, probe, seed)
    with (
        _one_thread(),
        tqdm(total=steps * len(conditions), unit="step", disable=not progress) as bar,
    ):
        runs = tuple(_run(settings, condition, bar) for condition in conditions)
    core = _core(runner)
    return Lab(model=core.source.model, steps=steps, seed=seed, before=_top1(core), runs=runs)


@dataclasses.dataclass(frozen=True, slots=True)
class _Settings:
    runner: ModelRunner
    steps: int
    every: int
    batch_size: int
    probe: str
    seed: int


def _run(settings: _Settings, condition: Condition, bar: Any) -> LabRun:  # noqa: ANN401 - a tqdm
    bar.set_description(condition.label)
    started = time.monotonic()
    tokenizer = settings.runner.tokenizer
    model = copy.deepcopy(settings.runner.model).eval()
    name = f"{settings.runner.name}, {condition.label}"
    core = Core(loading.Loaded(name, None, model, tokenizer))
    watcher = Watcher(model, tokenizer)
    # the first look is of the model as it was, before layers start anew
    watcher.look(0)
    if condition.reinitialize:
        reinitialize_layers(model, top=condition.reinitialize, seed=settings.seed)
        watcher.look(0)
    freeze_layers(model, bottom=condition.freeze)
    trained = [own for own in model.parameters() if own.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=condition.rate)
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        course = train_watched(
            model,
            _batches(condition.texts, tokenizer, settings, bar),
            masked_loss,
            optimizer,
            watcher,
            every=settings.every,
            progress=False,
        )
    model.eval()
    (probe,) = pools.prepared(core, [settings.probe])
    return LabRun(
        label=condition.label,
        course=course,
        top1=_top1(core),
        before=_core(settings.runner).captured(probe, Changes()),
        after=core.captured(probe, Changes()),
        seconds=time.monotonic() - started,
    )


def masked_loss(model: torch.nn.Module, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Give the cross-entropy of masked words, with word embeddings as output weights.

    Parameters
    ----------
    model
        An encoder without its head.
    batch
        Inputs, and ``labels`` with -100 where nothing is asked.
    """
    inputs = {name: own for name, own in batch.items() if name != "labels"}
    body = model.base_model
    asked = batch["labels"] >= 0
    states = body(**inputs).last_hidden_state[asked]
    logits = states @ body.get_input_embeddings().weight.T
    return torch.nn.functional.cross_entropy(logits, batch["labels"][asked])


def _batches(
    texts: tuple[str, ...],
    tokenizer: PreTrainedTokenizerBase,
    settings: _Settings,
    bar: Any,  # noqa: ANN401 - a tqdm
) -> Iterator[dict[str, torch.Tensor]]:
    """Draw texts in order, shuffled anew each round, with 15% of their words masked, at least one.

    Masks come from a stream of their own, so that a look in between changes none.
    """
    drawn = random.Random(settings.seed)  # noqa: S311 - texts and masks, no secrets
    device = settings.runner.model.device
    waiting: list[str] = []
    for _ in range(settings.steps):
        while len(waiting) < settings.batch_size:
            waiting += drawn.sample(texts, len(texts))
        part, waiting = waiting[: settings.batch_size], waiting[settings.batch_size :]
        batch = dict(
            tokenizer(
                part,
                padding=True,
                truncation=True,
                return_tensors="pt",
                return_special_tokens_mask=True,
            )
        )
        words = batch.pop("special_tokens_mask") == 0
        labels = torch.full_like(batch["input_ids"], -100)
        for row, own in enumerate(words):
            places = own.nonzero()[:, 0].tolist()
            for place in drawn.sample(places, max(1, round(_MASKED * len(places)))):
                labels[row, place] = batch["input_ids"][row, place]
                batch["input_ids"][row, place] = tokenizer.mask_token_id
        bar.update(1)
        yield {name: own.to(device) for name, own in (batch | {"labels": labels}).items()}


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Compute in one thread: on a busy machine several wait for each other for minutes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _core(runner: ModelRunner) -> Core:
    return runner._core  # noqa: SLF001 - what the runner's own methods run on


def _top1(core: Core) -> float:
    """Give how often the mean of the last layer's tokens finds the paraphrase."""
    pairs = paraphrases.ENGLISH
    ready = pools.prepared(core, [one for one, _ in pairs] + [other for _, other in pairs])
    last = pools.every_layer(core, ready, ("mean",))[0, -1]
    return found(last[: len(pairs)], last[len(pairs) :])[0]


def _check(
    runner: ModelRunner, conditions: Sequence[Condition], steps: int, every: int, batch_size: int
) -> None:
    if not conditions:
        msg = "conditions is empty: give one or more Condition"
        raise ValueError(msg)
    if min(steps, every, batch_size) < 1:
        msg = (
            f"steps is {steps}, every {every}, batch_size {batch_size}: "
            "expected whole numbers from 1 up"
        )
        raise ValueError(msg)
    body = runner.model.base_model
    words = body.get_input_embeddings().weight
    config = body.config.get_text_config()
    if runner.tokenizer.mask_token_id is None or "encoder" not in runner.stacks:
        msg = f"{runner.name} is no encoder with a mask token: masked words cannot be trained"
        raise UnsupportedModelError(msg)
    if words.shape[1] != config.hidden_size:
        msg = (
            f"word embeddings of {runner.name} have {words.shape[1]} numbers and states "
            f"{config.hidden_size}: they cannot serve as output weights"
        )
        raise UnsupportedModelError(msg)
    deepest = max(max(one.freeze, one.reinitialize) for one in conditions)
    if deepest > config.num_hidden_layers:
        msg = f"{deepest} layers were asked for, and the model has {config.num_hidden_layers}"
        raise ValueError(msg)


_MASKED = 0.15
