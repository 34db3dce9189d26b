"""A diagnosis on a card: plain values, and places that really show what is said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from attn_widgets import samples
from attn_widgets.analysis.diagnosis import diagnose
from attn_widgets.analysis.diagnosis.language import TONGUES
from attn_widgets.record import AttentionRecord

CLS, SEP = 0, -1


def places(card):
    every = [*card["states"], *card["story"], *card["evidence"], card["hint"]]
    return [place for one in every for place in one["where"]]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", samples.names())
def test_a_card_is_plain_and_says_what_the_report_says(name, language):
    diagnosis = diagnose(samples.load(name))
    card = diagnosis.card(language)
    assert json.loads(json.dumps(card, allow_nan=False)) == card
    page = diagnosis.report(language).replace("\n", "").replace(" ", "")
    tongue = TONGUES[language]
    own = {tongue.words[key].replace(" ", "") for key in tongue.words if key.endswith(".card")}
    for one in [*card["states"], *card["story"]]:
        assert "".join(one["sentences"]).replace(" ", "") in page
    for one in [*card["evidence"], *card["hint"]["items"], *card["cannot_conclude"]]:
        text = one["text"].replace(" ", "")
        assert text in page or any(said in text for said in own)
    assert {one["name"] for one in card["hint"]["items"]} >= {"hint", "known", "output"}


@pytest.mark.parametrize("name", samples.names())
def test_every_place_is_a_head_a_row_and_a_column_of_the_record(name):
    record = samples.load(name)
    for place in places(diagnose(record).card()):
        assert place["layer"] in record.layers
        assert place["head"] in record.heads
        for own, tokens in (("query", record.tokens), ("key", record.key_tokens)):
            if place[own] is not None:
                assert tokens[place[own]].role == place["role"]


def test_a_place_is_where_the_number_is_largest_in_the_layers_meant(made):
    weights = made.record({1: CLS, 2: CLS, 9: CLS}).weights.copy()
    weights[2, 1] = np.eye(14)[CLS]
    record = AttentionRecord(tokens=made.tokens(), weights=weights, kind="encoder")
    where = diagnose(record).finding("lower_cls").where
    assert (where.layer, where.head, where.key, where.role, where.seen) == (2, 1, 0, "cls", True)
    assert where.view == "weights"


def test_of_several_sep_the_one_that_the_head_gives_most_is_shown(made):
    roles = ["cls", *["word"] * 5, "sep", *["word"] * 6, "sep"]
    for place in (6, 13):
        record = made.record(dict.fromkeys(range(4, 8), place), roles=roles)
        diagnosis = diagnose(record)
        assert diagnosis.finding("middle_sep").where.key == place
        assert diagnosis.finding("all_special").where.role == "sep"


def test_where_nothing_is_seen_the_nearest_is_shown_and_said_to_be_no_more(made):
    finding = diagnose(made.record({})).finding("middle_sep")
    (place,) = finding.places
    assert (finding.found, place.seen, place.layer in finding.region) == (False, False, True)


def test_the_row_of_cls_is_shown_for_what_it_reads(made):
    where = diagnose(made.record({}, reads=(10,))).finding("reading").where
    assert (where.layer, where.query, where.key, where.role) == (10, 0, None, "cls")


def test_of_several_texts_a_place_names_the_role_and_no_position(made):
    where = diagnose(made.several(3, towards={1: CLS, 2: CLS})).finding("lower_cls").where
    assert (where.key, where.query, where.role) == (None, None, "cls")


def test_norms_are_pointed_at_only_where_they_were_measured(made):
    record = made.record({1: CLS, 2: CLS})
    views = {place["view"] for place in places(diagnose(record).card())}
    assert views == {"weights"}
    card = diagnose(made.flowing(record, drain=0.05)).card()
    shown = {one["name"]: one["where"] for one in card["evidence"]}
    assert shown["message"][0]["view"] == shown["lower_cls"][0]["view"] == "norms"


def test_a_hint_points_into_the_clogged_layers(made):
    card = diagnose(made.several(towards={4: CLS, 7: CLS}, context=0.1)).card()
    assert card["hint"]["state"] == "hint"
    assert {place["layer"] for place in card["hint"]["where"]} <= {4, 7}
    assert diagnose(made.several(2)).card()["hint"]["state"] == "silent"


def test_texts_without_special_tokens_leave_nothing_to_show_but_the_diagonal(made):
    card = diagnose(made.record(0, roles=["word"] * 14)).card()
    assert [one["where"] for one in card["states"]] == [[], [], []]
    assert [one["state"] for one in card["states"]] == ["cannot judge"] * 3
    assert card["story"][0]["where"]


def test_another_language_is_refused(made):
    with pytest.raises(ValueError, match="lang is 'fr'"):
        diagnose(made.record({})).card("fr")
