"""What a widget is given first: a record, or anything that one can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attn_widgets.adapters import AttentionRecords, attention_record

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord
    from attn_widgets.widgets.protocol import Runner


def one_record(
    given: Any,  # noqa: ANN401 - whatever holds attention
    tokens: Any = None,  # noqa: ANN401 - tokens in any form
    runner: Runner | None = None,
) -> AttentionRecord:
    """Make one record of what a widget is given.

    Raises
    ------
    ValueError, TypeError
        As :func:`attn_widgets.attention_record`; also if there are several records in it.
    """
    made = attention_record(given, tokens, runner=runner)
    if not isinstance(made, AttentionRecords):
        return made
    msg = (
        f"there are {len(made)} records in it, {'; '.join(made)}: AttentionExplorer.linked(...) "
        "draws all of them, attention_record(...) gives each by its name"
    )
    raise TypeError(msg)
