"""BertViz's pages, its scripts taken from a package instead of a network."""

from __future__ import annotations

import importlib
import re
import threading
from typing import TYPE_CHECKING, Any

from attn_widgets.bertviz.arguments import LESS
from attn_widgets.export.page import asset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from attn_widgets.record import AttentionRecord

_FETCHED = re.compile(r'<script src="https?://[^"]*require[^"]*"></script>')
_PATIENT = threading.Lock()


def head_view(own: Mapping[str, Any], *, layer: int | None, heads: Sequence[int] | None) -> str:
    """Let BertViz draw its head view."""
    drawn = _module("head_view").head_view(
        **own,
        layer=layer,
        heads=None if heads is None else list(heads),
        prettify_tokens=False,
        html_action="return",
    )
    return _page(drawn.data, dark=False)


def model_view(own: Mapping[str, Any], *, theme: str) -> str:
    """Let BertViz draw its model view."""
    drawn = _module("model_view").model_view(
        **own, display_mode=theme, prettify_tokens=False, html_action="return"
    )
    return _page(drawn.data, dark=theme == "dark")


def neuron_view(
    own: Mapping[str, Any],
    record: AttentionRecord,
    *,
    layer: int | None,
    head: int | None,
    theme: str,
) -> str:
    """Let BertViz draw its neuron view of what was recorded.

    It would run one of the three families it has code for; what it draws is what its
    ``get_attention`` returns, so that this is put in its place while it draws.
    """
    module: Any = _module("neuron_view")
    with _PATIENT:
        kept = module.get_attention
        module.get_attention = lambda *_args, **_more: own
        try:
            drawn = module.show(
                None,
                "gpt2" if record.kind == "decoder" else "bert",
                None,
                "first",
                "second" if len(own) > 1 else None,
                display_mode=theme,
                layer=layer,
                head=head,
                html_action="return",
            )
        finally:
            module.get_attention = kept
    return _page(drawn.data, dark=theme == "dark")


def height(view: str, record: AttentionRecord) -> int:
    """Guess the pixels that a view takes; BertViz draws a token in 22.5, a head in about 75."""
    _, _, queries, keys = record.shape
    tokens = 22.5 * max(queries, keys) + 120
    return round(min(900, max(tokens, 80 * len(record.layers) if view == "model" else 0)))


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"bertviz.{name}")
    except ImportError as error:
        msg = f'BertViz is not here ({error}): pip install "attn_widgets[bertviz]"'
        raise ImportError(msg) from error


def _page(body: str, *, dark: bool) -> str:
    own, count = _FETCHED.subn(lambda _: f"<script>{asset('bertviz.js')}</script>", body)
    if count != 1:
        msg = (
            "this version of BertViz loads its libraries in a way that is not known here: "
            'pip install "bertviz>=1.4,<1.5"'
        )
        raise ImportError(msg)
    safe = own.replace(LESS.encode("ascii", "backslashreplace").decode(), "\\u003c")
    paper = "background:#000;color:#fff" if dark else "background:#fff;color:#000"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>BertViz</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "script-src 'unsafe-inline'; style-src 'unsafe-inline'\">"
        f'</head><body style="{paper}">\n{safe}\n</body></html>\n'
    )
