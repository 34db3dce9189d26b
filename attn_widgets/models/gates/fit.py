"""Train a gate on texts: the model stays as it is, only the gate learns."""

from __future__ import annotations

import operator
import pathlib
from typing import TYPE_CHECKING, Literal

from tqdm.auto import tqdm

from attn_widgets.models.gates import batches
from attn_widgets.models.gates.fitted import FittedGate
from attn_widgets.models.gates.report import measure_batches
from attn_widgets.models.gates.rules import Hard
from attn_widgets.models.gates.runs import dense
from attn_widgets.models.gates.settings import RANK, STEPS, Model, Settings
from attn_widgets.models.gates.start import calibrate, start
from attn_widgets.models.gates.training import EVERY, Training

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from attn_widgets.models.gates.batches import Batch
    from attn_widgets.models.runner import ModelRunner

_BATCH = 8


def fit_gate(  # noqa: PLR0913 - each is one choice about a training
    runner: ModelRunner,
    texts: Sequence[str],
    target_density: float = 0.2,
    kind: Literal["low_rank", "threshold"] = "low_rank",
    *,
    seed: int = 0,
    steps: int | None = None,
    holdout: float = 0.2,
    patience: int = 3,
    max_length: int = 64,
    progress: bool = True,
    resume: str | os.PathLike[str] | None = None,
) -> FittedGate:
    """Train a gate that drops weak connections of each input, per layer and head.

    While it trains, a pair is kept softly, ``sigmoid(logit / temperature)``, whose logarithm is
    added to the scores; the temperature falls from 0.5 to 0.1. The loss is distilled from the
    model itself: the relative squared errors of the last hidden states and of the layers'
    attention, 1 - the cosine of the sentence vectors, and a price on the density that follows the
    density. In use, a pair is kept or not. At the end
    all logits are raised or lowered together until the hard density on training texts is the
    target.

    The same texts, settings and seed give the same gate, bit for bit, on one CPU and one number of
    threads.

    Parameters
    ----------
    runner
        The model. Its weights, gradients and flags are untouched.
    texts
        Hundreds of texts of the kind the gate is for.
    target_density
        Share of the legal pairs to keep; each token with itself is one of them.
    kind
        ``"low_rank"`` decides from queries and keys without the scores, ``"threshold"`` from the
        attention weights.
    seed
        Decides which texts are held out, and their order.
    steps
        Most steps of 8 texts; by default 240 for ``"low_rank"``, 120 for ``"threshold"``.
    holdout
        Share of the texts never learned from: half of them decide when to stop and which gate was
        the best, the report is of the other half.
    patience
        Looks, one every 20 steps, without improvement before training stops; counted when the
        temperature has fallen, as decisions are not hard before.
    max_length
        Longer texts are cut to so many tokens; the report says how many were.
    progress
        Whether to show a progress bar.
    resume
        A file to keep the training in as it goes. If it is there already, the training goes on
        from it and ends as if it had never been interrupted.

    Returns
    -------
    FittedGate
        With a report on held-out texts, decided hard.

    Raises
    ------
    TypeError, ValueError
        If texts or settings are not usable, or the file to resume from is damaged or of other
        settings; the message says what is.
    FloatingPointError
        If the model computes NaN.
    """
    train, held = batches.divide(texts, holdout, seed)
    settings = Settings(
        model=Model.of(runner),
        texts=batches.digest(texts),
        kind=kind,
        target_density=target_density,
        seed=seed,
        steps=STEPS.get(kind, 1) if steps is None else operator.index(steps),
        holdout=holdout,
        patience=patience,
        max_length=max_length,
    )
    learn, watch, test = (
        batches.make(runner, part, _BATCH, max_length) for part in (train, held[::2], held[1::2])
    )
    training = _begin(runner, settings, learn, resume)
    _train(runner, training, learn, watch, resume, progress=progress)
    training.finish()
    calibrate(runner, training.gate, learn, target_density)
    gate = training.gate.value(settings.name)
    report = measure_batches(runner, Hard(gate), test)
    return FittedGate(gate, report, settings, tuple(training.history))


def _begin(
    runner: ModelRunner,
    settings: Settings,
    learn: Sequence[Batch],
    resume: str | os.PathLike[str] | None,
) -> Training:
    gate = start(runner, settings.kind, learn, RANK)
    if resume is not None and pathlib.Path(resume).exists():
        return Training.load(resume, settings, gate)
    calibrate(runner, gate, learn, settings.target_density)
    return Training(settings, gate)


def _train(
    runner: ModelRunner,
    training: Training,
    learn: Sequence[Batch],
    watch: Sequence[Batch],
    resume: str | os.PathLike[str] | None,
    *,
    progress: bool,
) -> None:
    watched = [(batch, dense(runner, batch)) for batch in watch]
    steps = training.settings.steps
    with tqdm(total=steps, initial=training.step, unit="step", disable=not progress) as bar:
        if not training.history:
            training.look(runner, watched)
        while not training.done:
            loss = training.advance(runner, learn)
            bar.update()
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
            if training.step % EVERY == 0 or training.step == steps:
                held_out = training.look(runner, watched)
                bar.set_description(f"held-out loss {held_out:.3f}")
                if resume is not None:
                    training.save(resume)
