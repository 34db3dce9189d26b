"""BertViz's views of our records, in a real browser without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from attn_widgets import samples, to_bertviz

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Page
    from support.pages import LabPage


@pytest.mark.parametrize("view", ["head", "model"])
def test_a_page_draws_from_a_file(
    view: str, tmp_path: pathlib.Path, open_page: Callable[..., Page]
) -> None:
    path = tmp_path / "page.html"
    to_bertviz(samples.load("pair"), view).save_html(path)
    page = open_page(path.as_uri())
    assert page.locator("svg line, svg path").count() > 100
    expect(
        page.locator("svg").get_by_text("chased").first
        if view == "head"
        else page.get_by_text("Heads")
    ).to_be_visible()


def test_the_neuron_view_is_drawn_in_a_notebook(lab_page: Callable[..., LabPage]) -> None:
    source = (
        "from attn_widgets import ModelRunner, to_bertviz\n"
        "record = ModelRunner.from_pretrained('demo').run('The dog chased the cat.')\n"
        "to_bertviz(record, 'neuron', layer=2, heads=[3])"
    )
    lab = lab_page([source])
    lab.run_all()
    frame = lab.page.frame_locator("iframe[title=BertViz]")
    expect(frame.locator("svg text").filter(visible=True).first).to_be_visible(timeout=30_000)
    expect(frame.locator("#layer")).to_have_value("2")
    expect(frame.locator("#att_head")).to_have_value("3")
