"""Work that takes a while, done beside the notebook so that it can be stopped."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Job(Generic[Result]):
    """One piece of work in a thread of its own; its outcome is handed over in the caller's.

    Parameters
    ----------
    work
        What is done; it is given a function that says whether it should stop.
    done
        Takes the job and its result, or the exception it ended with.
    """

    def __init__(
        self,
        work: Callable[[Callable[[], bool]], Result],
        done: Callable[[Job[Result], Result | Exception], None],
    ) -> None:
        self._work = work
        self._done = done
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin; without a running event loop to come back to, work here and now."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._done(self, self._outcome())
            return

        def run() -> None:
            outcome = self._outcome()
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._done, self, outcome)

        threading.Thread(target=run, name="attn_widgets run", daemon=True).start()

    def stop(self) -> None:
        """Ask the work to end."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to end."""
        return self._stop.is_set()

    def _outcome(self) -> Result | Exception:
        try:
            return self._work(self._stop.is_set)
        except Exception as error:  # noqa: BLE001 - handed on to who waits for it
            return error
