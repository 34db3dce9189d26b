"""Remedies: what is proposed for which finding, why, and code that runs."""

from __future__ import annotations

import dataclasses
import re
import string

import pytest

from attn_widgets.models import ModelRunner
from attn_widgets.models.diagnosing import Diagnosing
from attn_widgets.models.using.layers import LayerChange
from attn_widgets.models.using.remedies import remedy
from attn_widgets.models.using.remedies_words import BEYOND, CODE, COMMENTS, TITLES, WHY
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

    def change(
        *,
        warns,
        similarity=0.1,
        reference=0.1,
        layers=(3, 4),
        quadrants=None,
        silent=(),
        missing="",
    ):
        hint = dataclasses.replace(
            healthy.hint,
            warns=warns,
            silent=silent,
            layers=layers if warns else (),
            quadrants=quadrants or healthy.hint.quadrants,
        )
        output = dataclasses.replace(healthy.output, similarity=similarity, reference=reference)
        return dataclasses.replace(healthy, hint=hint, output=output, missing=missing)

    return change


def test_a_healthy_model_is_left_alone(healthy):
    assert remedy(healthy).names == ("nothing",)
    assert remedy(healthy).code == ""


def test_a_clogged_and_collapsed_model_is_trained_again_more_slowly_before_all(seen):
    cure = remedy(seen(warns=True, similarity=0.97))
    assert cure.names == ("slower", "freeze", "reinitialize")
    assert "layers 3, 4 are clogged" in cure.report()
    assert "層 3、4 が詰まっています" in cure.report("ja")


def test_a_collapse_that_attention_does_not_show_points_at_the_objective(seen):
    cure = remedy(seen(warns=False, similarity=0.98))
    assert cure.names == ("slower", "objective", "freeze")
    assert "cosine 0.98, before 0.10" in cure.report()


def test_what_is_not_known_is_measured_first(healthy, seen):
    for reason in ("few_texts", "no_messages", "profile"):
        assert remedy(seen(warns=None, silent=(reason,))).names == ("measure",)
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


@pytest.mark.parametrize(
    ("silent", "missing"),
    [(("decoder", "other_norm"), "pre-LN"), (("other_norm",), "pre-LN"), (("no_messages",), "no")],
)
def test_where_the_rule_is_not_made_for_the_model_the_output_test_decides(seen, silent, missing):
    """As for GPT-2 and ModernBERT, of which more texts would say no more."""
    well = remedy(seen(warns=None, silent=silent, missing=missing))
    assert well.names == ("nothing",)
    assert "not made for this model" in well.report("en")
    assert "cosine 0.10, before 0.10" in well.report("en")
    assert "このモデルには使えません" in well.report("ja")
    unknown = remedy(seen(warns=None, silent=silent, missing=missing, reference=None))
    assert unknown.names == ("reference",)
    ill = remedy(seen(warns=None, silent=silent, missing=missing, similarity=0.98))
    assert ill.names[0] == "slower"
    idle = seen(warns=None, silent=silent, missing=missing, quadrants=("not mixing",) * 6)
    assert remedy(idle).names == ("nothing",)


def test_a_decoder_that_stands_well_is_left_alone(tiny, byte_tokenizer):
    runner = ModelRunner.from_pretrained(tiny("gpt2", max_position_embeddings=128), byte_tokenizer)
    made = runner.diagnose(TEXTS, reference=0.999, probes=0, progress=False)
    assert "decoder" in made.hint.silent
    assert remedy(made).names == ("nothing",)


def run(code, demo):
    """Run what is offered to be run, where there is a runner and nothing else."""
    room = {"runner": demo, "__name__": "a notebook"}
    exec(code, room)  # noqa: S102 - the code that is offered to be run
    return room


@pytest.mark.parametrize("name", CODE)
def test_the_code_of_every_proposal_runs_as_it_is_printed(seen, demo, name):
    chosen = {
        "measure": seen(warns=None, silent=("few_texts",)),
        "reference": seen(warns=False, reference=None),
    }.get(name, seen(warns=True, similarity=0.97))
    cure = remedy(chosen)
    (proposal,) = [one for one in cure.proposals if one.name == name]
    room = run(proposal.code, demo)
    made = {"slower": "optimizer", "freeze": "change", "reinitialize": "change"}.get(name, "before")
    assert made in room
    if made == "change":
        assert isinstance(room["change"], LayerChange)
        room["change"].undo()


def test_several_proposals_are_called_alternatives_to_each_other(seen):
    cure = remedy(seen(warns=True, similarity=0.97))
    assert cure.code.startswith("# Alternatives, in the order to try them: one at a time")
    assert "\n# 2. Freeze lower layers\n" in cure.code
    compile(cure.code, "remedy", "exec")
    assert cure.report("en").startswith("Alternatives")
    assert "上から一つずつ" in cure.html("ja")
    alone = remedy(seen(warns=None, silent=("few_texts",)))
    assert "lternative" not in alone.report("en") + alone.code + alone.html("en")


def test_code_has_its_comments_in_the_language_of_the_report(seen, demo):
    cure = remedy(seen(warns=True, reference=None))
    assert set(COMMENTS["en"]) == set(COMMENTS["ja"])
    for said in (cure.report("ja"), cure.html("ja"), *(one.python("ja") for one in cure.proposals)):
        comments = [line for line in said.splitlines() if "# " in line]
        assert comments
        assert all(re.search("[ぁ-んァ-ヶ一-龠]", line) for line in comments)
    assert "異なる文を 12 文以上" in cure.report("ja")
    assert "12 different texts or more" in cure.report("en")
    for one in cure.proposals:
        run(one.python("ja"), demo)


def test_both_languages_say_everything_with_the_same_places():
    assert set(TITLES["en"]) == set(TITLES["ja"]) == set(WHY["en"]) == set(WHY["ja"])
    assert set(CODE) < set(TITLES["en"])

    def places(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for words in (WHY, BEYOND):
        assert all(places(words["en"][name]) == places(words["ja"][name]) for name in words["en"])


def test_html_is_a_list_with_code(seen):
    html = remedy(seen(warns=True))._repr_html_()
    assert html.startswith('<div lang="en"><p>Alternatives')
    assert "<ol><li><b>Train again, more slowly</b>" in html
    assert "\nfrom attn_widgets.models import freeze_layers" in html
