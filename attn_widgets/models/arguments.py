"""What a caller gives a runner, checked at the door."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attn_widgets.models.errors import TruncationWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from attn_widgets.models.inputs import Prepared


def as_pair(text: Any) -> tuple[str, str | None]:  # noqa: ANN401 - checked here
    """Take a text, or a pair of texts.

    Raises
    ------
    ValueError
        If it is a tuple of another length.
    """
    if not isinstance(text, tuple):
        return text, None
    if len(text) != 2:  # noqa: PLR2004 - a text and its pair
        msg = f"{text!r:.60} is neither a text nor a pair (text, pair)"
        raise ValueError(msg)
    return text[0], text[1]


def numbers(name: str, wanted: object, count: int) -> tuple[int, ...]:
    """Take numbers of layers or heads, of so many; all of them for None.

    Raises
    ------
    TypeError
        If they are no list.
    ValueError
        If one is not there, or there is none.
    """
    if wanted is None:
        return tuple(range(count))
    if not isinstance(wanted, Iterable) or isinstance(wanted, str):
        msg = f"{name}={wanted!r}: expected a list of numbers, for example {name}=[0]"
        raise TypeError(msg)
    given = list(wanted)
    if not given or not all(number in range(count) for number in given):
        msg = f"{name} are {given}: expected one or more whole numbers from 0 to {count - 1}"
        raise ValueError(msg)
    return tuple(sorted({int(number) for number in given}))


def refuse_training(model: torch.nn.Module, name: str) -> None:
    """Refuse a model of that name whose dropout would change its attention.

    Raises
    ------
    ValueError
        If it, or any module of it, is in training mode.
    """
    found = next((path for path, module in model.named_modules() if module.training), None)
    if found is None:
        return
    part = f", in its module {found!r}," if found else ""
    msg = (
        f"the model {name!r}{part} is in training mode, where dropout changes its attention: "
        "call model.eval() first"
    )
    raise ValueError(msg)


def warn_of_loss(prepared: Sequence[Prepared]) -> None:
    """Say how many tokens were cut off, if any were."""
    cut = [one for one in prepared if one.lost]
    if cut:
        which = f"{len(cut)} of {len(prepared)} texts were" if len(prepared) > 1 else "the text was"
        msg = (
            f"{which} too long: {sum(one.lost for one in cut)} tokens were cut off to fit "
            f"{max(len(one.key_tokens) for one in cut)} tokens"
        )
        warnings.warn(msg, TruncationWarning, stacklevel=outside())


def outside() -> int:
    """Count the frames from the caller up to the first one that is not of this package.

    Returns
    -------
    int
        The ``stacklevel`` by which the caller warns about what its user wrote.
    """
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("attn_widgets."):
        level, frame = level + 1, frame.f_back
    return max(level, 1)
