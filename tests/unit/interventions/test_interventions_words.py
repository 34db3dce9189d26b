"""Effects, sweeps and importances say the same in English and in Japanese."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from attn_widgets.interventions import (
    Changes,
    Drift,
    Effect,
    Guess,
    HeadImportance,
    LabelChange,
    Prediction,
    Sweep,
    SweepRow,
    VectorChange,
    speech,
)
from attn_widgets.interventions.words_en import WORDS as EN
from attn_widgets.interventions.words_ja import WORDS as JA
from attn_widgets.masks import full, local
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
LANGUAGES: tuple[Literal["en", "ja"], ...] = ("en", "ja")


def effect(**parts: Any) -> Effect:
    record = AttentionRecord.from_arrays(np.full((2, 3, 2, 2), 0.5), ["a", "b"], kind="encoder")
    told: dict[str, Any] = {
        "changes": Changes((local(1),)),
        "before": record,
        "after": record,
        "drift": Drift(*(np.array([0.25, row]) for row in (0.5, 0.9, 0.125, 0.99))),
        "moved": np.full((2, 3), 0.5),
        "kept": np.full((2, 3), 0.75),
        "density": np.full((2, 3), 0.5),
        "vector": None,
        "head": "none",
    }
    return Effect(**(told | parts))


def everything() -> Iterator[Effect | Sweep | HeadImportance]:
    for after in ([0.3, 0.2], [0.1, 0.8]):
        before, names = np.array([0.1, 0.8]), ("far", "near")
        for pooling in ("mean", "cls"):
            yield effect(vector=VectorChange(0.97, pooling, names, before, np.array(after)))
    yield effect(head="not run", kept=None, density=None)
    yield effect(head="other", changes=Changes(()))
    places = (Prediction(1, (Guess("cat", 0.5),), (Guess("dog", 0.25),), kl=0.5),)
    for head in ("masked language model", "next token"):
        yield effect(head=head, predictions=places, kl=np.array([0.1, 0.5]))
    for unit in ("probability", "score"):
        yield effect(head="labels", labels=LabelChange(("bad",), (0.9,), (0.2,), unit))
    for kind in ("decoder", "cross"):
        arrays = np.broadcast_to([[1.0, 0.0], [0.5, 0.5]], (2, 1, 2, 2))
        keys = None if kind == "decoder" else ["c", "d"]
        record = AttentionRecord.from_arrays(arrays, ["a", "b"], key_tokens=keys, kind=kind)
        yield effect(before=record, after=record, moved=np.full((2, 1), 0.5))
    for cosine in (0.9, None):
        rows = tuple(SweepRow(0, name, 0.5, 0.5, 0.2, cosine, None) for name in ("one", "two"))
        changes = {name: Changes((full(),)) for name in ("one", "two")}
        yield Sweep("m", (("a text",),), changes, rows)
    for loss in ("answers", "vector"):
        said = [speech.say(own, f"loss.{loss}", pooling="p", probes=16) for own in LANGUAGES]
        measures = ("gradient", "ablation", "uniform")
        scores = {name: np.arange(4.0).reshape(2, 2) for name in measures}
        yield HeadImportance("m", "encoder", 3, said[0], scores, said[1])


def fields(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def test_both_languages_have_the_same_sentences_with_the_same_places() -> None:
    assert {key: fields(EN[key]) for key in EN} == {key: fields(JA[key]) for key in JA}


def test_nothing_is_left_untranslated() -> None:
    same = {"listed", "among", "candidate", "label", "column.KL"}
    assert {key for key in JA if not JAPANESE.search(JA[key])} == same
    assert not [key for key in EN if JAPANESE.search(EN[key])]


def test_no_sentence_is_idle_and_none_is_left_unfilled(monkeypatch: pytest.MonkeyPatch) -> None:
    said = set()

    class Listening(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            said.add(key)
            return super().__getitem__(key)

    monkeypatch.setattr(speech, "WORDS", {"en": Listening(EN), "ja": Listening(JA)})
    for one in everything():
        for language in LANGUAGES:
            for written in (one.report(language), one.html(language)):
                assert "{" not in written
                assert "None" not in written
    assert set(EN) - said == set()


def test_each_speaks_the_language_it_is_asked_for_in() -> None:
    for one in everything():
        assert not JAPANESE.search(one.report("en") + one.html("en"))
        assert JAPANESE.search(one.report("ja"))
        assert one.html("ja").startswith('<div lang="ja">')
        assert one._repr_html_() == one.html("en")
        with pytest.raises(ValueError, match="lang is 'fr'"):
            one.report("fr")  # type: ignore[arg-type]


def test_lines_keep_within_their_width_with_wide_characters_too() -> None:
    for one in everything():
        for line in one.report("ja").splitlines():
            wide = sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in line)
            assert wide <= 101, line
