"""A second record, and runs under a change: taken, refused, stopped, and never mixed up."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import traitlets as t

from attn_widgets import AttentionExplorer, AttentionRecord, local
from attn_widgets.analysis.counterpart import counterpart, moved, only
from attn_widgets.export import levels
from attn_widgets.export.colors import difference_table
from attn_widgets.interventions import Changes, Drift, Effect, ablate, knock_out
from attn_widgets.masks import per_layer

WORDS = ["[CLS]", "a", "dog", "ran", "[SEP]"]
ROLES = ["cls", "word", "word", "word", "sep"]


def make(words=WORDS, seed=0, layers=3, heads=4, **parts):
    n = len(words)
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(layers, heads, n))
    roles = [{"[CLS]": "cls", "[SEP]": "sep"}.get(word, "word") for word in words]
    return AttentionRecord.from_arrays(weights, words, roles=roles, **parts)


class Fake:
    """A runner that pretends: its run under a change is another random record."""

    def __init__(self):
        self.asked = []
        self.go_on = threading.Event()
        self.go_on.set()

    def run(self, text, pair=None):
        words = ["[CLS]", *text.split(), "[SEP]"]
        return make(words, text=(text,) if pair is None else (text, pair))

    def compare(self, source, mask, *, stop=None):
        self.asked.append(mask)
        self.go_on.wait(10)
        if stop is not None and stop():
            msg = "stopped"
            raise RuntimeError(msg)
        if mask.edits and mask.edits[0] == ablate((1, 1)):
            msg = "the model does not like this"
            raise ValueError(msg)
        after = make([token.text for token in source.tokens], seed=7)
        three = np.array([0.1, 0.2, 0.3])
        return Effect(
            changes=mask,
            before=source,
            after=after,
            drift=Drift(three, 1 - three, three / 2, 1 - three / 2),
            moved=moved(source, counterpart(source, after)),
        )


@pytest.fixture
def view():
    return AttentionExplorer(make(), runner=Fake())


class Sent(list):
    """What widgets send to the browser as messages."""

    def __init__(self):
        super().__init__()
        self.arrived = asyncio.Event()

    def append(self, message):
        super().append(message)
        self.arrived.set()

    async def until(self, count):
        async with asyncio.timeout(10):
            while len(self) < count:
                self.arrived.clear()
                await self.arrived.wait()


@pytest.fixture
def sent(monkeypatch):
    messages = Sent()
    monkeypatch.setattr(
        AttentionExplorer, "send", lambda _self, content, _buffers=None: messages.append(content)
    )
    return messages


def in_a_thread_of_its_own(test):
    """Run a test where no event loop runs: a browser that other tests opened keeps one running."""

    @functools.wraps(test)
    def alone(*args, **kwargs):
        with concurrent.futures.ThreadPoolExecutor(1) as one:
            one.submit(test, *args, **kwargs).result(60)

    return alone


def ask(view, **message):
    view._handle_custom_msg({"id": "x", **message}, [])


def test_a_second_record_is_laid_over_the_first(view):
    other = make(seed=5)
    view.second = other
    assert view.shown == "difference"
    assert view.second is other
    expected = b"".join(levels.picture(layer, 5, 5).tobytes() for layer in other.weights)
    assert view._second_cells == expected
    found = moved(view.record, counterpart(view.record, other))
    np.testing.assert_allclose(view._second["moved"], found)
    view.second = None
    assert (view.shown, view._second, view._second_cells) == ("first", {}, b"")


def test_nothing_but_the_first_can_be_shown_without_a_second(view):
    with pytest.raises(t.TraitError, match="no second record"):
        view.shown = "difference"


def test_another_text_takes_the_second_record_away(view):
    view.second = make(seed=5)
    view.record = make(["[CLS]", "b", "[SEP]"])
    assert view.second is None
    assert view.shown == "first"


@pytest.mark.parametrize("other", [make(layers=2), make(heads=2), make(["[CLS]", "x", "[SEP]"])])
def test_records_that_cannot_be_laid_over_are_refused(view, other):
    with pytest.raises(ValueError, match=r"cannot be laid over|no word in common"):
        view.second = other
    assert view.second is None
    with pytest.raises(ValueError, match=r"cannot be laid over|no word in common"):
        AttentionExplorer.compare(view.record, other, layout="side by side")


def test_two_records_side_by_side_follow_one_selection():
    first, second = make(), make(["[CLS]", "a", "big", "dog", "[SEP]"], seed=3)
    box = AttentionExplorer.compare(first, second, layout="side by side", layer=1)
    left, right = box.children
    right.head = 2
    left.layer = 2
    left.query = 2
    assert (left.head, right.layer) == (2, 2)
    assert right.query == 3
    left.query = 3
    assert right.query is None
    right.query = 1
    assert left.query == 1


def test_comparing_starts_with_the_difference_unless_told_otherwise():
    first, second = make(), make(seed=3)
    assert AttentionExplorer.compare(first, second).shown == "difference"
    assert AttentionExplorer.compare(first, second, shown="second").shown == "second"
    with pytest.raises(ValueError, match="layout='above'"):
        AttentionExplorer.compare(first, second, layout="above")


def test_what_is_run_is_the_mask_on_show_and_the_edits(view):
    view.mask, view.edits = local(1), [ablate((0, 2)), knock_out("sep")]
    assert view.changes == Changes((local(1), ablate((0, 2)), knock_out("sep")))
    view.mask_shown = False
    assert view.changes == Changes((ablate((0, 2)), knock_out("sep")))


def test_a_run_under_a_change_is_shown_as_the_difference(view):
    view.edits = ablate((0, 2))
    effect = view.apply()
    assert view.effect is effect
    assert view.shown == "difference"
    assert view._effect == effect.to_dict()
    assert view._second["kind"] == "rerun"
    assert view._second["name"] == "ablate(heads=[(0, 2)])"


@pytest.mark.parametrize("change", [{"mask": local(2)}, {"edits": ()}, {"edits": ablate((1, 2))}])
def test_an_effect_does_not_outlive_its_change(view, change):
    view.edits = ablate((0, 2))
    view.apply()
    for name, value in change.items():
        setattr(view, name, value)
    assert view.effect is None
    assert (view._effect, view._second, view.shown) == ({}, {}, "first")


def test_the_same_heads_number_and_the_widgets_number_agree(view):
    view.edits = ablate((0, 2))
    effect = view.apply()
    np.testing.assert_allclose(view._second["moved"], effect.moved)


BAD_EDITS = [3, "ablate", [local(1), 4], ablate((3, 0)), ablate((0, 4)), per_layer({9: local(1)})]


@pytest.mark.parametrize("edits", BAD_EDITS)
def test_edits_the_model_has_no_place_for_are_refused(view, edits):
    with pytest.raises(t.TraitError):
        view.edits = edits
    assert view.edits == ()


def test_what_the_browser_sends_as_edits_is_not_believed(view, sent):
    view.set_state({"edits": [{"kind": "ablate", "at": [[9, 0]]}]})
    assert "layers 0 to 2" in sent[-1]["refused"]
    view.set_state({"edits": [{"kind": "eval"}]})
    assert "eval" in sent[-1]["refused"]
    view.set_state({"_effect": {"written": "lies"}, "_second": {"kind": "rerun"}})
    assert (view._effect, view._second, view.edits) == ({}, {}, ())


def test_edits_travel_there_and_back(view):
    view.edits = [knock_out("cls", layers=[1]), ablate(layers=2)]
    state = view.get_state()["edits"]
    other = AttentionExplorer(make(), runner=Fake())
    other.set_state({"edits": state})
    assert other.edits == view.edits


def test_without_a_model_or_a_change_there_is_nothing_to_run(view):
    with pytest.raises(ValueError, match="nothing is changed"):
        view.apply()
    with pytest.raises(ValueError, match="no model to run"):
        AttentionExplorer(make(), edits=ablate((0, 0))).apply()


@in_a_thread_of_its_own
def test_a_request_is_answered_when_the_run_is_done(view, sent):
    view.edits = ablate((0, 2))
    ask(view, ask="apply")
    assert sent == [{"id": "x", "result": "applied"}]
    assert view.effect is not None


@in_a_thread_of_its_own
def test_an_error_of_the_run_is_said_in_full(view, sent):
    view.edits = ablate((1, 1))
    ask(view, ask="apply")
    assert sent == [{"id": "x", "error": "the model does not like this"}]
    assert view.effect is None
    ask(view, ask="row", layer=0, head=0, query=0, of="second")
    assert "no second record" in sent[-1]["error"]


@in_a_thread_of_its_own
def test_a_run_goes_on_beside_the_notebook_and_can_be_stopped(view, sent):
    async def story():
        runner = view._runner
        runner.go_on.clear()
        view.edits = ablate((0, 2))
        ask(view, ask="apply")
        assert sent == []
        ask(view, ask="cancel")
        assert sent[0]["result"] == "cancelled"
        runner.go_on.set()
        await sent.until(2)

    asyncio.run(story())
    assert sent[1] == {"id": "x", "result": "stopped"}
    assert view.effect is None


@in_a_thread_of_its_own
def test_the_answer_to_a_former_change_is_dropped(view, sent):
    async def story():
        runner = view._runner
        runner.go_on.clear()
        view.edits = ablate((0, 2))
        ask(view, ask="apply")
        view.edits = ablate((2, 2))
        ask(view, ask="apply")
        runner.go_on.set()
        await sent.until(2)

    asyncio.run(story())
    assert sorted(message["result"] for message in sent) == ["applied", "stopped"]
    assert view.effect.changes.edits == (ablate((2, 2)),)


def test_a_row_of_the_second_record_comes_in_the_firsts_frame(view, monkeypatch):
    answers = []
    monkeypatch.setattr(
        AttentionExplorer, "send", lambda _self, _content, buffers=None: answers.append(buffers)
    )
    second = make(["[CLS]", "a", "big", "dog", "[SEP]"], seed=3)
    view.second = second
    ask(view, ask="row", layer=1, head=2, query=2, of="second")
    row = np.frombuffer(answers[-1][0], "<f4")
    own = second.weights[1, 2, 3]
    np.testing.assert_allclose(row, [own[0], own[1], own[3], 0, own[4]], rtol=1e-6)


def pixels_of(view, layer, head):
    """The middle pixel of each pair of one head in the still picture of five tokens."""
    picture = view.picture()
    edge = 70
    top, left = 30 + layer * (edge + 9), 30 + head * (edge + 9)
    at = np.arange(5) * 14 + 7
    return picture[top : top + edge, left : left + edge][np.ix_(at, at)]


def test_the_still_picture_shows_what_is_shown(view):
    other = make(seed=5)
    plain = view.picture()
    view.second = other
    difference = difference_table("light")[
        levels.difference(
            levels.picture(view.record[1, 2], 5, 5), levels.picture(other.weights[1, 2], 5, 5)
        )
    ]
    np.testing.assert_array_equal(pixels_of(view, 1, 2), difference)
    view.shown = "second"
    np.testing.assert_array_equal(view.picture(), AttentionExplorer(other).picture())
    view.shown = "first"
    np.testing.assert_array_equal(view.picture(), plain)


def test_a_comparison_starts_at_the_head_that_moved_most():
    first, second = make(), make(seed=3)
    view = AttentionExplorer.compare(first, second)
    found = moved(first, counterpart(first, second))
    assert (view.layer, view.head) == np.unravel_index(found.argmax(), found.shape)
    assert AttentionExplorer.compare(first, second, head=1).layer == 0


def test_hiding_the_mask_takes_its_effect_away_and_hiding_none_takes_nothing(view):
    view.mask, view.edits = local(1), ablate((0, 2))
    view.apply()
    view.mask_shown = False
    assert view.effect is None
    effect = view.apply()
    view.mask = local(2)
    assert view.effect is effect, "a mask that is hidden is not run"


@in_a_thread_of_its_own
def test_a_run_for_a_mask_that_was_hidden_since_is_dropped(view, sent):
    async def story():
        view.mask = local(1)
        view._runner.go_on.clear()
        ask(view, ask="apply")
        view.mask_shown = False
        view._runner.go_on.set()
        await sent.until(1)

    asyncio.run(story())
    assert sent == [{"id": "x", "result": "stopped"}]
    assert view.effect is None


def test_a_record_of_some_heads_shows_those_of_the_run():
    record = make(seed=1)
    part = only(record, (1, 2), (0, 3))
    np.testing.assert_array_equal(part.weights, record.weights[1:, [0, 3]])
    view = AttentionExplorer(part, runner=Whole(), edits=ablate((0, 2)))
    view.apply()
    assert view.second.shape == part.shape
    assert view.second.layers == part.layers


class Whole(Fake):
    """A runner whose runs hold every head, whatever record is shown."""

    def compare(self, source, mask, *, stop=None):
        whole = make([token.text for token in source.tokens], seed=1)
        return super().compare(whole, mask, stop=stop)


def test_the_model_and_not_the_record_says_which_heads_there_are():
    runner = Whole()
    runner.stacks = {"encoder": SimpleNamespace(names=("a", "b", "c"), heads=4)}
    part = only(make(), (1,), (0,))
    view = AttentionExplorer(part, runner=runner, edits=ablate((2, 3)))
    with pytest.raises(t.TraitError, match="layers 0 to 2 and heads 0 to 3"):
        view.edits = ablate((3, 0))


def test_a_second_record_comes_back_when_an_effect_goes(view):
    other = make(seed=5)
    view.second = other
    view.edits = ablate((0, 2))
    view.apply()
    assert view.second is not other
    view.edits = ()
    assert view.second is other
    assert view.shown == "difference"
    view.second = None
    view.edits = ablate((0, 1))
    view.apply()
    view.edits = ()
    assert view.second is None


def test_tokens_without_a_counterpart_do_not_move_the_focus():
    first, second = make(), make(["[CLS]", "a", "big", "dog", "[SEP]"], seed=3)
    view = AttentionExplorer.compare(first, second)
    assert (view.layer, view.head, view.alike) == (0, 0, False)
