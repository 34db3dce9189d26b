"""The explorer of this project: as a notebook sends it, and as a page that was saved."""

from __future__ import annotations

import json
import pathlib
import tempfile
from typing import TYPE_CHECKING, Any

from adapters.base import HIGH, WIDE, Adapter, Interaction, Page, calm
from attn_widgets import AttentionExplorer, AttentionRecord
from attn_widgets.export.page import asset

if TYPE_CHECKING:
    import numpy as np
    from playwright.sync_api import Page as Tab

HOST = (pathlib.Path(__file__).parent / "notebook.html").read_text("utf-8")
HOSTS_OWN = ("_model", "_view", "_anywidget", "_esm", "_css", "layout", "tabbable", "tooltip")
"""Traits by which a notebook finds its widgets; the program and the style are counted apart."""
DRAWN = "document.querySelector('[data-testid=attnw-{}]')?.dataset.drawn > {}"


class _Explorer(Adapter):
    drawn = f"() => {DRAWN.format('grid', 0)} && {DRAWN.format('matrix', 0)}"
    verify = """() => ({
      ink: ['grid', 'matrix'].map((name) => {
        const canvas = document.querySelector(`[data-testid=attnw-${name}]`);
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let dark = 0;
        for (let i = 0; i < data.length; i += 4) dark += data[i + 3] > 0 && data[i] < 200 ? 1 : 0;
        return dark;
      }) })"""

    def prepare(self, tokens: list[str], weights: np.ndarray) -> tuple[Any, Any]:
        return tokens, AttentionRecord.from_arrays(weights, tokens=tokens)

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        del layers, heads
        return [
            _step("layer range", "[data-testid=attnw-last-layer]", "layers", "ArrowLeft"),
            _step("threshold", ".attnw-threshold", "threshold", "ArrowRight"),
            _step("mask window", "[data-testid=attnw-window-slider]", "mask", "ArrowLeft"),
            _step("head", "[data-testid=attnw-grid]", "head", "ArrowRight", "matrix"),
            _hover(length),
        ]


def _step(name: str, control: str, trait: str, key: str, picture: str = "grid") -> Interaction:
    """Give one press of a key on a control: the trait changed, and the picture was drawn after."""

    def prepare(tab: Tab, _turn: int) -> dict[str, Any]:
        given = {"control": control, "trait": trait, "picture": picture}
        tab.evaluate(
            """({ control, trait, picture }) => {
              const drawn = () =>
                Number(document.querySelector(`[data-testid=attnw-${picture}]`).dataset.drawn);
              document.querySelector(control).focus();
              before = JSON.stringify(model.get(trait));
              addEventListener('keydown', () => { was = drawn(); }, { once: true, capture: true });
            }""",
            given,
        )
        calm(tab)
        return given

    return Interaction(
        name,
        ("keydown",),
        prepare,
        lambda tab, _turn, _given: tab.keyboard.press(key),
        """({ trait, picture }) => JSON.stringify(model.get(trait)) !== before &&
          document.querySelector(`[data-testid=attnw-${picture}]`).dataset.drawn > was""",
        8,
    )


def _hover(length: int) -> Interaction:
    """Give the pointer's way onto a cell of the matrix: its reading says which."""

    def prepare(tab: Tab, turn: int) -> dict[str, Any]:
        tab.mouse.move(WIDE - 10, HIGH - 10)
        calm(tab)
        query = (3 + 5 * turn) % length
        return tab.evaluate(
            """([query, length]) => {
              const canvas = document.querySelector('[data-testid=attnw-matrix]');
              canvas.scrollIntoView({ block: 'center' });
              const [left, top, width, height] = canvas.dataset.box.split(' ').map(Number);
              const box = canvas.getBoundingClientRect();
              const part = (query + 0.5) / length;
              was = Number(canvas.dataset.drawn);
              return [box.left + left + part * width, box.top + top + part * height];
            }""",
            [query, length],
        )

    return Interaction(
        "hover a cell",
        ("pointermove", "mousemove"),
        prepare,
        lambda tab, _turn, at: tab.mouse.move(*at),
        "() => document.querySelector('[data-testid=attnw-matrix]').dataset.drawn > was",
    )


class Notebook(_Explorer):
    """The traits as a notebook gets them: JSON, and bytes as they are."""

    def build(self, tokens: Any, weights: Any, **settings: Any) -> Page:
        del tokens
        shown = AttentionExplorer(weights, **settings)
        state = shown.get_state()
        traits = {name: state[name] for name in state if not name.startswith(HOSTS_OWN)}
        packed, bytes_ = pack(traits)
        program, style = asset("explorer.js"), asset("widget.css")
        html = HOST.replace("/* style */", style).replace("/* state */", packed)
        html = html.replace("/* program */", program.replace("</script", "<\\/script"))
        shown.close()
        return Page(html, {"data.bin": bytes_}, len(HOST) + len(program.encode()) + len(style))


def pack(traits: dict[str, Any]) -> tuple[str, bytes]:
    """Write traits as JSON, in which bytes are named by where they are in the file beside it."""
    file = bytearray()

    def put(value: object) -> object:
        if not isinstance(value, bytes | memoryview):
            msg = f"no trait holds a {type(value).__name__}"
            raise TypeError(msg)
        start = len(file)
        file.extend(value)
        return {"$at": [start, len(value)]}

    return json.dumps(traits, default=put).replace("<", "\\u003c"), bytes(file)


class SavedPage(_Explorer):
    """What ``save_html`` writes: one file, bytes as base64."""

    def build(self, tokens: Any, weights: Any) -> Page:
        del tokens
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "page.html")
            shown = AttentionExplorer(weights)
            shown.save_html(path)
            shown.close()
            html = path.read_text("utf-8")
        code = sum(len(asset(name).encode()) for name in ("explorer.js", "widget.css", "page.js"))
        return Page(html, code=code)

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        del layers, heads, length
        return []  # those of the notebook: the page's host keeps its model to itself
