"""BertViz's ``model_view`` and ``head_view`` (https://github.com/jessevig/bertviz)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from bertviz import head_view, model_view

from adapters.base import Adapter, Interaction, Page, click, hover, wrap

if TYPE_CHECKING:
    import numpy as np
    from playwright.sync_api import Page as Tab

SHUT = r"""() => {
  const title = document.querySelector('text.detail');
  if (!title) return;
  const [, layer, head] = title.textContent.match(/Layer (\d+), Head (\d+)/);
  document.getElementById(`attn_background_${layer}_${head}`).parentNode.lastElementChild
    .dispatchEvent(new MouseEvent('click', { bubbles: true }));
}"""
"""An open detail covers its neighbours; a second click shuts it."""


class _BertViz(Adapter):
    def prepare(self, tokens: list[str], weights: np.ndarray) -> tuple[Any, Any]:
        return tokens, tuple(torch.from_numpy(layer)[None] for layer in weights)


class ModelView(_BertViz):
    """Every head of every layer."""

    verify = """() => ({ lines: document.querySelectorAll('#vis line').length,
      heads: document.querySelectorAll('.attn_background').length })"""

    def build(self, tokens: Any, weights: Any) -> Page:
        last = f"attn_background_{len(weights) - 1}_{weights[0].shape[1] - 1}"
        self.drawn = f"() => document.getElementById('{last}')"
        return Page(wrap(model_view(weights, tokens, html_action="return").data))

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        del layers
        opened = """(k) => document.querySelector('text.detail')?.textContent.endsWith('Head ' + k)
          && document.querySelectorAll('.detail').length >= 5"""
        lone = """(k) => {
          const lines = document.querySelectorAll('.attn-line-group');
          return lines[k].style.opacity == 1 && lines[k ? 0 : 1].style.opacity == 0;
        }"""
        return [
            click(
                "head",
                "(k) => document.getElementById('attn_background_0_' + k).parentNode"
                ".lastElementChild",
                opened,
                lambda turn: (1 + 2 * turn) % heads,
                reset=SHUT,
            ),
            hover(
                "hover a token",
                "(k) => document.querySelectorAll('g.detail text.token')[k].parentNode",
                lone,
                lambda turn: (2 + 5 * turn) % min(length, 30),
            ),
        ]


class HeadView(_BertViz):
    """The heads of one layer, as lines."""

    drawn = """() => document.querySelector('#vis svg #attention') &&
      document.querySelector('#vis svg').lastElementChild.querySelector('rect')"""
    verify = "() => ({ lines: document.querySelectorAll('#attention line').length })"

    def build(self, tokens: Any, weights: Any) -> Page:
        return Page(wrap(head_view(weights, tokens, html_action="return").data))

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        del layers, heads

        def ready(tab: Tab, _turn: int) -> None:
            tab.evaluate(
                "() => { was = document.querySelector('#vis svg');"
                " document.querySelector('#layer').focus(); scrollTo(0, 0); }"
            )

        def next_layer(tab: Tab, turn: int, _given: object) -> None:
            tab.keyboard.press("ArrowUp" if turn % 2 else "ArrowDown")

        return [
            hover(
                "hover a token",
                "(k) => document.querySelectorAll('#left .background')[k].parentNode",
                "(k) => document.querySelectorAll('#left .background')[k].style.opacity == 1",
                lambda turn: (3 + 5 * turn) % min(length, 34),
            ),
            Interaction(
                "layer",
                ("keydown",),
                ready,
                next_layer,
                """() => {
                  const picture = document.querySelector('#vis svg');
                  return picture && picture !== was &&
                    picture.lastElementChild.querySelector('rect');
                }""",
            ),
        ]
