"""Lay masks over the texts of a running batch, as tensors."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import torch

from attn_widgets.interventions import InterventionError
from attn_widgets.masks import Assignment, MaskBindError
from attn_widgets.models import attention
from attn_widgets.models.masked import hidden_queries
from attn_widgets.record import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from attn_widgets.masks import BoundMask, Mask
    from attn_widgets.models.capture import Call


_LONG = 40


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """What is known of one text of a batch before it runs.

    Parameters
    ----------
    key_tokens
        Its key tokens.
    n_queries
        Its queries, without padding.
    written
        What it says, to name it by in messages; empty where nobody knows.
    """

    key_tokens: tuple[Token, ...]
    n_queries: int
    written: str = ""

    @property
    def name(self) -> str:
        """The beginning of what it says, quoted; empty where nobody knows."""
        if len(self.written) > _LONG:
            return repr(f"{self.written[:_LONG]}…")
        return repr(self.written) if self.written else ""

    @contextlib.contextmanager
    def named(self) -> Iterator[None]:
        """Name the text in what goes wrong with a change in a block.

        Raises
        ------
        InterventionError, MaskBindError
            As in the block.
        """
        try:
            yield
        except (InterventionError, MaskBindError) as error:
            if not self.written:
                raise
            msg = f"the text {self.name}: {error}"
            raise type(error)(msg) from error


class Laying:
    """Masks over the texts of a batch, each bound once for all layers and heads that share it.

    Parameters
    ----------
    mask
        What is laid, per layer and head.
    texts
        One per text of the batch; none where nothing is known, in which case all queries and keys
        of a call belong to the text and no mask may name a token by its role.
    growing
        Whether the tokens of the only text go on: a cache adds a key with every step.
    """

    def __init__(
        self, mask: Mask | Assignment, texts: Sequence[Text], *, growing: bool = False
    ) -> None:
        self._mask = mask
        self._texts = texts
        self._growing = growing
        self._shape: tuple[int, ...] = ()
        self._laid: dict[tuple[Mask, int], torch.Tensor] = {}

    def keep(self, call: Call) -> torch.Tensor:
        """Say which pairs are kept in one layer.

        Returns
        -------
        torch.Tensor
            Bool ``(batch, heads or 1, queries, keys)``; True wherever padding is part of it.

        Raises
        ------
        MaskBindError
            If a mask does not fit a text.
        InterventionError
            If a mask is decided by keys that a cache has let go.
        """
        heads = call.inputs.query.shape[1]
        mask = self._mask
        each = [
            mask.for_head(call.layer, head) if isinstance(mask, Assignment) else mask
            for head in range(heads)
        ]
        shared = not each[0].needs and all(one == each[0] for one in each)
        weights = _plain_weights(call) if any("weights" in one.needs for one in each) else None
        rows = []
        for number in range(call.inputs.query.shape[0]):
            if shared:
                laid = [self._static(call, each[0], number)]
            else:
                laid = [
                    self._decided(call, one, number, head, weights)
                    if one.needs
                    else self._static(call, one, number)
                    for head, one in enumerate(each)
                ]
            rows.append(torch.stack(laid))
        return torch.stack(rows).to(call.inputs.query.device)

    def padding(self, call: Call) -> torch.Tensor:
        """Mark the queries that are padding: bool, broadcastable to ``(batch, 1, queries, 1)``.

        Where nothing is known of the texts, each query that may not look at its own key.
        """
        if not self._texts or self._growing:
            return hidden_queries(call)
        query = call.inputs.query
        ends = torch.tensor([text.n_queries for text in self._texts], device=query.device)
        rows = torch.arange(query.shape[2], device=query.device)
        return rows.reshape(1, 1, -1, 1) >= ends.reshape(-1, 1, 1, 1)

    def _static(self, call: Call, mask: Mask, number: int) -> torch.Tensor:
        inputs = call.inputs
        shape = (inputs.query.shape[2], inputs.key.shape[2], inputs.start, inputs.dropped)
        if shape != self._shape:
            # with a cache every step has a shape of its own, and none comes again
            self._laid.clear()
            self._shape = shape
        key = (mask, number if len(self._texts) > 1 else 0)
        if key not in self._laid:
            queries, keys, tokens = self._frame(call, number)
            with self._named(number):
                bound = mask.bind(queries, keys, tokens=tokens, q_offset=inputs.start)
            self._laid[key] = _padded(bound, call)
        return self._laid[key]

    def _decided(
        self, call: Call, mask: Mask, number: int, head: int, weights: torch.Tensor | None
    ) -> torch.Tensor:
        queries, keys, tokens = self._frame(call, number)
        inputs = call.inputs
        if inputs.dropped:
            msg = (
                f"{mask!r:.80} is decided by all keys, but this cache has let the first "
                f"{inputs.dropped} go: run the model with use_cache=False"
            )
            raise InterventionError(msg)
        own = None if weights is None else weights[number, head, :queries, :keys]
        try:
            bound = mask.bind_data(
                q=_array(inputs.query[number, head, :queries]),
                k=_array(inputs.key[number, head // inputs.groups, :keys]),
                weights=None if own is None else _array(own),
                tokens=tokens,
                q_offset=inputs.start,
                cross=call.kind == "cross",
                place=(call.layer, head),
            )
        except MaskBindError as error:
            msg = f"layer {call.layer}, head {head}: {error}"
            with self._named(number):
                raise MaskBindError(msg) from error
        return _padded(bound, call)

    def _named(self, number: int) -> contextlib.AbstractContextManager[None]:
        text = self._text(number)
        return contextlib.nullcontext() if text is None else text.named()

    def _text(self, number: int) -> Text | None:
        return self._texts[number if len(self._texts) > 1 else 0] if self._texts else None

    def _frame(self, call: Call, number: int) -> tuple[int, int, tuple[Token, ...] | None]:
        """Give queries, keys up to the last there is, and key tokens of one text in this call."""
        text = self._text(number)
        if text is not None and not self._growing:
            return text.n_queries, len(text.key_tokens), text.key_tokens
        inputs = call.inputs
        queries, keys = inputs.query.shape[2], inputs.dropped + inputs.key.shape[2]
        if call.kind != "cross":
            keys = min(keys, inputs.start + queries)  # a cache of fixed size is not full yet
        if text is None:
            return queries, keys, None
        more = keys - len(text.key_tokens)
        return queries, keys, (*text.key_tokens, *(Token("", "") for _ in range(more)))[:keys]


def _plain_weights(call: Call) -> torch.Tensor:
    return attention.weights(attention.scores(call.inputs), call.inputs.sinks)


def _array(values: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().to("cpu", torch.float32).numpy()
    return array


def _padded(bound: BoundMask, call: Call) -> torch.Tensor:
    dropped = call.inputs.dropped
    dense = torch.from_numpy(bound.to_dense(limit=None)[:, dropped:])
    shape = (call.inputs.query.shape[2], call.inputs.key.shape[2])
    if dense.shape == shape:
        return dense
    whole = torch.ones(shape, dtype=torch.bool)
    whole[: dense.shape[0], : dense.shape[1]] = dense
    return whole
