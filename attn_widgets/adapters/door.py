"""The one door: whatever holds attention becomes a record."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, get_args

from attn_widgets.adapters import forms, labels, outputs, rerun
from attn_widgets.adapters.arrays import is_array, whole_numbers
from attn_widgets.adapters.choosing import check_item, choose, limit
from attn_widgets.adapters.found import Found, MissingWeightsError
from attn_widgets.adapters.records import AttentionRecords
from attn_widgets.adapters.sides import Labelling, Wishes
from attn_widgets.adapters.stacking import Padding, lay, records, trim
from attn_widgets.record import AttentionRecord, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.adapters.found import Side
    from attn_widgets.adapters.rerun import Runner


def attention_record(  # noqa: PLR0913 - one keyword per thing that weights alone do not say
    obj: Any = None,  # noqa: ANN401 - whatever holds attention
    tokens: Any = None,  # noqa: ANN401 - tokens in any form
    *,
    tokenizer: Any = None,  # noqa: ANN401 - a tokenizer by duck type
    encoder_tokens: Any = None,  # noqa: ANN401 - as tokens
    decoder_tokens: Any = None,  # noqa: ANN401 - as tokens
    batch: int | None = None,
    kind: Kind | None = None,
    include_layers: Sequence[int] | None = None,
    attention_mask: Any = None,  # noqa: ANN401 - an array of some library
    decoder_attention_mask: Any = None,  # noqa: ANN401 - the same
    padding: Padding = "trim",
    sentence_b_start: int | None = None,
    patches: tuple[int, int] | None = None,
    prefix: Sequence[str] | None = None,
    frames: float | None = None,
    image: Any = None,  # noqa: ANN401 - a picture in any form
    global_attentions: Any = None,  # noqa: ANN401 - a tuple of arrays
    global_attention_mask: Any = None,  # noqa: ANN401 - an array of some library
    sink: bool = False,
    encoder_attention: Any = None,  # noqa: ANN401 - as obj
    decoder_attention: Any = None,  # noqa: ANN401 - as obj
    cross_attention: Any = None,  # noqa: ANN401 - as obj
    runner: Runner | None = None,
    text: str | tuple[str, str] | None = None,
) -> AttentionRecord | AttentionRecords:
    """Make a record of attention in whatever form it comes.

    Weights are taken as they are, value by value; nothing is dropped, averaged or normalised.
    float16 and float32 are kept, every other format becomes float32, float64 too.

    Parameters
    ----------
    obj
        Outputs of a transformers model or of its ``generate()`` (with or without a cache, with
        beams); a tuple or list of one array per layer, ``(heads, queries, keys)`` with or without a
        batch in front; one array of 2 to 5 axes; a dict from layers to arrays; a TransformerLens
        cache; an :class:`AttentionRecord`, given back as it is; or, with `runner`, a text. Arrays
        may be of numpy, torch, jax, tensorflow or cupy, or saved nnsight proxies.
    tokens
        One str or :class:`Token` per position (with `tokenizer`, a str that is a piece of its own
        plays the part it has there); what a tokenizer returned; ids (with `tokenizer`),
        or ``(tokenizer, ids)``. Without them positions are numbered. ``attention_record(tokens,
        attention)``, as in CircuitsVis, is understood, too.
    tokenizer
        Reads ids and says which tokens are special. With outputs of ``generate()`` it reads the
        ids in them.
    encoder_tokens, decoder_tokens
        The same for the two sides of an encoder-decoder model. For cross-attention alone, give the
        queries' as `tokens` and the keys' as `encoder_tokens`.
    batch
        Which item; needed where there are several. For ``generate()``, which of ``sequences``.
    kind
        Which stack is wanted where there are several; of weights alone, which stack they are. By
        default weights without any value above the diagonal are a decoder's.
    include_layers
        The numbers of the layers to keep; all by default.
    attention_mask, decoder_attention_mask
        1 for text, 0 for padding, ``(batch, keys)`` or ``(keys,)``; by default the one in `tokens`.
    padding
        ``"trim"`` leaves padding out, and refuses if text pays attention to it; ``"show"`` keeps
        it.
    sentence_b_start
        The position at which the second text of a pair begins, among the tokens as given.
    patches, prefix
        Rows and columns of a picture's patches, and names for what stands before them (``"cls"``,
        ``"register"``, ...). For models of two sides, the picture's.
    frames
        Seconds from one frame of sound to the next.
    image
        The picture that `patches` were cut from, kept small in ``record.patches`` and drawn by the
        explorer: of PIL, or an array or tensor ``(height, width, 3)``, ``(3, height, width)`` or
        ``(height, width)``, uint8 or floats from 0 to 1. Give it cropped and resized as the model
        saw it, before its colours were normalised: it is taken to fill the patches exactly, which
        nothing here can check.
    global_attentions, global_attention_mask
        For weights in Longformer's layout, ``(heads, queries, globals + window + 1)``, what global
        tokens look at (``()`` if there are none; read from outputs by itself), and which they are
        (by default read off the weights).
    sink
        Whether rows may sum to less than 1, for models with learned sinks.
    encoder_attention, decoder_attention, cross_attention
        The weights of an encoder-decoder model apart, as BertViz takes them.
    runner, text
        A :class:`ModelRunner` that runs the text (or pair of texts) anew where the weights are
        missing; without `text`, that of the tokens. Without a runner, `text` is kept as what was
        read.

    Returns
    -------
    AttentionRecord or AttentionRecords
        One record; or several by name, for an encoder-decoder model, for text and picture, or where
        layers have unequal numbers of heads. What was left out or assembled is said in
        ``record.provenance.note``.

    Raises
    ------
    ValueError
        If weights are missing, are no probabilities, or do not fit each other or the tokens: the
        message names the shapes, and the line of code that mends it.
    TypeError
        If `obj` holds no attention, the keywords contradict each other, or one of them would have
        no effect.

    Examples
    --------
    >>> outputs = model(**inputs, output_attentions=True)
    >>> attention_record(outputs, inputs, tokenizer=tokenizer)
    AttentionRecord(12 layers x 12 heads, 9 tokens, encoder)
    >>> attention_record(np.full((3, 4, 4), 0.25), ["a", "b", "c", "d"])
    AttentionRecord(1 layers x 3 heads, 4 tokens, encoder)
    """
    wishes = Wishes(
        tokens=tokens,
        encoder_tokens=encoder_tokens,
        decoder_tokens=decoder_tokens,
        tokenizer=tokenizer,
        attention_mask=attention_mask,
        decoder_attention_mask=decoder_attention_mask,
        sentence_b_start=sentence_b_start,
        patches=patches,
        prefix=prefix,
        frames=frames,
        image=image,
    )
    if padding not in get_args(Padding):
        msg = f"padding={padding!r}: expected 'trim' or 'show'"
        raise ValueError(msg)
    if kind is not None and kind not in get_args(Kind):
        msg = f"kind={kind!r}: expected one of {', '.join(get_args(Kind))}"
        raise ValueError(msg)
    check_item(batch)
    apart = {
        "encoder_attention": encoder_attention,
        "decoder_attention": decoder_attention,
        "cross_attention": cross_attention,
    }
    named = [name for name, value in apart.items() if value is not None]
    if obj is not None and named:
        msg = f"attention was given twice, first and as {', '.join(named)}: give it once"
        raise TypeError(msg)
    of_weights = {
        "global_attentions": global_attentions,
        "global_attention_mask": global_attention_mask,
        "padding": None if padding == "trim" else padding,
        "sink": sink or None,
    }
    if isinstance(obj, AttentionRecord | AttentionRecords):
        more = {"batch": batch, "kind": kind, "include_layers": include_layers, "text": text}
        _refuse(
            f"{obj!r} is a record and knows its tokens already", _said(wishes) | more | of_weights
        )
        return obj
    of_text = {"batch": batch, "text": text} | of_weights
    if runner is not None and _is_text(obj):
        _refuse("the runner reads the text itself", _said(wishes) | of_text)
        return rerun.run(runner, obj, kind, include_layers)
    if runner is not None and text is not None and _is_missing(obj, apart, named):
        _refuse(_RERUN, _beside_text(wishes) | of_weights)
        return rerun.run(runner, text, kind, include_layers)
    obj, wishes = _turned(obj, wishes)
    try:
        found = forms.of_arguments(apart) if named else forms.recognise(obj)
    except MissingWeightsError:
        if runner is None:
            raise
        _refuse(_RERUN, _beside_text(wishes) | of_weights)
        return _rerun(runner, wishes, batch, kind, include_layers)
    found = _wanted(found, kind, wishes)
    if global_attentions is not None:
        found = [_narrow(one, global_attentions) for one in found]
    found = [limit(one, include_layers) for one in found]
    read = () if text is None else (text,) if isinstance(text, str) else tuple(text)
    return _made(obj, found, wishes, batch, padding, global_attention_mask, read, sink=sink)


_RERUN = "the weights are missing, and the runner reads the text itself"


def _said(wishes: Wishes) -> dict[str, Any]:
    return {field.name: getattr(wishes, field.name) for field in dataclasses.fields(wishes)}


def _beside_text(wishes: Wishes) -> dict[str, Any]:
    """Give what is said of positions, but for that from which the text is told."""
    text = ("tokens", "tokenizer", "attention_mask")
    return {name: value for name, value in _said(wishes).items() if name not in text}


def _refuse(why: str, given: dict[str, Any]) -> None:
    """Refuse what would have no effect."""
    said = [name for name, value in given.items() if value is not None]
    if said:
        msg = f"{why}: give it without {', '.join(said)}"
        raise TypeError(msg)


def _is_text(obj: object) -> bool:
    pair = isinstance(obj, tuple) and len(obj) == 2  # noqa: PLR2004 - two texts
    return isinstance(obj, str) or (pair and all(isinstance(part, str) for part in obj))  # type: ignore[attr-defined]


def _is_missing(obj: Any, apart: dict[str, Any], named: Sequence[str]) -> bool:  # noqa: ANN401 - as above
    try:
        if named:
            forms.of_arguments(apart)
        else:
            forms.recognise(obj)
    except MissingWeightsError:
        return True
    return False


def _rerun(
    runner: Runner,
    wishes: Wishes,
    batch: int | None,
    kind: Kind | None,
    include_layers: Sequence[int] | None,
) -> AttentionRecord | AttentionRecords:
    told, ids = rerun.text_of(runner, wishes.tokens, batch)
    record = rerun.run(runner, told, kind, include_layers)
    if isinstance(record, AttentionRecord):
        rerun.check_same(record, ids)
    return record


def _turned(obj: Any, wishes: Wishes) -> tuple[Any, Wishes]:  # noqa: ANN401 - as above
    """Put attention first where the tokens came first, as CircuitsVis has them."""
    tokens = wishes.tokens
    words = isinstance(obj, list | tuple) and obj and all(isinstance(word, str) for word in obj)
    weights = is_array(tokens) or (
        isinstance(tokens, list | tuple) and bool(tokens) and not isinstance(tokens[0], str)
    )
    if not (words and weights):
        return obj, wishes
    return tokens, dataclasses.replace(wishes, tokens=obj)


def _wanted(found: list[Found], kind: Kind | None, wishes: Wishes) -> list[Found]:
    """Choose a stack where there are several; say which it is where it does not say itself."""
    named = [one for one in found if one.kind is not None]
    if named and kind is not None:
        chosen = [one for one in found if one.kind == kind]
        if not chosen:
            msg = f"kind={kind!r}, but there is only {', '.join(one.source for one in found)}"
            raise ValueError(msg)
        return chosen
    if kind is not None and len(found) > 1:
        names = [one.name for one in found]
        msg = (
            f"kind={kind!r} does not choose between {' and '.join(names)}: leave it out, and take "
            f"one of the records by its name, records[{names[0]!r}]"
        )
        raise ValueError(msg)
    if named or len(found) != 1:
        return found
    crossed = kind == "cross" or (wishes.encoder_tokens is not None and kind is None)
    if crossed:
        return [dataclasses.replace(found[0], kind="cross", queries="decoder", keys="encoder")]
    return [dataclasses.replace(found[0], kind=kind)]


def _narrow(found: Found, global_attentions: Any) -> Found:  # noqa: ANN401 - a tuple of arrays
    if found.kind in ("decoder", "cross"):
        return found
    if is_array(global_attentions) and len(global_attentions.shape) not in (4, 5):
        msg = (
            f"global_attentions has shape {tuple(global_attentions.shape)}: expected one "
            "(heads, keys, globals) array per layer, or () where no token is global"
        )
        raise ValueError(msg)
    rows = dict(enumerate(global_attentions))
    lacking = [number for number in found.layers if number not in rows]
    if rows and lacking:
        msg = f"global_attentions has {len(rows)} layers, and none for {lacking}: give one for each"
        raise ValueError(msg)
    return dataclasses.replace(found, narrow=True, own_rows=rows)


def _made(
    obj: Any,  # noqa: ANN401 - as above
    found: list[Found],
    wishes: Wishes,
    batch: int | None,
    padding: Padding,
    global_mask: Any,  # noqa: ANN401 - an array of some library
    text: tuple[str, ...],
    *,
    sink: bool,
) -> AttentionRecord | AttentionRecords:
    written = _sequences(obj)
    steps = _beam_rows(obj, batch, written)
    source = _source_item(found, batch, written)
    rows: dict[Side, int | None] = {}
    chosen = []
    for one in found:
        # a search with beams reads each source once, and writes it several times
        item = source if one.queries == "encoder" else batch
        if _is_shared(one, found):
            item = 0
        chosen.append(choose(one, item, steps if one.steps else None))
        rows |= {one.queries: item, one.keys: source if one.keys == "encoder" else item}
    sides = frozenset(side for one in found for side in (one.queries, one.keys))
    labelling = Labelling(wishes, sides, rows, written)
    globals_at = None
    if global_mask is not None:
        if not any(one.narrow for one in found):
            msg = (
                "global_attention_mask= is of weights in Longformer's layout, and these are not: "
                "leave it out, or give their global_attentions= with it"
            )
            raise TypeError(msg)
        globals_at = labels.mask(global_mask, source, "global_attention_mask")
    made: dict[str, AttentionRecord] = {}
    for part in chosen:
        narrow = globals_at if part.found.narrow else None
        sheet = trim(lay(part, labelling, narrow), padding)
        made |= records(sheet, part.n_steps, text, sink=sink)
    return next(iter(made.values())) if len(made) == 1 else AttentionRecords(made)


def _is_shared(one: Found, found: list[Found]) -> bool:
    """Say whether a tower read one item for all of the other's, as one picture for many texts."""
    sizes = [next(iter(tower.layers.values())) for tower in found]
    own = next(iter(one.layers.values()))
    towers = {tower.queries for tower in found} == {"text", "vision"}
    return towers and own.shape[0] == 1 and any(size.shape[0] > 1 for size in sizes)


def _sequences(obj: Any) -> Any:  # noqa: ANN401 - an output
    """Give the ids that ``generate()`` returned, or None."""
    return outputs.get(obj, "sequences") if outputs.is_output(obj) else None


def _beam_rows(obj: Any, batch: int | None, written: Any) -> list[int] | None:  # noqa: ANN401 - an output
    """Say which beam each token of a returned sequence was written by."""
    beams = None if written is None else outputs.get(obj, "beam_indices")
    if beams is None:
        return None
    rows = whole_numbers(beams, "beam_indices")
    if batch is None and len(rows) > 1:
        msg = (
            f"{len(rows)} sequences came back (a batch, or several beams): choose one, batch=0 to "
            f"batch={len(rows) - 1}; the best of each input comes first"
        )
        raise ValueError(msg)
    if not 0 <= (batch or 0) < len(rows):
        msg = f"batch={batch}, but {len(rows)} sequences came back: expected 0 to {len(rows) - 1}"
        raise ValueError(msg)
    return [int(row) for row in rows[batch or 0] if row >= 0]


def _source_item(found: list[Found], batch: int | None, written: Any) -> int | None:  # noqa: ANN401 - ids
    """Say which source a returned sequence was written for."""
    sources = next((one for one in found if one.queries == "encoder"), None)
    if batch is None or written is None or sources is None:
        return batch
    first = next(iter(sources.layers.values()))
    n_sources = first.shape[0] if len(first.shape) == 4 else 1  # noqa: PLR2004 - a batch in front
    return batch // max(1, len(written) // n_sources)
