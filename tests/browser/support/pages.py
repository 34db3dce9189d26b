"""Drive a page in a closed room: what it complains of and whom it asks is written down.

For a browser test, through the fixtures of ``tests/browser/conftest.py``::

    def test_a_click_reaches_python(lab_page):
        lab = lab_page([SHOW, "view"])                 # cells, or the path of a notebook to copy
        lab.run_all()                                  # returns when every cell is done
        lab.page.get_by_role(...)                      # lab.page is Playwright's own Page
        assert lab.run("print(view.layer)") == "0\\n"   # a new last cell; its text comes back
        saved = lab.save()                             # the notebook as it is on disk now
        lab.reopen()                                   # a fresh page on the saved file, same kernel

    def test_an_exported_page_lives_alone(open_page, tmp_path):
        page = open_page((tmp_path / "view.html").as_uri(), width=900, theme="dark")

Both fixtures take ``width``, ``height``, ``theme`` ("light" or "dark": the system's preference, and
JupyterLab's own theme) and ``allowed``, regular expressions for console errors that are a host's
own; ``open_page`` also ``expected``, those for addresses that a host asks by itself. After the test
they fail it if the page logged an error, or asked anything of an address that is not its own;
inside a test, ``lab.watch.problems`` and ``lab.watch.asked`` hold what was noted so far.
``lab_page(..., server=...)`` opens in a server other than the shared JupyterLab: see
``serve.jupyter``. No test needs to wait by the clock: ``run_all`` and ``run`` end with the kernel's
answer, and Playwright's ``expect`` waits for what is drawn.
"""

from __future__ import annotations

import dataclasses
import json
import re
import urllib.parse
from typing import TYPE_CHECKING, Any, Literal

from support.serve import TOKEN, Server, ask

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Sequence

    from playwright.sync_api import Browser, ConsoleMessage, Page, Route, WebSocket

Theme = Literal["light", "dark"]
HOSTS_OWN = {
    "lab": (),
    "notebook": (r"reading 'schema'",),
}
_PATIENCE_MS = 120_000
_FIND_PANEL = """
    const app = window.jupyterapp;
    const panel = app.shell.currentWidget;
"""


@dataclasses.dataclass(slots=True)
class Watch:
    """What a page complained of, and what it asked of others."""

    allowed: Sequence[str] = ()
    expected: Sequence[str] = ()
    problems: list[str] = dataclasses.field(default_factory=list)
    asked: list[str] = dataclasses.field(default_factory=list)

    def note(self, text: str) -> None:
        """Write a console error down, unless it is a host's own."""
        if not any(re.search(pattern, text) for pattern in self.allowed):
            self.problems.append(text)

    def note_asked(self, url: str) -> None:
        """Write down who was asked, unless a host does so by itself; it is refused either way."""
        if not any(re.search(pattern, url) for pattern in self.expected):
            self.asked.append(url)

    def check(self) -> None:
        """Fail if anything was written down."""
        assert not self.asked, f"the page asked for what is not its own: {self.asked}"
        assert not self.problems, f"the page logged errors: {self.problems}"


def watched_page(
    browser: Browser,
    origin: str,
    *,
    width: int = 1200,
    height: int = 900,
    theme: Theme = "light",
    allowed: Sequence[str] = (),
    expected: Sequence[str] = (),
) -> tuple[Page, Watch]:
    """Open an empty page that reaches `origin` and nobody else."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
    )
    watch = Watch(allowed, expected)
    host = urllib.parse.urlsplit(origin).netloc

    def foreign(url: str) -> bool:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host

    def refuse(route: Route) -> None:
        watch.note_asked(route.request.url)
        route.abort()

    def note_error(message: ConsoleMessage) -> None:
        if message.type == "error":
            watch.note(message.text)

    def note_socket(socket: WebSocket) -> None:
        if foreign(socket.url):
            watch.note_asked(socket.url)

    context.route(foreign, refuse)
    page = context.new_page()
    page.on("console", note_error)
    page.on("pageerror", lambda error: watch.note(str(error)))
    page.on("websocket", note_socket)
    return page, watch


@dataclasses.dataclass(frozen=True, slots=True)
class LabPage:
    """A notebook open in JupyterLab or Notebook 7, with an idle kernel."""

    page: Page
    server: Server
    path: pathlib.Path
    watch: Watch
    theme: Theme = "light"

    def open(self) -> None:
        """Return once the cells are there and the kernel is idle: before that, runs are lost."""
        name = urllib.parse.quote(self.path.relative_to(self.server.root).as_posix())
        where, reset = ("lab/tree", "&reset") if self.server.app == "lab" else ("notebooks", "")
        self.page.goto(f"{self.server.base}/{where}/{name}?token={TOKEN}{reset}")
        self.page.wait_for_function(
            "() => window.jupyterapp && document.querySelector('.jp-Notebook .jp-Cell')",
            timeout=_PATIENCE_MS,
        )
        self.page.wait_for_function(
            f"""async () => {{
                {_FIND_PANEL}
                if (!panel?.sessionContext) return false;
                await panel.sessionContext.ready;
                return panel.sessionContext.session?.kernel?.status === 'idle';
            }}""",
            timeout=_PATIENCE_MS,
        )
        if self.server.app == "lab":
            self._use_theme()

    def reopen(self) -> None:
        """Load the page anew from what is on disk; the kernel goes on."""
        self.page.goto("about:blank")
        self.open()

    def command(self, name: str, **arguments: object) -> None:
        """Run one of the host's commands by its name, and wait for it."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def run_all(self) -> None:
        """Run every cell and return when the last is done.

        Raises
        ------
        AssertionError
            If a cell raised; the message holds its traceback.
        """
        self.command("notebook:run-all-cells")
        self._outputs()

    def run(self, source: str) -> str:
        """Run a new last cell and return the text it printed, or its value's text.

        Raises
        ------
        AssertionError
            If the cell raised; the message holds its traceback.
        """
        self.page.evaluate(
            f"""async (source) => {{
                {_FIND_PANEL}
                const notebook = panel.content;
                notebook.activeCellIndex = notebook.widgets.length - 1;
                await app.commands.execute('notebook:insert-cell-below');
                notebook.activeCell.model.sharedModel.setSource(source);
                await app.commands.execute('notebook:run-cell');
            }}""",
            source,
        )
        return "".join(_text(output) for output in self._outputs()[-1])

    def save(self) -> dict[str, Any]:
        """Save the notebook and read it from disk, widget state included."""
        self.page.evaluate(f"async () => {{ {_FIND_PANEL} await panel.context.save(); }}")
        saved: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return saved

    def close(self) -> None:
        """Close the page, then end its kernel: ended first, the page would complain of it."""
        self.page.context.close()
        name = self.path.relative_to(self.server.root).as_posix()
        for session in json.loads(ask(self.server, "GET", "api/sessions")):
            if session["path"] == name:
                ask(self.server, "DELETE", f"api/sessions/{session['id']}")

    def _use_theme(self) -> None:
        name = f"JupyterLab {self.theme.title()}"
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function(
            "(name) => document.body.dataset.jpThemeName === name", arg=name, timeout=_PATIENCE_MS
        )

    def _outputs(self) -> list[list[dict[str, Any]]]:
        """Give each cell's outputs, once no cell is at work."""
        cells: list[list[dict[str, Any]]] = self.page.evaluate(
            f"""() => {{
                {_FIND_PANEL}
                return panel.content.widgets.map((cell) => cell.model.outputs?.toJSON() ?? []);
            }}"""
        )
        failed = [o for outputs in cells for o in outputs if o["output_type"] == "error"]
        assert not failed, "\n".join(failed[0]["traceback"])
        return cells


def _text(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return _joined(output["text"])
    return _joined(output.get("data", {}).get("text/plain", ""))


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
