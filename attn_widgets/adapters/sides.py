"""Which labels belong to which side of an attention: the encoder's, the decoder's, a picture's."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.adapters import grids, labels
from attn_widgets.adapters.labels import Labels
from attn_widgets.record import Token, TokenRole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from attn_widgets.adapters.found import Side


@dataclasses.dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Wishes:
    """What a caller says about positions; see :func:`attn_widgets.attention_record`."""

    tokens: Any = None
    encoder_tokens: Any = None
    decoder_tokens: Any = None
    tokenizer: Any = None
    attention_mask: Any = None
    decoder_attention_mask: Any = None
    sentence_b_start: int | None = None
    patches: Sequence[int] | None = None
    prefix: Sequence[str] | None = None
    frames: float | None = None
    image: Any = None


class Labelling:
    """Give the labels of every side, each worked out once.

    Parameters
    ----------
    wishes
        What the caller says.
    sides
        The sides there are.
    rows
        Which item of a batch, per side.
    written
        Ids that ``generate()`` returned, for the side that wrote them; None where it did not.

    Raises
    ------
    TypeError
        If something is said of a side that is not there, or one is told twice.
    """

    def __init__(
        self,
        wishes: Wishes,
        sides: frozenset[Side],
        rows: Mapping[Side, int | None],
        written: Any = None,  # noqa: ANN401 - ids of some library
    ) -> None:
        self._wishes, self._rows, self._written = wishes, rows, written
        self._main = _main(sides)
        self._writer: Side = "decoder" if "decoder" in sides else "only"
        self._sources = _sources(wishes, sides)
        self._gridded: Side = next(s for s in ("vision", "encoder", *sides) if s in sides)
        if wishes.patches is not None and wishes.frames is not None:
            msg = f"patches={wishes.patches} and frames={wishes.frames}: give one of them"
            raise TypeError(msg)
        if wishes.decoder_attention_mask is not None and "decoder" not in sides:
            msg = "decoder_attention_mask=: there is no decoder here: give attention_mask="
            raise TypeError(msg)
        if wishes.prefix is not None and wishes.patches is None:
            msg = (
                f"prefix={list(wishes.prefix)} stands before patches: give patches=(rows, columns)"
            )
            raise TypeError(msg)
        if wishes.image is not None and wishes.patches is None:
            msg = "image= is cut into patches: give patches=(rows, columns)"
            raise TypeError(msg)
        self._made: dict[Side, Labels] = {}

    def __call__(self, side: Side, count: int) -> Labels:
        """Give the labels of a side that has so many positions.

        Raises
        ------
        ValueError
            If there are more or fewer tokens than positions.
        """
        if side not in self._made:
            self._made[side] = self._make(side, count)
        made = self._made[side]
        if len(made.tokens) != count:
            msg = (
                f"{len(made.tokens)} positions of {_spoken(side)} in one stack, {count} in "
                "another: expected outputs of one run"
            )
            raise ValueError(msg)
        return made

    def _make(self, side: Side, count: int) -> Labels:
        wishes, row = self._wishes, self._rows.get(side)
        apart = side in ("encoder", "decoder") and len(self._rows) > 1
        name = f"{side}_tokens" if apart else "tokens"
        wrote = self._written is not None and side == self._writer
        made = self._named(side, count, name, wrote=wrote)
        told = self._mask(side, row, wrote=wrote)
        kept = made.kept if told is None else told
        if wrote:
            if len(made.tokens) == count + 1:
                note = f"{made.note} {_UNREAD}".strip()
                made = dataclasses.replace(made, tokens=made.tokens[:count], note=note)
            if kept is not None:
                kept = np.concatenate([kept, np.ones(max(0, count - len(kept)), bool)])[:count]
                kept = kept if told is None or made.kept is None else kept & made.kept
        if wishes.sentence_b_start is not None and side == self._main:
            tokens = labels.with_second(made.tokens, wishes.sentence_b_start)
            made = dataclasses.replace(made, tokens=tokens)
        return _fitted(made, kept, count, name)

    def _named(self, side: Side, count: int, name: str, *, wrote: bool) -> Labels:
        wishes, row = self._wishes, self._rows.get(side)
        source = self._sources.get(side)
        gridded = side == self._gridded and (wishes.patches, wishes.frames) != (None, None)
        if gridded and source is not None:
            msg = f"{_spoken(side)} has both tokens and patches= or frames=: give one of them"
            raise TypeError(msg)
        if gridded and wishes.patches is not None:
            return grids.patches(wishes.patches, wishes.prefix, count, wishes.image)
        if gridded and wishes.frames is not None:
            return grids.frames(wishes.frames, count)
        if wrote and wishes.tokenizer is not None:
            return self._of_written(source, row, count, name)
        if source is not None:
            return labels.read(source, wishes.tokenizer, row, name)
        return labels.numbered(count)

    def _of_written(
        self,
        prompt: Any,  # noqa: ANN401 - tokens in any form
        row: int | None,
        count: int,
        name: str,
    ) -> Labels:
        """Read the ids that came back; what follows their end, in a batch, is padding."""
        tokenizer = self._wishes.tokenizer
        whole = labels.read(self._written, tokenizer, row, "outputs.sequences").tokens
        over = labels.after_end([token.id for token in whole[:count]], tokenizer)
        kept = np.arange(count) < count - over
        if hasattr(prompt, "keys"):
            told = self._kept_of_prompt(prompt.get("attention_mask"), row, f"{name} (a dict)")
            if told is not None:
                kept[: len(told)] &= told[:count]
        return Labels(whole[:count], kept, _UNREAD if len(whole) > count else "")

    def _mask(self, side: Side, row: int | None, *, wrote: bool) -> NDArray[np.bool_] | None:
        wishes = self._wishes
        if side == self._main and wishes.attention_mask is not None:
            if wrote:
                return self._kept_of_prompt(wishes.attention_mask, row, "attention_mask")
            return labels.mask(wishes.attention_mask, row, "attention_mask")
        if side == "decoder" and wishes.decoder_attention_mask is not None:
            return labels.mask(wishes.decoder_attention_mask, row, "decoder_attention_mask")
        return None

    def _kept_of_prompt(
        self,
        value: Any,  # noqa: ANN401 - an array of some library
        row: int | None,
        name: str,
    ) -> NDArray[np.bool_] | None:
        """Read the mask of the prompt that a returned sequence goes on from."""
        if value is None:
            return None
        n_prompts = len(value) if np.ndim(value) > 1 else 1
        each = max(1, len(self._written) // n_prompts)
        return labels.mask(value, None if row is None else row // each, name)


_UNREAD = "The last token was written and not read, so that it has no row."


def _fitted(made: Labels, kept: NDArray[np.bool_] | None, count: int, name: str) -> Labels:
    """Bring tokens and padding to the number of positions."""
    tokens = made.tokens
    if kept is not None and len(kept) != count:
        msg = f"the attention mask of {name} has {len(kept)} places for {count} positions"
        raise ValueError(msg)
    if kept is not None and len(tokens) == kept.sum() != count:
        rest = iter(tokens)
        padding = Token("[PAD]", "[PAD]", role=TokenRole.PAD)
        tokens = tuple(next(rest) if stays else padding for stays in kept)
    if len(tokens) != count:
        hint = ""
        if len(tokens) < count:
            hint = (
                "; special tokens such as [CLS] and [SEP] have positions, too "
                "(tokenizer.convert_ids_to_tokens(ids) names all), and so has padding, for which "
                "give attention_mask="
            )
        msg = f"{name} holds {len(tokens)} tokens for {count} positions: expected {count}{hint}"
        raise ValueError(msg)
    if kept is not None:
        tokens = tuple(
            token
            if stays or token.role.is_special
            else dataclasses.replace(token, role=TokenRole.PAD)
            for token, stays in zip(tokens, kept, strict=True)
        )
    kept = None if kept is None or kept.all() else kept
    return dataclasses.replace(made, tokens=tokens, kept=kept)


def _main(sides: frozenset[Side]) -> Side:
    """Say which side an attention mask, and the inputs of a tokenizer, are of."""
    for side in ("only", "text", "encoder", "decoder", "vision"):
        if side in sides:
            return side
    msg = "no side at all"
    raise AssertionError(msg)


def _sources(wishes: Wishes, sides: frozenset[Side]) -> dict[Side, Any]:
    """Say which of the values given names the tokens of which side."""
    given: dict[Side, Any] = {}
    if wishes.encoder_tokens is not None:
        given["encoder"] = wishes.encoder_tokens
    if wishes.decoder_tokens is not None:
        given["decoder"] = wishes.decoder_tokens
    lost = [f"{side}_tokens" for side in given if side not in sides]
    if lost:
        msg = f"{' and '.join(lost)}: there is no such stack here, only one: give tokens="
        raise TypeError(msg)
    tokens = wishes.tokens
    if tokens is None:
        return given
    if (
        hasattr(tokens, "keys")
        and not hasattr(tokens, "dtype")  # a column of pandas has keys, too
        and "input_ids" not in tokens.keys()  # noqa: SIM118 - as elsewhere
    ):
        strange = [name for name in tokens.keys() if name not in sides]  # noqa: SIM118
        if strange:
            msg = f"tokens names {strange}: expected of {', '.join(sorted(sides))}"
            raise TypeError(msg)
        return {**tokens, **given}
    if not {"encoder", "decoder"} <= sides:
        return {_main(sides): tokens, **given}
    if hasattr(tokens, "keys"):
        target = {"input_ids": tokens["decoder_input_ids"]} if "decoder_input_ids" in tokens else {}
        return {"encoder": tokens, **({"decoder": target} if target else {}), **given}
    free = [side for side in ("decoder", "encoder") if side not in given]
    if len(free) != 1:
        msg = (
            "tokens for an encoder and a decoder: say which by encoder_tokens= and decoder_tokens="
        )
        raise TypeError(msg)
    return {free[0]: tokens, **given}  # type: ignore[dict-item]


def _spoken(side: Side) -> str:
    return "the sequence" if side == "only" else f"the {side} side"
