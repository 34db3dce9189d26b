"""A second record beside the first: the same heads, drawn in the first one's frame."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from attn_widgets.analysis.counterpart import counterpart, moved
from attn_widgets.analysis.token_groups import group_shares
from attn_widgets.record import whole
from attn_widgets.widgets import payload
from attn_widgets.widgets.hiding import picture, pictures

if TYPE_CHECKING:
    from attn_widgets.analysis.counterpart import Counterpart
    from attn_widgets.record import AttentionRecord
    from attn_widgets.widgets.hiding import Hiding
    from attn_widgets.widgets.means import Mean

Kind = Literal["rerun", "record", "norms"]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Second:
    """A second record, laid over the one on show.

    Parameters
    ----------
    other
        The record, in the frame of the first.
    kind
        ``"rerun"``, the same model and text under a change; ``"norms"``, what arrives in the same
        run; or ``"record"``, any other.
    name
        What it is called where it is shown; for a re-run, what was changed.
    """

    other: Counterpart
    kind: Kind
    name: str

    @classmethod
    def lay(cls, first: AttentionRecord, second: AttentionRecord, kind: Kind, name: str) -> Second:
        """Lay a record over another.

        Raises
        ------
        ValueError
            If they have not the same heads, or no word in common.
        """
        return cls(counterpart(first, second), kind, name)

    def describe(self, first: AttentionRecord) -> dict[str, Any]:
        """Give what the browser needs beside the picture, as plain JSON values."""
        record = self.other.record
        return {
            "kind": self.kind,
            "name": whole(self.name),
            "text": [whole(text) for text in record.text],
            "loneQueries": np.flatnonzero(self.other.queries < 0).tolist(),
            "loneKeys": np.flatnonzero(self.other.keys < 0).tolist(),
            "moved": moved(first, self.other).tolist(),
            "groups": {group: own.share.tolist() for group, own in group_shares(record).items()},
            "rows": payload.special_rows(record),
        }

    def cells(self, size: tuple[int, int], hiding: Hiding | None) -> bytes:
        """Code all heads, pooled to the first record's cells per head."""
        return pictures(self.other.weights, size, hiding)

    def focus(self, row: int, column: int, size: tuple[int, int], hiding: Hiding | None) -> bytes:
        """Code one head, by its places on the first two axes."""
        return picture(self.other.weights[row, column], size, hiding)

    def mean(
        self, heads: Mean, first: AttentionRecord, size: tuple[int, int], hiding: Hiding | None
    ) -> bytes:
        """Code the mean over several heads."""
        return picture(heads.of(self.other.weights, first), size, hiding)
