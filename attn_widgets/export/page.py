"""A self-contained page: state, module and a small host, with nothing to fetch."""

from __future__ import annotations

import base64
import html
import importlib.resources
import json
from typing import TYPE_CHECKING

from attn_widgets.record import whole

if TYPE_CHECKING:
    from collections.abc import Mapping


def asset(name: str) -> str:
    """Read a built front-end file."""
    return importlib.resources.files("attn_widgets").joinpath("static", name).read_text("utf-8")


def page(
    state: Mapping[str, object],
    script: str = "explorer.js",
    *,
    title: str,
    note: str = "",
    left: str = "",
    data: Mapping[str, object] | None = None,
    lang: str = "en",
) -> str:
    """Write one HTML text that draws a widget's state from ``file://`` with no request.

    Parameters
    ----------
    state
        The widget's traits by name; ``bytes`` travel as base64, all else as JSON.
    script
        The module that draws it, by the name of its file.
    title, note
        The page's title, and lines under the picture that say where the numbers come from.
    left
        What was left out of the page, if anything was: said above the picture.
    data
        Where the numbers come from, for programs: kept as JSON in a ``meta`` element.
    lang
        Language of the page, ``"en"`` or ``"ja"``.

    Notes
    -----
    Text of any kind is safe in it: the state is JSON in which ``<`` is written as an escape, and
    the module's text cannot end its script element early.
    """
    body = whole(json.dumps(state, default=_bytes, ensure_ascii=False)).replace("<", "\\u003c")
    module = asset(script).replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return _PAGE.format(
        lang=html.escape(lang, quote=True),
        policy=_POLICY,
        title=html.escape(whole(title)),
        note="".join(f'<p dir="auto">{html.escape(line)}</p>' for line in whole(note).split("\n")),
        about=html.escape(whole(note).replace("\n", " ")),
        left=f'<p class="left" role="note">{html.escape(whole(left))}</p>' if left else "",
        data=html.escape(json.dumps(data or {})),
        css=asset("widget.css").replace("</style", "<\\/style"),
        state=body,
        module=module,
        host=asset("page.js").replace("</script", "<\\/script"),
    )


def _bytes(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    msg = f"cannot write a {type(value).__name__} into a page"
    raise TypeError(msg)


_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:"
)
_PAGE = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="generator" content="attn_widgets">
<meta name="description" content="{about}">
<meta name="attn_widgets" content="{data}">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 1600px; padding: 16px; font-family: system-ui, sans-serif; }}
/* for screen readers: the picture bears its title itself */
body > header {{ position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }}
footer {{ margin-top: 16px; font-size: 12px; color: #5b6472; }}
footer p {{ margin: 2px 0; overflow-wrap: anywhere; }}
.left {{ margin: 0 0 12px; padding: 6px 10px; border-left: 3px solid #b07a00; font-size: 13px; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111217; color: #e2e5ec; }}
  footer {{ color: #a0a7b5; }} }}
{css}
</style>
</head>
<body>
<header><h1>attn_widgets</h1><h2 dir="auto">{title}</h2></header>
{left}<main id="widget"></main>
<footer>{note}</footer>
<script type="application/json" id="state">{state}</script>
<script type="text/plain" id="module">{module}</script>
<script type="module">{host}</script>
</body>
</html>
"""
