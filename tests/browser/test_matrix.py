"""The matrix with a kernel behind it: a part of a pooled head, and means, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from support.explorer import drawn, python_says, redrawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.pages import LabPage

LONG = """
import numpy as np
from attn_widgets import AttentionExplorer, AttentionRecord
n = 900
weights = np.random.default_rng(0).dirichlet(np.ones(n) * 0.05, size=(2, 2, n)).astype(np.float16)
record = AttentionRecord.from_arrays(weights, [f"w{i}" for i in range(n)])
view = AttentionExplorer(record, zoom=(300, 340, 500, 540), query=310, key=510, lang="en")
view
"""

LEVELS = """(canvas) => {
    const [left, top, width, height] = canvas.dataset.box.split(' ').map(Number);
    const ratio = canvas.width / parseFloat(canvas.style.width);
    const ctx = canvas.getContext('2d');
    const seen = [];
    for (let q = 0; q < 9; q++)
        for (let k = 0; k < 9; k++) {
            const x = Math.round((left + ((k + 0.5) * width) / 40) * ratio);
            const y = Math.round((top + ((q + 0.5) * height) / 40) * ratio);
            seen.push([...ctx.getImageData(x, y, 1, 1).data.slice(0, 3)]);
        }
    return seen;
}"""

EXPECTED = """
from attn_widgets.export.colors import table
from attn_widgets.export.levels import encode
cells = encode(view.record[0, 0][300:309, 500:509].astype(np.float32))
print(table('light')[cells].reshape(-1, 3).tolist())
"""


def test_a_part_of_a_pooled_head_and_a_mean_come_from_python(
    lab_page: Callable[..., LabPage],
) -> None:
    lab = lab_page([LONG], height=1400)
    lab.run_all()
    page = lab.page
    matrix, notes = page.get_by_test_id("attnw-matrix"), page.get_by_test_id("attnw-matrix-notes")
    expect(matrix).to_be_visible(timeout=60_000)
    expect(notes).not_to_contain_text("largest of up to")
    expect(page.get_by_test_id("attnw-reading")).to_have_attribute("data-exact", "yes")
    expect(page.get_by_test_id("attnw-reading")).to_contain_text("row sum 1.00")
    expected = lab.run(EXPECTED)
    assert str(matrix.evaluate(LEVELS)) == expected.strip()

    count = drawn(matrix)
    matrix.focus()
    matrix.press("+")
    redrawn(matrix, count)
    expect(notes).not_to_contain_text("largest of up to")
    matrix.press("0")
    expect(notes).to_contain_text("largest of up to 2")
    python_says(lab, "print(view.zoom)", "None\n")

    page.get_by_label("mean of 4 heads").check(force=True)
    expect(page.get_by_text("Mean of 4 heads, layers 0 to 1", exact=True)).to_be_visible()
    python_says(lab, "print(view.averaged, view._focus_place[4:])", "True [0, 1]\n")
    said = lab.run("print(f'{record.weights[:, :, 310, 510].astype(float).mean():.3f}')")
    expect(page.get_by_test_id("attnw-reading")).to_contain_text(said.strip())
