"""The attention explorer: every head of every layer, one of them in full, and overlays."""

from __future__ import annotations

import importlib.resources
import pathlib
from typing import TYPE_CHECKING, Any, Literal, Self

import traitlets as t

from attn_widgets import samples
from attn_widgets.adapters import AttentionRecords, attention_record
from attn_widgets.analysis.counterpart import counterpart
from attn_widgets.widgets import mask_effect, payload
from attn_widgets.widgets.linked import linked
from attn_widgets.widgets.pooled import Pooled
from attn_widgets.widgets.protocol import Comparer, Runner, Weigher
from attn_widgets.widgets.side_by_side import side_by_side
from attn_widgets.widgets.taking import one_record
from attn_widgets.widgets.traits import whole_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ipywidgets

    from attn_widgets.record import AttentionRecord
    from attn_widgets.widgets.hiding import Hiding

_STATIC = pathlib.Path(str(importlib.resources.files("attn_widgets") / "static"))

LAYOUTS = ("difference", "side by side")
"""How two records are shown; see :meth:`AttentionExplorer.compare`."""


class AttentionExplorer(Pooled):
    """Draw a record as a grid of heads, with one head in full beside it.

    All settings below are two-way traits: Python reads what the reader picked, and assigning moves
    the picture. Layers and heads carry the model's own numbers, counted from 0.

    Parameters
    ----------
    record
        What to draw: a record, or anything that :func:`attn_widgets.attention_record` makes one of.
    tokens
        As there, where `record` is no record yet.
    runner
        Runs the model on a new text when the reader types one; without it there is no text field.
    layers : (int, int)
        First and last layer shown.
    heads : sequence of int
        Heads shown.
    layer, head : int
        The head in full.
    query, key : int or None
        The picked row and column of it.
    threshold : float in [0, 1]
        Weights below it are not drawn.
    special_mode : {"off", "mark", "hide", "hide_renormalise"}
        Special tokens as they are; with their columns marked; blanked on the same scale; or blanked
        and each row scaled up to 1 again. The hidden share is always printed.
    special_roles : sequence of str
        Which tokens count as special: roles of the tokenizer (``"cls"``, ``"sep"``, ``"bos"``,
        ``"eos"``, ``"pad"``, ``"mask"``, ``"special"``: the default), the text's ``"first"``
        position, and ``"punctuation"``. Shares, marks and hiding follow it.
    special_from : str or None
        Whose own attention the panel of special tokens shows, by role: what [CLS] looks at; None
        for the other direction, who looks at them.
    mask : Mask, str or None
        A sparse mask to lay over every head, as a value or in its text form.
    mask_shown : bool
        Whether the mask is drawn.
    mask_reading : {"outside", "renormalised"}
        How a mask is read: the share of attention outside it, or each row scaled up to 1 within it.
        Neither runs the model again.
    edits : Change or sequence of Change
        What else the model is to be run under, besides the mask on show: ``ablate``, ``uniform``,
        ``mute``, ``bias``, ``knock_out``. :meth:`apply` runs it.
    shown : {"first", "second", "difference"}
        Where there is a second record (assigned to :attr:`second`, or what :meth:`apply` gave):
        which of the two is drawn, or the second minus the first.
    view : {"matrix", "lines", "text", "neuron", "layers", "table"}
        How the head in full is drawn: all its weights; its tokens joined by lines; the text
        itself, or the picture that its tokens are patches of, shaded; how one score comes about
        from query and key; numbers over depth; a table.
    averaged : bool
        Whether the mean over several heads is drawn in full, and not one head.
    averaged_over : {"shown", "layer"}
        That mean runs over the layers and heads shown, or over the heads shown of `layer` alone.
    compared : sequence of int
        In the lines: up to eight heads of `layer` that are drawn together, each in a colour; none
        for `head` alone.
    zoom : (int, int, int, int) or None
        The part of the matrix that is drawn: first query, query end, first key, key end.
    looks : {"at", "by"}
        In the text: what the picked token looks at, or what it is looked at by.
    links : {"all", "aa", "ab", "ba", "bb"}
        In the lines of a pair of texts: from which to which of the two.
    top : float in (0, 1]
        In the lines: only this share of each row's keys, the largest weights first.
    rollout : bool
        In the layers: where the picked token's attention comes from through all layers below.
    badge : {"special", "entropy", "kept", "class", "importance"}
        The number under each head of the grid; heads are sorted and filtered by it:
        the share of attention on special tokens, how spread it is (normalised entropy), the share
        that the mask keeps, the head's class by our rule, or :attr:`importance`.
    order : {"model", "high", "low", "group"}
        The grid's order: layer by head, by the badge from either end, or by head class.
    badge_range : (float, float)
        Only heads whose badge is within are drawn at full strength in the model's order, or at
        all in the others. Of importance, in parts of the largest; of classes, equal parts in their
        order.
    scale : {"sqrt", "linear", "log", "row", "head"}
        What colour follows: the weight's square root, the weight, its logarithm from 0.0001 on,
        or the square root of its share of the largest that is drawn in its row or in its head. The
        threshold stays on weights.
    colors : {"magma", "viridis", "cividis"}
        The colour table.
    density : {"notebook", "projector"}
        Size of letters and controls.
    lang : {"auto", "en", "ja"}
        Language of the interface; ``"auto"`` follows the browser.

    Raises
    ------
    TypeError
        If `record` holds no attention, or several records, or a keyword is unknown.
    traitlets.TraitError
        If a value is out of range; the message gives the range.

    Examples
    --------
    >>> view = AttentionExplorer.sample(layer=2, head=7)
    >>> view.mask = "local(2) | global_('cls')"
    >>> view.selected
    Selection(layer=2, head=7, query=None, key=None)
    """

    _esm = _STATIC / "explorer.js"
    _css = _STATIC / "widget.css"

    _python_writes = frozenset(
        {
            "_badges",
            "_can_apply",
            "_can_run",
            "_can_save",
            "_can_weigh",
            "_cells",
            "_cells_shape",
            "_depth",
            "_diagnosis",
            "_effect",
            "_focus",
            "_focus_mask",
            "_focus_place",
            "_mask_cells",
            "_mask_effect",
            "_pixels",
            "_pooled_for",
            "_record",
            "_rollout",
            "_score",
            "_second",
            "_second_cells",
            "_second_focus",
            "_tour",
        }
    )

    _record = t.Dict().tag(sync=True)
    _pixels = t.Bytes().tag(sync=True)
    _can_run = t.Bool(default_value=False).tag(sync=True)

    def __init__(
        self,
        record: Any,  # noqa: ANN401 - whatever holds attention
        *,
        tokens: Any = None,  # noqa: ANN401 - tokens in any form
        runner: Runner | None = None,
        **settings: Any,  # noqa: ANN401 - each setting has its own type
    ) -> None:
        _check_runner(runner)
        record = one_record(record, tokens, runner)
        unknown = sorted(set(settings) - set(self.names()))
        if unknown:
            msg = (
                f"{type(self).__name__} has no setting {', '.join(unknown)}: "
                f"it takes {', '.join(self.names())}"
            )
            raise TypeError(msg)
        self._shown = record
        self._runner = runner
        first, last = record.layers[0], record.layers[-1]
        choices = {"layers": (first, last), "heads": record.heads} | settings
        for name, shown in (("layer", choices["layers"]), ("head", choices["heads"])):
            choices.setdefault(name, min(whole_numbers(shown) or (0,)))
        super().__init__(
            **_drawing(record),
            **choices,
            _can_run=runner is not None,
            _can_apply=isinstance(runner, Comparer),
            _can_weigh=isinstance(runner, Weigher),
        )
        self._refocus()
        self._repool()
        self.observe(self._refocus, names=["layer", "head", "mask", "averaged", "averaged_over"])
        self.observe(self._repool, names=["special_mode", "special_roles", "shown"])
        self.observe(self._refocus_mean, names=["layers", "heads"])
        self.on_msg(self._on_message)

    @classmethod
    def sample(
        cls,
        name: str = "sentence",
        **settings: Any,  # noqa: ANN401 - each setting has its own type
    ) -> Self:
        """Show a recorded sample: no model, no torch, no network.

        Parameters
        ----------
        name
            ``"sentence"``, ``"pair"``, ``"paragraph"`` or ``"japanese"``, recorded from
            all-MiniLM-L6-v2 (6 layers, 12 heads).
        **settings
            As for the class.
        """
        return cls(samples.load(name), **settings)

    @classmethod
    def compare(
        cls,
        first: AttentionRecord,
        second: AttentionRecord,
        *,
        layout: Literal["difference", "side by side"] = "difference",
        runner: Runner | None = None,
        **settings: Any,  # noqa: ANN401 - each setting has its own type
    ) -> Self | ipywidgets.Box:
        """Show two records of equal layers and heads: two texts, models, or checkpoints.

        Tokens are matched by their text, in order; a token without a counterpart is left blank in
        the difference.

        Parameters
        ----------
        first, second
            The records. A difference is the second minus the first, in the first one's frame.
        layout
            ``"difference"``, one explorer that draws either record or how they differ; or
            ``"side by side"``, two explorers that follow one selection.
        runner
            As for the class; runs new texts of the first record.
        **settings
            As for the class.

        Raises
        ------
        ValueError
            If the records have not the same stack, layers and heads, or no word in common.
        """
        first, second = one_record(first), one_record(second)
        if layout not in LAYOUTS:
            msg = f"layout={layout!r}: expected {' or '.join(map(repr, LAYOUTS))}"
            raise ValueError(msg)
        if layout == "side by side":
            other = counterpart(first, second)
            views = [cls(record, runner=runner, **settings) for record in (first, second)]
            return side_by_side(views[0], views[1], other)
        shown = settings.pop("shown", "difference")
        view = cls(first, runner=runner, **settings)
        view.second = second
        view.shown = shown
        # tokens without a counterpart would make the heads that look at them seem to have moved
        if view.alike and not {"layer", "head"} & set(settings):
            view.layer, view.head = view.moved_most()
        return view

    @classmethod
    def linked(
        cls,
        records: Any,  # noqa: ANN401 - whatever holds attention
        tokens: Any = None,  # noqa: ANN401 - tokens in any form
        *,
        runner: Runner | None = None,
        **settings: Any,  # noqa: ANN401 - each setting has its own type
    ) -> ipywidgets.Box:
        """Show several records of one run: an encoder, a decoder, and what is between them.

        A token is picked everywhere at once: the decoder's query is that of the cross-attention,
        whose key is the encoder's query. Settings are shared; heads are each grid's own.

        Parameters
        ----------
        records, tokens
            What :func:`attn_widgets.attention_record` takes, or gave.
        runner
            Runs the model where the weights are missing.
        **settings
            As for the class, for every grid.

        Examples
        --------
        >>> AttentionExplorer.linked(attention_record(outputs, encoder_tokens=source,
        ...                                           decoder_tokens=target))
        """
        _check_runner(runner)
        made = attention_record(records, tokens, runner=runner)
        several = made if isinstance(made, AttentionRecords) else {made.kind: made}
        return linked({name: cls(record, **settings) for name, record in several.items()})

    @property
    def record(self) -> AttentionRecord:
        """The record on show; assigning another one redraws, and keeps what still fits."""
        return self._shown

    @record.setter
    def record(self, record: AttentionRecord) -> None:
        self._show(one_record(record))

    def __repr__(self) -> str:
        """Name the record on show and the head in full."""
        name = type(self).__name__
        return f"{name}({self._shown!r}, layer={self.layer}, head={self.head})"

    def _show(self, record: AttentionRecord) -> None:
        """Draw another record; choices that it still offers are kept, others start anew."""
        laid = None if self.mask is None else mask_effect.fit(self.mask, record)
        effect = mask_effect.describe(laid)
        hiding = self._hiding(record, "first")
        drawing = _drawing(record, hiding) | {"_pooled_for": {}}
        if tuple(drawing["_cells_shape"]) != record.shape:
            drawing["_pooled_for"] = self._made_for(hiding)
        _, _, n_queries, n_keys = record.shape
        first, last = record.layers[0], record.layers[-1]
        choices: dict[str, Any] = {
            "layers": self.layers if {*self.layers} <= {*record.layers} else (first, last),
            "heads": tuple(h for h in self.heads if h in record.heads) or record.heads,
            "layer": _kept(self.layer, record.layers, first),
            "head": _kept(self.head, record.heads, record.heads[0]),
            "compared": tuple(h for h in self.compared if h in record.heads),
            "query": _kept(self.query, range(n_queries), None),
            "key": _kept(self.key, range(n_keys), None),
            "zoom": None,
            "step": None,
        }
        _, _, *cells = drawing["_cells_shape"]
        drawing["_badges"] = self._badges_of(record)
        drawing |= {"_mask_effect": effect, "_mask_cells": mask_effect.cells(laid, tuple(cells))}
        self._forget_effect()
        self._take_second(None)
        self._sizes = None
        self._shown, self._laid = record, laid
        # Held together, so that an observer that fails finds everything in place. It ends the
        # notices, by which ipywidgets tells the browser, so that then all of it is sent.
        try:
            with self.hold_sync(), self.hold_trait_notifications():
                for name, value in (drawing | choices).items():
                    setattr(self, name, value)
                self._refocus()
        except Exception:
            self.send_state([*self._python_writes, *choices])
            raise


def _drawing(record: AttentionRecord, hiding: Hiding | None = None) -> dict[str, Any]:
    grid = payload.grid(record, hiding)
    return {
        "_record": payload.describe(record),
        "_pixels": payload.pixels(record),
        "_diagnosis": {},  # a pass over all weights, made when the reader asks for it
        "_cells": grid.levels,
        "_cells_shape": list(grid.shape),
        "_depth": {},
        "_rollout": {},
        "_score": {},
    }


def _kept(value: int | None, offered: Sequence[int], otherwise: int | None) -> int | None:
    return value if value in offered else otherwise


def _check_runner(runner: object) -> None:
    if runner is not None and not isinstance(runner, Runner):
        msg = (
            f"runner is a {type(runner).__name__}: expected a ModelRunner, or an object with "
            "run(text, pair)"
        )
        raise TypeError(msg)
