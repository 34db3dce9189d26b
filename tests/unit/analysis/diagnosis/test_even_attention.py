"""What a diagnosis says of attention that chooses nothing, and of texts too short to tell."""

from __future__ import annotations

import pathlib
import re

import numpy as np
import pytest

from attn_widgets.analysis import ClassRule, find_sinks, measure, neighbour_shares
from attn_widgets.analysis.diagnosis import Thresholds, diagnose
from attn_widgets.analysis.diagnosis.language import TONGUES
from attn_widgets.record import AttentionRecord

ROLES = {
    "marked": lambda n: ["cls", *["word"] * (n - 2), "sep"],
    "bare": lambda n: ["word"] * n,
    "led": lambda n: ["bos", *["word"] * (n - 1)],
}
PANEL = pathlib.Path(__file__).parents[4] / "js" / "src" / "text"


def even(made, n, kind="encoder", roles="marked", noise=0.0):
    rng = np.random.default_rng(n)
    weights = np.exp(noise * rng.normal(size=(made.layers, 2, n, n)))
    if kind == "decoder":
        weights *= np.tri(n)
    weights /= weights.sum(axis=-1, keepdims=True)
    tokens = made.tokens(roles=ROLES[roles](n))
    return AttentionRecord(tokens=tokens, weights=weights.astype(np.float32), kind=kind)


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("lines", [Thresholds(), Thresholds(tokens=1)], ids=["short", "long"])
@pytest.mark.parametrize("noise", [0.0, 0.2])
@pytest.mark.parametrize("roles", ROLES)
@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_even_attention_shows_nothing_of_the_textbook_at_any_length(
    made, kind, roles, noise, lines
):
    for n in range(3, 31):
        whole = diagnose(even(made, n, kind, roles, noise), thresholds=lines)
        found = [one.name for one in (*whole.states, *whole.story) if one.found]
        assert (n, found) == (n, [])
        assert "of all heads give that position" not in flat(whole.report("en"))


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_even_attention_of_a_corpus_shows_no_diagonal(made, kind):
    for n in (3, 4, 6, 8, 14):
        corpus = diagnose(made.profiled([even(made, n, kind)]))
        assert corpus.finding("near").found is False
        alone = diagnose(even(made, n, kind)).numbers
        assert float(corpus.numbers.local_even) == pytest.approx(float(alone.local_even), abs=0.1)
    assert diagnose(made.profiled([made.record("near", n=8)])).finding("near").found is True


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
@pytest.mark.parametrize("n", [2, 3, 8, 30])
def test_the_even_figures_are_what_even_attention_gives(made, n, kind):
    roles = "marked" if n > 2 else "led"
    record = even(made, n, kind, roles)
    near, sinks = neighbour_shares(record), find_sinks(record)
    assert np.allclose(near.local, near.uniform, atol=1e-6)
    assert np.allclose(sinks.alpha, sinks.even, atol=1e-6)


def test_the_class_of_a_head_is_diagonal_only_clearly_beyond_even(made):
    record = even(made, 5, "decoder", "bare")
    assert "diagonal" not in set(measure(record).classes().ravel())
    assert set(measure(record).classes(ClassRule(beyond=0)).ravel()) == {"diagonal"}
    assert set(measure(made.record("near", n=5)).classes().ravel()) == {"diagonal"}
    assert "(evenly: .71)" in flat(diagnose(record).report("en"))


def test_where_even_attention_would_sink_no_sink_is_counted(made):
    short = diagnose(even(made, 6, "decoder", "bare"))
    assert not short.numbers.has("sink_heads")
    said = flat(short.report("en"))
    assert "Too short a text for this measure" in said
    assert "Normal in a decoder" not in said
    assert "文が短すぎます" in "".join(short.report("ja").split())
    long = diagnose(made.record(0, n=20, kind="decoder", roles=["bos", *["word"] * 19]))
    assert "evenly spread attention would give it .18" in flat(long.report("en"))


def test_cls_that_begins_a_decoder_is_not_judged_by_what_it_looks_at(made):
    first = diagnose(made.record({1: 0}, kind="decoder"))
    reading = first.finding("reading")
    assert (reading.found, reading.why_not) == (None, "first_cls")
    assert "sees only itself" in flat(first.report("en"))
    assert "自分しか見られません" in "".join(first.report("ja").split())
    roles = [*["word"] * 13, "cls"]
    last = diagnose(made.record({}, kind="decoder", roles=roles)).numbers
    assert float(last.cls_to_content_even) == pytest.approx(13 / 14)
    corpus = diagnose(made.profiled([made.record({1: 0}, kind="decoder")]))
    assert corpus.finding("reading").why_not == "first_cls"


def test_the_excess_is_said_to_be_a_share_of_the_way(made):
    whole = diagnose(made.record(0))
    numbers = whole.numbers
    share, level = (float(one.mean()) for one in (numbers.special, numbers.special_even))
    excess = (share - level) / (1 - level)
    said = f"That is {excess:.2f} of the way from even to everything".replace("0.", ".")
    assert said in flat(whole.report("en"))
    assert "道のりの" in whole.report("ja")
    assert "beyond its even share" not in whole.report("en")
    less = even(made, 14).weights.copy()
    less[..., [0, -1]] /= 2
    less /= less.sum(axis=-1, keepdims=True)
    told = diagnose(AttentionRecord(tokens=made.tokens(14), weights=less)).report("en")
    assert "less than the .14" in flat(told)


def test_no_state_counts_as_seen_where_every_text_is_short(made):
    one = diagnose(made.record(0, n=3))
    told = [(state.found, state.why_not) for state in one.states]
    assert told == [(None, "short"), (False, None), (None, "short")]
    assert one.card()["headline"].startswith("Of the textbook's 3 states, seen here: 0;")
    states = [state["state"] for state in one.card()["states"]]
    assert states == ["cannot judge", "not found", "cannot judge"]
    assert all(state.measured and state.places for state in one.states)
    assert "But the text is short" in str(one.states[1])
    for step in one.story:
        assert "But the text is short" in str(step)
    two = diagnose([made.record(0, n=5), made.record(0, n=6)])
    assert all("But all 2 texts are short" in str(step) for step in two.story)
    mixed = diagnose([made.record({1: 0, 2: 0}, n=5), made.record({1: 0, 2: 0}, n=30)])
    assert "But 1 of 2 texts are short" in str(mixed.finding("lower_cls"))


def test_a_card_names_the_buttons_beside_it_and_no_python(made):
    for language, tongue in TONGUES.items():
        card = diagnose(made.record({1: 0})).card(language)
        said = [one["text"] for one in (*card["evidence"], *card["hint"]["items"])]
        assert not [one for one in said if re.search(r"runner\.|contributions|\(text", one)]
        words = (PANEL / f"special.{language}.ts").read_text()
        button = re.search(r'weigh: "(.+?)"', words)[1]
        assert any(button in one for one in said)
        what_if = tongue.words["change.none.card"]
        assert re.search("“What if…[?]”|「もしも…？」", what_if)  # noqa: RUF001 - Japanese
    assert "runner.contributions(text)" in flat(diagnose(made.record({1: 0})).report("en"))


def test_reasons_in_japanese_are_sentences_of_their_own(made):
    report = "".join(diagnose(made.record({1: 0})).report("ja").split())
    assert "文しかありません。流れを" in report
    assert "ません、" not in report


def test_the_report_and_the_panel_call_things_alike_in_japanese():
    panel = (PANEL / "special.ja.ts").read_text()
    words = TONGUES["ja"].words
    assert "教科書の見方" in words["states"]
    assert "根拠" in words["evidence"]
    assert "教科書の見方" in panel
    assert f'cardEvidence: "{words["evidence"]}"' in panel
