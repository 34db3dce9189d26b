"""The least a browser has to do for a grid of heat maps, and what the harness says of nothing."""

from __future__ import annotations

import json
import pathlib
from typing import TYPE_CHECKING, Any

import numpy as np

from adapters.base import Adapter, Interaction, Page, calm, click, hover, wrap

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

HTML = (pathlib.Path(__file__).parent / "floor.html").read_text("utf-8")
CELL, GAP = 96, 4


def coded(weights: np.ndarray) -> np.ndarray:
    """Code weights by their square root, one byte each."""
    levels = np.empty(weights.shape, np.uint8)
    for of, to in zip(weights, levels, strict=True):  # by layer: it takes less memory
        to[:] = np.sqrt(of) * 255 + 0.5
    return levels


class Canvas(Adapter):
    """All heads as bytes; a plain canvas that shrinks them to pictures of 96 pixels."""

    drawn = "() => window.drawn?.times > 0"
    verify = """() => {
      const { data } = grid.getContext('2d').getImageData(0, 0, grid.width, grid.height);
      let ink = 0;
      for (let i = 0; i < data.length; i += 4) ink += data[i + 3] > 0 && data[i] < 200 ? 1 : 0;
      return { ink, bytes: levels.length };
    }"""

    def build(self, tokens: Any, weights: Any) -> Page:
        levels = coded(weights)
        layers, heads = levels.shape[:2]
        shape = {
            "layers": layers,
            "heads": heads,
            "tokens": len(tokens),
            "thumb": min(len(tokens), CELL),
            "cell": CELL,
            "gap": GAP,
        }
        html = HTML.replace("/* shape */", json.dumps(shape))
        return Page(html, {"data.bin": levels.tobytes()}, len(html))

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        del layers, length
        return [
            _step("threshold"),
            _step("window"),
            Interaction("head", ("click",), _over, _press, "(k) => window.drawn.detail === k", 8),
        ][: 3 if heads > 9 else 2]


def _step(control: str) -> Interaction:
    def prepare(tab: Tab, _turn: int) -> dict[str, Any]:
        tab.evaluate("(id) => document.getElementById(id).focus()", control)
        calm(tab)
        value = "(id) => document.getElementById(id).value - document.getElementById(id).step"
        return {"control": control, "value": tab.evaluate(value, control)}

    return Interaction(
        control,
        ("keydown",),
        prepare,
        lambda tab, _turn, _given: tab.keyboard.press("ArrowLeft"),
        "({ control, value }) => window.drawn[control] === value",
        8,
    )


def _over(tab: Tab, turn: int) -> int:
    tab.evaluate("() => scrollTo(0, 0)")
    box = tab.locator("#grid").bounding_box()
    if box is not None:
        tab.mouse.move(box["x"] + CELL / 2 + (CELL + GAP) * (1 + turn), box["y"] + CELL / 2)
    calm(tab)
    return 1 + turn


def _press(tab: Tab, _turn: int, _which: int) -> None:
    tab.mouse.down()
    tab.mouse.up()


class Nothing(Adapter):
    """A button that counts."""

    drawn = "() => document.getElementById('button')"

    def build(self, tokens: Any, weights: Any) -> Page:
        del tokens, weights
        return Page(
            wrap(
                "<button id=button style='margin:30px;width:200px;height:60px'>0</button><script>"
                "pressed = 0; moved = false; addEventListener('mousemove', () => { moved = true });"
                "button.onclick = () => { button.textContent = ++pressed }</script>"
            )
        )

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        del layers, heads, length
        find, same = "() => document.getElementById('button')", int
        return [
            click("click", find, "() => pressed !== was", same, before="() => { was = pressed }"),
            hover("hover", find, "() => moved", same, "() => { moved = false }"),
        ]
