"""The model run again under the explorer's mask and edits, beside the notebook."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import traitlets as t

from attn_widgets.analysis.counterpart import only
from attn_widgets.interventions import Changes
from attn_widgets.widgets.comparing import Comparing
from attn_widgets.widgets.guard import sentence
from attn_widgets.widgets.job import Job
from attn_widgets.widgets.protocol import Comparer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attn_widgets.interventions import Change, Effect
    from attn_widgets.widgets.second import Second

_LOG = logging.getLogger(__name__)


class WhatIf(Comparing):
    """A widget that can run its model again under a change, and show what came of it."""

    _effect = t.Dict().tag(sync=True)
    _can_apply = t.Bool(default_value=False).tag(sync=True)

    _runner: object = None
    _result: Effect | None = None
    _applied: Changes = Changes()
    _job: Job[Effect] | None = None
    _former: Second | None = None

    def __init__(self, **traits: Any) -> None:  # noqa: ANN401 - each trait has its own type
        super().__init__(**traits)
        self.observe(self._follow_changes, names=["mask", "mask_shown", "edits"])

    @property
    def changes(self) -> Changes:
        """What the model would be run under: the mask, where it is shown, and the edits."""
        return Changes.read(self.mask if self.mask_shown else None, self.edits)

    @property
    def effect(self) -> Effect | None:
        """What the last run under a change did; None before one, and after the change changed."""
        return self._result

    def apply(self) -> Effect:
        """Run the model under :attr:`changes`, wait for it, and show what is different.

        Raises
        ------
        ValueError
            If there is no model, nothing is changed, or the change does not fit.
        """
        work = self._work()
        self._stop_job()
        self._applied = self.changes
        effect = work(lambda: False)
        self._take_effect(effect)
        return effect

    def _work(self) -> Callable[[Callable[[], bool]], Effect]:
        """Settle what is to be run, as it is now."""
        runner, record, changes = self._runner, self._shown, self.changes
        if not isinstance(runner, Comparer):
            msg = (
                "this explorer has no model to run: make it with runner=ModelRunner...; a saved "
                "record alone cannot be run again"
            )
            raise ValueError(msg)  # noqa: TRY004 - said to a reader
        if not changes:
            msg = "nothing is changed: choose a mask, or an edit such as ablate((2, 7))"
            raise ValueError(msg)
        return lambda stop: runner.compare(record, changes, stop=stop)

    def _take_effect(self, effect: Effect) -> None:
        after = only(effect.after, self._shown.layers, self._shown.heads)
        second = self._lay_second(after, "rerun", repr(effect.changes))
        if self._other is not None and self._other.kind != "rerun":
            self._former = self._other
        with self.hold_sync():
            self._result = effect
            self._effect = effect.to_dict()
            self._take_second(second)
            self.shown = "difference"

    def _follow_changes(self, _change: object = None) -> None:
        """Let go of what belongs to another change than the one that is chosen now."""
        if self.changes != self._applied:
            self._forget_effect()

    def _forget_effect(self) -> None:
        """Let go of an effect, and of a run still going on; what it was laid over comes back."""
        self._stop_job()
        if self._result is None:
            return
        self._result = None
        with self.hold_sync():
            self._effect = {}
            if self._other is not None and self._other.kind == "rerun":
                self._take_second(self._former)
                self.shown = "first" if self._former is None else "difference"
        self._former = None

    def _apply_for(self, number: str) -> None:
        """Begin a run for a request; its answer comes when it is done, or is not wanted any more.

        Raises
        ------
        ValueError
            As :meth:`apply`.
        """
        work = self._work()
        self._stop_job()
        self._applied = self.changes

        def done(job: Job[Effect], outcome: Effect | Exception) -> None:
            self.send({"id": number, **self._settle(job, outcome)})

        self._job = Job(work, done)
        self._job.start()

    def _settle(self, job: Job[Effect], outcome: Effect | Exception) -> dict[str, str]:
        """Take the outcome of a run, unless it was stopped, and give the reply."""
        if job.stopped or job is not self._job:
            return {"result": "stopped"}
        self._job = None
        failure = outcome if isinstance(outcome, Exception) else None
        if not isinstance(outcome, Exception):
            try:
                self._take_effect(outcome)
            except Exception as error:  # noqa: BLE001 - whatever it is, the reader must hear of it
                failure = error
        if failure is None:
            return {"result": "applied"}
        _LOG.info("run under a change failed", exc_info=failure)
        return {"error": sentence(failure)}

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.stop()
            self._job = None

    @t.validate("edits")
    def _check_edits(self, proposal: Mapping[str, Any]) -> tuple[Change, ...]:
        edits: tuple[Change, ...] = proposal["value"]
        record = self._shown
        stack = getattr(self._runner, "stacks", {}).get(record.kind)
        layers, heads = max(record.layers) + 1, max(record.heads) + 1
        if stack is not None:  # the record may hold a part of the model's heads
            layers, heads = len(stack.names), stack.heads
        try:
            Changes(edits).require(layers, heads)
        except ValueError as error:
            raise t.TraitError(str(error)) from error
        return edits
