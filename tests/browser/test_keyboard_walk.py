"""A reader without a mouse walks through the whole explorer, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from support.explorer import focus, grid, python_says

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.pages import LabPage

SHOW = (
    "from attn_widgets import AttentionExplorer\n"
    "view = AttentionExplorer.sample('pair', layer=1, head=2)\n"
    "view.bookmark('first', 'a view to begin with')\n"
    "view"
)
NAMED = "print(None if view.query is None else view.record.tokens[view.query].display)"
# Of a group of radio buttons only the chosen one is a stop, and of a roving group one.
STOPS = """(root) => [...root.querySelectorAll(
    'button, input, select, textarea, summary, a[href], [tabindex]')].filter((one) =>
        !one.disabled && one.tabIndex >= 0 && one.checkVisibility()
        && !(one.type === 'radio' && !one.checked)).length"""
HERE = """(root) => {
    const one = document.activeElement;
    if (!root.contains(one)) return null;
    root.walked ??= new Set();
    const named = one.getAttribute('aria-label') || one.labels?.[0]?.textContent
        || one.textContent || one.title;
    const outline = getComputedStyle(one).outlineStyle;
    const again = root.walked.has(one);
    root.walked.add(one);
    return { named: named.trim(), outline, again, tag: one.tagName };
}"""


def test_tab_reaches_every_control_shows_where_it_is_and_leaves(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page([SHOW], height=1400)
    lab.run_all()
    expect(grid(lab)).to_be_visible(timeout=60_000)
    root = lab.page.locator(".attnw").first
    root.evaluate("(root) => root.querySelector('button:not(:disabled)').focus()")
    walked = []
    for _ in range(200):
        here = root.evaluate(HERE)
        if here is None or here["again"]:
            break
        walked.append(here)
        lab.page.keyboard.press("Tab")
    assert root.evaluate("(root) => !root.contains(document.activeElement)"), "the focus is trapped"
    assert len(walked) == root.evaluate(STOPS)
    assert [stop for stop in walked if not stop["named"]] == []
    assert [stop for stop in walked if stop["outline"] == "none"] == []


def test_keys_do_what_the_sheet_says_and_reach_python(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([SHOW], height=1400)
    lab.run_all()
    page, keys = lab.page, lab.page.keyboard
    expect(grid(lab)).to_be_visible(timeout=60_000)
    grid(lab).focus()
    for key in ("ArrowRight", "ArrowDown", "]"):
        keys.press(key)
    expect(grid(lab)).to_have_attribute("aria-label", focus(3, 3))
    keys.press("[")
    python_says(lab, "print(view.layer, view.head)", "2 3\n")

    grid(lab).focus()
    keys.press("/")
    expect(page.get_by_role("searchbox", name="Find a token")).to_be_focused()
    keys.insert_text("tree")  # as one change, however slow the machine
    keys.press("Enter")
    keys.press("Escape")
    python_says(lab, NAMED, "tree\n")

    grid(lab).focus()
    keys.press("Control+z")
    python_says(lab, "print(view.query)", "None\n")
    grid(lab).focus()
    keys.press("Control+Shift+z")
    python_says(lab, NAMED, "tree\n")

    grid(lab).focus()
    keys.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("undo")
    keys.press("Escape")
    expect(sheet).to_be_hidden()
    expect(grid(lab)).to_be_focused()

    keys.press("n")
    expect(page.get_by_role("region", name="Tour")).to_contain_text("a view to begin with")
    python_says(lab, "print(view.step, view.layer, view.head)", "0 1 2\n")
