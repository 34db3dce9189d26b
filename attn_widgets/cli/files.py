"""The file that a command writes, and the text that it reads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from attn_widgets.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Sequence


def check_out(path: pathlib.Path, suffixes: Sequence[str], *, force: bool) -> None:
    """See that a file can be written, before a model is run for it.

    Raises
    ------
    UsageError
        If its name ends in none of the suffixes.
    CommandError
        If it exists and may not be overwritten, or its folder does not.
    """
    if path.suffix.lower() not in suffixes:
        msg = f"--out {path}: expected a name that ends in {' or '.join(suffixes)}"
        raise UsageError(msg)
    if path.is_dir():
        msg = f"{path} is a folder: name a file in it"
        raise CommandError(msg)
    if path.exists() and not force:
        msg = f"{path} exists: give --force to overwrite it, or another name"
        raise CommandError(msg)
    if not path.parent.is_dir():
        msg = f"there is no folder {path.parent}: make it, or write elsewhere"
        raise CommandError(msg)


def read_text(what: str) -> str:
    """Give the text that was named: itself, or for ``-`` what comes on standard input.

    Raises
    ------
    CommandError
        If it is empty, or standard input is in another encoding than it is read in.
    """
    text = _standard_input() if what == "-" else what
    if not text.strip():
        where = "standard input" if what == "-" else "the text"
        msg = f"{where} is empty: there is nothing to read"
        raise CommandError(msg)
    return text


def _standard_input() -> str:
    try:
        text = sys.stdin.read().rstrip("\r\n")
        # In the locale C, Python lets what it cannot read through, as halves of characters.
        text.encode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        stray = error.object[error.start]
        byte = stray if isinstance(stray, int) else ord(stray) & 0xFF
        msg = (
            f"standard input is not {sys.stdin.encoding}, as it is read here: it holds byte "
            f"{byte:#04x}. Convert it first (iconv -t utf-8), or set PYTHONIOENCODING to its own "
            "encoding"
        )
        raise CommandError(msg) from error
    return text
