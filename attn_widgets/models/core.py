"""A loaded model with all that a run of it needs: what the runner's methods share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch

from attn_widgets.models import (
    arguments,
    families,
    inputs,
    interface,
    loadcheck,
    memory,
    showing,
    standing,
)
from attn_widgets.models.capture import Capture, Selection
from attn_widgets.models.editing import Editing
from attn_widgets.models.encoding import Encoder
from attn_widgets.models.errors import DifferentError, UnsupportedModelError
from attn_widgets.models.limits import input_limit
from attn_widgets.models.recording import Source, record
from attn_widgets.models.stacks import sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from attn_widgets.interventions import Changes
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.loading import Loaded
    from attn_widgets.record import AttentionRecord, Kind

Dtype = Literal["float16", "float32"]

_DTYPES = {"float16": torch.float16, "float32": torch.float32}


class Core:
    """A model that passed the check at loading, and how it is run under an observer.

    Parameters
    ----------
    loaded
        The model in evaluation mode, and its tokenizer.

    Raises
    ------
    UnsupportedModelError
        If what would be captured is not what the model computes.
    ValueError
        If the model, or a part of it, is in training mode.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.model = loaded.model
        self.tokenizer = loaded.tokenizer
        self.source = Source.of(loaded)
        self.refuse_training()
        self.limit = input_limit(self.model, self.tokenizer)
        self.switch = interface.Switch(self.model)
        families.refuse_hopeless(self.source.family)
        self.shown: showing.Shown | None = None
        passed = self._examined()
        self.stacks = dict(passed.stacks)
        self.difference = passed.difference
        self.sites = sites(self.model.base_model, next(iter(self.stacks)))
        self.encoder = Encoder(self.tokenizer, self.limit)

    def prepare(
        self,
        pairs: Sequence[tuple[str, str | None]],
        stack: Kind | None,
        max_length: int | None = None,
    ) -> list[Prepared]:
        """Tokenise inputs for the stack that is wanted."""
        return [
            inputs.prepare(self.encoder, self.model, pair, tuple(self.stacks), stack, max_length)
            for pair in pairs
        ]

    def select(
        self,
        prepared: Sequence[Prepared],
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        dtype: Dtype = "float32",
    ) -> Selection:
        """Say what is kept of a batch.

        Raises
        ------
        TypeError, ValueError
            If a layer or head is not the model's, or `dtype` not one of a record's.
        """
        stack = self.stacks[prepared[0].kind]
        if dtype not in _DTYPES:
            msg = f"dtype is {dtype!r}: a record holds {' or '.join(_DTYPES)}"
            raise ValueError(msg)
        return self.selection(
            prepared,
            arguments.numbers("layers", layers, len(stack.names)),
            arguments.numbers("heads", heads, stack.heads),
            dtype,
        )

    def selection(
        self,
        prepared: Sequence[Prepared],
        layers: tuple[int, ...] = (),
        heads: tuple[int, ...] = (),
        dtype: Dtype = "float32",
    ) -> Selection:
        """Say what is kept of a batch, as it is given: nothing, by default.

        Raises
        ------
        UnsupportedModelError
            If the model can only be shown.
        """
        self.refuse_shown()
        return Selection(
            stack=self.stacks[prepared[0].kind],
            layers=layers,
            heads=heads,
            lengths=tuple((len(one.tokens), len(one.key_tokens)) for one in prepared),
            dtype=_DTYPES[dtype],
        )

    def run(
        self,
        prepared: Sequence[Prepared],
        selection: Selection,
        changes: Changes,
        observer: interface.Observer,
        *,
        stop: Callable[[], bool] | None = None,
        whole: bool = False,
        gradients: bool = False,
    ) -> torch.Tensor:
        """Run a batch under all that stands for the model and `changes`, with an observer told.

        Parameters
        ----------
        prepared
            The batch, for one stack.
        selection
            What is kept of it: it is named where memory runs out.
        changes
            What the stack is run under, on top of what stands.
        observer
            What numbers the calls and takes the weights.
        stop
            Asked before every layer; the run ends when it says True.
        whole
            Whether to run the model with its head.
        gradients
            Whether a backward pass is to follow.

        Returns
        -------
        torch.Tensor
            The first output: last hidden states, or with its head what the head says.
        """
        self.refuse_training()
        for kind, change in self._in_force(selection, changes).items():
            texts = inputs.texts(prepared, kind)
            observer = Editing(observer, kind, change, texts, stop=stop)
        body = self.model if whole else self.model.base_model
        with (
            memory.named(selection),
            torch.set_grad_enabled(gradients),
            self.switch.observed(observer),
        ):
            return inputs.forward(body, self.tokenizer, prepared)

    def records(
        self, prepared: Sequence[Prepared], selection: Selection, changes: Changes, capture: Capture
    ) -> list[AttentionRecord]:
        """Make a record of each text of a batch that was run with `capture`."""
        capture.finish()
        under = self._in_force(selection, changes)
        return [
            record(
                one, item, selection, self.source, under, dtype=self.model.dtype, sink=capture.sink
            )
            for one, item in zip(prepared, capture.items, strict=True)
        ]

    def captured(
        self,
        one: Prepared,
        changes: Changes,
        stop: Callable[[], bool] | None = None,
    ) -> AttentionRecord:
        """Run one text, and make a record of all its layers and heads, in float32."""
        selection = self.select([one])
        capture = Capture(self.sites, selection)
        self.run([one], selection, changes, capture, stop=stop)
        return self.records([one], selection, changes, capture)[0]

    def show(
        self,
        prepared: Sequence[Prepared],
        layers: Iterable[int] | None,
        heads: Iterable[int] | None,
        dtype: Dtype,
    ) -> list[AttentionRecord]:
        """Make a record of each text through the maps that the model gives of itself.

        Raises
        ------
        TypeError, ValueError
            If a layer or head cannot be shown.
        UnsupportedModelError
            If the model is captured, or the maps of a text cannot be read.
        """
        stack = self.stacks[prepared[0].kind]
        if dtype not in _DTYPES:
            msg = f"dtype is {dtype!r}: a record holds {' or '.join(_DTYPES)}"
            raise ValueError(msg)
        self.refuse_training()
        kept = showing.Kept(
            None if layers is None else arguments.numbers("layers", layers, len(stack.names)),
            arguments.numbers("heads", heads, stack.heads),
            dtype,
        )
        return [showing.record(self, one, kept) for one in prepared]

    def refuse_shown(self) -> None:
        """Refuse what needs the model's attention call, where there is none to be had.

        Raises
        ------
        UnsupportedModelError
            If the model is only shown, through its own maps.
        """
        if self.shown is not None:
            self.shown.refuse_change()

    def fitting(self, changes: Changes, kind: Kind) -> Changes:
        """Check that a stack has all layers and heads that are named.

        Raises
        ------
        InterventionError, MaskBindError
            If it has not.
        """
        changes.require(len(self.stacks[kind].names), self.stacks[kind].heads)
        return changes

    def refuse_training(self) -> None:
        """Refuse a model whose dropout would change its attention.

        Raises
        ------
        ValueError
            If it, or any module of it, is in training mode.
        """
        arguments.refuse_training(self.model, self.source.model)

    def _examined(self) -> loadcheck.Passed | showing.Shown:
        """Check that the model can be captured, or else at least be shown."""
        try:
            return loadcheck.examine(self.model, self.switch, self.limit)
        except DifferentError:
            raise
        except UnsupportedModelError as error:
            self.shown = showing.examine(self.model, self.switch, self.limit, error.reason)
        return self.shown

    def _in_force(self, selection: Selection, changes: Changes) -> dict[Kind, Changes]:
        """Give what each stack runs under: what stands for the model, and what is changed now."""
        kind = selection.stack.kind
        return standing.in_force(self.model, kind, self.fitting(changes, kind))
