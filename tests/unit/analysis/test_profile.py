"""Profiles add up to the same bytes in any order, and their numbers are numpy's of all texts."""

from __future__ import annotations

import dataclasses
import io
import os
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from attn_widgets import analysis
from attn_widgets.analysis.profile import Profile, merge
from attn_widgets.analysis.profile_bins import LENGTHS
from attn_widgets.analysis.profile_build import Numbers, bins_of, excess
from attn_widgets.analysis.profile_failures import Failure, Failures
from attn_widgets.analysis.profile_file import dump, parse
from attn_widgets.analysis.profile_metrics import METRICS, TARGETS

if TYPE_CHECKING:
    import pathlib

SHAPE = (2, 3)
NOTHING = Profile({"model": "m", "changes": {}}, *SHAPE, LENGTHS)


def numbers(texts: int, seed: int = 0, low: float = 0.0, high: float = 1.0) -> Numbers:
    """Draw texts; the last metrics and targets are missing in every third."""
    drawn = np.random.default_rng(seed)
    values = drawn.uniform(low, high, (len(METRICS), texts, *SHAPE)).astype(np.float32)
    uniform = drawn.uniform(0, 0.9, (texts, len(TARGETS)))
    values[-3:, ::3] = np.nan
    uniform[::3, -1] = np.nan
    return Numbers(drawn.integers(1, 2000, texts), values, uniform)


def profile_of(given_numbers: Numbers, **parts: Any) -> Profile:
    return dataclasses.replace(NOTHING, bins=bins_of(given_numbers, LENGTHS), **parts)


def each(given_numbers: Numbers) -> list[Profile]:
    """Make a profile of every text alone."""
    return [
        profile_of(
            Numbers(
                given_numbers.lengths[i : i + 1],
                given_numbers.values[:, i : i + 1],
                given_numbers.uniform[i : i + 1],
            )
        )
        for i in range(len(given_numbers.lengths))
    ]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 12), st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_parts_add_up_to_the_same_bytes_in_any_order_and_grouping(
    texts: int, seed: int, drawn: Any
) -> None:
    given_numbers = numbers(texts, seed, low=-3)
    parts = each(given_numbers)
    drawn.shuffle(parts)
    while len(parts) > 1:
        one = parts.pop(drawn.randrange(len(parts)))
        other = parts.pop(drawn.randrange(len(parts)))
        parts.append(one + other)
    assert dump(parts[0]) == dump(profile_of(given_numbers))
    assert dump(NOTHING + parts[0]) == dump(parts[0] + NOTHING) == dump(parts[0])


@settings(max_examples=30, deadline=None)
@given(
    arrays.arrays(np.float64, (7, *SHAPE), elements=st.floats(-2, 2)),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]),
)
def test_mean_spread_and_quantiles_are_numpys(values: np.ndarray[Any, Any], q: float) -> None:
    uniform = np.full((7, len(TARGETS)), 0.25)
    given_numbers = Numbers(
        np.full(7, 12), np.broadcast_to(values, (len(METRICS), *values.shape)), uniform
    )
    made = profile_of(given_numbers)
    for metric, span, width in (("entropy", (0, 1), 1 / 64), ("excess:cls", (-1, 1), 1 / 32)):
        assert np.allclose(made.mean(metric, length=15), values.mean(axis=0), rtol=0, atol=4e-8)
        assert np.allclose(made.std(metric), values.std(axis=0), rtol=1e-6, atol=1e-7)
        exact = np.quantile(values, q, axis=0, method="inverted_cdf")
        certain = (exact >= span[0] + width) & (exact <= span[1] - width)  # not in an end bucket
        certain |= ((values >= span[0]) & (values <= span[1])).all(axis=0)
        certain |= q in {0, 1}
        off = np.abs(made.quantile(metric, q) - exact)[certain]
        assert (off <= (0 if q in {0, 1} else width) + 4e-8).all()
    assert made.uniform("cls") == 0.25


def test_a_spread_that_is_small_beside_its_mean_is_not_lost() -> None:
    values = np.full((len(METRICS), 4000, *SHAPE), 0.75)
    values[:, ::2] += 2.0**-20
    made = profile_of(Numbers(np.full(4000, 10), values, np.zeros((4000, len(TARGETS)))))
    assert np.allclose(made.std("confidence"), 2.0**-21, rtol=1e-12)


def test_a_length_names_its_bin_and_texts_without_a_number_are_not_counted() -> None:
    given_numbers = numbers(60)
    made = profile_of(given_numbers)
    assert made.texts == 60
    assert made.tokens == given_numbers.lengths.sum()
    assert made.count("cls_to_content") == 40
    longest = given_numbers.lengths >= 1280
    assert made.count("entropy", length=5000) == made.bins[-1].texts == longest.sum()
    place = METRICS.index("share:cls")
    means = given_numbers.values[place, longest].mean(axis=0)
    assert np.allclose(made.mean("share:cls", 1280), means, atol=1e-6)
    assert set(made.metrics) == set(METRICS)


def test_what_is_not_there_is_said() -> None:
    made = profile_of(numbers(1))
    with pytest.raises(ValueError, match="'attention' is none of share:special"):
        made.mean("attention")
    with pytest.raises(ValueError, match="no text has 'cls_to_itself'; the metrics of this"):
        made.mean("cls_to_itself")
    with pytest.raises(ValueError, match="none, as no text was measured"):
        NOTHING.std("entropy")
    with pytest.raises(ValueError, match="no text in the length bin of 2 tokens"):
        made.mean("entropy", 2)
    with pytest.raises(ValueError, match="length is 0"):
        made.mean("entropy", 0)
    with pytest.raises(ValueError, match=r"q is 1\.5"):
        made.quantile("entropy", 1.5)
    with pytest.raises(ValueError, match="no profile to merge"):
        merge([])
    with pytest.raises(ValueError, match="expected finite numbers"):
        profile_of(
            Numbers(
                np.array([3]),
                np.full((len(METRICS), 1, *SHAPE), np.inf),
                np.zeros((1, len(TARGETS))),
            )
        )


def test_profiles_of_other_models_or_settings_do_not_add_up() -> None:
    for other, named in (
        (dataclasses.replace(NOTHING, about={"model": "n", "changes": {}}), "model 'm' and 'n'"),
        (dataclasses.replace(NOTHING, edges=(1, 9)), "edges"),
        (dataclasses.replace(NOTHING, heads=4), "heads 3 and 4"),
    ):
        with pytest.raises(ValueError, match=named):
            merge([NOTHING, other])


@given(st.lists(st.integers(0, 400), max_size=150), st.integers(0, 150))
@settings(max_examples=20, deadline=None)
def test_all_failures_are_counted_and_the_first_hundred_told(places: list[int], cut: int) -> None:
    told = [
        Failure(place, "ValueError" if place % 2 else "TypeError", "no", "x") for place in places
    ]
    both = Failures.of(*told[cut:]) + Failures.of(*told[:cut])
    assert both == Failures.of(*told)
    assert both.count == len(told)
    assert [one.place for one in both.first] == sorted(places)[:100]


def test_the_excess_is_that_of_one_records_share() -> None:
    share = np.full((1, 2, 1, 1), 0.4)
    even = np.array([[0.25], [1.0]])
    assert excess(share, even)[0, :, 0, 0] == pytest.approx([0.2, np.nan], nan_ok=True)


def test_a_saved_profile_comes_back_byte_for_byte(tmp_path: pathlib.Path) -> None:
    failures = Failures.of(Failure(3, "ValueError", "empty", "\udc80"[:0]))
    made = profile_of(numbers(20), cut=2, lost=9, failures=failures)
    path = tmp_path / "p.npz"
    made.save(path)
    again = Profile.load(path)
    assert dump(again) == dump(made) == path.read_bytes()
    assert repr(again) == repr(made)
    assert (again.cut, again.lost, again.failures) == (2, 9, failures)
    with np.load(path, allow_pickle=False) as file:
        assert file["total"].dtype == np.int64
    with pytest.raises(TypeError):
        again.about["model"] = "other"  # type: ignore[index]
    assert [entry.name for entry in tmp_path.iterdir()] == ["p.npz"]


def test_a_kill_while_writing_leaves_the_older_file_whole(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.npz"
    profile_of(numbers(2)).save(path)
    before = path.read_bytes()

    def killed(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        profile_of(numbers(9)).save(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kept", [0, 10, 200, 0.5, 0.99])
def test_a_damaged_file_is_named(tmp_path: pathlib.Path, kept: float) -> None:
    whole = dump(profile_of(numbers(4)))
    path = tmp_path / "p.npz"
    path.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    with pytest.raises(ValueError, match=r"p\.npz"):
        Profile.load(path)


def test_what_is_in_a_file_is_checked_and_never_executed() -> None:
    whole = dump(profile_of(numbers(2)))

    def changed(name: str, content: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(made, "w") as new:
            for entry in old.namelist():
                new.writestr(entry, content if entry == name else old.read(entry))
        return made.getvalue()

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.array([{}], dtype=object), allow_pickle=True)
    for content, named in (
        (changed("total.npy", buffer.getvalue()), "Object arrays cannot be loaded"),
        (changed("profile.json", b'{"format": "other"}'), "another format"),
        (
            changed("profile.json", b'{"format": "attn_widgets.profile", "version": 9}'),
            "update attn_widgets",
        ),
        (changed("profile.json", b"["), "damaged"),
    ):
        with pytest.raises(ValueError, match=named):
            parse(content, "p.npz")


def test_profiles_and_their_merging_are_found_beside_the_other_measures() -> None:
    assert analysis.Profile is Profile
    assert analysis.merge is merge
