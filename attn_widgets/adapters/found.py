"""What an object was found to hold, before anything is chosen from it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.record import Kind

Side = Literal["only", "encoder", "decoder", "text", "vision"]
"""A sequence of positions that queries or keys are of."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The attention of one stack of layers, as it was given.

    Parameters
    ----------
    name
        What the stack is called among several.
    source
        What errors call it.
    layers
        Layer number to its array, of any library, ``(heads, queries, keys)`` with or without a
        batch in front. Where `steps`, to one such array per step of generation.
    kind
        Which stack it is; None to be read off the weights.
    queries, keys
        The sides that they are of.
    steps
        Whether it was written step by step, by ``generate()``.
    narrow
        Whether keys are in Longformer's layout: global keys first, then a window.
    own_rows
        In that layout, layer number to the rows of global queries, or empty.
    note
        What a reader of the record should know.
    mend
        What an error about a missing batch says in the end.
    """

    name: str
    source: str
    layers: Mapping[int, Any]
    kind: Kind | None = None
    queries: Side = "only"
    keys: Side = "only"
    steps: bool = False
    narrow: bool = False
    own_rows: Mapping[int, Any] = dataclasses.field(default_factory=dict)
    note: str = ""
    mend: str = ""


class MissingWeightsError(ValueError):
    """An output in which the attention weights are missing."""


EAGER = "model.set_attn_implementation('eager'); outputs = model(**inputs, output_attentions=True)"
GENERATE = (
    "model.set_attn_implementation('eager'); outputs = model.generate(**inputs, "
    "return_dict_in_generate=True, output_attentions=True)"
)
RUNNER = "ModelRunner.from_pretrained(model, tokenizer).run(text)"


def missing(what: str, *, generated: bool = False) -> MissingWeightsError:
    """Give the error for weights that the model did not return, with the lines that mend it."""
    mend = GENERATE if generated else EAGER
    return MissingWeightsError(
        f"{what}: the model returned no weights, as transformers does unless it runs with eager "
        f"attention and is asked for them. Either: {mend}. Or: {RUNNER}"
    )
