"""The numbers under the heads of the grid, and when they are measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets import AttentionExplorer, AttentionRecord, samples
from attn_widgets.analysis import HeadClass, measure, normalised_entropy
from attn_widgets.interventions import HeadImportance
from attn_widgets.widgets import badges

if TYPE_CHECKING:
    import pathlib


def importance(layers: int = 6, heads: int = 12, kind: str = "encoder") -> HeadImportance:
    scores = np.arange(layers * heads, dtype=float).reshape(layers, heads)
    return HeadImportance(
        model="m",
        kind=kind,
        texts=3,
        loss="the loss",
        scores={"gradient": scores, "ablation": -scores + 99},
    )


def test_opening_an_explorer_measures_no_badge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "measure", lambda _record: pytest.fail("measured"))
    view = AttentionExplorer.sample("pair", badge_range=(0.5, 1))
    view.badge = "kept"
    view.order = "high"
    assert view._badges == {}


@pytest.mark.parametrize("choice", [{"badge": "entropy"}, {"badge": "class"}, {"order": "group"}])
@pytest.mark.parametrize("later", [False, True])
def test_what_is_asked_for_is_measured_once(
    choice: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, later: bool
) -> None:
    record = samples.load("pair")
    measured = []
    monkeypatch.setattr(
        badges, "measure", lambda record: measured.append(record) or measure(record)
    )
    view = AttentionExplorer(record, **({} if later else choice))
    if later:
        view.set_state(choice)  # as the browser does
    view.badge = "class"
    view.badge = "entropy"
    assert len(measured) == 1
    assert np.allclose(view._badges["entropy"], normalised_entropy(record), atol=1e-5)
    assert view._badges["class"] == measure(record).classes().tolist()
    assert {name for row in view._badges["class"] for name in row} <= {c.value for c in HeadClass}


def test_another_record_brings_its_own_numbers_and_keeps_importance() -> None:
    view = AttentionExplorer.sample("pair", badge="entropy")
    view.importance = importance()
    other = samples.load("japanese")
    view.record = other
    assert np.allclose(view._badges["entropy"], normalised_entropy(other), atol=1e-5)
    assert view._badges["importance"]["values"][1][2] == 14
    view.badge = "special"
    view.record = samples.load("sentence")
    assert set(view._badges) == {"importance"}


def test_importance_is_of_the_models_own_layers_and_heads() -> None:
    record = samples.load("pair")
    part = AttentionRecord(
        tokens=record.tokens,
        weights=record.weights[2:4, [5, 9]],
        layers=(2, 3),
        heads=(5, 9),
    )
    view = AttentionExplorer(part)
    given = importance()
    view.importance = given
    assert view.importance is given
    assert view._badges["importance"] == {
        "values": [[29, 33], [41, 45]],
        "measure": "gradient",
        "about": "the loss",
    }
    view.importance = given.scores["ablation"]
    assert view._badges["importance"] == {
        "values": [[70, 66], [58, 54]],
        "measure": "",
        "about": "",
    }
    view.importance = [[1, 2], [3, 4]]
    assert view._badges["importance"]["values"] == [[1, 2], [3, 4]]
    view.importance = None
    assert view.importance is None
    assert view._badges == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (importance(3, 12), r"3 layers x 12 heads, the record of layers up to 5"),
        (importance(kind="decoder"), "decoder attention, the record of its encoder"),
        (np.zeros(5), r"shape \(5,\)"),
        (-np.ones((6, 12)), "from 0 up"),
        (np.full((6, 12), np.nan), "from 0 up"),
    ],
)
def test_importance_that_does_not_fit_is_refused_and_the_former_stays(
    given: object, said: str
) -> None:
    view = AttentionExplorer.sample("pair")
    view.importance = importance()
    before = view._badges
    with pytest.raises(ValueError, match=said):
        view.importance = given
    assert view._badges == before


def test_importance_of_another_model_is_not_shown_for_this_one() -> None:
    view = AttentionExplorer.sample("pair")
    view.importance = importance()
    weights = np.full((8, 16, 3, 3), 1 / 3)
    view.record = AttentionRecord.from_arrays(weights, ["a", "b", "c"])
    assert view._badges == {}


def test_the_browser_may_not_write_badges() -> None:
    view = AttentionExplorer.sample("pair")
    view.set_state({"_badges": {"entropy": [[1]]}})
    assert view._badges == {}


def test_an_exported_page_has_every_badge(tmp_path: pathlib.Path) -> None:
    view = AttentionExplorer.sample("sentence")
    view.save_html(tmp_path / "page.html")
    assert set(view._badges) == {"entropy", "class"}
    assert "heterogeneous" in (tmp_path / "page.html").read_text(encoding="utf-8")


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_badges_are_plain_json_whatever_the_record(
    layers: int, heads: int, tokens: int, seed: int
) -> None:
    weights = np.random.default_rng(seed).dirichlet(np.ones(tokens), (layers, heads, tokens))
    record = AttentionRecord.from_arrays(weights, [str(i) for i in range(tokens)])
    view = AttentionExplorer(record, badge="entropy")
    read = json.loads(json.dumps(view._badges, allow_nan=False))
    values = [value for row in read["entropy"] for value in row]
    assert len(values) == layers * heads
    assert all(value is None if tokens == 1 else 0 <= value <= 1 for value in values)
