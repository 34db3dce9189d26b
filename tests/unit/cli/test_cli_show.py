"""The commands that draw and keep: what they write, what they refuse, how they end."""

from __future__ import annotations

import io
import subprocess
import sys
import webbrowser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from attn_widgets import AttentionRecord, __version__, local, samples
from attn_widgets.cli import main
from attn_widgets.models import ModelRunner

if TYPE_CHECKING:
    import pathlib

HEAVY = {"torch", "transformers", "numpy", "anywidget", "IPython"}
DOG = "The dog chased the cat."


@pytest.fixture
def record(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "dog.npz"
    samples.load("sentence").save(path)
    return path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What a model would have been run on; a sample comes out."""
    calls: list[tuple[Any, ...]] = []

    class Stand:
        def __init__(self, name: str) -> None:
            self.name = name

        def run(self, text: str, pair: str | None, *, mask: str | None) -> AttentionRecord:
            calls.append((self.name, text, pair, mask))
            return samples.load("pair" if pair else "sentence")

    monkeypatch.setattr(ModelRunner, "from_pretrained", Stand)
    return calls


def fails(argv: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> str:
    """Run what must fail, and give what it says of it."""
    if status == 2:
        with pytest.raises(SystemExit) as ended:
            main(argv)
        assert ended.value.code == 2
    else:
        assert main(argv) == status
    out, said = capsys.readouterr()
    assert not out
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("words", [["--help"], ["show", "--help"], ["doctor", "--help"]])
def test_help_shows_examples_and_loads_nothing(words: list[str]) -> None:
    code = (
        "import sys\nfrom attn_widgets.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    status = end.code\n"
        "print(status, *sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    text, _, loaded = done.stdout.rpartition("\n0 ")
    assert "examples:" in text
    assert "exit status:" in text
    assert not HEAVY & set(loaded.split())


def test_the_version_is_that_of_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "attn_widgets", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"attn-widgets {__version__}\n"


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", b"<!doctype html>"), ("a.png", b"\x89PNG"), ("a.SVG", b"<")]
)
def test_a_record_becomes_a_page_or_a_picture_by_the_name_of_the_file(
    record: pathlib.Path, name: str, begins: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    out = record.with_name(name)
    assert main(["show", str(record), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(begins)
    assert capsys.readouterr().out == f"{out}\n"


def test_the_choices_are_those_of_the_explorer(record: pathlib.Path) -> None:
    out = record.with_suffix(".html")
    choices = ["--layer", "2", "--head", "7", "--mask", "local(2) | global_('cls')", "--lang", "ja"]
    assert main(["show", str(record), "--out", str(out), *choices]) == 0
    text = out.read_text("utf-8")
    assert '"layer": 2' in text
    assert '"head": 7' in text
    assert '<html lang="ja">' in text
    assert "local(2) | global_(&#x27;cls&#x27;)" in text


def test_a_dark_picture_is_darker(record: pathlib.Path) -> None:
    light, dark = record.with_name("light.svg"), record.with_name("dark.svg")
    assert main(["show", str(record), "--out", str(light)]) == 0
    assert main(["show", str(record), "--out", str(dark), "--theme", "dark"]) == 0
    assert light.read_bytes() != dark.read_bytes()


def test_a_record_is_drawn_where_no_model_can_run(record: pathlib.Path) -> None:
    code = (
        "import sys\nfrom attn_widgets.cli import main\nstatus = main(sys.argv[1:])\n"
        "print(status, *sorted(sys.modules))"
    )
    words = ["show", str(record), "--out", str(record.with_suffix(".html"))]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    status, *loaded = done.stdout.splitlines()[-1].split()
    assert status == "0"
    assert not {"torch", "transformers"} & set(loaded)


def test_a_text_is_read_by_the_model_that_is_named(
    tmp_path: pathlib.Path, ran: list[tuple[Any, ...]]
) -> None:
    out = tmp_path / "page.html"
    words = ["show", DOG, "--pair", "It ran.", "--model", "some/model", "--out", str(out)]
    assert main([*words, "--mask", "local(1)"]) == 0
    # What is shown lies over the picture; the model runs without it.
    assert ran == [("some/model", DOG, "It ran.", None)]


def test_standard_input_is_a_text(
    tmp_path: pathlib.Path, ran: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\ntwo\n"))
    assert main(["show", "-", "--model", "demo", "--out", str(tmp_path / "page.html")]) == 0
    assert ran == [("demo", "one\ntwo", None, None)]


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])  # of most locales, and of C
def test_bytes_in_another_encoding_are_named_with_the_one_they_were_read_in(
    tmp_path: pathlib.Path,
    errors: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raw = io.BytesIO("größer".encode("latin-1"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw, encoding="utf-8", errors=errors))
    said = fails(["show", "-", "--model", "demo", "--out", str(tmp_path / "a.html")], 1, capsys)
    assert "not utf-8, as it is read here: it holds byte 0xf6" in said
    assert "iconv" in said


def test_an_interrupted_command_ends_with_130_as_its_help_says(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ModelRunner, "from_pretrained", interrupted)
    assert main(["capture", DOG, "--model", "demo", "--out", str(tmp_path / "a.npz")]) == 130
    with pytest.raises(SystemExit):
        main(["capture", "--help"])
    assert "130 interrupted" in capsys.readouterr().out


def test_a_captured_record_is_that_of_the_real_model_under_the_mask(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "narrow.npz"
    words = ["capture", DOG, "--model", "demo", "--mask", "local(1)", "--out", str(out)]
    assert main(words) == 0
    found = AttentionRecord.load(out)
    outside = ~local(1).bind(len(found.tokens)).to_dense()
    assert not found.weights[:, :, outside].any()
    assert np.array_equal(
        found.weights,
        ModelRunner.from_pretrained("demo").run(DOG, mask=local(1)).weights,
    )
    assert capsys.readouterr().out == f"{out}\n"


def test_nothing_is_overwritten_unless_that_is_said(
    record: pathlib.Path, ran: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    kept = record.read_bytes()
    words = ["capture", DOG, "--model", "demo", "--out", str(record)]
    assert "--force" in fails(words, 1, capsys)
    assert record.read_bytes() == kept
    assert ran == []  # it was refused before a model was loaded
    assert main([*words, "--force"]) == 0
    assert ran == [("demo", DOG, None, None)]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "command"),
        (["draw"], 2, "invalid choice"),
        (["show", DOG], 2, "--out"),
        (["show", DOG, "--out", "{}/a.gif"], 2, ".html or .png or .svg"),
        (["show", DOG, "--out", "{}/a.html"], 2, "--model demo"),
        (["show", DOG, "--out", "{}/a.html", "--theme", "dark"], 2, "reader's choice"),
        (["show", DOG, "--out", "{}/a.html", "--mask", "local(2"], 2, "--mask"),
        (["show", DOG, "--out", "{}/a.html", "--layer", "one"], 2, "invalid int"),
        (["show", "{}/dog.npz", "--model", "demo", "--out", "{}/a.html"], 2, "leave --model out"),
        (["capture", DOG, "--model", "demo", "--out", "{}/a.json"], 2, ".npz"),
        (["capture", "{}/dog.npz", "--model", "demo", "--out", "{}/a.npz"], 2, "saved record"),
        (["capture", "none.NPZ", "--model", "demo", "--out", "{}/a.npz"], 2, "attn-widgets show"),
        (["show", "{}/none.npz", "--out", "{}/a.html"], 1, "there is no record"),
        (["show", "{}/dog.npz", "--out", "{}/none/a.html"], 1, "there is no folder"),
        (["show", "{}/dog.npz", "--out", "{}/a.html", "--layer", "9"], 1, "layers"),
        (["show", "{}/dog.npz", "--out", "{}/a.html", "--mask", "global_(99)"], 1, "99"),
        (["show", " ", "--model", "demo", "--out", "{}/a.html"], 1, "empty"),
        (["show", DOG, "--model", "{}/no/model", "--out", "{}/a.html"], 1, "could not be loaded"),
    ],
)
def test_what_cannot_be_is_said_in_words_and_by_the_exit_status(
    record: pathlib.Path,
    words: list[str],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = record.parent
    assert said in fails([word.format(folder) for word in words], status, capsys)
    assert [path.name for path in folder.iterdir()] == ["dog.npz"]


def test_a_file_that_is_no_record_is_named(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.npz"
    path.write_bytes(b"something else")
    said = fails(["show", str(path), "--out", str(tmp_path / "a.html")], 1, capsys)
    assert said.startswith("error: ")
    assert "other.npz" in said


def test_debug_shows_where_it_failed(
    record: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["show", str(record), "--layer", "9", "--out", str(record.with_suffix(".html"))]
    assert main([*words, "--debug"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert said.splitlines()[-1].startswith("error: ")


def test_a_missing_package_points_to_the_doctor(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(_name: str) -> None:
        raise ModuleNotFoundError(name="torch")

    monkeypatch.setattr(ModelRunner, "from_pretrained", absent)
    said = fails(["show", DOG, "--model", "demo", "--out", str(tmp_path / "a.html")], 1, capsys)
    assert said == "error: torch is not installed: attn-widgets doctor says how to get it\n"


def test_warnings_are_said_in_one_line_each(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "word " * 600
    out = tmp_path / "long.npz"
    assert main(["capture", long, "--model", "demo", "--out", str(out)]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert len(said) == 1
    assert "512" in said[0]


@pytest.mark.parametrize(("opens", "status"), [(True, 0), (False, 1)])
def test_a_browser_opens_what_was_written(
    record: pathlib.Path,
    opens: bool,  # noqa: FBT001 - a case of the test
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or opens)
    out = record.with_suffix(".html")
    assert main(["show", str(record), "--out", str(out), "--open"]) == status
    assert opened == [out.as_uri()]
    assert capsys.readouterr().err.startswith("error: no browser") is not opens
