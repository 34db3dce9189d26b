"""Tokens a mask names: by index, or by what the tokenizer says they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeAlias

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.limits import MAX_INT, MAX_PARTS, whole

TokenRef: TypeAlias = str | int

SPECIAL_ROLES = ("cls", "sep", "bos", "eos", "pad", "mask", "special")
"""Roles that the symbol ``"special"`` stands for: every special token, ``unk`` not among them."""

SYMBOLS = ("cls", "sep", "bos", "eos", "pad", "mask", "unk", "special")
"""Names a mask may use for tokens, in the order they are written."""


class HasRole(Protocol):
    """Anything that says which role a token plays."""

    @property
    def role(self) -> str:
        """The role: one of `SYMBOLS`, or another word for a token that is not special."""


def collect(refs: Iterable[TokenRef]) -> tuple[TokenRef, ...]:
    """Put references into their one written order: symbols first, then indices, each once.

    Raises
    ------
    MaskError
        If there is none or far too many, a name is not in `SYMBOLS`, or an index is not a whole
        number.
    """
    names: set[str] = set()
    indices: set[int] = set()
    for ref in refs:
        if isinstance(ref, str):
            names.add(_known(str(ref)))
        else:
            indices.add(whole("a token index", ref, -MAX_INT))
        if len(names) + len(indices) >= MAX_PARTS:
            msg = f"a mask names fewer than {MAX_PARTS} tokens"
            raise MaskError(msg)
    if not names and not indices:
        msg = "name at least one token: an index, or one of " + ", ".join(SYMBOLS)
        raise MaskError(msg)
    return (*(name for name in SYMBOLS if name in names), *sorted(indices))


def _known(name: str) -> str:
    if name not in SYMBOLS:
        msg = f"no token is called {name!r:.60}; use an index, or one of " + ", ".join(SYMBOLS)
        raise MaskError(msg)
    return name


def flat(refs: Iterable[TokenRef | Iterable[TokenRef]]) -> Iterator[TokenRef]:
    """Open the iterables among the references, one level."""
    for ref in refs:
        if isinstance(ref, Iterable) and not isinstance(ref, str):
            yield from ref
        else:
            yield ref
