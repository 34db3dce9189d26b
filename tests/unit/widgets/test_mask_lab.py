"""The laboratory's contract with Python."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import traitlets as t

from attn_widgets import AttentionExplorer, MaskLab, global_, local, samples


def test_a_length_and_a_mask_are_all_it_needs():
    lab = MaskLab(128, mask="local(4) | global_('cls')")
    assert lab.n == 128
    assert lab.mask == local(4) | global_("cls")
    assert repr(lab) == "MaskLab(128, mask=local(4) | global_('cls'))"


def test_a_record_lends_its_tokens_and_fixes_the_length():
    record = samples.load("sentence")
    lab = MaskLab(record)
    assert lab.n == len(record.tokens)
    assert lab._tokens[0] == "[CLS]"
    assert lab._roles[-1] == "sep"
    with pytest.raises(t.TraitError, match="over a record of 8 tokens"):
        lab.n = 9


def test_its_mask_fits_an_explorer():
    lab = MaskLab(samples.load("sentence"))
    view = AttentionExplorer.sample("sentence")
    lab.set_state({"mask": (local(1) | global_("sep")).to_spec()})
    view.mask = lab.mask
    assert view.mask == local(1) | global_("sep")


@pytest.mark.parametrize("n", [0, 1, -5, 2**20 + 1])
def test_lengths_out_of_range_are_refused(n):
    with pytest.raises(t.TraitError, match="2 to 1048576 tokens"):
        MaskLab(n)
    lab = MaskLab(64)
    with pytest.raises(t.TraitError, match="2 to 1048576 tokens"):
        lab.n = n
    assert lab.n == 64


def test_other_things_are_refused():
    for other in ("64", 6.4, True, None):
        with pytest.raises(TypeError, match="expected a number of tokens"):
            MaskLab(other)
    with pytest.raises(
        TypeError, match="no setting tokens: it takes over, mask, layer, head, lang"
    ):
        MaskLab(64, tokens=3)
    with pytest.raises(t.TraitError):
        MaskLab(64, mask="local(")


def test_the_browser_may_choose_but_not_invent(monkeypatch):
    sent = []
    monkeypatch.setattr(MaskLab, "send", lambda _self, content, _buffers=None: sent.append(content))
    lab = MaskLab(64)
    lab.set_state({"n": 256, "_tokens": ["x"], "_roles": ["cls"]})
    assert (lab.n, lab._tokens, lab._roles) == (256, [], [])
    lab.set_state({"mask": {"kind": "local", "left": -1, "right": 0}})
    assert lab.mask == local(4)
    assert "refused" in sent[-1]


def test_a_page_of_it_needs_nothing_else(tmp_path):
    MaskLab(32, lang="ja").save_html(tmp_path / "lab.html")
    text = (tmp_path / "lab.html").read_text("utf-8")
    state = json.loads(text.split('id="state">')[1].split("</script>")[0])
    assert state["n"] == 32
    assert state["mask"] == {"kind": "local", "left": 4, "right": 4}
    assert not {"_esm", "_css", "layout"} & set(state)


def test_a_mask_that_follows_the_data_is_worked_out_for_the_chosen_head():
    record = samples.load("sentence")
    lab = MaskLab(record, mask="top_k(2)", layer=2, head=7)
    bits = np.unpackbits(np.frombuffer(lab._bits, np.uint8), bitorder="little")[:64].reshape(8, 8)
    kept = bits.astype(bool)
    weights = record[2, 7].astype(float)
    for query in range(8):
        best = np.argsort(-weights[query], kind="stable")[:2]
        assert set(np.flatnonzero(kept[query])) == {*best, query}
    rows = record.content()
    share = (weights * kept).sum(axis=1)[rows].mean()
    assert lab._kept["share"] == pytest.approx(share, abs=1e-3)
    assert lab._kept["text"] == "top_k(2)"
    first = lab._bits
    lab.head = 3
    assert lab._bits != first
    assert lab._kept["place"] == [2, 3]
    lab.mask = "local(1)"
    assert lab._bits == b""
    assert lab._kept["text"] == "local(1)"


def test_data_and_heads_need_a_record():
    with pytest.raises(t.TraitError, match=r"MaskLab\(record\)"):
        MaskLab(64, mask="top_k(2)")
    with pytest.raises(TypeError, match="are of a record"):
        MaskLab(64, layer=2)
    with pytest.raises(t.TraitError, match="layers 0 to 5"):
        MaskLab(samples.load("sentence"), layer=6)


def test_it_is_drawn_and_saved_where_it_cannot_run(tmp_path):
    lab = MaskLab(32, mask="local(2) | global_('cls', 'sep')")
    data, _ = lab._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    lab.save_png(tmp_path / "a.png")
    lab.save_svg(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text("utf-8").startswith("<svg")
    assert lab.bound().nnz() == (local(2) | global_(0, 31)).bind(32).nnz()
    lab.mask = None
    assert "image/png" not in lab._repr_mimebundle_()[0]
    with pytest.raises(ValueError, match="no mask is on show"):
        lab.save_png(tmp_path / "b.png")


def test_a_mask_that_does_not_fit_is_shown_without_a_picture():
    lab = MaskLab(64, mask="local(1) | global_(40)")
    lab.n = 32
    assert "image/png" not in lab._repr_mimebundle_()[0]
    lab.n = 64
    assert "image/png" in lab._repr_mimebundle_()[0]
