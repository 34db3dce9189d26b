"""Run a model properly, where what was given holds no attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from attn_widgets.adapters import labels
from attn_widgets.adapters.records import AttentionRecords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.record import AttentionRecord, Kind


@runtime_checkable
class Runner(Protocol):
    """Anything that turns a text, or a pair of texts, into a record."""

    def run(self, text: str, pair: str | None = None) -> AttentionRecord:
        """Run the model once and return what it looked at."""
        ...


def run(
    runner: Any,  # noqa: ANN401 - a model runner by duck type
    text: str | tuple[str, str],
    kind: Kind | None,
    include_layers: Sequence[int] | None = None,
) -> AttentionRecord | AttentionRecords:
    """Run a text, or a pair; for an encoder-decoder model and both its texts, give all stacks."""
    which = {} if include_layers is None else {"layers": include_layers}
    first, pair = (text, None) if isinstance(text, str) else text
    stacks: tuple[Kind, ...] = tuple(getattr(runner, "stacks", ()))

    def stack(name: Kind) -> AttentionRecord:
        alone = name == "encoder" and "cross" in stacks  # which does not read the target
        record: AttentionRecord = runner.run(first, None if alone else pair, stack=name, **which)
        return record

    if kind is not None:
        return stack(kind)
    if pair is None or "cross" not in stacks:
        return runner.run(first, pair, **which)  # type: ignore[no-any-return]
    return AttentionRecords({name: stack(name) for name in stacks})


def text_of(runner: Any, tokens: Any, batch: int | None) -> tuple[str | tuple[str, str], list[int]]:  # noqa: ANN401 - by duck type
    """Give the text that a model read, or the pair of texts, and the ids of all.

    Raises
    ------
    ValueError
        If the tokens have no ids from which to tell the text.
    """
    tokenizer = getattr(runner, "tokenizer", None)
    if tokens is None or tokenizer is None:
        msg = "the text is not known: add text= and it is run by the runner"
        raise ValueError(msg)
    made = labels.read(tokens, tokenizer, batch, "tokens")
    pairs = zip(made.tokens, [True] * len(made.tokens) if made.kept is None else made.kept)  # noqa: B905 - of one length by make
    kept = [token for token, stays in pairs if stays]
    ids = [
        tokenizer.convert_tokens_to_ids(token.text) if token.id is None else token.id
        for token in kept
    ]
    second = [token.segment == 1 for token in kept]
    if any(second) and "cross" not in getattr(runner, "stacks", ()):
        parts = [
            [number for number, late in zip(ids, second, strict=True) if late is wanted]
            for wanted in (False, True)
        ]
        first, pair = (tokenizer.decode(part, skip_special_tokens=True) for part in parts)
        return (first, pair), ids
    return tokenizer.decode(ids, skip_special_tokens=True), ids


def check_same(record: AttentionRecord, ids: list[int]) -> None:
    """Make sure that the runner read what the model had read.

    Raises
    ------
    ValueError
        If it read other tokens.
    """
    ran = [token.id for token in record.tokens]
    if ran != ids:
        msg = (
            f"the tokens' text, run again, gives {len(ran)} tokens that are not the {len(ids)} "
            "given: add text= (a str, or a pair of them) as the model read it"
        )
        raise ValueError(msg)
