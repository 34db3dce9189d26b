"""Everything a diagnosis can say, in both languages, and how it is laid out."""

from __future__ import annotations

import dataclasses
import html.parser
import re
import string
import typing
import unicodedata

import numpy as np
import pytest

from attn_widgets import samples
from attn_widgets.analysis.diagnosis import Intervention, diagnose, findings, flow, interventions
from attn_widgets.analysis.diagnosis.language import TONGUES, share
from attn_widgets.analysis.diagnosis.words_en import WORDS as EN
from attn_widgets.analysis.diagnosis.words_ja import WORDS as JA
from attn_widgets.record import AttentionRecord

CLS = 0
LANGUAGES = ("en", "ja")


def places(sentence):
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def changes():
    rows = [("cls", 0.996, 0.66), ("sep", 0.995, 0.99), ("first", 0.999, 0.5), ("word", 0.97, 0.98)]
    return [
        Intervention(target=target, action=action, cosine=cosine, texts=12, own_segment=moved)
        for target, muted, blocked in rows
        for action, cosine in (("mute", muted), ("block", blocked))
        for moved in [0.1 if (target, action) == ("sep", "block") else None]
    ]


def everything(made):
    """Diagnose so many kinds of records that each sentence is said somewhere."""
    record, flowing, several = made.record, made.flowing, made.several
    healthy = diagnose(several(), vectors=np.eye(12)).as_profile()
    every = range(12)
    yield diagnose(record({1: CLS, 5: CLS}))
    yield diagnose(record({9: CLS}), interventions=changes())
    yield diagnose(record({1: CLS, 4: -1}, reads=(1,)), interventions=changes()[:3])
    yield diagnose(flowing(record({0: CLS, 4: -1, 5: -1}), drain=0.1))
    yield diagnose(flowing(record({0: CLS, 1: CLS, 5: -1, 6: -1}), drain=1.0), pooling="cls")
    yield diagnose(flowing(record({4: -1, 5: -1}), drain=1.0), interventions=changes())
    yield diagnose(flowing(record(CLS), drain=0.1))
    yield diagnose(flowing(record(CLS), drain=0.4))
    yield diagnose(flowing(record(CLS), drain=1.0))
    yield diagnose(record(CLS, n=5))
    yield diagnose([record(CLS, n=5), record(CLS, n=6)])
    yield diagnose([record(CLS, n=5), record(CLS)])
    half = record(CLS, n=10).weights.copy()
    half[:, 1] = 0.1
    yield diagnose(AttentionRecord(tokens=made.tokens(10), weights=half))
    yield diagnose(record(0, n=6, kind="decoder"))
    yield diagnose(record({}, roles=["word"] * 14))
    yield diagnose(record({}, layers=1))
    yield diagnose([record({}), record({}, roles=["pad"])])
    yield diagnose(record(0, kind="decoder", roles=["bos", *["word"] * 9]))
    for context in (0.1, 0.4):
        for towards in ({}, dict.fromkeys(every, CLS)):
            texts = [flowing(record(towards, word=f"u{i}-"), context=context) for i in range(12)]
            yield diagnose(texts, vectors=np.ones((12, 2)), reference=healthy)
    long = [flowing(record({}, n=40, word=f"v{i}-"), context=0.9) for i in range(12)]
    yield diagnose(long, vectors=np.eye(12), reference=0.1)
    yield diagnose(long, vectors=np.eye(12), reference=healthy)
    yield diagnose(several(stage="residual"))
    yield diagnose(record({0: "near", 4: -1, 5: -1}))
    yield diagnose(several(2), vectors=np.eye(2))
    whole = record(CLS)
    part = whole.weights[[3, 7]]
    yield diagnose(AttentionRecord(tokens=whole.tokens, weights=part, layers=[3, 7]))
    yield diagnose(
        AttentionRecord(tokens=whole.tokens, key_tokens=made.tokens(word="k"), weights=part)
    )
    seen = flowing(whole, drain=0.1)
    torn = dataclasses.replace(seen.numbers, cls_to_itself=np.full((12, 2), 0.5))
    yield diagnose(dataclasses.replace(seen, numbers=torn, missing="it has no norm", changed=True))
    named = [dataclasses.replace(one, model="another") for one in several()]
    yield diagnose(named, reference=healthy)
    yield diagnose(several(2), vectors=np.eye(2), pooling="cls")
    yield diagnose(samples.load("pair"))
    for queries, failed in (("content", 0), ("all", 1)):
        texts = [record({1: CLS, 4: -1}, n=n, word=f"p{n}-") for n in (5, 14, 30)]
        corpus = made.profiled(texts, failed=failed, queries=queries)
        yield diagnose(corpus, interventions=changes(), reference=healthy)
    yield diagnose(made.profiled([record(0, kind="decoder", roles=["word"] * 14)]))


def test_both_languages_have_the_same_sentences_with_the_same_places():
    assert set(EN) == set(JA)
    assert {key: places(EN[key]) for key in EN} == {key: places(JA[key]) for key in EN}


def test_nothing_is_left_untranslated():
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    same = {"column.cls", "column.sep", "target.cls", "target.sep", "change.one", "in short"}
    assert {key for key in JA if not japanese.search(JA[key])} == same
    assert not [key for key in EN if japanese.search(EN[key])]


def test_every_name_a_diagnosis_uses_has_its_words():
    def named(of, prefix):
        return {f"{prefix}{name}" for name in typing.get_args(of)}

    claims = (*typing.get_args(findings.State), *typing.get_args(findings.Step))
    needed = {f"{name}.{part}" for name in claims for part in ("name", "says")}
    needed |= {f"measured.{name}" for name in claims}
    needed |= named(findings.Unjudged, "why.") | named(flow.Silent, "silent.")
    needed |= named(flow.Quadrant, "quadrant.") | named(interventions.Target, "target.")
    needed |= named(interventions.Action, "change.")
    assert needed <= set(EN)


def test_every_report_is_said_in_full_in_both_languages(made):
    for diagnosis in everything(made):
        for language in LANGUAGES:
            for written in (diagnosis.report(language), diagnosis.html(language)):
                assert "{" not in written
                assert "None" not in written
                assert "nan" not in written.lower().replace("finance", "")


def test_no_sentence_is_idle(made):
    said, words = set(), dict(EN)

    class Listening(dict):
        def __getitem__(self, key):
            said.add(key)
            return words[key]

        def get(self, key, default=None):
            said.add(key)
            return words.get(key, default)

    tongue = TONGUES["en"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TONGUES, "en", _replaced(tongue, Listening(words)))
        for diagnosis in everything(made):
            diagnosis.report("en")
            diagnosis.card("en")
            str(diagnosis.states[0])
    assert set(EN) - said == set()


def _replaced(tongue, words):
    return dataclasses.replace(tongue, words=words)


def test_the_textbook_states_come_first_and_evidence_beside_them(made):
    report = diagnose(made.record(CLS)).report()
    order = [report.index(EN[key]) for key in ("states", "story", "evidence", "clogged", "unknown")]
    assert order == sorted(order)
    assert "🔴" in report
    assert "🔴" in diagnose(made.record(CLS)).report("ja")


def test_the_hint_never_stands_without_its_miss_rate_and_the_output_test(made):
    for diagnosis in everything(made):
        report = " ".join(diagnosis.report().split())
        assert "8 of 13" in report
        assert "third rule tried" in report
        assert EN["output.name"] in report


def test_plain_text_keeps_within_its_width_with_wide_characters_too(made):
    for diagnosis in everything(made):
        for language in LANGUAGES:
            for line in diagnosis.report(language).splitlines():
                wide = sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in line)
                assert wide <= 101, line
                assert not line.strip().startswith(("。", "、", ")", "）", "」"))  # noqa: RUF001


class Structure(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - the parser's signature
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_html_is_well_formed_says_all_the_text_says_and_holds_no_script(made):
    for diagnosis in everything(made):
        page = Structure()
        page.feed(diagnosis.html("ja"))
        assert page.open == []
        assert not {"script", "img", "style", "link", "iframe"} & set(page.tags)
        flat = "".join("".join(page.text).split())
        for line in diagnosis.report("ja").splitlines():
            assert "".join(line.split()) in flat


def test_what_comes_from_outside_is_escaped(made):
    bad = made.record({}, roles=["pad"])
    diagnosis = diagnose([made.record({}), bad])
    evil = dataclasses.replace(diagnosis, model="<script>alert(1)</script>")
    assert "<script>" not in evil.html()
    assert "&lt;script&gt;" in evil.html()


def test_an_unknown_language_is_refused(made):
    with pytest.raises(ValueError, match="lang is 'de': one of 'en', 'ja'"):
        diagnose(made.record({})).report("de")


def test_shares_are_written_as_the_papers_write_them():
    assert [share(x) for x in (0.478, 1.0, -0.031, -0.001, float("nan"), 0.999)] == [
        ".48",
        "1.00",
        "-.03",
        ".00",
        "-",
        "1.00",
    ]
