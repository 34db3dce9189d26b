"""What the explorer costs once it is there: steps, elements, many at once, and what stays behind.

Run with ``python tests/benchmarks/widget/bench_explorer.py``. Milliseconds of work are the page's
own thread's, by its own clock, so that other programs hardly count; the floor's steps are measured
alike.
"""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING, Any

import attention
from adapters import explorer, floor
from sample import Worked, browsed, served

from attn_widgets import AttentionRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page as Tab

STEPS, WARM = 40, 5
VIEWS = ("matrix", "lines", "text", "neuron", "layers", "table")
SHAPES = ((12, 12, 64), (12, 12, 128), (12, 12, 512), (32, 32, 128), (80, 64, 64), (12, 12, 2048))
MANY, CYCLES = 20, 50
SLIDE = """async ([control, picture, by]) => {
  const slider = document.querySelector(control);
  const drawn = () => window.drawn?.times ?? document.querySelector(picture).dataset.drawn;
  const before = drawn();
  const start = performance.now();
  slider.value = Number(slider.value) + by;
  slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
  while (drawn() === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
PRESS = """async ([control, picture, key]) => {
  const find = (name) => document.querySelector(name);
  const drawn = () => find(picture).dataset.drawn;
  const before = drawn();
  const start = performance.now();
  find(control).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  while (drawn() === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
POINT = """async ([picture, at]) => {
  const canvas = document.querySelector(picture);
  const [left, top, width, height] = canvas.dataset.box?.split(' ').map(Number) ??
    [60, 60, canvas.clientWidth - 120, canvas.clientHeight - 120];
  const { left: x, top: y } = canvas.getBoundingClientRect();
  const before = canvas.dataset.drawn;
  const start = performance.now();
  canvas.dispatchEvent(new PointerEvent('pointermove', { bubbles: true,
    clientX: x + left + at * width, clientY: y + top + at * height }));
  if (canvas.dataset.box)
    while (canvas.dataset.drawn === before) await new Promise(requestAnimationFrame);
  else await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
GRID, MATRIX = "[data-testid=attnw-grid]", "[data-testid=attnw-matrix]"
ROLL = """async (far) => {
  const gaps = [];
  let last = performance.now();
  for (let y = 0; y < far; y += 60) {
    scrollTo(0, y);
    await new Promise(requestAnimationFrame);
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  return gaps;
}"""


def opened(tab: Tab, address: str, drawn: str = explorer.Notebook.drawn) -> None:
    """Open a page and wait until it is drawn."""
    tab.goto(f"{address}/page.html")
    tab.wait_for_function(drawn)


def page(layers: int, heads: int, length: int, **settings: Any) -> Any:
    """Make an explorer's page as a notebook gets it."""
    weights = attention.weights(layers, heads, length)
    record = AttentionRecord.from_arrays(weights, tokens=attention.tokens(length))
    return explorer.Notebook().build(None, record, **settings)


def timed(worked: Worked, step: Callable[[int], float]) -> tuple[list[float], list[float]]:
    """Repeat a step; give the milliseconds until it was drawn, and those of work."""
    shown, work = [], []
    for turn in range(WARM + STEPS):
        before = worked.now()
        shown.append(step(turn))
        work.append(worked.now() - before)
    return shown[WARM:], work[WARM:]


def row(name: str, shown: list[float], work: list[float]) -> None:
    """Print medians and 95th percentiles."""
    numbers = [
        f"{statistics.median(of):.1f}, {statistics.quantiles(of, n=20)[-1]:.1f}"
        for of in (work, shown)
    ]
    print(f"| {name} | {' | '.join(numbers)} |", flush=True)


def steps() -> None:
    """Time steps of sliders and the pointer at 128 tokens, the floor's first."""
    print("\n| 12 x 12 x 128: a step | work, ms | until it is drawn, ms |\n|---|---|---|")
    weights = attention.weights(12, 12, 128)
    bare = floor.Canvas().build(attention.tokens(128), weights)
    with served(bare) as address, browsed() as context:
        tab = context.new_page()
        worked = Worked(context.new_cdp_session(tab))
        opened(tab, address, floor.Canvas.drawn)
        for control in ("threshold", "window"):
            back = [f"#{control}", "", -1]
            row(f"floor: {control}", *timed(worked, lambda _, to=back: tab.evaluate(SLIDE, to)))
    with served(page(12, 12, 128)) as address, browsed() as context:
        tab = context.new_page()
        worked = Worked(context.new_cdp_session(tab))
        opened(tab, address)
        doing: dict[str, Callable[[int], float]] = {
            "threshold": lambda _: tab.evaluate(SLIDE, [".attnw-threshold", GRID, 1]),
            "layer range": lambda turn: tab.evaluate(
                PRESS,
                [
                    "[data-testid=attnw-last-layer]",
                    GRID,
                    "ArrowRight" if turn % 2 else "ArrowLeft",
                ],
            ),
            "head": lambda turn: tab.evaluate(
                PRESS, [GRID, MATRIX, "ArrowLeft" if turn % 2 else "ArrowRight"]
            ),
            "pointer over the grid": lambda turn: tab.evaluate(POINT, [GRID, (turn % 11) / 11]),
            "pointer over the matrix": lambda turn: tab.evaluate(POINT, [MATRIX, (turn % 9) / 10]),
            "mask window": lambda _: tab.evaluate(
                SLIDE, ["[data-testid=attnw-window-slider]", GRID, -1]
            ),
        }
        for name, step in doing.items():
            row(name, *timed(worked, step))


def sizes() -> None:
    """Count elements in every view, and bytes, at every shape."""
    print("\n| shape | bytes before interaction | of them weights | bytes a weight |", end="")
    print(" elements: " + ", ".join(VIEWS) + " | first paint, ms |\n|---|---|---|---|---|---|")
    for shape in SHAPES:
        made = page(*shape)
        data = made.payload - made.code
        with served(made) as address, browsed() as context:
            tab = context.new_page()
            opened(tab, address)
            painted = tab.evaluate("() => performance.now()")
            counts = []
            for view in VIEWS:
                tab.evaluate("(view) => model.set('view', view)", view)
                tab.evaluate("() => new Promise((done) => setTimeout(done, 300))")
                counts.append(tab.evaluate("() => document.getElementsByTagName('*').length"))
        cells, all_ = len(made.files["data.bin"]), shape[0] * shape[1] * shape[2] ** 2
        name = " x ".join(map(str, shape))
        print(
            f"| {name} | {data:,} | {cells:,} | {data / all_:.2f} | "
            f"{', '.join(map(str, counts))} | {painted:.0f} |",
            flush=True,
        )


def many() -> None:
    """Scroll past twenty explorers, and see what they do when they are out of sight."""
    with served(page(12, 12, 64)) as address, browsed() as context:
        tab = context.new_page()
        worked = Worked(context.new_cdp_session(tab))
        opened(tab, address)
        tab.evaluate(
            """async (count) => {
              for (let i = 1; i < count; i++) {
                const element = document.createElement('div');
                document.body.append(element);
                await show(element);
              }
            }""",
            MANY,
        )
        tab.wait_for_timeout(1000)
        drawn = tab.locator(f"{GRID}[data-drawn]").count()
        print(f"\n{MANY} explorers: {drawn} drawn before scrolling,", end=" ")
        before = worked.now()
        gaps = tab.evaluate(ROLL, 12000)
        work = (worked.now() - before) / len(gaps)
        print(
            f"frames {statistics.median(gaps):.1f} ms apart while scrolling (95 %: "
            f"{statistics.quantiles(gaps, n=20)[-1]:.1f}), {work:.1f} ms of work a frame,",
            end=" ",
        )
        tab.wait_for_timeout(1000)
        before = worked.now()
        tab.wait_for_timeout(3000)
        print(f"then {(worked.now() - before) / 3:.2f} ms of work a second", flush=True)


def cycles() -> None:
    """Make and destroy an explorer again and again, and count what stays."""
    with served(page(12, 12, 64)) as address, browsed() as context:
        tab = context.new_page()
        session = context.new_cdp_session(tab)
        worked = Worked(session)
        opened(tab, address)
        tab.evaluate("() => { hide(); document.getElementById('widget').remove(); }")

        def left() -> tuple[float, ...]:
            for _ in range(3):
                session.send("HeapProfiler.collectGarbage")
            names = ("JSHeapUsedSize", "Nodes", "JSEventListeners")
            return (*(worked.metric(name) for name in names), tab.evaluate("() => listening()"))

        def turn(count: int) -> None:
            tab.evaluate(
                """async (count) => {
                  for (let i = 0; i < count; i++) {
                    const element = document.createElement('div');
                    document.body.append(element);
                    const gone = await show(element);
                    for (let frame = 0; frame < 3; frame++)
                      await new Promise(requestAnimationFrame);
                    gone();
                    element.remove();
                  }
                }""",
                count,
            )

        turn(5)
        before = left()
        turn(CYCLES)
        after = left()
        print(f"\n{CYCLES} explorers made and destroyed leave", end=" ")
        print(
            f"{(after[0] - before[0]) / 1e3:,.0f} kB of heap, {after[1] - before[1]:.0f} nodes, "
            f"{after[2] - before[2]:.0f} DOM listeners, {after[3]:.0f} model listeners"
        )


def main() -> None:
    """Print everything, or what is named."""
    parts = {"steps": steps, "sizes": sizes, "many": many, "cycles": cycles}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
