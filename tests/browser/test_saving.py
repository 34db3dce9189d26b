"""What an explorer leaves behind, read by a real browser: pages of a size, drawings."""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import numpy as np
from playwright.sync_api import expect

from attn_widgets import AttentionExplorer, AttentionRecord

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Page

HOSTILE = (
    "</script><script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "</svg><svg onload=\"document.title='taken'\">",
    "]]><!--",
    "\x00\x1b\x85",
    "\ufffe\ud83d",
    "\u202eevil\u2066",
    "שלום",
)

MATRIX = """(canvas) => {
    const [left, top, width, height] = canvas.dataset.box.split(' ').map(Number);
    const at = [left, top].map(Math.round);
    const pixels = canvas.getContext('2d').getImageData(...at, width, height);
    return [height, width, [...pixels.data]];
}"""


def explorer(n: int, **settings: object) -> AttentionExplorer:
    weights = np.random.default_rng(n).dirichlet(np.ones(n) * 0.2, size=(3, 4, n))
    tokens = [f"w{i}" for i in range(n)]
    return AttentionExplorer(AttentionRecord.from_arrays(weights, tokens), **settings)


def download(page: Page, kind: str, path: pathlib.Path) -> pathlib.Path:
    page.get_by_test_id("attnw-save").click()
    with page.expect_download() as waiting:
        page.get_by_test_id(f"attnw-save-{kind}").click()
    waiting.value.save_as(path)
    return path


def test_no_text_can_act_in_a_page_or_a_drawing(
    open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    n = len(HOSTILE)
    record = AttentionRecord.from_arrays(
        np.full((1, 2, n, n), 1 / n), HOSTILE, text="".join(HOSTILE)
    )
    view = AttentionExplorer(record, query=0, key=1)
    view.save_html(tmp_path / "view.html")
    view.save_svg(tmp_path / "python.svg")
    page = open_page((tmp_path / "view.html").as_uri())
    expect(page.get_by_test_id("attnw-matrix")).to_be_visible()
    assert page.title().startswith("</script>")
    assert page.locator("script").count() == 3
    assert page.locator("img").count() == 0
    assert page.get_by_test_id("attnw-save-page").count() == 0
    made = download(page, "svg", tmp_path / "browser.svg")
    for path in (tmp_path / "python.svg", made):
        root = ET.parse(path).getroot()  # noqa: S314 - our own
        assert not [e for e in root.iter() if e.tag.endswith(("script", "foreignObject"))]
        assert not [name for e in root.iter() for name in e.attrib if name.startswith("on")]
        drawing = open_page(path.as_uri())
        drawn = drawing.evaluate("[...document.querySelectorAll('text')].map(t => t.textContent)")
        assert any("⟨202E⟩evil" in text for text in drawn)
        assert drawing.evaluate("document.querySelector('script')") is None


def test_the_head_has_the_browsers_own_pixels(
    open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    view = explorer(
        20,
        layer=1,
        head=2,
        zoom=(2, 14, 3, 15),
        scale="row",
        colors="cividis",
        threshold=0.02,
        lang="en",
    )
    view.save_html(tmp_path / "view.html")
    page = open_page((tmp_path / "view.html").as_uri())
    matrix = page.get_by_test_id("attnw-matrix")
    expect(page.get_by_test_id("attnw-matrix")).to_have_attribute("data-box", re.compile("."))
    height, width, data = matrix.evaluate(MATRIX)
    shown = np.array(data, np.uint8).reshape(height, width, 4)[..., :3]
    picture = max(
        (item for item in view.figure("light", "head").items if hasattr(item, "draw")),
        key=lambda item: item.width * item.height,
    )
    # the frame lies on the outermost pixels
    assert np.array_equal(picture.draw(height, width)[1:-1, 1:-1], shown[1:-1, 1:-1])


def test_a_capped_page_says_what_it_lacks_and_still_reacts(
    open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    view = explorer(96, layer=1, head=2, lang="en")
    view.save_html(tmp_path / "whole.html")
    most = (tmp_path / "whole.html").stat().st_size - 80_000
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        view.save_html(tmp_path / "small.html", max_bytes=most)
    assert (tmp_path / "small.html").stat().st_size <= most
    page = open_page((tmp_path / "small.html").as_uri())
    expect(page.get_by_role("note").first).to_have_text(str(said[0].message))
    expect(page.get_by_test_id("attnw-matrix")).to_have_attribute("data-box", re.compile("."))
    height, width, data = page.get_by_test_id("attnw-matrix").evaluate(MATRIX)
    shown = np.array(data, np.uint8).reshape(height, width, 4)[..., :3]
    picture = max(
        (item for item in view.figure("light", "head").items if hasattr(item, "draw")),
        key=lambda item: item.width * item.height,
    )
    # the frame lies on the outermost pixels
    assert np.array_equal(picture.draw(height, width)[1:-1, 1:-1], shown[1:-1, 1:-1])
    page.get_by_test_id("attnw-grid").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("h3.attnw-title").first).to_contain_text("Layer 2, head 2")


def test_a_drawing_made_in_the_browser_shows_what_pythons_does(
    open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    view = AttentionExplorer.sample("pair", layer=2, head=7, lang="en", mask="local(2)")
    view.save_html(tmp_path / "view.html")
    view.save_svg(tmp_path / "python.svg")
    page = open_page((tmp_path / "view.html").as_uri())
    expect(page.get_by_test_id("attnw-matrix")).to_have_attribute("data-box", re.compile("."))
    words = []
    for path in (download(page, "svg", tmp_path / "browser.svg"), tmp_path / "python.svg"):
        root = ET.parse(path).getroot()  # noqa: S314 - our own
        words.append([e.text for e in root.iter() if e.tag.endswith("}text")])
    tokens = {token.display for token in view.record.tokens}
    for said in words:
        assert tokens <= set(said)
        assert "Layer 2, head 7" in said
        assert any("local(2)" in text for text in said if text)
