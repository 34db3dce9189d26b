"""The check at loading: what we capture is what eager attention computes, or we refuse."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch

from attn_widgets.models import families
from attn_widgets.models.capture import Call, Walk
from attn_widgets.models.stacks import Stack, is_seq2seq, sites, takes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.models import interface
    from attn_widgets.models.attention import Inputs
    from attn_widgets.models.stacks import Site
    from attn_widgets.record import Kind

TOLERANCE = 1e-4
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
    """

    stacks: Mapping[Kind, Stack]
    difference: float


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
    families.refuse_known(family)
    body = model.base_model
    if not takes(body, "input_ids"):
        families.refuse(family, "it does not read text (its forward takes no input_ids)")
    lengths = [min(length, limit or length) for length in _LENGTHS]
    inputs = _batch(body, lengths)
    seen = _Everything(sites(body, "encoder"))
    try:
        with torch.no_grad():
            with switch.observed(seen):
                ours = body(**inputs)
            with switch.to("eager"):
                eager = body(**inputs, output_attentions=True, return_dict=True)
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        families.refuse(family, f"a short test run failed ({error})", error)
    maps = _eager_maps(eager, seq2seq=is_seq2seq(body))
    _check_calls(family, seen, maps)
    rows = inputs["attention_mask"].bool()
    difference = max(
        _weights_difference(seen, maps, rows), _output_difference(ours[0], eager[0], rows)
    )
    tolerance = max(TOLERANCE, 4 * torch.finfo(model.dtype).eps)
    if not difference <= tolerance:
        families.refuse(
            family,
            f"a test run differs from eager attention by {difference:.3g}, more than "
            f"{tolerance:.1g}: what would be shown is not what the model computes",
        )
    return Passed(_stacks(family, seen, causal=_is_causal(seen)), difference)


def _batch(body: torch.nn.Module, lengths: list[int]) -> dict[str, torch.Tensor]:
    vocabulary = body.get_input_embeddings().weight.shape[0]
    special = _special_ids(body.config)
    plain = [number for number in range(min(vocabulary, 1000)) if number not in special]
    longest = max(lengths)
    given = getattr(body.config, "pad_token_id", None)
    pad = given if given is not None and 0 <= given < vocabulary else 0
    ids = torch.tensor(
        [
            [plain[(7 * row + 3 * i + 5) % len(plain)] for i in range(length)]
            + [pad] * (longest - length)
            for row, length in enumerate(lengths)
        ],
        device=body.device,
    )
    mask = torch.tensor([[int(i < n) for i in range(longest)] for n in lengths], device=body.device)
    batch = {"input_ids": ids, "attention_mask": mask}
    if takes(body, "decoder_input_ids"):
        batch |= {"decoder_input_ids": ids, "decoder_attention_mask": mask}
    if takes(body, "use_cache"):
        batch["use_cache"] = False
    return batch


def _special_ids(config: Any) -> set[int]:  # noqa: ANN401 - each family has its own class
    """Collect the ids a configuration names; a model may end on one of several."""
    named = [value for name, value in config.to_dict().items() if name.endswith("_token_id")]
    return {
        number
        for value in named
        for number in (value if isinstance(value, list) else [value])
        if number is not None
    }


def _eager_maps(eager: Any, *, seq2seq: bool) -> dict[Kind, list[torch.Tensor]]:  # noqa: ANN401 - each family has its own output class
    names: dict[Kind, str] = {
        "encoder": "encoder_attentions" if seq2seq else "attentions",
        "decoder": "decoder_attentions",
        "cross": "cross_attentions",
    }
    return {
        kind: list(maps) for kind, name in names.items() if (maps := getattr(eager, name, None))
    }


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


def _largest(values: torch.Tensor) -> float:
    return float(values.abs().max())


def _is_causal(seen: _Everything) -> bool:
    return all(
        float(weights[0].triu(diagonal=1).abs().max()) == 0.0
        for layers in seen.weights.values()
        for weights in layers
    )


def _stacks(family: str, seen: _Everything, *, causal: bool) -> dict[Kind, Stack]:
    found: dict[Kind, Stack] = {}
    for kind, names in seen.names.items():
        heads, key_heads, sizes = (set(part) for part in zip(*seen.shapes[kind], strict=True))
        if len(heads) > 1 or len(key_heads) > 1:
            families.refuse(
                family,
                f"the layers of its {kind} have different numbers of heads "
                f"({sorted(heads)}, key heads {sorted(key_heads)}): they do not fit one grid",
            )
        own: Kind = "decoder" if causal and len(seen.names) == 1 else kind
        found[own] = Stack(
            kind=own,
            names=tuple(names),
            heads=heads.pop(),
            key_heads=key_heads.pop(),
            head_dim=sizes.pop() if len(sizes) == 1 else None,
        )
    return found
