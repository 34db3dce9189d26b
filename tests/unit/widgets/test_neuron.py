"""How one score comes about: the parts that travel to the browser give the recorded weight."""

from __future__ import annotations

import json

import numpy as np
import pytest

from attn_widgets import AttentionExplorer, AttentionRecord
from attn_widgets.record import Provenance, Token, TokenRole
from attn_widgets.samples import load
from attn_widgets.widgets.neuron import ScoreRequest, score

DIM = 4


def make(seed=0, layers=2, heads=4, groups=2, n=5, **parts):
    """Work a record out of drawn queries and keys."""
    draw = np.random.default_rng(seed)
    q = draw.normal(size=(layers, heads, n, DIM)).astype(np.float32)
    k = draw.normal(size=(layers, heads // groups, n, DIM)).astype(np.float32)
    scaling = np.full(layers, 0.5, np.float32)
    scores = np.einsum("lhid,lhjd->lhij", q, k.repeat(groups, axis=1)) * 0.5
    if parts.get("softcap") is not None:
        cap = parts["softcap"][0]
        scores = cap * np.tanh(scores / cap)
    if parts.get("bias") is not None:
        scores = scores + parts["bias"]
    powers = np.exp(scores)
    weights = (powers / powers.sum(-1, keepdims=True)).astype(np.float32)
    roles = [TokenRole.CLS, *[TokenRole.WORD] * (n - 1)]
    given = {"tokens": [Token(f"w{i}", f"w{i}", role=role) for i, role in enumerate(roles)]}
    return AttentionRecord(
        **(given | {"weights": weights, "q": q, "k": k, "scaling": scaling, "kv_groups": groups})
        | parts
    )


def floats(told, name):
    return np.frombuffer(told[name], "<f4").astype(np.float64)


def weight_of(told):
    scores = floats(told, "dots") * told["scaling"]
    if told["softcap"] is not None:
        scores = told["softcap"] * np.tanh(scores / told["softcap"])
    if told["bias"] is not None:
        scores = scores + floats(told, "bias")
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def drawn_bias(heads):
    return np.random.default_rng(9).normal(size=(2, heads, 5, 5)).astype(np.float32)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"groups": 1},
        {"groups": 4},
        {"softcap": np.full(2, 1.5, np.float32)},
        {"bias": drawn_bias(1)},
        {"bias": drawn_bias(4), "softcap": np.full(2, 2.0, np.float32)},
    ],
    ids=["grouped keys", "keys of their own", "one key head", "cap", "shared bias", "cap and bias"],
)
def test_the_parts_of_every_pair_give_its_recorded_weight(parts):
    record = make(**parts)
    for layer in record.layers:
        for head in record.heads:
            told = score(record, ScoreRequest(layer, head, 3, 1))
            assert np.allclose(weight_of(told), record[layer, head][3], atol=1e-6)
            assert np.isclose(floats(told, "q") @ floats(told, "k"), floats(told, "dots")[1])
            assert np.array_equal(floats(told, "weights"), record[layer, head][3])


def test_the_recorded_sample_is_explained_to_within_its_number_format():
    record = load("sentence")
    for layer in record.layers:
        for head in record.heads:
            for query in range(len(record.tokens)):
                told = score(record, ScoreRequest(layer, head, query, 0))
                assert np.abs(weight_of(told) - record[layer, head][query]).max() < 1e-3


def test_heads_of_a_part_of_the_model_find_their_own_keys():
    whole = make()
    part = AttentionRecord(
        tokens=whole.tokens,
        weights=whole.weights[1:, 2:],
        layers=(1,),
        heads=(2, 3),
        q=whole.q[1:, 2:],
        k=whole.k[1:],
        scaling=whole.scaling[1:],
        kv_groups=2,
    )
    request = ScoreRequest(1, 3, 2, 4)
    assert score(part, request) == score(whole, request)


def test_without_a_pair_it_is_the_first_words_and_its_strongest_key():
    record = make()
    told = score(record, ScoreRequest(0, 1, None, None))
    assert told["asked"] == [0, 1, None, None]
    assert (told["query"], told["key"]) == (1, int(record[0, 1][1].argmax()))


@pytest.mark.parametrize(
    ("source", "text", "line"),
    [
        (
            Provenance(model="all-MiniLM-L6-v2"),
            ("a dog", 'so "it" ran'),
            'view.record = ModelRunner.from_pretrained("demo").run("a dog", "so \\"it\\" ran")',
        ),
        (
            Provenance(model="my/model"),
            ("犬",),
            'view.record = ModelRunner.from_pretrained("my/model").run("犬")',
        ),
        (Provenance(), (), "view.record = ModelRunner.from_pretrained(model).run(text)"),
        (
            Provenance(model="m"),
            ("long " * 99,),
            'view.record = ModelRunner.from_pretrained("m").run(text)',
        ),
        (Provenance(note="q and k are left out: their size differs between layers"), (), ""),
        (Provenance(implementation="eager, its own output_attentions"), (), ""),
    ],
)
def test_a_record_of_weights_alone_names_the_line_that_gives_the_rest(source, text, line):
    record = make(q=None, k=None, provenance=source, text=text)
    told = score(record, ScoreRequest(0, 0, 1, 2))
    assert told == {"asked": [0, 0, 1, 2], "absent": line}


def test_a_head_whose_keys_are_not_held_is_told_to_have_none():
    record = make()
    lacking = make(k=record.k[:, :1])
    assert "dots" in score(lacking, ScoreRequest(0, 1, 1, 1))
    assert "absent" in score(lacking, ScoreRequest(0, 2, 1, 1))


def ask(view, sent, **question):
    view._handle_custom_msg({"id": "1", **question}, [])
    return sent[-1]


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(
        AttentionExplorer,
        "send",
        lambda _self, content, buffers=None: messages.append((content, buffers)),
    )
    return messages


def test_the_answer_is_kept_in_a_trait_until_another_record_is_shown(sent):
    view = AttentionExplorer(make())
    assert view._score == {}
    answer, _ = ask(view, sent, ask="score", layer=1, head=2, query=0, key=4)
    assert answer == {"id": "1", "result": "told"}
    assert view._score["asked"] == [1, 2, 0, 4]
    assert view.get_state()["_score"]["asked"] == [1, 2, 0, 4]
    view.set_state({"_score": {"asked": "anything"}})
    assert view._score["asked"] == [1, 2, 0, 4]
    view.record = make(seed=1)
    assert view._score == {}


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"layer": 9, "head": 0}, "no layer 9"),
        ({"layer": 0, "head": 0, "query": 9}, "no query 9"),
        ({"layer": 0, "head": 0, "query": -1}, "no query -1"),
        ({"layer": 0, "head": 0, "key": 9}, "no key 9"),
        ({"layer": 0, "head": 0, "query": "0"}, "query as a position"),
        ({"layer": 0, "head": 0, "key": True}, "key as a position"),
        ({"layer": "0", "head": 0}, "layer as an integer"),
    ],
)
def test_a_question_that_does_not_hold_is_answered_by_why(sent, question, why):
    view = AttentionExplorer(make())
    answer, _ = ask(view, sent, ask="score", **question)
    assert why in answer["error"]
    assert view._score == {}


def test_a_saved_page_holds_the_pair_that_is_picked(tmp_path):
    view = AttentionExplorer(make(), view="neuron", layer=1, head=3, query=2, key=1)
    view.save_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    start = page.index('id="state">') + len('id="state">')
    state = json.loads(page[start : page.index("</script>", start)])
    assert state["_score"]["asked"] == [1, 3, 2, 1]
    assert list(state["_score"]["dots"]) == ["$bytes"]
