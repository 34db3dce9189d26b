"""A score taken apart and a token followed down, by a kernel and on a page without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from support.explorer import grid, python_says

from attn_widgets import AttentionExplorer

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Page
    from support.pages import LabPage

SHOW = (
    "from attn_widgets import AttentionExplorer\n"
    "view = AttentionExplorer.sample('sentence', layer=2, head=3, lang='en')\n"
    "view"
)


def test_python_takes_a_score_apart_and_follows_a_token(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([SHOW], height=1800)
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    page.locator("label:has(input[value=neuron])").click()
    expect(page.get_by_test_id("attnw-agrees")).to_contain_text("The same")
    weights = page.locator(".attnw-steps output")
    expect(weights).to_have_count(5)
    before = weights.last.text_content()
    page.get_by_role("button", name="looking token: the token after").click()
    expect(weights.last).not_to_have_text(before or "")
    expect(page.get_by_test_id("attnw-agrees")).to_contain_text("The same")
    python_says(lab, "print(view._score['query'] == view.query == 2, view.view)", "True neuron\n")

    page.locator("label:has(input[value=layers])").click()
    expect(page.locator('[data-panel="entropy"]')).to_be_visible()
    page.get_by_text("Rollout:", exact=False).first.click()
    expect(page.get_by_test_id("attnw-rollout")).to_be_visible()
    python_says(lab, "print(view.rollout, view._rollout['query'])", "True 2\n")


def test_a_page_keeps_what_was_picked_and_says_what_needs_a_kernel(
    open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "page.html"
    view = AttentionExplorer.sample("sentence", layer=2, head=3, query=2, key=4, lang="en")
    view.view, view.rollout = "neuron", True
    view.save_html(path)
    page = open_page(path.as_uri())
    expect(page.get_by_test_id("attnw-agrees")).to_contain_text("The same")
    page.get_by_role("button", name="token looked at: the token after").click()
    kept = page.get_by_role("status").filter(has_text="needs a running kernel")
    expect(kept).to_be_visible()
    kept.get_by_role("button").click()
    expect(kept).to_have_count(0)
    page.locator("label:has(input[value=layers])").click()
    expect(page.locator('[data-panel="entropy"]')).to_be_visible()
    expect(page.get_by_test_id("attnw-rollout")).to_be_visible()
