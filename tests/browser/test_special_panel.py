"""A student follows a diagnosis to its evidence, in a real JupyterLab and on a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from support.explorer import focus, grid, python_says

from attn_widgets import SpecialTokenReport

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Page
    from support.pages import LabPage

MODEL = (
    "from attn_widgets import AttentionExplorer, ModelRunner, SpecialTokenReport\n"
    "from attn_widgets.analysis import diagnose\n"
    "runner = ModelRunner.from_pretrained('demo')\n"
    "record = runner.run('The dog chased the cat.', 'It ran away.')\n"
)
EXPLORER = MODEL + "view = AttentionExplorer(record, runner=runner, lang='en')\nview"
REPORT = MODEL + "view = SpecialTokenReport(record, runner, 'en', layer=1, head=4)\nview"


def test_a_diagnosis_leads_to_its_evidence(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([EXPLORER], height=2400)
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    panel = page.get_by_test_id("attnw-special")
    card = page.get_by_test_id("attnw-diagnosis")
    lower = card.get_by_role("region", name="Lower layers gather on [CLS]")
    expect(lower).to_be_hidden()
    card.locator("summary").first.click()
    lower.get_by_role("button").first.click()
    expect(page.get_by_test_id("attnw-matrix")).to_be_in_viewport()
    layer, head, key = lab.run(
        "where = diagnose(record).finding('lower_cls').where\n"
        "print(where.layer, where.head, where.key)"
    ).split()
    expect(grid(lab)).to_have_attribute("aria-label", focus(int(layer), int(head)))
    python_says(
        lab,
        "print(*view.selected, view.special_mode)",
        f"{layer} {head} None {key} mark\n",
    )

    panel.get_by_role("button", name="Measure what arrives from there").click()
    expect(page.get_by_test_id("attnw-special-sides")).to_contain_text("norm", timeout=60_000)
    expect(page.get_by_test_id("attnw-special-row").locator("svg")).to_have_count(2)
    page.get_by_test_id("attnw-shown").get_by_text("where it looks", exact=True).click()
    python_says(lab, "print(view.shown)", "first\n")
    card.get_by_text("The evidence beside it").click()
    loud = card.get_by_role("region", name="how loud they are")
    loud.get_by_role("button").first.click()
    python_says(lab, "print(view.shown)", "second\n")

    panel.get_by_text("what [CLS] looks at", exact=True).click()
    panel.get_by_label("punctuation").check()
    python_says(
        lab,
        "print(view.special_from, view.special_roles[-1])",
        "cls punctuation\n",
    )
    summary = page.get_by_test_id("attnw-special-summary")
    expect(summary).to_contain_text("of what arrives at [CLS] comes from itself")

    panel.get_by_role("button", name="What if").click()
    slider = page.get_by_role("slider", name="Add to the scores of [CLS]")
    for _ in range(3):
        slider.press("ArrowLeft")
    python_says(lab, "print(view.changes)", "bias('cls', by=-1.5)\n")
    page.get_by_role("button", name="Apply to the model").click()
    expect(page.get_by_test_id("attnw-effect-result")).to_contain_text(
        "1.5 on the scores of [CLS]", timeout=60_000
    )


def test_the_report_stands_alone_and_reads_by_keyboard(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([REPORT, "view"], height=1600)
    lab.run_all()
    page = lab.page
    heads = page.get_by_test_id("attnw-special-heads")
    expect(heads).to_have_count(2, timeout=60_000)
    heads.first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        heads.first.press(key)
    python_says(lab, "print(view.layer, view.head)", "2 6\n")
    share = lab.run(
        "from attn_widgets.analysis import special_share\n"
        "print(f'{100 * special_share(record).share[2, 6]:.0f}%')"
    ).strip()
    label = re.compile(f"In focus: layer 2, head 6: {share}\\.")
    expect(heads.nth(1)).to_have_attribute("aria-label", label)
    page.get_by_test_id("attnw-special-row").first.get_by_role("combobox").select_option("3")
    python_says(lab, "print(view.query)", "3\n")

    panel = page.get_by_test_id("attnw-effect").first
    panel.get_by_role("group", name="Mute").get_by_role("button", name="[SEP]").click()
    panel.get_by_role("button", name="Apply to the model").click()
    expect(panel.get_by_test_id("attnw-effect-result")).to_be_visible(timeout=60_000)
    python_says(lab, "print(view.effect.changes, view.shown)", "mute('sep') difference\n")
    report = page.get_by_test_id("attnw-special").first
    report.get_by_role("button", name="Measure what arrives from there").click()
    expect(report.get_by_test_id("attnw-shown")).to_contain_text("what arrives", timeout=60_000)
    expect(panel.get_by_test_id("attnw-effect-result")).to_contain_text("Apply again")


def test_a_report_lives_on_in_a_page_without_a_kernel(
    open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "report.html"
    report = SpecialTokenReport.sample("pair", lang="ja", layer=2, head=7)
    report.save_html(path)
    page = open_page(path.as_uri(), width=900)
    heads = page.get_by_test_id("attnw-special-heads")
    card = page.get_by_test_id("attnw-diagnosis")
    card.locator("summary").first.click()
    where = report._diagnosis["ja"]["states"][0]["where"][0]
    card.get_by_role("region").first.get_by_role("button").first.click()
    name = f"第 {where['layer']} 層・ヘッド {where['head']}"
    expect(heads).to_have_attribute("aria-label", re.compile(name))
    page.get_by_text("[CLS] が見ているもの", exact=True).click()
    expect(page.get_by_test_id("attnw-special-summary")).to_contain_text("自分自身に")
    page.get_by_role("button", name="English").click()
    expect(card).to_contain_text("A reading, not a verdict.")
