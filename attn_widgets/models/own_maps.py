"""The attention maps that a family gives of itself, in its own layouts, as one square per head."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from attn_widgets.masks import (
    bigbird_hf_multiplicity,
    documents,
    from_bigbird_hf,
    from_hf_window,
    from_longformer_hf,
    full,
    global_,
    local,
    per_layer,
)
from attn_widgets.record.layouts import (
    expand_blocks,
    expand_chunks,
    expand_longformer,
    global_places,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attn_widgets.masks import Assignment, Mask
    from attn_widgets.record import Kind

Floats: TypeAlias = NDArray[np.floating[Any]]

NAMES: Mapping[Kind, str] = {
    "encoder": "encoder_attentions",
    "decoder": "decoder_attentions",
    "cross": "cross_attentions",
}
"""What the outputs of an encoder-decoder call the maps of each stack."""


class LayoutError(ValueError):
    """Maps in a layout that cannot be read as weights of queries on keys."""


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """What a model gave of one text for one stack.

    Parameters
    ----------
    config
        The configuration of the model.
    kind
        The stack.
    maps
        One layer each, as the model has it, of a batch of one.
    outputs
        All that the model gave.
    queries, keys
        Tokens of the text.
    """

    config: Any
    kind: Kind
    maps: tuple[Any, ...]
    outputs: Any
    queries: int
    keys: int


@dataclasses.dataclass(frozen=True, slots=True)
class Laid:
    """The maps of one text as squares.

    Parameters
    ----------
    layers
        By the number of the layer ``(heads, queries, keys)``; a layer that cannot be laid out is
        missing.
    pattern
        The model's own sparse pattern, which no weight is outside of; None where there is none.
    sink
        Whether a part of each row goes to what is no token.
    notes
        What a reader of the maps should know.
    """

    layers: Mapping[int, Floats]
    pattern: Mask | Assignment | None = None
    sink: bool = False
    notes: tuple[str, ...] = ()


def lay(given: Given) -> Laid:
    """Lay out what a model gave of one text.

    Raises
    ------
    LayoutError
        If the maps are none, or cannot be read as weights of queries on keys.
    """
    family = given.config.model_type
    if not given.maps:
        msg = "its output_attentions gives no maps"
        raise LayoutError(msg)
    reader = _READERS.get((family, given.kind)) or _READERS.get((family, None)) or _square
    try:
        return reader(given)
    except LayoutError:
        raise
    except ValueError as error:
        raise LayoutError(str(error)) from error


def _square(given: Given) -> Laid:
    return Laid(dict(enumerate(_squares(given))))


def _squares(given: Given) -> list[Floats]:
    wanted = (given.queries, given.keys)
    layers = [_one(one) for one in given.maps]
    for number, layer in enumerate(layers):
        if layer.ndim != 3 or layer.shape[1:] != wanted:  # noqa: PLR2004 - heads, queries, keys
            msg = (
                f"map {number} of its output_attentions has shape {layer.shape}, not "
                f"(heads, {wanted[0]}, {wanted[1]}) for {wanted[0]} queries and {wanted[1]} keys"
            )
            raise LayoutError(msg)
    return layers


def _one(of_layer: Any) -> Floats:  # noqa: ANN401 - whatever the model gave
    if not isinstance(of_layer, torch.Tensor) or of_layer.ndim < 2:  # noqa: PLR2004 - a batch of something
        msg = f"its output_attentions holds {type(of_layer).__name__}, no map"
        raise LayoutError(msg)
    values: Floats = of_layer[0].detach().to("cpu", torch.float32).numpy()
    return values


def _softmax_of_scores(given: Given) -> Laid:
    """SqueezeBERT and ProphetNet give the scores that enter the softmax, not what leaves it."""
    maps = [torch.softmax(one.float(), dim=-1) for one in given.maps]
    if given.kind == "cross":
        # ProphetNet's cross-attention has the queries of its main stream first
        maps = [one[:, :, : given.queries] for one in maps]
    laid = _square(dataclasses.replace(given, maps=tuple(maps)))
    note = "it gives scores, of which the softmax was taken here, as it takes it"
    if given.kind == "cross":
        note += "; its queries of other n-grams are left out"
    return dataclasses.replace(laid, notes=(note,))


def _prophetnet_decoder(given: Given) -> Laid:
    note = "the main stream of its decoder; the streams of other n-grams are left out"
    return dataclasses.replace(_square(given), notes=(note,))


def _convbert(given: Given) -> Laid:
    heads = given.config.num_attention_heads
    laid = _square(given)
    shown = laid.layers[0].shape[0]
    return dataclasses.replace(laid, notes=(f"{shown} of its {heads} heads attend",))


def _diffllama(given: Given) -> Laid:
    note = (
        "maps as softmax gives them; the model then takes the map of each head of its second half, "
        "times a learnt factor, from that of the first"
    )
    return dataclasses.replace(_square(given), notes=(note,))


def _nystromformer(given: Given) -> Laid:
    landmarks, length = given.config.num_landmarks, given.config.segment_means_seq_len
    if landmarks != length:
        msg = f"its maps are of queries on {landmarks} landmarks, not on tokens"
        raise LayoutError(msg)
    return _square(given)


def _gpt_neo(given: Given) -> Laid:
    window = from_hf_window(given.config.window_size)
    kinds = given.config.attention_layers
    pattern = _by_layer({at: window if one == "local" else full() for at, one in enumerate(kinds)})
    return dataclasses.replace(_square(given), pattern=pattern)


def _longformer(given: Given) -> Laid:
    own = getattr(given.outputs, "global_attentions", None)
    own = getattr(given.outputs, "encoder_global_attentions", None) if own is None else own
    layers, patterns = {}, {}
    for number, one in enumerate(given.maps):
        weights = _one(one)[:, : given.queries]
        rows = None if own is None else _one(own[number])
        columns = 0 if rows is None else rows.shape[2]
        places = global_places(weights, columns)
        if places is None:
            msg = f"layer {number}: the places of its global tokens cannot be read from its maps"
            raise LayoutError(msg)
        layers[number] = expand_longformer(weights, rows, places)
        window = from_longformer_hf(weights.shape[2] - columns - 1)
        patterns[number] = window | global_(*places) if places else window
    return Laid(layers, _by_layer(patterns))


def _by_layer(patterns: Mapping[int, Mask]) -> Mask | Assignment:
    distinct = set(patterns.values())
    if len(distinct) == 1:
        return distinct.pop()
    return per_layer({(number,): mask for number, mask in patterns.items()})


def _bigbird(given: Given) -> Laid:
    config, n = given.config, given.queries
    sizes = (config.block_size, config.num_random_blocks)
    pattern = from_bigbird_hf(n, *sizes)
    if config.attention_type != "block_sparse":
        return _square(given)
    if pattern == full():
        note = "the text is so short that the model attends to all of it"
        return dataclasses.replace(_square(given), notes=(note,))
    times = bigbird_hf_multiplicity(n, *sizes)
    if any(_one(one)[:, :n, :n][:, times == 0].any() for one in given.maps):
        return _square(given)  # a short text has made it leave its sparse mode before
    layers = {}
    for number, one in enumerate(given.maps):
        weights = _one(one)
        whole = weights[:, :n, :n]
        if np.count_nonzero(weights[:, :n]) != np.count_nonzero(whole):
            msg = f"layer {number}: some of its weight is on padding"
            raise LayoutError(msg)
        layers[number] = whole * times
    note = (
        "it counts its first block once more for each random block (it draws none when it is not "
        "trained), and its maps do not: they were multiplied here"
    )
    return Laid(layers, pattern, notes=(note,))


def _reformer(given: Given) -> Laid:
    config = given.config
    layers, hashed = {}, []
    for number, (one, sort) in enumerate(zip(given.maps, config.attn_layers, strict=True)):
        weights = _one(one)
        if weights.ndim == 3:  # noqa: PLR2004 - the text is no longer than a chunk
            layers[number] = weights[:, : given.queries, : given.keys]
        elif sort == "local":
            around = config.local_num_chunks_before, config.local_num_chunks_after
            layers[number] = expand_chunks(weights, *around, given.queries)
        else:
            hashed.append(number)
    if not layers:
        msg = "its layers sort the text by hashes, and its maps do not tell the order"
        raise LayoutError(msg)
    note = (
        f"layers {hashed} are left out: they sort the text by hashes, and their maps do not tell "
        "the order"
    )
    return Laid(layers, notes=(note,) if hashed else ())


def _longt5(given: Given) -> Laid:
    layers, beside = {}, 0
    for number, one in enumerate(given.maps):
        weights = _one(one).swapaxes(0, 1)
        near = 3 * weights.shape[2]
        beside = weights.shape[3] - near
        layers[number] = expand_blocks(weights[..., :near], 1, given.queries)
    pattern = local(given.config.local_radius)
    return Laid(layers, pattern, sink=beside > 0, notes=_beside(beside, "summaries of blocks"))


def _pegasus_x(given: Given) -> Laid:
    layers, patterns = {}, {}
    size, n, beside = given.config.block_size, given.queries, given.config.num_global_tokens
    for number, one in enumerate(given.maps):
        weights = _one(one["local"])
        shift = size // 2 if number % 2 and given.config.stagger_local_blocks else 0
        layers[number] = expand_blocks(weights[..., beside:], 0, n, shift)
        edges = [0, *range(size - shift, n, size), n]
        patterns[number] = documents(end - start for start, end in itertools.pairwise(edges))
    return Laid(layers, _by_layer(patterns), sink=True, notes=_beside(beside, "global embeddings"))


def _deepseek_v4(given: Given) -> Laid:
    """Its own keys come first, those that stand for several tokens each after them."""
    maps = [_one(one) for one in given.maps]
    cut = {number: one[..., : given.keys] for number, one in enumerate(maps)}
    beside = max(one.shape[-1] for one in maps) - given.keys
    notes = _beside(beside, "compressed keys, of several tokens each, and to sinks")
    return Laid(cut, sink=True, notes=notes)


def _beside(count: int, what: str) -> tuple[str, ...]:
    if not count:
        return ()
    return (f"the rest of each row goes to {count} {what}, which are no tokens of the text",)


_READERS: Mapping[tuple[str, Kind | None], Callable[[Given], Laid]] = {
    ("big_bird", None): _bigbird,
    ("bigbird_pegasus", "encoder"): _bigbird,
    ("convbert", None): _convbert,
    ("deepseek_v4", None): _deepseek_v4,
    ("diffllama", None): _diffllama,
    ("gpt_neo", None): _gpt_neo,
    ("led", "encoder"): _longformer,
    ("longformer", None): _longformer,
    ("longt5", "encoder"): _longt5,
    ("nystromformer", None): _nystromformer,
    ("pegasus_x", "encoder"): _pegasus_x,
    ("prophetnet", "cross"): _softmax_of_scores,
    ("prophetnet", "decoder"): _prophetnet_decoder,
    ("prophetnet", "encoder"): _softmax_of_scores,
    ("reformer", None): _reformer,
    ("squeezebert", None): _softmax_of_scores,
}
