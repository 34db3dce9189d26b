"""What the harness knows of a viewer: its page, when that is drawn, and what it reacts to."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from playwright.sync_api import Page as Tab

WIDE, HIGH = 1400, 900
"""The browser's window, in CSS pixels."""


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """What Python hands to the browser.

    Parameters
    ----------
    html
        The document.
    files
        What else it fetches from where it came from, name to bytes.
    code
        How many of those bytes are the viewer's own program and style, the same for every text.
    """

    html: str
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    code: int = 0

    @property
    def payload(self) -> int:
        """All bytes that reach the browser."""
        return len(self.html.encode()) + sum(map(len, self.files.values()))


@dataclasses.dataclass(frozen=True, slots=True)
class Interaction:
    """One input, timed from its event to the frame that shows what it changed.

    Parameters
    ----------
    name
        What it is called in the tables.
    events
        The DOM events that start the clock.
    prepare
        Called untimed with the tab and a running number; what it gives goes to the next two.
    act
        Sends trusted input.
    done
        JavaScript, of what `prepare` gave: whether the page shows the change. Asked once a frame.
    repeats
        How often it is done in each browser.
    """

    name: str
    events: tuple[str, ...]
    prepare: Callable[[Tab, int], Any]
    act: Callable[[Tab, int, Any], None]
    done: str
    repeats: int = 6


class Adapter:
    """A way to show attention in a page."""

    drawn: str = "() => false"
    """JavaScript: whether the picture is complete."""
    verify: str = "() => ({})"
    """JavaScript: counts which prove that all is there; run after the clock has stopped."""
    limit: ClassVar[float] = 90
    """Seconds that a build, or a first paint, may take."""

    def prepare(self, tokens: list[str], weights: np.ndarray) -> tuple[Any, Any]:
        """Make what the viewer takes of tokens and float32 weights; untimed.

        Weights are (layers, heads, N, N).
        """
        return tokens, weights

    def build(self, tokens: Any, weights: Any) -> Page:
        """Make the page; timed."""
        raise NotImplementedError

    def interactions(self, layers: int, heads: int, length: int) -> list[Interaction]:
        """Give what it reacts to."""
        del layers, heads, length
        return []


def wrap(body: str) -> str:
    """Make the smallest page around a notebook's output."""
    return f"<!doctype html><html><head><meta charset='utf-8'></head><body>{body}</body></html>"


def middle(tab: Tab, find: str, given: object) -> tuple[float, float]:
    """Give a point on an element that JavaScript finds, scrolled into view."""
    x, y = tab.evaluate(
        """([find, given]) => {
          const element = (0, eval)(find)(given);
          const seen = ({ left, top, bottom }) =>
            top >= 0 && left >= 0 && left < innerWidth - 5 &&
            Math.min(bottom, top + 40) <= innerHeight;
          if (!seen(element.getBoundingClientRect()))
            element.scrollIntoView({ block: 'center', inline: 'center' });
          const box = element.getBoundingClientRect();
          return [Math.min(box.left + box.width / 2, innerWidth - 5),
                  Math.min(box.top + Math.min(box.height / 2, 20), innerHeight - 5)];
        }""",
        [find, given],
    )
    return x, y


def calm(tab: Tab, quiet: float = 150) -> None:
    """Wait until the page has nothing to do for some milliseconds."""
    tab.evaluate("(quiet) => bench.quiet(quiet)", quiet)


def hover(
    name: str, find: str, done: str, pick: Callable[[int], int], before: str | None = None
) -> Interaction:
    """Give the pointer's way from a neutral corner onto an element."""

    def prepare(tab: Tab, turn: int) -> dict[str, Any]:
        tab.mouse.move(WIDE - 10, HIGH - 10)
        calm(tab)
        which = pick(turn)
        if before:
            tab.evaluate(before, which)
        return {"which": which, "at": middle(tab, find, which)}

    return Interaction(
        name,
        ("pointerover", "pointermove", "mousemove"),
        prepare,
        lambda tab, _, given: tab.mouse.move(*given["at"]),
        f"(given) => ({done})(given.which)",
    )


def click(
    name: str,
    find: str,
    done: str,
    pick: Callable[[int], int],
    *,
    before: str | None = None,
    reset: str | None = None,
    repeats: int = 6,
) -> Interaction:
    """Give a click on an element that the pointer is already on."""

    def prepare(tab: Tab, turn: int) -> dict[str, Any]:
        if reset:
            tab.evaluate(reset)
            calm(tab)
        which = pick(turn)
        tab.mouse.move(*middle(tab, find, which))
        calm(tab)
        if before:
            tab.evaluate(before, which)
        return {"which": which}

    def act(tab: Tab, _turn: int, _given: object) -> None:
        tab.mouse.down()
        tab.mouse.up()

    return Interaction(name, ("click",), prepare, act, f"(given) => ({done})(given.which)", repeats)


def median(values: list[float | None]) -> float:
    """Give the middle of what is known, or nan."""
    known = sorted(value for value in values if value is not None)
    return known[len(known) // 2] if known else math.nan
