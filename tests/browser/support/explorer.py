"""What a test looks at in an explorer, and how it waits for what Python knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from support.pages import LabPage

INK = """(canvas) => {
    const { width, height } = canvas;
    const rows = 4, columns = 4, sums = new Array(rows * columns).fill(0);
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
            const row = Math.floor((y * rows) / height);
            const region = row * columns + Math.floor((x * columns) / width);
            const at = 4 * (y * width + x);
            sums[region] += data[at + 3] ? 765 - data[at] - data[at + 1] - data[at + 2] : 0;
        }
    return sums.map((sum) => sum / (width * height));
}"""


def ink(canvas: Locator) -> list[float]:
    """How dark each of 4 x 4 regions of a canvas is."""
    return canvas.evaluate(INK)


def drawn(canvas: Locator) -> int:
    return int(canvas.get_attribute("data-drawn") or 0)


def redrawn(canvas: Locator, before: int) -> None:
    """Wait until a canvas has been drawn again."""
    handle = canvas.element_handle()
    canvas.page.wait_for_function(
        "([canvas, before]) => Number(canvas.dataset.drawn) > before", arg=[handle, before]
    )


def python_says(lab: LabPage, source: str, expected: str) -> None:
    """Ask until the answer is there: a host holds changes back while the kernel is at work."""
    for _ in range(20):
        answer = lab.run(source)
        if answer == expected:
            return
    assert answer == expected


def grid(lab: LabPage, view: int = 0) -> Locator:
    return lab.page.get_by_test_id("attnw-grid").nth(view)


def focus(layer: int, head: int) -> re.Pattern[str]:
    """Match the label of a grid with this head in focus."""
    return re.compile(f"layer {layer}, head {head}\\.")
