"""A student changes the model's attention and sees what it does, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from support.explorer import drawn, grid, python_says, redrawn

from attn_widgets import AttentionExplorer, AttentionRecord

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Page
    from support.pages import LabPage

SHOW = (
    "from attn_widgets import AttentionExplorer, ModelRunner\n"
    "runner = ModelRunner.from_pretrained('demo')\n"
    "record = runner.run('The dog chased the cat.')\n"
    "view = AttentionExplorer(record, runner=runner, layer=2, head=7)\nview"
)


def test_a_token_is_knocked_out_and_a_head_is_silenced(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([SHOW], height=1600)
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    panel = page.get_by_test_id("attnw-effect")
    count = drawn(grid(lab))
    forbid = panel.get_by_role("group", name="Block: nobody may look at")
    forbid.get_by_role("button", name="[SEP]", exact=True).click()
    silence = panel.get_by_role("group", name="Ablate a head")
    silence.get_by_role("button", name="Layer 2, head 7", exact=True).click()
    expect(panel.get_by_role("list", name="Changes")).to_contain_text("ablate Layer 2, head 7")
    panel.get_by_role("button", name="Apply to the model").click()
    result = page.get_by_test_id("attnw-effect-result")
    expect(result).to_be_visible(timeout=60_000)
    redrawn(grid(lab), count)
    python_says(
        lab,
        "print(view.changes, view.shown)",
        "~global_cols('sep') | local(0), ablate(heads=[(2, 7)]) difference\n",
    )
    cosine = lab.run(
        "from attn_widgets.interventions import ablate, knock_out\n"
        "effect = runner.compare(record, knock_out('sep'), edits=ablate((2, 7)))\n"
        "print(f'{effect.vector.cosine:.3f}')"
    )
    expect(result).to_contain_text(cosine.strip())

    matrix = page.get_by_test_id("attnw-matrix")
    matrix.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        matrix.press(key)
    reading = page.get_by_test_id("attnw-reading")
    expect(reading).to_have_attribute("data-exact", "yes")
    weights = lab.run(
        "_, _, q, k = view.selected\n"
        "digits = lambda w: f'{w:.{3 if w < 0.0995 else 2}f}'\n"
        "print(digits(effect.after[2, 7][q, k]), 'instead of', digits(effect.before[2, 7][q, k]))"
    )
    expect(reading).to_contain_text(weights.strip())

    panel.get_by_role("button", name="Remove: ablate Layer 2, head 7").click()
    expect(result).to_have_count(0)
    python_says(lab, "print(view.effect, view.shown)", "None first\n")


def test_a_run_that_takes_long_can_be_stopped_and_one_that_fails_says_why(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page([SHOW], height=1600)
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    lab.run(
        "import threading\n"
        "waiting, plain = threading.Event(), runner.compare\n"
        "def slow(source, mask, *, stop=None):\n"
        "    while not stop() and not waiting.wait(0.01):\n"
        "        pass\n"
        "    if waiting.is_set():\n"
        "        raise ValueError('the model has lost its way')\n"
        "    return plain(source, mask, stop=stop)\n"
        "runner.compare = slow"
    )
    panel = page.get_by_test_id("attnw-effect")
    forbid = panel.get_by_role("group", name="Block: nobody may look at")
    forbid.get_by_role("button", name="[CLS]", exact=True).click()
    panel.get_by_role("button", name="Apply to the model").click()
    stop = panel.get_by_role("button", name="Stop")
    stop.click()
    expect(stop).to_have_count(0)
    python_says(lab, "print(view.effect, view._job)", "None None\n")

    lab.run("waiting.set()")
    panel.get_by_role("button", name="Apply to the model").click()
    expect(page.get_by_role("alert")).to_contain_text("the model has lost its way")
    lab.run("runner.compare = plain")
    panel.get_by_role("button", name="Apply to the model").click()
    expect(page.get_by_test_id("attnw-effect-result")).to_be_visible(timeout=60_000)


def test_thick_lines_can_carry_thin_messages(lab_page: Callable[..., LabPage]) -> None:
    lab = lab_page([SHOW], height=1600)
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    count = drawn(grid(lab))
    page.get_by_role("button", name="Measure what arrives from there").click()
    expect(page.get_by_test_id("attnw-shown")).to_contain_text("Kobayashi", timeout=60_000)
    redrawn(grid(lab), count)
    shares = lab.run(
        "from attn_widgets.analysis import special_share\n"
        "made = view.second\n"
        "print(f'{100 * special_share(made).share.mean():.0f}%', view.shown)"
    ).split()
    assert shares[1] == "second"
    expect(page.get_by_test_id("attnw-special-summary")).to_contain_text(shares[0])


def test_a_comparison_lives_on_in_a_page_without_a_kernel(
    open_page: Callable[..., Page], tmp_path: pathlib.Path
) -> None:
    first = AttentionExplorer.sample("sentence").record
    second = AttentionRecord.from_arrays(
        first.weights[:, ::-1], first.tokens, kind=first.kind, text=("backwards",)
    )
    path = tmp_path / "two.html"
    AttentionExplorer.compare(first, second, lang="en", query=1, key=1).save_html(path)
    page = open_page(path.as_uri(), width=900)
    reading = page.get_by_test_id("attnw-reading")
    expect(reading).to_contain_text("in the second")
    count = drawn(page.get_by_test_id("attnw-grid"))
    page.get_by_test_id("attnw-shown").get_by_text("second", exact=True).click()
    page.wait_for_function(
        "before => Number(document.querySelector('[data-testid=attnw-grid]').dataset.drawn)>before",
        arg=count,
    )
    expect(reading).not_to_contain_text("in the second")
    expect(page.get_by_test_id("attnw-effect")).to_contain_text("runner=")
