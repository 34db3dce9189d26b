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
        If it is empty.
    """
    text = sys.stdin.read().rstrip("\r\n") if what == "-" else what
    if not text.strip():
        where = "standard input" if what == "-" else "the text"
        msg = f"{where} is empty: there is nothing to read"
        raise CommandError(msg)
    return text
