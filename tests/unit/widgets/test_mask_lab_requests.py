"""What a laboratory in a browser asks of Python."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from attn_widgets import MaskLab, dilated, local, samples
from attn_widgets.masks import parse, per_head, reach
from attn_widgets.widgets import lab_requests


@pytest.fixture
def ask(monkeypatch):
    sent = []
    monkeypatch.setattr(
        MaskLab, "send", lambda _self, content, buffers=None: sent.append((content, buffers))
    )

    def send(lab, message):
        lab._handle_custom_msg(message, [])
        return sent[-1] if sent else None

    return send


def test_reach_comes_with_what_it_is_about(ask):
    lab = MaskLab(2048, mask=dilated(4, 2))
    reply, _ = ask(lab, {"id": "a", "ask": "reach"})
    found = reach(dilated(4, 2).bind(2048))
    assert reply == {
        "id": "a",
        "result": "reach",
        "shares": list(found.shares),
        "of": "pairs",
        "full_after": None,
        "settled": False,
        "sources": None,
        "text": "dilated(4, 2)",
        "n": 2048,
        "place": [0, 0],
    }
    json.dumps(reply)


def test_a_text_too_long_for_every_pair_says_how_many_queries_were_followed(ask):
    lab = MaskLab(8192, mask="random(r=2, seed=1) | local(1)")
    reply, _ = ask(lab, {"id": "a", "ask": "reach"})
    assert reply["sources"] == 5
    assert reply["full_after"] == len(reply["shares"])


def test_of_an_assignment_the_chosen_head_is_followed(ask):
    lab = MaskLab(samples.load("sentence"), mask=per_head({3: local(7)}, default=local(1)), head=3)
    reply, _ = ask(lab, {"id": "a", "ask": "reach"})
    assert reply["full_after"] == 1
    assert reply["place"] == [0, 3]
    lab.head = 0
    assert ask(lab, {"id": "b", "ask": "reach"})[0]["full_after"] == 7


def test_growth_is_counted_length_by_length(ask, monkeypatch):
    monkeypatch.setattr(lab_requests, "LENGTHS", (64, 128, 4096))
    lab = MaskLab(32, mask="local(2) | global_('cls')")
    reply, _ = ask(lab, {"id": "a", "ask": "growth"})
    assert {key: reply[key] for key in ("result", "vectors", "text", "n", "place")} == {
        "result": "growth",
        "vectors": False,
        "text": "local(2) | global_('cls')",
        "n": 32,
        "place": [0, 0],
    }
    assert reply["points"] == [
        (n, lab.mask.bind(n, tokens=lab_requests.stand_ins(n)).nnz()) for n in (64, 128, 4096)
    ]
    json.dumps(reply)


@pytest.mark.parametrize(
    ("mask", "powers"),
    [("lsh(8)", (1.9, 2.1)), ("lsh(8, chunk=16)", (0.9, 1.2)), ("top_k(4)", (0.9, 1.1))],
)
def test_of_masks_that_follow_data_vectors_are_drawn_by_lot(ask, mask, powers, monkeypatch):
    monkeypatch.setattr(lab_requests, "LENGTHS", (64, 128, 256, 512, 2**20))
    lab = MaskLab(samples.load("sentence"), mask="local(1)")
    monkeypatch.setattr(type(lab), "mask", parse(mask))
    monkeypatch.setattr(type(lab), "bound", lambda _lab: None)
    reply, _ = ask(lab, {"id": "a", "ask": "growth"})
    assert reply["vectors"] is True
    lengths, counts = zip(*reply["points"], strict=True)
    assert lengths == (64, 128, 256, 512)
    power = np.polyfit(np.log(lengths), np.log(counts), 1)[0]
    assert powers[0] < power < powers[1]


def test_a_mask_of_one_length_alone_has_no_growth(ask):
    lab = MaskLab(48, mask="documents(24, 24)")
    assert "fits one length alone" in ask(lab, {"id": "a", "ask": "growth"})[0]["error"]


def test_no_length_is_begun_after_the_time_is_over(ask, monkeypatch):
    clock = itertools.count(0, 4)
    monkeypatch.setattr(lab_requests.time, "monotonic", lambda: next(clock))
    reply, _ = ask(MaskLab(32), {"id": "a", "ask": "growth"})
    assert len(reply["points"]) == 2


def test_the_page_is_the_one_that_is_saved(ask, tmp_path):
    lab = MaskLab(32, mask="local(3)")
    reply, (page,) = ask(lab, {"id": "a", "ask": "page"})
    assert reply == {"id": "a", "result": "page"}
    lab.save_html(tmp_path / "lab.html")
    assert page == (tmp_path / "lab.html").read_bytes()
    state = json.loads(page.decode().split('id="state">')[1].split("</script>")[0])
    assert state["_asks"] is False


@pytest.mark.parametrize("wish", [None, 3, "run", {"a": 1}, "x" * 10_000])
def test_other_wishes_are_answered_with_an_error(ask, wish):
    reply, _ = ask(MaskLab(32), {"id": "a", "ask": wish})
    assert "expected 'page', 'reach' or 'growth'" in reply["error"]
    assert len(reply["error"]) < 200


def test_without_a_mask_that_fits_the_error_says_so(ask):
    lab = MaskLab(32, mask=None)
    assert "no mask is on show" in ask(lab, {"id": "a", "ask": "reach"})[0]["error"]


@pytest.mark.parametrize("message", ["hello", 3, None, {"ask": "reach"}, {"id": 3, "ask": "page"}])
def test_what_carries_no_id_is_not_answered(ask, message):
    assert ask(MaskLab(32), message) is None


def test_the_browser_may_not_say_whether_there_is_a_kernel():
    lab = MaskLab(32)
    lab.set_state({"_asks": False})
    assert lab._asks is True
