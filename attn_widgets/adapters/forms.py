"""Recognise what was given: outputs, caches, lists and arrays, each by its shape and names."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.adapters import hooked, outputs
from attn_widgets.adapters.arrays import Array, is_array, is_numbers, read, unwrapped
from attn_widgets.adapters.found import EAGER, RUNNER, Found, missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAME = "attention"

FORMS = (
    "outputs of a model or of generate(), a tuple or list with one array per layer, one array of 2 "
    "to 5 axes, a dict of layers, a TransformerLens cache, or an AttentionRecord"
)


def recognise(obj: Any, name: str = _NAME) -> list[Found]:  # noqa: ANN401 - whatever a caller has
    """Find the stacks of attention in an object.

    Parameters
    ----------
    obj
        What a caller has.
    name
        What errors call it.

    Raises
    ------
    ValueError
        If there is no attention in it; a :class:`MissingWeightsError` where it should be there.
    TypeError
        If it is nothing that holds attention.
    """
    obj = unwrapped(obj)
    if obj is None:
        what = f"{name} is None"
        raise missing(what)
    if is_array(obj):
        return [_one_array(obj, name)]
    if callable(getattr(obj, "forward", None)):
        msg = (
            f"{name} is a {type(obj).__name__}, a model, not what it returned. Either: {EAGER}. "
            f"Or: {RUNNER}"
        )
        raise TypeError(msg)
    if outputs.is_output(obj):
        return outputs.stacks(obj, "outputs" if name == _NAME else name)
    if hooked.is_mapping(obj):
        return hooked.stacks(obj, "cache" if name == _NAME else name)
    if isinstance(obj, list | tuple):
        return _of_sequence(obj, name)
    msg = f"{name} is a {type(obj).__name__}{_hint(obj)}: expected {FORMS}"
    raise TypeError(msg)


def _hint(obj: Any) -> str:  # noqa: ANN401 - whatever a caller has
    if isinstance(obj, str):
        return ", a text, and there is no runner= to run it"
    if hasattr(obj, "convert_ids_to_tokens"):
        return ", a tokenizer: give the attention first, and the tokenizer as tokenizer="
    if hasattr(obj, "__next__"):
        return ", which can be read only once: give list(...) of it"
    return ""


def _one_array(obj: Any, name: str) -> Found:  # noqa: ANN401 - an array of some library
    layers = _of_array(obj, name)
    array = next(iter(layers.values()))
    if len(layers) < 2 or array.ndim != 3:  # noqa: PLR2004 - several layers, without a batch
        return Found("", name, layers)
    return Found(
        "",
        name,
        layers,
        note="One array of 4 axes was read as (layers, heads, queries, keys).",
        mend=(
            ": an array of 4 axes is read as (layers, heads, queries, keys); if it is one layer "
            "with a batch in front, give [array]"
        ),
    )


def _of_array(obj: Any, name: str) -> dict[int, Any]:  # noqa: ANN401 - an array of some library
    array = read(obj, name)
    if array.ndim == 2:  # noqa: PLR2004 - queries and keys of one head
        return {0: array[None]}
    if array.ndim == 3:  # noqa: PLR2004 - the heads of one layer
        return {0: array}
    if array.ndim in (4, 5):
        return dict(enumerate(array))
    msg = (
        f"{name} has shape {array.shape}: expected (queries, keys), (heads, queries, keys), "
        "(layers, heads, queries, keys) or (layers, batch, heads, queries, keys)"
    )
    raise ValueError(msg)


def _of_sequence(obj: Sequence[Any], name: str) -> list[Found]:
    entries = [unwrapped(entry) for entry in obj]
    if not entries:
        what = f"{name} is {obj!r}"
        raise missing(what)
    absent = [place for place, entry in enumerate(entries) if entry is None]
    if absent and (len(absent) == len(entries) or _all_layers(entries)):
        what = f"{name}: entries {absent} of {len(entries)} are None"
        raise missing(what)
    if all(isinstance(entry, str) for entry in entries):
        msg = (
            f"{name} is a list of {len(entries)} texts, without attention: give the attention "
            "first and these as tokens="
        )
        raise ValueError(msg)
    if is_numbers(entries):
        return [_one_array(obj, name)]
    if all(is_array(entry) for entry in entries):
        return [Found("", name, _layers(entries, name))]
    if outputs.is_steps(entries):
        return [outputs.generated("", name, entries)]
    if all(isinstance(entry, list | tuple) for entry in entries) and not _mixed(entries):
        return [Found("", name, {n: _heads(e, f"{name}[{n}]") for n, e in enumerate(entries)})]
    return _of_tuple_output(entries, name)


def _all_layers(entries: Sequence[Any]) -> bool:
    return all(entry is None or is_array(entry) for entry in entries)


def _layers(entries: Sequence[Any], name: str) -> dict[int, Any]:
    shapes = [tuple(entry.shape) for entry in entries]
    if any(len(shape) == 2 for shape in shapes):  # noqa: PLR2004 - queries and keys
        msg = (
            f"{name} is a list of arrays of shapes {_some(shapes)}, and two axes do not say "
            "whether these are heads or layers: for the heads of one layer give "
            "numpy.stack(list), for layers of one head [array[None] for array in list]"
        )
        raise ValueError(msg)
    for number, shape in enumerate(shapes):
        if len(shape) not in (3, 4):
            msg = (
                f"{name}[{number}] has shape {shape}: expected (heads, queries, keys) or "
                "(batch, heads, queries, keys) per layer"
            )
            raise ValueError(msg)
    return dict(enumerate(entries))


def _some(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(map(str, dict.fromkeys(shapes)))


def _heads(entry: Sequence[Any], name: str) -> Array:
    """Stack a layer that was given as a list of its heads."""
    if not entry:
        what = f"{name} is {entry!r}"
        raise missing(what)
    heads = [read(head, f"{name}[{place}]") for place, head in enumerate(entry)]
    shapes = {head.shape for head in heads}
    if len(shapes) != 1 or heads[0].ndim != 2:  # noqa: PLR2004 - queries and keys
        msg = (
            f"{name} is a list of arrays of shapes {_some([head.shape for head in heads])}: "
            "expected one (queries, keys) array per head, all of one shape"
        )
        raise ValueError(msg)
    return np.stack(heads)


def _mixed(entries: Sequence[Any]) -> bool:
    """Say whether lists hold arrays of four axes, as hidden states and attentions of a tuple do."""
    return any(is_array(a) and len(a.shape) != 2 for entry in entries for a in entry)  # noqa: PLR2004


def _of_tuple_output(entries: Sequence[Any], name: str) -> list[Found]:
    """Find the attentions in what a model returned with ``return_dict=False``."""
    places = [
        place
        for place, entry in enumerate(entries)
        if isinstance(entry, list | tuple)
        and entry
        and all(is_array(part) and len(part.shape) == 4 for part in entry)  # noqa: PLR2004
    ]
    kinds = ", ".join(_described(entry) for entry in entries)
    empty = [place for place, entry in enumerate(entries) if isinstance(entry, tuple) and not entry]
    if not places and empty:
        what = f"{name}[{empty[-1]}] is ()"
        raise missing(what)
    three = _three_stacks([entries[place] for place in places], f"{name} (a tuple)")
    if three:
        return three
    if len(places) != 1:
        how = "none of them is" if not places else f"{len(places)} of them may be"
        msg = (
            f"{name} holds {kinds}; {how} the attentions, one (batch, heads, queries, keys) array "
            "per layer: call the model with return_dict=True and output_attentions=True, or give "
            "that entry alone"
        )
        raise ValueError(msg)
    place = places[0]
    return [dataclasses.replace(f, name="") for f in recognise(entries[place], f"{name}[{place}]")]


def _three_stacks(tuples: Sequence[Sequence[Any]], name: str) -> list[Found]:
    """Tell the attentions of an encoder-decoder's tuple by their order and their shapes."""
    shapes = [{tuple(layer.shape[2:]) for layer in layers} for layers in tuples]
    if len(tuples) != 3 or any(len(shape) != 1 for shape in shapes):  # noqa: PLR2004 - three stacks
        return []
    decoder, cross, encoder = (shape.pop() for shape in shapes)
    if decoder != (cross[0], cross[0]) or encoder != (cross[1], cross[1]):
        return []
    fields = ("decoder_attentions", "cross_attentions", "encoder_attentions")
    return outputs.stacks(dict(zip(fields, tuples, strict=True)), name)


def _described(entry: Any) -> str:  # noqa: ANN401 - whatever a caller has
    if is_array(entry):
        return f"an array {tuple(entry.shape)}"
    if isinstance(entry, list | tuple):
        inner = _described(entry[0]) if entry else "nothing"
        return f"a {type(entry).__name__} of {len(entry)} ({inner})"
    return f"a {type(entry).__name__}"


def of_arguments(given: Mapping[str, Any]) -> list[Found]:
    """Read BertViz's arguments for encoder-decoder models, by their names there."""
    found = []
    for field, stack in outputs.STACKS.items():
        value = given.get(field.removesuffix("s"))
        if value is None:
            continue
        name = field.removesuffix("s")
        for one in recognise(value, name):
            named = dataclasses.replace(
                one, name=stack.kind, kind=stack.kind, queries=stack.queries, keys=stack.keys
            )
            found.append(named)
    return found
