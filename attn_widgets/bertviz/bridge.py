"""A record in BertViz's own views, without a network; and BertViz's arguments as a record."""

from __future__ import annotations

import dataclasses
import html
import pathlib
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from attn_widgets.adapters import AttentionRecords, attention_record
from attn_widgets.bertviz import arguments, drawing
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

View: TypeAlias = Literal["head", "model", "neuron"]


@dataclasses.dataclass(frozen=True, slots=True)
class BertvizPage:
    """A view that BertViz drew, as a page that needs nothing else.

    Parameters
    ----------
    html
        The page, its scripts included.
    height
        Pixels it takes in a notebook; the frame can be dragged larger.
    """

    html: str
    height: int

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, which draws from ``file://`` with no request."""
        pathlib.Path(path).write_text(self.html, encoding="utf-8")

    def _repr_html_(self) -> str:
        """Show the page in a frame: BertViz's scripts cannot reach the notebook, nor it them."""
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{html.escape(self.html, quote=True)}" '
            f'title="BertViz" style="width:100%;height:{self.height}px;border:0;resize:vertical">'
            "</iframe>"
        )

    def __repr__(self) -> str:
        """Say how large it is; the page itself is long."""
        return f"BertvizPage({len(self.html):,} characters; save_html(path) writes it)"


def to_bertviz(
    record: AttentionRecord | AttentionRecords,
    view: View = "head",
    *,
    layer: int | None = None,
    heads: Sequence[int] | None = None,
    theme: Literal["light", "dark"] = "light",
) -> BertvizPage:
    """Show a record in BertViz.

    BertViz must be installed (``pip install "attn_widgets[bertviz]"``); the libraries that it takes
    from a network come with this package instead.

    Parameters
    ----------
    record
        What to show; of the records of an encoder-decoder, all three.
    view
        ``"head"``, tokens joined by lines, one layer at a time; ``"model"``, all layers and heads;
        ``"neuron"``, queries and keys, of a record that holds them.
    layer, heads
        What is shown first, by the model's own numbers: the layer (head and neuron view), the heads
        (head view) or the one head (neuron view). BertViz itself counts heads, and in the neuron
        view layers, from 0 in the order they are given.
    theme
        The model and neuron views' background; the head view has only a light one.

    Returns
    -------
    BertvizPage
        Shows itself in a notebook.

    Raises
    ------
    ImportError
        If BertViz is not installed.
    ValueError
        If the view is unknown, it has no such choice, or it cannot show this kind of record; the
        message says what can.
    IndexError
        If the layer or a head is not in the record.
    TypeError
        If it is no record.

    Examples
    --------
    >>> to_bertviz(record, "model").save_html("model_view.html")
    """
    if view not in get_args(View):
        msg = f"view={view!r}: expected {', '.join(map(repr, get_args(View)))}"
        raise ValueError(msg)
    if theme not in {"light", "dark"}:
        msg = f"theme={theme!r}: expected 'light' or 'dark'"
        raise ValueError(msg)
    _check_choice(view, layer, heads, theme)
    records = _records(record)
    whole = next(iter(records.values()))
    for each in records.values():
        if layer is not None:
            each.layer_index(layer)
        for head in heads or ():
            each.head_index(head)
    picked = None if heads is None else [whole.head_index(head) for head in heads]
    if view == "neuron":
        own = arguments.neuron(records)
        first = None if picked is None else picked[0]
        place = None if layer is None else whole.layer_index(layer)
        page = drawing.neuron_view(own, whole, layer=place, head=first, theme=theme)
    else:
        own = arguments.weights(records)
        if view == "head":
            page = drawing.head_view(own, layer=layer, heads=picked)
        else:
            page = drawing.model_view(own, theme=theme)
    return BertvizPage(page, drawing.height(view, whole))


def _check_choice(view: str, layer: int | None, heads: Sequence[int] | None, theme: str) -> None:
    """Refuse what a view of BertViz cannot follow."""
    if view == "model" and (layer is not None or heads is not None):
        msg = "the model view shows all layers and heads: layer= and heads= are of the other views"
        raise ValueError(msg)
    if view == "head" and theme == "dark":
        msg = "BertViz's head view has no dark theme: take theme='light', or another view"
        raise ValueError(msg)
    if view == "neuron" and heads is not None and len(heads) != 1:
        msg = f"heads={list(heads)}: the neuron view shows one head at a time, as heads=[3]"
        raise ValueError(msg)


def from_bertviz(
    attention: object = None,
    tokens: Sequence[str] | None = None,
    sentence_b_start: int | None = None,
    **others: Any,  # noqa: ANN401 - BertViz's own arguments
) -> AttentionRecord | AttentionRecords:
    """Read what one gives to BertViz's ``head_view`` or ``model_view`` into a record.

    Parameters
    ----------
    attention
        One tensor ``(1, heads, queries, keys)`` per layer.
    tokens
        The tokens, as text.
    sentence_b_start
        Index of the second text's first token.
    **others
        ``encoder_attention``, ``decoder_attention``, ``cross_attention``, ``encoder_tokens``,
        ``decoder_tokens``, ``include_layers``. How BertViz is to draw (``prettify_tokens``,
        ``html_action``, ``display_mode``, ``layer``, ``heads``) is no part of a record: these are
        taken, so that a call can be moved as it stands, and not used.

    Returns
    -------
    AttentionRecord or AttentionRecords
        As :func:`attn_widgets.attention_record`, which says what it raises.
    """
    known = {
        "encoder_attention",
        "decoder_attention",
        "cross_attention",
        "encoder_tokens",
        "decoder_tokens",
        "include_layers",
    }
    drawing = {"prettify_tokens", "html_action", "display_mode", "layer", "heads"}
    unknown = sorted(set(others) - known - drawing)
    if unknown:
        msg = (
            f"from_bertviz has no argument {', '.join(unknown)}: it takes attention, tokens, "
            f"sentence_b_start, {', '.join(sorted(known))}; of heads, choose in the explorer, by "
            "view.heads"
        )
        raise TypeError(msg)
    own = {name: value for name, value in others.items() if name in known}
    return attention_record(attention, tokens, sentence_b_start=sentence_b_start, **own)


def _records(record: object) -> Mapping[str, AttentionRecord]:
    if isinstance(record, AttentionRecord):
        return {record.kind: record}
    if isinstance(record, AttentionRecords):
        return dict(record)
    msg = f"record is a {type(record).__name__}: expected an AttentionRecord or AttentionRecords"
    raise TypeError(msg)
