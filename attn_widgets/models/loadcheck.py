"""The check at loading: what we capture is what eager attention computes, or we refuse."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch

from attn_widgets.models import families
from attn_widgets.models.capture import Call, Walk
from attn_widgets.models.devices import input_device
from attn_widgets.models.draws import same_draws
from attn_widgets.models.errors import DifferentError
from attn_widgets.models.stacks import Stack, is_seq2seq, sites, takes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.models import interface
    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.stacks import Site
    from attn_widgets.record import Kind

TOLERANCE = 1e-4
# What a family raises that takes other inputs, or our mask for one of its own.
FAILURES = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)
_LENGTHS = (12, 7)  # two rows, one padded: an unpadded encoder would hide a lost mask


@dataclasses.dataclass(frozen=True, slots=True)
class Passed:
    """What the check learnt of a model that passed.

    Parameters
    ----------
    stacks
        The stacks of the model, by kind.
    difference
        The largest difference from eager attention that was seen in weights or outputs.
    sizes
        Queries and keys of each stack in the run that was compared.
    """

    stacks: Mapping[Kind, Stack]
    difference: float
    sizes: Mapping[Kind, tuple[int, int]]


class _Everything(Walk):
    """Keep all weights of all stacks of a short run."""

    def __init__(self, known: Mapping[int, Site]) -> None:
        super().__init__(known)
        self.weights: dict[Kind, list[torch.Tensor]] = {}
        self.shapes: dict[Kind, list[tuple[int, int, int]]] = {}

    def record(self, place: Call, weights: torch.Tensor) -> None:
        """Keep one layer."""
        self.weights.setdefault(place.kind, []).append(weights.clone())
        self.shapes.setdefault(place.kind, []).append(_sizes(place.inputs))


def _sizes(inputs: Inputs) -> tuple[int, int, int]:
    return inputs.query.shape[1], inputs.key.shape[1], inputs.query.shape[3]


def examine(model: torch.nn.Module, switch: interface.Switch, limit: int | None) -> Passed:
    """Run a short padded batch under our attention function and under eager, and compare.

    The model answers as before afterwards, bit for bit, also when it is refused.

    Parameters
    ----------
    model
        A ``transformers`` model in evaluation mode.
    switch
        The switch of its attention implementation.
    limit
        The longest input it takes, if there is a limit.

    Raises
    ------
    UnsupportedModelError
        If the family is known not to work, the calls are not the model's layers, or weights or
        outputs differ from eager by more than 1e-4, or four times the machine epsilon of a model
        in half precision; the message says by how much.
    """
    family = model.config.model_type
    families.refuse_capture(family)
    body = model.base_model
    if not takes(body, "input_ids"):
        families.refuse(
            family,
            "it does not read text (its forward takes no input_ids): give what it reads to "
            "attn_widgets.models.run_inputs(model, {'pixel_values': ...})",
        )
    try:
        inputs = batch(body, lengths(limit))
        seen = _Everything(sites(body, "encoder"))
        with torch.no_grad():
            with switch.observed(seen):
                ours = body(**inputs)
            with switch.to("eager"):
                eager = body(**inputs, output_attentions=True, return_dict=True)
    except FAILURES as error:
        families.refuse(family, f"a short test run failed ({error})", error)
    n_queries = inputs["input_ids"].shape[1]
    maps = _eager_maps(eager, n_queries, seq2seq=is_seq2seq(body))
    _check_calls(family, seen, maps)
    rows = inputs["attention_mask"].bool().cpu()  # layers may be on other devices
    difference = max(
        _weights_difference(seen, maps, rows), _output_difference(ours[0], eager[0], rows)
    )
    _check_difference(model, difference)
    return _passed(family, seen, difference)


def examine_inputs(
    model: torch.nn.Module, switch: interface.Switch, given: Mapping[str, torch.Tensor]
) -> Passed:
    """Run any inputs, of one item and without padding, under ours and eager, and compare.

    Parameters
    ----------
    model
        A ``transformers`` model, or a part of one, in evaluation mode.
    switch
        The switch of its attention implementation.
    given
        What its forward takes: ``pixel_values``, ``input_features`` ...

    Raises
    ------
    UnsupportedModelError
        As :func:`examine`.
    """
    family = model.config.model_type
    families.refuse_capture(family)
    seen = _Everything(sites(model, "encoder"))
    try:
        with torch.no_grad():
            with switch.observed(seen), same_draws(model):
                ours = model(**given, return_dict=True)
            with switch.to("eager"), same_draws(model):
                eager = model(**given, output_attentions=True, return_dict=True)
    except FAILURES as error:
        families.refuse(family, f"its run failed ({error})", error)
    maps = _eager_maps(eager, None, seq2seq=is_seq2seq(model))
    _check_calls(family, seen, maps)
    every = torch.ones(1, dtype=torch.bool)
    pairs = [
        (mine, theirs)
        for kind, own in seen.weights.items()
        for mine, theirs in zip(own, maps[kind], strict=True)
    ]
    if any(mine.shape != theirs.shape or len(mine) != 1 for mine, theirs in pairs):
        families.refuse(family, "its layers attend in windows or batches, not over the whole input")
    difference = max(_largest(mine - theirs.float()) for mine, theirs in pairs)
    difference = max(difference, _output_difference(ours[0], eager[0], every))
    _check_difference(model, difference)
    return _passed(family, seen, difference)


def lengths(limit: int | None) -> list[int]:
    """Give the lengths of the short test texts, cut to what a model takes."""
    return [min(length, limit or length) for length in _LENGTHS]


def tolerance(model: torch.nn.Module) -> float:
    """Say how far a test run may be off: 1e-4, or rounding in half precision."""
    return max(TOLERANCE, 4 * float(torch.finfo(model.dtype).eps))


def batch(body: torch.nn.Module, sizes: list[int]) -> dict[str, torch.Tensor]:
    """Make texts of so many tokens each, padded: what a model reads, and its decoder."""
    vocabulary = body.get_input_embeddings().weight.shape[0]
    special = _special_ids(body.config)
    plain = [number for number in range(min(vocabulary, 1000)) if number not in special]
    longest = max(sizes)
    device = input_device(body)
    given = getattr(body.config, "pad_token_id", None)
    pad = given if given is not None and 0 <= given < vocabulary else 0
    ids = torch.tensor(
        [
            [plain[(7 * row + 3 * i + 5) % len(plain)] for i in range(length)]
            + [pad] * (longest - length)
            for row, length in enumerate(sizes)
        ],
        device=device,
    )
    mask = torch.tensor([[int(i < n) for i in range(longest)] for n in sizes], device=device)
    made = {"input_ids": ids, "attention_mask": mask}
    if takes(body, "decoder_input_ids"):
        made |= {"decoder_input_ids": ids, "decoder_attention_mask": mask}
    if takes(body, "use_cache"):
        made["use_cache"] = False
    return made


def _special_ids(config: Any) -> set[int]:  # noqa: ANN401 - each family has its own class
    """Collect the ids a configuration names; a model may end on one of several."""
    named = [value for name, value in config.to_dict().items() if name.endswith("_token_id")]
    return {
        number
        for value in named
        for number in (value if isinstance(value, list) else [value])
        if number is not None
    }


def _eager_maps(
    eager: Any,  # noqa: ANN401 - each family has its own output class
    n_queries: int | None,
    *,
    seq2seq: bool,
) -> dict[Kind, list[torch.Tensor]]:
    names: dict[Kind, str] = {
        "encoder": "encoder_attentions" if seq2seq else "attentions",
        "decoder": "decoder_attentions",
        "cross": "cross_attentions",
    }
    found = {kind: getattr(eager, name, None) or () for kind, name in names.items()}
    return {
        kind: [one for one in maps if not _is_state(one, n_queries)]
        for kind, maps in found.items()
        if maps
    }


def _is_state(given: torch.Tensor | None, n_queries: int | None) -> bool:
    """Say whether a map is the state of a linear layer, as MiniMax gives in between."""
    return given is not None and n_queries is not None and given.shape[-2] != n_queries


def _check_calls(family: str, seen: _Everything, maps: Mapping[Kind, list[torch.Tensor]]) -> None:
    if not seen.names:
        families.refuse(family, "it never calls the attention interface")
    calls = {kind: len(names) for kind, names in seen.names.items()}
    layers = {kind: len(of_kind) for kind, of_kind in maps.items()}
    if calls != layers or any(a is None for of_kind in maps.values() for a in of_kind):
        families.refuse(
            family,
            f"its attention function was called {_counts(calls)} times, but eager attention "
            f"returns {_counts(layers)} maps",
        )


def _counts(by_kind: Mapping[Kind, int]) -> str:
    return " + ".join(f"{count} ({kind})" for kind, count in sorted(by_kind.items())) or "0"


def _weights_difference(
    seen: _Everything, maps: Mapping[Kind, list[torch.Tensor]], rows: torch.Tensor
) -> float:
    return max(
        _largest((mine.transpose(1, 2) - theirs.float().transpose(1, 2))[rows])
        for kind, layers in seen.weights.items()
        for mine, theirs in zip(layers, maps[kind], strict=True)
    )


def _output_difference(ours: torch.Tensor, eager: torch.Tensor, rows: torch.Tensor) -> float:
    """Largest difference of the outputs, in units of the largest output where that is above 1."""
    expected = eager[rows].float()
    return _largest(ours[rows].float() - expected) / max(1.0, _largest(expected))


def _check_difference(model: torch.nn.Module, difference: float) -> None:
    allowed = tolerance(model)
    if not difference <= allowed:
        families.refuse(
            model.config.model_type,
            f"a test run differs from eager attention by {difference:.3g}, more than "
            f"{allowed:.1g}: what would be shown is not what the model computes",
            error=DifferentError,
        )


def _largest(values: torch.Tensor) -> float:
    return float(values.abs().max())


def _is_causal(seen: _Everything) -> bool:
    return all(
        float(weights[0].triu(diagonal=1).abs().max()) == 0.0
        for layers in seen.weights.values()
        for weights in layers
    )


def _passed(family: str, seen: _Everything, difference: float) -> Passed:
    causal = _is_causal(seen)
    found: dict[Kind, Stack] = {}
    spans: dict[Kind, tuple[int, int]] = {}
    for kind, names in seen.names.items():
        heads, key_heads, sizes = (set(part) for part in zip(*seen.shapes[kind], strict=True))
        if len(heads) > 1:
            families.refuse(
                family,
                f"the layers of its {kind} have different numbers of heads "
                f"({sorted(heads)}): they do not fit one grid",
            )
        even = len(sizes) == len(key_heads) == 1
        own: Kind = "decoder" if causal and len(seen.names) == 1 else kind
        spans[own] = (seen.weights[kind][0].shape[2], seen.weights[kind][0].shape[3])
        found[own] = Stack(
            kind=own,
            names=tuple(names),
            heads=heads.pop(),
            key_heads=max(key_heads),
            head_dim=max(sizes) if even else None,
        )
    return Passed(found, difference, spans)
