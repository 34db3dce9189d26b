"""Run a model on text and keep its attention."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Self, TypeAlias

from tqdm.auto import tqdm

from attn_widgets.interventions import Change, Changes
from attn_widgets.models import arguments, engines, loading, memory, standing, tabular
from attn_widgets.models.capture import Capture
from attn_widgets.models.core import Core, Dtype
from attn_widgets.models.laying import Text
from attn_widgets.models.masked import stack_of
from attn_widgets.models.measuring import Measuring
from attn_widgets.models.passes import Passes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import torch
    from transformers import PreTrainedTokenizerBase

    from attn_widgets.interventions import Edit
    from attn_widgets.masks import Assignment, Mask
    from attn_widgets.models.capture import Selection
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.record import AttentionRecord, Kind, Token

Masks: TypeAlias = "Change | Changes | str | None"
"""A mask, an assignment of masks, the text form of one, or changes with a policy for empty rows."""

Edits: TypeAlias = "Edit | Iterable[Change]"
"""One edit, or several changes in order."""


class ModelRunner(Measuring):
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
    engine
        What :meth:`outputs` runs on: ``"recorded"`` or ``"flex"``.
    shown
        Empty, or why the model's attention cannot be captured: then it is shown, through its own
        ``output_attentions``, by :meth:`run` and :meth:`run_many`, and cannot be masked or edited.
    """

    def __init__(self, loaded: loading.Loaded, engine: engines.Engine = "recorded") -> None:
        loading.require_loaded(loaded)
        self.engine = engines.check_engine(engine)
        self._core = Core(loaded)
        self._switch = self._core.switch
        self.model = loaded.model
        self.tokenizer = loaded.tokenizer
        self.name = loaded.name
        self.stacks = self._core.stacks
        self.difference = self._core.difference
        self.max_length = self._core.limit
        self.shown = "" if self._core.shown is None else self._core.shown.reason

    @classmethod
    def from_pretrained(
        cls,
        name_or_path_or_model: str | os.PathLike[str] | torch.nn.Module,
        tokenizer: str | PreTrainedTokenizerBase | None = None,
        device: str = "auto",
        dtype: str | torch.dtype | None = None,
        revision: str | None = None,
        *,
        device_map: loading.DeviceMap = None,
        trust_remote_code: bool = False,
        engine: engines.Engine = "recorded",
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
            ``"auto"`` (CUDA, else MPS, else the CPU), or a torch device.
        dtype
            Number format to load in; by default the checkpoint's own.
        revision
            Branch, tag or commit on the hub.
        device_map
            How ``accelerate`` spreads the model over devices, main memory and disk, as in
            ``transformers``: ``"auto"``, or modules to devices. A loaded model that is spread, or
            quantised, is taken as it is.
        trust_remote_code
            Whether to run code that comes with the model.
        engine
            What :meth:`outputs` runs on: our own function, or torch's compiled ``"flex"``. All
            else is about weights, which only our own function gives, and runs on that.

        Raises
        ------
        ModelLoadError
            If the model or its tokenizer cannot be found or read.
        UnsupportedModelError
            If what would be captured is not what the model computes.
        ValueError
            If a loaded model is in training mode or given with options for loading, or there is no
            such engine.
        TypeError
            If it is none of the above.
        """
        if isinstance(name_or_path_or_model, str | os.PathLike):
            loaded = loading.load(
                name_or_path_or_model,
                tokenizer,
                device=device,
                device_map=device_map,
                dtype=dtype,
                revision=revision,
                trust_remote_code=trust_remote_code,
            )
            return cls(loaded, engine)
        given = (device, device_map, dtype, revision, trust_remote_code)
        if given != ("auto", None, None, None, False):
            msg = (
                f"device={device!r}, device_map={device_map!r}, dtype={dtype!r}, "
                f"revision={revision!r}, trust_remote_code={trust_remote_code!r} are for loading "
                "by name: a loaded model is used as it is; move or cast it yourself"
            )
            raise ValueError(msg)
        return cls(loading.adopt(name_or_path_or_model, tokenizer), engine)

    def run(  # noqa: PLR0913 - one keyword per choice
        self,
        text: str,
        pair: str | None = None,
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        max_length: int | None = None,
        dtype: Dtype = "float16",
        stack: Kind | None = None,
        mask: Masks = None,
        edits: Edits = (),
        stop: Callable[[], bool] | None = None,
    ) -> AttentionRecord:
        """Run the model on a text and keep its attention, plain or under a change.

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
        mask
            Which pairs that stack may attend to, in every layer or per layer and head; put on top
            of the model's own mask, and decided by this run's own queries and keys where it is
            decided by data. A query that it leaves no key is refused: say otherwise by
            ``Changes((mask,), empty="self")`` or ``"zero"``.
        edits
            What else is changed in that stack: ``ablate``, ``uniform``, ``mute``, ``bias``.
        stop
            Asked before every layer; the run ends when it says True.

        Returns
        -------
        AttentionRecord
            Weights ``(layers, heads, queries, keys)``, under the change if there is one: then
            ``provenance.mask`` holds its specification.

        Raises
        ------
        TypeError
            If `text` or `pair` is not a str.
        ValueError
            If a text has no tokens, or a layer, head, length, dtype or stack is not one of the
            model's; the message names what is.
        InterventionError, MaskBindError
            If a change does not fit the model or the text.
        UnsupportedModelError
            If this run called other layers than the one at loading.
        ModelMemoryError
            If there was not enough memory; the message says how much the run needs.
        RunStoppedError
            If `stop` said so.
        """
        prepared = self._core.prepare([(text, pair)], stack, max_length)
        arguments.warn_of_loss(prepared)
        changes = Changes.read(mask, edits)
        if self.shown and not changes:
            return self._core.show(prepared, layers, heads, dtype)[0]
        selection = self._core.select(prepared, layers, heads, dtype)
        mend = "Give a shorter text or max_length=, or fewer layers= or heads="
        with memory.named(selection, mend):
            return self._capture(prepared, selection, changes, stop)[0]

    def run_many(  # noqa: PLR0913 - one keyword per choice
        self,
        texts: Iterable[str | tuple[str, str]],
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        max_length: int | None = None,
        dtype: Dtype = "float16",
        stack: Kind | None = None,
        mask: Masks = None,
        edits: Edits = (),
        batch_size: int = 8,
        progress: bool = True,
    ) -> list[AttentionRecord]:
        """Run the model on many texts, in padded batches; records hold no padding.

        Each record equals that of :meth:`run` up to rounding.

        Parameters
        ----------
        texts
            Texts, or pairs ``(text, pair)``; of a data frame its only column, or give one of
            them: ``df["text"]``.
        layers, heads, max_length, dtype, stack, mask, edits
            As in :meth:`run`.
        batch_size
            Texts to run at a time.
        progress
            Whether to show a progress bar.

        Raises
        ------
        TypeError, ValueError, UnsupportedModelError, ModelMemoryError
            As in :meth:`run`.
        """
        changes = Changes.read(mask, edits)
        if isinstance(texts, str):
            msg = f"texts must be a list of texts, not one str: use run({texts[:40]!r})"
            raise TypeError(msg)
        if batch_size < 1:
            msg = f"batch_size is {batch_size}: expected at least 1"
            raise ValueError(msg)
        pairs = [arguments.as_pair(text) for text in tabular.texts_of(texts)]
        if not pairs:
            return []
        prepared = self._core.prepare(pairs, stack, max_length)
        arguments.warn_of_loss(prepared)
        records: list[AttentionRecord] = []
        with tqdm(total=len(prepared), unit="text", disable=not progress) as bar:
            for start in range(0, len(prepared), batch_size):
                part = prepared[start : start + batch_size]
                if self.shown and not changes:
                    records += self._core.show(part, layers, heads, dtype)
                    bar.update(len(part))
                    continue
                selection = self._core.select(part, layers, heads, dtype)
                mend = "Give shorter texts or max_length=, fewer layers= or heads=, or batch_size="
                with memory.named(selection, mend):
                    records += self._capture(part, selection, changes)
                bar.update(len(part))
        return records

    def outputs(
        self,
        text: str,
        pair: str | None = None,
        *,
        mask: Masks = None,
        edits: Edits = (),
        stack: Kind | None = None,
        max_length: int | None = None,
    ) -> engines.Outputs:
        """Run the model on a text and keep what comes out, not the attention.

        On ``engine="flex"``, long texts under sparse masks are much faster, once its kernel has
        been compiled (about half a minute, twice at most, for all masks and lengths up to some
        thousand tokens); short texts gain nothing.

        Parameters
        ----------
        text, pair, mask, edits, stack, max_length
            As in :meth:`run`. On ``engine="flex"`` no edits, and masks that are known before.

        Raises
        ------
        TypeError, ValueError, InterventionError, MaskBindError, ModelMemoryError
            As in :meth:`run`; also if the engine cannot run this: the message says why.
        """
        prepared = self._core.prepare([(text, pair)], stack, max_length)
        arguments.warn_of_loss(prepared)
        return engines.outputs(self._core, prepared[0], Changes.read(mask, edits), self.engine)

    @contextlib.contextmanager
    def editing(
        self,
        mask: Masks = None,
        edits: Edits = (),
        *,
        stack: Kind | None = None,
        tokens: Sequence[Token] | None = None,
    ) -> Iterator[None]:
        """Change the model for a block of code, whoever runs it there, in this thread.

        Runs of this runner, of another runner of the same model, and calls of ``runner.model``
        itself, with a cache or without, all go by the change. Blocks may be nested, or overlap:
        several masks keep what all of them keep, each from the beginning of its block to the end.
        Afterwards the model answers as before, bit for bit, also after an error or an interrupt.

        In another thread, a call of ``runner.model`` within the block is not changed, but our
        function computes its attention, too: equal up to rounding. One that goes on while the block
        begins or ends may mix two implementations, so let none do so. A run of any runner there
        waits for the end of the block.

        Parameters
        ----------
        mask, edits
            As in :meth:`run`.
        stack
            The stack that is changed; by default the model's first.
        tokens
            The key tokens of the text, for calls of ``runner.model`` under changes that name
            tokens: a call alone does not say what its numbers stand for. Without padding.

        Raises
        ------
        InterventionError, MaskBindError
            If a change does not fit the model; inside the block, the text.
        ValueError
            If the model has no such stack, or is in training mode.
        """
        self._core.refuse_training()
        kind = stack_of(self, stack)
        changes = self._core.fitting(Changes.read(mask, edits), kind)
        texts = () if tokens is None else (Text(tuple(tokens), len(tokens)),)
        passes = Passes(self._core.sites, self.stacks)
        with (
            standing.put(standing.Standing(self.model, kind, changes, texts)),
            passes.counted_afresh(self.model.base_model),
            self._switch.observed(standing.Follower(self.model, passes)),
        ):
            yield

    def own_mask(self, record: AttentionRecord) -> Mask | Assignment | None:
        """Give the sparse pattern that a model has of its own, as a mask to draw over a record.

        Parameters
        ----------
        record
            A record of this or another runner.

        Returns
        -------
        Mask, Assignment or None
            What holds all of the record's weights, as Longformer's window and global tokens; None
            where the model has no pattern, or its run did not tell.
        """
        spec = record.provenance.pattern
        if spec is None:
            return None
        return Changes.from_spec({"parts": [spec], "empty": "error"}).mask

    def refuse_shown(self) -> None:
        """Refuse a change of a model that can only be shown.

        Raises
        ------
        UnsupportedModelError
            If this is one; see `shown`.
        """
        self._core.refuse_shown()

    def __repr__(self) -> str:
        """Say which model this is and how large its grids are."""
        grids = ", ".join(
            f"{kind} {len(stack.names)} layers x {stack.heads} heads"
            for kind, stack in self.stacks.items()
        )
        return f"ModelRunner({self.name}: {grids})"

    def _capture(
        self,
        prepared: Sequence[Prepared],
        selection: Selection,
        changes: Changes,
        stop: Callable[[], bool] | None = None,
    ) -> list[AttentionRecord]:
        capture = Capture(self._core.sites, selection)
        self._core.run(prepared, selection, changes, capture, stop=stop)
        return self._core.records(prepared, selection, changes, capture)
