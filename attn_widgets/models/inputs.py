"""What a model is called with: one text or a pair, or a source and a target."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch

from attn_widgets.models.devices import input_device
from attn_widgets.models.encoding import batch
from attn_widgets.models.laying import Text
from attn_widgets.models.stacks import is_seq2seq, takes
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedTokenizerBase

    from attn_widgets.models.encoding import Encoder, Encoding
    from attn_widgets.record import Kind, Token


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """One input, ready to run.

    Parameters
    ----------
    kind
        The stack that is wanted.
    source
        What the model reads.
    target
        What its decoder reads, or None.
    texts
        The texts as given.
    """

    kind: Kind
    source: Encoding
    target: Encoding | None
    texts: tuple[str, ...]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The query tokens of the wanted stack."""
        return self.source.tokens if self.target is None else self.target.tokens

    @property
    def key_tokens(self) -> tuple[Token, ...]:
        """The key tokens of the wanted stack."""
        return self.source.tokens if self.kind == "cross" else self.tokens

    @property
    def lost(self) -> int:
        """Tokens cut off, of source and target together."""
        return self.source.lost + (0 if self.target is None else self.target.lost)


def prepare(
    encoder: Encoder,
    model: torch.nn.Module,
    pair: tuple[str, str | None],
    kinds: Sequence[Kind],
    wanted: Kind | None,
    max_length: int | None,
) -> Prepared:
    """Tokenise one input for the stack that is wanted.

    Parameters
    ----------
    pair
        Text and second text (for an encoder-decoder model the target), or None.
    kinds
        The stacks the model has.
    wanted
        One of them, or None for the default.

    Raises
    ------
    TypeError, ValueError
        If a text is not usable, or the stack does not fit the model or the texts.
    """
    text, second = pair
    if not is_seq2seq(model.base_model):
        kind = kinds[0] if wanted is None else wanted
        _check_kind(kind, kinds)
        source = encoder.encode(text, second, max_length)
        return Prepared(kind, source, None, (text,) if second is None else (text, second))
    kind = wanted or ("encoder" if second is None else "cross")
    _check_kind(kind, kinds)
    source = encoder.encode(text, None, max_length)
    if kind == "encoder":
        if second is not None:
            msg = (
                f"the encoder does not read the target {second[:40]!r}: leave pair out, or ask "
                "for stack='decoder' or stack='cross'"
            )
            raise ValueError(msg)
        return Prepared(kind, source, None, (text,))
    if second is None:
        msg = f"stack={kind!r} needs a target text for the decoder: give it as pair="
        raise ValueError(msg)
    target = _shifted(encoder.encode_target(second, max_length), model, encoder)
    return Prepared(kind, source, target, (text, second))


def _check_kind(kind: str, kinds: Sequence[Kind]) -> None:
    if kind not in kinds:
        msg = f"stack is {kind!r}: this model has {', '.join(map(repr, kinds))}"
        raise ValueError(msg)


def _shifted(target: Encoding, model: torch.nn.Module, encoder: Encoder) -> Encoding:
    """Shift a target right: the decoder reads a start token, then all but the last token."""
    shift = getattr(model, "prepare_decoder_input_ids_from_labels", None)
    start: int | None = getattr(model.config, "decoder_start_token_id", None)
    if shift is not None:
        start = int(shift(torch.tensor([target.ids], device=input_device(model)))[0, 0])
    if start is None:
        msg = (
            f"the model {model.config.model_type!r} does not say which token its decoder starts "
            "with: set model.config.decoder_start_token_id"
        )
        raise ValueError(msg)
    first = dataclasses.replace(encoder.token(start), role=TokenRole.BOS)
    return dataclasses.replace(
        target, ids=(start, *target.ids[:-1]), tokens=(first, *target.tokens[:-1]), types=None
    )


def texts(prepared: Sequence[Prepared], kind: Kind) -> list[Text]:
    """Give the queries and key tokens that a batch has in one stack."""
    found = []
    for one in prepared:
        source = one.source.tokens
        target = source if one.target is None else one.target.tokens
        queries = source if kind == "encoder" else target
        keys = target if kind == "decoder" else source
        found.append(Text(keys, len(queries), " | ".join(one.texts)))
    return found


def forward(
    body: torch.nn.Module, tokenizer: PreTrainedTokenizerBase, prepared: Sequence[Prepared]
) -> torch.Tensor:
    """Run a batch of inputs for the one stack they all want.

    Returns
    -------
    torch.Tensor
        The last hidden states of that stack, shape ``(batch, longest, hidden)``.
    """
    runs, given = call(body, tokenizer, prepared)
    last: torch.Tensor = runs(**given)[0]
    return last


def call(
    body: torch.nn.Module, tokenizer: PreTrainedTokenizerBase, prepared: Sequence[Prepared]
) -> tuple[torch.nn.Module, dict[str, Any]]:
    """Say which part of a model runs for the one stack that a batch wants, and on what."""
    device = input_device(body)
    known = tokenizer.pad_token_id
    pad = 0 if known is None else known  # without one any token will do: the mask hides it
    ids, mask = batch([one.source.ids for one in prepared], pad, device)
    given: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
    runs = body.get_encoder() if is_seq2seq(body) and prepared[0].kind == "encoder" else body
    types = [one.source.types for one in prepared]
    if takes(runs, "token_type_ids") and None not in types:
        fill = tokenizer.pad_token_type_id
        given["token_type_ids"], _ = batch([row or () for row in types], fill, device)
    targets = [one.target.ids for one in prepared if one.target is not None]
    if targets:
        given["decoder_input_ids"], given["decoder_attention_mask"] = batch(targets, pad, device)
    if takes(runs, "use_cache"):
        given["use_cache"] = False
    return runs, given
