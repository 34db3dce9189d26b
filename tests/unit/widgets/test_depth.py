"""Numbers over depth and rollout, as they travel to the browser."""

from __future__ import annotations

import numpy as np
import pytest

from attn_widgets import AttentionExplorer, AttentionRecord
from attn_widgets.analysis import (
    Contributions,
    attention_rollout,
    context_share,
    measure,
    norm_rollout,
    norm_shares,
    special_sum,
)
from attn_widgets.widgets.depth import RolloutRequest, profiles, rollouts

ROLES = ["cls", "word", "word", "sep", "word", "word", "sep"]


def make(layers=3, heads=4, roles=ROLES, kind="encoder", seed=0):
    n = len(roles)
    weights = np.random.default_rng(seed).dirichlet(np.ones(n), size=(layers, heads, n))
    if kind == "decoder":
        weights = np.tril(weights)
        weights /= weights.sum(-1, keepdims=True)
    names = [f"w{i}" for i in range(n)]
    return AttentionRecord.from_arrays(weights.astype(np.float32), names, roles=roles, kind=kind)


def sizes_of(record, seed=5):
    layers, heads, n, _ = record.shape
    draw = np.random.default_rng(seed)
    pairs = draw.random((layers, n, n))
    return Contributions(
        record=record,
        values=draw.random((layers, heads, n)),
        summed=pairs,
        residual=pairs + np.eye(n),
        normed=None,
        mixed=pairs.sum(-1),
        mixed_normed=None,
        absent={"normed": "not measured here"},
        difference=np.zeros(layers),
    )


def strip(told, name="raw"):
    rows = np.frombuffer(told[name], "<f4")
    return rows.reshape(told["layer"] + 2, -1)


def test_tables_are_those_of_measure():
    record = make()
    made = measure(record)
    told = profiles(record)
    assert np.allclose(told["heads"]["entropy"], made.entropy, atol=1e-6)
    for name in ("itself", "previous", "next", "local"):
        assert np.allclose(told["heads"][name], getattr(made.neighbours, name), atol=1e-6)
    assert told["layers"] == {}


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
@pytest.mark.parametrize("roles", [ROLES, ["word"] * 5, ["cls", "word", "word", "pad", "pad"]])
def test_the_even_shares_are_what_an_even_look_would_measure(kind, roles):
    n = len(roles)
    seen = np.array([role != "pad" for role in roles], dtype=float)
    alike = np.broadcast_to(seen, (1, 1, n, n)).copy()
    if kind == "decoder":
        alike = np.tril(alike)
    alike /= alike.sum(-1, keepdims=True)
    record = AttentionRecord.from_arrays(
        alike.astype(np.float32), [f"w{i}" for i in range(n)], roles=roles, kind=kind
    )
    told = profiles(record)
    for name, table in told["heads"].items():
        if name in told["even"]:
            assert table[0][0] == pytest.approx(told["even"][name], abs=1e-5)
        else:
            assert table[0][0] is None


def test_a_cross_record_has_no_neighbours_and_cannot_be_followed():
    weights = np.full((2, 2, 3, 4), 0.25, np.float32)
    record = AttentionRecord.from_arrays(
        weights, list("abc"), key_tokens=list("wxyz"), kind="cross"
    )
    assert list(profiles(record)["heads"]) == ["entropy"]
    assert rollouts(record, RolloutRequest(1, 2)) == {"asked": [1, 2], "absent": "cross"}


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_each_step_down_ends_in_the_rollout(kind):
    record = make(kind=kind)
    whole = attention_rollout(record)
    for layer in record.layers:
        told = rollouts(record, RolloutRequest(layer, 4))
        rows = strip(told)
        assert told["norms"] is None
        assert rows[0].tolist() == [0, 0, 0, 0, 1, 0, 0]
        assert np.allclose(rows.sum(axis=1), 1, atol=1e-6)
        assert np.allclose(rows[-1], whole[layer, 4], atol=1e-6)


def test_norms_are_followed_and_profiled_where_they_are_known():
    record = make()
    sizes = sizes_of(record)
    told = rollouts(record, RolloutRequest(2, None), sizes)
    assert told["query"] == 1
    assert np.allclose(strip(told, "norms")[-1], norm_rollout(sizes)[2, 1], atol=1e-6)
    assert np.allclose(strip(told)[-1], attention_rollout(record)[2, 1], atol=1e-6)
    layers = profiles(record, sizes)["layers"]
    assert np.allclose(layers["special"], special_sum(norm_shares(sizes)), atol=1e-6)
    assert np.allclose(layers["context"], context_share(sizes), atol=1e-6)


def test_padding_comes_from_nowhere_and_is_nobodys_origin():
    record = make(roles=["cls", "word", "sep", "pad"])
    assert strip(rollouts(record, RolloutRequest(1, 1)))[:, 3].tolist() == [0, 0, 0]
    assert strip(rollouts(record, RolloutRequest(1, 3))).sum() == 0


def test_missing_layers_and_parts_of_a_text_are_told_apart():
    record = make(layers=2)
    gap = AttentionRecord(tokens=record.tokens, weights=record.weights, layers=(0, 2))
    assert rollouts(gap, RolloutRequest(2, 0))["absent"] == "gap"
    last = make(kind="decoder")
    part = AttentionRecord(
        tokens=last.tokens[-2:],
        key_tokens=last.tokens,
        weights=last.weights[:, :, -2:],
        kind="decoder",
    )
    assert rollouts(part, RolloutRequest(1, 0))["absent"] == "part"


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(
        AttentionExplorer,
        "send",
        lambda _self, content, buffers=None: messages.append((content, buffers)),
    )
    return messages


def ask(view, sent, **question):
    view._handle_custom_msg({"id": "1", **question}, [])
    return sent[-1][0]


def test_nothing_is_measured_before_it_is_asked_for_and_answers_are_kept(sent):
    view = AttentionExplorer(make(), view="layers", rollout=True)
    assert (view._depth, view._rollout) == ({}, {})
    assert ask(view, sent, ask="depth") == {"id": "1", "result": "told"}
    assert ask(view, sent, ask="rollout", layer=2, query=3) == {"id": "1", "result": "told"}
    assert view._depth == profiles(view.record)
    assert view._rollout["asked"] == [2, 3]
    view.set_state({"_depth": {}, "_rollout": {}})
    assert view._depth
    assert view._rollout
    view.record = make(seed=3)
    assert (view._depth, view._rollout) == ({}, {})


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"layer": 7, "query": 0}, "no layer 7"),
        ({"layer": 0, "query": 70}, "no query 70"),
        ({"layer": 0, "query": 0.5}, "query as a position"),
        ({"query": 0}, "layer as an integer"),
    ],
)
def test_a_question_that_does_not_hold_is_answered_by_why(sent, question, why):
    view = AttentionExplorer(make())
    assert why in ask(view, sent, ask="rollout", **question)["error"]
    assert view._rollout == {}


class Weighs:
    """A runner that knows the sizes of a record's own run."""

    def __init__(self, record):
        self.record = record

    def run(self, _text, _pair=None):
        return self.record

    def contributions(self, _text, _pair=None, *, stack=None, mask=None):
        assert (stack, mask) == ("encoder", None)
        return sizes_of(self.record)


def test_once_norms_are_shown_they_are_told_and_forgotten_with_their_record(sent):
    plain = make()
    record = AttentionRecord(tokens=plain.tokens, weights=plain.weights, text="a text")
    view = AttentionExplorer(record, runner=Weighs(record))
    ask(view, sent, ask="depth")
    assert view._depth["layers"] == {}
    view.show_norms()
    assert view._depth == {}
    ask(view, sent, ask="depth")
    ask(view, sent, ask="rollout", layer=1, query=1)
    assert set(view._depth["layers"]) == {"special", "context"}
    assert view._rollout["norms"] is not None
    view.record = make(seed=2)
    ask(view, sent, ask="rollout", layer=1, query=1)
    assert view._rollout["norms"] is None


def test_a_saved_page_holds_all_layers_and_the_picked_tokens_rollout(tmp_path):
    view = AttentionExplorer(make(), layer=2, query=4)
    view.save_html(tmp_path / "page.html")
    assert view._depth == profiles(view.record)
    assert view._rollout["asked"] == [2, 4]
