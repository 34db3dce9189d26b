"""Inspectus' ``attention`` (https://github.com/labmlai/inspectus): a matrix, or lines per head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import inspectus

from adapters.base import Adapter, Interaction, Page, calm, click, wrap

if TYPE_CHECKING:
    import numpy as np
    from playwright.sync_api import Page as Tab

COLUMN = """Array.from({ length: %d }, (_, i) =>
  document.querySelector('.matrix .grid').children[i * %d].textContent).join()"""
"""The first column of the matrix: it differs between heads, layers and tokens."""


class Attention(Adapter):
    """Its default charts: one matrix summed over what is chosen, and the tokens."""

    charts: tuple[str, ...] | None = None
    drawn = """() => document.querySelector('.matrix .grid')?.lastElementChild?.style.fill
      && document.querySelectorAll('.dimension-values').length === 2"""
    verify = "() => ({ cells: document.querySelectorAll('.matrix .cell').length })"

    def prepare(self, tokens: list[str], weights: np.ndarray) -> tuple[Any, Any]:
        # it draws nothing where a token starts with '#'
        return [token.replace("##", "_") for token in tokens], weights

    def build(self, tokens: Any, weights: Any) -> Page:
        charts = None if self.charts is None else list(self.charts)
        with mock.patch("IPython.display.display") as shown:  # it can only display
            inspectus.attention(weights, tokens, chart_types=charts, theme="light")
        return Page(wrap("".join(call.args[0].data for call in shown.call_args_list)))

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        column = COLUMN % (length, length)

        def choose(name: str, dimension: int, count: int) -> Interaction:
            values = f"document.querySelectorAll('.dimension-values')[{dimension}]"
            return click(
                name,
                f"(k) => {values}.querySelectorAll('.value')[k]",
                f"() => {column} !== was",
                lambda turn: turn % count,
                before=f"() => {{ was = {column} }}",
            )

        return [choose("head", 1, heads), choose("layer range", 0, layers)]


class LineGrid(Attention):
    """The only grid of layers and heads that it has, which appears once both are chosen."""

    charts = ("line_grid",)
    drawn = "() => document.querySelector('.line-grid svg .line')"
    verify = "() => ({ heads: document.querySelectorAll('.line-grid .lines').length })"

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        del length

        def ready(tab: Tab, _turn: int) -> None:
            tab.evaluate("""() => {
              const first = document.querySelector('#line-grid-dim1-select');
              first.value = 'head';
              first.dispatchEvent(new Event('change'));
              document.querySelector('#line-grid-dim2-select').focus();
            }""")
            calm(tab)

        return [
            Interaction(
                "make the grid",
                ("keydown",),
                ready,
                lambda tab, _turn, _given: tab.keyboard.press("Home"),
                f"() => document.querySelectorAll('.line-grid .lines').length === {layers * heads}",
                1,
            )
        ]
