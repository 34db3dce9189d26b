"""One thing that was looked at, and what was found."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from typing import Literal

State = Literal["ok", "note", "missing", "wrong"]


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What is so of one part of the environment.

    Parameters
    ----------
    part
        What was looked at.
    state
        ``"ok"``; ``"note"``, as it may well be; ``"missing"``; or ``"wrong"``, there and of no use.
    found
        Its version or value; empty where there is none.
    said
        What it is for, or what is wrong with it.
    mend
        The exact command, or the step, that mends it; empty where there is nothing to mend.
    needed
        Whether nothing works without it.
    """

    part: str
    state: State
    found: str = ""
    said: str = ""
    mend: str = ""
    needed: bool = False

    @property
    def failed(self) -> bool:
        """Whether something is needed that does not work."""
        return self.needed and self.state in {"missing", "wrong"}


def pip_install(*what: str, again: bool = False) -> str:
    """Write the command that installs packages into this very Python."""
    words = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *(["--force-reinstall", "--no-deps"] if again else ()),
        *what,
    ]
    return shlex.join(words)
