"""Make a record of what a run left behind, with where it comes from."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Self

import torch
import transformers

from attn_widgets.models import interface
from attn_widgets.record import AttentionRecord, Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.interventions import Changes
    from attn_widgets.models.capture import Item, Selection
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.loading import Loaded
    from attn_widgets.record import Kind, Patches


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The model that records come from, in words.

    Parameters
    ----------
    model, family, revision
        Its name, its ``model_type``, and the revision that was asked for.
    """

    model: str
    family: str
    revision: str | None

    @classmethod
    def of(cls, loaded: Loaded) -> Self:
        """Describe a model that was loaded."""
        return cls(loaded.name, loaded.model.config.model_type, loaded.revision)


def record(
    prepared: Prepared,
    item: Item,
    selection: Selection,
    source: Source,
    under: Mapping[Kind, Changes],
    *,
    dtype: torch.dtype,
    sink: bool,
    patches: Patches | None = None,
) -> AttentionRecord:
    """Make the record of one text.

    Parameters
    ----------
    prepared
        What was run.
    item
        What was kept of it.
    selection
        What was to be kept.
    source
        The model.
    under
        What each stack ran under that was changed.
    dtype
        What the model computed in.
    sink
        Whether rows may sum to less than 1.
    patches
        The picture that the keys are patches of.
    """
    stack = selection.stack
    changes = under.get(stack.kind)
    notes = [] if stack.head_dim else ["q and k are left out: their size differs between layers"]
    notes += [
        f"the {kind} ran under {other!r}"
        for kind, other in under.items()
        if kind != stack.kind and other
    ]
    return AttentionRecord(
        tokens=prepared.tokens,
        key_tokens=prepared.key_tokens,
        kind=stack.kind,
        layers=selection.layers,
        heads=selection.heads,
        kv_groups=stack.heads // stack.key_heads,
        sink=sink,
        text=prepared.texts,
        patches=patches,
        provenance=Provenance(
            model=source.model,
            family=source.family,
            revision=source.revision,
            dtype=str(dtype).removeprefix("torch."),
            implementation=interface.NAME,
            versions=versions(),
            mask=changes.to_spec() if changes else None,
            tokens_lost=prepared.lost,
            note="; ".join(notes),
        ),
        checked=True,
        **item.parts(),
    )


def versions() -> dict[str, str]:
    """Name what a record was made with."""
    return {
        "attn_widgets": sys.modules["attn_widgets"].__version__,  # importing it would load widgets
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
