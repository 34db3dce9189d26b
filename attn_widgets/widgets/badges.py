"""One number under each head of the grid: what it is sorted and filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from attn_widgets.analysis import measure
from attn_widgets.interventions import HeadImportance
from attn_widgets.widgets.stills import Stills

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from attn_widgets.record import AttentionRecord

MEASURED = ("entropy", "class")
"""Badges that take a pass over all weights, made when one of them is first asked for."""

_DIGITS = 6


class Badged(Stills):
    """A widget whose heads carry numbers that are measured when they are asked for.

    ``_badges`` holds what is there: ``entropy`` and ``class``, ``(layers, heads)`` as lists, of the
    first record; ``importance``, a dict of ``values``, the name of the ``measure`` and what it is
    ``about``.
    """

    _badges = t.Dict().tag(sync=True)

    _importance: HeadImportance | NDArray[np.float64] | None = None

    def __init__(self, **traits: Any) -> None:  # noqa: ANN401 - each trait has its own type
        super().__init__(**traits)
        self.observe(self._measure_badges, names=["badge", "order"])
        self._measure_badges()

    @property
    def importance(self) -> HeadImportance | NDArray[np.float64] | None:
        """How much each head matters, for the badge of that name; None where it is not known.

        Takes what ``runner.head_importance(...)`` gives, whose first measure is shown, or a table
        of numbers from 0 up, ``(layers, heads)`` of the model or of the record, such as
        ``importance.scores["ablation"]``. Assigning raises a :class:`ValueError` where it does not
        fit the record.
        """
        return self._importance

    @importance.setter
    def importance(self, value: HeadImportance | ArrayLike | None) -> None:
        given = value if value is None or isinstance(value, HeadImportance) else _table(value)
        said = {} if given is None else {"importance": _describe(given, self._shown)}
        self._importance = given
        self._badges = {**self._of(*MEASURED), **said}

    def _badges_of(self, record: AttentionRecord) -> dict[str, Any]:
        """Give what another record's heads are to carry, as plain JSON values."""
        badges = _measured(record) if self._asks() else {}
        if self._importance is not None and _fits(self._importance, record):
            badges["importance"] = _describe(self._importance, record)
        return badges

    def _asks(self) -> bool:
        return self.badge in MEASURED or self.order == "group"

    def _measure_badges(self, _change: object = None) -> None:
        """Measure what is asked for, unless it is there."""
        if self._asks() and not self._of(*MEASURED):
            self._badges = {**self._badges, **_measured(self._shown)}

    def _complete(self) -> None:
        super()._complete()
        if not self._of(*MEASURED):
            self._badges = {**self._badges, **_measured(self._shown)}

    def _of(self, *names: str) -> dict[str, Any]:
        return {name: self._badges[name] for name in names if name in self._badges}


def _measured(record: AttentionRecord) -> dict[str, Any]:
    measures = measure(record)
    entropy = [
        [None if np.isnan(value) else min(1.0, round(value, _DIGITS)) for value in row]
        for row in measures.entropy.tolist()
    ]
    return {"entropy": entropy, "class": measures.classes().tolist()}


def _table(value: ArrayLike) -> NDArray[np.float64]:
    table = np.array(value, dtype=np.float64)
    if table.ndim != 2 or not np.isfinite(table).all() or (table < 0).any():  # noqa: PLR2004
        msg = (
            f"importance is of shape {table.shape}: expected what runner.head_importance(...) "
            "gives, or numbers from 0 up of shape (layers, heads)"
        )
        raise ValueError(msg)
    table.flags.writeable = False
    return table


def _fits(importance: HeadImportance | NDArray[np.float64], record: AttentionRecord) -> bool:
    try:
        _describe(importance, record)
    except ValueError:
        return False
    return True


def _describe(
    importance: HeadImportance | NDArray[np.float64], record: AttentionRecord
) -> dict[str, Any]:
    """Pick the record's heads out of a table of the model's.

    Raises
    ------
    ValueError
        If it is of another stack, or of fewer layers or heads.
    """
    name, about = "", ""
    if isinstance(importance, HeadImportance):
        if importance.kind != record.kind:
            msg = (
                f"importance is of the model's {importance.kind} attention, the record of its "
                f"{record.kind} attention: measure that one with head_importance(..., stack=...)"
            )
            raise ValueError(msg)
        name, table = next(iter(importance.scores.items()))
        about = importance.loss
    else:
        table = importance
    if table.shape != record.shape[:2]:
        if table.shape[0] <= max(record.layers) or table.shape[1] <= max(record.heads):
            msg = (
                f"importance is of {table.shape[0]} layers x {table.shape[1]} heads, the record of "
                f"layers up to {max(record.layers)} and heads up to {max(record.heads)}: measure "
                "it on the same model"
            )
            raise ValueError(msg)
        table = table[np.ix_(record.layers, record.heads)]
    return {"values": table.tolist(), "measure": name, "about": about}
