"""Heads sorted and filtered by what is under them, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from support.explorer import grid, python_says

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.pages import LabPage


def test_heads_are_found_by_their_numbers(lab_page: Callable[..., LabPage]) -> None:
    source = "from attn_widgets import AttentionExplorer\n"
    lab = lab_page([source + "view = AttentionExplorer.sample('pair')\nview"])
    lab.run_all()
    page = lab.page
    expect(grid(lab)).to_be_visible(timeout=60_000)
    kept = page.get_by_test_id("attnw-heads-kept")
    expect(kept).to_have_text("all 72 heads")

    page.get_by_text("Filter:").click()
    page.get_by_test_id("attnw-half-cls").click()
    python_says(lab, "print(view.badge_range, view.special_roles)", "(0.5, 1.0) ('cls',)\n")
    found = lab.run(
        "from attn_widgets.analysis import role_shares\n"
        "from attn_widgets.record import TokenRole\n"
        "print((role_shares(view.record)[TokenRole.CLS].share >= 0.5).sum())"
    )
    expect(kept).to_have_text(f"{found.strip()} of 72 heads")

    page.get_by_test_id("attnw-badge").select_option("entropy")
    page.get_by_test_id("attnw-order").select_option("high")
    grid(lab).focus()
    grid(lab).press("End")
    grid(lab).press("Home")
    most = lab.run(
        "from attn_widgets.analysis import normalised_entropy\n"
        "spread = normalised_entropy(view.record)\n"
        "print(*divmod(int(spread.argmax()), 12))"
    )
    python_says(lab, "print(view.layer, view.head)", most)
    percent = lab.run("print(f'{100 * spread.max():.0f}%')")
    expect(page.get_by_test_id("attnw-head-reading")).to_contain_text(percent.strip())

    lab.run("import numpy as np\nview.importance = np.arange(72).reshape(6, 12)")
    page.get_by_test_id("attnw-badge").select_option("importance")
    grid(lab).press("Home")
    python_says(lab, "print(view.layer, view.head)", "5 11\n")
    grid(lab).press("Enter")
    expect(page.get_by_test_id("attnw-matrix")).to_be_focused()
