"""Remedies: what is proposed for which finding, why, and code that runs."""

from __future__ import annotations

import dataclasses
import string

import pytest

from attn_widgets.models.diagnosing import Diagnosing
from attn_widgets.models.using.layers import LayerChange
from attn_widgets.models.using.remedies import remedy
from attn_widgets.models.using.remedies_words import CODE, TITLES, WHY
from attn_widgets.models.using.sentences import WATCHED

TEXTS = [
    *WATCHED[:-1],
    "Where do you live these days, and does the house have a garden?",
]


@pytest.fixture(scope="module")
def healthy(demo):
    return Diagnosing.diagnose(demo, TEXTS, reference=0.1, progress=False, probes=0)


@pytest.fixture(scope="module")
def seen(healthy):
    """The same diagnosis with another outcome of the rule and of the output test."""

    def change(*, warns, similarity=0.1, reference=0.1, layers=(3, 4), quadrants=None):
        hint = dataclasses.replace(
            healthy.hint,
            warns=warns,
            layers=layers if warns else (),
            quadrants=quadrants or healthy.hint.quadrants,
        )
        output = dataclasses.replace(healthy.output, similarity=similarity, reference=reference)
        return dataclasses.replace(healthy, hint=hint, output=output)

    return change


def test_a_healthy_model_is_left_alone(healthy):
    assert remedy(healthy).names == ("nothing",)
    assert remedy(healthy).code == ""


def test_a_clogged_and_collapsed_model_is_trained_again_more_slowly_before_all(seen):
    cure = remedy(seen(warns=True, similarity=0.97))
    assert cure.names == ("slower", "freeze", "reinitialize")
    assert "layers 3, 4 are clogged" in cure.report()
    assert "層 3, 4 が詰まっています" in cure.report("ja")


def test_a_collapse_that_attention_does_not_show_points_at_the_objective(seen):
    cure = remedy(seen(warns=False, similarity=0.98))
    assert cure.names == ("slower", "objective", "freeze")
    assert "cosine 0.98, before 0.10" in cure.report()


def test_what_is_not_known_is_measured_first(healthy, seen):
    assert remedy(seen(warns=None)).names == ("measure",)
    assert remedy(seen(warns=False, reference=None)).names == ("reference",)
    assert remedy(seen(warns=True, reference=None)).names[0] == "reference"
    assert remedy(dataclasses.replace(healthy, output=None)).names == ("reference",)


def test_a_model_that_does_not_mix_needs_weights(seen):
    cure = remedy(seen(warns=False, quadrants=("not mixing",) * 6))
    assert cure.names == ("untrained",)


def test_a_live_model_under_a_strong_bias_gets_a_remedy(demo):
    from attn_widgets.interventions import bias  # noqa: PLC0415 - for this test alone

    with demo.editing(edits=bias("cls", by=6.0)):
        ill = Diagnosing.diagnose(demo, TEXTS, reference=0.1, progress=False, probes=0)
    assert remedy(ill).names[0] == "slower"


def test_the_code_runs_and_can_be_taken_back(seen, tiny):
    cure = remedy(seen(warns=True, similarity=0.97))
    for proposal, action in zip(cure.proposals[1:], ("frozen", "reinitialized"), strict=True):
        room = {"model": tiny(num_hidden_layers=6)}
        exec(proposal.code, room)  # noqa: S102 - the code that is offered to be run
        assert isinstance(room["change"], LayerChange)
        assert room["change"].action == action
    compile(cure.code, "remedy", "exec")


def test_both_languages_say_everything_with_the_same_places():
    assert set(TITLES["en"]) == set(TITLES["ja"]) == set(WHY["en"]) == set(WHY["ja"])
    assert set(CODE) < set(TITLES["en"])

    def places(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert all(places(WHY["en"][name]) == places(WHY["ja"][name]) for name in WHY["en"])


def test_html_is_a_list_with_code(seen):
    html = remedy(seen(warns=True))._repr_html_()
    assert html.startswith("<ol><li><b>Train again, more slowly</b>")
    assert "<pre>from attn_widgets.models import freeze_layers" in html
