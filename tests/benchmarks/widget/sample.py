"""One sample, started by ``side_by_side.py``: a viewer, a length, a process, a browser."""

from __future__ import annotations

import contextlib
import functools
import gc
import http.server
import json
import pathlib
import sys
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any

import adapters
import attention
import cdn
from adapters.base import HIGH, WIDE, Adapter, median
from playwright.sync_api import CDPSession, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Route
    from playwright.sync_api import Page as Tab

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parents[1] / "browser"))
from support.chromium import ARGUMENTS, bring  # noqa: E402 - the path has to be known first

PROBE = (HERE / "probe.js").read_text("utf-8")
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PACE = """() => {
  const start = performance.now();
  let x = 1;
  for (let i = 0; i < 3e7; i++) x = (x * 1664525 + 1013904223) | 0;
  window.paced = x;
  return performance.now() - start;
}"""
"""A loop that tells how fast this machine is at the moment."""


def say(kind: str, **what: object) -> None:
    """Tell the parent."""
    print(json.dumps({"kind": kind, **what}), flush=True)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012 - the base class has it so
        ".html": "text/html; charset=utf-8",
        ".bin": "application/octet-stream",
    }

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextlib.contextmanager
def served(page: Any) -> Iterator[str]:
    """Serve a page and its files; give the address."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = pathlib.Path(name)
        (folder / "blank.html").write_text("<!doctype html><p>blank</p>")
        (folder / "page.html").write_text(page.html, encoding="utf-8")
        for file, content in page.files.items():
            (folder / file).write_bytes(content)
        handler = functools.partial(_Quiet, directory=name)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


@contextlib.contextmanager
def browsed() -> Iterator[BrowserContext]:
    """Start a Chromium of its own, which reaches nothing but this process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=bring(), args=[*ARGUMENTS, "--disable-dev-shm-usage", OFFLINE]
        )
        try:
            yield browser.new_context(
                viewport={"width": WIDE, "height": HIGH}, color_scheme="light"
            )
        finally:
            browser.close()


class Worked:
    """Milliseconds that the page's own thread has worked, by its own clock."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def metric(self, name: str) -> float:
        """Read one of the browser's counters."""
        found = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in found if one["name"] == name))

    def now(self) -> float:
        """Read the clock."""
        return 1000 * self.metric("TaskDuration")


def build(adapter: Adapter, length: int, layers: int, heads: int) -> Any:
    """Make the page, and tell how long that took: the middle of up to three times."""
    few = adapters.load(sys.argv[1])
    few.build(*few.prepare(attention.tokens(8), attention.weights(2, 2, 8)))  # what is lazy
    given = adapter.prepare(attention.tokens(length), attention.weights(layers, heads, length))
    gc.collect()
    say("begin", stage="build", limit=adapter.limit)
    took: list[float | None] = []
    while not took or (len(took) < 3 and took[0] < 0.5):
        start = time.perf_counter()
        page = adapter.build(*given)
        took.append(time.perf_counter() - start)
    say("build", seconds=median(took), payload=page.payload, code=page.code)
    return page


def interact(tab: Tab, adapter: Adapter, worked: Worked, shape: tuple[int, int, int]) -> None:
    """Do everything that a viewer reacts to."""
    for one in adapter.interactions(*shape):
        for turn in range(one.repeats):
            say("begin", stage=one.name, limit=60)
            given = one.prepare(tab, turn)
            tab.evaluate(
                "([types, done, given]) => bench.arm(types, (0, eval)(done), given)",
                [one.events, one.done, given],
            )
            before = worked.now()
            one.act(tab, turn, given)
            told = tab.evaluate("() => bench.pending")
            say("interaction", name=one.name, **told, work=worked.now() - before)


def main(name: str, shape: tuple[int, int, int], shot: str, how: str) -> None:
    """Measure one viewer at one length."""
    adapter = adapters.load(name)
    layers, heads, length = shape
    say("begin", stage="data", limit=300)
    page = build(adapter, length, layers, heads)
    gc.collect()
    with served(page) as address, browsed() as context:
        errors: list[str] = []
        if cdn.HOST in page.html:
            known = cdn.scripts()

            def fulfil(route: Route) -> None:
                body = next((known[part] for part in known if part in route.request.url), None)
                if body is None:
                    errors.append(f"not served: {route.request.url}")
                    route.abort()
                    return
                head = {"access-control-allow-origin": "*"}
                route.fulfill(body=body, content_type="text/javascript", headers=head)

            context.route(f"https://{cdn.HOST}/**", fulfil)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)[:300]))
        tab.set_default_timeout(0)
        tab.goto(f"{address}/blank.html")
        say("ready", pace=median([tab.evaluate(PACE) for _ in range(3)]))
        worked = Worked(context.new_cdp_session(tab))
        tab.add_init_script(f"{PROBE};bench.start({adapter.drawn});")
        say("begin", stage="first paint", limit=adapter.limit)
        tab.goto(f"{address}/page.html", wait_until="commit")
        say("first_paint", **tab.evaluate("() => bench.first"))
        say("begin", stage="memory", limit=60)
        say(
            "page",
            elements=tab.evaluate("() => document.getElementsByTagName('*').length"),
            nodes=worked.metric("Nodes"),
            heap=worked.metric("JSHeapUsedSize"),
            verify=tab.evaluate(adapter.verify),
        )
        if shot:
            tab.screenshot(path=shot)
        if how == "moved":
            interact(tab, adapter, worked, shape)
        if shot:
            tab.screenshot(path=shot.replace(".png", "_after.png"))
        say("end", errors=errors)


if __name__ == "__main__":
    _, viewer, *numbers, path, asked = sys.argv
    main(viewer, (int(numbers[0]), int(numbers[1]), int(numbers[2])), path, asked)
