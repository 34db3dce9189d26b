"""What the panel of special tokens is given, and the report that shows it alone."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import traitlets as t

from attn_widgets import AttentionExplorer, AttentionRecord, SpecialTokenReport
from attn_widgets.analysis import Contributions, diagnose, out_row
from attn_widgets.analysis.counterpart import counterpart, moved
from attn_widgets.analysis.token_groups import SPECIAL_GROUPS
from attn_widgets.export.colors import HIDDEN, ROLE
from attn_widgets.interventions import Drift, Effect, mute
from attn_widgets.record import TokenRole

ROLES = ["cls", "word", "word", "punctuation", "sep"]


def make(roles=ROLES, seed=0, layers=3, heads=4, **parts):
    n = len(roles)
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(layers, heads, n))
    words = [f"t{i}" for i in range(n)]
    return AttentionRecord.from_arrays(weights, words, roles=roles, **parts)


def has(picture, color):
    return bool((picture == np.array(color)).all(axis=-1).any())


def test_what_a_special_token_looks_at_is_sent_head_by_head():
    record = make()
    sent = AttentionExplorer(record)._record["special"]["rows"]
    assert list(sent) == ["cls", "sep"]
    row, own = out_row(record, TokenRole.SEP), sent["sep"]
    assert own["query"] == 4
    assert list(own["groups"]) == ["cls", "punctuation"]
    assert np.allclose(own["itself"], row.to_self)
    assert np.allclose(np.add(own["itself"], own["groups"]["cls"]), row.to_special)
    assert np.allclose(np.add(own["words"], own["groups"]["punctuation"]), row.to_content)
    assert own["even"] == {"itself": 1 / 5, "groups": {"cls": 1 / 5, "punctuation": 1 / 5}}


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_the_parts_of_a_row_are_all_of_it_and_padding_is_no_part(kind):
    roles = ["bos", "word", "punctuation", "special", "special", "eos", "pad"]
    weights = np.random.default_rng(3).random((2, 3, 7, 7))
    weights[..., 6] = 0
    if kind == "decoder":
        weights *= np.tri(7)
    weights /= weights.sum(axis=-1, keepdims=True)
    record = AttentionRecord.from_arrays(
        weights, [f"t{i}" for i in range(7)], roles=roles, kind=kind
    )
    for query, role in ((0, "bos"), (3, "special"), (5, "eos")):
        row = AttentionExplorer(record)._record["special"]["rows"][role]
        parts = [row["itself"], row["words"], *row["groups"].values()]
        assert np.allclose(np.sum(parts, axis=0), 1)
        seen = query + 1 if kind == "decoder" else 6
        assert row["even"]["itself"] == pytest.approx(1 / seen)
        others = sum(row["even"]["groups"].values())
        assert others == pytest.approx((seen - 1 - (seen > 1)) / seen)  # one is a word


def test_tokens_say_what_they_are_counted_as():
    view = AttentionExplorer(make(["word", "word", "punctuation"]))
    assert [token["group"] for token in view._record["tokens"]] == ["first", None, "punctuation"]
    assert view._record["special"]["rows"] == {}


def test_roles_are_kept_in_one_order_and_survive_another_text():
    view = AttentionExplorer(make(), special_roles=["punctuation", "cls", "cls"])
    assert view.special_roles == ("cls", "punctuation")
    view.special_from = "sep"
    view.record = make(["word", "word"])
    assert (view.special_roles, view.special_from) == (("cls", "punctuation"), "sep")
    view.set_state({"special_roles": [], "special_from": None})
    assert (view.special_roles, view.special_from) == ((), None)
    with pytest.raises(t.TraitError, match=r"special_roles='cls'.*'punctuation'"):
        view.special_roles = "cls"


def test_the_still_picture_marks_and_hides_what_is_counted():
    view = AttentionExplorer(make(), special_roles=["punctuation"])
    assert has(view.picture(), ROLE["light"]["punctuation"])
    assert not has(view.picture(), ROLE["light"]["cls"])
    view.special_mode = "hide"
    assert has(view.picture(), HIDDEN["light"])
    view.special_roles = []
    assert not has(view.picture(), HIDDEN["light"])


def test_the_card_of_a_diagnosis_travels_in_both_languages():
    record = make()
    view = SpecialTokenReport(record)
    made = diagnose(record)
    assert view._diagnosis == {"en": made.card("en"), "ja": made.card("ja")}
    json.dumps(view._diagnosis, allow_nan=False)
    view.record = other = make(["cls", "word", "sep"], seed=1)
    assert view._diagnosis["en"] == diagnose(other).card("en")


def test_an_explorer_diagnoses_a_text_when_it_is_asked_to(tmp_path):
    record = make()
    view = AttentionExplorer(record)
    assert view._diagnosis == {}
    view._on_message(view, {"id": "1", "ask": "diagnosis"}, [])
    assert view._diagnosis["en"] == diagnose(record).card("en")
    view.record = other = make(["cls", "word", "sep"], seed=1)
    assert view._diagnosis == {}
    view.save_html(tmp_path / "page.html")
    assert view._diagnosis["ja"] == diagnose(other).card("ja")


@pytest.mark.parametrize("roles", [["word"], ["cls"], ["cls", "sep"], ["word", "word", "word"]])
def test_a_text_with_next_to_nothing_in_it_is_shown_all_the_same(roles):
    view = SpecialTokenReport(make(roles))
    json.dumps([view._diagnosis, view._record], allow_nan=False)


def test_where_there_is_no_diagnosis_the_reason_travels():
    tokens = make(["cls", "word"]).tokens
    weights = np.full((1, 1, 2, 3), 1 / 3)
    cross = AttentionRecord.from_arrays(weights, tokens, key_tokens=["a", "b", "c"], kind="cross")
    with pytest.raises(ValueError, match="cross") as error:
        diagnose(cross)
    assert SpecialTokenReport(cross)._diagnosis == {"absent": str(error.value)}


def contributions(record):
    shape = record.shape
    sizes = np.random.default_rng(5).random((shape[0], *shape[2:]))
    return Contributions(
        record=record,
        values=np.random.default_rng(4).random((*shape[:2], shape[3])) + 0.1,
        summed=sizes,
        residual=None,
        normed=None,
        mixed=None,
        mixed_normed=None,
        absent={},
        difference=np.zeros(shape[0]),
    )


def test_once_norms_are_measured_the_card_speaks_of_them():
    record = make(text=("t0 t1",))
    made = contributions(record)

    def run(_text, _pair=None):
        return record

    runner = SimpleNamespace(run=run, contributions=lambda *_args, **_keywords: made)
    view = SpecialTokenReport(record, runner)
    before = view._diagnosis
    view.show_norms()
    assert view._diagnosis["en"] == diagnose(made).card("en") != before["en"]
    assert np.allclose(
        list(view._second["groups"]["cls"]), (view.second.weights[:, :, 1:4, 0]).mean(axis=-1)
    )


def test_measuring_keeps_what_a_run_under_a_change_did():
    record = make(text=("t0 t1",))
    made = contributions(record)
    after = make(seed=8)

    def compare(_source, changes, **_keywords):
        return Effect(
            changes=changes,
            before=record,
            after=after,
            drift=Drift(*np.full((4, 3), 0.1)),
            moved=moved(record, counterpart(record, after)),
        )

    runner = SimpleNamespace(
        run=lambda *_texts: record,
        compare=compare,
        contributions=lambda *_args, **_keywords: made,
    )
    view = SpecialTokenReport(record, runner, edits=[mute("sep")])
    effect = view.apply()
    view.show_norms()
    assert view.effect is effect
    assert view._effect == effect.to_dict()
    assert view._second["kind"] == "norms"
    view.apply()
    assert view._second["kind"] == "rerun"
    view.edits = []
    assert (view.effect, view._effect, view._second["kind"]) == (None, {}, "norms")


def test_the_report_is_an_explorer_that_draws_the_panel_alone(tmp_path):
    report = SpecialTokenReport.sample("pair", lang="ja", layer=2, head=7, special_from="cls")
    assert repr(report).startswith("SpecialTokenReport(AttentionRecord(")
    assert report.special_roles == SPECIAL_GROUPS
    path = tmp_path / "report.html"
    report.save_html(path)
    page = path.read_text("utf-8")
    assert '<html lang="ja">' in page
    assert "attnw-special-heads" in page
    assert "attnw-grid" not in page.split('id="module"')[1]
    with pytest.raises(TypeError, match="SpecialTokenReport has no setting colour"):
        SpecialTokenReport(report.record, colour="red")
    with pytest.raises(TypeError, match="or an AttentionRecord"):
        SpecialTokenReport("text")
