"""Paragraphs of docstrings: the same ones in the same order, and prose."""

from __future__ import annotations

import importlib
import inspect
import sys
from typing import TYPE_CHECKING

from attn_widgets.models import corpus

if TYPE_CHECKING:
    import pathlib

    import pytest

NAMES = ("argparse", "string", "textwrap", "numpy.linalg._linalg")


def test_paragraphs_are_prose_that_stands_in_the_module() -> None:
    found = corpus.paragraphs(NAMES)
    assert found == corpus.paragraphs(NAMES)
    assert set(found) <= set(NAMES)
    assert sum(map(len, found.values())) > 30
    for module, own in found.items():
        source = " ".join(inspect.getsource(importlib.import_module(module)).split())
        assert len(set(own)) == len(own)
        for text in own:
            assert 120 <= len(text) <= 600
            assert text[0].isupper()
            assert text.endswith(".")
            assert ">>>" not in text
            assert " ".join(text.split()) == text
        plain = source.replace("\\\\", "\\")
        assert sum(text in plain for text in own) / len(own) > 0.9


def test_a_module_is_read_not_run_and_one_that_is_missing_is_passed_over(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose = "A paragraph that says one thing, and then says it again. " * 3
    (tmp_path / "not_to_be_run.py").write_text(
        f'"""{prose.strip()}\n\nshort.\n"""\nraise SystemExit\n', encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = corpus.paragraphs(("not_to_be_run", "no_such_module", "no.such.module", "sys"))
    assert found == {"not_to_be_run": (prose.strip(),)}
    assert "not_to_be_run" not in sys.modules


def test_the_division_is_by_module_and_always_the_same() -> None:
    texts = {f"m{i}": tuple(f"m{i} t{j}" for j in range(i % 9 + 1)) for i in range(60)}
    train, test = corpus.split(texts, 4)
    assert not {text.split()[0] for text in train} & {text.split()[0] for text in test}
    assert 5 < len({text.split()[0] for text in test}) < 20
    assert all(
        sum(text.startswith(f"{module} ") for text in train + test) == min(4, len(own))
        for module, own in texts.items()
    )
    assert corpus.held_out("json") == corpus.held_out("json")
