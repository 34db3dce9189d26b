"""The command line: show a text or a record, keep a record, and say what works here."""

from attn_widgets.cli.main import main

__all__ = ["main"]
