"""Models that cannot be captured, shown through the maps they give of themselves."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from attn_widgets.models import bigbird, families, inputs, loadcheck, own_maps
from attn_widgets.models.draws import same_draws
from attn_widgets.models.own_maps import NAMES, Given, Laid, LayoutError
from attn_widgets.models.recording import versions
from attn_widgets.models.stacks import Stack, is_seq2seq
from attn_widgets.record import AttentionRecord, Provenance
from attn_widgets.record.checks import check_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transformers import PreTrainedTokenizerBase

    from attn_widgets.models.inputs import Prepared
    from attn_widgets.models.interface import Switch
    from attn_widgets.models.recording import Source
    from attn_widgets.record import Kind

IMPLEMENTATION = "eager, its own output_attentions"
"""What a record's provenance says of a model that was shown so."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A model that is shown through its own maps.

    Parameters
    ----------
    model
        The name of its class.
    reason
        Why it cannot be captured.
    stacks
        Its stacks, by kind.
    difference
        The largest difference that reading the maps made to its outputs at loading.
    """

    model: str
    reason: str
    stacks: Mapping[Kind, Stack]
    difference: float

    def refuse_change(self) -> None:
        """Refuse all but a plain run.

        Raises
        ------
        UnsupportedModelError
            Always.
        """
        families.refuse_change(self.model, self.reason)


def examine(model: torch.nn.Module, switch: Switch, limit: int | None, reason: str) -> Shown:
    """Run two short texts as the model is and with its maps, compare, and read the maps.

    The model answers as before afterwards, bit for bit, also when it is refused.

    Parameters
    ----------
    model
        A ``transformers`` model in evaluation mode.
    switch
        The switch of its attention implementation.
    limit
        The longest input it takes, if there is a limit.
    reason
        Why it cannot be captured.

    Raises
    ------
    UnsupportedModelError
        If it gives no maps, they cannot be read as weights, or the model computes otherwise when it
        is to give them; the message says so after `reason`.
    """
    family = model.config.model_type
    body = model.base_model
    runs = _runs(model)
    laid: list[dict[Kind, Laid]] = []
    difference = 0.0
    try:
        for length in loadcheck.lengths(limit):
            given = loadcheck.batch(body, [length])
            with torch.no_grad(), same_draws(body), _same_state(body):
                plain = runs(**given)[0]
            outputs = _outputs(runs, given, body, switch)
            difference = max(difference, _difference(outputs[0], plain))
            laid.append(_laid(model, outputs, (length, length)))
        stacks = _stacks(model, laid)
    except loadcheck.FAILURES as error:
        why = f"{reason}; and it cannot be shown by its own output_attentions, either: {error}"
        families.refuse(family, why, error)
    allowed = loadcheck.tolerance(model)
    if not difference <= allowed:
        families.refuse(
            family,
            f"{reason}; and when it gives its own maps it computes otherwise, by {difference:.3g} "
            f"(more than {allowed:.1g})",
        )
    return Shown(type(model).__name__, reason, stacks, difference)


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """What of a text's maps goes into its record.

    Parameters
    ----------
    layers, heads
        Their numbers; None for all layers that can be shown.
    dtype
        Number format of the weights.
    """

    layers: tuple[int, ...] | None
    heads: tuple[int, ...]
    dtype: str


class Model(Protocol):
    """A model with what it came with."""

    model: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase
    switch: Switch
    source: Source


def record(core: Model, prepared: Prepared, kept: Kept) -> AttentionRecord:
    """Run one text, alone and so without padding, and make a record of the model's own maps.

    Parameters
    ----------
    core
        The model, which passed `examine`.
    prepared
        The text.
    kept
        What of it is kept.

    Raises
    ------
    UnsupportedModelError
        If the maps of this text cannot be read as weights.
    ValueError
        If a layer is asked for that cannot be shown.
    """
    model, source = core.model, core.source
    runs, given = inputs.call(_runs(model), core.tokenizer, [prepared])
    outputs = _outputs(runs, given, model.base_model, core.switch)
    kind = prepared.kind
    # an encoder that is run alone gives its maps as any single stack does
    maps = _maps(outputs, kind, seq2seq=is_seq2seq(model.base_model) and kind != "encoder")
    sizes = (len(prepared.tokens), len(prepared.key_tokens))
    try:
        laid = _checked(Given(model.config, kind, maps, outputs, *sizes))
    except ValueError as error:
        families.refuse(source.family, str(error), error)
    wanted = tuple(laid.layers) if kept.layers is None else kept.layers
    missing = [number for number in wanted if number not in laid.layers]
    if missing:
        why = "; ".join(laid.notes)
        msg = f"layers {missing} cannot be shown, {sorted(laid.layers)} can: {why}"
        raise ValueError(msg)
    weights = np.stack([laid.layers[number][list(kept.heads)] for number in wanted])
    weights = weights.astype(kept.dtype)
    weights.flags.writeable = False
    return AttentionRecord(
        tokens=prepared.tokens,
        key_tokens=prepared.key_tokens,
        kind=kind,
        weights=weights,
        layers=wanted,
        heads=kept.heads,
        sink=laid.sink,
        text=prepared.texts,
        provenance=Provenance(
            model=source.model,
            family=source.family,
            revision=source.revision,
            dtype=str(model.dtype).removeprefix("torch."),
            implementation=IMPLEMENTATION,
            versions=versions(),
            tokens_lost=prepared.lost,
            note="; ".join((f"as {type(model).__name__} gives its attention itself", *laid.notes)),
            pattern=None if laid.pattern is None else laid.pattern.to_spec(),
        ),
        checked=True,
    )


def _runs(model: torch.nn.Module) -> torch.nn.Module:
    """Give what is run: with its head, which may choose global tokens (Longformer's labels)."""
    body = model.base_model
    return body if is_seq2seq(body) else model


def _outputs(
    runs: torch.nn.Module, given: Mapping[str, Any], body: torch.nn.Module, switch: Switch
) -> Any:  # noqa: ANN401 - each family has its own output class
    with (
        torch.no_grad(),
        same_draws(body),
        _same_state(body),
        switch.to("eager", forced=True),
        bigbird.caught(body, given["input_ids"].shape[1]) as maps,
    ):
        outputs = runs(**given, output_attentions=maps is None, return_dict=True)
    if maps is not None:
        outputs["attentions"] = tuple(maps)
    return outputs


@contextlib.contextmanager
def _same_state(body: torch.nn.Module) -> Iterator[None]:
    """Put a model back that leaves its sparse mode for good when it meets a short text (BigBird).

    It then has other modules, on which hooks of the library and of others are missing.
    """
    before = [
        (module, module.attention_type, module._modules.get("self"))  # noqa: SLF001 - the part is called self
        for module in body.modules()
        if hasattr(module, "attention_type") and hasattr(module, "set_attention_type")
    ]
    try:
        yield
    finally:
        for module, mode, part in before:
            module.attention_type = mode
            if part is not None:
                module.self = part


def _difference(outputs: torch.Tensor, plain: torch.Tensor) -> float:
    """Largest difference, in units of the largest output where that is above 1."""
    largest = max(1.0, float(plain.float().abs().max()))
    return float((outputs.float() - plain.float()).abs().max()) / largest


def _maps(outputs: Any, kind: Kind, *, seq2seq: bool) -> tuple[Any, ...]:  # noqa: ANN401 - as above
    name = NAMES[kind] if seq2seq else "attentions"
    return tuple(getattr(outputs, name, None) or ())


def _laid(model: torch.nn.Module, outputs: Any, sizes: tuple[int, int]) -> dict[Kind, Laid]:  # noqa: ANN401 - as above
    seq2seq = is_seq2seq(model.base_model)
    found: dict[Kind, Laid] = {}
    kinds: tuple[Kind, ...] = ("encoder", "decoder", "cross") if seq2seq else ("encoder",)
    for kind in kinds:
        maps = _maps(outputs, kind, seq2seq=seq2seq)
        found[kind] = _checked(Given(model.config, kind, maps, outputs, *sizes))
    return found


def _checked(given: Given) -> Laid:
    """Lay maps out, and check that their rows are shares."""
    laid = own_maps.lay(given)
    for number, weights in laid.layers.items():
        try:
            check_weights(weights[None], sink=laid.sink)
        except ValueError as error:
            msg = f"map {number} of its output_attentions is no weights: {error}"
            raise LayoutError(msg) from error
    return laid


def _stacks(model: torch.nn.Module, laid: list[dict[Kind, Laid]]) -> dict[Kind, Stack]:
    found: dict[Kind, Stack] = {}
    for kind in laid[0]:
        maps = [weights for one in laid for weights in one[kind].layers.values()]
        heads = {len(weights) for weights in maps}
        if len(heads) > 1:
            msg = f"the layers of its {kind} have different numbers of heads ({sorted(heads)})"
            raise LayoutError(msg)
        causal = all(not np.triu(weights, 1).any() for weights in maps)
        own: Kind = "decoder" if causal and len(laid[0]) == 1 else kind
        count = max(number for one in laid for number in one[kind].layers) + 1
        names = tuple(f"{type(model).__name__} {kind} {number}" for number in range(count))
        size = heads.pop()
        found[own] = Stack(kind=own, names=names, heads=size, key_heads=size, head_dim=None)
    return found
