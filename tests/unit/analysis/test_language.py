"""One language for all that speaks, set once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attn_widgets import diagnose, samples, set_language
from attn_widgets.analysis.language import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    set_language("en")


def test_english_is_spoken_until_japanese_is_set() -> None:
    diagnosis = diagnose(samples.load("sentence"))
    assert repr(diagnosis) == diagnosis.report() == diagnosis.report("en")
    assert 'lang="en"' in diagnosis._repr_html_()
    set_language("ja")
    assert repr(diagnosis) == diagnosis.report() == diagnosis.report("ja")
    assert diagnosis._repr_html_() == diagnosis.html() == diagnosis.html("ja")
    assert diagnosis.card()["lang"] == "ja"
    assert diagnosis.report("en").startswith("Special tokens")


def test_a_finding_is_readable_in_the_language_set() -> None:
    finding = diagnose(samples.load("paragraph")).finding("lower_cls")
    assert str(finding).startswith("Lower layers gather on [CLS]: FOUND in")
    set_language("ja")
    assert str(finding).startswith("「下層で [CLS] に集中」見られます")


def test_another_language_is_refused_and_changes_nothing() -> None:
    with pytest.raises(ValueError, match="lang is 'fr': one of 'en', 'ja'"):
        set_language("fr")  # type: ignore[arg-type]
    assert spoken() == "en"
