"""Draw a text or a saved record into a file."""

from __future__ import annotations

import pathlib
import webbrowser
from typing import TYPE_CHECKING

from attn_widgets.cli.capture import RECORD, captured
from attn_widgets.cli.errors import CommandError, UsageError
from attn_widgets.cli.files import check_out

if TYPE_CHECKING:
    import argparse

    from attn_widgets.record import AttentionRecord

PAGE = ".html"
PICTURES = (".png", ".svg")
LANGUAGES = ("auto", "en", "ja")
THEMES = ("light", "dark")


def run(words: argparse.Namespace) -> int:
    """Do as told, and print the path of what was drawn.

    Raises
    ------
    UsageError
        If the words do not go together.
    CommandError
        If the record cannot be read, or no browser opens.
    """
    check_out(words.out, [PAGE, *PICTURES], force=words.force)
    suffix = words.out.suffix.lower()
    if suffix == PAGE and words.theme is not None:
        msg = f"--theme {words.theme} is for pictures: a page follows its reader's choice"
        raise UsageError(msg)
    record = _record(words)
    from attn_widgets.widgets import AttentionExplorer  # noqa: PLC0415 - help is quick without it

    settings = {"layer": words.layer, "head": words.head, "mask": words.mask}
    given = {name: value for name, value in settings.items() if value is not None}
    view = AttentionExplorer(record, lang=words.lang, **given)
    if suffix == PAGE:
        view.save_html(words.out)
    elif suffix == ".svg":
        view.save_svg(words.out, theme=words.theme or "light")
    else:
        view.save_png(words.out, theme=words.theme or "light")
    print(words.out)  # noqa: T201 - the command's answer
    if words.open and not webbrowser.open(words.out.resolve().as_uri()):
        msg = f"no browser opens here: open {words.out.resolve()} yourself"
        raise CommandError(msg)
    return 0


def _record(words: argparse.Namespace) -> AttentionRecord:
    if not words.what.lower().endswith(RECORD):
        return captured(words, mask=None)
    given = [name for name in ("model", "pair") if getattr(words, name) is not None]
    if given:
        msg = f"{words.what} is a saved record, which no model reads: leave --{given[0]} out"
        raise UsageError(msg)
    path = pathlib.Path(words.what)
    if not path.is_file():
        msg = f"there is no record {path}: make one with attn-widgets capture"
        raise CommandError(msg)
    from attn_widgets.record import AttentionRecord  # noqa: PLC0415 - help is quick without it

    return AttentionRecord.load(path)
