"""The mask laboratory in a real JupyterLab."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Page
    from support.pages import LabPage

SHOW = (
    "from attn_widgets import MaskLab, ModelRunner, AttentionExplorer\n"
    "runner = ModelRunner.from_pretrained('demo')\n"
    "record = runner.run('The dog chased the cat up a tree.')\n"
    "lab = MaskLab(record, mask='local(2)', layer=2, head=8, lang='en')\nlab"
)


def says(lab: LabPage, source: str, expected: str) -> None:
    for _ in range(20):
        answer = lab.run(source)
        if answer == expected:
            return
    assert answer == expected


def test_a_mask_is_composed_and_lands_on_an_explorer(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([SHOW, "lab"], height=1500)
    lab.run_all()
    page = lab.page
    expect(page.get_by_test_id("attnw-mask")).to_have_count(2, timeout=60_000)
    first = page.locator(".attnw").first
    knob = first.get_by_test_id("attnw-knob-window")
    knob.focus()
    knob.press("ArrowRight")
    for text in page.get_by_test_id("attnw-mask-text").all():
        expect(text).to_have_value("local(3)")
    first.get_by_test_id("attnw-add-part").click()
    family = first.get_by_test_id("attnw-family").nth(1)
    family.select_option("top_k")
    expect(first.get_by_test_id("attnw-mask-text")).to_have_value("local(3) | top_k(4)")
    expect(first.get_by_test_id("attnw-lab-kept")).to_be_visible()
    expect(first.get_by_test_id("attnw-lab-cost")).to_be_visible()
    says(lab, "print(repr(lab.mask))", "local(3) | top_k(4)\n")
    kept = first.get_by_test_id("attnw-lab-kept").inner_text()
    share = lab.run(
        "from attn_widgets.masks import bind_record, outside\n"
        "from attn_widgets.analysis import query_rows\n"
        "bound = bind_record(lab.mask, record, 2, 8)\n"
        "lost = outside(record[2, 8], bound, rows=query_rows(record))\n"
        "print(f'{100 * (1 - float(lost)):.0f}%')"
    )
    assert share.strip() in kept

    lab.run("view = AttentionExplorer(record, mask=lab.mask)\nview")
    expect(page.get_by_test_id("attnw-grid")).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("attnw-mask-outside")).to_have_attribute("data-exact", "yes")
    saved = lab.save()
    assert "image/png" in saved["cells"][0]["outputs"][-1]["data"]


def test_a_million_tokens_in_the_browser(lab_page: Callable[..., LabPage]) -> None:
    show = "lab = attn_widgets.MaskLab(2**20, mask='local(256)', lang='en')\nlab"
    lab = lab_page(["import attn_widgets", show])
    lab.run_all()
    cost = lab.page.get_by_test_id("attnw-lab-cost")
    expect(cost).to_contain_text("537,853,696 of 1,099,511,627,776 pairs", timeout=60_000)
    slider = lab.page.get_by_test_id("attnw-length-slider")
    slider.focus()
    slider.press("ArrowLeft")
    says(lab, "print(lab.n)", "524288\n")


def saved(page: Page, folder: pathlib.Path, kind: str) -> pathlib.Path:
    with page.expect_download() as download:
        page.get_by_test_id(f"attnw-save-{kind}").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_what_is_shown_is_saved_with_and_without_a_kernel(
    lab_page: Callable[..., LabPage], open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    show = (
        "lab = attn_widgets.MaskLab(48, mask=\"local(3) | global_('cls')\", lang='en')\n"
        "print(lab.bound().nnz())\nlab"
    )
    lab = lab_page(["import attn_widgets", show], theme="dark", height=1500)
    lab.run_all()
    expect(lab.page.get_by_test_id("attnw-mask")).to_be_visible(timeout=60_000)
    png = saved(lab.page, tmp_path, "png")
    assert (png.name, png.read_bytes()[:8]) == ("mask-48.png", b"\x89PNG\r\n\x1a\n")
    with_kernel = saved(lab.page, tmp_path, "svg").read_text("utf-8")
    drawn = sum(int(width) for width in re.findall(r"h(\d+)v1", with_kernel))
    assert drawn == int(lab.run("print(lab.bound().nnz())"))
    words = " ".join(ET.fromstring(with_kernel).itertext())  # noqa: S314 - our own
    for said in ("local(3) | global_('cls')", "48 tokens", "looked at (keys)", "kept"):
        assert said in words

    exported = saved(lab.page, tmp_path, "page")
    assert exported.name == "mask-48.html"
    alone = open_page(exported.as_uri())
    expect(alone.get_by_test_id("attnw-mask")).to_be_visible()
    expect(alone.get_by_test_id("attnw-save-page")).to_have_count(0)
    assert saved(alone, tmp_path, "svg").read_text("utf-8") == with_kernel
    assert saved(alone, tmp_path, "png").read_bytes()[:4] == b"\x89PNG"


def test_long_texts_are_followed_by_python(lab_page: Callable[..., LabPage]) -> None:
    show = "lab = attn_widgets.MaskLab(4096, mask='local(4) | global_(0)', lang='en')\nlab"
    lab = lab_page(["import attn_widgets", show])
    lab.run_all()
    page = lab.page
    ask = page.get_by_test_id("attnw-reach-ask")
    ask.click(timeout=60_000)
    reach = page.get_by_test_id("attnw-reach")
    expect(reach).to_have_text(re.compile("After 1 layer: "), timeout=30_000)
    expect(page.get_by_test_id("attnw-reach-play")).to_have_count(0)  # the reader wants no motion
    page.get_by_test_id("attnw-reach-step").click()
    expect(reach).to_have_text("After 2 layers: 100% of all pairs are joined")
    lab.run("lab.mask = 'local(5)'")
    expect(reach).to_have_count(0)
    expect(ask).to_be_enabled()


def test_the_page_answers_while_a_long_mask_is_counted(lab_page: Callable[..., LabPage]) -> None:
    show = "lab = attn_widgets.MaskLab(2**20, mask='strided(1024)', lang='en')\nlab"
    lab = lab_page(["import attn_widgets", show])
    lab.run_all()
    page = lab.page
    counting = page.get_by_test_id("attnw-lab-counting")
    expect(counting).to_contain_text("of the tokens so far", timeout=60_000)
    knob = page.get_by_test_id("attnw-knob-stride")
    knob.focus()
    knob.press("ArrowLeft")
    says(lab, "print(lab.mask == attn_widgets.masks.parse('strided(511)'))", "True\n")
    expect(counting).to_be_visible()
    lab.run("lab.n = 4096")
    expect(page.get_by_test_id("attnw-lab-cost")).to_contain_text("of 16,777,216 pairs")


def test_growth_over_data_is_asked_of_python_and_refusals_are_said_in_japanese(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page([SHOW.replace("lang='en'", "lang='ja'"), "lab.mask = 'lsh(8, chunk=16)'"])
    lab.run_all()
    page = lab.page
    page.get_by_test_id("attnw-growth-ask").click(timeout=60_000)
    expect(page.get_by_test_id("attnw-growth")).to_contain_text("N = 4,096", timeout=60_000)
    text = page.get_by_test_id("attnw-mask-text")
    text.fill("global_(40)")
    text.press("Enter")
    banner = page.locator(".attnw-banner")
    expect(banner).to_contain_text("番号 40 はこのテキスト")
    expect(text).to_have_value("lsh(8, chunk=16)")
    text.fill("local(1)")
    text.press("Enter")
    expect(banner).to_have_count(0)
    says(lab, "print(repr(lab.mask))", "local(1)\n")
