"""Run a model on what is no text (a picture, a sound, features) and keep its attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from attn_widgets.adapters import grids
from attn_widgets.interventions import Changes
from attn_widgets.models import arguments, interface, loadcheck
from attn_widgets.models.capture import Capture, Selection
from attn_widgets.models.draws import same_draws
from attn_widgets.models.editing import Editing
from attn_widgets.models.encoding import Encoding
from attn_widgets.models.inputs import Prepared
from attn_widgets.models.laying import Text
from attn_widgets.models.recording import Source, record
from attn_widgets.models.stacks import sites
from attn_widgets.record import Token, as_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from attn_widgets.adapters.labels import Labels
    from attn_widgets.models.runner import Edits, Masks
    from attn_widgets.record import AttentionRecord, Kind


def run_inputs(  # noqa: PLR0913 - one keyword per thing that inputs alone do not say
    model: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    *,
    tokens: Iterable[str | Token] | None = None,
    key_tokens: Iterable[str | Token] | None = None,
    patches: tuple[int, int] | None = None,
    prefix: Sequence[str] | None = None,
    image: Any = None,  # noqa: ANN401 - a picture in any form
    stack: Kind | None = None,
    mask: Masks = None,
    edits: Edits = (),
) -> AttentionRecord:
    """Run a model on any inputs and keep its attention, plain or under a change.

    For models that read no text: ViT, DINOv2, CLIP's image tower, wav2vec 2.0, Whisper. The run is
    compared with eager attention first, each time.

    Parameters
    ----------
    model
        A loaded ``transformers`` model in evaluation mode, or a tower of one
        (``clip.vision_model``); it is left as it was.
    inputs
        What its forward takes, of one item: ``{"pixel_values": ...}``, or what a processor gave.
    tokens, key_tokens
        Names of the queries and, in cross-attention, of the keys; numbers by default.
    patches, prefix, image
        In place of the keys' names, the rows and columns of a picture's patches, names for what
        stands before them (``"cls"``, ``"register"``, ...), and the picture, as
        :func:`attn_widgets.attention_record` takes them: cropped and resized as the model saw it,
        its colours not normalised.
    stack
        Which stack of attention layers; by default its first.
    mask, edits
        As in :meth:`ModelRunner.run`.

    Returns
    -------
    AttentionRecord
        Weights ``(layers, heads, queries, keys)``, float32.

    Raises
    ------
    UnsupportedModelError
        If what would be captured is not what the model computes.
    ValueError
        If the model is in training mode or has no such stack, or there are other numbers of tokens
        than queries and keys.
    TypeError
        If the keys have both names and patches, or there is an image without patches.
    InterventionError, MaskBindError
        If a change does not fit.

    Examples
    --------
    >>> record = run_inputs(vit, {"pixel_values": picture}, mask=local(3))  # doctest: +SKIP
    >>> record = run_inputs(  # doctest: +SKIP
    ...     dino, {"pixel_values": picture}, patches=(16, 16), prefix=["cls"] + 4 * ["register"],
    ...     image=seen)
    """
    name = getattr(model, "name_or_path", "") or type(model).__name__
    arguments.refuse_training(model, name)
    given = dict(inputs)
    switch = interface.Switch(model)
    passed = loadcheck.examine_inputs(model, switch, given)
    kind = next(iter(passed.stacks)) if stack is None else stack
    if kind not in passed.stacks:
        msg = f"stack is {kind!r}: this model has {', '.join(map(repr, passed.stacks))}"
        raise ValueError(msg)
    own = passed.stacks[kind]
    changes = Changes.read(mask, edits)
    changes.require(len(own.names), own.heads)
    n_queries, n_keys = passed.sizes[kind]
    cut = _cut(key_tokens if kind == "cross" else tokens, n_keys, patches, prefix, image)
    queries = cut.tokens if cut and kind != "cross" else _named(tokens, n_queries)
    keys = queries
    if kind == "cross":
        keys = cut.tokens if cut else _named(key_tokens, n_keys)
    prepared = Prepared(
        kind=kind,
        source=_encoding(keys),
        target=_encoding(queries) if kind == "cross" else None,
        texts=(),
    )
    selection = Selection(
        stack=own,
        layers=tuple(range(len(own.names))),
        heads=tuple(range(own.heads)),
        lengths=((n_queries, n_keys),),
        dtype=torch.float32,
    )
    capture = Capture(sites(model, next(iter(passed.stacks))), selection)
    texts = [Text(prepared.key_tokens, n_queries)]
    observer = Editing(capture, kind, changes, texts)
    with torch.no_grad(), switch.observed(observer), same_draws(model):
        model(**given)
    capture.finish()
    return record(
        prepared,
        capture.items[0],
        selection,
        Source(name, model.config.model_type, None),
        {kind: changes},
        dtype=model.dtype,
        sink=capture.sink,
        patches=None if cut is None else cut.patches,
    )


def _cut(
    names: object,
    count: int,
    patches: tuple[int, int] | None,
    prefix: Sequence[str] | None,
    image: Any,  # noqa: ANN401 - a picture in any form
) -> Labels | None:
    """Name positions by their patches, or give None where there are none."""
    if patches is None:
        if prefix is not None or image is not None:
            msg = "prefix= and image= are of a picture's patches: give patches=(rows, columns)"
            raise TypeError(msg)
        return None
    if names is not None:
        msg = f"the {count} keys have both names and patches={patches}: give one of them"
        raise TypeError(msg)
    return grids.patches(patches, prefix, count, image)


def _named(names: Iterable[str | Token] | None, count: int) -> tuple[Token, ...]:
    found = as_tokens(map(str, range(count)) if names is None else names, None)
    if len(found) != count:
        msg = f"{len(found)} tokens are named, but the model attends over {count} positions"
        raise ValueError(msg)
    return tuple(found)


def _encoding(tokens: Sequence[Token]) -> Encoding:
    return Encoding(tuple(tokens), (), None, 0)
