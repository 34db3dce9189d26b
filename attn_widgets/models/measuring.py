"""What a runner can measure: effects of changes, corpora, the worth of heads, what arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attn_widgets.analysis.profile_bins import LENGTHS
from attn_widgets.interventions import Changes
from attn_widgets.models import arguments, comparing, contributing, importance, profiling, sweeping
from attn_widgets.models.diagnosing import Diagnosing
from attn_widgets.models.profiling_windows import Settings
from attn_widgets.models.using.vectoring import Vectoring

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from attn_widgets.analysis.contributions import Contributions
    from attn_widgets.analysis.profile import Profile
    from attn_widgets.interventions import Effect, HeadImportance, Sweep
    from attn_widgets.models.comparing import Source
    from attn_widgets.models.core import Core
    from attn_widgets.models.runner import Edits, Masks
    from attn_widgets.models.slopes import Loss
    from attn_widgets.record import Kind


class Measuring(Diagnosing, Vectoring):
    """The measuring methods of :class:`ModelRunner`."""

    _core: Core

    def compare(
        self,
        source: Source,
        mask: Masks = None,
        *,
        edits: Edits = (),
        candidates: Iterable[str] = (),
        top: int = 5,
        pooling: str = "mean",
        stack: Kind | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Effect:
        """Run a text plain and under a change, and say what the change does.

        Parameters
        ----------
        source
            A text, a pair ``(text, pair)``, or a record of this model: its text is run again.
        mask, edits, stack, stop
            As in :meth:`ModelRunner.run`.
        candidates
            Texts to rank by the cosine of their vectors with the text's, before and after.
        top
            Proposals of a language model that are given per place.
        pooling
            What the vector of a text is: the ``"mean"`` of its tokens, or that of ``"cls"``.

        Raises
        ------
        ValueError
            As in :meth:`ModelRunner.run`, or if a record is not of this model or lacks a part of
            its text.
        """
        asked = comparing.Asked.of(candidates, top, pooling)
        return comparing.compare(self._core, source, Changes.read(mask, edits), asked, stack, stop)

    def sweep(
        self,
        texts: Iterable[str | tuple[str, str]],
        changes: Mapping[str, object],
        *,
        path: str | os.PathLike[str] | None = None,
        pooling: str = "mean",
        stack: Kind | None = None,
        progress: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> Sweep:
        """Run texts under many changes, and put fidelity against density.

        Parameters
        ----------
        texts, progress
            As in :meth:`ModelRunner.run_many`; one text will do.
        changes
            Name to mask, edit or `Changes`; or a grid: ``{"mask": local, "w": [1, 2, 4]}``.
        path
            A file for the rows as they are measured: the same sweep goes on there where it was
            broken off. A file of other texts, changes or weights is refused.
        pooling, stack, stop
            As in :meth:`compare`.

        Raises
        ------
        ValueError
            As in :meth:`ModelRunner.run`, or if the file is of another sweep or there is no text.
        """
        return sweeping.sweep(
            self._core, texts, changes, path, pooling, stack, stop, progress=progress
        )

    def profile(  # noqa: PLR0913 - one keyword per choice
        self,
        texts: object,
        *,
        path: str | os.PathLike[str] | None = None,
        column: str | tuple[str, str] = "text",
        queries: Literal["content", "all"] = "content",
        lengths: Iterable[int] = LENGTHS,
        max_length: int | None = None,
        stack: Kind | None = None,
        on_error: profiling.OnError = "raise",
        engine: profiling.Engine = "local",
        actors: int | None = None,
        batch_tokens: int = 1024,
        window: int = 512,
        progress: bool = True,
    ) -> Profile:
        """Measure the attention weights of a whole corpus, in memory that does not grow with it.

        Parameters
        ----------
        texts
            Any stream of texts, of pairs ``(text, pair)``, or of rows with columns: a list, a
            generator, a data set, an open text file or a path of one (one text a line, blank lines
            are none). It is read once, from its beginning.
        path
            A file for the profile as it grows: the same call goes on there where it was killed or
            broken off, and counts no text twice. A file of another model, setting or corpus is
            refused; of a corpus that has grown at its end, only what is new is run.
        column
            Of rows, the column that is the text, or the two that are a pair.
        queries
            Which queries the means of a text run over: ``"content"`` or ``"all"``, as in
            :func:`share_of`.
        lengths
            Where length bins begin, in tokens, special ones included.
        max_length
            As in :meth:`ModelRunner.run`.
        stack
            As in :meth:`ModelRunner.run`, but by default the model's first for all texts.
        on_error
            What becomes of a text that cannot be run: ``"raise"``, with all texts before its window
            kept in the file, or ``"record"``: it is left out, told of in ``profile.failures``, and
            warned of.
        engine
            ``"local"``, or ``"ray"``: on Ray Data, whose actors each build the model anew from its
            class, configuration and weights. The numbers are the same up to rounding.
        actors
            Of Ray, how many; by default one for each GPU, or without one, for each processor.
        batch_tokens
            Tokens that run at a time, padding counted.
        window
            Texts that are read ahead and sorted by length.
        progress
            Whether to show a progress bar.

        Raises
        ------
        TextFailedError
            A ValueError: if a text cannot be run and `on_error` is ``"raise"``, or none can.
        TypeError
            If `texts` is no stream of texts.
        ValueError
            If it is empty, the file is of another run, or a choice is none of these.
        OSError
            If `path` is in no folder, or nothing may be written there; before anything is run.
        ImportError
            If Ray is asked for and not installed.
        UnsupportedModelError
            As in :meth:`ModelRunner.run`.
        """
        settings = Settings.of(self._core, stack, queries, max_length, lengths, batch_tokens)
        way = profiling.Way(
            path=path,
            engine=engine,
            actors=actors,
            on_error=on_error,
            window=window,
            progress=progress,
        )
        return profiling.run(self._core, texts, column, settings, way)

    def head_importance(
        self,
        texts: Iterable[str | tuple[str, str]],
        method: str | Iterable[str] = ("gradient", "ablation"),
        *,
        loss: importance.Loss | None = None,
        pooling: str = "mean",
        stack: Kind | None = None,
        batch_size: int = 8,
        progress: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> HeadImportance:
        """Measure how much each head matters on texts, by several methods side by side.

        Parameters
        ----------
        texts, stack, batch_size, progress
            As in :meth:`ModelRunner.run_many`.
        method
            ``"gradient"`` (Michel et al. 2019), ``"ablation"`` (the head writes nothing),
            ``"uniform"`` (the same weight on every key); the last two run once per head.
        loss
            ``"answers"`` of the model's head, or the ``"vector"`` of the text; by default answers
            where there are any. `HeadImportance` says how it is measured.
        pooling, stop
            As in :meth:`compare`.

        Raises
        ------
        ValueError
            As in :meth:`ModelRunner.run`, or if a method, loss or pooling is none of these.
        """
        wanted = importance.Wanted.of(method, loss, pooling)
        return importance.head_importance(
            self._core, texts, wanted, stack, batch_size, stop, progress=progress
        )

    def contributions(  # noqa: PLR0913 - one keyword per choice
        self,
        text: str,
        pair: str | None = None,
        *,
        effective: bool = False,
        gradient: bool = False,
        loss: Loss | None = None,
        max_length: int | None = None,
        stack: Kind | None = None,
        mask: Masks = None,
        edits: Edits = (),
        stop: Callable[[], bool] | None = None,
    ) -> Contributions:
        """Run the model on a text, and measure how much each key's message brings where.

        Parameters
        ----------
        text, pair, max_length, stack, mask, edits, stop
            As in :meth:`ModelRunner.run`.
        effective
            Whether to measure effective attention, too: as much memory as the weights again.
        gradient
            Whether to measure gradients of the weights, too, in another run.
        loss
            What they are of: the model's ``"answers"`` (-log p of the likeliest), or the
            ``"vector"`` of the text (its cosine with random directions); by default answers where
            there are any.

        Returns
        -------
        Contributions
            With its record, in float32. `absent` says which stages this model has not, and why.

        Raises
        ------
        TypeError, ValueError, InterventionError, MaskBindError, ModelMemoryError, RunStoppedError
            As in :meth:`ModelRunner.run`; also for effective attention of a decoder.
        UnsupportedModelError
            If how the model turns values into the output of its layers is not known, or there is
            nothing to take gradients of.
        """
        prepared = self._core.prepare([(text, pair)], stack, max_length)
        arguments.warn_of_loss(prepared)
        asked = contributing.Asked(effective, gradient, loss)
        changes = Changes.read(mask, edits)
        return contributing.contributions(self._core, prepared, changes, asked, stop)[0]
