"""From one item's arrays and labels to records."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

import numpy as np

from attn_widgets.adapters.found import RUNNER
from attn_widgets.record import AttentionRecord, Provenance
from attn_widgets.record.checks import check_weights
from attn_widgets.record.layouts import expand_longformer, global_places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.adapters.arrays import Array
    from attn_widgets.adapters.choosing import Chosen
    from attn_widgets.adapters.found import Found, Side
    from attn_widgets.adapters.labels import Labels
    from attn_widgets.record import Kind

    Label = Callable[[Side, int], Labels]
    """Gives the labels of a side that has so many positions."""

_WINDOWS = (
    "where a narrow layout has a column per place in a window, as Longformer's and LED's has, give "
    "global_attentions=() if no token was global, else what the encoder returns by that name, "
    "model.get_encoder()(**inputs, global_attention_mask=..., output_attentions=True)"
    ".global_attentions"
)

Padding = Literal["trim", "show"]

_ROUNDING = 1e-4
"""Attention on padding that passes for rounding, as in the check of a record's rows."""

_BELOW_ZERO = 1e-4
"""How far below 0 a share can be computed: further, it is none."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Weights with the labels of both axes."""

    found: Found
    layers: Mapping[int, Array]
    queries: Labels
    keys: Labels
    kind: Kind | None


def lay(chosen: Chosen, label: Label, global_mask: Array | None) -> Sheet:
    """Put labels to the arrays, and expand those that are kept in a narrow layout.

    Raises
    ------
    ValueError
        If layers differ in their queries or keys, or labels in their number.
    """
    found, layers = chosen.found, chosen.layers
    for number, array in layers.items():
        low = float(array.min()) if array.size else 0.0
        if -_BELOW_ZERO < low < 0:
            msg = (
                f"{found.source}, layer {number} of shape {array.shape} holds {low:.4g}, a share "
                "that rounding has put below 0: give numpy.clip(weights, 0, None)"
            )
            raise ValueError(msg)
        if low < 0:
            msg = (
                f"{found.source}, layer {number} of shape {array.shape} holds numbers down to "
                f"{low:.4g}: hidden states, logits or scores; give weights after "
                "the softmax, which are from 0 to 1"
            )
            raise ValueError(msg)
    n_queries, n_keys = _size(found, layers)
    if found.narrow:
        labels = label(found.queries, n_queries)
        wide = {number: _wide(chosen, number, labels.kept, global_mask) for number in chosen.layers}
        return Sheet(found, wide, labels, labels, found.kind)
    if found.queries != found.keys:
        queries = label(found.queries, n_queries)
        return Sheet(found, layers, queries, label(found.keys, n_keys), found.kind)
    if n_queries == n_keys:
        labels = label(found.keys, n_keys)
        return Sheet(found, layers, labels, labels, found.kind)
    if found.kind == "encoder" or n_queries > n_keys or not _triangular(layers.values()):
        other = "where the keys are of another text, give its tokens as encoder_tokens=; "
        msg = (
            f"{found.source} has {n_queries} queries and {n_keys} keys: "
            f"{'' if found.queries == 'encoder' else other}{_WINDOWS}"
        )
        raise ValueError(msg)
    keys = label(found.keys, n_keys)
    last = dataclasses.replace(
        keys,
        tokens=keys.tokens[-n_queries:],
        kept=None if keys.kept is None else keys.kept[-n_queries:],
    )
    return Sheet(found, layers, last, keys, "decoder")


def _size(found: Found, layers: Mapping[int, Array]) -> tuple[int, int]:
    sizes = {number: array.shape[1:] for number, array in layers.items()}
    queries = {size[0] for size in sizes.values()}
    if len(set(sizes.values())) != 1 and not (found.narrow and len(queries) == 1):
        groups: dict[tuple[int, ...], list[int]] = {}
        for number, size in sizes.items():
            groups.setdefault(size, []).append(number)
        listed = "; ".join(f"layers {numbers}: {size}" for size, numbers in groups.items())
        msg = (
            f"{found.source} has layers of unequal queries and keys ({listed}), which cannot share "
            "tokens: choose layers of one size, for example "
            f"include_layers={next(iter(groups.values()))}"
            f"{f'; {_WINDOWS}' if len(queries) == 1 else ''}"
        )
        raise ValueError(msg)
    n_queries, n_keys = next(iter(sizes.values()))
    if 0 in (n_queries, n_keys):
        shape = next(iter(layers.values())).shape
        msg = f"{found.source} has layers of shape {shape}: expected at least one of each axis"
        raise ValueError(msg)
    return n_queries, n_keys


def _wide(
    chosen: Chosen, number: int, kept: NDArray[np.bool_] | None, global_mask: Array | None
) -> Array:
    local, own = chosen.layers[number], chosen.own_rows.get(number)
    source = f"{chosen.found.source}, layer {number}"
    if own is None:
        return _named(source, lambda: expand_longformer(local))
    if global_mask is None:
        places = global_places(local, own.shape[2], kept)
    else:
        places = tuple(map(int, np.flatnonzero(global_mask)))
    if places is None:
        msg = (
            f"{source} of shape {local.shape} does not tell which tokens are global: give "
            "global_attention_mask=, as the model got it, and attention_mask= where there is "
            "padding"
        )
        raise ValueError(msg)
    return _named(source, lambda: expand_longformer(local, own, places))


def _named(source: str, act: Callable[[], Array]) -> Array:
    try:
        return act()
    except ValueError as error:
        msg = f"{source}: {error}"
        raise ValueError(msg) from error


def trim(sheet: Sheet, padding: Padding) -> Sheet:
    """Leave padding out, or leave it in.

    Raises
    ------
    ValueError
        If text pays attention to padding, which a model that was given its mask does not.
    """
    rows, columns = sheet.queries.kept, sheet.keys.kept
    if padding == "show" or (rows is None and columns is None):
        return sheet
    rows = np.ones(len(sheet.queries.tokens), bool) if rows is None else rows
    columns = np.ones(len(sheet.keys.tokens), bool) if columns is None else columns
    cut = {}
    for number, weights in sheet.layers.items():
        lost = weights[:, rows][:, :, ~columns].sum(axis=-1, dtype=np.float64)
        if lost.size and float(lost.max()) > _ROUNDING:
            msg = (
                f"{sheet.found.source}, layer {number}: up to {float(lost.max()):.3g} of a row's "
                f"attention is on the {(~columns).sum()} padding tokens: run the model with its "
                "attention_mask, or draw them by padding='show'"
            )
            raise ValueError(msg)
        cut[number] = weights[:, rows][:, :, columns]
    return dataclasses.replace(
        sheet, layers=cut, queries=_cut(sheet.queries, rows), keys=_cut(sheet.keys, columns)
    )


def _cut(labels: Labels, kept: NDArray[np.bool_]) -> Labels:
    tokens = tuple(t for t, stays in zip(labels.tokens, kept, strict=True) if stays)
    n_lost = int((~kept).sum())
    left_out = f"{n_lost} padding tokens were left out." if n_lost else ""
    note = " ".join(part for part in (labels.note, left_out) if part)
    return dataclasses.replace(labels, tokens=tokens, kept=None, note=note)


def _triangular(layers: object) -> bool:
    """Say whether no query looks at a key after it, the queries being the last of the keys."""
    return all(
        not np.triu(head, 1 + head.shape[1] - head.shape[0]).any()
        for weights in layers  # type: ignore[attr-defined]
        for head in weights
    )


def records(
    sheet: Sheet, n_steps: int, text: tuple[str, ...], *, sink: bool
) -> dict[str, AttentionRecord]:
    """Make a record of all layers, or one for each number of heads where layers differ in it.

    Raises
    ------
    ValueError
        If weights are not probabilities; the message says where.
    """
    found = sheet.found
    kind = sheet.kind
    if kind is None:
        several = len(sheet.queries.tokens) > 1
        kind = "decoder" if several and _triangular(sheet.layers.values()) else "encoder"
    groups: dict[int, list[int]] = {}
    for number, weights in sheet.layers.items():
        groups.setdefault(weights.shape[0], []).append(number)
    made = {}
    for n_heads, numbers in groups.items():
        name = found.name
        if len(groups) > 1:
            name = f"{name}, {n_heads} heads" if name else f"{n_heads} heads"
        notes = [sheet.queries.note]
        if sheet.keys is not sheet.queries and sheet.keys.note != sheet.queries.note:
            notes.append(sheet.keys.note)
        if found.note:
            notes.append(found.note)
        if n_steps:
            notes.append(f"Assembled from {n_steps} steps of generation.")
        if len(groups) > 1:
            notes.append(f"Only the layers of {n_heads} heads: others have another number.")
        weights = np.stack([sheet.layers[number] for number in numbers])
        if weights.dtype not in (np.float16, np.float32):
            weights = weights.astype(np.float32)
        weights.flags.writeable = False
        _check(weights, numbers, found.source, sink=sink)
        made[name] = AttentionRecord(
            tokens=sheet.queries.tokens,
            key_tokens=sheet.keys.tokens,
            weights=weights,
            layers=numbers,
            kind=kind,
            sink=sink,
            text=text,
            patches=sheet.keys.patches,
            provenance=Provenance(note=" ".join(note for note in notes if note)),
            checked=True,
        )
    return made


def _check(weights: Array, numbers: Sequence[int], source: str, *, sink: bool) -> None:
    """Check that rows are probabilities, as exactly as each layer's number format allows."""
    for place, number in enumerate(numbers):
        layer = weights[place : place + 1]
        try:
            check_weights(layer, sink=sink, eps=_eps(layer))
        except ValueError as error:
            _refuse(layer, number, source, error, sink=sink)


def _refuse(layer: Array, number: int, source: str, error: ValueError, *, sink: bool) -> None:
    sums = layer.sum(axis=-1, dtype=np.float64)
    below = layer.size and float(sums.max()) <= 1 + _ROUNDING and float(sums.min()) > 0
    hint = (
        "; rows sum to less where a family keeps its attention in blocks, such as BigBird, which "
        f"it takes the model to read: {RUNNER}; or where a model has learned sinks: only for such "
        "a one say sink=True"
    )
    said = str(error).replace("layer 0", f"layer {number}", 1)
    msg = f"{source}: {said}{hint if below and not sink else ''}"
    raise ValueError(msg) from error


def _eps(weights: Array) -> float:
    """Tell the rounding of half-precision numbers that came as float32, from the bits they lack."""
    if weights.dtype != np.float32:
        return 0.0
    bits = np.bitwise_or.reduce(weights.view(np.uint32), axis=None)
    if not bits & 0xFFFF:
        return 2.0**-7  # bfloat16
    return 0.0 if bits & 0x1FFF else 2.0**-10  # float16
