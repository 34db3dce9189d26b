"""Effects, sweeps and importances as values: their words, their tables, their JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from typing import Any

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
    ablate,
    sweep_curve,
    sweep_words,
)
from attn_widgets.masks import full, global_cols, local
from attn_widgets.record import AttentionRecord, Provenance

NASTY = '<script>alert("x")</script> & \u202eright to left'
COLOURS = re.compile(r"#[0-9a-f]{3,6}\b|\b(black|white|red|green|blue|gr[ae]y)\b", re.IGNORECASE)


class Tags(HTMLParser):
    """Collect the elements of a piece of HTML, and see that each is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's own
        self.names.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def record(layers: int = 2, heads: int = 3, tokens: tuple[str, ...] = ("a", "b")) -> Any:
    n = len(tokens)
    made = AttentionRecord.from_arrays(np.full((layers, heads, n, n), 1 / n), tokens)
    return AttentionRecord(
        tokens=made.tokens,
        weights=made.weights,
        layers=[4, 7][:layers],
        provenance=Provenance(model=NASTY),
    )


def effect(**parts: Any) -> Effect:
    one = record(tokens=(NASTY, "b"))
    given: dict[str, Any] = {
        "changes": Changes((local(1) | global_cols("cls"),)),
        "before": one,
        "after": one,
        "drift": Drift(*(np.array([0.25, row]) for row in (0.5, 0.9, 0.125, 0.99))),
        "moved": np.array([[0.1, 0.9, 0.2], [0.3, 0.9, 0.0]]),
        "kept": np.full((2, 3), 0.75),
        "density": np.full((2, 3), 0.5),
        "vector": VectorChange(
            0.97, "mean", (NASTY, "near"), np.array([0.1, 0.8]), np.array([0.3, 0.2])
        ),
    }
    return Effect(**(given | parts))


def test_words_name_the_reading_and_every_number() -> None:
    words = " ".join(repr(effect()).split())
    for part in (
        "re-run",
        "local(1) | global_cols('cls')",
        "keeps 0.750 of the plain attention on 0.500 of the pairs",
        "layer 4 head 1 0.90, layer 7 head 1 0.90, layer 7 head 0 0.30",
        "moved by 0.500 of its size (sum |h' - h| / sum |h|; cosine 0.900)",
        "fed what the plain model gave it, layer 4 moved most: 0.250",
        "cosine 0.9700 between the text's vector before and after (mean of its tokens)",
        "the order changes",
        "no head that predicts",
    ):
        assert part in words
    assert max(map(len, repr(effect()).splitlines())) <= 100


def test_answers_are_told_where_there_are_any() -> None:
    places = tuple(
        Prediction(place, (Guess("cat", 0.5),), (Guess("dog", 0.25),), kl=0.5 + place)
        for place in (0, 1)
    )
    words = repr(effect(head="masked language model", predictions=places, kl=np.array([0.5, 1.5])))
    assert "cat 0.50 → dog 0.25 (KL 1.500 nats)" in words
    assert "1.000 nats on average over 2" in words
    labels = LabelChange(("bad", "good"), (0.9, 0.1), (0.2, 0.8))
    assert "probability before → after: bad 0.900 → 0.200; good 0.100 → 0.800" in " ".join(
        repr(effect(head="labels", labels=labels)).split()
    )


@pytest.mark.parametrize(
    ("head", "words"),
    [("none", "no head that predicts"), ("not run", "not run"), ("other", "not read here")],
)
def test_silence_of_the_head_is_explained(head: str, words: str) -> None:
    assert words in " ".join(repr(effect(head=head)).split())


def test_edits_have_no_mask_to_keep_anything() -> None:
    words = repr(effect(changes=Changes((ablate((4, 1)),)), kept=None, density=None))
    assert "ablate(heads=[(4, 1)])" in words
    assert "the mask keeps" not in words


def test_the_heads_that_moved_most_come_first_and_by_their_own_numbers() -> None:
    found = effect().changed(3)
    assert [(one.layer, one.head, one.moved) for one in found] == [
        (4, 1, 0.9),
        (7, 1, 0.9),
        (7, 0, 0.3),
    ]
    assert effect().changed(0) == ()
    assert len(effect().changed(99)) == 6


def test_nobody_writes_into_an_effect() -> None:
    made = effect()
    for array in (
        made.moved,
        made.kept,
        made.drift.free_l1,
        scores(gradient=[[1.0]]).scores["gradient"],
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_table_holds_no_script_no_colour_and_all_text_as_text() -> None:
    source = effect()._repr_html_()
    tags = Tags(source)
    assert not tags.open
    assert not {"script", "style", "img", "a", "iframe"} & set(tags.names)
    assert "".join(tags.words).count('<script>alert("x")</script>') >= 2
    assert not COLOURS.search(source)
    assert "http" not in source


def test_json_holds_every_number_and_is_read_back_equal() -> None:
    places = (Prediction(1, (Guess("cat", 0.5),), (Guess(NASTY, 0.25),), kl=0.5),)
    labels = LabelChange(("bad", "good"), (0.9, 0.1), (0.2, 0.8))
    made = effect(head="next token", predictions=places, kl=np.array([0.0, 0.5]), labels=labels)
    value = made.to_dict()
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert value["reading"] == "re-run"
    assert Changes.from_spec(value["changes"]) == made.changes
    assert value["moved"] == made.moved.tolist()
    assert value["drift"]["forced_l1"] == [0.25, 0.125]
    assert value["vector"]["ranking"] == [[1, 0], [0, 1]]
    assert value["predictions"][0]["after"] == [{"token": NASTY, "probability": 0.25}]
    assert len(value["changed"]) == 6


def sweep(texts: int = 2, **values: list[float | None]) -> Sweep:
    rows = tuple(
        SweepRow(text, f"c{number}", density, 0.5, 0.25, cosine, None)
        for text in range(texts)
        for number, (density, cosine) in enumerate(
            zip(values["density"], values["cosine"], strict=True)
        )
    )
    changes = {f"c{number}": Changes((full(),)) for number in range(len(values["density"]))}
    return Sweep(NASTY, (("one",), ("two",))[:texts], changes, rows)


def test_the_sparsest_change_keeps_every_text_close() -> None:
    made = sweep(density=[0.9, 0.2, 0.5], cosine=[1.0, 0.5, 0.995])
    assert [point.change for point in made.curve()] == ["c1", "c2", "c0"]
    found = made.sparsest()
    assert found is not None
    assert found.change == "c2"
    worse = dataclasses.replace(made.rows[-1], cosine=0.9)
    found = dataclasses.replace(made, rows=(*made.rows[:-1], worse)).sparsest()
    assert found is not None
    assert found.change == "c0"


def test_a_sweep_without_vectors_has_no_sparsest() -> None:
    with pytest.raises(ValueError, match="no vector of a text"):
        sweep(density=[0.5], cosine=[None]).sparsest()


def test_rows_of_a_sweep_are_one_for_each_text_and_change() -> None:
    made = sweep(density=[0.5, 0.9], cosine=[0.5, 0.9])
    for rows in (made.rows[:-1], made.rows[::-1], (*made.rows, made.rows[0])):
        with pytest.raises(ValueError, match="expected one for each"):
            dataclasses.replace(made, rows=rows)


def test_a_sweep_is_told_as_a_table_and_as_json() -> None:
    made = sweep(density=[0.5, 0.9], cosine=[0.5, None])
    assert "re-run" in repr(made)
    cells = [line.split() for line in repr(made).splitlines()]
    assert ["c0", "0.5000", "0.5000", "0.2500", "0.5000", "0.5000", "-"] in cells
    tags = Tags(made._repr_html_())
    assert not tags.open
    assert "script" not in tags.names
    painted = {match.group() for match in COLOURS.finditer(made._repr_html_())}
    assert painted == {sweep_curve.KEPT, sweep_curve.CLOSE}, "the two lines alone have colours"
    value = json.loads(json.dumps(made.to_dict(), allow_nan=False))
    assert [row["change"] for row in value["rows"]] == ["c0", "c1", "c0", "c1"]
    assert [point["density"] for point in value["curve"]] == [0.5, 0.9]


class Axes:
    """Stand in for matplotlib's axes, and remember what is drawn."""

    def __init__(self) -> None:
        self.lines: dict[str, tuple[list[float], list[float]]] = {}
        self.title = ""

    def plot(self, x: list[float], y: list[float], style: str, label: str) -> None:
        assert style
        self.lines[label] = (x, y)

    def set_title(self, title: str) -> None:
        self.title = title

    def set_xlabel(self, words: str) -> None:
        assert "density" in words

    def set_ylabel(self, words: str) -> None:
        assert "re-run" in words

    def legend(self) -> None:
        assert self.lines


def test_a_sweep_is_drawn_on_given_axes() -> None:
    axes = sweep(density=[0.9, 0.5], cosine=[0.99, 0.5]).plot(Axes())
    assert axes.lines["cosine of the vector"] == ([0.5, 0.9], [0.5, 0.99])
    assert "cosine, lowest of a text" in axes.lines
    without = sweep(1, density=[0.9], cosine=[None]).plot(Axes())
    assert set(without.lines) == {"attention kept", "drift, last layer"}


def test_a_plot_without_matplotlib_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(sweep_words.importlib, "import_module", missing)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        sweep(density=[0.5], cosine=[0.5]).plot()


def scores(**values: Any) -> HeadImportance:
    return HeadImportance(
        NASTY, "encoder", 3, "what it is measured by", {k: np.array(v) for k, v in values.items()}
    )


def test_importance_is_ranked_normalised_and_compared() -> None:
    made = scores(gradient=[[3.0, 4.0], [0.0, 0.0]], ablation=[[1.0, 2.0], [3.0, 4.0]])
    assert [(one.layer, one.head, one.score) for one in made.top("gradient", 2)] == [
        (0, 1, 4.0),
        (0, 0, 3.0),
    ]
    np.testing.assert_allclose(made.normalised()["gradient"], [[0.6, 0.8], [0.0, 0.0]])
    # ranks 3, 4, 1.5, 1.5 against 1, 2, 3, 4
    assert made.spearman()["gradient", "ablation"] == pytest.approx(-0.7378647873726218)
    with pytest.raises(ValueError, match="'uniform' was not measured: gradient, ablation were"):
        made.top("uniform")
    assert "Spearman -0.74 between gradient and ablation" in repr(made)
    tags = Tags(made._repr_html_())
    assert not tags.open
    assert "script" not in tags.names


def test_a_measure_that_is_the_same_everywhere_has_no_rank_and_json_says_null() -> None:
    made = scores(gradient=[[1.0, 1.0]], ablation=[[1.0, 2.0]])
    value = json.loads(json.dumps(made.to_dict(), allow_nan=False))
    assert value["spearman"] == [{"measures": ["gradient", "ablation"], "rho": None}]
