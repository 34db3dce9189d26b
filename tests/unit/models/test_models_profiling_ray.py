"""On a real local Ray, a profile is that of one machine, also where an actor dies in the middle."""

from __future__ import annotations

import copy
import os
import signal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from attn_widgets.masks import local
from attn_widgets.models import ModelRunner, TextFailedError, TextFailedWarning, ray_profiling

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from attn_widgets.analysis.profile import Profile

TEXTS: list[Any] = [" ".join(["one two three four ."] * (1 + n % 4)) for n in range(24)]
TEXTS[7:7] = ["", None, ("one two", "three")]


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Start Ray on this machine, quietly, and end it."""
    ray = pytest.importorskip("ray", reason="not promised: Ray has no build for this Python")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            object_store_memory=100 * 2**20,
        )
        try:
            yield
        finally:
            ray.shutdown()


def profile(runner: ModelRunner, engine: str, path: pathlib.Path | None = None) -> Profile:
    with pytest.warns(TextFailedWarning, match=r"2 of 27 texts failed"):
        return runner.profile(
            TEXTS, engine=engine, path=path, on_error="record", window=4, progress=False
        )


def check_alike(one: Profile, other: Profile) -> None:
    assert (one.texts, one.tokens, one.failures) == (other.texts, other.tokens, other.failures)
    assert one.metrics == other.metrics
    for metric in one.metrics:
        assert one.count(metric) == other.count(metric)
        assert np.allclose(one.mean(metric), other.mean(metric), rtol=0, atol=1e-6)
        assert np.allclose(one.std(metric), other.std(metric), rtol=0, atol=1e-6)
    assert (one + other).texts == 2 * one.texts


def test_an_actor_that_is_killed_in_the_middle_changes_nothing(
    sharp: ModelRunner, word_tokenizer: PreTrainedTokenizerFast, tmp_path: pathlib.Path
) -> None:
    killed = tmp_path / "killed"

    class Killing(PreTrainedTokenizerFast):
        """Kill the process that reads the only pair, once."""

        def __call__(self, text: str, pair: str | None = None, **options: Any) -> Any:
            if pair == "three" and not killed.exists():
                killed.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(text, pair, **options)

    tokenizer = copy.deepcopy(word_tokenizer)
    tokenizer.__class__ = Killing
    runner = ModelRunner.from_pretrained(sharp.model, tokenizer)
    path = tmp_path / "p.npz"
    made = profile(runner, "ray", path)
    assert killed.exists()
    check_alike(made, profile(sharp, "local"))
    check_alike(profile(sharp, "local", path), made)  # goes on where Ray ended: nothing is left


def test_many_rounds_give_the_windows_in_order_and_an_error_ends_them(
    sharp: ModelRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(ray_profiling, "_WINDOWS_OF_AN_ACTOR", 1)
    path = tmp_path / "p.npz"
    options: dict[str, Any] = {"window": 4, "path": path, "engine": "ray", "progress": False}
    with pytest.raises(TextFailedError, match="text 7"):
        sharp.profile(TEXTS, **options)
    with pytest.warns(TextFailedWarning):
        made = sharp.profile(TEXTS[:12], on_error="record", actors=2, **options)
    assert (made.texts, made.failures.count) == (10, 2)


def test_a_change_that_stands_is_refused(sharp: ModelRunner) -> None:
    with sharp.editing(local(1)), pytest.raises(ValueError, match="engine='ray' runs models as"):
        sharp.profile(["one two"], engine="ray", progress=False)
