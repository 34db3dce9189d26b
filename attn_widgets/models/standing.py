"""Changes that stand for a block of code, whoever runs the model in it."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from typing import TYPE_CHECKING

from attn_widgets.interventions.changes import Changes, joined
from attn_widgets.models.editing import Editing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import torch

    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.capture import Call
    from attn_widgets.models.interface import Observer
    from attn_widgets.models.laying import Text
    from attn_widgets.record import Kind

_local = threading.local()


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """A change of one model that stands until its block ends.

    Parameters
    ----------
    model
        The model.
    kind
        The stack that is changed.
    changes
        What is changed.
    texts
        The text that is run in the block, or none where nothing is known of it. Of nested blocks
        the innermost that knows it tells.
    """

    model: torch.nn.Module
    kind: Kind
    changes: Changes
    texts: tuple[Text, ...]


def in_force(model: torch.nn.Module, kind: Kind, changes: Changes) -> dict[Kind, Changes]:
    """Put one stack's changes on top of all that stands for a model in this thread.

    Returns
    -------
    dict
        By stack, what it is run under.
    """
    return _by_stack([*((one.kind, one.changes) for one in _of(model)), (kind, changes)])


def specs(model: torch.nn.Module) -> dict[str, object]:
    """Give what stands for a model in this thread as JSON values, by stack."""
    made = _by_stack((one.kind, one.changes) for one in _of(model))
    return {kind: changes.to_spec() for kind, changes in made.items() if changes != Changes()}


@contextlib.contextmanager
def put(standing: Standing) -> Iterator[None]:
    """Let a change stand in a block; blocks may end in any order."""
    _local.standing = (*_all(), standing)
    try:
        yield
    finally:
        _local.standing = tuple(one for one in _all() if one is not standing)


class Follower:
    """An observer of runs that are not ours, under all that stands for a model in this thread.

    Parameters
    ----------
    model
        The model.
    walk
        Another observer, which numbers the calls.
    """

    def __init__(self, model: torch.nn.Module, walk: Observer) -> None:
        self._model = model
        self._walk = walk
        self._standing: list[Standing] = []
        self._under = walk

    def enter(self, module: torch.nn.Module, inputs: Inputs) -> Call | None:
        """Change what a call attends by, as what stands now has it.

        Raises
        ------
        InterventionError, MaskBindError
            If a change does not fit.
        """
        standing = _of(self._model)
        if [*map(id, standing)] != [*map(id, self._standing)]:
            texts = {one.kind: one.texts for one in standing if one.texts}
            self._standing, self._under = standing, self._walk
            for kind, changes in _by_stack((one.kind, one.changes) for one in standing).items():
                known = texts.get(kind, ())
                self._under = Editing(self._under, kind, changes, known, growing=True)
        return self._under.enter(module, inputs)

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Pass the weights on."""
        self._under.record(place, weights)


def _of(model: torch.nn.Module) -> list[Standing]:
    """List what stands for a model, the outermost first; one with a head and its body are one."""
    return [one for one in _all() if one.model.base_model is model.base_model]


def _by_stack(made: Iterable[tuple[Kind, Changes]]) -> dict[Kind, Changes]:
    found: dict[Kind, list[Changes]] = {}
    for kind, changes in made:
        found.setdefault(kind, []).append(changes)
    return {kind: joined(several) for kind, several in found.items()}


def _all() -> tuple[Standing, ...]:
    standing: tuple[Standing, ...] = getattr(_local, "standing", ())
    return standing
