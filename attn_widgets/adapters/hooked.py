"""Dicts of layers: TransformerLens caches, and what hooks collected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attn_widgets.adapters.arrays import is_array, is_numbers, read, unwrapped
from attn_widgets.adapters.found import EAGER, Found, missing

if TYPE_CHECKING:
    from attn_widgets.adapters.found import Side
    from attn_widgets.record import Kind

_PATTERN: Final = re.compile(
    r"^(?:(?P<stack>encoder|decoder|blocks)\.)?(?:blocks\.)?(?P<layer>\d+)\."
    r"(?P<cross>cross_)?attn\.hook_pattern$"
)
_NUMBER: Final = re.compile(r"\d+")

_SIDES: Final[dict[str, tuple[Side, Side]]] = {
    "encoder": ("encoder", "encoder"),
    "decoder": ("decoder", "decoder"),
    "cross": ("decoder", "encoder"),
    "": ("only", "only"),
}


def is_mapping(obj: Any) -> bool:  # noqa: ANN401 - whatever a caller has
    """Say whether an object can be asked for its keys, and for values by them."""
    return hasattr(obj, "keys") and hasattr(obj, "__getitem__") and not isinstance(obj, type)


def stacks(obj: Any, name: str) -> list[Found]:  # noqa: ANN401 - a mapping by duck type
    """Find the layers of a dict, by their numbers or by the number in their names.

    Raises
    ------
    ValueError
        If its keys do not tell one layer from another, or it holds no attention.
    """
    keys = list(obj.keys())
    if not keys:
        what = f"{name} is an empty {type(obj).__name__}"
        raise missing(what)
    if "input_ids" in keys:
        msg = f"{name} holds the inputs of a model, {_some(keys)}, not what it returned: {EAGER}"
        raise ValueError(msg)
    patterns = {key: found for key in keys if (found := _PATTERN.match(str(key)))}
    if patterns:
        return _of_cache(obj, patterns, name)
    if any(".hook_" in str(key) for key in keys):
        msg = (
            f"{name} is a cache without attention patterns, with {_some(keys)}: keep them by "
            "model.run_with_cache(tokens, names_filter=lambda name: name.endswith('hook_pattern'))"
        )
        raise ValueError(msg)
    layers: dict[int, Any] = {}
    for key in keys:
        number = _number(key)
        value = unwrapped(obj[key])
        value = read(value, f"{name}[{key!r}]") if is_numbers(value) else value
        if number is None or number in layers or not (value is None or is_array(value)):
            msg = (
                f"{name} is a {type(obj).__name__} with {_some(keys)}, and {key!r} does not name "
                "one layer with its array: expected layer numbers as keys, or names with one "
                "number each, or a part called 'attentions'"
            )
            raise ValueError(msg)
        layers[number] = value
    absent = [number for number, value in layers.items() if value is None]
    if absent:
        what = f"{name}: layers {absent} are None"
        raise missing(what)
    return [Found("", name, dict(sorted(layers.items())))]


def _of_cache(obj: Any, patterns: dict[Any, re.Match[str]], name: str) -> list[Found]:  # noqa: ANN401 - as above
    found: dict[str, dict[int, Any]] = {}
    for key, match in patterns.items():
        stack = "" if match["stack"] in (None, "blocks") else match["stack"]
        stack = "cross" if match["cross"] else stack
        found.setdefault(stack, {})[int(match["layer"])] = unwrapped(obj[key])
    kinds: dict[str, Kind | None] = {
        "encoder": "encoder", "decoder": "decoder", "cross": "cross", "": None
    }  # fmt: skip
    return [
        Found(stack, f"{name} ({stack or 'blocks'})", dict(sorted(layers.items())), kinds[stack],
              *_SIDES[stack])
        for stack, layers in found.items()
    ]  # fmt: skip


def _number(key: object) -> int | None:
    if isinstance(key, bool):
        return None
    if isinstance(key, int):
        return key if key >= 0 else None
    numbers = _NUMBER.findall(str(key))
    return int(numbers[0]) if len(numbers) == 1 else None


def _some(keys: list[Any]) -> str:
    shown = ", ".join(repr(key) for key in keys[:4])
    return f"{shown} and {len(keys) - 4} more" if len(keys) > 4 else shown  # noqa: PLR2004
