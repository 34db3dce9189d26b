"""Outputs of transformers: attributes, dicts and what generate() returns."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from attn_widgets.adapters.arrays import is_array, is_numbers, read, unwrapped
from attn_widgets.adapters.found import RUNNER, Found, missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attn_widgets.adapters.found import Side
    from attn_widgets.record import Kind


@dataclasses.dataclass(frozen=True, slots=True)
class _Stack:
    kind: Kind
    queries: Side
    keys: Side


STACKS: Final = {
    "encoder_attentions": _Stack("encoder", "encoder", "encoder"),
    "decoder_attentions": _Stack("decoder", "decoder", "decoder"),
    "cross_attentions": _Stack("cross", "decoder", "encoder"),
}
"""The attentions of an encoder-decoder's output, by their names there."""

_TOWERS: Final = ("text_model_output", "vision_model_output")
_OWN_ROWS: Final = ("global_attentions", "encoder_global_attentions")


def get(obj: Any, field: str) -> Any:  # noqa: ANN401 - an output's part
    """Give an output's part by its name, or None."""
    if hasattr(obj, "keys") and hasattr(obj, "__getitem__") and field in obj.keys():  # noqa: SIM118 - outputs iterate over values
        return unwrapped(obj[field])
    return unwrapped(getattr(obj, field, None))


def _has(obj: Any, field: str) -> bool:  # noqa: ANN401 - an output
    return hasattr(obj, field) or (hasattr(obj, "keys") and field in obj.keys())  # noqa: SIM118


def is_output(obj: Any) -> bool:  # noqa: ANN401 - whatever a caller has
    """Say whether an object has parts named as attentions are in transformers."""
    names = ("attentions", *STACKS, *_TOWERS)
    return not isinstance(obj, str | list) and (
        any(_has(obj, name) for name in names) or _is_model_output(obj)
    )


def _is_model_output(obj: Any) -> bool:  # noqa: ANN401 - whatever a caller has
    return any(_has(obj, name) for name in ("last_hidden_state", "logits", "sequences"))


def is_generated(obj: Any) -> bool:  # noqa: ANN401 - an output
    """Say whether an output is one of ``generate()``."""
    return _has(obj, "sequences")


def stacks(obj: Any, name: str) -> list[Found]:  # noqa: ANN401 - an output
    """Find all stacks of an output.

    Raises
    ------
    ValueError
        If there is none in it, or it is empty; the message holds the lines that mend it.
    """
    found = [_tower(obj, tower, name) for tower in _TOWERS if get(obj, tower) is not None]
    for field in STACKS:
        value = get(obj, field)
        if value is not None and not _without_encoder(obj, field, value):
            found.append(_stack(obj, field, value, name))
    own = get(obj, "attentions")
    if own is not None:
        crossed = any(one.kind == "cross" for one in found)
        side: Side = "decoder" if crossed else "only"
        one = _read("decoder" if crossed else "", f"{name}.attentions", own, is_generated(obj))
        found.append(
            dataclasses.replace(
                one,
                kind="decoder" if crossed else None,
                queries=side,
                keys=side,
                narrow=_has(obj, "global_attentions"),
                own_rows=_rows(get(obj, "global_attentions")),
            )
        )
    if not found:
        has = ", ".join(obj.keys()) if hasattr(obj, "keys") else type(obj).__name__
        what = f"{name} has no attentions, only {has or 'nothing'}"
        raise missing(what, generated=is_generated(obj))
    order = {"encoder": 0, "decoder": 1, "cross": 2}
    return sorted(found, key=lambda one: order.get(one.name, 0))


def _without_encoder(obj: Any, field: str, value: Any) -> bool:  # noqa: ANN401 - an output's parts
    """Say whether an empty cross-attention is that of a model which has no encoder."""
    empty = isinstance(value, tuple) and not value
    return field == "cross_attentions" and empty and get(obj, "attentions") is not None


def _tower(obj: Any, tower: str, name: str) -> Found:  # noqa: ANN401 - an output
    side: Side = "text" if tower.startswith("text") else "vision"
    inner = stacks(get(obj, tower), f"{name}.{tower}")[0]
    return dataclasses.replace(inner, name=side, queries=side, keys=side)


def _stack(obj: Any, field: str, value: Any, name: str) -> Found:  # noqa: ANN401 - an output's parts
    stack = STACKS[field]
    narrow = field == "encoder_attentions" and _has(obj, "encoder_global_attentions")
    written = is_generated(obj) and stack.kind != "encoder"
    return dataclasses.replace(
        _read(stack.kind, f"{name}.{field}", value, written),
        kind=stack.kind,
        queries=stack.queries,
        keys=stack.keys,
        narrow=narrow,
        own_rows=_rows(get(obj, "encoder_global_attentions")) if narrow else {},
    )


def _rows(value: Any) -> dict[int, Any]:  # noqa: ANN401 - an output's part
    return dict(enumerate(value)) if value else {}


def _read(name: str, source: str, value: Any, written: bool) -> Found:  # noqa: ANN401, FBT001 - an output's part
    if is_array(value):
        value = list(value)
    entries = [unwrapped(entry) for entry in value]
    entries = [
        read(entry, f"{source}[{number}]") if is_numbers(entry) else entry
        for number, entry in enumerate(entries)
    ]
    if not entries:
        what = f"{source} is {value!r}"
        raise missing(what, generated=written)
    absent = [place for place, entry in enumerate(entries) if entry is None]
    if absent:
        what = f"{source}: entries {absent} of {len(entries)} are None"
        raise missing(what, generated=written)
    if all(isinstance(entry, list | tuple) for entry in entries):
        return generated(name, source, entries)
    for number, entry in enumerate(entries):
        if not is_array(entry) or len(entry.shape) not in (3, 4):
            shape = tuple(entry.shape) if is_array(entry) else type(entry).__name__
            msg = (
                f"{source}[{number}] has shape {shape}: expected (batch, heads, queries, keys); "
                "this family keeps its attention in a layout of its own, which it takes the model "
                f"to read: {RUNNER}"
            )
            raise ValueError(msg)
    return Found(name, source, dict(enumerate(entries)))


def is_steps(entries: Sequence[Any]) -> bool:
    """Say whether lists of lists are steps of layers, as ``generate()`` returns them."""
    return all(
        isinstance(entry, list | tuple)
        and all(part is None or (is_array(part) and len(part.shape) == 4) for part in entry)  # noqa: PLR2004
        for entry in entries
    )


def generated(name: str, source: str, steps: Sequence[Sequence[Any]]) -> Found:
    """Find the layers in steps of generation.

    Raises
    ------
    ValueError
        If a step is empty, or has another number of layers than the first.
    """
    depths = [len(step) for step in steps]
    holes = [
        number
        for number, step in enumerate(steps)
        if not step or any(unwrapped(layer) is None for layer in step)
    ]
    if holes:
        what = f"{source}: steps {_few(holes)} of {len(steps)} hold () or None"
        raise missing(what, generated=True)
    if len(set(depths)) != 1:
        msg = (
            f"{source} has steps of {_few(depths)} layers: expected as many layers in every step; "
            "for layers that are given as lists of heads, stack the heads of each: "
            "[numpy.stack(layer) for layer in layers]"
        )
        raise ValueError(msg)
    layers: Mapping[int, Any] = {
        number: tuple(step[number] for step in steps) for number in range(depths[0])
    }
    return Found(name, source, layers, steps=True)


def _few(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return f"{shown}, ..." if len(numbers) > 8 else shown  # noqa: PLR2004 - enough to see
