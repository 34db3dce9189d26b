"""What can be said on the command line."""

from __future__ import annotations

import argparse
import pathlib

from attn_widgets.cli import capture, doctor, show

RUN = """\
exit status: 0 done, 1 failed (the reason is on stderr), 2 wrong usage,
  130 interrupted (Ctrl+C)
"""
EXAMPLES = """\
examples:
  attn-widgets show "The dog chased the cat." --model demo --out page.html
  attn-widgets capture "The dog chased the cat." --model demo --out dog.npz
  attn-widgets show dog.npz --out dog.png
  attn-widgets doctor
"""
SHOW_EXAMPLES = """\
examples:
  attn-widgets show "The dog chased the cat." --model demo --out page.html --open
  attn-widgets show "How old are you?" --pair "I am six." --model demo --out pair.svg
  attn-widgets show dog.npz --mask "local(2) | global_('cls')" --layer 2 --head 7 --out dog.png
  cat poem.txt | attn-widgets show - --model bert-base-uncased --out poem.html --lang ja
"""
CAPTURE_EXAMPLES = """\
examples:
  attn-widgets capture "The dog chased the cat." --model demo --out dog.npz
  attn-widgets capture "The dog ran." --model demo --mask "local(1)" --out narrow.npz
"""
DOCTOR_EXAMPLES = """\
examples:
  attn-widgets doctor
  attn-widgets doctor --json > report.json
"""


def parser(version: str) -> argparse.ArgumentParser:
    """Describe the commands."""
    top = _described(
        argparse.ArgumentParser(
            prog="attn-widgets",
            description="See every head of every layer of a transformer.",
            allow_abbrev=False,
        ),
        EXAMPLES,
    )
    top.add_argument("--version", action="version", version=f"attn-widgets {version}")
    commands = top.add_subparsers(metavar="command", required=True)
    for name, what, examples, add, run in (
        ("show", "draw a text or a saved record", SHOW_EXAMPLES, _add_show, show.run),
        (
            "capture",
            "run a model and save its attention",
            CAPTURE_EXAMPLES,
            _add_capture,
            capture.run,
        ),
        (
            "doctor",
            "say what works here, and how to get the rest",
            DOCTOR_EXAMPLES,
            _add_doctor,
            doctor.run,
        ),
    ):
        command = _described(
            commands.add_parser(name, help=what, description=_sentence(what), allow_abbrev=False),
            examples,
        )
        add(command)
        command.add_argument(
            "--debug", action="store_true", help="on failure, show the traceback, too"
        )
        command.set_defaults(run=run, command=command)
    return top


def _described(parser: argparse.ArgumentParser, examples: str) -> argparse.ArgumentParser:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"{examples}\n{RUN}"
    return parser


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="TEXT | - | RECORD.npz",
        help="a text, - for standard input, or a saved record",
    )
    _add_run(parser)
    _add_out(parser, "what to write: a page (.html) or a picture (.png, .svg)")
    parser.add_argument(
        "--mask",
        type=mask,
        help="sparse mask to lay over it, such as \"local(2) | global_('cls')\"",
    )
    parser.add_argument("--layer", type=int, help="layer of the head in full, counted from 0")
    parser.add_argument("--head", type=int, help="the head in full, counted from 0")
    parser.add_argument(
        "--lang", choices=show.LANGUAGES, default="auto", help="language of what is written"
    )
    parser.add_argument(
        "--theme",
        choices=show.THEMES,
        help="ground of a picture (default: light); a page follows its reader's choice",
    )
    parser.add_argument("--open", action="store_true", help="open what was written in a browser")


def _add_capture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="TEXT | -", help="a text, or - for standard input")
    _add_run(parser)
    _add_out(parser, "the record to write (.npz)")
    parser.add_argument(
        "--mask", type=mask, help='sparse mask to run the model under, such as "local(2)"'
    )


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pair", metavar="TEXT", help="a second text: the other sentence of a pair"
    )
    parser.add_argument(
        "--model",
        metavar="NAME | FOLDER",
        help='the model that reads the text: "demo" (no network), a name on the hub, or a folder',
    )


def _add_out(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--out", required=True, type=pathlib.Path, metavar="FILE", help=what)
    parser.add_argument("--force", action="store_true", help="overwrite FILE")


def mask(text: str) -> str:
    """Take the text form of a mask.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none; the message shows the place.
    """
    from attn_widgets.masks import MaskParseError  # noqa: PLC0415 - help is quick without it
    from attn_widgets.masks.text import parse  # noqa: PLC0415 - the same

    try:
        parse(text)
    except (MaskParseError, TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text
