"""What arrives beside where attention looks: norms as a second record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets as t

from attn_widgets.analysis.arriving import arriving
from attn_widgets.interventions import Changes
from attn_widgets.widgets import payload
from attn_widgets.widgets.depth import Deep
from attn_widgets.widgets.protocol import Weigher
from attn_widgets.widgets.what_if import WhatIf

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord


class Arriving(WhatIf, Deep):
    """A widget that can ask its model how long the vectors are that heads hand on."""

    _can_weigh = t.Bool(default_value=False).tag(sync=True)

    def show_norms(self) -> AttentionRecord:
        """Measure what arrives at each query, and draw it as the second record.

        The diagnosis on the card then speaks of it, too. What a run under a change did stays in
        :attr:`effect`; its picture makes room, and :meth:`apply` brings it back.

        Returns
        -------
        AttentionRecord
            Each row shared out by ``alpha ||f(x)||``, see
            :func:`attn_widgets.analysis.arriving.arriving`.

        Raises
        ------
        ValueError
            If there is no model that can measure it, or the model's family does not let it be
            established.
        """
        runner, record = self._runner, self._shown
        if not isinstance(runner, Weigher):
            msg = "this explorer has no model to measure with: make it with runner=ModelRunner..."
            raise ValueError(msg)  # noqa: TRY004 - said to a reader
        spec = record.provenance.mask
        under = None if spec is None else Changes.from_spec(spec)
        text, pair = (*record.text, None, None)[:2]
        if text is None:
            msg = "the record does not hold its text, which would have to be run again"
            raise ValueError(msg)
        sizes = runner.contributions(text, pair, stack=record.kind, mask=under)
        made = arriving(sizes, record)
        self._stop_job()
        self._former = None
        with self.hold_sync():
            self._take_sizes(sizes)
            self._take_second(self._lay_second(made, "norms", ""))
            self.shown = "second"
            if (sizes.record.layers, sizes.record.heads) == (record.layers, record.heads):
                self._diagnosis = payload.cards(sizes)
        return made
