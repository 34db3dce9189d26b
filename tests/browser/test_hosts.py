"""The explorer in the other places a notebook is read: each drawn, and each alive as it can be."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect
from support.explorer import drawn, focus, grid, python_says
from support.serve import SETTINGS, Server, free_port, jupyter, running

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from support.pages import LabPage

SAMPLE = (
    "from attn_widgets import AttentionExplorer\n"
    "view = AttentionExplorer.sample('sentence', layer=1, head=2)\nview"
)
MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    from attn_widgets import AttentionExplorer

    view = mo.ui.anywidget(AttentionExplorer.sample("sentence", layer=1, head=2))
    view
    return mo, view


@app.cell
def _(mo, view):
    mo.md(f"layer **{view.value['layer']}** head **{view.value['head']}**")
    return


if __name__ == "__main__":
    app.run()
"""
# A policy as strict as JupyterLab itself can run under.
POLICY = (
    "default-src 'self'; connect-src 'self' ws: data:; img-src 'self' data: blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-eval' 'unsafe-inline' blob:"
)


@pytest.fixture
def serving(tmp_path: pathlib.Path) -> Iterator[Callable[..., str]]:
    """Start an application in the test's folder, and stop it after its pages are closed."""
    with contextlib.ExitStack() as stack:

        def serve(*argv: str, ready: str) -> str:
            port = free_port()
            base = f"http://127.0.0.1:{port}"
            command = [sys.executable, "-m", *argv, f"--port={port}"]
            env = {**os.environ, "HOME": str(tmp_path)}
            log = tmp_path / "server.log"
            stack.enter_context(running(command, base + ready, cwd=tmp_path, env=env, log=log))
            return base

        yield serve


def _reads_exactly(page: Page) -> None:
    """A picked square is answered by Python, whatever carries the messages."""
    matrix = page.get_by_test_id("attnw-matrix")
    matrix.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        matrix.press(key)
    expect(page.get_by_test_id("attnw-reading")).to_have_attribute("data-exact", "yes")


def test_marimo_draws_it_and_reacts(
    tmp_path: pathlib.Path, serving: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    (tmp_path / "app.py").write_text(MARIMO, encoding="utf-8")
    base = serving(
        "marimo", "run", "app.py", "--headless", "--no-token", "--host=127.0.0.1", ready="/health"
    )
    page = open_page(base)
    picture = page.get_by_test_id("attnw-grid")
    expect(picture).to_have_attribute("aria-label", focus(1, 2), timeout=60_000)
    picture.focus()
    picture.press("ArrowRight")
    expect(page.get_by_text("layer 1 head 3")).to_be_visible(timeout=20_000)
    _reads_exactly(page)


def test_voila_draws_it_and_reacts(
    tmp_path: pathlib.Path, serving: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SAMPLE)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "app.ipynb")
    base = serving(
        "voila", "app.ipynb", "--no-browser", "--Voila.ip=127.0.0.1", ready="/voila/files/none"
    )
    # It takes its own icons from elsewhere, and loads extensions that are made for JupyterLab.
    page = open_page(
        base, allowed=[r"ERR_FAILED", r"shared module|federation"], expected=[r"fontawesome"]
    )
    expect(page.get_by_test_id("attnw-grid")).to_have_attribute(
        "aria-label", focus(1, 2), timeout=60_000
    )
    _reads_exactly(page)


@pytest.fixture
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root, home = tmp_path_factory.mktemp("csp"), tmp_path_factory.mktemp("csp-home")
    headers = {"headers": {"Content-Security-Policy": POLICY}}
    with jupyter("lab", root, home, f"--ServerApp.tornado_settings={headers}") as server:
        yield server


def test_a_strict_content_policy_is_enough(
    strict: Server, lab_page: Callable[..., LabPage]
) -> None:
    lab = lab_page([SAMPLE], server=strict)
    lab.run_all()
    expect(grid(lab)).to_have_attribute("aria-label", focus(1, 2), timeout=60_000)
    _reads_exactly(lab.page)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A notebook whose kernel is gone, saved with its widget's state."""
    root = tmp_path_factory.mktemp("saved")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SAMPLE)])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    NotebookClient(
        notebook, store_widget_state=True, resources={"metadata": {"path": str(root)}}
    ).execute()
    path = root / "saved.ipynb"
    nbformat.write(notebook, path)
    return path


def test_nbconvert_leaves_a_picture_where_no_state_is_saved(
    executed: pathlib.Path, tmp_path: pathlib.Path, open_page: Callable[..., Page]
) -> None:
    notebook = nbformat.read(executed, as_version=4)
    del notebook.metadata["widgets"]  # JupyterLab saves none unless it is told to
    body, _ = HTMLExporter().from_notebook_node(notebook)
    path = tmp_path / "lesson.html"
    path.write_text(body, encoding="utf-8")
    page = open_page(
        path.as_uri(), allowed=[r"ERR_FAILED", r"require"], expected=[r"require", r"mathjax"]
    )
    image = page.locator(".jp-RenderedImage img")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.naturalWidth") > 300


def test_a_saved_notebook_shows_a_picture_until_it_is_trusted_and_then_the_widget(
    executed: pathlib.Path, lab_page: Callable[..., LabPage], lab: Server
) -> None:
    untrusted = lab_page(executed)
    expect(untrusted.page.locator(".jp-RenderedImage img")).to_be_visible()
    expect(untrusted.page.get_by_test_id("attnw-grid")).to_have_count(0)
    subprocess.run(
        [sys.executable, "-m", "jupyter", "trust", str(untrusted.path)],
        check=True,
        capture_output=True,
        env=dict(lab.env),
    )
    untrusted.reopen()
    expect(grid(untrusted)).to_have_attribute("aria-label", focus(1, 2))
    matrix = untrusted.page.get_by_test_id("attnw-matrix")
    before = drawn(matrix)
    grid(untrusted).focus()
    grid(untrusted).press("ArrowRight")
    expect(grid(untrusted)).to_have_attribute("aria-label", focus(1, 3))
    untrusted.page.wait_for_function(
        "([canvas, before]) => Number(canvas.dataset.drawn) > before",
        arg=[matrix.element_handle(), before],
    )


def test_a_restarted_kernel_leaves_a_picture_that_says_what_it_cannot(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page([SAMPLE], allowed=[r"[Kk]ernel", r"comm", r"WebSocket"])
    lab.run_all()
    expect(grid(lab)).to_be_visible(timeout=60_000)
    lab.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        ".then(() => null)"
    )
    grid(lab).focus()
    grid(lab).press("ArrowRight")
    expect(grid(lab)).to_have_attribute("aria-label", focus(1, 3))
    matrix = lab.page.get_by_test_id("attnw-matrix")
    matrix.focus()
    for key in ("ArrowDown", "ArrowRight"):
        matrix.press(key)
    reading = lab.page.get_by_test_id("attnw-reading")
    expect(reading).to_contain_text("the exact value needs a running kernel", timeout=60_000)
    expect(reading).to_have_attribute("data-exact", "no")
    lab.run_all()
    expect(grid(lab)).to_have_attribute("aria-label", focus(1, 2), timeout=60_000)
    _reads_exactly(lab.page)


def test_a_page_reload_and_a_cell_run_again_come_back_to_life(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page([SAMPLE])
    lab.run_all()
    expect(grid(lab)).to_be_visible(timeout=60_000)
    lab.run("view.head = 5")
    lab.save()
    lab.reopen()
    expect(grid(lab)).to_have_attribute("aria-label", focus(1, 5), timeout=60_000)
    grid(lab).focus()
    grid(lab).press("ArrowRight")
    python_says(lab, "print(view.head)", "6\n")
    lab.run_all()  # the cell that moved it, too
    expect(grid(lab)).to_have_attribute("aria-label", focus(1, 5), timeout=60_000)


def test_the_theme_is_followed_live(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([SAMPLE])
    lab.run_all()
    expect(grid(lab)).to_be_visible(timeout=60_000)
    root = lab.page.locator(".attnw").first
    expect(root).to_have_attribute("data-attnw-theme", "light")
    before = drawn(grid(lab))
    lab.command("apputils:change-theme", theme="JupyterLab Dark")
    expect(root).to_have_attribute("data-attnw-theme", "dark")
    lab.page.wait_for_function(
        "([canvas, before]) => Number(canvas.dataset.drawn) > before",
        arg=[grid(lab).element_handle(), before],
    )


@pytest.fixture
def windowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab that keeps only the cells in view in the page."""
    root, home = tmp_path_factory.mktemp("many"), tmp_path_factory.mktemp("many-home")
    tracker = {"@jupyterlab/notebook-extension/tracker": {"windowingMode": "full"}}
    with jupyter("lab", root, home, settings=SETTINGS | tracker) as server:
        yield server


def test_twenty_explorers_in_a_notebook_that_shows_cells_by_turns(
    windowing: Server, lab_page: Callable[..., LabPage]
) -> None:
    lines = SAMPLE.splitlines()
    cells = [
        f"{lines[0]}\nAttentionExplorer.sample('sentence', layer={i % 6}, head={i % 12})"
        for i in range(20)
    ]
    lab = lab_page(cells, server=windowing)
    lab.run_all()
    for i in (0, 19, 7):
        # A cell that has never been in view has no height yet, so one jump may not arrive.
        lab.page.wait_for_function(
            """(at) => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = at;
                const canvas = notebook.widgets[at].node.querySelector('.attnw-grid');
                const box = canvas?.getBoundingClientRect();
                if (box && box.bottom > 0 && box.top < innerHeight)
                    return Number(canvas.dataset.drawn) > 0;
                void notebook.scrollToItem(at, 'start');
                return false;
            }""",
            arg=i,
            timeout=60_000,
            polling=200,
        )
        label = lab.page.evaluate(
            "(at) => window.jupyterapp.shell.currentWidget.content.widgets[at].node"
            ".querySelector('.attnw-grid').ariaLabel",
            i,
        )
        assert focus(i % 6, i % 12).search(label)
