"""A real browser and a real JupyterLab; ``support/pages.py`` says how to use them."""

from __future__ import annotations

import pathlib
import shutil
from typing import TYPE_CHECKING

import nbformat
import pytest
from playwright.sync_api import sync_playwright
from support.chromium import ARGUMENTS, bring
from support.pages import HOSTS_OWN, LabPage, Theme, watched_page
from support.serve import Server, jupyter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from playwright.sync_api import Browser, Page

HERE = pathlib.Path(__file__).parent
SHOTS = HERE / "shots"
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=bring(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("lab-home")
    with jupyter("lab", root, home) as server:
        yield server


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    opened = []

    def open_(
        url: str,
        *,
        width: int = 1200,
        height: int = 900,
        theme: Theme = "light",
        allowed: Sequence[str] = (),
        expected: Sequence[str] = (),
    ) -> Page:
        page, watch = watched_page(
            chromium,
            url,
            width=width,
            height=height,
            theme=theme,
            allowed=allowed,
            expected=expected,
        )
        opened.append((page, watch))
        page.goto(url)
        return page

    yield open_
    for page, _ in opened:
        _picture_if_failed(request.node, page)
        page.context.close()
    for _, watch in opened:
        watch.check()


@pytest.fixture
def lab_page(
    chromium: Browser, lab: Server, request: pytest.FixtureRequest
) -> Iterator[Callable[..., LabPage]]:
    opened: list[LabPage] = []

    def open_(
        content: Sequence[str] | pathlib.Path,
        *,
        server: Server = lab,
        width: int = 1200,
        height: int = 900,
        theme: Theme = "light",
        allowed: Sequence[str] = (),
    ) -> LabPage:
        folder = server.root / f"{request.node.name}-{len(opened)}".replace("/", "-")
        page, watch = watched_page(
            chromium,
            server.base,
            width=width,
            height=height,
            theme=theme,
            allowed=(*HOSTS_OWN[server.app], *allowed),
        )
        opened.append(LabPage(page, server, _notebook_in(folder, content), watch, theme))
        opened[-1].open()
        return opened[-1]

    yield open_
    for lab_ in opened:
        _picture_if_failed(request.node, lab_.page)
        lab_.close()
    for lab_ in opened:
        lab_.watch.check()


def _notebook_in(folder: pathlib.Path, content: Sequence[str] | pathlib.Path) -> pathlib.Path:
    folder.mkdir()
    if isinstance(content, pathlib.Path):
        return pathlib.Path(shutil.copy(content, folder))
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in content],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    path = folder / "test.ipynb"
    nbformat.write(notebook, path)
    return path


def _picture_if_failed(item: pytest.Item, page: Page) -> None:
    if item.stash.get(FAILED, False):
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{item.name}.png")
