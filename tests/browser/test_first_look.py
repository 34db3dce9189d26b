"""The first lesson as a student goes through it, in a real JupyterLab."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from support.explorer import drawn, focus, grid, ink, python_says, redrawn

from attn_widgets import AttentionExplorer

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.pages import LabPage

LESSONS = pathlib.Path(__file__).parents[2] / "example_notebooks"
STATE = "application/vnd.jupyter.widget-state+json"


@pytest.mark.parametrize("lesson", ["01_first_look.ipynb", "01_first_look.ja.ipynb"])
def test_a_student_goes_through_the_first_lesson(
    lab_page: Callable[..., LabPage], lesson: str
) -> None:
    lab = lab_page(LESSONS / lesson, height=1400)
    lab.run_all()
    page = lab.page
    picture = grid(lab)
    expect(picture).to_be_visible(timeout=60_000)
    matrix = page.get_by_test_id("attnw-matrix")

    before, count = ink(picture), drawn(picture)
    last = page.get_by_test_id("attnw-last-layer")
    last.focus()
    last.press("ArrowLeft")
    last.press("ArrowLeft")
    expect(last).to_have_attribute("aria-valuenow", "3")
    redrawn(picture, count)
    python_says(lab, "print(view.layers)", "(0, 3)\n")

    count, box = drawn(matrix), picture.bounding_box()
    assert box
    matrix_before = ink(matrix)
    picture.click(position={"x": box["width"] * 0.9, "y": box["height"] * 0.4})
    redrawn(matrix, count)
    assert ink(matrix) != matrix_before
    python_says(lab, "print(view.layer, view.head)", "1 11\n")

    box = matrix.bounding_box()
    assert box
    matrix.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.7})
    expect(page.get_by_test_id("attnw-reading")).to_have_attribute("data-exact", "yes")
    reading = page.get_by_test_id("attnw-reading").inner_text()
    value = lab.run(
        "_, _, q, k = view.selected\n"
        "weight = float(view.record[view.layer, view.head][q, k])\n"
        "print(f'{weight:.{3 if weight < 0.0995 else 2}f}')"
    )
    assert value.strip() in reading

    count = drawn(matrix)
    window = page.get_by_test_id("attnw-window")
    window.fill("1")
    window.press("Enter")
    redrawn(matrix, count)
    expect(page.get_by_test_id("attnw-mask-outside")).to_have_attribute("data-exact", "yes")
    python_says(lab, "print(repr(view.mask))", "local(1) | global_('cls')\n")
    outside = lab.run(
        "from attn_widgets.masks import outside\n"
        "from attn_widgets.analysis import query_rows\n"
        "n = len(view.record.tokens)\n"
        "bound = view.mask.bind(n, tokens=view.record.tokens)\n"
        "share = outside(view.record.weights, bound, rows=query_rows(view.record))\n"
        "print(f'{100 * share[:4].mean():.0f}%')"
    )
    assert outside.strip() in page.get_by_test_id("attnw-mask-outside").inner_text()
    assert ink(picture) != before

    saved = lab.save()
    assert saved["metadata"]["widgets"][STATE]["state"]
    lab.reopen()
    shown = page.locator(".jp-OutputArea-output canvas, .jp-RenderedImage img").first
    expect(shown).to_be_visible(timeout=60_000)


def test_two_views_and_two_explorers_do_not_disturb_each_other(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page(
        [
            (
                "from attn_widgets import AttentionExplorer\n"
                "one = AttentionExplorer.sample('sentence')\none"
            ),
            "one",
            "two = AttentionExplorer.sample('pair', layer=5)\ntwo",
        ]
    )
    lab.run_all()
    expect(lab.page.get_by_test_id("attnw-grid")).to_have_count(3, timeout=60_000)
    grid(lab, 0).focus()
    grid(lab, 0).press("ArrowDown")
    grid(lab, 0).press("ArrowRight")
    for view in (0, 1):
        expect(grid(lab, view)).to_have_attribute("aria-label", focus(1, 1))
    expect(grid(lab, 2)).to_have_attribute("aria-label", focus(5, 0))
    python_says(lab, "print(one.layer, one.head, two.layer, two.head)", "1 1 5 0\n")
    lab.run("one.head = 7")
    for view in (0, 1):
        expect(grid(lab, view)).to_have_attribute("aria-label", focus(1, 7))


def test_an_ipywidgets_slider_can_be_linked(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page(
        [
            (
                "import ipywidgets\nfrom attn_widgets import AttentionExplorer\n"
                "view = AttentionExplorer.sample()\n"
                "slider = ipywidgets.IntSlider(max=5)\n"
                "link = ipywidgets.jslink((slider, 'value'), (view, 'layer'))\n"
                "ipywidgets.VBox([slider, view])"
            ),
        ]
    )
    lab.run_all()
    expect(grid(lab)).to_be_visible(timeout=60_000)
    handle = lab.page.locator(".widget-slider .noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    handle.press("ArrowRight")
    expect(grid(lab)).to_have_attribute("aria-label", focus(2, 0))
    python_says(lab, "print(view.layer, slider.value)", "2 2\n")


def test_what_python_refuses_is_said_in_the_widget_and_put_back(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page(
        [
            (
                "from attn_widgets import AttentionExplorer, ModelRunner\n"
                "runner = ModelRunner.from_pretrained('demo')\n"
                "record = runner.run('The dog chased the cat.')\n"
                "view = AttentionExplorer(record, runner=runner)\nview"
            ),
        ]
    )
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    page.get_by_label("Text", exact=True).fill(" ")
    page.get_by_role("button", name="Show its attention").click()
    expect(page.get_by_role("alert")).to_contain_text("empty")
    python_says(lab, "print(view.record.text)", "('The dog chased the cat.',)\n")

    page.get_by_label("Text", exact=True).fill("Birds sing.")
    page.get_by_label("Second text").fill("Do they?")
    page.get_by_role("button", name="Show its attention").click()
    expect(page.locator(".attnw-head")).to_contain_text("Birds sing.", timeout=30_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    python_says(lab, "print(view.record.text)", "('Birds sing.', 'Do they?')\n")

    lab.run(
        "def broken(change):\n    raise RuntimeError('a broken callback')\n"
        "view.observe(broken, 'head')"
    )
    grid(lab).focus()
    grid(lab).press("ArrowRight")
    expect(page.get_by_role("alert")).to_contain_text("a broken callback")


def test_an_exported_page_lives_without_a_kernel_or_a_network(
    open_page: Callable[..., object], tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "look.html"
    AttentionExplorer.sample("pair", layer=2, head=7, lang="en").save_html(path)
    page = open_page(path.as_uri(), width=900)
    picture, matrix = page.get_by_test_id("attnw-grid"), page.get_by_test_id("attnw-matrix")
    expect(picture).to_have_attribute("aria-label", focus(2, 7))
    count = drawn(matrix)
    picture.focus()
    picture.press("ArrowDown")
    expect(picture).to_have_attribute("aria-label", focus(3, 7))
    redrawn(matrix, count)
    box = matrix.bounding_box()
    assert box
    matrix.click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.7})
    expect(page.get_by_test_id("attnw-reading")).to_contain_text("needs a running kernel")
    page.get_by_test_id("attnw-mask-text").fill("local(1)")
    page.get_by_test_id("attnw-mask-text").press("Enter")
    expect(page.get_by_test_id("attnw-mask-outside")).to_contain_text("≈")


def test_keys_move_the_widget_and_never_the_notebook(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page(
        [
            (
                "from attn_widgets import AttentionExplorer\n"
                "view = AttentionExplorer.sample('sentence', mask='local(2)')\nview"
            ),
            "1 + 1",
        ]
    )
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    cells = page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    grid(lab).focus()
    for key in ("b", "a", "ArrowDown", "d", "d", "x"):
        grid(lab).press(key)
    head = page.get_by_role("button", name="Show head 3")
    head.focus()
    for key in ("d", "d", "b", "y", "m"):
        head.press(key)
    expect(cells).to_have_count(before)
    expect(grid(lab)).to_have_attribute("aria-label", focus(1, 0))

    threshold = page.get_by_label("Hide weights below")
    threshold.focus()
    for _ in range(3):
        threshold.press("ArrowRight")
    window = page.get_by_test_id("attnw-window-slider")
    window.focus()
    window.press("ArrowLeft")
    page.get_by_role("radio", name="mark").focus()
    page.get_by_role("radio", name="mark").press("ArrowRight")
    python_says(lab, "print(view.threshold > 0, repr(view.mask))", "True local(1)\n")
    python_says(lab, "print(view.special_mode)", "hide\n")
    expect(cells).to_have_count(before + 2)


def test_a_picked_square_follows_the_text(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page(
        [
            (
                "from attn_widgets import AttentionExplorer, samples\n"
                "view = AttentionExplorer.sample('paragraph', query=5, key=6)\nview"
            ),
        ]
    )
    lab.run_all()
    reading = lab.page.get_by_test_id("attnw-reading")
    expect(reading).to_have_attribute("data-exact", "yes", timeout=60_000)
    for name in ("sentence", "pair", "paragraph"):
        lab.run(f"view.record = samples.load({name!r})")
        expected = lab.run(
            "q, k = view.query, view.key\n"
            "w = float(view.record[0, 0][q, k])\n"
            "print(f'{w:.{3 if w < 0.0995 else 2}f}')"
        )
        expect(reading).to_have_attribute("data-exact", "yes")
        expect(reading).to_contain_text(f"with {expected.strip()} of its attention")
