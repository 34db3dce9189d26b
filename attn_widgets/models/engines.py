"""What a model makes of a text, where nobody asks for its weights, and what computes it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, get_args

import torch

from attn_widgets.models import flex, inputs, memory, standing
from attn_widgets.models.answers import Answer
from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.hearing import heard
from attn_widgets.models.passes import Passes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.interventions import Changes
    from attn_widgets.models.core import Core
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.record import Token

Engine = Literal["recorded", "flex"]
"""What computes attention: our function, which can give weights, or torch's flex kernel."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outputs:
    """What a model made of one text.

    Parameters
    ----------
    tokens
        The tokens of the stack that was run.
    hidden
        Its last hidden states, float32 ``(tokens, hidden)``, read-only.
    logits
        What the model's head says of the text, float32 ``(tokens, vocabulary)``,
        ``(tokens, labels)`` or ``(labels,)``, read-only; None for a model without one.
    engine
        What computed the attention.
    compile_seconds
        Time of the calls in which the kernel was compiled: paid once for a model's sizes, so 0.0
        in later runs.
    """

    tokens: tuple[Token, ...]
    hidden: NDArray[np.float32]
    logits: NDArray[np.float32] | None
    engine: Engine
    compile_seconds: float = 0.0

    @property
    def sentence(self) -> NDArray[np.float32]:
        """The mean of the hidden states of all tokens, special ones included: ``(hidden,)``."""
        mean: NDArray[np.float32] = self.hidden.mean(axis=0)
        return mean

    def __repr__(self) -> str:
        """Say what there is, by which engine, and what compiling took."""
        head = "no logits" if self.logits is None else f"logits {self.logits.shape}"
        compiled = f", {self.compile_seconds:.1f} s of it compiling" if self.compile_seconds else ""
        return (
            f"Outputs({len(self.tokens)} tokens, hidden {self.hidden.shape}, {head}, "
            f"engine {self.engine!r}{compiled})"
        )


def check_engine(engine: str) -> Engine:
    """Take the name of an engine.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    for known in get_args(Engine):
        if engine == known:
            found: Engine = known
            return found
    msg = f"engine is {engine!r}: expected {' or '.join(map(repr, get_args(Engine)))}"
    raise ValueError(msg)


def outputs(core: Core, prepared: Prepared, changes: Changes, engine: Engine) -> Outputs:
    """Run one text under changes, and keep what comes out at the end.

    Raises
    ------
    InterventionError, MaskBindError
        If a change does not fit the model, the text or the engine.
    UnsupportedModelError
        If the engine cannot run the model, or its head does not call the body below it.
    ModelMemoryError
        If there was not enough memory.
    """
    core.refuse_training()
    with memory.named(core.selection([prepared]), "Give a shorter text or max_length="):
        return _outputs(core, prepared, changes, engine)


def _outputs(core: Core, prepared: Prepared, changes: Changes, engine: Engine) -> Outputs:
    selection = core.selection([prepared])
    compile_seconds = 0.0
    if engine == "recorded":
        with heard(core.model, prepared.kind) as found:
            core.run([prepared], selection, changes, Passes(core.sites, core.stacks), whole=True)
    else:
        run = _flexed(core, prepared, changes)
        with (
            core.switch.to(flex.NAME),
            flex.flexed(run),
            heard(core.model, prepared.kind) as found,
            torch.no_grad(),
        ):
            inputs.forward(core.model, core.tokenizer, [prepared])
        compile_seconds = run.compile_seconds
    if found.states is None:
        msg = (
            f"the model {core.source.model!r} did not call the {prepared.kind} below its head, so "
            "its hidden states are not known: load it without a head"
        )
        raise UnsupportedModelError(msg)
    answer = Answer.of(core.model, found.output, prepared.kind)
    return Outputs(
        tokens=prepared.tokens,
        hidden=_array(found.states[0]),
        logits=None if answer.logits is None else _array(answer.logits),
        engine=engine,
        compile_seconds=compile_seconds,
    )


def _flexed(core: Core, prepared: Prepared, changes: Changes) -> flex.Flexed:
    flex.refuse_device(core.model.device)
    kind = prepared.kind
    under = standing.in_force(core.model, kind, core.fitting(changes, kind))
    texts = {stack: inputs.texts([prepared], stack)[0] for stack in core.stacks}
    return flex.Flexed(Passes(core.sites, core.stacks), under, texts)


def _array(values: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().to("cpu", torch.float32).numpy()
    array.flags.writeable = False
    return array
