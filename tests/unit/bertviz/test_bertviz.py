"""The bridge to BertViz, against BertViz itself."""

from __future__ import annotations

import html
import json
import re
import sys

import bertviz
import numpy as np
import pytest
import torch

from attn_widgets import (
    AttentionRecord,
    AttentionRecords,
    Token,
    attention_record,
    from_bertviz,
    samples,
    to_bertviz,
)

VIEWS = ("head", "model", "neuron")


def softmaxed(*shape, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), size=shape[:-1])


def record(layers=3, heads=4, n=5, *, vectors=False, **parts):
    made = {}
    if vectors:
        rng = np.random.default_rng(1)
        made["q"] = rng.normal(size=(layers, heads, n, 8)).astype(np.float32)
        made["k"] = rng.normal(size=(layers, heads // 2, n, 8)).astype(np.float32)
        made["kv_groups"] = 2
    base = AttentionRecord.from_arrays(
        softmaxed(layers, heads, n, n), [f"t{i}" for i in range(n)], **parts
    )
    if not made:
        return base
    return AttentionRecord(tokens=base.tokens, weights=base.weights, **made)


def told(text):
    """What BertViz's script was given, in a page of its own or of ours."""
    _, _, params = text.rpartition(
        "const params = " if "const params = {" in text else "window.bertviz_params = "
    )
    return json.JSONDecoder().raw_decode(params)[0]


def drawn(page):
    return told(page.html)


def test_head_view_draws_the_record_s_own_numbers():
    own = record()
    params = drawn(to_bertviz(own))
    np.testing.assert_allclose(params["attention"][0]["attn"], own.weights, atol=1e-7)
    assert params["attention"][0]["left_text"] == [token.display for token in own.tokens]


def test_it_is_what_bertviz_draws_of_the_same_tensors():
    own = record()
    tensors = [torch.tensor(layer[None]) for layer in own.weights]
    tokens = [token.display for token in own.tokens]
    plain = bertviz.head_view(tensors, tokens, html_action="return").data
    ours = drawn(to_bertviz(own))
    theirs = told(plain)
    for params in (ours, theirs):
        del params["root_div_id"]
    assert ours == theirs


def test_a_pair_has_bertviz_s_filters():
    params = drawn(to_bertviz(samples.load("pair"), "model"))
    assert [part["name"] for part in params["attention"]] == [
        "All",
        "Sentence A -> Sentence A",
        "Sentence B -> Sentence B",
        "Sentence A -> Sentence B",
        "Sentence B -> Sentence A",
    ]


def test_layers_keep_their_own_numbers():
    own = record(layers=2)
    part = AttentionRecord(tokens=own.tokens, weights=own.weights, layers=[3, 7])
    params = drawn(to_bertviz(part, layer=7, heads=[2]))
    assert (params["include_layers"], params["layer"], params["heads"]) == ([3, 7], 7, [2])
    np.testing.assert_allclose(params["attention"][0]["attn"], own.weights, atol=1e-7)


def test_the_neuron_view_draws_the_queries_and_keys_that_were_recorded():
    own = record(vectors=True)
    params = drawn(to_bertviz(own, "neuron", layer=2, heads=[1]))
    given = params["attention"]["all"]
    np.testing.assert_allclose(given["queries"], own.q, atol=1e-7)
    np.testing.assert_allclose(given["keys"], np.repeat(own.k, 2, axis=1), atol=1e-7)
    assert (params["layer"], params["head"], params["bidirectional"]) == (2, 1, True)


def test_bertviz_s_own_function_is_put_back():
    from bertviz import neuron_view  # noqa: PLC0415 - its module, not the function

    before = neuron_view.get_attention
    to_bertviz(record(vectors=True), "neuron")
    assert neuron_view.get_attention is before


def encoder_decoder(layers=(2, 2), heads=(4, 4)):
    enc, dec = layers
    below = np.tril(np.ones((3, 3))) / np.arange(1, 4)[:, None]
    return attention_record(
        encoder_attention=[torch.tensor(softmaxed(1, heads[0], 5, 5)) for _ in range(enc)],
        decoder_attention=[
            torch.tensor(np.broadcast_to(below, (1, heads[1], 3, 3)).copy()) for _ in range(dec)
        ],
        cross_attention=[torch.tensor(softmaxed(1, heads[1], 3, 5)) for _ in range(dec)],
        encoder_tokens=list("abcde"),
        decoder_tokens=list("xyz"),
    )


@pytest.mark.parametrize("view", ["head", "model"])
def test_a_record_without_the_first_layer_is_drawn_in_both_views(view):
    own = record(layers=2)
    part = AttentionRecord(tokens=own.tokens, weights=own.weights, layers=[2, 5])
    params = drawn(to_bertviz(part, view))
    assert params["include_layers"] == [2, 5]
    np.testing.assert_allclose(params["attention"][0]["attn"], own.weights, atol=1e-7)


def test_how_bertviz_would_draw_is_taken_with_the_rest():
    own = record()
    tensors = [torch.tensor(layer[None]) for layer in own.weights]
    call = {"html_action": "return", "layer": 1, "heads": [0], "prettify_tokens": False}
    back = from_bertviz(tensors, [token.text for token in own.tokens], **call)
    np.testing.assert_array_equal(back.weights, own.weights)


def test_an_encoder_decoder_is_drawn_whole_and_cross_attention_alone():
    records = encoder_decoder()
    assert isinstance(records, AttentionRecords)
    params = drawn(to_bertviz(records))
    assert [part["name"] for part in params["attention"]] == ["Encoder", "Decoder", "Cross"]
    alone = drawn(to_bertviz(records.cross))["attention"]
    assert (alone[0]["left_text"], alone[0]["right_text"]) == (list("xyz"), list("abcde"))


@pytest.mark.parametrize("view", VIEWS)
def test_no_page_asks_anything_of_a_network(view):
    page = to_bertviz(record(vectors=True), view).html
    assert not re.findall(r'(?:src|href)="http', page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("token", ["</script><script>alert(1)</script>", "<!--", "<b>"])
def test_a_token_can_end_no_script(view, token):
    own = record(vectors=True)
    tokens = (Token(token, token), *own.tokens[1:])
    hostile = AttentionRecord(
        tokens=tokens, weights=own.weights, q=own.q, k=own.k, kv_groups=own.kv_groups
    )
    page = to_bertviz(hostile, view)
    assert token not in page.html
    given = drawn(page)["attention"]
    given = given["all"] if view == "neuron" else given[0]
    assert given["left_text"][0] == token


def test_a_page_shows_itself_in_a_closed_frame(tmp_path):
    page = to_bertviz(record())
    frame = page._repr_html_()
    assert 'sandbox="allow-scripts"' in frame
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]) == page.html
    page.save_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page.html


def test_bertviz_s_arguments_come_back_as_they_went():
    own = samples.load("pair")
    tensors = [torch.tensor(layer[None].astype(np.float32)) for layer in own.weights]
    tokens = [token.display for token in own.tokens]
    start = next(i for i, token in enumerate(own.tokens) if token.segment == 1)
    back = from_bertviz(tensors, tokens, start)
    np.testing.assert_array_equal(back.weights, own.weights.astype(back.weights.dtype))
    assert [token.segment for token in back.tokens] == [0] * start + [1] * (len(tokens) - start)


REFUSED = {
    "an unknown view": (lambda: to_bertviz(record(), "text"), ValueError, "'neuron'"),
    "an unknown theme": (lambda: to_bertviz(record(), theme="pink"), ValueError, "'dark'"),
    "no record": (lambda: to_bertviz([1]), TypeError, "AttentionRecord"),
    "another layer": (lambda: to_bertviz(record(), layer=9), IndexError, "9"),
    "another head": (lambda: to_bertviz(record(), heads=[9]), IndexError, "9"),
    "no vectors": (lambda: to_bertviz(record(), "neuron"), ValueError, "queries and keys"),
    "cross neurons": (lambda: to_bertviz(encoder_decoder().cross, "neuron"), ValueError, "cross"),
    "three neurons": (lambda: to_bertviz(encoder_decoder(), "neuron"), ValueError, "one record"),
    "unequal stacks": (lambda: to_bertviz(encoder_decoder((3, 2))), ValueError, "same layers"),
    "ragged heads": (
        lambda: to_bertviz(
            attention_record(
                [torch.tensor(softmaxed(1, heads, 3, 3)) for heads in (2, 4)], list("abc")
            )
        ),
        ValueError,
        "one head count",
    ),
    "a choice of heads": (lambda: from_bertviz([], [], include_heads=[1]), TypeError, "view.heads"),
    "a layer of the model view": (
        lambda: to_bertviz(record(), "model", layer=1),
        ValueError,
        "all",
    ),
    "heads of the model view": (
        lambda: to_bertviz(record(), "model", heads=[1]),
        ValueError,
        "all",
    ),
    "a dark head view": (lambda: to_bertviz(record(), theme="dark"), ValueError, "no dark theme"),
    "no neuron head": (
        lambda: to_bertviz(record(vectors=True), "neuron", heads=[]),
        ValueError,
        "one head",
    ),
    "stacks of unequal heads": (
        lambda: to_bertviz(encoder_decoder(heads=(4, 2)), "model"),
        ValueError,
        "one head count",
    ),
    "a head of one stack only": (
        lambda: to_bertviz(encoder_decoder(heads=(4, 2)), heads=[3]),
        IndexError,
        "3",
    ),
    "an empty tuple": (lambda: from_bertviz((), ["a"]), ValueError, "eager"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_cannot_show_is_said(case):
    act, error, says = REFUSED[case]
    with pytest.raises(error, match=says):
        act()


def test_without_bertviz_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "bertviz.head_view", None)
    with pytest.raises(ImportError, match=r"attn_widgets\[bertviz\]"):
        to_bertviz(record())
