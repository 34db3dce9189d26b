"""A healthy profile: kept in a small file, read with suspicion, compared with."""

from __future__ import annotations

import json

import numpy as np
import pytest

from attn_widgets.analysis.diagnosis import HealthyProfile, diagnose


@pytest.fixture
def healthy(made):
    texts = made.several(20, towards={4: 0}, context=0.4)
    return diagnose(texts, vectors=np.eye(20)).as_profile()


def test_a_profile_comes_back_from_its_file_as_it_was(healthy, tmp_path):
    path = tmp_path / "healthy.json"
    healthy.save(path)
    assert HealthyProfile.load(path) == healthy
    assert path.stat().st_size < 10_000


def test_the_same_texts_lie_within_their_own_profile(healthy, made):
    texts = made.several(20, towards={4: 0}, context=0.4)
    diagnosis = diagnose(texts, vectors=np.eye(20), reference=healthy)
    comparison = diagnosis.comparison
    assert set(comparison.above) == {"special", "special_excess", "message_share", "context"}
    assert not any(comparison.above.values())
    assert not any(comparison.below.values())
    assert (comparison.same_texts, comparison.like_lengths, comparison.same_model) == (True,) * 3
    assert (diagnosis.output.reference, diagnosis.output.same_texts) == (0.0, True)


def test_layers_outside_the_healthy_range_are_named(healthy, made):
    texts = made.several(12, towards={4: 0, 7: 0}, context=0.1)
    comparison = diagnose(texts, reference=healthy).comparison
    assert comparison.above["special"] == (7,)
    assert comparison.below["context"] == tuple(range(12))
    assert comparison.same_texts is False


def test_other_lengths_and_other_texts_are_said(healthy, made):
    long = made.several(12, n=40)
    diagnosis = diagnose(long, vectors=np.eye(12), reference=healthy)
    assert diagnosis.comparison.like_lengths is False
    assert "another length" in diagnosis.report()
    assert "of other texts" in diagnosis.report()


def test_vectors_made_otherwise_are_not_compared(healthy, made):
    diagnosis = diagnose(made.several(3), vectors=np.eye(3), pooling="cls", reference=healthy)
    assert diagnosis.output.reference is None


def test_a_profile_of_few_texts_is_refused(made):
    with pytest.raises(ValueError, match="at least 12 different texts"):
        diagnose(made.several(3)).as_profile()


def test_a_profile_of_another_depth_is_refused(healthy, made):
    with pytest.raises(ValueError, match="make a profile of the same model"):
        diagnose(made.record({}, layers=4), reference=healthy)


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.update(format="other"),
        lambda values: values.update(version=2),
        lambda values: values.pop("layers"),
        lambda values: values.update(texts_too=1),
        lambda values: values.update(model=3),
        lambda values: values["ranges"]["special"]["low"].pop(),
        lambda values: values["ranges"]["special"].update(high=["x"] * 12),
        lambda values: values["ranges"]["special"].update(high=[float("nan")] * 12),
        lambda values: values.update(lengths=[1]),
        lambda values: values.update(ranges=[]),
    ],
)
def test_a_damaged_file_is_refused(healthy, tmp_path, change):
    path = tmp_path / "healthy.json"
    healthy.save(path)
    values = json.loads(path.read_text(encoding="utf-8"))
    change(values)
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(ValueError, match="holds no healthy profile"):
        HealthyProfile.load(path)


@pytest.mark.parametrize("content", ["", "[]", "nothing", "3"])
def test_a_file_that_is_something_else_is_refused(tmp_path, content):
    path = tmp_path / "healthy.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="holds no healthy profile"):
        HealthyProfile.load(path)
