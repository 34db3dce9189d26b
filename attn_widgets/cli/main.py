"""The command ``attn-widgets``: what it is told, what it answers, how it ends."""

from __future__ import annotations

import sys
import traceback
import warnings
from typing import TYPE_CHECKING

import attn_widgets
from attn_widgets.cli.arguments import parser
from attn_widgets.cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, INTERRUPTED = 0, 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns
    -------
    int
        The exit status: 0 done, 1 failed with the reason on stderr, 130 interrupted. Wrong usage
        ends the process with 2, as `argparse` does.
    """
    words = parser(attn_widgets.__version__).parse_args(argv)
    try:
        with warnings.catch_warnings(record=True) as told:
            try:
                status: int = words.run(words)
            finally:
                for warning in told:
                    _say(f"warning: {warning.message}")
    except UsageError as error:
        words.command.error(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the edge: a reader gets the reason, not the stack
        if words.debug:
            traceback.print_exc()
        _say(f"error: {_reason(error)}")
        return FAILED
    return status


def _reason(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name} is not installed: attn-widgets doctor says how to get it"
    return str(error) or type(error).__name__


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the command's complaint
