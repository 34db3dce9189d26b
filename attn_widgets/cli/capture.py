"""Run a model on a text and save its attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.cli.errors import UsageError
from attn_widgets.cli.files import check_out, read_text

if TYPE_CHECKING:
    import argparse

    from attn_widgets.record import AttentionRecord

RECORD = ".npz"


def run(words: argparse.Namespace) -> int:
    """Do as told, and print the path of the record.

    Raises
    ------
    UsageError
        If what is given is no text but the name of a record.
    """
    check_out(words.out, [RECORD], force=words.force)
    if words.what.lower().endswith(RECORD):
        msg = (
            f"{words.what} is the name of a saved record, and capture reads a text: draw a record "
            "with attn-widgets show; if it is meant as a text, give it on standard input (-)"
        )
        raise UsageError(msg)
    record = captured(words, mask=words.mask)
    record.save(words.out)
    print(words.out)  # noqa: T201 - the command's answer
    return 0


def captured(words: argparse.Namespace, mask: str | None) -> AttentionRecord:
    """Run the model that was named on the text that was given.

    Raises
    ------
    UsageError
        If no model was named.
    """
    if words.model is None:
        msg = "a text needs a model that reads it: give --model, for example --model demo"
        raise UsageError(msg)
    text = read_text(words.what)
    from attn_widgets.models import ModelRunner  # noqa: PLC0415 - torch loads only here

    return ModelRunner.from_pretrained(words.model).run(text, words.pair, mask=mask)
