"""Hooks on a model that hear one thread, and no other."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


class OwnHooks(contextlib.ExitStack):
    """Hooks for a block of code, called for what the thread that made them runs.

    torch hangs a hook on a module for whoever calls it: a model that is followed here may be in use
    elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def before(self, module: torch.nn.Module, hook: Callable[..., Any]) -> None:
        """Call a hook before a module runs: with it, its arguments and its keywords."""
        own = self._own(hook)
        self.callback(module.register_forward_pre_hook(own, with_kwargs=True).remove)

    def after(self, module: torch.nn.Module, hook: Callable[..., Any]) -> None:
        """Call a hook when a module has run: with it, its arguments and what it gave."""
        self.callback(module.register_forward_hook(self._own(hook)).remove)

    def _own(self, hook: Callable[..., Any]) -> Callable[..., Any]:
        def own(*given: Any) -> Any:  # noqa: ANN401 - what torch gives, and takes
            return hook(*given) if threading.get_ident() == self._thread else None

        return own
