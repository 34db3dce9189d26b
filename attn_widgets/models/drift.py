"""Hidden states in and out of every layer of a stack, followed while a model runs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from attn_widgets.models.errors import UnsupportedModelError
from attn_widgets.models.hooks import OwnHooks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from attn_widgets.models.stacks import Stack

_TINY = 1e-300


def blocks(body: torch.nn.Module, stack: Stack) -> list[torch.nn.Module]:
    """Find the block that holds each attention layer, in the order of the calls.

    A block is the outermost element of a ``ModuleList`` that holds one attention module of the
    stack and no other: T5 keeps its sublayers in a list of their own, ALBERT one layer in a list of
    groups.

    Raises
    ------
    UnsupportedModelError
        If an attention module is in no list.
    """
    names = set(stack.names)
    return [body.get_submodule(_block(body, name, names)) for name in stack.names]


def _block(body: torch.nn.Module, name: str, names: set[str]) -> str:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path, parent = ".".join(parts[:end]), ".".join(parts[: end - 1])
        inside = sum(f"{other}.".startswith(f"{path}.") for other in names)
        if inside == 1 and isinstance(body.get_submodule(parent), torch.nn.ModuleList):
            return path
    msg = (
        f"the attention module {name!r} is not part of a list of layers: what its layer gives "
        "cannot be followed, so a change of this model cannot be measured layer by layer"
    )
    raise UnsupportedModelError(msg)


class Followed:
    """Hidden states of one forward pass, or how far they are from those of a plain one.

    Parameters
    ----------
    layers
        The blocks, in the order of their calls; one that is shared appears once per call.
    plain
        A pass that was followed before, to measure against; without one, states are kept.
    forced
        Whether every block is fed what the plain pass fed it (*teacher-forced*).

    Attributes
    ----------
    entered, left
        Hidden states before and after each block, ``(batch, tokens, hidden)``; kept without
        `plain`.
    l1, cosine
        Distances from `plain` after each block; see `distances`.
    """

    def __init__(
        self,
        layers: Sequence[torch.nn.Module],
        plain: Followed | None = None,
        *,
        forced: bool = False,
    ) -> None:
        self._layers = layers
        self._plain = plain
        self._forced = forced
        self._begun = 0
        self._ended = 0
        self.entered: list[torch.Tensor] = []
        self.left: list[torch.Tensor] = []
        self.l1: list[float] = []
        self.cosine: list[float] = []

    @contextlib.contextmanager
    def hooked(self) -> Iterator[None]:
        """Follow what this thread runs in a block of code; no hook is left behind."""
        with OwnHooks() as hooks:
            for module in dict.fromkeys(self._layers):
                hooks.before(module, self._enter)
                hooks.after(module, self._leave)
            yield

    def drift(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give both distances, ``(layers,)``.

        Raises
        ------
        UnsupportedModelError
            If a block was not called.
        """
        if len(self.l1) != len(self._layers):
            self._refuse(f"{len(self.l1)} of {len(self._layers)} layers were called")
        return np.array(self.l1), np.array(self.cosine)

    def _enter(
        self, module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        number = self._begun
        self._begun += 1
        if number >= len(self._layers) or self._layers[number] is not module:
            self._refuse(f"call {number + 1} came from another layer")
        place = _states_among(args, kwargs)
        if place is None:
            self._refuse(f"layer {number} is not given hidden states")
        if self._plain is None:
            given = args[0] if place == 0 else kwargs[place]
            self.entered.append(given.detach().clone())
            return None
        if not self._forced:
            return None
        states = self._plain.entered[number]
        if place == 0:
            return (states, *args[1:]), kwargs
        return args, kwargs | {place: states}

    def _leave(self, module: torch.nn.Module, args: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401, ARG002 - torch calls it with all three, and a block may give anything
        states = output[0] if isinstance(output, tuple) else output
        number = self._ended
        self._ended += 1
        if self._plain is None:
            self.left.append(states.detach().clone())
            return
        l1, cosine = distances(self._plain.left[number], states)
        self.l1.append(l1)
        self.cosine.append(cosine)

    def _refuse(self, what: str) -> None:
        msg = (
            f"{what}; expected {len(self._layers)} layers that are given hidden states, one after "
            "the other: a change of this model cannot be measured layer by layer"
        )
        raise UnsupportedModelError(msg)


def distances(before: torch.Tensor, after: torch.Tensor) -> tuple[float, float]:
    """Measure how far hidden states ``(batch, tokens, hidden)`` moved, in float64.

    Returns
    -------
    l1 : float
        ``sum |h' - h| / sum |h|``, over all tokens and dimensions.
    cosine : float
        ``h' · h / (|h'| |h|)``, the mean over tokens.
    """
    was, now = (states.detach().to("cpu").double() for states in (before, after))
    l1 = float((now - was).abs().sum() / was.abs().sum().clamp_min(_TINY))
    cosines = torch.nn.functional.cosine_similarity(was, now, dim=-1, eps=_TINY)
    return l1, float(cosines.mean())


def _states_among(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - 0, a name, or None
    """Say where a block's hidden states are: its first argument, or a keyword."""
    if args and isinstance(args[0], torch.Tensor):
        return 0
    return next(
        (
            name
            for name, given in kwargs.items()
            if isinstance(given, torch.Tensor) and given.is_floating_point()
        ),
        None,
    )
