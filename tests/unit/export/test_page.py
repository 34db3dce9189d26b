"""A page holds its state whatever the state says."""

from __future__ import annotations

import html.parser
import json

import pytest

from attn_widgets.export import page

NASTY = (
    "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> "
    "& \"quotes\" '' \u2028 日本語"
)


class Scripts(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.tags, self.inside = [], [], False

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data):
        if self.inside:
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)

    def handle_endtag(self, tag):
        if tag == "script":
            self.inside = False


def read(text):
    parser = Scripts()
    parser.feed(text)
    return parser


def test_no_text_can_leave_its_place():
    parser = read(page({"tokens": [NASTY]}, title=NASTY, note=NASTY))
    assert [attrs.get("id") for attrs, _ in parser.scripts] == ["state", "module", None]
    assert json.loads(parser.scripts[0][1]) == {"tokens": [NASTY]}
    assert "img" not in parser.tags


def test_bytes_travel_as_base64():
    parser = read(page({"cells": b"\x00\xff"}, title="t"))
    assert json.loads(parser.scripts[0][1]) == {"cells": {"$bytes": "AP8="}}


def test_nothing_is_fetched():
    text = page({}, title="t")
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert "default-src 'none'" in text


def test_what_is_neither_bytes_nor_json_is_refused():
    with pytest.raises(TypeError, match="cannot write a set"):
        page({"cells": {1}}, title="t")


def test_half_a_character_does_not_keep_a_page_from_being_written():
    text = page({"tokens": ["\ud83d", "\u00e9"]}, title="\ud83d", note="\ud83d")
    assert text.encode().decode() == text
    assert json.loads(read(text).scripts[0][1]) == {"tokens": ["\ufffd", "\u00e9"]}


def test_a_page_is_headed_by_what_it_is_of():
    text = page({}, title="the <cat> sat")
    assert [tag for tag in read(text).tags if tag in {"h1", "h2", "h3"}] == ["h1", "h2"]
    assert ">the &lt;cat&gt; sat</h2>" in text
