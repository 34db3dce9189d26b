"""The explorer, once, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from support.pages import watched_page
from support.serve import Server, jupyter

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser
    from support.pages import LabPage

SHOW = "from attn_widgets import AttentionExplorer\nview = AttentionExplorer.sample()\nview"


def test_the_explorer_is_drawn_twice_and_both_follow_python_and_survive_a_save(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page([SHOW, "view"])
    lab.run_all()
    grids = lab.page.get_by_test_id("attnw-grid")
    expect(grids).to_have_count(2)
    before = grids.first.get_attribute("aria-label") or ""
    assert lab.run("view.layer = 3\nprint(view.selected)").startswith("Selection(layer=3, head=0")
    for grid in grids.all():
        expect(grid).not_to_have_attribute("aria-label", before)
    saved = lab.save()
    first = saved["cells"][0]["outputs"][0]["data"]
    assert {"application/vnd.jupyter.widget-view+json", "image/png"} <= set(first)
    assert saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    lab.reopen()
    expect(grids).to_have_count(2)


@pytest.fixture
def notebook_7(tmp_path: pathlib.Path) -> Iterator[Server]:
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    with jupyter("notebook", root, home) as server:
        yield server


def test_the_explorer_is_drawn_in_notebook_7_too(
    notebook_7: Server, lab_page: Callable[..., LabPage]
) -> None:
    lab = lab_page([SHOW], server=notebook_7)
    lab.run_all()
    expect(lab.page.get_by_test_id("attnw-grid")).to_be_visible()
    assert lab.run("view.selected").startswith("Selection(layer=0, head=0")


def test_an_error_in_a_cell_comes_back_with_its_traceback(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page(["1 + 1"])
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        lab.run("1 / 0")


def test_a_request_to_another_address_is_refused_and_noted(chromium: Browser) -> None:
    page, watch = watched_page(chromium, "http://127.0.0.1:1")
    with page.expect_event("requestfailed"):
        page.set_content('<img src="http://elsewhere.invalid/x.png">')
    with pytest.raises(AssertionError, match="elsewhere"):
        watch.check()
    page.context.close()
