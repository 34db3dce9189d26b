"""A profile holds what single records measure, goes on after a kill, and loses no text unsaid."""

from __future__ import annotations

import io
import itertools
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

import attn_widgets
from attn_widgets.analysis.measures import measure
from attn_widgets.analysis.profile import Profile, merge
from attn_widgets.analysis.profile_file import dump
from attn_widgets.masks import local
from attn_widgets.models import (
    ModelRunner,
    TextFailedError,
    TextFailedWarning,
    TruncationWarning,
    UnsupportedModelError,
)
from attn_widgets.models.profiling_texts import Stream, batches
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from transformers import PreTrainedTokenizerFast

    from attn_widgets.record import AttentionRecord

TEXTS = [
    "one two three four five six seven .",
    ("one two three", "four five six seven . eight"),
    "one",
    "nine [PAD] two [SEP] three [MASK] no .",
    ". . .",
]
WORDS = [" ".join(["one two three four ."] * (1 + n % 4)) for n in range(23)]


def profile(runner: ModelRunner, texts: object, **options: Any) -> Profile:
    return runner.profile(texts, **{"progress": False, **options})


def of_record(record: AttentionRecord, queries: Any) -> dict[str, Any]:
    """Name what `measure` says of one record as a profile does."""
    told = measure(record, queries)
    shares = {"special": told.special, "first": told.first}
    shares |= {r.value: s for r, s in told.roles.items() if r is not TokenRole.SPECIAL}
    named: dict[str, Any] = {"entropy": told.entropy, "confidence": told.confidence}
    for name, share in shares.items():
        named |= {f"share:{name}": share.share, f"excess:{name}": share.excess}
    if told.neighbours is not None:
        for name in ("itself", "previous", "next", "local"):
            named[name] = getattr(told.neighbours, name)
    if told.cls_row is not None:
        named["cls_to_itself"] = told.cls_row.to_self
        named["cls_to_content"] = told.cls_row.to_content
    return {name: values for name, values in named.items() if not np.isnan(values).all()}


def check_against_records(runner: ModelRunner, texts: list[Any], **options: Any) -> None:
    made = profile(runner, texts, **options)
    queries = options.get("queries", "content")
    records = runner.run_many(
        texts, dtype="float32", progress=False, batch_size=1, stack=options.get("stack")
    )
    told = [of_record(record, queries) for record in records]
    assert set(made.metrics) == {name for one in told for name in one}
    for name in made.metrics:
        own = np.stack([one[name] for one in told if name in one])
        assert made.count(name) == len(own)
        assert np.allclose(made.mean(name), own.mean(axis=0), rtol=0, atol=2e-6), name
        assert np.allclose(made.quantile(name, 1), own.max(axis=0), rtol=0, atol=2e-6), name
    assert made.texts == len(texts)


@pytest.mark.parametrize("queries", ["content", "all"])
@pytest.mark.parametrize("batch_tokens", [1, 60])
def test_every_number_is_the_mean_of_what_single_records_measure(
    sharp: ModelRunner, queries: str, batch_tokens: int
) -> None:
    check_against_records(sharp, TEXTS, queries=queries, batch_tokens=batch_tokens)


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_a_decoder_without_a_first_token_of_its_own_is_measured(
    family: str, tiny: Callable[..., torch.nn.Module], byte_tokenizer: PreTrainedTokenizerFast
) -> None:
    runner = ModelRunner.from_pretrained(tiny(family), byte_tokenizer)
    texts = ["the dog and the cat saw", "a", "the cat"]
    check_against_records(runner, texts)
    made = profile(runner, texts)
    assert (made.mean("share:special") == 0).all()
    assert "cls_to_itself" not in made.metrics
    one = profile(runner, ["a"])
    assert one.metrics == ("share:special", "excess:special", "share:first", *one.metrics[3:])
    assert "entropy" not in one.metrics  # one token sees one key


@pytest.mark.parametrize("stack", ["encoder", "cross"])
def test_the_stacks_of_an_encoder_decoder_are_measured(
    stack: str, tiny: Callable[..., torch.nn.Module], piece_tokenizer: PreTrainedTokenizerFast
) -> None:
    options = {"d_model": 32, "d_ff": 37, "num_layers": 2, "num_heads": 4, "d_kv": 8}
    model = tiny("t5", decoder_start_token_id=0, **options)
    runner = ModelRunner.from_pretrained(model, piece_tokenizer)
    texts: list[Any] = ["the dog runs.", "dogs"]
    if stack == "cross":
        texts = [("the dog runs.", "the dogs"), ("dogs", "the")]
    check_against_records(runner, texts, stack=stack)


def test_a_uniform_share_is_the_mean_of_the_records(sharp: ModelRunner) -> None:
    made = profile(sharp, TEXTS)
    told = [measure(record) for record in sharp.run_many(TEXTS, progress=False)]
    assert made.uniform("special") == pytest.approx(np.mean([one.special.uniform for one in told]))


def test_the_free_function_is_the_method(sharp: ModelRunner) -> None:
    options = {"queries": "all", "lengths": (1, 8), "progress": False}
    assert dump(attn_widgets.profile(WORDS, sharp, **options)) == dump(
        sharp.profile(WORDS, **options)
    )
    with pytest.raises(TypeError, match="unexpected keyword"):
        attn_widgets.profile(WORDS, sharp, layers=3)


class Rows:
    """A data set as Ray gives it."""

    def iter_rows(self) -> Iterator[dict[str, str]]:
        return ({"text": text} for text in WORDS)


def test_all_streams_of_the_same_texts_give_the_same_bytes(
    tmp_path: pathlib.Path, sharp: ModelRunner
) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("\n\n".join(WORDS) + "\r\n", encoding="utf-8")
    whole = dump(profile(sharp, WORDS))
    assert dump(profile(sharp, iter(WORDS))) == whole
    assert dump(profile(sharp, path)) == whole
    assert dump(profile(sharp, io.StringIO("\n".join(WORDS)))) == whole
    assert dump(profile(sharp, [{"id": 1, "text": text} for text in WORDS])) == whole
    assert dump(profile(sharp, Rows())) == whole
    rows = [{"a": "one two", "b": "three ."}]
    pairs = dump(profile(sharp, [("one two", "three .")]))
    assert dump(profile(sharp, rows, column=("a", "b"))) == pairs


def test_parts_of_a_corpus_add_up_to_the_whole(sharp: ModelRunner) -> None:
    whole = profile(sharp, WORDS, batch_tokens=1)
    parts = [profile(sharp, WORDS[a:b], batch_tokens=1) for a, b in ((9, 23), (0, 4), (4, 9))]
    assert dump(merge(parts)) == dump(whole)


def test_no_more_than_a_window_is_read_ahead_and_the_file_does_not_grow(
    tmp_path: pathlib.Path, sharp: ModelRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attn_widgets.models.profiling._SECONDS_BETWEEN_SAVES", 0)
    path = tmp_path / "p.npz"
    behind: list[int] = []
    sizes: list[int] = []

    def watched() -> Iterator[str]:
        for number in range(60):
            measured = Profile.load(path).texts if path.exists() else 0
            behind.append(number - measured)
            if path.exists():
                sizes.append(len(np.load(path)["buckets"]))
            yield WORDS[number % 4]

    assert profile(sharp, watched(), path=path, window=10).texts == 60
    assert max(behind) == 9
    assert len(set(sizes)) == 1


@pytest.mark.parametrize("broken", [KeyboardInterrupt, OSError])
def test_a_broken_run_goes_on_and_counts_nothing_twice(
    tmp_path: pathlib.Path,
    sharp: ModelRunner,
    monkeypatch: pytest.MonkeyPatch,
    broken: type[BaseException],
) -> None:
    path = tmp_path / "p.npz"
    whole = profile(sharp, WORDS, window=5)
    ran: list[int] = []
    run = sharp._core.run

    def counted(prepared: Any, *rest: Any, **more: Any) -> Any:
        ran.append(len(prepared))
        return run(prepared, *rest, **more)

    monkeypatch.setattr(sharp._core, "run", counted)

    def breaking() -> Iterator[str]:
        yield from WORDS[:13]
        raise broken

    with pytest.raises(broken):
        profile(sharp, breaking(), path=path, window=5)
    assert Profile.load(path).texts == sum(ran) == 10
    again = profile(sharp, WORDS, path=path, window=5)
    assert sum(ran) == 23
    assert dump(again) == dump(whole) == dump(Profile.load(path))
    assert dump(profile(sharp, iter(WORDS), path=path)) == dump(whole)
    assert sum(ran) == 23
    more = profile(sharp, [*WORDS, "one more"], path=path)
    assert (more.texts, sum(ran)) == (24, 24)


_KILLED = """
import os, signal, sys
from attn_widgets.models import ModelRunner, profiling
profiling._SECONDS_BETWEEN_SAVES = 0
def texts():
    for number in range(40):
        if number == 27:
            os.kill(os.getpid(), signal.SIGKILL)
        yield "The dog chased the cat. " * (1 + number % 3)
runner = ModelRunner.from_pretrained("demo", device="cpu")
runner.profile(texts(), path=sys.argv[1], window=8, progress=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="not promised: no SIGKILL on Windows")
def test_a_process_that_was_killed_is_gone_on_with(
    tmp_path: pathlib.Path, demo: ModelRunner
) -> None:
    path = tmp_path / "p.npz"
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, str(path)], check=False, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert Profile.load(path).texts == 24
    texts = ["The dog chased the cat. " * (1 + number % 3) for number in range(40)]
    again, whole = profile(demo, texts, path=path, window=8), profile(demo, texts, window=8)
    assert [(one.start, one.texts) for one in again.bins] == [
        (one.start, one.texts) for one in whole.bins
    ]
    for metric in whole.metrics:
        assert again.count(metric) == whole.count(metric)
        assert np.allclose(again.mean(metric), whole.mean(metric), rtol=0, atol=1e-6)


def test_a_file_of_another_run_is_refused(tmp_path: pathlib.Path, sharp: ModelRunner) -> None:
    path = tmp_path / "p.npz"
    made = profile(sharp, WORDS, path=path)
    for texts, options, named in (
        (WORDS, {"queries": "all"}, "queries 'content' and 'all'|queries 'all' and 'content'"),
        (WORDS, {"lengths": [1, 50]}, "edges"),
        (WORDS[::-1], {}, "first 23 of other texts"),
        (WORDS[:9], {}, "first 23 of other texts"),
    ):
        with pytest.raises(ValueError, match=named):
            profile(sharp, texts, path=path, **options)
    with sharp.editing(local(1)), pytest.raises(ValueError, match="changes"):
        profile(sharp, WORDS, path=path)
    made.save(path)
    with pytest.raises(ValueError, match="a profile that no run was writing"):
        profile(sharp, WORDS, path=path)


def test_a_profile_under_a_change_is_one_of_another_setting(sharp: ModelRunner) -> None:
    plain = profile(sharp, WORDS)
    with sharp.editing(local(0)):
        changed = profile(sharp, WORDS)
    assert changed.mean("itself") == pytest.approx(1)
    with pytest.raises(ValueError, match="changes"):
        _ = plain + changed


BAD = [*WORDS[:6], "", None, ("a", "b", "c"), {"txt": "one"}, "   ", ("one", 3), *WORDS[6:]]


def test_texts_that_fail_in_the_middle_are_told_and_the_rest_kept(sharp: ModelRunner) -> None:
    with pytest.warns(TextFailedWarning, match=r"6 of 29 texts failed .* \(2 TypeError, 4 Value"):
        made = profile(sharp, BAD, on_error="record", window=5)
    assert made.texts == len(WORDS)
    assert [one.place for one in made.failures.first] == [6, 7, 8, 9, 10, 11]
    assert made.failures.by_error == (("TypeError", 2), ("ValueError", 4))
    assert "no column 'text', only txt" in made.failures.first[3].message
    whole = profile(sharp, WORDS)
    assert np.allclose(made.mean("entropy"), whole.mean("entropy"), atol=1e-6)


def test_half_a_character_is_told_of_and_kept_in_the_file(
    tmp_path: pathlib.Path, sharp: ModelRunner
) -> None:
    path = tmp_path / "p.npz"
    with pytest.warns(TextFailedWarning):
        profile(sharp, ["one", "two \ud800"], path=path, on_error="record")
    assert Profile.load(path).failures.first[0].text == "two \ud800"
    with pytest.warns(TextFailedWarning):
        assert profile(sharp, ["one", "two \ud800"], path=path, on_error="record").texts == 1


def test_a_text_that_fails_ends_the_run_unless_it_is_to_be_recorded(
    tmp_path: pathlib.Path, sharp: ModelRunner
) -> None:
    path = tmp_path / "p.npz"
    with pytest.raises(TextFailedError, match=r"text 6 \(''\) failed: ValueError: text is empty"):
        profile(sharp, BAD, path=path, window=3)
    assert Profile.load(path).texts == 6
    with pytest.warns(TextFailedWarning):
        made = profile(sharp, BAD, path=path, window=3, on_error="record")
    assert (made.texts, made.failures.count) == (23, 6)


def test_weights_that_are_no_numbers_fail_one_text_of_a_batch(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: PreTrainedTokenizerFast
) -> None:
    model = tiny("bert")
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[word_tokenizer.vocab["ten"]] = float("nan")
    runner = ModelRunner.from_pretrained(model, word_tokenizer)
    texts = ["one two", "one ten", "two one", "three one"]
    with pytest.warns(TextFailedWarning):
        made = profile(runner, texts, on_error="record")
    assert made.texts == 3
    assert [one.place for one in made.failures.first] == [1]
    assert "layer 0, head 0 is NaN: the model computes NaN" in made.failures.first[0].message
    assert np.isfinite(made.mean("share:cls")).all()


def test_a_text_that_breaks_its_batch_is_found_and_the_others_run(
    sharp: ModelRunner,
) -> None:
    ten = sharp.tokenizer.vocab["ten"]

    def refusing(_: torch.nn.Module, __: Any, given: dict[str, Any]) -> None:
        if (given["input_ids"] == ten).any():
            msg = "index out of range in self"
            raise IndexError(msg)

    hook = sharp.model.register_forward_pre_hook(refusing, with_kwargs=True)
    try:
        with pytest.warns(TextFailedWarning, match="1 IndexError"):
            made = profile(sharp, [*WORDS[:9], "ten", *WORDS[9:]], on_error="record")
    finally:
        hook.remove()
    assert (made.texts, made.failures.first[0].place) == (23, 9)


def test_a_model_that_was_changed_is_no_failure_of_a_text(
    tiny: Callable[..., torch.nn.Module], word_tokenizer: PreTrainedTokenizerFast
) -> None:
    runner = ModelRunner.from_pretrained(tiny("bert"), word_tokenizer)
    del runner.model.encoder.layer[2]
    with pytest.raises(UnsupportedModelError, match="only 2 attention calls"):
        profile(runner, WORDS, on_error="record")


@pytest.mark.parametrize(
    ("texts", "error", "named"),
    [
        ([], ValueError, "the stream is empty"),
        (iter(()), ValueError, "the stream is empty"),
        ("one two", TypeError, r"give \[text\]"),
        (b"one", TypeError, r"give \[text\]"),
        ({"train": ["one"]}, TypeError, "of a set of splits, give one"),
        (7, TypeError, "texts is a int"),
        (["", " "], TextFailedError, "none of 2 texts could be run; text 0: ValueError"),
    ],
)
def test_what_is_no_corpus_is_refused(
    sharp: ModelRunner, texts: object, error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        profile(sharp, texts, on_error="record")


@pytest.mark.parametrize(
    "option",
    [
        {"engine": "spark"},
        {"on_error": "skip"},
        {"window": 0},
        {"actors": 0},
        {"batch_tokens": 0},
        {"stack": "decoder"},
        {"queries": "text"},
        {"lengths": [5, 5]},
        {"lengths": []},
    ],
)
def test_a_choice_that_is_none_is_named(sharp: ModelRunner, option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        profile(sharp, WORDS, **option)


def test_without_ray_its_engine_says_how_to_install_ray(
    sharp: ModelRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"pip install 'attn_widgets\[ray\]'"):
        profile(sharp, WORDS, engine="ray")


def test_a_text_that_is_too_long_is_cut_and_said(sharp: ModelRunner) -> None:
    with pytest.warns(TruncationWarning, match="1 of 2 texts were too long: 70 tokens were cut"):
        made = profile(sharp, ["one " * 100, "two"])
    assert (made.cut, made.lost, made.texts) == (1, 70, 2)


def test_a_text_shorter_than_every_bin_fails_by_itself(sharp: ModelRunner) -> None:
    with pytest.warns(TextFailedWarning):
        made = profile(sharp, ["one two three", "one"], lengths=[4], on_error="record")
    assert "shorter than every length bin" in made.failures.first[0].message


def test_the_model_is_left_as_it_was(sharp: ModelRunner) -> None:
    before = sharp.model.config._attn_implementation
    ids = torch.tensor([[1, 5, 6, 2]])
    with torch.no_grad():
        told = sharp.model(ids)[0]
        profile(sharp, WORDS)
        assert torch.equal(sharp.model(ids)[0], told)
    assert sharp.model.config._attn_implementation == before


def test_batches_hold_every_text_once_and_no_more_tokens_than_asked() -> None:
    for lengths in itertools.product([1, 3, 8], repeat=4):
        made = list(batches(lengths, 9))
        assert sorted(itertools.chain(*made)) == [0, 1, 2, 3]
        sizes = [max(lengths[place] for place in one) * len(one) for one in made]
        assert max(sizes) <= 9


def test_the_digest_tells_texts_apart_that_join_to_the_same() -> None:
    told = set()
    for texts in (["ab", "c"], ["a", "bc"], [("ab", "c")], ["abc"], [("a", "bc")], [None], [3]):
        stream = Stream(texts)
        stream.skip(9)
        told.add(stream.digest)
    assert len(told) == 7


def test_a_file_that_cannot_be_written_is_refused_before_a_text_is_read(
    tmp_path: pathlib.Path, sharp: ModelRunner
) -> None:
    def unread() -> Iterator[str]:
        pytest.fail("a text was read")
        yield ""

    with pytest.raises(FileNotFoundError, match=r"there is no folder .*make it first"):
        profile(sharp, unread(), path=tmp_path / "no" / "p.npz")
    with pytest.raises(IsADirectoryError, match="give a file in it"):
        profile(sharp, unread(), path=tmp_path)
