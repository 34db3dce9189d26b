"""What a model with its head, and the body below it, give in one run."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

from attn_widgets.models.hooks import OwnHooks
from attn_widgets.models.stacks import is_seq2seq

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from attn_widgets.record import Kind


@dataclasses.dataclass(slots=True)
class Heard:
    """What was heard of a run.

    Parameters
    ----------
    output
        What the model gave, in its own class; None where only its encoder was run.
    states
        Last hidden states of the stack, ``(batch, tokens, hidden)``.
    """

    output: Any = None
    states: torch.Tensor | None = None


@contextlib.contextmanager
def heard(model: torch.nn.Module, kind: Kind) -> Iterator[Heard]:
    """Listen to what this thread runs in a block of code; no hook is left behind.

    A head may call the decoder within the body by itself (OPT), so both are listened to.

    Parameters
    ----------
    model
        The model with its head.
    kind
        The stack whose hidden states are kept.
    """
    found = Heard()
    body = model.base_model
    if not is_seq2seq(body):
        trunks = [body, body.get_decoder()]
    else:
        trunks = [body.get_encoder() if kind == "encoder" else body.get_decoder()]

    def hear(module: torch.nn.Module, args: object, output: Any) -> None:  # noqa: ANN401, ARG001 - torch calls it with all three
        if module is model:
            found.output = output
        if module in trunks:
            found.states = output[0]

    with OwnHooks() as hooks:
        for module in dict.fromkeys([model, *trunks]):
            hooks.after(module, hear)
        yield found
