"""Time a step of a slider in the mask laboratory, in a real browser without a kernel."""

from __future__ import annotations

import pathlib
import statistics
import sys
import tempfile

from playwright.sync_api import Page, sync_playwright

from attn_widgets import MaskLab

sys.path.append(str(pathlib.Path(__file__).parents[1] / "browser"))
from support.chromium import ARGUMENTS, bring

TOKENS = 512
STEPS, WARM = 60, 10
LONG = "strided(1024)"
SLIDERS = [
    ("local(4)", "window"),
    ("local(left=4, right=3)", "left"),
    ("dilated(4, 2)", "window"),
    ("local(4) | global_(0) & ~sink(2)", "window"),
    ("blocks(8)", "size"),
    ("shifted(9)", "kernel"),
    ("residue(4)", "step"),
    ("random(r=3, seed=0)", "keys"),
    ("random(p=0.1, seed=0)", "density"),
    ("strided(8)", "stride"),
    ("fixed(8, 1)", "stride"),
    ("bigbird(4, 1)", "size"),
]
STEP = """async (knob) => {
    const find = (name) => document.querySelector(`[data-testid=attnw-${name}]`);
    const slider = find(`knob-${knob}`);
    const [least, most] = [Number(slider.min), Number(slider.max)];
    const before = find('mask').dataset.drawn;
    slider.value = least + ((Number(slider.value) + 1 - least) % (most - least + 1));
    performance.mark('step');
    slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
    while (find('mask').dataset.drawn === before)
        await new Promise((done) => requestAnimationFrame(done));
    return performance.measure('step', 'step').duration;
}"""
"""From the slider's event to the frame that shows the new mask."""
LONGEST_TASK = """async (seconds) => {
    const took = [];
    const watch = new PerformanceObserver((list) => took.push(...list.getEntries()));
    watch.observe({ type: 'longtask', buffered: true });
    await new Promise((done) => setTimeout(done, 1000 * seconds));
    return Math.max(0, ...took.map(({ duration }) => duration));
}"""


def spread(times: list[float]) -> str:
    """Write the median and the 95th percentile of some milliseconds."""
    return f"{statistics.median(times):.1f}, {statistics.quantiles(times, n=20)[-1]:.1f}"


def opened(page: Page, lab: MaskLab, folder: pathlib.Path) -> None:
    """Show a laboratory as a page of its own."""
    path = folder / "lab.html"
    lab.save_html(path)
    page.goto(path.as_uri())
    page.get_by_test_id("attnw-mask").wait_for()


def steps(page: Page, knob: str) -> tuple[list[float], list[float]]:
    """Move a slider; give milliseconds to the new picture, and of the main thread's work."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in found if one["name"] == "TaskDuration")

    shown, busy = [], []
    for _ in range(WARM + STEPS):
        before = worked()
        shown.append(page.evaluate(STEP, knob))
        busy.append(worked() - before)
    return shown[WARM:], busy[WARM:]


def main() -> None:
    """Print a row for each slider, and how long a long mask holds the page up."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as name:
        browser = playwright.chromium.launch(executable_path=bring(), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        folder = pathlib.Path(name)
        print(f"{TOKENS} tokens, {STEPS} steps: median and 95th percentile, ms")
        print("| slider | main thread | until it is drawn |\n|---|---|---|")
        for mask, knob in SLIDERS:
            opened(page, MaskLab(TOKENS, mask=mask), folder)
            shown, busy = steps(page, knob)
            print(f"| {mask}: {knob} | {spread(busy)} | {spread(shown)} |")
        opened(page, MaskLab(2**20, mask=LONG), folder)
        longest = page.evaluate(LONGEST_TASK, 20)
        print(f"{LONG} over 1,048,576 tokens: the longest task of 20 s took {longest:.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
