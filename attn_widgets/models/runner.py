"""Run a model on text and keep its attention."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Self

import torch
import transformers
from tqdm.auto import tqdm

from attn_widgets.models import gate, inputs, interface, loading
from attn_widgets.models.capture import Capture, Selection
from attn_widgets.models.encoding import Encoder
from attn_widgets.models.errors import TruncationWarning
from attn_widgets.models.limits import input_limit
from attn_widgets.models.stacks import Stack, sites
from attn_widgets.record import AttentionRecord, Provenance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedTokenizerBase

    from attn_widgets.models.capture import Item
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.record import Kind

Dtype = Literal["float16", "float32"]

_DTYPES = {"float16": torch.float16, "float32": torch.float32}


class ModelRunner:
    """A model whose attention can be captured truthfully.

    Make one with :meth:`from_pretrained`, which compares a short run with eager attention before
    the model is used, and refuses it if they differ.

    Attributes
    ----------
    model, tokenizer
        The loaded model and tokenizer; running leaves both as they were.
    name
        What the model was loaded as.
    stacks
        Its stacks of attention layers by kind: one of ``"encoder"`` and ``"decoder"``, or for an
        encoder-decoder model ``"encoder"``, ``"decoder"`` and ``"cross"``.
    difference
        The largest difference from eager attention seen at loading; 0.0 for most models.
    max_length
        The longest input in tokens, or None where there is no limit.
    """

    def __init__(self, loaded: loading.Loaded) -> None:
        self.model = loaded.model
        self.tokenizer = loaded.tokenizer
        self.name = loaded.name
        self._revision = loaded.revision
        self._refuse_training()
        self.max_length = input_limit(self.model, self.tokenizer)
        self._switch = interface.Switch(self.model)
        passed = gate.examine(self.model, self._switch, self.max_length)
        self.stacks = dict(passed.stacks)
        self.difference = passed.difference
        self._sites = sites(self.model.base_model, next(iter(self.stacks)))
        self._encoder = Encoder(self.tokenizer, self.max_length)

    @classmethod
    def from_pretrained(
        cls,
        name_or_path_or_model: str | os.PathLike[str] | torch.nn.Module,
        tokenizer: str | PreTrainedTokenizerBase | None = None,
        device: str = "auto",
        dtype: str | torch.dtype | None = None,
        revision: str | None = None,
        *,
        trust_remote_code: bool = False,
    ) -> Self:
        """Load a model and check that its attention can be captured.

        Parameters
        ----------
        name_or_path_or_model
            ``"demo"`` (all-MiniLM-L6-v2, which needs no network), a name on the Hugging Face hub,
            a folder, or a loaded ``transformers`` model in evaluation mode.
        tokenizer
            A tokenizer, or its name or folder; by default the model's own.
        device
            ``"auto"`` (a GPU if there is one), or a torch device.
        dtype
            Number format to load in; by default the checkpoint's own.
        revision
            Branch, tag or commit on the hub.
        trust_remote_code
            Whether to run code that comes with the model.

        Raises
        ------
        ModelLoadError
            If the model or its tokenizer cannot be found or read.
        UnsupportedModelError
            If what would be captured is not what the model computes.
        ValueError
            If a loaded model is in training mode, or is given with options for loading.
        TypeError
            If it is none of the above.
        """
        if isinstance(name_or_path_or_model, str | os.PathLike):
            loaded = loading.load(
                name_or_path_or_model,
                tokenizer,
                device=device,
                dtype=dtype,
                revision=revision,
                trust_remote_code=trust_remote_code,
            )
            return cls(loaded)
        if (device, dtype, revision, trust_remote_code) != ("auto", None, None, False):
            msg = (
                f"device={device!r}, dtype={dtype!r}, revision={revision!r}, "
                f"trust_remote_code={trust_remote_code!r} are for loading by name: a loaded model "
                "is used as it is; move or cast it yourself"
            )
            raise ValueError(msg)
        return cls(loading.adopt(name_or_path_or_model, tokenizer))

    def run(
        self,
        text: str,
        pair: str | None = None,
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        max_length: int | None = None,
        dtype: Dtype = "float16",
        stack: Kind | None = None,
    ) -> AttentionRecord:
        """Run the model on a text and keep its attention.

        Parameters
        ----------
        text
            What the model reads. For an encoder-decoder model, the source.
        pair
            A second text: the other sentence of a pair. For an encoder-decoder model, the target:
            what its decoder is to write (it reads it shifted right by one token, as in training).
        layers, heads
            Which to keep, counted from 0; all by default.
        max_length
            Cut the input to so many tokens; by default to the model's limit. What is lost is said
            in a :class:`TruncationWarning` and kept in the record's provenance.
        dtype
            Number format of the record's weights; ``q``, ``k`` and ``bias`` are always float32.
        stack
            For an encoder-decoder model ``"encoder"`` (the default without a target),
            ``"decoder"`` or ``"cross"`` (the default with a target).

        Returns
        -------
        AttentionRecord
            Weights ``(layers, heads, queries, keys)``.

        Raises
        ------
        TypeError
            If `text` or `pair` is not a str.
        ValueError
            If a text has no tokens, or a layer, head, length, dtype or stack is not one of the
            model's; the message names what is.
        UnsupportedModelError
            If this run called other layers than the one at loading.
        """
        prepared = self._prepare([(text, pair)], stack, max_length)
        _warn_of_loss(prepared)
        return self._capture(prepared, self._choose(prepared[0].kind, layers, heads), dtype)[0]

    def run_many(
        self,
        texts: Iterable[str | tuple[str, str]],
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        max_length: int | None = None,
        dtype: Dtype = "float16",
        stack: Kind | None = None,
        batch_size: int = 8,
        progress: bool = True,
    ) -> list[AttentionRecord]:
        """Run the model on many texts, in padded batches; records hold no padding.

        Each record equals that of :meth:`run` up to rounding.

        Parameters
        ----------
        texts
            Texts, or pairs ``(text, pair)``.
        layers, heads, max_length, dtype, stack
            As in :meth:`run`.
        batch_size
            Texts to run at a time.
        progress
            Whether to show a progress bar.

        Raises
        ------
        TypeError, ValueError, UnsupportedModelError
            As in :meth:`run`.
        """
        if isinstance(texts, str):
            msg = f"texts must be a list of texts, not one str: use run({texts[:40]!r})"
            raise TypeError(msg)
        if batch_size < 1:
            msg = f"batch_size is {batch_size}: expected at least 1"
            raise ValueError(msg)
        pairs = [_as_pair(text) for text in texts]
        if not pairs:
            return []
        prepared = self._prepare(pairs, stack, max_length)
        _warn_of_loss(prepared)
        choice = self._choose(prepared[0].kind, layers, heads)
        records: list[AttentionRecord] = []
        with tqdm(total=len(prepared), unit="text", disable=not progress) as bar:
            for start in range(0, len(prepared), batch_size):
                part = prepared[start : start + batch_size]
                records += self._capture(part, choice, dtype)
                bar.update(len(part))
        return records

    def __repr__(self) -> str:
        """Say which model this is and how large its grids are."""
        grids = ", ".join(
            f"{kind} {len(stack.names)} layers x {stack.heads} heads"
            for kind, stack in self.stacks.items()
        )
        return f"ModelRunner({self.name}: {grids})"

    def _prepare(
        self,
        pairs: Sequence[tuple[str, str | None]],
        stack: Kind | None,
        max_length: int | None,
    ) -> list[Prepared]:
        return [
            inputs.prepare(self._encoder, self.model, pair, tuple(self.stacks), stack, max_length)
            for pair in pairs
        ]

    def _choose(
        self, kind: Kind, layers: Iterable[int] | None, heads: Iterable[int] | None
    ) -> tuple[Stack, tuple[int, ...], tuple[int, ...]]:
        stack = self.stacks[kind]
        return (
            stack,
            _numbers("layers", layers, len(stack.names)),
            _numbers("heads", heads, stack.heads),
        )

    def _capture(
        self,
        prepared: Sequence[Prepared],
        choice: tuple[Stack, tuple[int, ...], tuple[int, ...]],
        dtype: Dtype,
    ) -> list[AttentionRecord]:
        if dtype not in _DTYPES:
            msg = f"dtype is {dtype!r}: a record holds {' or '.join(_DTYPES)}"
            raise ValueError(msg)
        self._refuse_training()
        stack, layers, heads = choice
        selection = Selection(
            stack=stack,
            layers=layers,
            heads=heads,
            lengths=tuple((len(one.tokens), len(one.key_tokens)) for one in prepared),
            dtype=_DTYPES[dtype],
        )
        capture = Capture(self._sites, selection)
        with torch.no_grad(), self._switch.observed(capture):
            inputs.forward(self.model.base_model, self.tokenizer, prepared)
        capture.finish()
        return [
            self._record(one, item, selection, sink=capture.sink)
            for one, item in zip(prepared, capture.items, strict=True)
        ]

    def _record(
        self, prepared: Prepared, item: Item, selection: Selection, *, sink: bool
    ) -> AttentionRecord:
        stack = selection.stack
        note = "" if stack.head_dim else "q and k are left out: their size differs between layers"
        return AttentionRecord(
            tokens=prepared.tokens,
            key_tokens=prepared.key_tokens,
            kind=stack.kind,
            layers=selection.layers,
            heads=selection.heads,
            kv_groups=stack.heads // stack.key_heads,
            sink=sink,
            text=prepared.texts,
            provenance=Provenance(
                model=self.name,
                family=self.model.config.model_type,
                revision=self._revision,
                dtype=str(self.model.dtype).removeprefix("torch."),
                implementation=interface.NAME,
                versions=_versions(),
                tokens_lost=prepared.lost,
                note=note,
            ),
            checked=True,
            **item.parts(),
        )

    def _refuse_training(self) -> None:
        if self.model.training:
            msg = (
                f"the model {self.name!r} is in training mode, where dropout changes its "
                "attention: call model.eval() first"
            )
            raise ValueError(msg)


def _as_pair(text: Any) -> tuple[str, str | None]:  # noqa: ANN401 - checked here
    if not isinstance(text, tuple):
        return text, None
    if len(text) != 2:  # noqa: PLR2004 - a text and its pair
        msg = f"{text!r:.60} is neither a text nor a pair (text, pair)"
        raise ValueError(msg)
    return text[0], text[1]


def _numbers(name: str, wanted: object, count: int) -> tuple[int, ...]:
    if wanted is None:
        return tuple(range(count))
    if not isinstance(wanted, Iterable) or isinstance(wanted, str):
        msg = f"{name}={wanted!r}: expected a list of numbers, for example {name}=[0]"
        raise TypeError(msg)
    given = list(wanted)
    if not given or not all(number in range(count) for number in given):
        msg = f"{name} are {given}: expected one or more whole numbers from 0 to {count - 1}"
        raise ValueError(msg)
    return tuple(sorted({int(number) for number in given}))


def _warn_of_loss(prepared: Sequence[Prepared]) -> None:
    cut = [one for one in prepared if one.lost]
    if cut:
        which = f"{len(cut)} of {len(prepared)} texts were" if len(prepared) > 1 else "the text was"
        msg = (
            f"{which} too long: {sum(one.lost for one in cut)} tokens were cut off to fit "
            f"{max(len(one.key_tokens) for one in cut)} tokens"
        )
        warnings.warn(msg, TruncationWarning, stacklevel=3)


def _versions() -> dict[str, str]:
    return {
        "attn_widgets": sys.modules["attn_widgets"].__version__,  # importing it would load widgets
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
