"""Fine-tuning watched: the callback, the plain loop and the laboratory, on tiny models."""

from __future__ import annotations

import math
import types

import pytest
import torch
import transformers
from transformers import TrainerControl, TrainerState

from attn_widgets.analysis.diagnosis import Thresholds
from attn_widgets.models import ModelRunner, UnsupportedModelError, finetune_lab
from attn_widgets.models.using.course import Course, Snapshot
from attn_widgets.models.using.lab import CONDITIONS, Condition
from attn_widgets.models.using.lab_report import Lab, LabRun
from attn_widgets.models.using.table import listed, number
from attn_widgets.models.using.watching import (
    TrainingCallback,
    Watcher,
    draw_live,
    train_watched,
)


def loss(model, batch):
    return model(**batch).last_hidden_state[:, 0].square().mean()


@pytest.fixture
def batches(word_tokenizer, texts):
    drawn = texts(12)
    return [
        dict(word_tokenizer(drawn[i : i + 4], padding=True, return_tensors="pt")) for i in (0, 4, 8)
    ]


@pytest.fixture
def model(tiny):
    return tiny("bert")


def trained(model, batches, watcher=None, every=1):
    """Train with dropout, watched or not, and give the weights."""
    torch.manual_seed(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    if watcher is None:
        model.train()
        for batch in batches:
            optimizer.zero_grad()
            loss(model, batch).backward()
            optimizer.step()
    else:
        train_watched(model, batches, loss, optimizer, watcher, every=every, progress=False)
    return {name: own.clone() for name, own in model.state_dict().items()}


def test_watching_changes_nothing_of_the_training(tiny, batches, word_tokenizer, texts):
    alone = trained(tiny("bert"), batches)
    model = tiny("bert")
    watched = trained(model, batches, Watcher(model, word_tokenizer, texts(12)))
    assert model.training
    for name, own in alone.items():
        assert torch.equal(own, watched[name]), name


def test_the_loop_looks_before_each_so_many_steps_and_after(model, batches, word_tokenizer, texts):
    seen = []
    watcher = Watcher(model, word_tokenizer, texts(12), live=seen.append)
    trained(model, batches, watcher, every=2)
    course = watcher.course
    assert [one.step for one in course.snapshots] == [0, 2, 3]
    assert [len(one.snapshots) for one in seen] == [1, 2, 3]
    assert math.isnan(course.first.loss)
    assert course.last.loss > 0
    assert course.first.used_up == 0
    assert len(course.last.special) == len(course.last.context) == 3
    expected = (course.last.similarity - course.first.similarity) / (1 - course.first.similarity)
    assert course.last.used_up == pytest.approx(expected)


def test_training_again_goes_on_in_the_same_course(model, batches, word_tokenizer, texts):
    watcher = Watcher(model, word_tokenizer, texts(12))
    trained(model, batches, watcher, every=2)
    trained(model, batches, watcher, every=2)
    course = watcher.course
    assert [one.step for one in course.snapshots] == [0, 2, 3, 5, 6]
    assert course.first.used_up == 0
    expected = (course.last.similarity - course.first.similarity) / (1 - course.first.similarity)
    assert course.last.used_up == pytest.approx(expected)
    assert "relative to the first look" in course.report("en")
    assert "最初の測定との比較" in course.report("ja")


def test_a_watcher_of_another_model_is_refused(tiny, model, batches, word_tokenizer, texts):
    watcher = Watcher(tiny("bert"), word_tokenizer, texts(12))
    with pytest.raises(ValueError, match="another model"):
        trained(model, batches, watcher)


def test_the_callback_goes_on_with_the_same_model_and_begins_anew_with_another(
    tiny, model, word_tokenizer, texts
):
    callback = TrainingCallback(word_tokenizer, texts(12), every=2)
    control, args = TrainerControl(), types.SimpleNamespace()

    def train(own, steps, start=0):
        state = TrainerState()
        state.global_step = start
        own.train()
        callback.on_train_begin(args, state, control, model=own, optimizer=None)
        for state.global_step in range(start + 1, start + steps + 1):
            with torch.no_grad():
                own.encoder.layer[0].output.dense.weight.mul_(1.05)
            callback.on_step_end(args, state, control, model=own)
        callback.on_train_end(args, state, control, model=own)
        return [one.step for one in callback.course.snapshots]

    assert train(model, 3) == [0, 2, 3]
    first = callback.course.first
    assert train(model, 3) == [0, 2, 3, 5, 6]
    assert callback.course.first is first
    course = callback.course
    expected = (course.last.similarity - first.similarity) / (1 - first.similarity)
    assert course.last.used_up == pytest.approx(expected)
    assert train(model, 2, start=6)[-2:] == [6, 8]  # from a checkpoint, whose steps go on
    assert train(tiny("bert"), 1) == [0, 1]


def test_frozen_modules_come_back_in_the_mode_they_were_in(model, word_tokenizer, texts):
    model.train()
    model.encoder.layer[0].eval()
    Watcher(model, word_tokenizer, texts(12)).look(0)
    assert model.training
    assert not model.encoder.layer[0].attention.training
    assert model.encoder.layer[1].attention.training


def test_a_loss_that_is_not_finite_stops_and_keeps_what_was_seen(
    model, batches, word_tokenizer, texts
):
    watcher = Watcher(model, word_tokenizer, texts(12))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="loss is nan at step 1"):
        train_watched(
            model,
            batches,
            lambda *_: torch.tensor(math.nan, requires_grad=True),
            optimizer,
            watcher,
            progress=False,
        )
    assert [one.step for one in watcher.course.snapshots] == [0]


def test_the_callback_records_what_the_trainer_tells(model, word_tokenizer, texts):
    callback = TrainingCallback(word_tokenizer, texts(12), every=2)
    assert repr(callback.course) == "Nothing was recorded yet."
    state, control, args = TrainerState(), TrainerControl(), types.SimpleNamespace()
    model.train()
    callback.on_train_begin(args, state, control, model=model, optimizer=None)
    for state.global_step in (1, 2, 3):
        state.log_history.append({"loss": 5.0 - state.global_step})
        callback.on_step_end(args, state, control, model=model)
    callback.on_train_end(args, state, control, model=model)
    assert [(one.step, one.loss) for one in callback.course.snapshots[1:]] == [(2, 3.0), (3, 2.0)]
    assert model.training
    with pytest.raises(ValueError, match="every is 0"):
        TrainingCallback(word_tokenizer, every=0)


def test_a_real_trainer_takes_the_callback(tiny, word_tokenizer, texts, tmp_path):
    pytest.importorskip("accelerate", reason="accelerate is not installed: Trainer needs it")
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(tiny("bert").config)
    rows = [dict(word_tokenizer(text)) | {"labels": i % 2} for i, text in enumerate(texts(8))]
    callback = TrainingCallback(word_tokenizer, texts(12), every=2)
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path),
        per_device_train_batch_size=4,
        max_steps=3,
        logging_steps=1,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        save_strategy="no",
    )
    transformers.Trainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        processing_class=word_tokenizer,
        callbacks=[callback],
    ).train()
    assert [one.step for one in callback.course.snapshots] == [0, 2, 3]
    assert callback.course.last.loss > 0


def snapshot(step, **changes):
    given = {
        "loss": 1.0,
        "special": (0.2, 0.4),
        "excess": (0.1, 0.3),
        "context": (0.5, math.nan),
        "clogged": (),
        "warns": False,
        "similarity": 0.1,
        "used_up": 0.0,
        "collapsed": False,
    }
    return Snapshot(step=step, **(given | changes))


def test_a_course_is_a_table_and_a_drawing_and_says_when_it_is_empty():
    course = Course().also(snapshot(0, loss=math.nan)).also(snapshot(10, clogged=(1,)))
    assert "0.30" in repr(course)
    assert "ステップ" in course.report("ja")
    assert course._repr_html_().count("<polyline") == 3
    assert "nan" not in course.html("ja")
    with pytest.raises(ValueError, match="nothing was recorded"):
        _ = Course().last
    assert "まだ" in Course().html("ja")


def test_the_drawing_is_made_once_and_then_redrawn(monkeypatch):
    display = pytest.importorskip("IPython.display", reason="no notebook display is installed")
    updated = []
    handle = types.SimpleNamespace(update=updated.append)
    monkeypatch.setattr(display, "display", lambda *_, **__: handle)
    draw = draw_live()
    course = Course().also(snapshot(0))
    draw(course)
    assert updated == []
    draw(course.also(snapshot(5)))
    assert updated[0].data == course.also(snapshot(5)).html()


def test_what_is_drawn_live_follows_the_language_that_is_given_or_set(monkeypatch):
    display = pytest.importorskip("IPython.display", reason="IPython is not installed")
    shown = []
    monkeypatch.setattr(display, "display", lambda one, **_: shown.append(one.data))
    course = Course().also(snapshot(0))
    draw_live("ja")(course)
    draw = draw_live()
    monkeypatch.setattr("attn_widgets.analysis.language._DEFAULT", ["ja"])
    draw(course)
    monkeypatch.setattr("attn_widgets.analysis.language._DEFAULT", ["en"])
    draw_live()(course)
    assert shown == [course.html("ja"), course.html("ja"), course.html("en")]
    assert shown[0].startswith('<div lang="ja"><svg')
    with pytest.raises(ValueError, match="'en', 'ja'"):
        draw_live("fr")


def test_html_names_its_language_and_follows_the_one_that_was_set(monkeypatch, lab):
    for one in (lab, lab[0].course, Course()):
        assert 'lang="ja"' in one.html("ja")
        monkeypatch.setattr("attn_widgets.analysis.language._DEFAULT", ["ja"])
        assert one._repr_html_() == one.html("ja")
        assert repr(one) == one.report("ja")
        monkeypatch.setattr("attn_widgets.analysis.language._DEFAULT", ["en"])
        assert one._repr_html_() == one.html("en")


@pytest.fixture(scope="module")
def lab(sharp):
    conditions = (
        Condition(("one two three four five six",), 1e-3),
        Condition(("one two three four five six",), 1e-3, freeze=2, reinitialize=1),
    )
    return finetune_lab(sharp, conditions, steps=4, every=2, batch_size=3, progress=False)


def test_the_laboratory_compares_conditions_and_leaves_the_model_alone(sharp, lab):
    before = {name: own.clone() for name, own in sharp.model.state_dict().items()}
    one, other = lab.runs
    assert [one.step for one in one.course.snapshots] == [0, 2, 4]
    assert [one.step for one in other.course.snapshots] == [0, 0, 2, 4]
    assert one.course.first.special == pytest.approx(other.course.first.special)
    assert one.before == other.before
    assert one.after.provenance.model.endswith(one.label)
    assert one.before != one.after
    assert (one.after.weights[0] != one.before.weights[0]).any()
    assert (other.after.weights[:2] == other.before.weights[:2]).all()
    assert (other.after.weights[2] != other.before.weights[2]).any()
    for name, own in sharp.model.state_dict().items():
        assert torch.equal(own, before[name])
    assert all(own.requires_grad for own in sharp.model.parameters())


def test_the_same_seed_gives_the_same_numbers(sharp, lab):
    again = finetune_lab(
        sharp,
        (Condition(("one two three four five six",), 1e-3),),
        steps=4,
        every=2,
        batch_size=3,
        progress=False,
    )
    assert repr(again.runs[0].course) == repr(lab.runs[0].course)
    assert again.runs[0].after == lab.runs[0].after


def test_the_laboratory_reports_in_two_languages(lab):
    assert "texts: 1, lr 0.001, freeze 2, reinit 1" in repr(lab)
    assert "つぶれる" in lab.report("ja")
    assert lab.html().count("<svg") == 2
    assert lab[lab.runs[1].label] is lab[1]
    assert "top-1" in repr(lab[0])
    assert lab[0]._repr_html_().startswith("<p>texts: 1")
    with pytest.raises(KeyError, match="no run is called 'x'"):
        _ = lab["x"]


def ended(**last):
    """Make a run of which only the course says something."""
    course = Course().also(snapshot(0)).also(snapshot(20, used_up=0.93, collapsed=True))
    record = types.SimpleNamespace()
    return LabRun(
        label="x",
        course=course.also(snapshot(40, **last)),
        top1=0.5,
        before=record,
        after=record,
        seconds=1.0,
    )


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({"used_up": 0.885}, ["no", "0.89", "(0.93)", "no"]),
        ({"used_up": 0.72, "clogged": (3,)}, ["no", "(3)", "0.72", "(0.93)", "no"]),
        (
            {"used_up": 0.95, "collapsed": True, "clogged": (2, 3), "warns": True},
            ["yes", "(2,", "3)", "0.95", "yes"],
        ),
        ({"used_up": math.nan, "collapsed": None, "warns": None}, ["?", "-", "(0.93)", "?"]),
    ],
)
def test_the_table_gives_the_number_behind_each_verdict_and_the_worst_on_the_way(last, said):
    lab = Lab(model="m", steps=40, seed=0, before=1.0, runs=(ended(**last),))
    row = next(line for line in lab.report().splitlines() if line.strip().startswith("x "))
    assert row.split()[-len(said) :] == said
    rule = Thresholds()
    for text in (lab.report(), lab.report("ja"), lab.html(), lab.html("ja")):
        for line in (rule.saturated, rule.starved, rule.collapsed):
            assert f"{line:.2f}" in text


def test_the_conditions_that_come_along_have_a_control_for_each_cause():
    named = {(one.data, one.rate) for one in CONDITIONS if not one.freeze + one.reinitialize}
    assert named == {(data, rate) for data in ("one", "many") for rate in (5e-5, 5e-4)}
    assert len({one.label for one in CONDITIONS}) == len(CONDITIONS)


def test_wrong_conditions_and_models_are_refused(sharp, tiny, byte_tokenizer):
    for arguments in (("some", 1e-3), ((), 1e-3), ("one", 0.0), ("one", 1e-3, -1)):
        with pytest.raises(ValueError, match=r"expected|'one', 'many'"):
            Condition(*arguments)
    for more, words in (
        ({"conditions": ()}, "is empty"),
        ({"steps": 0}, "steps is 0"),
        ({"conditions": (Condition("one", 1e-3, freeze=9),)}, r"9 layers .* has 3"),
    ):
        with pytest.raises(ValueError, match=words):
            finetune_lab(sharp, progress=False, **more)
    decoder = ModelRunner.from_pretrained(tiny("gpt2"), byte_tokenizer)
    with pytest.raises(UnsupportedModelError, match="no encoder with a mask token"):
        finetune_lab(decoder, progress=False)


def test_a_high_rate_on_one_sentence_makes_vectors_of_the_embedded_model_alike(demo):
    slow, fast = finetune_lab(
        demo,
        (Condition("one", 5e-5), Condition("one", 5e-4)),
        steps=12,
        every=12,
        batch_size=4,
        progress=False,
    ).runs
    assert fast.course.last.used_up > slow.course.last.used_up + 0.2
    assert slow.top1 >= fast.top1


def test_a_share_that_rounds_to_nothing_is_written_without_a_minus():
    assert [number(one) for one in (-0.001, 0.0, -0.006, math.nan)] == [
        "0.00",
        "0.00",
        "-0.01",
        "-",
    ]
    assert listed((2, 3), "ja") == "2、3"
